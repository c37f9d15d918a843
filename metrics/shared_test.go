package metrics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Every metric that takes features, and the verdict, say the same with a Shared as without, the second time too, when what is remembered is used; and from many goroutines.
func TestSharedChangesNoValue(t *testing.T) {
	ctx := context.Background()
	p := Pair{Real: gaussian(150, 3, "real"), Fake: gaussian(140, 3, "fake"), Train: gaussian(260, 3, "train"), Seed: 3}
	p.RealLabels, p.FakeLabels = make([]int, 150), make([]int, 140)
	for i := range p.RealLabels {
		p.RealLabels[i] = i % 3
	}
	with := p
	with.Shared = new(Shared)
	with.Shared.Keep(p.Real, p.Train, nil)
	for _, m := range All() {
		if len(Missing(p, m.Info().Needs)) > 0 || m.Info().ID == "c2st" || m.Info().ID == "prd" { // these two take long and use no neighbours
			continue
		}
		want, wantErr := m.Compute(ctx, p)
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				got, err := m.Compute(ctx, with)
				if d := cmp.Diff(want, got); d != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("%s: %v, want %v\n%s", m.Info().ID, err, wantErr, d)
				}
			})
		}
		wait.Wait()
	}
	src := rng.Stream(4, "shared")
	for _, s := range []struct {
		to *(*Images)
		n  int
	}{{&p.RealImages, 150}, {&p.FakeImages, 140}, {&p.TrainImages, 260}} {
		*s.to = &Images{N: s.n, H: 8, W: 8, C: 1, Hi: 1, Pix: make([]float32, 64*s.n)}
		src.FillUniform((*s.to).Pix, 0, 1)
	}
	with.RealImages, with.FakeImages, with.TrainImages = p.RealImages, p.FakeImages, p.TrainImages
	for _, train := range []*mat.Dense{p.Train, nil} { // without training rows the halves of the real ones are what lasts
		p.Train, with.Train = train, train
		want, err := Judge(ctx, p, DefaultThresholds())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := Judge(ctx, with, DefaultThresholds()); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("the verdict differs (%v): %s", err, cmp.Diff(want, got))
			}
		}
	}
	if len(with.Shared.facts) == 0 {
		t.Error("nothing was remembered")
	}
}

// The order of lasting rows is remembered with everything that it brings into order: other labels of the same rows are ordered anew.
func TestSharedOrderKnowsAllParts(t *testing.T) {
	p := Pair{Real: mat.NewDense(3, 1, []float64{2, 1, 2}), Shared: new(Shared)}
	p.Shared.Keep(p.Real)
	for _, c := range []struct{ labels, want []int }{{[]int{7, 8, 3}, []int{8, 3, 7}}, {[]int{1, 5, 2}, []int{5, 1, 2}}} {
		p.RealLabels = c.labels
		for range 2 {
			if got := inOrder(p); !slices.Equal(got.RealLabels, c.want) || !slices.Equal(got.Real.RawMatrix().Data, []float64{1, 2, 2}) {
				t.Errorf("labels %v come as %v, want %v", c.labels, got.RealLabels, c.want)
			}
		}
	}
}

// What lasts is computed once, everything else each time; the fakes leave nothing behind; an error is not kept.
func TestSharedComputesOnce(t *testing.T) {
	s := new(Shared)
	x, y := gaussian(10, 2, "x"), gaussian(10, 2, "y")
	s.Keep(x)
	calls := 0
	count := func(f fact) int {
		v, err := once(s, f, func() (int, error) { calls++; return calls, nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if a, b := count(fact{what: "n", a: x}), count(fact{what: "n", a: x}); a != 1 || b != 1 {
		t.Errorf("a lasting fact was computed %d times", calls)
	}
	for _, f := range []fact{{what: "n", a: y}, {what: "n", a: x, b: y}, {what: "n", a: y, b: x}} {
		if before := calls; count(f) != before+1 || count(f) != before+2 {
			t.Errorf("%v was remembered", f)
		}
	}
	if len(s.facts) != 1 {
		t.Errorf("%d facts are kept, want 1", len(s.facts))
	}
	fail := errors.New("ended")
	try := func() error {
		_, err := once(s, fact{what: "other", a: x}, func() (int, error) {
			if calls++; calls%2 == 0 {
				return 0, fail
			}
			return 1, nil
		})
		return err
	}
	calls = 1
	if err := try(); err != nil { // fails, then is tried again by the same caller
		t.Errorf("an error was kept: %v", err)
	}
	var none *Shared
	if v, err := once(none, fact{a: x}, func() (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Errorf("no Shared: %d, %v", v, err)
	}
	for k := range 2 * mostFacts {
		count(fact{what: "many", a: x, k: k})
	}
	if len(s.facts) > mostFacts {
		t.Errorf("%d facts are kept", len(s.facts))
	}
}

// The halves from one pass over all rows are the scores of the halves' rows alone, also where rows tie, repeat, or leave realism without a value.
func TestPRDCHalvesAreScoresOfHalves(t *testing.T) {
	ctx := context.Background()
	grid := func(x *mat.Dense) *mat.Dense {
		x.Apply(func(_, _ int, v float64) float64 { return float64(int(2 * v)) }, x)
		return x
	}
	same := gaussian(120, 2, "one")
	for i := range 120 {
		same.SetRow(i, same.RawRowView(i%7))
	}
	for name, p := range map[string]Pair{
		"plane": {Real: gaussian(200, 2, "real"), Fake: gaussian(171, 2, "fake")},
		"ties":  {Real: grid(gaussian(220, 3, "real")), Fake: grid(gaussian(190, 3, "fake"))},
		"wide":  {Real: gaussian(160, 40, "real"), Fake: gaussian(130, 40, "fake")},
		"equal": {Real: gaussian(130, 2, "real"), Fake: same},
	} {
		for _, m := range []PRDC{{}, {K: 3, Compare: "le"}, {Values: []string{"recall"}}, {Values: []string{"realism", "coverage"}}} {
			p.Seed = 5
			got, err := m.Compute(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := ready(&m, p); err != nil {
				t.Fatal(err)
			}
			want, err := m.pass(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := want.resample(ctx, p, resampling{id: "prdc", work: 1, bounds: m.bounds, score: m.pass, hits: func(name string) bool { return name == "density" }}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s %v: halves one by one, and at once:\n%s", name, m, d)
			}
		}
	}
}
