package numeric

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// SubsetSums are the sums of a polynomial kernel over one pair of subsets of N rows each.
type SubsetSums struct {
	N            int
	XX, YY       float64 // over the pairs i != j of one side
	XY           float64 // over all pairs of both
	DiagX, DiagY float64 // over i = j
}

// Unbiased is PairSums.Unbiased of the subsets.
func (s SubsetSums) Unbiased() float64 {
	n := float64(s.N)
	return (s.XX+s.YY)/(n*(n-1)) - 2*s.XY/(n*n)
}

// Biased is PairSums.Biased of the subsets.
func (s SubsetSums) Biased() float64 {
	n := float64(s.N)
	return (s.XX + s.DiagX + s.YY + s.DiagY - 2*s.XY) / (n * n)
}

// Subsets are pairs of subsets of two sets of rows: X[i] of one with Y[i] of the other, row numbers without repetition, all of one length.
type Subsets struct{ X, Y [][]int }

// products is the number of scalar products of rows that all subsets take one by one, and that all pairs of n and of m rows take.
func (s Subsets) products(n, m int) (each, all float64) {
	for i := range s.X {
		each += 2 * float64(len(s.X[i])) * float64(len(s.X[i]))
	}
	return each, float64(n+m) * float64(n+m) / 2
}

// Rounding is what SumSubsets did about it.
type Rounding struct {
	// Float32 is the largest error that products in float32 may have put into an estimate, 0 where they were in float64, which they are unless the work is large and a
	// sample shows that error not to matter (see halfPrecise).
	Float32 float64
	Reduced bool // see PairSums
}

// float32Work is the number of multiplications from which SumSubsets looks whether float32 will do: from some tenths of a second on.
const float32Work = 1e10

// SumSubsets sums the polynomial kernel k over every pair of subsets. Where that is fewer products than subset by subset, it goes once through all pairs
// of rows, in panels, and adds each to the subsets that hold it. It says what it did against rounding. The result is the same to the bit for every thread
// count.
func SumSubsets(ctx context.Context, x, y *mat.Dense, sub Subsets, k Kernel) ([]SubsetSums, Rounding, error) {
	n, d := x.Dims()
	m, _ := y.Dims()
	if k.Gamma == 0 {
		k.Gamma = 1 / float64(d)
	}
	each, all := sub.products(n, m)
	if k = k.precise(some(x), some(y), len(sub.X[0])); k.centre != nil {
		out, err := sumSubsets(ctx, k.take(x), k.take(y), sub, k, all < each)
		return out, Rounding{Reduced: true}, err
	}
	if min(each, all)*float64(d) >= float32Work {
		centre := Mean(x)
		cx, cy := centred(x, centre), centred(y, centre)
		if e, ok := halfPrecise(x, y, cx, cy, k, len(sub.X[0])); ok {
			out, err := sumSubsets(ctx, cx, cy, sub, k, all < each)
			return out, Rounding{Float32: e}, err
		}
	}
	out, err := sumSubsets(ctx, asIs(x), asIs(y), sub, k, all < each)
	return out, Rounding{}, err
}

func sumSubsets[T float32 | float64](ctx context.Context, x, y *pairSide[T], sub Subsets, k Kernel, whole bool) ([]SubsetSums, error) {
	out := make([]SubsetSums, len(sub.X))
	for i := range out {
		out[i] = SubsetSums{N: len(sub.X[i]), DiagX: x.diagonal(k, sub.X[i]), DiagY: y.diagonal(k, sub.Y[i])}
	}
	if whole {
		return out, sumWhole(ctx, x, y, sub, k, out)
	}
	return out, sumEach(ctx, x, y, sub, k, out)
}

func (s *pairSide[T]) diagonal(k Kernel, rows []int) float64 {
	t := 0.0
	for _, r := range rows {
		if k.centre != nil {
			t += k.reduced(s.offset[r], s.offset[r], k.Gamma*s.square[r])
			continue
		}
		t += k.polynomial(s.square[r])
	}
	return t
}

func (k Kernel) polynomial(dot float64) float64 {
	v := []float64{dot}
	k.poly(v)
	return v[0]
}

// sumWhole visits every pair of the whole sets once and adds its kernel to all subsets that hold it.
func sumWhole[T float32 | float64](ctx context.Context, x, y *pairSide[T], sub Subsets, k Kernel, out []SubsetSums) error {
	sx, sy := sortedSubsets(sub.X), sortedSubsets(sub.Y)
	inX, inY := membership(sx, x.n), membership(sy, y.n)
	var p pairPanels[T]
	for _, c := range []struct {
		a, b    *pairSide[T]
		in      [][]member
		columns [][]int
		to      func(*SubsetSums, float64)
	}{
		{x, x, inX, sx, func(s *SubsetSums, v float64) { s.XX = 2 * v }},
		{y, y, inY, sy, func(s *SubsetSums, v float64) { s.YY = 2 * v }},
		{x, y, inX, sy, func(s *SubsetSums, v float64) { s.XY = v }},
	} {
		parts := make([][]float64, len(out))
		for i := range parts {
			parts[i] = make([]float64, out[i].N)
		}
		err := p.visit(ctx, c.a, c.b, func(r, j0 int, dots []T) {
			if len(c.in[r]) == 0 {
				return
			}
			row := kernelRow(k, dots, c.a.offset[r], c.b.offset[j0:])
			for _, m := range c.in[r] {
				columns := c.columns[m.subset]
				if c.a == c.b {
					columns = columns[m.at+1:]
				}
				parts[m.subset][m.at] = sumAt(row, columns, j0)
			}
		})
		if err != nil {
			return err
		}
		for i := range out {
			c.to(&out[i], Sum(parts[i]))
		}
	}
	return nil
}

