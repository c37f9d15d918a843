package metrictest

import (
	"math"
	"reflect"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// Sizes of the fixture: all different, so that a mix-up of counts shows.
const (
	nReal, nFake, nTrain = 140, 120, 130
	width, classes       = 4, 3
	spread               = 0.8 // of a class around its centre; centres are 2.8 apart, so that classes overlap a little
)

// Fixture is a pair that holds every input: features of overlapping but different distributions in three classes, probabilities, images, likelihood
// terms and latent segments.
func Fixture(seed uint64) metrics.Pair {
	p := metrics.Pair{Seed: 7, Sigma: spread, Modes: mat.NewDense(classes, width, nil)}
	for c := range classes {
		p.Modes.Set(c, c, 2)
	}
	p.Real, p.RealLabels = points(seed, "real", nReal, 1, 0)
	p.Fake, p.FakeLabels = points(seed, "fake", nFake, 1.2, 0.2)
	for i := range 3 { // a few repeats, so that rates of duplicates are not 0 on both sides
		p.Fake.SetRow(classes*(i+5)+i, p.Fake.RawRowView(i))
	}
	p.Train, _ = points(seed, "train", nTrain, 1, 0)
	p.RealProbs = probs(seed, "real", p.RealLabels)
	p.FakeProbs = probs(seed, "fake", p.FakeLabels)
	p.RealImages = images(seed, "real", nReal)
	p.FakeImages = images(seed, "fake", nFake)
	p.Target, p.Recon = images(seed, "target", 16), images(seed, "recon", 16)
	p.Perceptual = []float64{.2, .05, .4, .1}
	p.Answers = answers(p.Recon)
	p.RealSentences, p.FakeSentences = sentences(seed, "real", nReal), sentences(seed, "fake", nFake)
	p.Terms = terms(seed, 18, 5)
	p.Likelihood = &metrics.LogLikelihood{Nats: []float64{-3, -2.5, -7, -4}, Exact: true, Sites: 4}
	p.Distances = &metrics.Distances{Fake: []float64{0.1, 0.7, 0.4, 3, 0.2}, Inverted: []float64{0.3, 2, 0.5, 0.6}}
	p.Path = path(seed)
	return p
}

func points(seed uint64, role string, n int, scale, shift float64) (*mat.Dense, []int) {
	s := rng.Stream(seed, "metrictest", role)
	x, labels := mat.NewDense(n, width, nil), make([]int, n)
	for i := range n {
		labels[i] = i % classes
		for j := range width {
			v := spread*scale*s.Normal() + shift
			if j == labels[i] {
				v += 2
			}
			x.Set(i, j, v)
		}
	}
	return x, labels
}

func probs(seed uint64, role string, labels []int) *mat.Dense {
	s := rng.Stream(seed, "metrictest", "probs", role)
	p := mat.NewDense(len(labels), classes, nil)
	for i, l := range labels {
		row := p.RawRowView(i)
		sum := 0.0
		for j := range row {
			row[j] = math.Exp(s.Normal())
			if j == l {
				row[j] *= 8
			}
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
		}
	}
	return p
}

func images(seed uint64, role string, n int) *metrics.Images {
	const side = 16
	s := rng.Stream(seed, "metrictest", "images", role)
	m := &metrics.Images{N: n, H: side, W: side, C: 1, Lo: -1, Hi: 1, Pix: make([]float32, n*side*side)}
	s.FillUniform(m.Pix, -1, 1)
	return m
}

// answers are two for each output, the first of which it is for every other one.
func answers(outputs *metrics.Images) *metrics.Answers {
	a := &metrics.Answers{N: outputs.N, K: 2, Dim: len(outputs.Pix) / outputs.N}
	for i := range a.N {
		a.Within = append(a.Within, 0.1)
		for k := range a.K {
			for _, v := range outputs.At(i) {
				a.Right = append(a.Right, v+float32(k)+float32(i%2))
			}
		}
	}
	return a
}

// sentences are rows of three to seven of nine tokens.
func sentences(seed uint64, role string, n int) metrics.Sentences {
	s := rng.Stream(seed, "metrictest", "sentences", role)
	all := make(metrics.Sentences, n)
	for i := range all {
		for range 3 + s.IntN(5) {
			all[i] = append(all[i], s.IntN(9))
		}
	}
	return all
}

func terms(seed uint64, n, k int) *metrics.LogTerms {
	s := rng.Stream(seed, "metrictest", "terms")
	t := &metrics.LogTerms{PX: mat.NewDense(n, k, nil), PZ: mat.NewDense(n, k, nil), QZ: mat.NewDense(n, k, nil), Dim: 10}
	for i := range n {
		for j := range k {
			t.PX.Set(i, j, -20+s.Normal())
			t.PZ.Set(i, j, -3+s.Normal())
			t.QZ.Set(i, j, -1+s.Normal())
		}
	}
	return t
}

func path(seed uint64) *metrics.LatentPath {
	const segments, steps = 12, 5
	a, _ := points(seed, "path", segments*2, 1, 0)
	b := mat.DenseCopyOf(a)
	s := rng.Stream(seed, "metrictest", "path")
	for i := range segments * 2 {
		for j := range width {
			b.Set(i, j, b.At(i, j)+1e-3*s.Normal())
		}
	}
	x, _ := points(seed, "segments", segments*steps, 1, 0)
	return &metrics.LatentPath{A: a, B: b, Eps: 1e-3, Points: x, Steps: steps}
}

// Tied is the fixture with features rounded to whole numbers: rows repeat, and distances are equal by the dozen.
func Tied(seed uint64) metrics.Pair {
	p := Fixture(seed)
	for _, m := range []*mat.Dense{p.Real, p.Fake, p.Train} {
		m.Apply(func(_, _ int, v float64) float64 { return math.Round(v) }, m)
	}
	return p
}

// Clone is a deep copy.
func Clone(p metrics.Pair) metrics.Pair {
	return deepCopy(reflect.ValueOf(p)).Interface().(metrics.Pair)
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		switch m := v.Interface().(type) {
		case *mat.Dense:
			return reflect.ValueOf(mat.DenseCopyOf(m))
		case *mat.SymDense:
			c := mat.NewSymDense(m.SymmetricDim(), nil)
			c.CopySym(m)
			return reflect.ValueOf(c)
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(deepCopy(v.Elem()))
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			c.Field(i).Set(deepCopy(v.Field(i)))
		}
		return c
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		return c
	default: // a value is its own copy
		return v
	}
}

// Permuted is p with the rows of every side in another order, labels and probabilities along.
func Permuted(p metrics.Pair, seed uint64) metrics.Pair {
	order := func(role string, n int) []int { return rng.Stream(seed, "metrictest", "permute", role).Perm(n) }
	return Clone(p).Take(order("real", nReal), order("fake", nFake), order("train", nTrain))
}

// Exchanged is p with real and fake in each other's place.
func Exchanged(p metrics.Pair) metrics.Pair {
	q := p
	q.Real, q.Fake = p.Fake, p.Real
	q.RealProbs, q.FakeProbs = p.FakeProbs, p.RealProbs
	q.RealLabels, q.FakeLabels = p.FakeLabels, p.RealLabels
	q.RealStats, q.FakeStats = p.FakeStats, p.RealStats
	q.RealImages, q.FakeImages = p.FakeImages, p.RealImages
	q.RealSentences, q.FakeSentences = p.FakeSentences, p.RealSentences
	return q
}
