package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// The sizes: samples a side, and features.
var (
	rows = []int{1000, 3000, 10000, 30000, 100000}
	dims = []int{64, 512, 2048}
)

// record is what was measured, and on what.
type record struct {
	CPU, System, Kernels, Date string
	Points                     []point
	Starts                     []start
}

// point is one score: metric, rows a side and features. Error says why there is no value.
type point struct {
	Metric      string
	N, D        int
	CoreSeconds float64
	MB          float64 // peak resident memory
	Error       string  `json:",omitempty"`
}

// start is what a short command takes, the median of many runs.
type start struct {
	Command      string
	Milliseconds float64 // of a clock
	CPU          float64 // ms of a core
	MB           float64
}

func readRecord(path string) (r record, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err = json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func (r record) write(path string) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, append(b, '\n'))
}

// scored are the metrics that two sets of features are enough for.
func scored() (ids []string) {
	for _, m := range metrics.All() {
		needs := m.Info().Needs
		if !slices.ContainsFunc(needs, func(n metrics.Need) bool { return n != metrics.NeedMoments && n != metrics.NeedFeatures }) {
			ids = append(ids, m.Info().ID)
		}
	}
	return ids
}

func (o options) measure(ctx context.Context, log io.Writer) error {
	r, err := readRecord(o.record)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.CPU, r.System, r.Kernels, r.Date = cpuid.CPU.BrandName, runtime.GOOS+"/"+runtime.GOARCH, kernel.Name(), time.Now().UTC().Format(time.DateOnly)
	dir, err := os.MkdirTemp(o.dir, "assay-scale-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, d := range dims {
		for _, n := range rows {
			if o.startsOnly {
				continue
			}
			if err := o.size(ctx, log, &r, dir, n, d); err != nil {
				return err
			}
		}
	}
	if r.Starts, err = o.starts(ctx, dir); err != nil {
		return err
	}
	return r.write(o.record)
}

// size measures every metric at one size. The features are written once for all.
func (o options) size(ctx context.Context, log io.Writer, r *record, dir string, n, d int) error {
	var left []string
	for _, id := range scored() {
		if _, done := r.at(id, n, d); done || o.only != "" && !slices.Contains(strings.Split(o.only, ","), id) {
			continue
		}
		if r.beyond(id, n, d, o.limit.Seconds()) {
			continue
		}
		left = append(left, id)
	}
	if len(left) == 0 {
		return nil
	}
	real, fake := filepath.Join(dir, "real.npy"), filepath.Join(dir, "fake.npy")
	for path, shift := range map[string]float32{real: 0, fake: 0.1} {
		if err := writeFeatures(path, n, d, shift); err != nil {
			return err
		}
	}
	for _, id := range left {
		p, err := o.score(ctx, id, real, fake)
		if err != nil {
			return err
		}
		p.N, p.D = n, d
		r.Points = append(r.Points, p)
		fmt.Fprintf(log, "%-16s %6d x %4d: %8.2f s, %6.0f MB %s\n", id, n, d, p.CoreSeconds, p.MB, p.Error)
		if err := r.write(o.record); err != nil {
			return err
		}
	}
	return nil
}

// writeFeatures writes rows with a falling spectrum, as networks' features have it.
func writeFeatures(path string, n, d int, shift float32) error {
	a := featurizer.Array{Shape: []int{n, d}, Type: "f4", Raw: make([]byte, 0, 4*n*d)}
	s := rng.Stream(1, "scale", filepath.Base(path))
	row := make([]float32, d)
	for range n {
		s.FillNormal(row)
		for j, v := range row {
			u := math.Float32bits((v + shift) / (1 + float32(j)/200))
			a.Raw = append(a.Raw, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = a.WriteNPY(f)
	return errors.Join(err, f.Close())
}

func (o options) score(ctx context.Context, id, real, fake string) (point, error) {
	args := []string{"score", "--real", real, "--fake", fake, "--featurizer", "none", "--metrics", id, "--floor=false", "--quiet", "--format", "json", "--threads", "1"}
	used, err := o.spend(ctx, args)
	p := point{Metric: id, CoreSeconds: used.CPU / 1000, MB: used.MB}
	var failed *exec.ExitError
	if errors.As(err, &failed) && ctx.Err() == nil {
		p.Error, err = strings.TrimSpace(string(failed.Stderr)), nil
	}
	return p, err
}

// spend runs the program once.
func (o options) spend(ctx context.Context, args []string) (start, error) {
	c := exec.CommandContext(ctx, o.assay, args...)
	var errs bytes.Buffer
	c.Stderr = &errs
	began := time.Now()
	err := c.Run()
	wall := time.Since(began)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		failed.Stderr = errs.Bytes()
	}
	s := start{Command: strings.Join(args, " "), Milliseconds: float64(wall.Microseconds()) / 1000}
	if c.ProcessState != nil {
		s.CPU = float64((c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Microseconds()) / 1000
		s.MB = peakMB(c.ProcessState)
	}
	return s, err
}

// startRuns is how often each short command runs.
const startRuns = 21

// starts measures the commands that people wait for without any work being done, in turns.
func (o options) starts(ctx context.Context, dir string) ([]start, error) {
	real, fake := filepath.Join(dir, "a.npy"), filepath.Join(dir, "b.npy")
	for path, shift := range map[string]float32{real: 0, fake: 0.1} {
		if err := writeFeatures(path, 500, 16, shift); err != nil {
			return nil, err
		}
	}
	commands := []struct {
		name string
		args []string
	}{
		{"assay --help", []string{"--help"}}, {"assay list metrics", []string{"list", "metrics"}}, {"assay list suites", []string{"list", "suites"}},
		{"assay score of two npy of 500 x 16, fd", []string{"score", "--real", real, "--fake", fake, "--featurizer", "none", "--metrics", "fd", "--quiet"}},
	}
	all := make([][]start, len(commands))
	for range startRuns {
		for i, c := range commands {
			s, err := o.spend(ctx, c.args)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], s)
		}
	}
	var out []start
	for i, c := range commands {
		middle := func(of func(start) float64) float64 {
			v := make([]float64, len(all[i]))
			for k, s := range all[i] {
				v[k] = of(s)
			}
			slices.Sort(v)
			return v[len(v)/2]
		}
		out = append(out, start{c.name, middle(func(s start) float64 { return s.Milliseconds }), middle(func(s start) float64 { return s.CPU }), middle(func(s start) float64 { return s.MB })})
	}
	return out, nil
}
