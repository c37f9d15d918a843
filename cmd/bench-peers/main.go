// Command bench-peers measures Assay's arithmetic against what a user would otherwise install: PyTorch, numpy, scipy, onnxruntime, OpenVINO, faiss,
// scikit-learn, torch-fidelity, clean-fid, prdc, MKL.
//
//	make bench-peers                                  everything: about half an hour; writes docs/PERFORMANCE.md
//	go run ./cmd/bench-peers -record -only folder       some rows again, into the record of this processor and these peers
//	go run ./cmd/bench-peers -quick                     a minute, small sizes, to the terminal
//	go run ./cmd/bench-peers -only dcgan,sgemm-1024     some rows, to the terminal
//	go run ./cmd/bench-peers -render                    the page again from the recorded figures
//
// Every row is the same work on both sides, checked to give the same numbers before it is timed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Where a full run records its figures and writes its page, from the root of the repository.
const (
	recordDir = "cmd/bench-peers/testdata/records" // a file for each processor and generation of peers, see machine.file
	pageFile  = "docs/PERFORMANCE.md"
)

// options are the command line.
type options struct {
	quick, render     bool
	record            bool // in the folder of records, under the machine's name
	only              []string
	threads           []int
	rounds            int
	out, json, python string
	serve             int
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench-peers:", err)
		os.Exit(1)
	}
}

func run(argv []string, stdin io.Reader, stdout io.Writer) error {
	o, err := parse(argv)
	if err != nil {
		return err
	}
	if o.serve > 0 {
		return serve(stdin, stdout, o.serve)
	}
	if o.render {
		return renderPage(o.out)
	}
	rec, path, err := o.measure(stdout)
	if err != nil {
		return err
	}
	if path != "" {
		if rec, err = mergeRecord(path, rec, len(o.only) > 0); err != nil {
			return err
		}
	}
	if o.out != "" {
		return renderPage(o.out)
	}
	return page(stdout, rec)
}

// renderPage writes the page of all records.
func renderPage(out string) error {
	recs, err := readRecords(recordDir)
	if err != nil {
		return err
	}
	return writePage(out, recs)
}

func parse(argv []string) (options, error) {
	var o options
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	only, threads := "", ""
	f.BoolVar(&o.quick, "quick", false, "small sizes and few rounds, about a minute")
	f.BoolVar(&o.render, "render", false, "measure nothing: write the page from the recorded figures")
	f.StringVar(&only, "only", "", "comma-separated `rows` to measure; \"list\" names them")
	f.StringVar(&threads, "threads", "1,2", "comma-separated `counts` of threads")
	f.IntVar(&o.rounds, "rounds", 0, "`number` of rounds, in each of which every side has its turn (default 9, quick 3)")
	f.StringVar(&o.out, "out", "", "write the page to `FILE` (default: full runs "+pageFile+", partial ones the terminal)")
	f.StringVar(&o.json, "json", "", "record the figures in `FILE` (default: full runs a file of this processor and these peers in "+recordDir+"); with -only, the file's other rows stay")
	f.BoolVar(&o.record, "record", false, "record the figures in "+recordDir+" and write the page, of a partial run too: the other rows of the file stay")
	f.StringVar(&o.python, "python", "", "`interpreter` of the peers (default: "+environment+", which make bench-peers sets up, python3 or /usr/bin/python3, whichever has most of numpy, scipy, torch)")
	f.IntVar(&o.serve, "serve", 0, "be a worker on standard input and output with this `number` of threads (used by the program itself)")
	if err := f.Parse(argv); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q: rows are chosen by -only", f.Arg(0))
	}
	for _, s := range strings.Split(threads, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-threads %s: want numbers from 1 up, separated by commas", threads)
		}
		o.threads = append(o.threads, n)
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	if o.rounds == 0 {
		o.rounds = 9
		if o.quick {
			o.rounds = 3
		}
	}
	full := !o.quick && len(o.only) == 0
	o.record = o.record || full && o.json == ""
	if o.out == "" && (o.render || o.record) {
		o.out = pageFile
	}
	return o, o.known()
}

// known refuses names of rows that do not exist.
func (o options) known() error {
	names := slices.Clone(wholeRows)
	for _, r := range rows() {
		names = append(names, r.id)
	}
	for _, id := range o.only {
		if !slices.Contains(names, id) {
			return fmt.Errorf("no row %q, have %s", id, strings.Join(names, " "))
		}
	}
	return nil
}

func (o options) wants(id string) bool { return len(o.only) == 0 || slices.Contains(o.only, id) }

// measure runs all rows that are wanted, one line of progress each, and files every one at once under path, "" for nowhere: what is measured stays when a
// later row fails or the run is ended.
func (o options) measure(log io.Writer) (rec record, path string, err error) {
	b, done, err := o.bench(log)
	if err != nil {
		return rec, "", err
	}
	defer done()
	if rec.Machine, err = b.machine(o); err != nil {
		return rec, "", err
	}
	if path = o.json; o.record {
		path = filepath.Join(recordDir, rec.Machine.file())
	}
	keep := true
	if path != "" {
		if err := mixable(path, rec.Machine); err != nil && len(o.only) > 0 {
			return rec, "", err
		} else if err != nil {
			keep = false // a full run of other peers begins the file afresh
		}
	}
	err = rec.take(o.wanted(b), path, keep, log)
	return rec, path, err
}

// take measures rows and files each at once, beside the rows that the file holds where they are to be kept.
func (r *record) take(wishes []wish, path string, keep bool, log io.Writer) error {
	for _, one := range wishes {
		m, err := one.measure()
		if err != nil {
			return fmt.Errorf("%s: %w", one.id, err)
		}
		m.Date = r.Machine.Date
		r.Rows = append(r.Rows, m)
		fmt.Fprintln(log, m.line())
		if path == "" {
			continue
		}
		if _, err := mergeRecord(path, *r, keep); err != nil {
			return err
		}
	}
	return nil
}

// wish is one row at one number of threads.
type wish struct {
	id      string
	measure func() (measurement, error)
}

// wanted are the rows to measure, in the order of the page; whole runs come last, when the workers of the others are gone.
func (o options) wanted(b *bench) (out []wish) {
	for _, r := range rows() {
		if !o.wants(r.id) || o.quick && r.long && len(o.only) == 0 {
			continue
		}
		counts := o.threads
		if r.threads > 0 {
			counts = []int{r.threads}
		}
		for _, n := range counts {
			out = append(out, wish{r.id, func() (measurement, error) { return b.run(r, n) }})
		}
	}
	for _, id := range wholeRows {
		if !o.wants(id) || o.quick && id == "twin-mlp" && len(o.only) == 0 {
			continue
		}
		out = append(out, wish{id, func() (measurement, error) { b.stop(); return b.whole(id) }})
	}
	return out
}

// bench prepares the two sides; done ends their processes.
func (o options) bench(log io.Writer) (b *bench, done func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "assay-peers-py-")
	if err != nil {
		return nil, nil, err
	}
	b = &bench{self: self, python: findPython(o.python), quick: o.quick, rounds: o.rounds, log: log, ours: map[int]*worker{}, theirs: map[int]*worker{}, inGo: map[int]*worker{}}
	if b.python == "" {
		fmt.Fprintln(log, "no python3 with numpy: only our side is measured; make bench-peers sets one up")
	}
	if b.script, err = unpack(dir); err != nil {
		return nil, nil, err
	}
	return b, func() { b.stop(); _ = os.RemoveAll(dir) }, nil
}
