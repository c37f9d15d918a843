package metrics

import (
	"context"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// FWD is the Frechet wavelet distance [veeramacheneni2025], a distance of images that needs no network: pixels from 0 to 1 go through a Haar wavelet packet transform of
// Level levels, which makes 4^Level packets of (H/2^Level)(W/2^Level) C coefficients, each a band of frequencies, and
//
//	fwd = mean over packets of the Frechet distance of their coefficients, covariances with ddof 1
//
// It sees blur, noise, checkerboards and wrong colours, and knows nothing of objects. Log takes log(|c| + 1e-6) of the coefficients. Level 0 is 4, as in the authors' code,
// or as many halvings as height and width allow. Needs images of one size on both sides whose height and width 2^Level divides. Range [0, inf), biased upwards, more so with
// no more images than coefficients in a packet, where the distance here stays exact and the authors' code adds 1e-6 to variances. No interval: read it beside a
// real-versus-real row of the same size. Equals the authors' code (PyTorch-FWD) where the covariances are regular.
type FWD struct {
	Level int
	Log   bool
}

var _ Metric = FWD{}

func (m *FWD) settings() settings {
	return settings{
		intSetting("level", &m.Level, 0, 0, "levels of the transform; 0: 4, or what the size of the images allows"),
		boolSetting("log", &m.Log, "take logarithms of the coefficients"),
	}
}

// With returns a copy with one option changed.
func (m FWD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FWD) Info() Info {
	return Info{ID: "fwd", Domain: pixels(0), Title: "Frechet wavelet distance of images", Values: []string{"fwd"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedImages, NeedRealImages}, Symmetric: true, Paper: "veeramacheneni2025", Options: m.settings().options()}
}

// Compute implements Metric.
func (m FWD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	a, b := p.RealImages, p.FakeImages
	if a.H != b.H || a.W != b.W || a.C != b.C {
		return Result{}, fault.Of(ErrShape, "fwd: real images are %d x %d x %d, fake ones %d x %d x %d: bring both to one size", a.H, a.W, a.C, b.H, b.W, b.C)
	}
	level, err := m.level(a)
	if err != nil {
		return Result{}, err
	}
	t := packets{level: level, log: m.Log}
	sum, n := 0.0, 1<<(2*level)
	equal := true
	for lo := 0; lo < n; {
		hi := min(n, lo+t.atOnce(a, b))
		real, fake := t.of(a, lo, hi), t.of(b, lo, hi)
		for k := range real {
			if err := ctx.Err(); err != nil {
				return Result{}, err
			}
			f, err := numeric.FrechetFeatures(real[k], fake[k], 1, numeric.RouteAuto)
			if err != nil {
				return Result{}, fault.Of(ErrValue, "fwd: %w", err)
			}
			sum += max(0, f.Value) / float64(n)
			equal = equal && f.Route == numeric.RouteIdentical
		}
		lo = hi
	}
	r := newResult(m.settings(), value("fwd", sum, Lower).withinOr(nil, "a mean of %d distances whose bias is not worked out: read it beside a real-versus-real row of the same size", n))
	r.convention("level", "%d", level)
	width := a.H * a.W * a.C / n
	if equal {
		r.degenerate("real and fake are the same images: 0 by definition; compare with another sample of the real data")
	} else if least := min(a.N, b.N); least <= width {
		r.warn("%d images for %d coefficients a packet: covariances are singular and the distance mostly bias; draw at least %d", least, width, 10*width)
	}
	if a.N != b.N {
		r.note("%d real and %d fake images: compare only with values at the same two counts", a.N, b.N)
	}
	return r, nil
}

// level is the number of levels that the images allow.
func (m FWD) level(a *Images) (int, error) {
	most := bits.TrailingZeros(uint(a.H) | uint(a.W))
	if m.Level > most || most == 0 {
		return 0, fault.Of(ErrShape, "fwd: images of %d x %d can be halved %d times: crop or resize them to a multiple of 16, or set fwd.level lower", a.H, a.W, most)
	}
	if m.Level > 0 {
		return m.Level, nil
	}
	return min(4, most), nil
}

// packets is the transform.
type packets struct {
	level int
	log   bool
}

// atOnce is how many packets are held at a time: half a gigabyte of coefficients.
func (t packets) atOnce(a, b *Images) int {
	const most = 1 << 26 // numbers
	each := float64(a.N+b.N) * float64(a.H*a.W*a.C) / float64(int(1)<<(2*t.level))
	return max(1, int(min(most/each, 1<<16)))
}

// of is the coefficients of packets lo to hi-1, images x coefficients each. A Haar packet of L levels is a Walsh function on blocks of 2^L x 2^L pixels, so that all of them
// are one fast Hadamard transform of each block; signs and order of packets differ from a cascade of filters, which moves no distance.
func (t packets) of(m *Images, lo, hi int) []*mat.Dense {
	side := 1 << t.level
	bh, bw := m.H/side, m.W/side
	out := make([]*mat.Dense, hi-lo)
	for k := range out {
		out[k] = mat.NewDense(m.N, bh*bw*m.C, nil)
	}
	scale := 1 / ((m.Hi - m.Lo) * float64(side))
	kernel.Par(m.N, func(i int) {
		pix, block := m.At(i), make([]float64, side*side)
		for c := range m.C {
			for at := range bh * bw {
				y0, x0 := at/bw*side, at%bw*side
				for k := range block {
					block[k] = (float64(pix[((y0+k/side)*m.W+x0+k%side)*m.C+c]) - m.Lo) * scale
				}
				hadamard(block)
				for k := range out {
					v := block[lo+k]
					if t.log {
						v = math.Log(math.Abs(v) + 1e-6)
					}
					out[k].Set(i, c*bh*bw+at, v)
				}
			}
		}
	})
	return out
}

// hadamard is the unnormalised Walsh-Hadamard transform of 2^n numbers: of a block in rows it is the one of columns and rows.
func hadamard(x []float64) {
	for h := 1; h < len(x); h *= 2 {
		for i := 0; i < len(x); i += 2 * h {
			for j := i; j < i+h; j++ {
				x[j], x[j+h] = x[j]+x[j+h], x[j]-x[j+h]
			}
		}
	}
}
