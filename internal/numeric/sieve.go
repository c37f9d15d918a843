package numeric

import (
	"context"
	"math"
	"math/bits"

	"github.com/assay-gan/assay/internal/kernel"
)

// sieve finds the pairs of rows that matter: whose squared distance may be within the limit of one of the two. Few do, so that nearly all of the work is a product and a
// comparison of vectors; whoever is told of a pair looks at it closely.
type sieve struct {
	// limit is the largest squared distance that matters to row i of a. It may fall while pairs are found.
	limit func(i int) float64
	// other are those of the rows of b, nil if they do not ask. Where both sides are one, limit is asked for both.
	other []float64
	// found is told of row i of a and row j of b, whose squared distance is within slack of d2; slack 0 is exact. Calls for the same row of a never overlap and come in the order
	// of the rows of b, but not where both sides are one: there each of the two is told of the other, in any order and at once with others, unless it is itself.
	found func(i, j int, d2, slack float64)
}

// keep tells of a pair of two sides if it matters.
func (s sieve) keep(i, j int, d2, slack float64) {
	if low := d2 - slack; low <= s.limit(i) || (s.other != nil && low <= s.other[j]) {
		s.found(i, j, d2, slack)
	}
}

// sieveColumns is how many rows of b are multiplied at a time, if they have at most sieveNumbers numbers; sieveRows how many rows of a between two looks at the context.
const (
	sieveColumns = 2048
	sieveNumbers = 1 << 22
	sieveRows    = 8192
)

// sift looks at every pair of rows once, at both orders of it where the sides are one. It does so by products of one precision, in strips that are in the cache when they are
// looked at, or by distances where pa and pb have no such rows.
func (e engine) sift(ctx context.Context, pa, pb *points, scale float64, s sieve) error {
	if pa.f == nil || float64(pa.d)*0x1p-24 > 0.5 {
		return e.siftDirectly(ctx, pa, pb, s)
	}
	p := sifting{sieve: s, pa: pa, pb: pb, self: pa == pb, bounds: newBounds(pa.d, scale), twice: 2 * scale * scale}
	width := min(sieveColumns, max(tile, sieveNumbers/pa.d))
	for j0 := 0; j0 < pb.n; j0 += width {
		j1 := min(pb.n, j0+width)
		rows := pa.n
		if p.self {
			rows = j1 // those after them are among later columns
		}
		for i0 := 0; i0 < rows; i0 += sieveRows {
			if err := ctx.Err(); err != nil {
				return err
			}
			i1, lead := min(rows, i0+sieveRows), pa.n
			if p.self {
				lead = j0 - i0
			}
			e.products(pa.d, pa.rows(i0, i1), pb.rows(j0, j1), lead, func(t kernel.Strip) {
				t.I += i0
				t.J += j0
				p.strip(t)
			})
		}
	}
	return nil
}

// products are the kernel's, or those of a test.
func (e engine) products(d int, a, b [][]float32, lead int, f func(kernel.Strip)) {
	if e.product == nil {
		kernel.Products(d, a, b, lead, f)
		return
	}
	c := make([]float32, len(a)*len(b))
	e.product(len(a), len(b), d, joined(a), joined(b), c)
	f(kernel.Strip{Rows: len(a), Cols: len(b), C: c, Ld: len(b)})
}

func joined(rows [][]float32) (x []float32) {
	for _, r := range rows {
		x = append(x, r...)
	}
	return x
}

// rows are rows lo to hi in one precision.
func (p *points) rows(lo, hi int) [][]float32 {
	r := make([][]float32, 0, hi-lo)
	for i := lo; i < hi; i++ {
		r = append(r, p.f[i*p.d:(i+1)*p.d])
	}
	return r
}

