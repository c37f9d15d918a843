package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
)

// clouds are n rows of four far normal modes in two dimensions.
func clouds(n int) *mat.Dense {
	s, x := rng.Stream(5, "test", "clouds"), mat.NewDense(n, 2, nil)
	for i := range n {
		k := float64(i % 4)
		x.SetRow(i, []float64{10*k + s.Normal(), 3*k*k + s.Normal()})
	}
	return x
}

func request(t *testing.T) DataRequest {
	t.Helper()
	return DataRequest{Real: &runners.Side{Path: "clouds.npy", Features: clouds(800)}, Featurizers: []string{runners.RawFeaturizer}, Metrics: []string{"fd_diag", "prdc", "nn_ratio", "duplicates"},
		Faults: []string{"noise", "dropping", "copies"}, Seed: 1, Dir: t.TempDir()}
}

// On data where theory knows the answer: density and coverage fall with noise and dropped modes, copies are seen by the memorisation measure alone, a piece is made once, and
// what is kept gives the same result.
func TestAuditOfData(t *testing.T) {
	q := request(t)
	got, err := Data(context.Background(), runners.DefaultKit(), q)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]Reading{}
	for _, r := range got.Readings {
		read[r.Value] = r
	}
	for value, want := range map[string]map[string]bool{
		"coverage": {"noise": true, "dropping": true, "copies": false}, "recall": {"dropping": true, "copies": false}, "fd_diag": {"copies": false}, // two clusters that are left may keep mean and spread
		"nn_ratio": {"copies": true}, "duplicates": {"noise": false, "dropping": false}, "duplicates_train": {"copies": true, "noise": false},
	} {
		for fault, seen := range want {
			if f := read[value].at(fault); (f.From > 0) != seen {
				t.Errorf("%s sees %s from strength %d on: %v, null %+v", value, fault, f.From, f.Mean, read[value].Null)
			}
		}
	}
	if f := read["duplicates_train"].at("copies"); f.From != 1 || f.Tau != 1 || f.Least != 50 {
		t.Errorf("copies in duplicates_train: %+v", f)
	}
	if n := read["fd_diag"].Sizes; len(n) != 2 || n[0].N != 50 || n[1].N != 100 || !(n[0].Mean > n[1].Mean) {
		t.Errorf("fd_diag by size: %+v, want a bias that falls", n)
	}
	if len(got.Advice) < 2 || got.Advice[0].Kind != "use" || !strings.Contains(got.Advice[0].Text, "For these 800 samples use ") || got.ModesAre != "clusters" {
		t.Errorf("advice %+v", got.Advice)
	}
	made := 0
	q.Tell = func(p Progress) {
		if p.Done != float64(int(p.Done)) {
			made++
		}
	}
	again, err := Data(context.Background(), runners.DefaultKit(), q)
	if err != nil || made > 0 {
		t.Fatalf("%d steps made again: %v", made, err)
	}
	if d := cmp.Diff(got, again); d != "" {
		t.Error(d)
	}
	q.Dir, q.Tell = "", nil
	fresh, err := Data(context.Background(), runners.DefaultKit(), q)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, fresh, cmpopts.IgnoreFields(Reading{}, "Seconds")); d != "" {
		t.Errorf("the same audit without its pieces: %s", d)
	}
	pages(t, got)
}

