package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// rate is a set-up whose step is timed, because the paper's number of steps is out of reach.
type rate struct {
	name     string
	model    zoo.Model
	set      func(ctx context.Context, data string) (*datasets.Set, error)
	settings map[string]string
	from, to int // the steps between which the clock runs: the first ones also build
}

// rates lists what projections are made of, by name.
func rates() []rate {
	ring := synthetic(datasets.Ring{}, 10_000, nil)
	language := synthetic(datasets.OracleSet{}, 640, map[string]float64{"vocabulary": 5000, "length": 20, "units": 32})
	pack := func(m, batch string) map[string]string {
		return map[string]string{"nets": "lin2018", "m": m, "batch": batch, "latent": "2", "lr_g": "1e-4", "lr_d": "1e-4", "beta1": "0.8"}
	}
	codes := func(k string) map[string]string {
		return map[string]string{"width": "200", "depth": "2", "latent": "50", "batch": "20", "likelihood": "gaussian", "k": k}
	}
	ahead := func(k string) map[string]string {
		return map[string]string{"k": k, "eta": "1e-3", "batch": "512", "width": "128", "depth": "2", "latent": "256", "lr_g": "1e-3", "lr_d": "1e-4"}
	}
	toy := map[string]string{"batch": "128", "width": "128", "depth": "2", "latent": "2"}
	field := func(coupling, batch string) map[string]string {
		return map[string]string{"width": "64", "depth": "3", "waves": "0", "ema": "0", "late": "1", "coupling": coupling, "batch": batch}
	}
	return []rate{
		{"toy-gan-ns", zoo.GAN{}, ring, toy, 50, 550},
		{"toy-ali", zoo.ALI{}, ring, toy, 50, 550},
		{"toy-unrolled", zoo.Unrolled{}, ring, toy, 20, 220},
		{"toy-veegan", zoo.VEEGAN{}, ring, toy, 50, 550},
		{"i-cfm", zoo.FlowMatching{}, ring, field("independent", "512"), 50, 550},
		{"ot-cfm", zoo.FlowMatching{}, ring, field("ot", "128"), 50, 250},
		{"unrolled-0", zoo.Unrolled{}, ring, ahead("0"), 20, 220},
		{"unrolled-5", zoo.Unrolled{}, ring, ahead("5"), 20, 120},
		{"unrolled-10", zoo.Unrolled{}, ring, ahead("10"), 10, 60},
		{"seqgan-mle", zoo.SeqGAN{}, language, map[string]string{"batch": "64", "width": "32", "pretrain": "1000", "rollouts": "1"}, 5, 25},
		{"pacgan-1", zoo.PacGAN{}, ring, pack("1", "100"), 20, 120},
		{"pacgan-2", zoo.PacGAN{}, ring, pack("2", "200"), 20, 120},
		{"wgan-gp", zoo.WGANGP{}, ring, map[string]string{"width": "512", "depth": "3", "batch": "256", "latent": "2", "d_steps": "5"}, 5, 25},
		{"iwae-1", zoo.IWAE{}, digitRows, codes("1"), 50, 250},
		{"iwae-5", zoo.IWAE{}, digitRows, codes("5"), 20, 120},
		{"iwae-50", zoo.IWAE{}, digitRows, codes("50"), 5, 25},
		{"seqgan-round", zoo.SeqGAN{}, language, map[string]string{"batch": "64", "width": "32", "pretrain": "0", "d_pretrain": "0", "rollouts": "16", "d_steps": "1"}, 1, 4},
	}
}

func synthetic(d datasets.Dataset, train int, params map[string]float64) func(context.Context, string) (*datasets.Set, error) {
	return func(ctx context.Context, _ string) (*datasets.Set, error) {
		return d.Load(ctx, datasets.Options{Seed: 1, Train: train, Test: 1, Hold: 1, Params: params})
	}
}

// digitRows are the training images of MNIST as rows of 784 numbers, so that a multi-layer perceptron of the zoo has the sizes of the paper's.
func digitRows(ctx context.Context, data string) (*datasets.Set, error) {
	set, err := datasets.MNIST{}.Load(ctx, datasets.Options{Dir: data})
	if err != nil {
		return nil, err
	}
	rows, err := datasets.NewSamples([]int{set.Train.Dim()}, unit(set.Train), nil)
	if err != nil {
		return nil, err
	}
	return &datasets.Set{Info: datasets.Info{ID: "mnist-rows", Kind: datasets.Points, Shape: rows.Shape}, Train: rows}, nil
}

// timeRates appends a record of the seconds a step takes for every rate that the file does not have.
func timeRates(ctx context.Context, file, data string) error {
	done, _, err := reports.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, r := range rates() {
		if slices.ContainsFunc(done, func(old reports.Record) bool { return old.Model == r.name }) {
			continue
		}
		set, err := r.set(ctx, data)
		if err != nil {
			return err
		}
		s, err := zoo.New(r.model, zoo.Config{Set: set, Settings: r.settings, Seed: 1})
		if err != nil {
			return fmt.Errorf("rate %s: %w", r.name, err)
		}
		if err := s.Train(ctx, zoo.TrainOptions{Steps: r.from}); err != nil {
			return err
		}
		used := processorTime()
		if err := s.Train(ctx, zoo.TrainOptions{Steps: r.to}); err != nil {
			return err
		}
		used = processorTime() - used
		rec := reports.Record{Cell: "rate-" + r.name, Model: r.name, Dataset: set.Info.ID, Settings: r.settings, Seed: 1, Step: r.to, Metric: "seconds_per_step", Unit: "s",
			Value: used / float64(r.to-r.from), Better: reports.Lower, Status: reports.OK, Cost: reports.Cost{CPUSeconds: used}}
		if _, err := reports.Append(ctx, file, []reports.Record{rec}, false); err != nil {
			return err
		}
	}
	return nil
}

// projection is the cost of a row that was not run: the paper's steps times what a step was measured to take.
type projection struct {
	parts []part
	runs  float64 // of the paper, or as many as would give an interval
	why   string
}

// part is a number of steps at a rate.
type part struct {
	rate  string
	steps float64
}

// hours is the projected processor time of one run; ok says that every rate was measured.
func (b *book) hours(p projection) (hours float64, ok bool) {
	for _, x := range p.parts {
		i := slices.IndexFunc(b.suites[ratesSuite], func(r reports.Record) bool { return r.Model == x.rate })
		if i < 0 {
			return 0, false
		}
		hours += x.steps * b.suites[ratesSuite][i].Value / 3600
	}
	return hours, true
}
