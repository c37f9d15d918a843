package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/assay-gan/assay/internal/kernel"
)

// plane is one channel of one image in float64, its values from 0 to L, on which the luminance term of SSIM is defined.
type plane struct {
	h, w int
	v    []float64
}

func planeOf(m *Images, values []float32, c int) plane {
	p := plane{m.H, m.W, make([]float64, m.H*m.W)}
	for k, px := range values {
		if k%m.C == c {
			p.v[k/m.C] = float64(px) - m.Lo
		}
	}
	return p
}

// half averages blocks of 2 x 2; an odd last row or column is dropped.
func (p plane) half() plane {
	q := plane{p.h / 2, p.w / 2, make([]float64, (p.h/2)*(p.w/2))}
	for y := range q.h {
		for x := range q.w {
			at := 2*y*p.w + 2*x
			q.v[y*q.w+x] = (p.v[at] + p.v[at+1] + p.v[at+p.w] + p.v[at+p.w+1]) / 4
		}
	}
	return q
}

// filter is the valid part of a separable filter.
func (p plane) filter(g []float64) plane {
	w := p.w - len(g) + 1
	mid := plane{p.h, w, make([]float64, p.h*w)}
	for y := range p.h {
		for x := range w {
			s := 0.0
			for t, c := range g {
				s += c * p.v[y*p.w+x+t]
			}
			mid.v[y*w+x] = s
		}
	}
	h := p.h - len(g) + 1
	out := plane{h, w, make([]float64, h*w)}
	for y := range h {
		for x := range w {
			s := 0.0
			for t, c := range g {
				s += c * mid.v[(y+t)*w+x]
			}
			out.v[y*w+x] = s
		}
	}
	return out
}

func product(a, b plane) plane {
	out := plane{a.h, a.w, make([]float64, len(a.v))}
	for i := range a.v {
		out.v[i] = a.v[i] * b.v[i]
	}
	return out
}

// window is the Gaussian of standard deviation 1.5 on 11 points, shrunk in proportion where the image is smaller.
func window(size int) []float64 {
	sigma := 1.5 * float64(size) / 11
	g, sum := make([]float64, size), 0.0
	for i := range g {
		x := float64(i) - float64(size-1)/2
		g[i] = math.Exp(-x * x / (2 * sigma * sigma))
		sum += g[i]
	}
	for i := range g {
		g[i] /= sum
	}
	return g
}

// similarity returns the mean structural similarity of two planes and the mean of its contrast-structure factor [wang2004], with C1 = (.01 L)^2 and
// C2 = (.03 L)^2 for a range L.
func similarity(a, b plane, span float64) (ssim, cs float64) {
	g := window(min(11, a.h, a.w))
	c1, c2 := .01*.01*span*span, .03*.03*span*span
	ma, mb := a.filter(g), b.filter(g)
	aa, bb, ab := product(a, a).filter(g), product(b, b).filter(g), product(a, b).filter(g)
	n := float64(len(ma.v))
	for i := range ma.v {
		va, vb, cov := aa.v[i]-ma.v[i]*ma.v[i], bb.v[i]-mb.v[i]*mb.v[i], ab.v[i]-ma.v[i]*mb.v[i]
		c := (2*cov + c2) / (va + vb + c2)
		cs += c / n
		ssim += c * (2*ma.v[i]*mb.v[i] + c1) / (ma.v[i]*ma.v[i] + mb.v[i]*mb.v[i] + c1) / n
	}
	return ssim, cs
}

// msWeights are the exponents of the five scales [wang2003].
var msWeights = [5]float64{.0448, .2856, .3001, .2363, .1333}

// multiscale is the product of contrast-structure over the scales, each at half the size of the one before, with the full similarity at the last
// [wang2003]. A negative factor, which has no power, counts as 0.
func multiscale(a, b plane, span float64, scales int) float64 {
	total := 1.0 // the published five add up to 1.0001 and are used as they are
	if scales < len(msWeights) {
		total = floats.Sum(msWeights[:scales])
	}
	out := 1.0
	for s := range scales {
		ssim, cs := similarity(a, b, span)
		f := cs
		if s == scales-1 {
			f = ssim
		}
		out *= math.Pow(max(0, f), msWeights[s]/total)
		if s < scales-1 {
			a, b = a.half(), b.half()
		}
	}
	return out
}

// scalesFor is how often an image can be halved before it is smaller than 4 pixels, 5 scales at most.
func scalesFor(h, w int) int {
	s := 1
	for side := min(h, w); s < 5 && side/2 >= 4; side /= 2 {
		s++
	}
	return s
}

// pairSSIM averages a similarity over the channels of image i of a and j of b.
func pairSSIM(a *Images, i int, b *Images, j int, multi bool) float64 {
	s := 0.0
	x, y := a.At(i), b.At(j)
	for c := range a.C {
		p, q := planeOf(a, x, c), planeOf(b, y, c)
		if multi {
			s += multiscale(p, q, a.Hi-a.Lo, scalesFor(a.H, a.W))
		} else {
			v, _ := similarity(p, q, a.Hi-a.Lo)
			s += v
		}
	}
	return min(1, s/float64(a.C)) // rounding may leave equal images above 1
}

// SSIM returns the mean structural similarity of reconstructions [wang2004]: 11 x 11 Gaussian window of deviation 1.5 without padding, constants .01 and
// .03 of the range, on values less Lo (the luminance term is of values from 0 to L), averaged over windows, channels and samples. At most 1. Images smaller than the window shrink it. The interval is over samples.
type SSIM struct{}

var _ Metric = SSIM{}

// With refuses every name: there are no options.
func (m SSIM) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m SSIM) Info() Info {
	return Info{ID: "ssim", Domain: pixels(0), Title: "structural similarity", Values: []string{"ssim"}, Better: Higher, Ideal: 1, Lo: -1, Hi: 1, Needs: []Need{NeedTarget},
		Paper: "wang2004"}
}

// Compute implements Metric.
func (m SSIM) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	scores := make([]float64, p.Target.N)
	kernel.Par(len(scores), func(i int) {
		if ctx.Err() == nil {
			scores[i] = pairSSIM(p.Target, i, p.Recon, i, false)
		}
	})
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	mean, se := meanSE(scores)
	r := newResult(nil, value("ssim", mean, Higher).within(around(mean, se, -1, 1, "normal")))
	r.convention("range", "%g", p.Target.Hi-p.Target.Lo)
	r.convention("window", "%d", min(11, p.Target.H, p.Target.W))
	return r, nil
}
