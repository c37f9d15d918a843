package metrics

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func TestAuthPctGolden(t *testing.T) {
	a := golden.Must("A")
	p := Pair{Train: a, Fake: golden.Must("B"), Real: golden.Matrix(77, 300, 16, 1, 0)}
	near(t, "gen B", compute(t, metric(t, "auth_pct"), p)["auth_pct"], 79.75, exact)
	p.Fake = mat.DenseCopyOf(a)
	p.Fake.Apply(func(_, _ int, v float64) float64 { return v + .01 }, p.Fake)
	near(t, "gen A + .01", compute(t, metric(t, "auth_pct"), p)["auth_pct"], 0, 0)
}

func TestHeldOutWarning(t *testing.T) {
	a := golden.Must("A")
	for _, id := range []string{"auth_pct", "c_t", "nn_ratio"} {
		r, err := metric(t, id).Compute(context.Background(), Pair{Train: a, Real: a, Fake: golden.Must("B")})
		if err != nil || r.Status == OK {
			t.Errorf("%s with real = train: status %s, %v", id, r.Status, err)
		}
	}
}

func TestMannWhitney(t *testing.T) {
	// x = {1,2,3}, y = {4,5}: U = 0, mean 3, variance 3*2*6/12 = 3.
	z, ok := mannWhitney([]float64{2, 1, 3}, []float64{5, 4})
	near(t, "separated", z, -3/math.Sqrt(3), exact)
	// Ties: x = {1,1}, y = {1,2}. Ranks 2,2 | 2,4: U = 4-3 = 1, mean 2, variance 4/12 (5 - 24/12) = 1.
	z2, ok2 := mannWhitney([]float64{1, 1}, []float64{1, 2})
	near(t, "ties", z2, -1, exact)
	if _, ok3 := mannWhitney([]float64{7, 7}, []float64{7}); !ok || !ok2 || ok3 {
		t.Error("ok must be false only where all values are equal")
	}
}

func TestCTTellsCopyingFromHonesty(t *testing.T) {
	train, real := golden.Matrix(61, 1000, 6, 1, 0), golden.Matrix(62, 800, 6, 1, 0)
	copies := golden.Matrix(63, 900, 6, .01, 0)
	for i := range 900 {
		for l := range 6 {
			copies.Set(i, l, copies.At(i, l)+train.At(i, l))
		}
	}
	honest := compute(t, metric(t, "c_t"), Pair{Train: train, Real: real, Fake: golden.Matrix(64, 900, 6, 1, 0)})
	copied := compute(t, metric(t, "c_t"), Pair{Train: train, Real: real, Fake: copies})
	far := compute(t, metric(t, "c_t"), Pair{Train: train, Real: real, Fake: golden.Matrix(65, 900, 6, 2, 0)})
	if math.Abs(honest["c_t"]) > 2.5 || copied["c_t"] > -10 || far["c_t"] < 5 {
		t.Errorf("honest %v, copied %v, far %v", honest, copied, far)
	}
	nn := compute(t, metric(t, "nn_ratio"), Pair{Train: train, Real: real, Fake: copies})
	ok := compute(t, metric(t, "nn_ratio"), Pair{Train: train, Real: real, Fake: golden.Matrix(64, 900, 6, 1, 0)})
	if nn["nn_ratio"] > .1 || nn["nn_copies"] < .9 || math.Abs(ok["nn_ratio"]-1) > .1 || ok["nn_copies"] > .05 {
		t.Errorf("nn_ratio: copies %v, honest %v", nn, ok)
	}
}

func TestDuplicates(t *testing.T) {
	x := golden.Matrix(71, 100, 5, 1, 0)
	for i := 50; i < 100; i++ { // 0..9 five times more each: 50 repeats, groups of 6
		x.SetRow(i, x.RawRowView(i%10))
	}
	p := Pair{Fake: x, Real: golden.Matrix(72, 80, 5, 1, 0), Train: golden.Matrix(73, 30, 5, 1, 0)}
	p.Train.SetRow(4, x.RawRowView(3))
	v := compute(t, metric(t, "duplicates"), p)
	for name, want := range map[string]float64{"duplicates": .5, "duplicates_real": 0, "duplicates_largest": .06, "duplicates_train": .06} {
		near(t, name, v[name], want, exact)
	}
	for i := range 100 {
		x.Set(i, 0, x.At(i, 0)+1e-7*float64(i))
	}
	near(t, "moved apart", compute(t, metric(t, "duplicates"), p)["duplicates"], 0, 0)
	near(t, "within eps", compute(t, set(t, metric(t, "duplicates"), "eps", "1e-4"), p)["duplicates"], .5, exact)
}

func TestBirthdayFindsAFiniteSupport(t *testing.T) {
	// Fakes drawn from 300 points: the estimate is 300, the interval holds it; the reals are continuous.
	support, src := golden.Matrix(81, 300, 8, 1, 0), golden.New(82)
	fake := mat.NewDense(600, 8, nil)
	for i := range 600 {
		fake.SetRow(i, support.RawRowView(int(300*src.Uniform())))
	}
	r, err := metric(t, "birthday").Compute(context.Background(), Pair{Fake: fake, Real: golden.Matrix(83, 600, 8, 1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	v, _ := r.Get("birthday")
	if v.Value < 250 || v.Value > 350 || v.Interval.Lo > 300 || v.Interval.Hi < 300 {
		t.Errorf("support of 300 estimated as %.0f, interval %+v", v.Value, *v.Interval)
	}
	r, err = metric(t, "birthday").Compute(context.Background(), Pair{Fake: golden.Matrix(84, 100, 8, 1, 0), Real: golden.Matrix(83, 600, 8, 1, 0)})
	if err != nil || r.Status != Failed || len(r.Values) != 0 {
		t.Errorf("no coincidence: %+v, %v", r, err)
	}
}

func TestPoissonInterval(t *testing.T) { // Garwood's exact limits for 10 events
	lo, hi := poisson(10)
	near(t, "lo", lo, 4.795389, 1e-6)
	near(t, "hi", hi, 18.390356, 1e-6)
}
