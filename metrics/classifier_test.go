package metrics

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func logits() Pair { return Pair{FakeLogits: golden.Must("L")} }

func TestISGolden(t *testing.T) {
	one := compute(t, metric(t, "is"), logits())
	near(t, "1 split", one["is"], 3.9144256853380104, exact)
	ten := set(t, metric(t, "is"), "splits", "10")
	v := compute(t, ten, logits())
	near(t, "10 splits", v["is"], 3.849159504494719, exact)
	near(t, "std ddof 0", v["is_std"], .18467948481526922, exact)
	near(t, "std ddof 1", compute(t, set(t, ten, "ddof", "1"), logits())["is_std"], .19466926970757717, exact)
	cut := Pair{FakeLogits: mat.DenseCopyOf(golden.Must("L[:997]"))}
	v = compute(t, ten, cut)
	near(t, "997 cover", v["is"], 3.8458470580374837, exact)
	near(t, "997 cover std", v["is_std"], .19661101804919953, exact)
	v = compute(t, set(t, ten, "rule", "truncate"), cut)
	near(t, "997 truncate", v["is"], 3.83269950779676, exact)
	near(t, "997 truncate std", v["is_std"], .19469976165470057, exact)
}

func softmaxed(l *mat.Dense) *mat.Dense {
	p := logSoftmax(l)
	p.Apply(func(_, _ int, v float64) float64 { return math.Exp(v) }, p)
	return p
}

func TestISClosedForms(t *testing.T) {
	near(t, "two rows", compute(t, metric(t, "is"), Pair{FakeLogits: mat.NewDense(2, 3, []float64{1, 2, 3, -1, 5, 3.1})})["is"], 1.24357, 5e-5)
	same := mat.NewDense(12, 4, nil)
	same.Apply(func(_, j int, _ float64) float64 { return .1 * float64(j+1) }, same)
	near(t, "equal rows", compute(t, metric(t, "is"), Pair{FakeProbs: same})["is"], 1, exact)
	hot := mat.NewDense(12, 4, nil)
	for i := range 12 {
		hot.Set(i, i%4, 1)
	}
	near(t, "one-hot over 4 classes", compute(t, metric(t, "is"), Pair{FakeProbs: hot})["is"], 4, exact)
	near(t, "logits = probs", compute(t, metric(t, "is"), Pair{FakeProbs: softmaxed(golden.Must("L"))})["is"], 3.9144256853380104, 1e-10)
	// Logits of any size and offset: 1e4 apart would underflow a softmax with an epsilon.
	big := mat.NewDense(4, 2, []float64{1e4, -1e4, -1e4, 1e4, 5e4, 3e4, 3e4, 5e4})
	near(t, "huge logits", compute(t, metric(t, "is"), Pair{FakeLogits: big})["is"], 2, exact)
}

// The closed-form jackknife equals the score computed with each row really left out.
func TestISJackknife(t *testing.T) {
	x := golden.Must("L[:60]")
	lp := logSoftmax(x)
	var loo []float64
	for i := range 60 {
		var keep []int
		for j := range 60 {
			if j != i {
				keep = append(keep, j)
			}
		}
		rest, _ := gather(x, nil, keep)
		loo = append(loo, compute(t, metric(t, "is"), Pair{FakeLogits: rest})["is"])
	}
	_, se := inception(lp, identity(60))
	near(t, "jackknife error", se, jackknifeSE(loo), 1e-10)
}

