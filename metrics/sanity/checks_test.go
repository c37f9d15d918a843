package sanity

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// The counts of elementary criteria in the published tables: 119 for a fidelity value, 113 for a diversity value.
func TestCriteriaAreThePublishedOnes(t *testing.T) {
	for face, want := range map[Face]int{Fidelity: 119, Diversity: 113} {
		name := map[Face]string{Fidelity: "precision", Diversity: "coverage"}[face]
		var mine []string
		for _, c := range Checks() {
			for _, s := range c.Scenarios {
				for _, f := range Judge(Curve{Check: c.ID, Scenario: s.ID, Face: face, Unit: true}) {
					mine = append(mine, c.ID+"|"+s.ID+"|"+f.Group+"|"+f.Criterion)
				}
			}
		}
		var theirs []string
		for _, p := range Published(name) {
			theirs = append(theirs, p.Check+"|"+p.Scenario+"|"+p.Group+"|"+p.Criterion)
		}
		slices.Sort(mine)
		slices.Sort(theirs)
		if len(mine) != want || !slices.Equal(mine, theirs) {
			t.Errorf("%s: %d criteria, published %d, want %d", face, len(mine), len(theirs), want)
			for _, m := range mine {
				if !slices.Contains(theirs, m) {
					t.Errorf("  %s is not published", m)
				}
			}
		}
	}
}

// numpy.logspace(2, 4, 20).astype(int), and numpy.logspace(0, 3, 20).astype(int) without repeats.
func TestGridsAreThePublishedOnes(t *testing.T) {
	if want := []float64{100, 127, 162, 206, 263, 335, 428, 545, 695, 885, 1128, 1438, 1832, 2335, 2976, 3792, 4832, 6158, 7847, 10000}; !slices.Equal(sizes(), want) {
		t.Errorf("sizes %v", sizes())
	}
	if want := []float64{1, 2, 4, 6, 8, 12, 18, 26, 37, 54, 78, 112, 162, 233, 335, 483, 695, 1000}; !slices.Equal(disjoint().Scenarios[0].X, want) {
		t.Errorf("dimensions %v", disjoint().Scenarios[0].X)
	}
	for _, c := range Checks() {
		for _, s := range c.Scenarios {
			for _, k := range s.keep {
				if int(k) >= len(s.X) {
					t.Errorf("%s %s keeps point %d of %d", c.ID, s.ID, k, len(s.X))
				}
			}
		}
	}
	if x := meanDifference().Scenarios[0].X[mid51]; x != 0 {
		t.Errorf("the middle of the mean differences is %v", x)
	}
	if x := stdDifference().Scenarios[0].X[mid51]; x != 1 {
		t.Errorf("the middle of the spreads is %v", x)
	}
}

