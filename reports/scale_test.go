package reports

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/assay-gan/assay/internal/browsertest"
	"github.com/assay-gan/assay/rng"
)

// A page of thousands of runs has at most so many bytes.
const maxLargePage = 3_000_000

// manyRuns are runs of models on sets, seeds of each, with eight metrics, pictures of 128 x 128 noise, which no compression helps, and curves of 500 steps.
func manyRuns(t testing.TB, models, sets, seeds int) *Run {
	t.Helper()
	dir := t.TempDir()
	noise := rng.Stream(7, "pictures of many runs")
	var recs []Record
	artifacts := map[string]Artifacts{}
	for m := range models {
		for d := range sets {
			for seed := range seeds {
				r := Record{Cell: id("many", m, d, seed), Model: fmt.Sprintf("model-%03d", m), Dataset: fmt.Sprintf("set-%d", d), Seed: uint64(seed), Step: 2000, SettingsID: id(m, d), Featurizer: "glyphnet", Reference: "test", N: 1000, NReal: 1000,
					Status: OK, Better: Lower, Cost: Cost{WallSeconds: 3, CPUSeconds: 3, DSteps: 10, GSteps: 10, Samples: 10}, Provenance: Provenance{Version: "x"}}
				if (m+d+seed)%41 == 0 {
					r.Status, r.Error = Failed, fmt.Sprintf("step %d: loss is NaN | lower lr", seed+1)
					recs = append(recs, r)
					continue
				}
				for k, metric := range []string{"fd", "kid", "is", "precision", "recall", "density", "coverage", "realism"} {
					r.Metric, r.Value, r.Better = metric, float64(m+1)*math.Exp(.3*noise.Normal()), map[bool]string{true: Lower, false: Higher}[k < 2]
					r.Warnings = []string{fmt.Sprintf("%s: about %d %% is bias", metric, seed+1)}
					recs = append(recs, r)
				}
				if seed == 0 {
					artifacts[r.Cell] = manyArtifacts(t, dir, r.Cell, noise)
				}
			}
		}
	}
	for d := range sets {
		r := Record{Cell: id("floor", d), Model: Real, Dataset: fmt.Sprintf("set-%d", d), Metric: "fd", Value: .5, Better: Lower, Status: OK, Featurizer: "glyphnet", Reference: "test", N: 1000, NReal: 1000}
		recs = append(recs, r)
	}
	run := NewRun("many", recs)
	run.Artifacts = artifacts
	return run
}

func manyArtifacts(t testing.TB, dir, cell string, noise *rng.Source) Artifacts {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 128, 128))
	for i := range img.Pix {
		img.Pix[i] = uint8(noise.IntN(256))
	}
	img.Set(0, 0, color.Black)
	var b bytes.Buffer
	path := filepath.Join(dir, cell+".png")
	if err := errors.Join(png.Encode(&b, img), os.WriteFile(path, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	a := Artifacts{Cell: cell, Samples: path, Verdict: &Verdict{Word: "blurred", Evidence: []string{"46.9 % of the fakes lie on the data", "modes are three times as wide as they should be"}}, Curves: &Curves{}}
	for _, name := range []string{"loss d", "loss g", "D(real)", "D(fake)"} {
		s := Series{Name: name}
		for step := range 500 {
			s.Steps, s.Values = append(s.Steps, step), append(s.Values, noise.Normal())
		}
		a.Curves.Series = append(a.Curves.Series, s)
	}
	return a
}

// 3 000 runs are a page below the limit, whether they are many seeds of some models or some seeds of many models, each with pictures; what is left out is told.
func TestLargePages(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs with pictures")
	}
	for _, shape := range [][3]int{{20, 3, 50}, {500, 2, 3}} {
		var b bytes.Buffer
		if err := HTML(&b, report(t, manyRuns(t, shape[0], shape[1], shape[2]), Options{})); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d models on %d sets with %d seeds: %d bytes", shape[0], shape[1], shape[2], b.Len())
		if b.Len() > maxLargePage {
			t.Errorf("%v: %d bytes", shape, b.Len())
		}
	}
}

// The page of 3 000 runs in a browser: whole and without a complaint. How long it took is said, not asserted.
func TestLargePageInBrowser(t *testing.T) {
	ctx := browsertest.Open(t)
	for _, shape := range [][3]int{{20, 3, 50}, {500, 2, 3}} {
		page := reportPage(t, manyRuns(t, shape[0], shape[1], shape[2]), Options{})
		said := browsertest.Listen(ctx, "file:")
		var loaded, interactive float64
		var nodes int
		err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.EmulateViewport(1200, 900), chromedp.Navigate(page),
			chromedp.Evaluate(`performance.getEntriesByType('navigation')[0].loadEventEnd`, &loaded),
			chromedp.Evaluate(`(async () => { while (!document.querySelector('.chart[data-state]')) await new Promise((r) => setTimeout(r, 5)); return performance.now() })()`, &interactive, wait),
			chromedp.Evaluate(`document.querySelectorAll('*').length`, &nodes))
		if err != nil {
			t.Fatal(err, said())
		}
		t.Logf("%d models on %d sets with %d seeds: loaded after %.0f ms, the first chart drawn after %.0f ms, %d elements", shape[0], shape[1], shape[2], loaded, interactive, nodes)
		for _, s := range said() {
			t.Error(s)
		}
	}
}
