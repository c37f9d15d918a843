// Command scale measures what `assay score` takes of time and memory as samples and features grow, and what starting the program takes. It writes docs/results/scale-score.json
// and docs/SCALE.md from it.
//
//	go run ./cmd/scale run -assay bin/assay     what is not recorded yet; goes on where it stopped
//	go run ./cmd/scale page                     write the page from the record
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
	assay, record, page, dir string
	limit                    time.Duration
	startsOnly               bool
	only                     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: scale run|page [flags]")

func run(ctx context.Context, out io.Writer, args []string) error {
	fl := flag.NewFlagSet("scale", flag.ContinueOnError)
	var o options
	fl.StringVar(&o.assay, "assay", "bin/assay", "the `program` that is measured")
	fl.StringVar(&o.record, "record", "docs/results/scale-score.json", "`file` of measurements")
	fl.StringVar(&o.page, "page", "docs/SCALE.md", "`file` to write")
	fl.StringVar(&o.dir, "dir", os.TempDir(), "`folder` for features, 1.7 GB at most")
	fl.DurationVar(&o.limit, "limit", 25*time.Second, "the `time` of one core that a measurement may take; what would take longer is projected")
	fl.BoolVar(&o.startsOnly, "starts", false, "measure what starting takes alone")
	fl.StringVar(&o.only, "only", "", "`metrics` to measure, with commas")
	if len(args) == 0 {
		return errUsage
	}
	if err := fl.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "run":
		return o.measure(ctx, out)
	case "page":
		r, err := readRecord(o.record)
		if err != nil {
			return err
		}
		return atomicfile.WriteBytes(o.page, page(r))
	}
	return errUsage
}
