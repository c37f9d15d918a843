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
