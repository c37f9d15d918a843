package kernel

import "math"

// Rows of TestEveryDriver.

// epilogue has its bias, if any, between guard pages.
func (m *room) epilogue(n int) Epilogue {
	e := Epilogue{Add: m.r.IntN(3) == 0, Act: Act(m.r.IntN(4)), Alpha: pick(m.r, float32(0), 0.2)}
	if m.r.IntN(2) == 0 {
		e.Bias = m.floats(n)
	}
	return e
}

func driveGemm(m *room) driven {
	g := randomGemm(m.r)
	g.e = m.epilogue(g.n)
	a, b := m.floats(exact(g.ta, g.m, g.k, g.lda)), m.floats(exact(g.tb, g.k, g.n, g.ldb))
	c := m.floats(exact(false, g.m, g.n, g.ldc))
	return driven{out: [][]float32{c}, tol: 4 * tol32(g.k), f: func() { Gemm(g.ta, g.tb, g.m, g.n, g.k, a, g.lda, b, g.ldb, c, g.ldc, g.e) }}
}

// driveSyrk clears what Syrk leaves undefined.
func driveSyrk(m *room) driven {
	n, k := 1+m.r.IntN(300), m.r.IntN(200)
	lda, ldc := max(k, 1)+m.r.IntN(4), n+m.r.IntN(4)
	a, c := m.floats(exact(false, n, k, lda)), m.floats(exact(false, n, n, ldc))
	return driven{out: [][]float32{c}, tol: 4 * tol32(k), f: func() {
		Syrk(n, k, a, lda, c, ldc)
		for i := range n {
			clear(c[i*ldc : i*ldc+i])
		}
	}}
}

// conv is a convolution of any route whose operands fit.
func (m *room) conv() Conv {
	for {
		g := randomConv(m.r)
		if n := m.r.IntN(6); len(active.strided) > 0 && n == 0 {
			g = randomLine(m.t, m.r, active)
		} else if len(active.strided) > 0 && n <= 2 {
			g = randomToom(m.t, m.r, active)
		}
		if max(g.in(), g.out(), g.weights()) <= 1<<20 {
			return g
		}
	}
}

// finite returns n numbers without sparks. In a convolution the operand that lies against the padding is wild and the other is not: one route multiplies it by the zeros of a frame, another leaves
// them out, and NaN times 0 is NaN.
func (m *room) finite(n int) []float32 {
	wild := m.wild
	m.wild = false
	x := m.floats(n)
	m.wild = wild
	return x
}

func (g *Conv) tolerance(terms int) float64 { return 4 * toomGrowth * tol32(terms) }

func driveForward(m *room) driven {
	g := m.conv()
	x, w, y, e := m.floats(g.in()), m.finite(g.weights()), m.floats(g.out()), m.epilogue(g.K)
	return driven{out: [][]float32{y}, tol: g.tolerance(g.KH * g.KW * g.C), f: func() { g.Forward(y, x, w, e) }}
}

func driveGradInput(m *room) driven {
	g := m.conv()
	x, w, y, e := m.floats(g.in()), m.finite(g.weights()), m.floats(g.out()), m.epilogue(g.C)
	return driven{out: [][]float32{x}, tol: g.tolerance(g.KH * g.KW * g.K), f: func() { g.GradInput(x, y, w, e) }}
}

func driveGradWeight(m *room) driven {
	g := m.conv()
	x, w, y := m.floats(g.in()), m.floats(g.weights()), m.finite(g.out())
	return driven{out: [][]float32{w}, tol: g.tolerance(g.N * g.OH * g.OW), f: func() { g.GradWeight(w, x, y) }}
}

// spread is the memory of n rows of c numbers, some numbers apart.
func (m *room) spread(n, c int) (y []float32, ld int) {
	ld = c + m.r.IntN(4)
	return m.floats(max(0, n-1)*ld + min(n, 1)*c), ld
}

// driveFilters lays the weights out for the set in force at each call.
func driveFilters(m *room) driven {
	g := m.conv()
	x, w, e := m.floats(g.in()), m.finite(g.weights()), m.epilogue(g.K)
	y, ldy := m.spread(g.N*g.OH*g.OW, g.K)
	return driven{out: [][]float32{y}, tol: g.tolerance(g.KH * g.KW * g.C), f: func() { g.Filters(w).Forward(g.N, y, ldy, x, e) }}
}

