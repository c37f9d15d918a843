package metrics

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func result(t *testing.T, m Metric, p Pair) Result {
	t.Helper()
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// blocks is a set on disk, so to speak: it hands out copies, and counts.
type blocks struct {
	x     *mat.Dense
	reads int
	most  int
}

func (b *blocks) Dims() (int, int) { return b.x.Dims() }

func (b *blocks) Block(lo, hi int) (*mat.Dense, error) {
	b.reads++
	b.most = max(b.most, hi-lo)
	return mat.DenseCopyOf(b.x.Slice(lo, hi, 0, b.x.RawMatrix().Cols)), nil
}

func TestStreamedIsTheWholeToTheBit(t *testing.T) {
	p := Pair{Real: golden.Matrix(11, 1500, 6, 1, 0), Fake: golden.Matrix(12, 1300, 6, 1.1, .1)}
	kid := KIDFull{Degree: 3, Coef: 1, Estimator: "unbiased"}
	whole := result(t, kid, p)
	real, fake := &blocks{x: p.Real}, &blocks{x: p.Fake}
	streamed, err := kid.FromRows(context.Background(), real, fake)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(whole.Values, streamed.Values); d != "" {
		t.Error(d)
	}
	if real.most > 300 || real.reads < 5 {
		t.Errorf("%d reads of up to %d rows", real.reads, real.most)
	}
	sr, err := StatsFrom(real)
	if err != nil {
		t.Fatal(err)
	}
	sf, err := StatsFrom(fake)
	if err != nil {
		t.Fatal(err)
	}
	fd := FD{Interval: "none"}
	if a, b := result(t, fd, p).Values, result(t, fd, Pair{RealStats: sr, FakeStats: sf}).Values; cmp.Diff(a, b) != "" {
		t.Error(cmp.Diff(a, b))
	}
	if _, err := kid.FromRows(context.Background(), real, &blocks{x: golden.Must("A")}); !errors.Is(err, ErrShape) {
		t.Errorf("another width: %v", err)
	}
	fake.x = mat.DenseCopyOf(fake.x)
	fake.x.Set(700, 2, math.NaN())
	if _, err := StatsFrom(fake); !errors.Is(err, ErrValue) {
		t.Errorf("NaN in a block: %v", err)
	}
}

// A pure translation by t: MIND is 3|t|^2 up to the directions' noise, squared SWD |t|^2/d, ASW |t|/sqrt d, Wasserstein |t| exactly.
func TestTranslation(t *testing.T) {
	x := golden.Matrix(5, 100, 8, 1, 0)
	y := mat.DenseCopyOf(x)
	for i := range 100 {
		y.Set(i, 0, y.At(i, 0)+3)
		y.Set(i, 5, y.At(i, 5)-4)
	}
	p := Pair{Real: x, Fake: y}
	const directions = .1 // relative, 2000 directions
	near(t, "mind", result(t, MIND{Directions: 2000}, p).Values[0].Value/75, 1, directions)
	near(t, "swd", result(t, SWD{Directions: 2000, Power: true}, p).Values[0].Value*8/25, 1, directions)
	near(t, "asw", result(t, ASW{}, p).Values[0].Value, 5/math.Sqrt(8), 1e-12)
	near(t, "wasserstein", result(t, Wasserstein{P: 1, Max: 100}, p).Values[0].Value, 5, 1e-12)
	near(t, "wasserstein 2", result(t, Wasserstein{P: 2, Max: 100}, p).Values[0].Value, 5, 1e-12)
	near(t, "fd", result(t, FD{Interval: "none"}, p).Values[0].Value, 25, 1e-12)
}

func TestFDSaysWhatIsWrong(t *testing.T) {
	fd := FD{}
	r := result(t, fd, Pair{Real: golden.Must("C"), Fake: golden.Must("E")})
	if r.Status != Unreliable || !strings.Contains(strings.Join(r.Warnings, "\n"), "draw at least 65") || r.Values[0].Interval != nil {
		t.Errorf("N < d: %+v", r)
	}
	if r.Convention["route"] != "gram" || r.Convention["rank_real"] != "49" || r.Convention["ddof"] != "1" {
		t.Errorf("convention %v", r.Convention)
	}
	a := golden.Must("A")
	constant := mat.DenseCopyOf(golden.Must("B"))
	for i := range 400 {
		constant.Set(i, 3, 1)
	}
	if r = result(t, fd, Pair{Real: a, Fake: constant}); !strings.Contains(strings.Join(r.Warnings, "\n"), "1 of 16 features are the same in every fake row") {
		t.Errorf("constant feature: %v", r.Warnings)
	}
	if r = result(t, fd, Pair{Real: a, Fake: mat.DenseCopyOf(a)}); r.Values[0].Value != 0 || r.Status != Degenerate {
		t.Errorf("identical: %+v", r)
	}
}

func TestFDClass(t *testing.T) {
	p := Pair{Real: golden.Must("A"), Fake: golden.Must("B")}
	label := func(n int) []int {
		l := make([]int, n)
		for i := range l {
			l[i] = 5 * (i / (n / 2)) // classes 0 and 5
		}
		return l
	}
	p.RealLabels, p.FakeLabels = label(500), label(400)
	fd := FD{Interval: "none"}
	half := func(x *mat.Dense, k, n int) *mat.Dense { return x.Slice(k*n/2, (k+1)*n/2, 0, 16).(*mat.Dense) }
	first := result(t, fd, Pair{Real: half(p.Real, 0, 500), Fake: half(p.Fake, 0, 400)}).Values[0].Value
	second := result(t, fd, Pair{Real: half(p.Real, 1, 500), Fake: half(p.Fake, 1, 400)}).Values[0].Value
	r := result(t, FDClass{}, p)
	near(t, "mean", r.Values[0].Value, (first+second)/2, 1e-12)
	near(t, "worst", r.Values[1].Value, max(first, second), 1e-12)
	p.FakeLabels = make([]int, 400)
	if _, err := (FDClass{}).Compute(context.Background(), p); !errors.Is(err, ErrTooFew) || !strings.Contains(err.Error(), "class 5") {
		t.Errorf("empty class: %v", err)
	}
}

func TestLimitsAreClearErrors(t *testing.T) {
	p := Pair{Real: golden.Must("A"), Fake: golden.Must("B")}
	for what, m := range map[string]Metric{
		"wasserstein.sample=true": Wasserstein{Max: 300, Refuse: true},
		"kid.subsets":             KID{Subsets: 5, Size: 100, Sampling: "consecutive"},
		"fd_inf.min":              FDInf{Points: 5, Min: 400, Order: "given"},
		"use unbiased":            KIDFull{Estimator: "ustat"},
	} {
		if _, err := m.Compute(context.Background(), p); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want an error that names %q, got %v", what, err)
		}
	}
	if r := result(t, Wasserstein{Max: 50}, p); len(r.Warnings) == 0 {
		t.Error("a sample is taken in silence")
	}
}

