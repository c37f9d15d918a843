// Command conformance holds Assay's numbers to those of the tools whose names its protocols bear: their own code runs on the same files, with the same synthetic
// weights in their own networks.
//
//	make conformance                     a virtual environment with the peers, then all of them; writes docs/CONFORMANCE.md
//	go run ./cmd/conformance -only features,KEN     some peers, to the terminal
//	go run ./cmd/conformance -only KEN -merge       some peers, their rows in place of the recorded ones; writes the page
//	go run ./cmd/conformance -render     the page again from the recorded values
//
// Nothing here knows an expected value: what stands in the record are two programs' outputs and their difference.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Where a full run records its values and writes its page, from the root of the repository.
const (
	recordFile = "cmd/conformance/testdata/recorded.json"
	pageFile   = "docs/CONFORMANCE.md"
)

type options struct {
	render, merge              bool
	only                       []string
	n                          int
	python, authors, out, json string
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, argv []string, log io.Writer) error {
	o, err := parse(argv)
	if err != nil {
		return err
	}
	var rec record
	if o.render {
		if rec, err = readRecord(o.json); err != nil {
			return err
		}
	} else if rec, err = o.measure(ctx, log); err != nil {
		return err
	}
	if o.merge {
		if rec, err = rec.into(o.json); err != nil {
			return err
		}
	}
	if !o.render && o.json != "" {
		if err := rec.write(o.json); err != nil {
			return err
		}
	}
	if o.out == "" {
		return page(log, rec)
	}
	return writePage(o.out, rec)
}

func parse(argv []string) (options, error) {
	var o options
	f := flag.NewFlagSet("conformance", flag.ContinueOnError)
	only := ""
	f.BoolVar(&o.render, "render", false, "run nothing: write the page from the recorded values")
	f.BoolVar(&o.merge, "merge", false, "with -only: put what was measured in place of the recorded rows of these peers")
	f.StringVar(&only, "only", "", "comma-separated `peers` to run: "+strings.Join(peerNames(), ", "))
	f.IntVar(&o.n, "n", 120, "`number` of images a side, at least 100")
	f.StringVar(&o.python, "python", "bin/conformance-env/bin/python", "`interpreter` that has the peers (make conformance makes it)")
	f.StringVar(&o.authors, "authors", "bin/conformance-authors", "`folder` of the authors' repositories (make conformance clones them)")
	f.StringVar(&o.out, "out", "", "write the page to `FILE` (default: full runs "+pageFile+", partial ones the terminal)")
	f.StringVar(&o.json, "json", "", "record the values in `FILE` (default: full runs "+recordFile+")")
	if err := f.Parse(argv); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q: peers are chosen by -only", f.Arg(0))
	}
	if o.n < 100 {
		return o, fmt.Errorf("-n %d: the 64 features of the first layer need at least 100 images a side", o.n)
	}
	if o.merge && only == "" {
		return o, errors.New("-merge puts some peers in place of the recorded ones: name them by -only")
	}
	if only != "" {
		o.only = strings.Split(only, ",")
		for _, name := range o.only {
			if _, err := peerNamed(name); err != nil {
				return o, err
			}
		}
		if !o.merge {
			return o, nil
		}
	}
	if o.out == "" {
		o.out = pageFile
	}
	if o.json == "" {
		o.json = recordFile
	}
	return o, nil
}