// driveParts sends the same rows through two layers.
func driveParts(m *room) driven {
	n, in, a, b := m.r.IntN(150), 1+m.r.IntN(300), 1+m.r.IntN(90), 1+m.r.IntN(90)
	x, wa, wb, ea, eb := m.floats(n*in), m.floats(in*a), m.floats(in*b), m.epilogue(a), m.epilogue(b)
	ya, lda := m.spread(n, a)
	yb, ldb := m.spread(n, b)
	return driven{out: [][]float32{ya, yb}, tol: 4 * tol32(in), f: func() {
		ForwardParts(n, x, []Part{{DenseFilters(in, a, wa, false), ya, lda, ea}, {DenseFilters(in, b, wb, true), yb, ldb, eb}})
	}}
}

func driveRowDot(m *room) driven {
	rows, c := m.rows()
	out, a, b := m.floats(rows), m.floats(rows*c), m.floats(rows*c)
	return driven{out: [][]float32{out}, tol: tol32(c), f: func() { RowDot(rows, c, out, a, b) }}
}

func driveRowSum(m *room) driven {
	rows, c := m.rows()
	out, x := m.floats(rows), m.floats(rows*c)
	return driven{out: [][]float32{out}, tol: tol32(c), f: func() { RowSum(rows, c, out, x) }}
}

func driveColSums(m *room) driven {
	rows, c := m.rows()
	x, y, s, q := m.floats(rows*c), m.floats(rows*c), m.doubles(c), m.doubles(c)
	return driven{out64: [][]float64{s, q}, tol: tol32(colBlock) * float64(1+rows/colBlock), f: func() { ColSums(rows, c, s, q, x, y) }}
}

func driveRowsAffine(m *room) driven {
	rows, c := m.rows()
	y, x, s, t := m.floats(rows*c), m.floats(rows*c), m.floats(c), m.floats(c)
	alpha, act := pick(m.r, float32(0), 0.2), Act(m.r.IntN(4))
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { RowsAffine(rows, c, y, x, s, t, alpha, act) }}
}

func driveBNBackward(m *room) driven {
	rows, c := m.rows()
	dx, g, x, a, b, d := m.floats(rows*c), m.floats(rows*c), m.floats(rows*c), m.floats(c), m.floats(c), m.floats(c)
	return driven{out: [][]float32{dx}, tol: tolTanh, f: func() { BNBackward(rows, c, dx, g, x, a, b, d) }}
}

func driveMulRows(m *room) driven {
	rows, c := m.rows()
	y, x, v := m.floats(rows*c), m.floats(rows*c), m.floats(rows)
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { MulRows(rows, c, y, x, v) }}
}

func driveAddRow(m *room) driven {
	rows, c := m.rows()
	y, x, v := m.floats(rows*c), m.floats(rows*c), m.floats(c)
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { AddRow(rows, c, y, x, v) }}
}

func driveSoftmax(f func(rows, c int, y, x []float32)) func(m *room) driven {
	return func(m *room) driven {
		rows, c := m.rows()
		y, x := m.floats(rows*c), m.floats(rows*c)
		return driven{out: [][]float32{y}, tol: 2e-6, f: func() { f(rows, c, y, x) }}
	}
}

func driveBernoulli(m *room) driven {
	rows, c := m.rows()
	out, x, t := m.floats(rows), m.floats(rows*c), m.floats(rows*c)
	return driven{out: [][]float32{out}, tol: tol32(c), f: func() { Bernoulli(rows, c, out, x, t) }}
}

func driveBernoulliGrad(m *room) driven {
	rows, c := m.rows()
	dx, x, t, g := m.floats(rows*c), m.floats(rows*c), m.floats(rows*c), m.floats(rows)
	return driven{out: [][]float32{dx}, tol: tolTanh, f: func() { BernoulliGrad(rows, c, dx, x, t, g) }}
}

// driveMove has states as they come about, without negative squares, and an epsilon that keeps small what their rounding does to the weights.
func driveMove(m *room) driven {
	n := m.length()
	w, g, a, b := m.floats(n), m.floats(n), m.floats(n), m.floats(n)
	rule := pick(m.r, Adam(0.1, 0.9, 0.99, 0.1, 3), RMSProp(0.1, 0.9, 0.1), SGD(0.1, 0.9))
	for i := range b {
		b[i] = float32(math.Abs(float64(b[i])))
	}
	states := [][]float32{a, b}
	if rule.kind == optRMSProp {
		states = [][]float32{b, a}
	}
	return driven{out: [][]float32{w, a, b}, tol: 2e-6, f: func() { rule.Move(w, g, states...) }}
}

func driveApproach(m *room) driven {
	a, w := m.pair()
	return driven{out: [][]float32{a}, f: func() { Approach(a, w, 0.3) }}
}

