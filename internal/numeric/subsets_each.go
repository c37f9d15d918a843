package numeric

import (
	"context"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// sumEach sums subset by subset: several at once where there are enough of them to keep the threads busy and what one needs is small, else one with all threads.
func sumEach[T float32 | float64](ctx context.Context, x, y *pairSide[T], sub Subsets, k Kernel, out []SubsetSums) error {
	var one func(i int) error
	switch x := any(x).(type) {
	case *pairSide[float32]:
		y := any(y).(*pairSide[float32])
		one = func(i int) error { sumStrips(x, y, sub.X[i], sub.Y[i], k, &out[i]); return nil }
	default:
		scratch := sync.Pool{New: func() any { return new(subsetPanels[T]) }}
		one = func(i int) error {
			s := scratch.Get().(*subsetPanels[T])
			defer scratch.Put(s)
			return s.sum(ctx, x.(*pairSide[T]), y, sub.X[i], sub.Y[i], k, &out[i])
		}
	}
	errs := make([]error, len(out))
	do := func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			errs[i] = one(i)
		}
	}
	const many, small = 3, 1 << 23 // subsets a thread; numbers
	if size := len(sub.X[0]); len(out) >= many*kernel.Threads() && size*(2*x.d+panelRows) <= small {
		kernel.Par(len(out), do)
	} else {
		for i := range out {
			do(i)
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// subsetPanels is the storage for one pair of subsets in panels.
type subsetPanels[T float32 | float64] struct {
	a, b pairSide[T]
	p    pairPanels[T]
}

func (s *subsetPanels[T]) sum(ctx context.Context, x, y *pairSide[T], inX, inY []int, k Kernel, out *SubsetSums) error {
	a, b := &s.a, &s.b
	a.gather(x, inX)
	b.gather(y, inY)
	for _, c := range []struct {
		to     *float64
		a, b   *pairSide[T]
		factor float64
	}{{&out.XX, a, a, 2}, {&out.YY, b, b, 2}, {&out.XY, a, b, 1}} {
		rows := make([]float64, c.a.n)
		err := s.p.visit(ctx, c.a, c.b, func(r, j0 int, dots []T) {
			var t strands
			addKernel(&t, k, dots, c.a.offset[r], c.b.offset[j0:], 0, len(dots))
			rows[r] = t.sum()
		})
		if err != nil {
			return err
		}
		*c.to = c.factor * Sum(rows)
	}
	return nil
}

// sumStrips is the same of products in float32. The rows of both subsets below each other make one triangle of products: each row is packed once, where it lies, and its
// products are summed while they are in the cache.
func sumStrips(x, y *pairSide[float32], inX, inY []int, k Kernel, out *SubsetSums) {
	n, all := len(inX), len(inX)+len(inY)
	rows, offset := make([][]float32, 0, all), make([]float64, 0, all)
	for _, side := range []struct {
		s  *pairSide[float32]
		in []int
	}{{x, inX}, {y, inY}} {
		for _, r := range side.in {
			rows, offset = append(rows, side.s.x[r*side.s.d:(r+1)*side.s.d]), append(offset, side.s.offset[r])
		}
	}
	within, across := make([]strands, all), make([]strands, n)
	kernel.Products(x.d, rows, rows, 0, func(s kernel.Strip) {
		part := func(to *strands, i, lo, hi int, dots []float32) { // columns lo to hi of row i, as far as the strip holds them
			from, end := max(lo, s.J), min(hi, s.J+s.Cols)
			if from < end {
				addKernel(to, k, dots[from-s.J:end-s.J], offset[i], offset[from:end], from-lo, hi-lo)
			}
		}
		for r := range s.Rows {
			i, dots := s.I+r, s.Row(r)
			if i >= n {
				part(&within[i], i, i+1, all, dots)
				continue
			}
			part(&within[i], i, i+1, n, dots)
			part(&across[i], i, n, all, dots)
		}
	})
	out.XX, out.YY, out.XY = 2*sumStrands(within[:n]), 2*sumStrands(within[n:]), sumStrands(across)
}

// strands is the running sum of a row of kernel values: in four strands of every fourth for the third degree, else in one.
type strands [4]float64

func (s *strands) sum() float64 { return (s[0] + s[1]) + (s[2] + s[3]) }

func sumStrands(rows []strands) float64 {
	t := 0.0
	for i := range rows {
		t += rows[i].sum()
	}
	return t
}

// addKernel adds the kernel of products that lack the offsets of both rows: those from number at on of a row of total.
func addKernel[T float32 | float64](s *strands, k Kernel, dots []T, own float64, offset []float64, at, total int) {
	if k.Degree != 3 || k.centre != nil {
		for _, v := range kernelRow(k, dots, own, offset) {
			s[0] += v
		}
		return
	}
	offset = offset[:len(dots)]
	cube := func(j int) float64 {
		v := (float64(dots[j])+(own+offset[j]))*k.Gamma + k.Coef
		return v * v * v
	}
	fours := min(len(dots), total&^3-at) // what lies in whole groups of four
	j := 0
	for ; j < fours && (at+j)&3 != 0; j++ {
		s[(at+j)&3] += cube(j)
	}
	if n := (fours - j) &^ 3; n > 0 {
		switch dots := any(dots).(type) {
		case []float32:
			kernel.Cubes((*[4]float64)(s), dots[j:j+n], offset[j:j+n], own, k.Gamma, k.Coef)
		default:
			for t := j; t < j+n; t++ {
				s[(at+t)&3] += cube(t)
			}
		}
		j += n
	}
	for ; j < fours; j++ {
		s[(at+j)&3] += cube(j)
	}
	for ; j < len(dots); j++ {
		s[0] += cube(j)
	}
}