// sifting is one call of sift by products. In units of twice = 2 scale^2 a pair matters to the row whose limit is L if, by the bound on the error,
//
//	a.b >= |b|^2 + (|a|^2 - slack - L),
//
// which is compared in one precision, with a margin for its rounding.
type sifting struct {
	sieve
	pa, pb *points
	self   bool
	bounds
	twice float64
}

// margin is more than what two sums in one precision lose of numbers of this size together.
const margin = 0x1p-21

// own is the threshold that a row of squared norm n2 and a limit add to that of the others, whose largest is most.
func (p *sifting) own(n2, limit, most float64) float32 {
	n2, limit = n2/p.twice, limit/p.twice
	if math.IsInf(limit, 0) {
		return float32(-limit)
	}
	return float32(n2 - limit - margin*(math.Abs(n2)+math.Abs(limit)+most))
}

func (p *sifting) limitOf(j int) float64 {
	if p.self {
		return p.limit(j)
	}
	return p.other[j]
}

// strip looks at a strip of products of rows t.I, ... of a and t.J, ... of b.
func (p *sifting) strip(t kernel.Strip) {
	norms, mask := p.pb.norm[t.J:t.J+t.Cols], make([]uint64, (t.Cols+63)/64)
	most := top(norms)
	half := make([]float32, t.Cols) // of the norms alone
	for c, n := range norms {
		half[c] = float32(n * n / p.twice)
	}
	columns, ask := half, p.self || p.other != nil
	if ask {
		columns = make([]float32, t.Cols) // less the limits of the columns
		for c, n := range norms {
			columns[c] = p.own(n*n, p.limitOf(t.J+c), 0)
		}
	}
	for r := range t.Rows {
		i, from, dots := t.I+r, 0, t.Row(r)
		if p.self {
			from = max(0, i+1-t.J)
		}
		if from >= t.Cols {
			return
		}
		n := p.pa.norm[i]
		n2, slack := n*n, p.at(n, most)
		sum, alone := most*most/p.twice, float32(math.Inf(1))
		if ask {
			alone = p.own(n2-slack, 0, sum)
		}
		kernel.Reach(mask, dots, half, p.own(n2-slack, p.limit(i), sum), columns, alone)
		clear(mask[:from/64])
		mask[from/64] &= ^uint64(0) << (from % 64)
		for w, set := range mask {
			for ; set != 0; set &= set - 1 {
				c := 64*w + bits.TrailingZeros64(set)
				d2 := n2 + norms[c]*norms[c] - p.twice*float64(dots[c])
				if !p.self {
					p.keep(i, t.J+c, d2, slack)
					continue
				}
				p.keep(i, t.J+c, d2, slack)
				p.keep(t.J+c, i, d2, slack)
				columns[c] = p.own(norms[c]*norms[c], p.limit(t.J+c), 0)
			}
		}
	}
}

// siftDirectly takes every distance in double precision, in both orders.
func (e engine) siftDirectly(ctx context.Context, pa, pb *points, s sieve) error {
	const chunk = 32
	for i0 := 0; i0 < pa.n; i0 += tile {
		if err := ctx.Err(); err != nil {
			return err
		}
		m := min(tile, pa.n-i0)
		e.par((m+chunk-1)/chunk, func(c int) {
			d2 := make([]float64, min(tile, pb.n))
			for i := i0 + c*chunk; i < i0+min(m, (c+1)*chunk); i++ {
				for j0 := 0; j0 < pb.n; j0 += tile {
					part := d2[:min(tile, pb.n-j0)]
					distances(part, pa.row(i), pb.x.RawMatrix(), j0)
					s.direct(i, j0, part, pa == pb)
				}
			}
		})
	}
	return nil
}

func (s sieve) direct(i, j0 int, d2 []float64, self bool) {
	limit := s.limit(i)
	for t, v := range d2 {
		if j := j0 + t; (v <= limit || (s.other != nil && v <= s.other[j])) && (!self || i != j) {
			s.found(i, j, v, 0)
			limit = s.limit(i)
		}
	}
}