// Two samples of one distribution cannot be told apart, two clear ones can; a spread without a shift shows in the squares.
func TestC2ST(t *testing.T) {
	m := C2ST{Folds: 5, Steps: 200, Width: 256, Ridge: 1e-3}
	x := golden.Matrix(31, 600, 4, 1, 0)
	same := result(t, m, Pair{Real: x, Fake: golden.Matrix(32, 500, 4, 1, 0)}).Values[0]
	if iv := same.Interval; iv.Lo > .5 || iv.Hi < .5 {
		t.Errorf("same distribution: %+v", iv)
	}
	for what, y := range map[string]*mat.Dense{"shift": golden.Matrix(33, 600, 4, 1, 1), "spread": golden.Matrix(34, 600, 4, 2, 0)} {
		r := result(t, m, Pair{Real: x, Fake: y})
		if v, auc := r.Values[0], r.Values[1]; v.Interval.Lo < .7 || auc.Value < .75 {
			t.Errorf("%s: %+v", what, r.Values)
		}
	}
}

// Ties in the scores count half; {real 1, fake 1, real 0, fake 2}: pairs (1,1) .5, (1,2) 0, (0,1) 0, (0,2) 0.
func TestArea(t *testing.T) {
	auc, variance := area([]float64{1, 1, 0, 2}, []bool{true, false, true, false})
	near(t, "auc", auc, .125, 1e-15)
	// Shares of fakes below the reals: .25, 0; of reals above the fakes: .25, 0. Either variance is 1/32, over two rows each.
	near(t, "variance", variance, 1./32, 1e-15)
}

// KID over random subsets estimates what kid_full does: the two agree within the spread of the former.
func TestKIDSubsetsAgreeWithTheWhole(t *testing.T) {
	p := Pair{Real: golden.Must("A"), Fake: golden.Must("B"), Seed: 3}
	r := result(t, KID{Subsets: 60, Size: 100}, p)
	full := result(t, KIDFull{Degree: 3, Coef: 1, Estimator: "unbiased"}, p).Values[0].Value
	if d := math.Abs(r.Values[0].Value - full); d > 4*r.Values[1].Value/math.Sqrt(60) || d == 0 {
		t.Errorf("kid %v, whole %v, std %v", r.Values[0].Value, full, r.Values[1].Value)
	}
}