// member says that a row is entry number at of a sorted subset.
type member struct{ subset, at int }

func sortedSubsets(s [][]int) [][]int {
	out := make([][]int, len(s))
	for i := range s {
		out[i] = slices.Sorted(slices.Values(s[i]))
	}
	return out
}

func membership(s [][]int, n int) [][]member {
	in := make([][]member, n)
	for i, rows := range s {
		for at, r := range rows {
			in[r] = append(in[r], member{i, at})
		}
	}
	return in
}

func sumAt(row []float64, at []int, from int) float64 {
	t := 0.0
	for _, j := range at {
		t += row[j-from]
	}
	return t
}

// kernelRow is the polynomial kernel of products that lack the offsets of both rows.
func kernelRow[T float32 | float64](k Kernel, dots []T, own float64, offset []float64) []float64 {
	row := make([]float64, len(dots))
	if k.centre != nil {
		for j, v := range dots {
			row[j] = k.reduced(own, offset[j], k.Gamma*float64(v))
		}
		return row
	}
	for j, v := range dots {
		row[j] = float64(v) + (own + offset[j])
	}
	k.poly(row)
	return row
}

// halfPrecise compares kernel values from products in both precisions on a sample of pairs. An estimate averages some size^2 of them, so what float32 does to
// it is their mean error: that of the sample, with four standard errors for doubt, and four means make an estimate. It is held against the standard deviation of the
// estimate where both sides agree, which is at least about that of the kernel over size [gretton2012]: float32 will do if its error is below a
// thousandth of it.
func halfPrecise(x, y *mat.Dense, cx, cy *pairSide[float32], k Kernel, size int) (float64, bool) {
	const side = 96
	pick := func(n int) []int {
		r := make([]int, min(side, n))
		for i := range r {
			r[i] = i * n / len(r)
		}
		return r
	}
	n, d := x.Dims()
	m, _ := y.Dims()
	rx, ry := pick(n), pick(m)
	var ax, ay pairSide[float32]
	ax.gather(cx, rx)
	ay.gather(cy, ry)
	ax.d, ay.d = d, d
	var e, v moment
	var p pairPanels[float32]
	errs, values := make([][]float64, ax.n), make([][]float64, ax.n)
	some := Pick(y, ry)
	_ = p.visit(context.Background(), &ax, &ay, func(i, j0 int, dots []float32) {
		errs[i] = kernelRow(k, dots, ax.offset[i], ay.offset)
		values[i] = make([]float64, len(dots))
		dotRows(values[i], x.RawRowView(rx[i]), some.RawMatrix().Data, d)
		k.poly(values[i])
		for j, v := range values[i] {
			errs[i][j] -= v
		}
	}) // the context never ends
	for i := range errs {
		e.add(errs[i])
		v.add(values[i])
	}
	worst := 4 * (math.Abs(e.mean()) + 4*e.sd()/math.Sqrt(e.n))
	return worst, worst <= 1e-3*v.sd()/float64(size)
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// dotRows sets dst[j] to the scalar product of a with row j of b, d numbers each: four rows at a time, each in order.
func dotRows(dst, a, b []float64, d int) {
	a = a[:d]
	j := 0
	for ; j+4 <= len(dst); j += 4 {
		b0, b1, b2, b3 := b[j*d:][:d], b[(j+1)*d:][:d], b[(j+2)*d:][:d], b[(j+3)*d:][:d]
		var s0, s1, s2, s3 float64
		for l, v := range a {
			s0 += v * b0[l]
			s1 += v * b1[l]
			s2 += v * b2[l]
			s3 += v * b3[l]
		}
		dst[j], dst[j+1], dst[j+2], dst[j+3] = s0, s1, s2, s3
	}
	for ; j < len(dst); j++ {
		dst[j] = dot(a, b[j*d:(j+1)*d])
	}
}

// moment is a running count, sum and sum of squares.
type moment struct{ n, sum, squares float64 }

func (m *moment) add(x []float64) {
	for _, v := range x {
		m.n++
		m.sum += v
		m.squares += v * v
	}
}

func (m *moment) mean() float64 { return m.sum / m.n }

func (m *moment) sd() float64 { return math.Sqrt(max(0, m.squares/m.n-m.mean()*m.mean())) }
