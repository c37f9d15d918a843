package runners

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/export"
	"github.com/assay-gan/assay/reports/index"
	"github.com/assay-gan/assay/rng"
)

// benchCells is how many cells the fixture of the benchmarks has: ASSAY_BENCH_CELLS, or 100 000.
func benchCells() int {
	if n, err := strconv.Atoi(os.Getenv("ASSAY_BENCH_CELLS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// largeRun writes a study as a run leaves it: ten models on four data sets, drawn settings, four values a cell, one cell in fifty failed.
func largeRun(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	s := rng.Stream(1, "large run")
	f, err := os.Create(filepath.Join(dir, reports.RecordsFile))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	head := runFile{Suite: "large"}
	for i := range benchCells() {
		recs := largeCell(i, s)
		head.Cells = append(head.Cells, cellLine{recs[0].Cell, "wide", recs[0].Model, recs[0].Dataset, recs[0].Seed})
		if err := reports.WriteRecords(w, recs...); err != nil {
			b.Fatal(err)
		}
	}
	text, err := json.Marshal(head)
	if err := errors.Join(err, w.Flush(), f.Close(), os.WriteFile(filepath.Join(dir, "run.json"), text, 0o644)); err != nil {
		b.Fatal(err)
	}
	return dir
}

func largeCell(i int, s *rng.Source) []reports.Record {
	rate := strconv.FormatFloat(1e-5+1e-2*s.Float64(), 'g', 4, 64)
	r := reports.Record{Cell: fmt.Sprintf("%020x", 1_000_003*i+17), Model: fmt.Sprintf("model-%d", i%10), Dataset: []string{"ring", "grid", "polygons", "mnist"}[i/10%4], Seed: uint64(1 + i/40%50),
		SettingsID: fmt.Sprintf("%012x", 7_919*i), Step: 3000, Featurizer: "none", Reference: "test", N: 2500, NReal: 2500, Status: reports.OK,
		Settings: map[string]string{"batch": "256", "beta1": strconv.FormatFloat(s.Float64(), 'g', 3, 64), "beta2": "0.999", "d_norm": "batch", "d_steps": "1", "depth": "3", "ema": "0", "latent": "8",
			"lr_d": rate, "lr_g": rate, "steps": "3000", "width": "128"},
		Study: []reports.Draw{{Phase: "wide", Number: 1 + i/40}},
		Cost:  reports.Cost{WallSeconds: 5 + 10*s.Float64(), CPUSeconds: 4 + 9*s.Float64(), DSteps: 3000, GSteps: 3000, Samples: 768000},
		Provenance: reports.Provenance{Version: "7185269", Kernel: "avx512", CPU: "AMD EPYC",
			DatasetHash: "9a22f5974711a8c15c0858358abf61c1e1b3492bdfe853a4a8c8ab32efbaa429"}}
	if i%50 == 49 {
		r.Status, r.Error, r.Cause = reports.Failed, "nn: step 17 of d: the loss is not finite", reports.NotANumber
		return []reports.Record{r}
	}
	var recs []reports.Record
	for _, m := range []struct{ name, better string }{{"fd", reports.Lower}, {"modes", reports.Higher}, {"hq", reports.Higher}, {"modes_kl", reports.Lower}} {
		r.Metric, r.Better, r.Value = m.name, m.better, s.Float64()
		r.Interval = &reports.Interval{Lo: r.Value - .1, Hi: r.Value + .1, Level: .95, Method: "normal"}
		r.Convention = map[string]string{"K": "8", "radius": "3"}
		recs = append(recs, r)
	}
	return recs
}

// measured runs what is measured and reports the processor's seconds too: on a machine that does other work they say more than the clock.
func measured(b *testing.B, do func() error) {
	b.Helper()
	before := cpuSeconds()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpuSeconds()-before)/float64(b.N), "cpu-s/op")
}

// BenchmarkPlanLarge plans a study of as many cells: ten models on four data sets.
func BenchmarkPlanLarge(b *testing.B) {
	text := fmt.Sprintf("name: large\nseeds: [1]\nsamples: 500\nfloor: false\nbudget: {d_steps: 200}\nfeaturizers: [none]\nmetrics: [fd, modes]\n"+
		"datasets: [{name: ring, train: 2000, test: 500, hold: 500}, {name: grid, train: 2000, test: 500, hold: 500}, {name: moons, train: 2000, test: 500, hold: 500}, {name: polygons, train: 2000, test: 500, hold: 500}]\n"+
		"models: [gan-mm, gan-ns, wgan, wgan-gp, lsgan, dragan, began, vae, sngan, r1]\nselect: fd\nsearch: {draws: %d, space: wide}\n", benchCells()/40)
	measured(b, func() error {
		p := planFor(b, DefaultKit(), text)
		return p.Affordable(context.Background(), DefaultKit())
	})
}

// BenchmarkStore measures what docs/STUDIES.md says of large studies.
func BenchmarkStore(b *testing.B) {
	dir := largeRun(b)
	ctx := context.Background()
	path := filepath.Join(dir, index.File)
	b.Run("status-without-index", func(b *testing.B) {
		measured(b, func() error {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			_, err := ReadStatus(ctx, dir)
			return err
		})
	})
	b.Run("index-rebuilt", func(b *testing.B) {
		measured(b, func() error {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			x, err := index.Open(ctx, dir)
			if err != nil {
				return err
			}
			return x.Close()
		})
	})
	b.Run("status", func(b *testing.B) {
		measured(b, func() error { _, err := ReadStatus(ctx, dir); return err })
	})
	b.Run("scores-of-the-page", func(b *testing.B) {
		measured(b, func() error {
			x, err := index.Open(ctx, dir)
			if err != nil {
				return err
			}
			for _, err := range x.Cells(ctx) {
				if err != nil {
					return err
				}
			}
			return x.Close()
		})
	})
	b.Run("report-table", func(b *testing.B) {
		measured(b, func() error {
			run, err := reports.LoadRecords(dir)
			if err != nil {
				return err
			}
			r, err := reports.New(run, reports.Options{})
			if err != nil {
				return err
			}
			return reports.Terminal(io.Discard, r)
		})
	})
	for _, f := range export.Formats() {
		b.Run("export-"+f.ID, func(b *testing.B) {
			measured(b, func() error {
				run, err := reports.LoadRecords(dir)
				if err != nil {
					return err
				}
				return f.Write(io.Discard, run.Records)
			})
		})
	}
}
