package datasettest

import (
	"math"

	"github.com/assay-gan/assay/datasets"
)

// The grid on which the law of a set of points is held against its samples: cells along each axis, and points of the density along each axis of a cell.
const (
	lawCells = 16
	lawFine  = 8
)

// law: as many samples lie in every cell of a grid over them as the density says, and the density over the grid adds up to 1. Only for points of the plane whose law is
// wider than the cells' fine grid can see; a mixture is held to its modes and its entropy as well.
func (c *checker) law(l datasets.Law, s *datasets.Samples) {
	if l == nil || s.IsImage() || s.Dim() != 2 || s.Len() < 1000 {
		return
	}
	if v := l.LogDensity(make([]float32, 3)); l.Dim() != 2 || !math.IsNaN(v) {
		c.breach("the law has dimension %d and says %v of a point of three: want 2 and NaN", l.Dim(), v)
	}
	if _, modes := l.(*datasets.Mixture); modes {
		return
	}
	lo, step := lawBox(s)
	counts := make([]float64, lawCells*lawCells)
	for i := range s.Len() {
		x := s.Row(i)
		if p := l.LogDensity(x); math.IsNaN(p) || math.IsInf(p, 0) {
			c.breach("sample %d has log-density %v", i, p)
			return
		}
		counts[lawCells*int((float64(x[0])-lo[0])/step[0])+int((float64(x[1])-lo[1])/step[1])]++
	}
	c.counts(l, counts, float64(s.Len()), lo, step)
}

// counts compares the cells' counts with the density: Pearson's chi-square, with cells that expect fewer than 5 taken together.
func (c *checker) counts(l datasets.Law, counts []float64, n float64, lo, step [2]float64) {
	var mass, chi, freedom, rareCount, rareMass float64
	for k, have := range counts {
		p := cellMass(l, [2]float64{lo[0] + step[0]*float64(k/lawCells), lo[1] + step[1]*float64(k%lawCells)}, step)
		mass += p
		if want := n * p; want >= 5 {
			chi += (have - want) * (have - want) / want
			freedom++
		} else {
			rareCount, rareMass = rareCount+have, rareMass+p
		}
	}
	if want := n * rareMass; want >= 5 {
		chi += (rareCount - want) * (rareCount - want) / want
		freedom++
	}
	if math.Abs(mass-1) > 0.01 {
		c.breach("the density adds up to %.4g over the samples' range, want 1", mass)
	}
	if z := (chi - freedom) / math.Sqrt(2*freedom); z > 2*limit { // the tail of chi-square is longer than a normal one
		c.breach("samples and density disagree: chi-square %.4g over %g cells", chi, freedom)
	}
}

// lawBox is the samples' range, a tenth wider on each side, as its lower corner and the sides of a cell.
func lawBox(s *datasets.Samples) (lo, step [2]float64) {
	hi := [2]float64{math.Inf(-1), math.Inf(-1)}
	lo = [2]float64{math.Inf(1), math.Inf(1)}
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			lo[j], hi[j] = math.Min(lo[j], float64(v)), math.Max(hi[j], float64(v))
		}
	}
	for j := range lo {
		wide := hi[j] - lo[j]
		lo[j] -= 0.1 * wide
		step[j] = 1.2 * wide / lawCells
	}
	return lo, step
}

// cellMass is the density over one cell, by the mean over points that no line along an axis holds two of: the edges of a density that jumps are met as finely as there are points.
func cellMass(l datasets.Law, at, step [2]float64) float64 {
	// The additive recurrence of the plastic number, whose first two powers are the best steps in two dimensions.
	const a, b = 0.7548776662466927, 0.5698402909980532
	sum := 0.0
	for k := range lawFine * lawFine {
		_, u := math.Modf(0.5 + a*float64(k))
		_, v := math.Modf(0.5 + b*float64(k))
		sum += math.Exp(l.LogDensity([]float32{float32(at[0] + step[0]*u), float32(at[1] + step[1]*v)}))
	}
	return sum * step[0] * step[1] / (lawFine * lawFine)
}

// valid: where the set says which samples could belong to it, all of its own can.
func (c *checker) valid(s *datasets.Set) {
	if s.Valid == nil {
		return
	}
	for _, p := range splits(s)[:3] {
		for i := range p.s.Len() {
			if !s.Valid(p.s.Row(i)) {
				c.breach("sample %d of %s could not belong to the set, says Valid", i, p.name)
				return
			}
		}
	}
}
