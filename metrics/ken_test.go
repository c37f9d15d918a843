package metrics

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// atPlaces is rows at places on a line so far apart that the kernel of width 1 is 0 between them: counts[k] rows at 100 k.
func atPlaces(counts ...int) *mat.Dense {
	var x []float64
	for k, n := range counts {
		for range n {
			x = append(x, 100*float64(k), 0)
		}
	}
	return mat.NewDense(len(x)/2, 2, x)
}

// Where modes are points the kernel is 1 within and 0 between them, and the eigenvalues are the differences of the shares: fakes .5 0 .3 .2 against data .4 .4 0 .2.
func TestKENOfPoints(t *testing.T) {
	p := Pair{Real: atPlaces(40, 40, 0, 20), Fake: atPlaces(25, 0, 15, 10)}
	for name, m := range map[string]interface {
		Metric
		Novelties(context.Context, Pair, int) (Novelty, Novelty, error)
	}{"ken": KEN{Sigma: 1}, "few rows": KEN{Sigma: 1, Rows: 100}} {
		invented, missing, err := m.Novelties(context.Background(), p, 2)
		if err != nil {
			t.Fatal(err)
		}
		wantNovel := []float64{.3, .1}
		if !closeTo(invented.Modes[0].Share, .3) || !closeTo(invented.Modes[1].Share, .1) || !closeTo(invented.Total(), .4) || !closeTo(missing.Modes[0].Share, .4) || !closeTo(missing.Total(), .4) {
			t.Errorf("%s: invented %v, want %v; missing %v, want [.4]", name, invented.Values[:2], wantNovel, missing.Values[0])
		}
		// The new mode is the rows at 200, 1 there and 0 elsewhere, at rows that it has never seen too.
		for i, s := range invented.Modes[0].Scores {
			if want := map[bool]float64{true: 1}[p.Fake.At(i, 0) == 200]; !closeTo(s, want) {
				t.Fatalf("%s: fake row %d at %v scores %v", name, i, p.Fake.At(i, 0), s)
			}
		}
		for i, s := range missing.Modes[0].Scores {
			if want := map[bool]float64{true: 1}[p.Real.At(i, 0) == 100]; !closeTo(s, want) {
				t.Fatalf("%s: real row %d at %v scores %v", name, i, p.Real.At(i, 0), s)
			}
		}
		other, err := missing.At(mat.NewDense(2, 2, []float64{100, 1, 0, 0}))
		if err != nil || !closeTo(math.Abs(other.At(0, 0)), math.Exp(-.5)) || !closeTo(other.At(1, 0), 0) {
			t.Errorf("%s: at other rows %v %v, want exp(-1/2), 0", name, mat.Formatted(other), err)
		}
		if _, err = missing.At(mat.NewDense(2, 3, nil)); err == nil {
			t.Error("rows of another width are taken")
		}
	}
	r, err := KEN{Sigma: 1}.Compute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	h := -(.75*math.Log(.75) + .25*math.Log(.25)) // of .3 and .1
	for name, want := range map[string]float64{"ken": .4 * h, "ken_missing": 0, "ken_novel": .4, "ken_largest": .3, "ken_largest_missing": .4} {
		if v, _ := r.Get(name); math.Abs(v.Value-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", name, v.Value, want)
		}
	}
	// Twice as frequent: only what exceeds twice the share of the data is novel.
	if r, err = (KEN{Sigma: 1, Eta: 2}).Compute(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	if v, _ := r.Get("ken_novel"); !closeTo(v.Value, .3) {
		t.Errorf("with eta 2 novel is %v, want .3", v.Value)
	}
}

// Random frequencies know points as far apart in the limit only, but the eigenvalue of its functions is what it says: the mean of f^2 over one set less that over the other.
func TestNoveltySharesAreWhatScoresSay(t *testing.T) {
	p := Pair{Real: atPlaces(40, 40, 0, 20), Fake: atPlaces(25, 0, 15, 10)}
	p.Real.Apply(func(i, _ int, v float64) float64 { return v/50 + float64(i%7)/20 }, p.Real)
	p.Fake.Apply(func(i, _ int, v float64) float64 { return v/50 + float64(i%5)/20 }, p.Fake)
	square := func(x []float64) (s float64) {
		for _, v := range x {
			s += v * v / float64(len(x))
		}
		return s
	}
	for _, eta := range []float64{1, 1.5} {
		a, b, err := KEN{Eta: eta, Modes: 4}.Novelties(context.Background(), p, 3)
		c, d, err2 := FINC{Eta: eta, Modes: 4}.Novelties(context.Background(), p, 3)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for k, n := range []Novelty{a, b, c, d} {
			for _, m := range n.Modes {
				if want := square(m.Scores) - eta*square(m.Other); math.Abs(m.Share-want) > 1e-9 {
					t.Errorf("case %d, eta %v: eigenvalue %v, its scores say %v", k, eta, m.Share, want)
				}
				if top := slices.Max(m.Scores); top > 1+1e-9 {
					t.Errorf("a score of %v", top)
				}
			}
		}
		if math.Abs(a.Total()-c.Total()) > .05 {
			t.Errorf("ken says %v, 256 frequencies %v", a.Total(), c.Total())
		}
	}
}

// Rows beyond ken.rows are scored too, and which were fitted is said.
func TestKENScoresAllRows(t *testing.T) {
	p := Pair{Real: atPlaces(40, 40, 0, 20), Fake: atPlaces(25, 0, 15, 10)}
	m := KEN{Sigma: 1, Rows: 30}
	_, missing, err := m.Novelties(context.Background(), p, 1)
	if err != nil {
		t.Fatal(err)
	}
	real, fake := m.Fitted(p)
	if len(real) != 30 || len(fake) != 30 || len(missing.Modes[0].Scores) != 100 || len(missing.Modes[0].Other) != 50 {
		t.Errorf("fitted to %d and %d rows, scores %d and %d", len(real), len(fake), len(missing.Modes[0].Scores), len(missing.Modes[0].Other))
	}
	for i, s := range missing.Modes[0].Scores {
		if want := map[bool]float64{true: 1}[p.Real.At(i, 0) == 100]; math.Abs(s-want) > 1e-9 {
			t.Fatalf("real row %d at %v scores %v", i, p.Real.At(i, 0), s)
		}
	}
}

// The width under which four points, a quarter of the rows each, count as two modes solves 1/4 + 3/4 k^2 = 1/2 for points equally far apart, among different rows.
func TestBandwidth(t *testing.T) {
	x := mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
	// All pairs are at d2 = 2: exp(-2/s^2) = 1/5.
	if got, want := bandwidth(x, 5, 1), math.Sqrt(2/math.Log(5)); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := bandwidth(mat.NewDense(5, 2, nil), 5, 1); got != 1 {
		t.Errorf("equal rows: %v", got)
	}
}

func closeTo(got, want float64) bool { return math.Abs(got-want) <= 1e-9 }