func pages(t *testing.T, d *DataResult) {
	t.Helper()
	var b bytes.Buffer
	if err := d.HTML(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"What does each metric see?", "Does it call real data a fault?", "How many samples does it take?", "What does it cost?", d.Advice[0].Text, "<svg", "duplicates_train"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	text, err := json.Marshal(d)
	if err != nil || !strings.Contains(string(text), `"advice"`) {
		t.Errorf("%v", err)
	}
}

func TestAuditRefusesBadInput(t *testing.T) {
	for want, change := range map[string]func(q *DataRequest){
		"holds 30 samples":     func(q *DataRequest) { q.Real = &runners.Side{Path: "few.npy", Features: clouds(30)} },
		"want from 50 to 266":  func(q *DataRequest) { q.N = 300 },
		"it is of images":      func(q *DataRequest) { q.Faults = []string{"jpeg"} },
		"unknown disturbance":  func(q *DataRequest) { q.Faults = []string{"nois"} },
		"unknown metric":       func(q *DataRequest) { q.Metrics = []string{"fdi"} },
		"psnr needs":           func(q *DataRequest) { q.Metrics = []string{"psnr"} },
		"unknown featurizer":   func(q *DataRequest) { q.Featurizers = []string{"pixel"} },
		"needs a featurizer":   func(q *DataRequest) { q.Featurizers = nil },
		"samples of one shape": func(q *DataRequest) { q.Other = &runners.Side{Path: "other.npy", Features: mat.NewDense(9, 3, nil)} },
	} {
		q := request(t)
		change(&q)
		if _, err := Data(context.Background(), runners.DefaultKit(), q); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Readings made by hand: who is recommended, whom beside it, who is fooled.
func TestAdvice(t *testing.T) {
	see := func(from int) FaultReading {
		f := FaultReading{From: from, Least: 100, Z: make([]float64, levels)}
		for l := range levels {
			s := metrics.Blind
			if from > 0 && l >= from-1 {
				s = metrics.Sees
			}
			f.Sight = append(f.Sight, s)
		}
		return f
	}
	reading := func(value string, alarms float64, a, b, c FaultReading) Reading {
		a.Fault, b.Fault, c.Fault = "a", "b", "c"
		return Reading{Featurizer: "f", Metric: value, Value: value, FalseAlarms: alarms, Faults: []FaultReading{a, b, c}}
	}
	better := see(0)
	better.Sight[3] = metrics.Fooled
	d := &DataResult{Samples: 8000, Faults: []FaultInfo{{ID: "a", Title: "fault a"}, {ID: "b", Title: "fault b"}, {ID: "c", Title: "fault c", Unit: "of it", Strengths: []float64{.1, .2, .3, .4}}},
		Readings: []Reading{reading("jumpy", .5, see(1), see(1), see(1)), reading("wide", 0, see(2), see(3), see(0)), reading("narrow", 0, see(0), better, see(3)), reading("early", 0, see(1), see(0), see(0))}}
	d.advise()
	var texts []string
	for _, a := range d.Advice {
		texts = append(texts, a.Kind+": "+a.Text)
	}
	want := []string{
		"use: For these 8000 samples use wide in f with at least 100 samples a side: at the strengths tried it sees 2 of 3 disturbances (fault a); only when strong: fault b.",
		"blind: wide in f does not see: fault c.",
		"add: Read narrow in f beside it: it sees fault c from 0.3 of it on.",
		"avoid: Never read narrow in f alone: it gets better under fault b.",
		"alarm: More than a tenth of false alarms between real samples: jumpy in f.",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	// What the best one sees late and another one two strengths earlier is named; one strength earlier is not.
	d.Readings = []Reading{reading("wide", 0, see(1), see(3), see(4)), reading("sharp", 0, see(0), see(1), see(3)), reading("jumpy", .5, see(1), see(1), see(1))}
	d.Faults[1].Unit, d.Faults[1].Strengths = "of that", []float64{1, 2, 3, 4}
	if d.advise(); len(d.Advice) != 3 || d.Advice[1].Text != "Read sharp in f beside it: it sees fault b from 1 of that on." {
		t.Errorf("%+v", d.Advice)
	}
	// Of two that see as much the one with fewer samples; its number is that of what takes most. One that a fault improves is worth less than one that sees less.
	few, many, fooled := reading("few", 0, see(1), see(2), see(0)), reading("many", 0, see(1), see(2), see(0)), reading("fooled", 0, see(1), see(1), better)
	few.Faults[0].Least, few.Faults[1].Least = 300, 200
	many.Faults[0].Least, many.Faults[1].Least = 50, 500
	d.Readings = []Reading{fooled, many, few}
	d.Faults[2].Title = "fault c"
	if d.advise(); !strings.HasPrefix(d.Advice[0].Text, "For these 8000 samples use few in f with at least 300 samples a side:") {
		t.Errorf("%+v", d.Advice)
	}
	d.Readings = []Reading{reading("jumpy", .5, see(1), see(1), see(1))}
	if d.advise(); d.Advice[0].Kind != "unseen" {
		t.Errorf("%+v", d.Advice)
	}
}

// A mean beyond real against real is no sight where one of the repeats is not: the null is 0 to 1 around .5 with a deviation of .1.
func TestRepeatsMustAgree(t *testing.T) {
	r := Reading{Better: metrics.Lower, Null: metrics.Null{N: 12, Mean: .5, SD: .1, Lo: 0, Hi: 1}}
	for _, row := range []struct {
		got  []float64
		want metrics.Sight
	}{{[]float64{2, 3}, metrics.Sees}, {[]float64{.9, 9}, metrics.Blind}, {[]float64{-2, -3}, metrics.Fooled}, {[]float64{-.1, 9}, metrics.Blind}, {[]float64{.5, -9}, metrics.Blind}} {
		if got := agreed(r, r.Null, row.got, (row.got[0]+row.got[1])/2); got != row.want {
			t.Errorf("%v: %s, want %s", row.got, got, row.want)
		}
	}
}

// A set of which nine tenths are repeats has a tenth of the different samples: values spread by the root of ten more, and what one such set says by chance is no sight.
func TestRepeatsSpreadMore(t *testing.T) {
	u := metrics.Null{N: 12, Mean: 1, SD: .1, Lo: .8, Hi: 1.3}
	f := Fault{Fewer: true, Strengths: []float64{.9}}
	if got := f.null(u, 0); math.Abs(got.SD-.316227766) > 1e-9 || math.Abs(got.Lo-(1-.632455532)) > 1e-9 || math.Abs(got.Hi-(1+.948683298)) > 1e-9 || got.Mean != 1 {
		t.Errorf("%+v", got)
	}
	if f.Fewer = false; f.null(u, 0) != u {
		t.Error("a fault that repeats nothing has another spread")
	}
}

// Metrics of pixels are no matter of the feature space: one reading, under a name of its own.
func TestMetricsOfImagesAreReadOnce(t *testing.T) {
	for id, want := range map[string]string{"fwd": ofImages, "sharpness": ofImages, "fd": "f", "gan_train": "f", "class_modes": "f"} {
		m, err := metrics.Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := spaceOf(m.Info(), "f"); got != want {
			t.Errorf("%s looks at %s, want %s", id, got, want)
		}
	}
	x := mat.NewDense(60, 2, nil)
	p := metrics.Pair{Real: x, Fake: x, Train: x, FakeImages: runners.ImagesOf(&datasets.Samples{Shape: []int{4, 4, 1}, Data: make([]float32, 60*16)})}
	p.RealImages = p.FakeImages
	for _, first := range []bool{true, false} {
		ms, _, err := (&DataRequest{Metrics: []string{"fd", "sharpness"}}).metricsFor(runners.DefaultKit(), p, first)
		if want := map[bool]int{true: 2, false: 1}[first]; err != nil || len(ms) != want {
			t.Errorf("first space %v: %d metrics, want %d (%v)", first, len(ms), want, err)
		}
	}
}

// A piece is of the settings under which the plan runs its metrics, and the page says them.
func TestSettingsArePartOfTheKey(t *testing.T) {
	if got := settingsOf("kid") + settingsOf("fd"); got != ",subsets=5" {
		t.Errorf("%q", got)
	}
	d := &DataResult{Readings: []Reading{{Metric: "kid", Featurizer: "a"}, {Metric: "fd", Featurizer: "a"}, {Metric: "kid", Featurizer: "b"}}}
	if got := d.cost().Notes; !slices.Equal(got, []string{"kid ran with subsets=5."}) {
		t.Errorf("the page says %q", got)
	}
}

// Pairs in order less pairs out of order, of 10: 1,2,3,4,5 is 1; 1,3,2,4,5 is (9-1)/10.
func TestKendall(t *testing.T) {
	for _, row := range []struct {
		v    []float64
		want float64
	}{{[]float64{1, 2, 3, 4, 5}, 1}, {[]float64{1, 3, 2, 4, 5}, .8}, {[]float64{5, 4, 3, 2, 1}, -1}, {[]float64{1, 1, 1, 1, 1}, 0}} {
		if got := kendall(row.v); got != row.want {
			t.Errorf("tau of %v is %v, want %v", row.v, got, row.want)
		}
	}
	if got := sizesUpTo(300); !slices.Equal(got, []int{50, 100, 200, 300}) {
		t.Errorf("sizes %v", got)
	}
}