// Over many samples the interval must hold the score of a very large sample about as often as it says: bias is small at 20 rows a class.
func TestISIntervalCovers(t *testing.T) {
	const runs, n = 200, 1500
	truth := compute(t, metric(t, "is"), Pair{FakeLogits: golden.Matrix(900, 200_000, 5, 3, 0)})["is"]
	hit := 0
	for s := range uint64(runs) {
		r, err := metric(t, "is").Compute(context.Background(), Pair{FakeLogits: golden.Matrix(1000+s, n, 5, 3, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if i := r.Values[0].Interval; i.Lo <= truth && truth <= i.Hi {
			hit++
		}
	}
	if hit < 180 { // 95 % of 200 is 190; fewer than 180 has probability 1e-3
		t.Errorf("the 95 %% interval holds the truth in %d of %d runs", hit, runs)
	}
}

func TestISRefusesAndWarns(t *testing.T) {
	if _, err := set(t, metric(t, "is"), "splits", "600").Compute(context.Background(), logits()); err == nil || !strings.Contains(err.Error(), "is.splits") {
		t.Errorf("600 splits of 1000 rows: %v", err)
	}
	r, err := set(t, metric(t, "is"), "ddof", "1").Compute(context.Background(), logits())
	if _, ok := r.Get("is_std"); ok || err != nil || len(r.Warnings) == 0 {
		t.Errorf("std of one split at ddof 1 must be absent with a reason: %+v, %v", r, err)
	}
	sorted := mat.NewDense(200, 4, nil)
	for i := range 200 {
		sorted.Set(i, i/50, 1)
	}
	r, _ = set(t, metric(t, "is"), "splits", "4").Compute(context.Background(), Pair{FakeProbs: sorted})
	if r.Status != Unreliable {
		t.Errorf("rows sorted by class: status %s", r.Status)
	}
}

func TestModeScore(t *testing.T) {
	uniform := mat.NewDense(2, 10, nil)
	uniform.Apply(func(_, _ int, _ float64) float64 { return .1 }, uniform)
	p := logits()
	p.RealProbs = uniform
	near(t, "mode score", compute(t, metric(t, "mode_score"), p)["mode_score"], 3.908501157410558, exact)
	p.RealProbs = softmaxed(golden.Must("L")) // the same marginal: the Inception Score
	near(t, "same marginal", compute(t, metric(t, "mode_score"), p)["mode_score"], 3.9144256853380104, exact)
}

func TestAMScore(t *testing.T) {
	// One-hot rows, classes 3:1 against a uniform reference: KL(u || p) = .5 ln(.5/.75) + .5 ln(.5/.25), no entropy.
	hot := mat.NewDense(4, 2, []float64{1, 0, 1, 0, 1, 0, 0, 1})
	half := mat.NewDense(2, 2, []float64{.5, .5, .5, .5})
	near(t, "one-hot", compute(t, metric(t, "am_score"), Pair{FakeProbs: hot, RealProbs: half})["am_score"], .5*math.Log(.5/.75)+.5*math.Log(2), exact)
	near(t, "undecided", compute(t, metric(t, "am_score"), Pair{FakeProbs: half, RealProbs: half})["am_score"], math.Ln2, exact)
	r, err := metric(t, "am_score").Compute(context.Background(), Pair{FakeProbs: mat.NewDense(2, 2, []float64{1, 0, 1, 0}), RealProbs: half})
	if err != nil || r.Status != Failed || len(r.Values) != 0 {
		t.Errorf("a missing class: %+v, %v", r, err)
	}
}

func TestMISIsThePairwiseDefinition(t *testing.T) {
	x := golden.Must("L[:30]")
	lp := logSoftmax(x)
	labels := make([]int, 30)
	for i := range labels {
		labels[i] = i % 3
	}
	mean := 0.0
	for c := range 3 {
		kl, n := 0.0, 0.0
		for i := c; i < 30; i += 3 {
			for j := c; j < 30; j += 3 {
				for y := range 10 {
					kl += math.Exp(lp.At(i, y)) * (lp.At(i, y) - lp.At(j, y))
				}
				n++
			}
		}
		mean += math.Exp(kl/n) / 3
	}
	near(t, "m_is", compute(t, metric(t, "m_is"), Pair{FakeLogits: x, FakeLabels: labels})["m_is"], mean, 1e-10)
}

func TestClassEntropy(t *testing.T) {
	hot := mat.NewDense(6, 3, nil)
	for i := range 6 {
		hot.Set(i, i%2, 1)
	}
	third := mat.NewDense(2, 3, []float64{1. / 3, 1. / 3, 1. / 3, 1. / 3, 1. / 3, 1. / 3})
	v := compute(t, metric(t, "class_entropy"), Pair{FakeProbs: hot, RealProbs: third})
	near(t, "two of three classes", v["class_entropy"], math.Ln2, exact)
	near(t, "gap", v["class_entropy_gap"], math.Log(2./3), exact)
}

func TestGANTrain(t *testing.T) {
	labelled := func(seed uint64, n, classes int) (*mat.Dense, []int) {
		x, l := golden.Matrix(seed, n, 3, 1, 0), make([]int, n)
		for i := range n {
			l[i] = i % classes
			x.Set(i, l[i]%3, x.At(i, l[i]%3)+6)
		}
		return x, l
	}
	var p Pair
	p.Real, p.RealLabels = labelled(51, 300, 3)
	p.Fake, p.FakeLabels = labelled(52, 300, 3)
	for _, c := range []string{"logistic", "1nn"} {
		v := compute(t, set(t, metric(t, "gan_train"), "classifier", c), p)
		if v["gan_train"] < .97 || v["gan_test"] < .97 || v["gan_base"] < .97 {
			t.Errorf("%s on separable classes: %v", c, v)
		}
		drop := p
		drop.Fake, drop.FakeLabels = labelled(53, 300, 2) // class 2 dropped: a third of the real rows cannot be right, all fakes still can
		v = compute(t, set(t, metric(t, "gan_train"), "classifier", c), drop)
		if v["gan_train"] > .68 || v["gan_test"] < .97 {
			t.Errorf("%s with a dropped class: %v", c, v)
		}
	}
	// Logistic regression at the optimum of a symmetric one-dimensional problem: the boundary is at 0.
	x := mat.NewDense(4, 1, []float64{-2, -1, 1, 2})
	got, err := GANTrain{Classifier: "logistic", Steps: 200, Ridge: 1e-3}.classify(context.Background(), x, []int{0, 0, 1, 1}, mat.NewDense(4, 1, []float64{-.1, .1, -9, 9}), 2)
	if err != nil || got[0] != 0 || got[1] != 1 || got[2] != 0 || got[3] != 1 {
		t.Errorf("predicted %v, %v", got, err)
	}
}

// The halves are a random deal: every class in both, no row twice, another seed another deal, and not every other row.
func TestHalvesAreDealtAtRandom(t *testing.T) {
	x, labels := mat.NewDense(40, 1, nil), make([]int, 40)
	for i := range 40 {
		x.Set(i, 0, float64(i))
		labels[i] = i % 4
	}
	one, l, other, m := halves(x, labels, 1)
	if rows(one) != 20 || rows(other) != 20 {
		t.Fatalf("halves of %d and %d", rows(one), rows(other))
	}
	seen, alternate, count := map[float64]bool{}, 0, [4]int{}
	for i := range 20 {
		seen[one.At(i, 0)], seen[other.At(i, 0)] = true, true
		if int(one.At(i, 0))/4%2 == 0 {
			alternate++
		}
		count[l[i]]++
		if int(one.At(i, 0))%4 != l[i] || int(other.At(i, 0))%4 != m[i] {
			t.Errorf("row %d lost its label", i)
		}
	}
	if len(seen) != 40 || count != [4]int{5, 5, 5, 5} {
		t.Errorf("%d different rows, classes %v", len(seen), count)
	}
	if alternate == 20 || alternate == 0 {
		t.Error("every other row of a class")
	}
	if again, _, _, _ := halves(x, labels, 2); mat.Equal(again, one) {
		t.Error("another seed deals the same halves")
	}
}
