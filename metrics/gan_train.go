package metrics

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// GANTrain returns the accuracy of a classifier of features [shmelkov2018]: gan_train trains it on labelled fakes and tests it on real samples
// (fidelity and diversity), gan_test trains on real and tests on fakes (fidelity alone), gan_base trains on one random half of the real rows and tests on the other:
// what the classifier can do on this data. gan_train near gan_base is good. The classifier is multinomial logistic regression on standardised
// features with a ridge, fitted by a fixed number of accelerated gradient steps from 0, or the nearest neighbour: no randomness besides the halves.
// Intervals are Wilson's over the test rows. The original trains a deep network on pixels: give features of one.
type GANTrain struct {
	Classifier string // logistic or 1nn
	Steps      int
	Ridge      float64
}

func (m *GANTrain) settings() settings {
	return settings{
		enumSetting("classifier", &m.Classifier, []string{"logistic", "1nn"}, "what is trained"),
		intSetting("steps", &m.Steps, 300, 1, "gradient steps of the logistic regression"),
		floatSetting("ridge", &m.Ridge, 1e-4, 0, 1e6, "weight decay of the logistic regression, per sample"),
	}
}

var _ Metric = GANTrain{}

// With returns a copy with one option changed.
func (m GANTrain) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m GANTrain) Info() Info {
	return Info{ID: "gan_train", Domain: anywhere(0), Title: "GAN-train and GAN-test accuracy", Values: []string{"gan_train", "gan_test", "gan_base"}, Better: Higher, Ideal: 1,
		Lo: 0, Hi: 1, Needs: []Need{NeedFeatures, NeedRealLabels, NeedFakeLabels}, Paper: "shmelkov2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m GANTrain) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	classes, top := classCount(p.RealLabels, p.FakeLabels)
	if classes < 2 {
		return Result{}, fault.Of(ErrValue, "gan_train: all labels are equal: a classifier needs two classes")
	}
	one, oneL, other, otherL := halves(p.Real, p.RealLabels, p.Seed)
	r := newResult(m.settings())
	for _, c := range []struct {
		name    string
		x, t    *mat.Dense
		lx, lt  []int
		enoughX bool
	}{
		{"gan_train", p.Fake, p.Real, p.FakeLabels, p.RealLabels, true},
		{"gan_test", p.Real, p.Fake, p.RealLabels, p.FakeLabels, true},
		{"gan_base", one, other, oneL, otherL, one != nil && other != nil},
	} {
		if !c.enoughX {
			continue
		}
		got, err := m.classify(ctx, c.x, c.lx, c.t, top)
		if err != nil {
			return Result{}, err
		}
		hits := 0
		for i, l := range got {
			if l == c.lt[i] {
				hits++
			}
		}
		r.Values = append(r.Values, share(c.name, hits, len(got), Higher))
	}
	if missing := unseen(p.RealLabels, p.FakeLabels); missing > 0 {
		r.note("%d classes of the data have no fakes: gan_train cannot predict them", missing)
	}
	return r, nil
}

func classCount(sets ...[]int) (distinct, top int) {
	seen := map[int]bool{}
	for _, s := range sets {
		for _, l := range s {
			seen[l] = true
			top = max(top, l+1)
		}
	}
	return len(seen), top
}

func unseen(labels, in []int) int {
	have, missing := map[int]bool{}, map[int]bool{}
	for _, l := range in {
		have[l] = true
	}
	for _, l := range labels {
		if !have[l] {
			missing[l] = true
		}
	}
	return len(missing)
}

// halves deals the rows of every class at random, so that both halves have every class of two rows or more. By order of content, as rows come, the halves
// would be alternate rows along an axis: more alike than two samples are.
func halves(x *mat.Dense, labels []int, seed uint64) (one *mat.Dense, oneL []int, other *mat.Dense, otherL []int) {
	var at [2][]int
	rank := map[int]int{}
	for _, i := range rng.Stream(seed, "metrics", "gan_train", "halves").Perm(len(labels)) {
		l := labels[i]
		at[rank[l]%2] = append(at[rank[l]%2], i)
		rank[l]++
	}
	one, oneL = gather(x, labels, at[0])
	other, otherL = gather(x, labels, at[1])
	return
}

// classify trains on (x, labels) and returns the predicted labels of t.
func (m GANTrain) classify(ctx context.Context, x *mat.Dense, labels []int, t *mat.Dense, classes int) ([]int, error) {
	out := make([]int, rows(t))
	if m.Classifier == "1nn" {
		other := t
		if other == x {
			other = mat.DenseCopyOf(t)
		}
		nb, err := numeric.KNN(ctx, other, x, 1)
		if err != nil {
			return nil, err
		}
		for i, j := range nb.Index {
			out[i] = labels[j]
		}
		return out, nil
	}
	mean, scale := numeric.Standard(x)
	z, w := standardise(x, mean, scale), standardise(t, mean, scale)
	beta, err := logistic(ctx, z, labels, classes, m.Steps, m.Ridge)
	if err != nil {
		return nil, err
	}
	var s mat.Dense
	s.Mul(w, beta)
	for i := range out {
		out[i] = argmax(s.RawRowView(i))
	}
	return out, nil
}
