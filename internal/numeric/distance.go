package numeric

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// SqDist returns the squared Euclidean distance of two vectors of equal length,
//
//	sum_l (a_l - b_l)^2,
//
// summed in a fixed order in four strands without fused operations. It is exactly symmetric and exactly 0 for equal vectors: it is the value every comparison of distances
// in this package finally rests on.
func SqDist(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	l := 0
	for ; l+4 <= len(a); l += 4 {
		d0, d1, d2, d3 := a[l]-b[l], a[l+1]-b[l+1], a[l+2]-b[l+2], a[l+3]-b[l+3]
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
	}
	for ; l < len(a); l++ {
		d := a[l] - b[l]
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// engine does the heavy part of all-pairs work on the kernel's matrix product and threads. Neither can change a result: products in float32 only rule
// out pairs that a rigorous error bound shows to be irrelevant, and all that is left in doubt is decided by SqDist in float64. Results are therefore the
// same bits for any kernel, thread count and block size. Its fields are for the tests that show so.
type engine struct {
	product func(m, n, k int, a, b, c []float32) // c = a b^T in any order of summation; nil: the kernel's
	each    func(n int, f func(i int))           // runs f(0), ..., f(n-1) in any order; nil: the kernel's
	trees   int                                  // trees of rows: 0 where they pay, 1 wherever they can be, -1 never
	direct  int                                  // forces float64 distances without products for widths up to this one; 0 means 24, where products begin to pay
}

// tile is the side of a block of pairs: 512 x 512 products stay in the second-level cache.
const tile = 512

func (e engine) par(n int, f func(i int)) {
	if e.each != nil {
		e.each(n, f)
		return
	}
	kernel.Par(n, f)
}

// points is one side of all-pairs work: the rows as given and, for wide rows, a centred and scaled copy in float32 with its norms.
type points struct {
	n, d int
	x    *mat.Dense
	f    []float32 // n x d: (x - centre) / scale, rounded; nil in direct mode
	norm []float64 // |x - centre|, not scaled
}

func (p *points) row(i int) []float64 { return p.x.RawRowView(i) }

// centreRows is how many rows the centre is the mean of: any point amid the rows serves.
const centreRows = 256

// prepare makes both sides of all-pairs work around one centre, amid the rows of a, in units of a power of two, by which numbers are divided without rounding. A common shift
// does not change a distance, but it makes the norms, and with them the error of the products, as small as the data allow.
func (e engine) prepare(a, b *mat.Dense) (pa, pb *points, scale float64) {
	limit := e.direct
	if limit == 0 {
		limit = 24
	}
	n, d := a.Dims()
	pa = &points{n: n, d: d, x: a}
	pb = pa
	if b != a {
		m, _ := b.Dims()
		pb = &points{n: m, d: d, x: b}
	}
	if d <= limit {
		return pa, pb, 1
	}
	centre := make([]float64, d)
	some := min(n, centreRows)
	for s := range some {
		for l, v := range a.RawRowView(s * n / some) {
			centre[l] += v / float64(some)
		}
	}
	scale = e.spread(a, centre)
	if b != a {
		scale = max(scale, e.spread(b, centre))
	}
	switch {
	case scale == 0:
		scale = 1
	case !(scale >= 1e-140 && scale <= 1e140):
		return pa, pb, 1 // squares may leave float64's range: only the direct route says so honestly
	default:
		_, power := math.Frexp(scale)
		scale = math.Ldexp(1, power)
	}
	e.shrink(pa, centre, scale)
	if pb != pa {
		e.shrink(pb, centre, scale)
	}
	return pa, pb, scale
}

// spread is the largest number of any row less the centre.
func (e engine) spread(x *mat.Dense, centre []float64) float64 {
	n, _ := x.Dims()
	most := make([]float64, (n+tile-1)/tile)
	e.par(len(most), func(c int) {
		s := 0.0
		for i := c * tile; i < min(n, (c+1)*tile); i++ {
			row := x.RawRowView(i)[:len(centre)]
			for l, at := range centre {
				if v := math.Abs(row[l] - at); !(v <= s) { // also where it is not a number
					s = v
				}
			}
		}
		most[c] = s
	})
	return slices.Max(most)
}

func (e engine) shrink(p *points, centre []float64, scale float64) {
	p.f = make([]float32, p.n*p.d)
	p.norm = make([]float64, p.n)
	unit := 1 / scale
	e.par((p.n+tile-1)/tile, func(c int) {
		for i := c * tile; i < min(p.n, (c+1)*tile); i++ {
			var s [4]float64
			dst, row := p.f[i*p.d:(i+1)*p.d], p.row(i)[:p.d]
			for l, at := range centre[:p.d] {
				v := row[l] - at
				s[l&3] += v * v
				dst[l] = float32(v * unit)
			}
			p.norm[i] = math.Sqrt((s[0] + s[1]) + (s[2] + s[3]))
		}
	})
}

// bounds holds the error constants of an approximate squared distance at width d:
//
//	|approx - exact| <= prod |a||b| + sums (|a| + |b|)^2 + tiny scale^2
//
// prod: a float32 product of width d is off by at most (d+2) u |a||b| in any order of summation, rounding the entries adds 2 u, and the product
// counts twice. sums: the float64 norms, and SqDist itself, in the same way. tiny: entries lost to underflow.
type bounds struct{ prod, sums, tiny float64 }

func newBounds(d int, scale float64) bounds {
	n := float64(d)
	u := n * 0x1p-24
	return bounds{prod: 2.02 * (u/(1-min(u, 0.9)) + 8*0x1p-24), sums: (n + 16) * 0x1p-52, tiny: 1e-36 * n * scale * scale}
}

func (b bounds) at(na, nb float64) float64 {
	return b.prod*na*nb + b.sums*(na+nb)*(na+nb) + b.tiny
}

func top(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

// distances fills d2 with SqDist(x, row j0), SqDist(x, row j0+1), ...; the plane, where a call costs more than the arithmetic, is written out.
func distances(d2, x []float64, b blas64.General, j0 int) {
	if len(x) == 2 {
		x0, x1 := x[0], x[1]
		at := j0 * b.Stride
		for s := range d2 {
			row := b.Data[at : at+2 : at+2]
			u, v := x0-row[0], x1-row[1]
			d2[s] = float64(u*u) + float64(v*v)
			at += b.Stride
		}
		return
	}
	for s := range d2 {
		at := (j0 + s) * b.Stride
		d2[s] = SqDist(x, b.Data[at:at+b.Cols])
	}
}
