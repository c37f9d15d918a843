package metrics

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

const (
	exact   = 1e-12 // algebra in float64
	printed = 5e-9  // golden values printed with 8 or more digits
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s = %.16g, want %.16g (off by %.2g)", what, got, want, got-want)
	}
}

// compute runs a metric that must succeed and returns its values by name.
func compute(t *testing.T, m Metric, p Pair) map[string]float64 {
	t.Helper()
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		t.Fatalf("%s: %v", m.Info().ID, err)
	}
	out := map[string]float64{}
	for _, v := range r.Values {
		out[v.Name] = v.Value
		if i := v.Interval; i != nil && !strings.HasPrefix(i.Method, "bias-corrected") && !(i.Lo <= v.Value+exact && v.Value <= i.Hi+exact) {
			t.Errorf("%s: %v is outside its interval %+v", v.Name, v.Value, *i)
		}
	}
	return out
}

func set(t *testing.T, m Metric, option, v string) Metric {
	t.Helper()
	out, err := m.With(option, v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func metric(t *testing.T, id string) Metric {
	t.Helper()
	m, err := Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ab() Pair { return Pair{Real: golden.Must("A"), Fake: golden.Must("B")} }

func TestPRDCGolden(t *testing.T) {
	for _, c := range []struct {
		k                                    string
		precision, recall, density, coverage float64
	}{
		{"3", .5875, .856, .5833333333333333, .618},
		{"5", .6875, .922, .5675, .784},
	} {
		for _, compare := range []string{"lt", "le"} { // no ties, so no difference
			v := compute(t, set(t, set(t, metric(t, "prdc"), "k", c.k), "compare", compare), ab())
			near(t, "precision", v["precision"], c.precision, exact)
			near(t, "recall", v["recall"], c.recall, exact)
			near(t, "density", v["density"], c.density, exact)
			near(t, "coverage", v["coverage"], c.coverage, exact)
		}
	}
}

func TestRealismGolden(t *testing.T) {
	v := compute(t, set(t, metric(t, "prdc"), "values", "realism"), ab())
	near(t, "realism", v["realism"], .9729353147006508, exact)
	if len(v) != 1 {
		t.Errorf("asked for realism alone, got %v", v)
	}
	scores, err := PRDC{K: 5, Compare: "lt"}.Realism(context.Background(), ab())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1.068262558662662, 1.4295231239906734, .9196791837619179} {
		near(t, "realism of a row", scores[i], want, exact)
	}
}

// Identical sets without ties: P = R = C = 1, and each ball holds its centre and k-1 neighbours, so that density is exactly 1.
// With <= the k-th neighbour counts too: density (k+1)/k.
func TestPRDCOfIdenticalSets(t *testing.T) {
	a := golden.Must("A")
	v := compute(t, metric(t, "prdc"), Pair{Real: a, Fake: a})
	w := compute(t, set(t, metric(t, "prdc"), "compare", "le"), Pair{Real: a, Fake: mat.DenseCopyOf(a)})
	for _, n := range []string{"precision", "recall", "coverage", "f_score"} {
		near(t, n, v[n], 1, 0)
		near(t, n, w[n], 1, 0)
	}
	near(t, "density <", v["density"], 1, exact)
	near(t, "density <=", w["density"], 1.2, exact)
}

// Duplicated points have balls of radius 0: strict < scores them 0, <= scores them 1, and a warning says so.
func TestPRDCOfDuplicates(t *testing.T) {
	x := mat.NewDense(20, 3, nil)
	for i := range 20 {
		x.Set(i, 0, float64(i/10))
	}
	for compare, want := range map[string]float64{"lt": 0, "le": 1} {
		r, err := set(t, metric(t, "prdc"), "compare", compare).Compute(context.Background(), Pair{Real: x, Fake: x})
		if err != nil || r.Status != Degenerate || len(r.Warnings) == 0 {
			t.Fatalf("%v, status %s, warnings %v", err, r.Status, r.Warnings)
		}
		for _, n := range []string{"precision", "recall", "coverage"} {
			v, _ := r.Get(n)
			near(t, compare+" "+n, v.Value, want, 0)
		}
	}
}

// N(0, .1^2) fakes against N(0, 3^2) reals: precise, no recall.
func TestPRDCDirection(t *testing.T) {
	p := Pair{Real: golden.Matrix(21, 200, 16, 3, 0), Fake: golden.Matrix(22, 200, 16, .1, 0)}
	v := compute(t, set(t, metric(t, "prdc"), "k", "3"), p)
	if v["precision"] < .8 || v["recall"] > .3 {
		t.Errorf("narrow fakes: precision %.2f, recall %.2f", v["precision"], v["recall"])
	}
}

func TestPRDGolden(t *testing.T) {
	uniform := []float64{.25, .25, .25, .25}
	c := PRDOf([]float64{.1, .2, .3, .4}, uniform, 1001)
	for i, want := range map[int][2]float64{250: {.41066017182375525, .9914213562031674}, 500: {.8, .8}, 750: {1, .41421356213167373}} {
		near(t, "precision", c.Precision[i], want[0], 1e-9)
		near(t, "recall", c.Recall[i], want[1], 1e-9)
	}
	near(t, "F8", c.best(8), .9774037542924607, 1e-9)
	near(t, "F1/8", c.best(1./8), .9908016035969576, 1e-9)

	c = PRDOf([]float64{.5, .5, 0, 0}, uniform, 1001) // two dropped modes
	for i, want := range map[int][2]float64{250: {.20710678, .5}, 500: {.5, .5}, 750: {1, .41421356}} {
		near(t, "precision, dropped", c.Precision[i], want[0], 1e-8)
		near(t, "recall, dropped", c.Recall[i], want[1], 1e-8)
	}
	near(t, "F8, dropped", c.best(8), .5038631872650471, 1e-9)
	near(t, "F1/8, dropped", c.best(1./8), .9848288753231104, 1e-9)
}

func TestPRDPins(t *testing.T) {
	c := PRDOf([]float64{.5, .5}, []float64{1, 0}, 11)
	near(t, "P[5]", c.Precision[5], .5, 1e-9)
	near(t, "R[5]", c.Recall[5], .5, 1e-9)
	near(t, "P[10]", c.Precision[10], .5, 1e-9)
	near(t, "R[1]", c.Recall[1], 1, 1e-9)
	c = PRDOf([]float64{1, 0}, []float64{.5, .5}, 11)
	near(t, "R[1]", c.Recall[1], .5, 1e-9)
	near(t, "P[10]", c.Precision[10], 1, 1e-9)
	p, r := []float64{1, 1, 0, 0, .5, 1, .5}, []float64{1, 0, 1, 0, .5, .5, 1}
	for beta, want := range map[float64][]float64{1: {1, 0, 0, 0, .5, 2. / 3, 2. / 3}, 2: {1, 0, 0, 0, .5, 5. / 9, 5. / 6}, .5: {1, 0, 0, 0, .5, 5. / 6, 5. / 9}} {
		for i := range p {
			near(t, "F", fBeta(p[i], r[i], beta), want[i], exact)
		}
	}
	// No overlap: 0 everywhere; full overlap: (1, 1) at 45 degrees.
	none, full := PRDOf([]float64{0, 1}, []float64{1, 0}, 11), PRDOf([]float64{.3, .7}, []float64{.3, .7}, 11)
	near(t, "none", none.best(8), 0, 1e-9)
	near(t, "full P", full.Precision[5], 1, 1e-9)
	near(t, "full R", full.Recall[5], 1, 1e-9)
}

func TestPRDSeesDroppedModes(t *testing.T) {
	all, half := blobs(31, 2000, 8), blobs(32, 2000, 4)
	same := compute(t, metric(t, "prd"), Pair{Real: all, Fake: blobs(33, 2000, 8)})
	drop := compute(t, metric(t, "prd"), Pair{Real: all, Fake: half})
	if same["prd_f8"] < .95 || drop["prd_f8"] > .6 || drop["prd_f1_8"] < .9 {
		t.Errorf("same %v, half the modes dropped %v", same, drop)
	}
}

// blobs are n points around the first k of 8 corners of a cube of side 10.
func blobs(seed uint64, n, k int) *mat.Dense {
	x, s := golden.Matrix(seed, n, 3, .3, 0), golden.New(seed+1000)
	for i := range n {
		m := int(float64(k) * s.Uniform())
		for l := range 3 {
			x.Set(i, l, x.At(i, l)+10*float64(m>>l&1))
		}
	}
	return x
}

func TestAlphaPrecision(t *testing.T) {
	real := golden.Matrix(41, 1500, 4, 1, 0)
	same := compute(t, metric(t, "alpha_precision"), Pair{Real: real, Fake: golden.Matrix(42, 1500, 4, 1, 0)})
	wide := compute(t, metric(t, "alpha_precision"), Pair{Real: real, Fake: golden.Matrix(43, 1500, 4, 3, 0)})
	slim := compute(t, metric(t, "alpha_precision"), Pair{Real: real, Fake: golden.Matrix(44, 1500, 4, .2, 0)})
	if same["alpha_precision"] < .95 || wide["alpha_precision"] > .6 || slim["beta_recall"] > .5*same["beta_recall"] {
		t.Errorf("same %v, too wide %v, too narrow %v", same, wide, slim)
	}
	// The fakes are the reals: precision 1 by definition. beta: every real is its own nearest fake, within every radius: 1.
	id := compute(t, metric(t, "alpha_precision"), Pair{Real: real, Fake: real})
	if id["alpha_precision"] < .99 {
		t.Errorf("identical sets: %v", id)
	}
}

func TestVendiGolden(t *testing.T) {
	a, b := golden.Must("A"), golden.Must("B")
	for _, c := range []struct {
		order  float64
		kernel string
		x      *mat.Dense
		want   float64
	}{
		{1, "cosine", a, 15.817224601519042}, {2, "cosine", a, 15.639639106458679}, {math.Inf(1), "cosine", a, 12.47293210828662},
		{1, "poly", a, 2.538151630264208}, {1, "cosine", b, 15.366429186191407},
	} {
		v := compute(t, Vendi{Order: c.order, Kernel: c.kernel, Rows: 1000, Unscaled: true}, Pair{Real: a, Fake: c.x})
		near(t, fmt.Sprint("vendi ", c.order, " ", c.kernel), v["vendi"], c.want, exact*100)
	}
}

func TestVendiClosedForms(t *testing.T) {
	// Six points in three tight pairs under exp(-|a-b|): 2.9999; the matrix [[1,.9,0],[.9,1,0],[0,0,1]]: 2.1573.
	at := []float64{0, 0, 10, 10, 20, 20}
	k := mat.NewDense(6, 6, nil)
	k.Apply(func(i, j int, _ float64) float64 { return math.Exp(-math.Abs(at[i] - at[j])) }, k)
	l, _, _ := eigen(k, 6)
	near(t, "pairs", VendiOf(l, 1), 2.9999, 1e-4) // printed cut, not rounded
	l, _, _ = eigen(mat.NewDense(3, 3, []float64{1, .9, 0, .9, 1, 0, 0, 0, 1}), 3)
	near(t, "matrix", VendiOf(l, 1), 2.1573, 5e-5)
	// n orthogonal rows count n, n copies count 1, by either route (n < d and n > d).
	eye := mat.NewDense(5, 7, nil)
	copies := mat.NewDense(9, 4, nil)
	for i := range 5 {
		eye.Set(i, i, float64(i+1))
	}
	copies.Apply(func(_, j int, _ float64) float64 { return float64(j + 1) }, copies)
	near(t, "orthogonal", compute(t, metric(t, "vendi"), Pair{Real: eye, Fake: eye})["vendi"], 5, exact)
	near(t, "copies", compute(t, metric(t, "vendi"), Pair{Real: copies, Fake: copies})["vendi"], 1, 1e-9)
}
