// Command verdicts measures how often each word of a verdict is said: falsely, of perfect generators, and rightly, of planted failures. It writes
// docs/results/verdicts.jsonl, a line a trial, and docs/VERDICTS.md from it.
//
//	go run ./cmd/verdicts run       the trials that are not recorded yet; goes on where it stopped
//	go run ./cmd/verdicts page      write the page from the record
//
// With -calibrate other random numbers and other images are taken than those of the record: thresholds are set by these.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
)

type options struct {
	record, page, data, cache, only, fault string
	budget                                 time.Duration
	repeats, n                             int
	show, calibrate                        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "verdicts:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: verdicts run|page [flags]")

func run(ctx context.Context, out io.Writer, args []string) error {
	fl := flag.NewFlagSet("verdicts", flag.ContinueOnError)
	var o options
	fl.StringVar(&o.record, "record", "docs/results/verdicts.jsonl", "`file` of trials")
	fl.StringVar(&o.page, "page", "docs/VERDICTS.md", "`file` to write")
	fl.StringVar(&o.data, "data", os.Getenv("ASSAY_DATA"), "`folder` with MNIST and CIFAR-10")
	fl.StringVar(&o.cache, "cache", "runs/verdicts", "`folder` for features of networks")
	fl.StringVar(&o.only, "only", "", "`names` of worlds, with commas")
	fl.StringVar(&o.fault, "fault", "", "beginning of the `names` of faults")
	fl.DurationVar(&o.budget, "budget", 0, "stop after this `time`")
	fl.IntVar(&o.repeats, "repeats", 0, "at most this `number` of repeats")
	fl.IntVar(&o.n, "n", 0, "this `number` of fakes alone")
	fl.BoolVar(&o.show, "show", false, "print each verdict")
	fl.BoolVar(&o.calibrate, "calibrate", false, "trials to set thresholds by; name another record")
	if len(args) == 0 {
		return errUsage
	}
	if err := fl.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "run":
		return o.trials(ctx, out)
	case "page":
		all, err := readTrials(o.record)
		if err != nil {
			return err
		}
		return atomicfile.WriteBytes(o.page, page(all))
	}
	return errUsage
}
