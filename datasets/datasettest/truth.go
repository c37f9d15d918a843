package datasettest

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
)

// limit is how many standard errors a mean may be off: by chance alone once in 15 million trials.
const limit = 5.3

// truth: labelled samples of a mixture spread over its modes as they should, lie around them as they should, and have the mean log-density that its
// entropy says.
func (c *checker) truth(name string, m *datasets.Mixture, s *datasets.Samples) {
	if m == nil || s.Len() < 100 {
		return
	}
	n, d := float64(s.Len()), float64(s.Dim())
	counts := make([]float64, len(m.Modes))
	var square, logs, logs2 float64
	for i := range s.Len() {
		x, mode := s.Row(i), m.Modes[s.Label(i)]
		counts[s.Label(i)]++
		for j, v := range x {
			square += math.Pow((float64(v)-mode[j])/m.Sigma, 2)
		}
		l := m.LogDensity(x)
		logs += l
		logs2 += l * l
	}
	// Sum of n*d squared standard normals: mean n*d, variance 2*n*d.
	if z := (square - n*d) / math.Sqrt(2*n*d); math.Abs(z) > limit {
		c.breach("%s: the mean squared distance to the modes is %.4g sigma^2 a coordinate, off by %.1f standard errors", name, square/n/d, z)
	}
	var chi float64
	k := float64(len(counts))
	for _, v := range counts {
		chi += (v - n/k) * (v - n/k) / (n / k)
	}
	if z := (chi - (k - 1)) / math.Sqrt(2*max(k-1, 1)); z > 2*limit { // the tail of chi-square is longer than a normal one
		c.breach("%s: counts per mode %v: chi-square %.4g for %g modes", name, counts, chi, k)
	}
	h, err := m.Entropy()
	mean := logs / n
	se := math.Sqrt(max(0, logs2/n-mean*mean) / n)
	if math.IsNaN(h) || math.Abs(mean+h) > limit*se+limit*err+1e-6 {
		c.breach("%s: the mean log-density is %.6g, the entropy %.6g says %.6g (standard error %.2g)", name, mean, h, -h, se)
	}
}

// target: the second domain comes from other draws, and its map does what it says.
func (c *checker) target(s *datasets.Set) {
	t := s.Target
	if (t != nil) != s.Info.Target {
		c.breach("target domain: %t, described as %t", t != nil, s.Info.Target)
	}
	if t == nil {
		return
	}
	if t.Paired != s.Info.Paired {
		c.breach("paired: %t, described as %t", t.Paired, s.Info.Paired)
	}
	if t.Paired {
		c.pairs(s)
		return
	}
	if t.Correspond == nil {
		c.breach("a target domain without Correspond")
		return
	}
	c.truth("target samples", t.Truth, t.Test)
	made := map[string]bool{}
	image := &datasets.Samples{Shape: s.Train.Shape, Labels: s.Train.Labels}
	for i := range s.Train.Len() {
		x := slices.Clone(s.Train.Row(i))
		y := t.Correspond(x)
		if !slices.Equal(x, s.Train.Row(i)) {
			c.breach("Correspond changes its input")
			return
		}
		if len(y) != len(x) {
			c.breach("Correspond gives %d values for %d", len(y), len(x))
			return
		}
		made[fmt.Sprint(y)] = true
		image.Data = append(image.Data, y...)
		if t.Inverse == nil {
			continue
		}
		for j, v := range t.Inverse(y) {
			if math.Abs(float64(v-x[j])) > 1e-6*(1+math.Abs(float64(x[j]))+math.Abs(float64(y[j]))) {
				c.breach("Inverse of Correspond gives %v for %v", v, x[j])
				return
			}
		}
	}
	c.split(s.Info, "image of train", image)
	c.truth("image of train", t.Truth, image)
	for i := range t.Train.Len() {
		if made[fmt.Sprint(t.Train.Row(i))] {
			c.breach("sample %d of the target domain is the image of a training sample: the domains are paired", i)
			return
		}
	}
}

// partners is the share of pairs that must be right answers: noise may put a few beyond the limit.
const partners = 0.99

// pairs: every split has as many samples on both sides, and the partner of a test sample is one of the right answers, each of them about as often as the others.
func (c *checker) pairs(s *datasets.Set) {
	t := s.Target
	for _, p := range [][2]*datasets.Samples{{s.Train, t.Train}, {s.Test, t.Test}, {s.Hold, t.Hold}} {
		if p[0].Len() != p[1].Len() || !slices.Equal(p[0].Labels, p[1].Labels) {
			c.breach("%d samples have %d partners, or partners of other labels", p[0].Len(), p[1].Len())
		}
	}
	if t.Answers == nil {
		c.breach("a paired domain without Answers")
		return
	}
	right := 0
	counts := make([]float64, len(t.Answers(0).Right))
	for i := range t.Test.Len() {
		a := t.Answers(i)
		if len(a.Right) != len(counts) || len(a.Right) < 2 || !(a.Within > 0) {
			c.breach("sample %d has %d answers within %v: want the same number for all, at least 2, and a limit above 0", i, len(a.Right), a.Within)
			return
		}
		k, d := nearestAnswer(t.Test.Row(i), a)
		if d <= a.Within {
			right++
			counts[k]++
		}
	}
	if share := float64(right) / float64(t.Test.Len()); share < partners {
		c.breach("only %.4g of the partners are right answers", share)
	}
	fair := float64(right) / float64(len(counts))
	for k, v := range counts {
		if math.Abs(v-fair) > limit*math.Sqrt(fair) {
			c.breach("answer %d is the partner of %g samples, a fair share is %g", k, v, fair)
		}
	}
}

func nearestAnswer(y []float32, a datasets.Answers) (at int, rms float64) {
	rms = math.Inf(1)
	for k, r := range a.Right {
		sum := 0.0
		for j, v := range r {
			sum += float64(v-y[j]) * float64(v-y[j])
		}
		if d := math.Sqrt(sum / float64(len(r))); d < rms {
			at, rms = k, d
		}
	}
	return at, rms
}

// domains: the labels name domains that Move goes between and back, and what arrives looks like samples of the set.
func (c *checker) domains(s *datasets.Set) {
	if (s.Move != nil) != s.Info.Domains {
		c.breach("Move: %t, described as %t", s.Move != nil, s.Info.Domains)
	}
	if s.Move == nil {
		return
	}
	k := len(s.Info.Classes)
	moved := &datasets.Samples{Shape: s.Test.Shape, Labels: s.Test.Labels}
	for i := range s.Test.Len() {
		x, from := slices.Clone(s.Test.Row(i)), s.Test.Label(i)
		if !slices.Equal(s.Move(x, from, from), x) {
			c.breach("Move to the same domain changes a sample")
			return
		}
		y := s.Move(x, from, (from+1)%k)
		if !slices.Equal(x, s.Test.Row(i)) || slices.Equal(x, y) {
			c.breach("Move changes its input, or nothing")
			return
		}
		for j, v := range s.Move(y, (from+1)%k, from) {
			if math.Abs(float64(v-x[j])) > 1e-6*(1+math.Abs(float64(x[j]))+math.Abs(float64(y[j]))) {
				c.breach("Move there and back gives %v for %v", v, x[j])
				return
			}
		}
		moved.Data = append(moved.Data, y...)
	}
	c.split(s.Info, "moved test", moved)
}
