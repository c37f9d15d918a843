package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// trial is one verdict: a line of the record.
type trial struct {
	World    string         `json:"world"`
	Fault    string         `json:"fault"`
	Strength float64        `json:"strength"`
	N        int            `json:"n"`
	Seed     uint64         `json:"seed"`
	Word     metrics.Word   `json:"word"`
	Words    []metrics.Word `json:"words,omitempty"` // of all findings
	Seconds  float64        `json:"s"`               // of the judging alone
}

// cell is what trials are repeats of.
type cell struct {
	world, fault string
	strength     float64
	n            int
}

func (t trial) cell() cell { return cell{t.World, t.Fault, t.Strength, t.N} }

// sizes are the numbers of fakes, in the order in which they are run.
var sizes = []int{1000, 250, 2500}

// planned is how many repeats a fault gets at n fakes. Images are dear, and a network's features let few fakes be drawn.
func planned(w world, f fault, n int) int {
	m, dear := w.(*images)
	switch {
	case dear && m.wide && n != 250:
		return 0
	case f.name == perfect && (n == 1000 || dear && m.wide):
		return 200
	case f.name == perfect:
		return map[int]int{250: 60, 2500: 20}[n]
	case dear:
		return map[int]int{1000: 5, 250: 5, 2500: 2}[n]
	}
	return map[int]int{1000: 10, 250: 10, 2500: 5}[n]
}

// turn is when a trial has its turn: whatever the time allows is spread over all, perfect generators and what is asked most first.
func turn(t trial) uint64 {
	switch {
	case t.Fault == perfect && t.N == 1000:
		return t.Seed / 10
	case t.Fault == perfect:
		return 2 + t.Seed/4
	case t.N == 1000:
		return t.Seed
	case t.N == 250:
		return 1 + t.Seed
	}
	return 4 + t.Seed
}

// job is a trial that is still to be run.
type job struct {
	fault fault
	trial trial
}

// jobs are those of a world that are not recorded yet, in their turns.
func (o options) jobs(w place, have map[cell]map[uint64]bool) (all []job) {
	for _, n := range sizes {
		for _, f := range w.faults() {
			if o.n > 0 && n != o.n || !strings.HasPrefix(f.name, o.fault) {
				continue
			}
			repeats := planned(w.world, f, n)
			if o.repeats > 0 {
				repeats = min(repeats, o.repeats)
			}
			for seed := range uint64(repeats) {
				if t := (trial{World: w.id, Fault: f.name, Strength: f.strength, N: n, Seed: seed}); !have[t.cell()][seed] {
					all = append(all, job{f, t})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b job) int { return cmp.Compare(turn(a.trial), turn(b.trial)) })
	return all
}

// trials runs what is not recorded yet.
func (o options) trials(ctx context.Context, out io.Writer) error {
	done, err := readTrials(o.record)
	if err != nil {
		return err
	}
	have := map[cell]map[uint64]bool{}
	for _, t := range done {
		if have[t.cell()] == nil {
			have[t.cell()] = map[uint64]bool{}
		}
		have[t.cell()][t.Seed] = true
	}
	log, err := os.OpenFile(o.record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	begin := time.Now()
	for _, w := range worlds() {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), w.id) {
			continue
		}
		if err := w.open(ctx, o); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", w.id, err), log.Close())
		}
		jobs := o.jobs(w, have)
		for k, j := range jobs {
			if o.budget > 0 && time.Since(begin) > o.budget {
				fmt.Fprintf(out, "%s: the time is used up, %d trials are left\n", w.id, len(jobs)-k)
				return log.Close()
			}
			if err := o.one(ctx, out, log, w, j); err != nil && !errors.Is(err, errPool) {
				return errors.Join(fmt.Errorf("%+v: %w", j.trial.cell(), err), log.Close())
			}
		}
		fmt.Fprintf(out, "%s: all done\n", w.id)
	}
	return log.Close()
}

// rngOf is where the numbers of a trial come from: thresholds are set by others than the recorded ones.
func rngOf(o options, t trial) *rng.Source {
	of := "recorded"
	if o.calibrate {
		of = "calibration"
	}
	return rng.Stream(t.Seed, "verdicts", of, t.World, t.Fault, fmt.Sprint(t.Strength), fmt.Sprint(t.N))
}

func (o options) one(ctx context.Context, out, log io.Writer, w world, j job) error {
	t := j.trial
	p, err := w.pair(ctx, rngOf(o, t), j.fault, t.N)
	if err != nil {
		return err
	}
	p.Seed = t.Seed
	if t.Fault != perfect && !slices.Contains(j.fault.words, metrics.Memorised) || t.Fault == perfect && t.Seed%2 == 1 {
		p.Train, p.TrainImages = nil, nil // as most who ask do
	}
	begin := time.Now()
	v, err := metrics.Judge(ctx, p, metrics.DefaultThresholds())
	if err != nil {
		return err
	}
	t.Word, t.Seconds = v.Word, float64(time.Since(begin).Milliseconds())/1000
	for _, f := range v.Findings {
		if !slices.Contains(t.Words, f.Word) {
			t.Words = append(t.Words, f.Word)
		}
	}
	if o.show {
		fmt.Fprintf(out, "%+v %d, %.2f s: %s\n", t.cell(), t.Seed, t.Seconds, v)
		for _, r := range v.Readings {
			fmt.Fprintf(out, "    %-18s %.4g  %.4g\n", r.Name, r.Value, r.Reference)
		}
	}
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = log.Write(append(b, '\n'))
	return err
}

func readTrials(path string) (all []trial, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	in := bufio.NewScanner(f)
	for in.Scan() {
		var t trial
		if err := json.Unmarshal(in.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w: a run was cut off there? delete the line", path, len(all)+1, err)
		}
		all = append(all, t)
	}
	return all, in.Err()
}