func drivePhilox(m *room) driven {
	out := m.doubles(32)
	key, hi, lo := [2]uint32{m.r.Uint32(), m.r.Uint32()}, m.r.Uint64(), m.r.Uint64()
	return driven{out64: [][]float64{out}, f: func() {
		var b [32]uint32
		Philox(&b, key, hi, lo)
		for i, v := range b {
			out[i] = float64(v)
		}
	}}
}

func driveSum(m *room) driven {
	out, x := m.doubles(1), m.floats(m.length())
	return driven{out64: [][]float64{out}, tol: 1e-11, f: func() { out[0] = Sum(x) }}
}

func driveDot(m *room) driven {
	n := m.r.IntN(2000)
	out, x, y := m.floats(1), m.floats(n), m.floats(n)
	return driven{out: [][]float32{out}, tol: tol32(n), f: func() { out[0] = Dot(x, y) }}
}

func driveFirstNonFinite(m *room) driven {
	out, x := m.doubles(1), m.floats(m.length())
	return driven{out64: [][]float64{out}, f: func() { out[0] = float64(FirstNonFinite(x)) }}
}

func drivePow(m *room) driven {
	y, x := m.pair()
	p := pick(m.r, 0, 1, 2, 3, 0.5, -0.5, -1)
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { Pow(y, x, p) }}
}

func driveClamp(m *room) driven {
	y, x := m.pair()
	return driven{out: [][]float32{y}, f: func() { Clamp(y, x, -0.2, 0.5) }}
}

func driveAxpb(m *room) driven {
	y, x := m.pair()
	a, b := m.scalar(), m.scalar()
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { Axpb(y, x, a, b) }}
}

func driveAxpy(m *room) driven {
	y, x := m.pair()
	a := m.scalar()
	return driven{out: [][]float32{y}, tol: tolTanh, f: func() { Axpy(y, x, a) }}
}

func driveLeakyReLU(m *room) driven {
	y, x := m.pair()
	a := pick(m.r, float32(0), 0.2)
	return driven{out: [][]float32{y}, f: func() { LeakyReLU(y, x, a) }}
}

func driveLeakyReLUGrad(m *room) driven {
	dx, y := m.pair()
	g, a := m.floats(len(y)), pick(m.r, float32(0), 0.2)
	return driven{out: [][]float32{dx}, f: func() { LeakyReLUGrad(dx, y, g, a) }}
}

// drivePoolMax takes a maximum, its gradient and the gradient's.
func drivePoolMax(m *room) driven {
	p := randomPool(m.r)
	x, y, dx, z, at := m.floats(p.in()), m.floats(p.out()), m.floats(p.in()), m.floats(p.out()), make([]int32, p.out())
	return driven{out: [][]float32{y, dx, z}, f: func() {
		p.Max(y, at, x)
		p.MaxGrad(dx, at, y)
		p.MaxGather(z, at, dx)
	}, tol: tolTanh}
}

func drivePoolAvg(m *room) driven {
	p, pad := randomPool(m.r), m.r.IntN(2) == 0
	x, y := m.floats(p.in()), m.floats(p.out())
	return driven{out: [][]float32{y}, f: func() { p.Avg(y, x, pad) }, tol: tolTanh}
}

func drivePoolAvgGrad(m *room) driven {
	p, pad := randomPool(m.r), m.r.IntN(2) == 0
	x, y := m.floats(p.in()), m.floats(p.out())
	return driven{out: [][]float32{x}, f: func() { p.AvgGrad(x, y, pad) }, tol: 4 * tolTanh}
}

func driveUpsample(m *room) driven {
	n, h, w, c, f := m.r.IntN(4), 1+m.r.IntN(6), 1+m.r.IntN(6), 1+m.r.IntN(40), 1+m.r.IntN(3)
	y, x := m.floats(n*h*w*c*f*f), m.floats(n*h*w*c)
	return driven{out: [][]float32{y}, f: func() { Upsample(y, x, n, h, w, c, f) }}
}

func driveUpsampleGrad(m *room) driven {
	n, h, w, c, f := m.r.IntN(4), 1+m.r.IntN(6), 1+m.r.IntN(6), 1+m.r.IntN(40), 1+m.r.IntN(3)
	y, x := m.floats(n*h*w*c*f*f), m.floats(n*h*w*c)
	return driven{out: [][]float32{x}, f: func() { UpsampleGrad(x, y, n, h, w, c, f) }, tol: tolTanh}
}

func (m *room) index(n, rows int) []int32 {
	at := make([]int32, n)
	for i := range at {
		at[i] = int32(m.r.IntN(rows))
	}
	return at
}

func driveGather(m *room) driven {
	n, rows, c := m.r.IntN(40), 1+m.r.IntN(20), 1+m.r.IntN(50)
	dst, table, at := m.floats(n*c), m.floats(rows*c), m.index(n, rows)
	return driven{out: [][]float32{dst}, f: func() { GatherRows(dst, table, at, c) }}
}

