package numeric

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// The polynomial kernel of rows far from the origin is a huge number of which an estimate of MMD^2 keeps the last digits: at an offset of 1e8 the cube has 48 digits, of
// which float64 holds 16, and the estimate begins at the eighteenth. Around a centre c, with x = c + a and y = c + b,
//
//	k(x, y) = (u + p + q + r)^D,   u = gamma c.c + coef,  p = gamma c.a,  q = gamma c.b,  r = gamma a.b
//
// Whatever is a function of x alone plus a function of y alone cancels from every estimate of MMD^2, exactly. What is left is the reduced kernel
//
//	h(x, y) = (u + p + q + r)^D - (u + p)^D - (u + q)^D + u^D
//
// whose sums stand for those of k in every estimator and in its variance, and whose terms, once multiplied out, are as small as the estimate.
func (k Kernel) reduced(p, q, r float64) float64 {
	a := k.base + p + q
	if k.Degree == 3 {
		return r*(3*a*a+3*a*r+r*r) + p*q*(6*k.base+3*(p+q))
	}
	d := k.Degree
	h := 0.0
	for i := 1; i <= d; i++ { // (a + r)^D - a^D
		h += choose(d, i) * intPower(a, d-i) * intPower(r, i)
	}
	for i := 1; i < d; i++ { // (u + p + q)^D - (u + p)^D - (u + q)^D + u^D
		for j := 1; i+j <= d; j++ {
			h += choose(d, i) * choose(d-i, j) * intPower(p, i) * intPower(q, j) * intPower(k.base, d-i-j)
		}
	}
	return h
}

func choose(n, k int) float64 {
	c := 1.0
	for i := 1; i <= k; i++ {
		c = c * float64(n-k+i) / float64(i)
	}
	return c
}

func intPower(x float64, n int) float64 {
	y := 1.0
	for range n {
		y *= x
	}
	return y
}

// about is k as its reduced kernel around a centre.
func (k Kernel) about(centre []float64) Kernel {
	k.centre, k.base = centre, k.Gamma*dot(centre, centre)+k.Coef
	return k
}

// reducedSample is how many rows a side decide whether the kernel itself holds enough digits.
const reducedSample = 96

// precise returns k, or its reduced kernel where the rounding of k itself could reach a thousandth of an estimate's own noise: sums over size rows a side, judged on a
// sample of the rows. Rounding is bounded by the worst case: D |v|^(D-1) ((d+1) eps gamma |x||y| + 2 eps |v|) for a value v^D, and one eps an addition.
func (k Kernel) precise(x, y *mat.Dense, size int) Kernel {
	const unit = 0x1p-53
	n, d := x.Dims()
	m, _ := y.Dims()
	var both mat.Dense
	both.Stack(x, y)
	r := k.about(Mean(&both))
	a, b := r.take(x), r.take(y)
	lx, ly := squares(x), squares(y)
	values, errs := make([][]float64, n), make([][]float64, n)
	kernel.Par(n, func(i int) {
		h, e, centred := make([]float64, m), make([]float64, m), make([]float64, m)
		dotRows(e, x.RawRowView(i), y.RawMatrix().Data, d)
		dotRows(centred, a.x[i*d:(i+1)*d], b.x, d)
		for j, xy := range e {
			v := math.Abs(k.Gamma*xy + k.Coef)
			long := k.Gamma * math.Sqrt(lx[i]*ly[j])
			each := intPower(v, k.Degree-1)
			e[j] = unit * each * (float64(k.Degree)*(float64(d+1)*long+2*v) + float64(size+pairBlock)*v)
			h[j] = r.reduced(a.offset[i], b.offset[j], k.Gamma*centred[j])
		}
		values[i], errs[i] = h, e
	})
	var h moment
	rounding := 0.0
	for i := range n {
		h.add(values[i])
		for _, e := range errs[i] {
			rounding += e
		}
	}
	if noise := h.sd() / float64(size); 4*rounding/h.n <= 1e-3*noise || !(h.sd() < math.MaxFloat64) {
		return k
	}
	return r
}

// take is a side of the reduced kernel: rows less the centre, p as their offset, a.a as their square.
func (k Kernel) take(x *mat.Dense) *pairSide[float64] {
	n, d := x.Dims()
	s := &pairSide[float64]{n: n, d: d, x: make([]float64, n*d), offset: make([]float64, n), square: make([]float64, n)}
	for i := range n {
		row := s.x[i*d : (i+1)*d]
		for l, v := range x.RawRowView(i) {
			row[l] = v - k.centre[l]
		}
		s.offset[i], s.square[i] = k.Gamma*dot(k.centre, row), dot(row, row)
	}
	return s
}

// some copies rows spread evenly over x.
func some(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(min(reducedSample, n), d, nil)
	for i := range out.RawMatrix().Rows {
		out.SetRow(i, x.RawRowView(i*n/out.RawMatrix().Rows))
	}
	return out
}

// someRows is some of rows that are read by blocks.
func someRows(r Rows) (*mat.Dense, error) {
	n, d := r.Dims()
	out := mat.NewDense(min(reducedSample, n), d, nil)
	for i := range out.RawMatrix().Rows {
		at := i * n / out.RawMatrix().Rows
		b, err := r.Block(at, at+1)
		if err != nil {
			return nil, err
		}
		out.SetRow(i, b.RawRowView(0))
	}
	return out, nil
}
