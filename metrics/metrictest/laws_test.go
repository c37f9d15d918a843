package metrictest

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

func TestEveryMetricKeepsTheLaws(t *testing.T) {
	for _, m := range metrics.All() {
		t.Run(m.Info().ID, func(t *testing.T) { Laws(t, quick(t, m)) })
	}
}

// quick lowers the costly options; laws do not depend on them.
func quick(t *testing.T, m metrics.Metric) metrics.Metric {
	id := m.Info().ID
	for _, o := range [][3]string{{"swd", "directions", "40"}, {"mind", "directions", "40"}, {"kid", "subsets", "4"}, {"prd", "clusters", "8"},
		{"prd", "repeats", "2"}, {"ndb", "k", "10"}, {"ndb", "alpha", "0.5"}, {"ms_ssim", "pairs", "50"}} {
		if o[0] == id {
			var err error
			if m, err = m.With(o[1], o[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// In the catalog is the zero value of every metric: whoever writes metrics.KID{} in a program has the suite's kid.
func TestTheCatalogHoldsZeroValues(t *testing.T) {
	for _, m := range metrics.All() {
		zero := reflect.Zero(reflect.TypeOf(m)).Interface().(metrics.Metric)
		if d := cmp.Diff(m.Info(), zero.Info(), tables); d != "" {
			t.Errorf("%s: %s", m.Info().ID, d)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	owner := map[string]string{}
	for _, m := range metrics.All() {
		i := m.Info()
		for _, n := range i.Values {
			if o, taken := owner[n]; taken {
				t.Errorf("value %s belongs to %s and %s", n, o, i.ID)
			}
			owner[n] = i.ID
		}
	}
}

// odd makes feature sets nobody should hand in, all of finite numbers.
func odd(s *rng.Source) metrics.Pair {
	d := 1 + s.IntN(6)
	set := func() *mat.Dense {
		n := 2 + s.IntN(30)
		x := mat.NewDense(n, d, nil)
		kind := s.IntN(7)
		scale := []float64{1, 1e-300, 1e-12, 1e12, 1e24, 1, 0}[kind]
		for i := range n {
			for j := range d {
				v := scale * s.Normal()
				if kind == 5 {
					v = float64(s.IntN(2)) // many ties
				}
				x.Set(i, j, v)
			}
		}
		if s.IntN(4) == 0 { // constant column
			for i := range n {
				x.Set(i, 0, 3)
			}
		}
		return x
	}
	labels := func(x *mat.Dense) []int {
		l := make([]int, x.RawMatrix().Rows)
		for i := range l {
			l[i] = s.IntN(3)
		}
		return l
	}
	p := metrics.Pair{Real: set(), Fake: set(), Train: set(), Modes: set(), Sigma: 0.1, Seed: s.Uint64()}
	if s.IntN(5) == 0 {
		p.Fake = p.Real
	}
	p.RealLabels, p.FakeLabels = labels(p.Real), labels(p.Fake)
	p.FakeProbs, p.RealProbs = probs(s.Uint64(), "fake", p.FakeLabels), probs(s.Uint64(), "real", p.RealLabels)
	if s.IntN(3) == 0 {
		p.FakeProbs.Zero()
		for i, l := range p.FakeLabels {
			p.FakeProbs.Set(i, l, 1)
		}
	}
	return p
}

// checkOdd: an error or a decent result, never a panic, a NaN or an infinity.
func checkOdd(t *testing.T, kit []metrics.Metric, seed uint64) {
	p := odd(rng.Stream(seed, "metrictest", "odd"))
	for _, m := range kit {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("seed %d: %s panics: %v", seed, m.Info().ID, r)
				}
			}()
			r, err := m.Compute(context.Background(), p)
			if err != nil {
				return
			}
			for _, f := range Violations(m.Info(), r) {
				t.Errorf("seed %d: %s: %s %v", seed, m.Info().ID, f, fmt.Sprint(r.Values))
			}
		}()
	}
}

func TestOddInputsNeverPanic(t *testing.T) {
	var kit []metrics.Metric
	for _, m := range metrics.All() {
		kit = append(kit, quick(t, m))
	}
	n := uint64(120)
	if testing.Short() {
		n = 25
	}
	for seed := range n {
		checkOdd(t, kit, seed)
	}
}

func FuzzMetrics(f *testing.F) {
	f.Add(uint64(1))
	kit := metrics.All()
	f.Fuzz(func(t *testing.T, seed uint64) { checkOdd(t, kit, seed) })
}