func driveScatter(m *room) driven {
	n, rows, c := m.r.IntN(40), 1+m.r.IntN(20), 1+m.r.IntN(50)
	src, table, at := m.floats(n*c), m.floats(rows*c), m.index(n, rows)
	return driven{out: [][]float32{table}, f: func() { ScatterAddRows(table, src, at, c) }, tol: 20 * tolTanh}
}

func drivePool3(m *room) driven {
	p := Pool3{N: m.r.IntN(3), H: 3 + m.r.IntN(8), W: 3 + m.r.IntN(8), C: 1 + m.r.IntN(40), Half: m.r.IntN(2) == 0, Mean: m.r.IntN(2) == 0, CountPadding: m.r.IntN(2) == 0}
	oh, ow := p.Out()
	x, tall := m.floats(p.N*p.H*p.W*p.C), m.floats(p.W*p.C)
	y, ldy := m.spread(p.N*oh*ow, p.C)
	return driven{out: [][]float32{y}, f: func() { p.Forward(y, ldy, x, tall) }, tol: tolTanh}
}

// driveProducts writes all strips to one table, but for what is undefined of them.
func driveProducts(m *room) driven {
	n, k, d := 1+m.r.IntN(150), 1+m.r.IntN(400), m.r.IntN(300)
	x, y, table := m.floats(n*d), m.floats(k*d), m.floats(n*k)
	lead := pick(m.r, n, 0, m.r.IntN(n))
	rows := func(x []float32, n int) (r [][]float32) {
		for i := range n {
			r = append(r, x[i*d:(i+1)*d])
		}
		return r
	}
	return driven{out: [][]float32{table}, tol: 4 * tol32(d), f: func() {
		Products(d, rows(x, n), rows(y, k), lead, func(s Strip) {
			for r := range s.Rows {
				for c, v := range s.Row(r) {
					if i, j := s.I+r, s.J+c; j >= i-lead {
						table[i*k+j] = v
					}
				}
			}
		})
	}}
}

func driveReach(m *room) driven {
	n := m.length()
	x, h, g, out, mask := m.floats(n), m.floats(n), m.floats(n), m.floats(n), make([]uint64, (n+63)/64)
	c, e := m.scalar(), m.scalar()
	return driven{out: [][]float32{out}, f: func() {
		Reach(mask, x, h, c, g, e)
		for i := range out {
			out[i] = float32(mask[i/64] >> (i % 64) & 1)
		}
	}}
}

func driveCopyColumns(m *room) driven {
	rows, c := m.rows()
	dst, ldd := m.spread(rows, c)
	src, lds := m.spread(rows, c)
	return driven{out: [][]float32{dst}, f: func() { CopyColumns(rows, c, dst, ldd, src, lds) }}
}

// lstm is a cell of any size, and memory for so many times its units.
func (m *room) lstm() (l LSTM, units func(times int) []float32) {
	l.N, l.K = m.rows()
	l.N /= 4
	return l, func(times int) []float32 { return m.floats(times * l.N * l.K) }
}

// driveLSTMGates takes the gates and their gradient.
func driveLSTMGates(m *room) driven {
	l, units := m.lstm()
	y, x, dx, g, of := units(4), units(4), units(4), units(4), units(4)
	return driven{out: [][]float32{y, dx}, tol: tolTanh, f: func() {
		l.Gates(y, x)
		l.GatesGrad(dx, of, g)
	}}
}

func driveLSTMCell(m *room) driven {
	l, units := m.lstm()
	c2, h, t, gates, c := units(1), units(1), units(1), units(4), units(1)
	return driven{out: [][]float32{c2, h, t}, tol: tolTanh, f: func() { l.Cell(c2, h, t, gates, c) }}
}

func driveLSTMCellGrad(m *room) driven {
	l, units := m.lstm()
	dgates, dc, gates, c, t, gc, gh := units(4), units(1), units(4), units(1), units(1), units(1), units(1)
	return driven{out: [][]float32{dgates, dc}, f: func() { l.CellGrad(dgates, dc, gates, c, t, gc, gh) }}
}

func driveCubes(m *room) driven {
	n := 4 * m.r.IntN(60)
	dots, offset := m.floats(n), m.doubles(n)
	own, gamma, coef := m.r.NormFloat64(), m.r.Float64(), m.r.Float64()
	sums := make([]float64, 4)
	return driven{out64: [][]float64{sums}, f: func() {
		clear(sums)
		Cubes((*[4]float64)(sums), dots, offset, own, gamma, coef)
	}}
}
