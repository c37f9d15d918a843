package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/runners"
)

// measure runs the peers that are wanted and Assay on the same files.
func (o options) measure(ctx context.Context, log io.Writer) (rec record, err error) {
	dir, err := os.MkdirTemp("", "assay-conformance-")
	if err != nil {
		return rec, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	f, err := writeInputs(dir, o.n)
	if err != nil {
		return rec, err
	}
	f.Authors = o.authors
	if err := writeWeights(ctx, f.Weights); err != nil {
		return rec, err
	}
	if err := unpack(dir); err != nil {
		return rec, err
	}
	rec = record{Date: time.Now().UTC().Format(time.DateOnly), Images: o.n, Versions: map[string]string{}, Missing: map[string]string{}}
	for _, p := range peers() {
		if len(o.only) > 0 && !slices.Contains(o.only, p.name) {
			continue
		}
		if why := p.missing(ctx, o.python, o.authors); why != "" {
			rec.Missing[p.name] = why
			fmt.Fprintf(log, "%s: left out: %s\n", p.name, why)
			continue
		}
		lines, err := p.run(ctx, o.python, dir, f)
		if err != nil {
			return rec, err
		}
		for _, l := range lines {
			maps.Copy(rec.Versions, l.Versions)
		}
		if p.images {
			rec.Images2D, err = compareImages(f.Images, lines)
		} else {
			err = rec.compare(ctx, p, f, lines)
		}
		if err != nil {
			return rec, err
		}
		fmt.Fprintf(log, "%s: done\n", p.name)
	}
	if len(rec.Values) == 0 && len(rec.Images2D) == 0 {
		return rec, fmt.Errorf("no peer runs under %s: make conformance makes an environment that has them", o.python)
	}
	return rec, nil
}

// writeWeights stores the synthetic weights that every network of this comparison holds, as assay selftest --write-weights does.
func writeWeights(ctx context.Context, path string) error {
	var errs bytes.Buffer
	if code := command.RunKit(ctx, io.Discard, &errs, []string{"selftest", "--write-weights", path}, runners.DefaultKit()); code != 0 {
		return fmt.Errorf("assay selftest --write-weights: exit %d: %s", code, &errs)
	}
	return nil
}

func (r *record) compare(ctx context.Context, p peer, f files, lines []line) error {
	theirs := map[key]float64{}
	for _, l := range lines {
		if l.Value != nil {
			theirs[key{l.Case, l.Metric}] = *l.Value
		}
	}
	for _, q := range questions(f) {
		if q.peer != p.name {
			continue
		}
		ours, err := q.answer(ctx)
		if err != nil {
			return err
		}
		for _, k := range slices.SortedFunc(maps.Keys(ours), func(a, b key) int { return compareKeys(a, b) }) {
			t, ok := theirs[k]
			if !ok {
				return fmt.Errorf("%s printed no value %s of %s", p.script, k.Metric, k.Case)
			}
			r.Values = append(r.Values, value{Peer: k.Case, Metric: k.Metric, Theirs: t, Ours: ours[k], Bound: boundOf(p, k)})
		}
	}
	return nil
}

// compareImages reads what the peer wrote, and holds it to what the peer itself reads and resamples.
func compareImages(dir string, lines []line) ([]image, error) {
	var all []image
	for _, l := range lines {
		if l.Want == "" {
			continue
		}
		a, err := readArray(filepath.Join(dir, l.Want))
		if err != nil {
			return nil, err
		}
		row := image{Kind: l.Kind, Total: a.Len()}
		if l.Resize != "" {
			row.Kind = fmt.Sprintf("%s to %d x %d", l.Resize, l.Height, l.Width)
		}
		m, _, err := imaging.DecodeFile(filepath.Join(dir, l.File))
		if err != nil {
			row.Refused = err.Error()
			all = append(all, row)
			continue
		}
		if m = m.RGB(); l.Resize != "" {
			plan, err := imaging.Resampler(l.Resize).Plan(m.H, m.W, l.Height, l.Width)
			if err != nil {
				return nil, err
			}
			if m, err = plan.Image(m); err != nil {
				return nil, err
			}
		}
		if len(m.Pix) != a.Len() {
			return nil, fmt.Errorf("%s: %d values, the peer has %d", l.File, len(m.Pix), a.Len())
		}
		for i, v := range m.Pix {
			if d := math.Abs(float64(v) - a.At(i)); d > 0 {
				row.Differ++
				row.Largest = max(row.Largest, int(d))
			}
		}
		all = append(all, row)
	}
	return all, nil
}

func readArray(path string) (*tensorfile.Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return tensorfile.ReadNPY(f, path)
}