// moments of what the laws draw, within 5 standard errors of 20 000 rows.
func TestLawsDrawWhatTheySay(t *testing.T) {
	const n = 20000
	src := func(name string) *rng.Source { return rng.Stream(1, "test", name) }
	mean := func(x *mat.Dense, f func([]float64) float64) float64 {
		s := 0.0
		for i := range n {
			s += f(x.RawRowView(i)) / n
		}
		return s
	}
	within := func(what string, got, want, sd float64) {
		t.Helper()
		if math.Abs(got-want) > 5*sd/math.Sqrt(n) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	norm := func(r []float64) (s float64) {
		for _, v := range r {
			s += v * v
		}
		return math.Sqrt(s)
	}
	// A uniform ball in three dimensions: the mean radius is 3/4 of .8, its variance .8² (3/5 - 9/16).
	within("the ball's mean radius", mean(ball(src("ball"), 0, n), norm), .6, .8*math.Sqrt(3./5-9./16))
	tor := torus(src("torus"), 0, n)
	for i := range n {
		r := tor.RawRowView(i)
		if d := math.Hypot(math.Hypot(r[0], r[1])-1, r[2]); d > .1+1e-12 {
			t.Fatalf("row %d of the torus is %v from its ring", i, d)
		}
	}
	within("the torus's height", mean(tor, func(r []float64) float64 { return r[2] * r[2] }), .01/4, .01) // E y² of a disc of radius .1
	sph := shell(16, always(1.5))(src("shell"), 0, n)
	if r := norm(sph.RawRowView(7)); math.Abs(r-1.5) > 1e-12 {
		t.Errorf("a row of the sphere has radius %v", r)
	}
	within("the sphere's centre", mean(sph, func(r []float64) float64 { return r[3] }), 0, 1.5/4)
	// Cubes overlap by a fifth of their volume in every dimension.
	for _, s := range hypercube("x", "", true, DataSize, "").Scenarios {
		x := s.fake(src("cube"+s.ID), 0, n)
		within("the overlap in "+s.ID+" dimensions", mean(x, func(r []float64) float64 {
			if slices.Max(r) <= 1 {
				return 1
			}
			return 0
		}), .2, .4)
	}
	// Pareto(b) has median 2^(1/b).
	p := beside(normal(1, always(0), always(1)))(src("pareto"), 0, n)
	within("the share below Pareto's median", mean(p, func(r []float64) float64 {
		if r[1] <= math.Pow(2, 1/1.01) {
			return 1
		}
		return 0
	}), .5, .5)
	// Weights of the fading modes at their last point: only the first is left.
	s := simultaneousDropping().Scenarios[0]
	within("the mean of the one mode left", mean(s.fake(src("fade"), 49, n), func(r []float64) float64 { return r[0] }), 0, 1./6)
	within("the mean of ten modes", mean(s.real(src("fade"), 49, n), func(r []float64) float64 { return r[0] }), 5, 3.3)
	two := oneVersusTwo().Scenarios[0]
	within("the two modes' second moment", mean(two.real(src("two"), 19, n), func(r []float64) float64 { return r[0] * r[0] }), 1+6.25, 6)
	within("the wide mode's second moment", mean(two.fake(src("wide"), 19, n), func(r []float64) float64 { return r[0] * r[0] }), 26, 37)
}

// Real rows have mean 0 and standard deviation 1 (ddof 0) in every column, and the other sets go along.
func TestPairsAreInUnitsOfTheReals(t *testing.T) {
	s := scaling().Scenarios[0]
	p := s.pair(Options{Seed: 3}, 0, 19, false)
	for j := range 2 {
		m, v := 0.0, 0.0
		for i := range rows {
			m += p.Real.At(i, j) / rows
			v += p.Real.At(i, j) * p.Real.At(i, j) / rows
		}
		if math.Abs(m) > 1e-12 || math.Abs(v-1) > 1e-12 {
			t.Errorf("column %d of the reals has mean %v and second moment %v", j, m, v)
		}
	}
	if v := p.Fake.At(0, 1); math.Abs(v) > 6 {
		t.Errorf("the second dimension of the fakes is still scaled: %v", v)
	}
	if p.Train == nil || mat.Equal(p.Train, p.Real) {
		t.Error("the training set is the real one")
	}
}

func TestEveryFeatureMetricHasAFace(t *testing.T) {
	taken := 0
	for _, m := range metrics.All() {
		if !Takes(m.Info()) {
			continue
		}
		taken++
		for _, v := range m.Info().Values {
			if f := FaceOf(m.Info(), v); f == "" {
				t.Errorf("%s has no face", v)
			}
		}
	}
	if taken < 25 {
		t.Errorf("the checks take %d metrics", taken)
	}
	for name, want := range map[string]Face{"precision": Fidelity, "recall": Diversity, "coverage": Diversity, "fd": Both, "auth_pct": Novelty, "prd_f8": Diversity} {
		m, err := metrics.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if f := FaceOf(m.Info(), name); f != want {
			t.Errorf("%s is of %s, want %s", name, f, want)
		}
	}
}
