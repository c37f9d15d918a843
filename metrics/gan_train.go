package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/rng"
	"gonum.org/v1/gonum/mat"
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
	return Info{ID: "gan_train", Title: "GAN-train and GAN-test accuracy", Values: []string{"gan_train", "gan_test", "gan_base"}, Better: Higher, Ideal: 1,
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
		return Result{}, fmt.Errorf("gan_train: all labels are equal: a classifier needs two classes: %w", ErrValue)
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

func gather(x *mat.Dense, labels []int, at []int) (*mat.Dense, []int) {
	if len(at) == 0 {
		return nil, nil
	}
	_, d := x.Dims()
	out, l := mat.NewDense(len(at), d, nil), make([]int, len(at))
	for t, i := range at {
		out.SetRow(t, x.RawRowView(i))
		if labels != nil {
			l[t] = labels[i]
		}
	}
	return out, l
}

// classify trains on (x, labels) and returns the predicted labels of t.
func (m GANTrain) classify(ctx context.Context, x *mat.Dense, labels []int, t *mat.Dense, classes int) ([]int, error) {
	out := make([]int, rows(t))
	if m.Classifier == "1nn" {
		other := t
		if other == x {
			other = mat.DenseCopyOf(t)
		}
		nb, err := engine().KNN(ctx, other, x, 1)
		if err != nil {
			return nil, err
		}
		for i, j := range nb.Index {
			out[i] = labels[j]
		}
		return out, nil
	}
	mean, scale := standardiser(x)
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

func standardiser(x *mat.Dense) (mean, scale []float64) {
	n, d := x.Dims()
	mean, scale = make([]float64, d), make([]float64, d)
	for i := range n {
		for l, v := range x.RawRowView(i) {
			mean[l] += v / float64(n)
		}
	}
	for i := range n {
		for l, v := range x.RawRowView(i) {
			scale[l] += (v - mean[l]) * (v - mean[l]) / float64(n)
		}
	}
	for l, v := range scale {
		scale[l] = 1
		if v > 0 {
			scale[l] = math.Sqrt(v)
		}
	}
	return mean, scale
}

// standardise appends a constant column for the bias.
func standardise(x *mat.Dense, mean, scale []float64) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		dst := out.RawRowView(i)
		for l, v := range x.RawRowView(i) {
			dst[l] = (v - mean[l]) / scale[l]
		}
		dst[d] = 1
	}
	return out
}

// logistic fits multinomial logistic regression by Nesterov's accelerated gradient from 0. The step is the inverse of an upper bound of the
// curvature, half the largest eigenvalue of z^T z / n, estimated by power iteration.
func logistic(ctx context.Context, z *mat.Dense, labels []int, classes, steps int, ridge float64) (*mat.Dense, error) {
	n, d := z.Dims()
	rate := 1 / (0.5*topEigen(z)*1.1 + ridge)
	beta, ahead, before := mat.NewDense(d, classes, nil), mat.NewDense(d, classes, nil), mat.NewDense(d, classes, nil)
	var s, g mat.Dense
	for t := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.Mul(z, ahead)
		for i := range n {
			row := s.RawRowView(i)
			lse := logSumExp(row)
			for j := range row {
				row[j] = math.Exp(row[j]-lse) / float64(n)
			}
			row[labels[i]] -= 1 / float64(n)
		}
		g.Mul(z.T(), &s)
		before.Copy(beta)
		momentum := float64(t) / float64(t+3)
		for k, b := range beta.RawMatrix().Data {
			a := ahead.RawMatrix().Data[k]
			beta.RawMatrix().Data[k] = a - rate*(g.RawMatrix().Data[k]+ridge*a)
			ahead.RawMatrix().Data[k] = beta.RawMatrix().Data[k] + momentum*(beta.RawMatrix().Data[k]-b)
		}
	}
	return beta, nil
}

// topEigen estimates the largest eigenvalue of z^T z / n by 30 power steps from a fixed start.
func topEigen(z *mat.Dense) float64 {
	n, d := z.Dims()
	v := mat.NewVecDense(d, nil)
	for l := range d {
		v.SetVec(l, 1+float64(l%7)/7)
	}
	var u, w mat.VecDense
	top := 1.0
	for range 30 {
		v.ScaleVec(1/mat.Norm(v, 2), v)
		u.MulVec(z, v)
		w.MulVec(z.T(), &u)
		top = mat.Norm(&w, 2) / float64(n)
		v.CopyVec(&w)
	}
	return top
}
