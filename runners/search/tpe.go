package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// TPE is the tree of Parzen estimators [bergstra2011]: after Startup random draws, each axis has a density l of the better draws and a density g of the others, and
// of Candidates points drawn from l the one with the greatest l/g is taken. Axes are drawn one by one. The better draws are a tenth of all, at least one, at
// most 25.
//
// Draws of one batch are drawn from the same densities, each from its own stream, so that they can be run at the same time and still are a function of the study. It is
// our own and not a library's: those hand out points one at a time in the order in which workers ask.
type TPE struct {
	Startup    int // random draws before the first batch
	Size       int // draws a batch
	Candidates int
}

var _ Sampler = TPE{}

// DefaultTPE has ten random draws to begin with, batches of ten, and 4 candidates: the paper's 24 are for draws that know of each other, and would put a whole batch in
// one place.
func DefaultTPE() TPE { return TPE{Startup: 10, Size: 10, Candidates: 4} }

// Name is tpe with its constants.
func (t TPE) Name() string { return fmt.Sprintf("tpe(%d,%d,%d)", t.Startup, t.Size, t.Candidates) }

// Batch is what is left of the startup, or of the batch of Size that draw i lies in.
func (t TPE) Batch(i int) int {
	if i < t.Startup {
		return t.Startup - i
	}
	return t.Size - (i-t.Startup)%t.Size
}

// Most is 0.
func (TPE) Most(Space) int { return 0 }

// Point draws one of the batch.
func (t TPE) Point(s Space, stream Stream, i int, told []Trial) []float64 {
	if i < t.Startup || len(told) < 2 {
		return Random{}.Point(s, stream, i, nil)
	}
	told = slices.Clone(told)
	slices.SortStableFunc(told, func(a, b Trial) int { return cmp.Compare(a.Value, b.Value) })
	good := min(25, max(1, (len(told)+9)/10))
	src := stream("draw", strconv.Itoa(i))
	p := make([]float64, len(s))
	for k, a := range s {
		l, g := estimate(a, told[:good], k), estimate(a, told[good:], k)
		best := math.Inf(-1)
		for range t.Candidates {
			u := l.draw(src)
			if score := math.Log(l.at(u)) - math.Log(g.at(u)); score > best {
				best, p[k] = score, u
			}
		}
	}
	return p
}

// density is one of [0, 1): a mixture of equal parts, the uniform one and one for each draw.
type density interface {
	at(u float64) float64
	draw(src *rng.Source) float64
}

func estimate(a Axis, of []Trial, k int) density {
	var u []float64
	for _, t := range of {
		u = append(u, t.Point[k])
	}
	if cells := discrete(a); cells > 0 {
		return newHistogram(cells, u)
	}
	return newParzen(u)
}

// discrete is how many values an axis has, 0 where it is not to be counted.
func discrete(a Axis) int {
	switch {
	case a.Kind == Choice:
		return len(a.Values)
	case a.Kind == Integer && a.Hi-a.Lo < 64:
		return int(a.Hi-a.Lo) + 1
	}
	return 0
}

// histogram has equal bins, each with one count to begin with.
type histogram struct {
	share []float64
}

func newHistogram(bins int, u []float64) histogram {
	h := histogram{make([]float64, bins)}
	for i := range h.share {
		h.share[i] = 1 / float64(bins+len(u))
	}
	for _, v := range u {
		h.share[index(v, bins)] += 1 / float64(bins+len(u))
	}
	return h
}

func (h histogram) at(u float64) float64 {
	return h.share[index(u, len(h.share))] * float64(len(h.share))
}

func (h histogram) draw(src *rng.Source) float64 {
	v, at := src.Float64(), 0
	for at < len(h.share)-1 && v >= h.share[at] {
		v -= h.share[at]
		at++
	}
	return (float64(at) + 0.5) / float64(len(h.share))
}

// parzen is a mixture of the uniform density and of normal ones cut to [0, 1), all of one width.
type parzen struct{ mean, sd, mass []float64 }

func newParzen(u []float64) parzen {
	p := parzen{mean: slices.Clone(u)}
	slices.Sort(p.mean)
	sd := bandwidth(u)
	for _, m := range p.mean {
		p.sd = append(p.sd, sd)
		p.mass = append(p.mass, phi((1-m)/sd)-phi(-m/sd))
	}
	return p
}

// bandwidth is 1.06 s n^(-1/5) of the draws' standard deviation s, which is the best one for a normal density; never so narrow that a few draws at one place would be
// all there is.
func bandwidth(u []float64) float64 {
	n, mean, square := float64(len(u)), 0.0, 0.0
	for _, v := range u {
		mean += v / n
	}
	for _, v := range u {
		square += (v - mean) * (v - mean)
	}
	sd := 0.0
	if n > 1 {
		sd = math.Sqrt(square / (n - 1))
	}
	return min(1, max(1.06*sd*math.Pow(n, -0.2), 0.5/(n+1), 0.02))
}

func phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func (p parzen) at(u float64) float64 {
	sum := 1.0 // the uniform part
	for i, m := range p.mean {
		z := (u - m) / p.sd[i]
		sum += math.Exp(-z*z/2) / (p.sd[i] * math.Sqrt(2*math.Pi) * p.mass[i])
	}
	return sum / float64(len(p.mean)+1)
}

func (p parzen) draw(src *rng.Source) float64 {
	at := src.IntN(len(p.mean) + 1)
	if at == len(p.mean) {
		return src.Float64()
	}
	for { // the mass inside is at least 0.34: sd is at most 1 and the mean inside
		if u := p.mean[at] + p.sd[at]*src.Normal(); u >= 0 && u < 1 {
			return u
		}
	}
}
