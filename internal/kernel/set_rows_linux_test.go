package kernel

import (
	"math"
	"unsafe"
)

// Rows of TestEveryPrimitive for reductions, matrices by rows and columns, vectors of float64 and random numbers.

func checkDot(m *room, s *set) {
	n := m.r.IntN(300)
	a, b := m.floats(n), m.floats(n)
	var want float64
	for i, v := range a {
		want += float64(v) * float64(b[i])
	}
	m.equal("dot", []float32{s.dot(a, b)}, []float64{want}, tol32(n), 1)
}

func checkSum(m *room, s *set) {
	n := m.r.IntN(300)
	x := m.floats(n)
	m.equal64("sum", []float64{s.sum(x)}, []float64{genSum(x)}, 1e-13)
}

func checkFinite(m *room, s *set) {
	x := m.floats(m.r.IntN(200))
	if got, want := s.finite(x), genFinite(x); got != want {
		m.t.Fatalf("finite(%v) = %t", x, got)
	}
}

func checkColSums(m *room, s *set) {
	rows, c := m.r.IntN(40), 1+m.r.IntN(150)
	x, y, sum, dot, only := m.floats(rows*c), m.floats(rows*c), m.floats(c), m.floats(c), m.floats(c)
	want, wantDot := make([]float64, c), make([]float64, c)
	for i, v := range x {
		want[i%c] += float64(v)
		wantDot[i%c] += float64(v) * float64(y[i])
	}
	s.colSums(rows, c, sum, dot, x, y)
	s.colSum(rows, c, only, x)
	m.equal("column sums", sum, want, tolSum, 1)
	m.equal("columns' products", dot, wantDot, tolSum, 1)
	m.equal("column sums alone", only, want, tolSum, 1)
}

func checkRowsAffine(m *room, s *set) {
	rows, c := m.r.IntN(12), 1+m.r.IntN(90)
	x, scale, shift, y := m.floats(rows*c), m.floats(c), m.floats(c), m.floats(rows*c)
	alpha := pick(m.r, float32(0.2), 1)
	act := pick(m.r, 0, tileLeaky, tileReLU)
	want := make([]float64, len(x))
	for i, v := range x {
		want[i] = finished64(float64(v)*float64(scale[i%c])+float64(shift[i%c]), act, alpha)
	}
	s.rowsAffine(rows, c, y, x, scale, shift, alpha, act)
	m.equal(shape("affine, activation ", act), y, want, tolElem, 1)
}

func finished64(v float64, flags int, alpha float32) float64 {
	if flags&tileLeaky != 0 && v <= 0 {
		v *= float64(alpha)
	}
	if flags&tileReLU != 0 && v <= 0 {
		v = 0
	}
	return v
}

func checkBNBack(m *room, s *set) {
	rows, c := m.r.IntN(12), 1+m.r.IntN(90)
	g, x, a, b, d, dx := m.floats(rows*c), m.floats(rows*c), m.floats(c), m.floats(c), m.floats(c), m.floats(rows*c)
	want := make([]float64, len(x))
	for i := range want {
		want[i] = float64(a[i%c])*float64(g[i]) + float64(d[i%c]) + float64(b[i%c])*float64(x[i])
	}
	s.bnBack(rows, c, dx, g, x, a, b, d)
	m.equal("batch norm", dx, want, tolElem, 1)
}

func checkReachBits(m *room, s *set) {
	n := 1 + m.r.IntN(130)
	x, h, v := m.floats(n), m.floats(n), m.floats(n)
	c, e := m.scalar(), m.scalar()
	words := (n + 63) / 64
	got, want := m.doubles(words), make([]uint64, words) // memory for words of 64 bits
	clear(got)
	s.reach(n, (*uint64)(unsafe.Pointer(&got[0])), &x[0], &h[0], &v[0], c, e)
	genReach(n, &want[0], &x[0], &h[0], &v[0], c, e)
	for i, w := range want {
		if math.Float64bits(got[i]) != w {
			m.t.Fatalf("reach of %d: word %d is %x, want %x", n, i, math.Float64bits(got[i]), w)
		}
	}
}

func checkCubeSums(m *room, s *set) {
	n := 4 * m.r.IntN(40)
	dots, offset := m.floats(max(n, 4)), m.doubles(max(n, 4))
	own, gamma, coef := float64(m.scalar()), float64(m.scalar()), float64(m.scalar())
	got, want := [4]float64{1, 2, 3, 4}, [4]float64{1, 2, 3, 4}
	s.cubes(n, &got, &dots[0], &offset[0], own, gamma, coef)
	genCubes(n, &want, &dots[0], &offset[0], own, gamma, coef)
	sameButNaN(m.t, "cubes", got[:], want[:])
}

func checkPhilox(m *room, s *set) {
	var got, want [32]uint32
	k0, k1, hi, lo := m.r.Uint32(), m.r.Uint32(), m.r.Uint64(), m.r.Uint64()
	if m.r.IntN(3) == 0 {
		lo = math.MaxUint64 - m.r.Uint64N(8) // the counter wraps
	}
	s.philox(&got, k0, k1, hi, lo)
	genPhilox(&want, k0, k1, hi, lo)
	if got != want {
		m.t.Fatalf("philox: %v, want %v", got, want)
	}
}

func checkFour(m *room, s *set) {
	n := 1 + m.r.IntN(60)
	lda := n + m.r.IntN(5)
	a := m.doubles(3*lda + n)
	x, y0 := m.doubles(n), m.doubles(n)
	var f [4]float64
	copy(f[:], m.doubles(4))
	wantY, wantOut := append([]float64(nil), y0...), make([]float64, 4)
	for r := range 4 {
		for i := range n {
			wantY[i] += f[r] * a[r*lda+i]
			wantOut[r] += a[r*lda+i] * x[i]
		}
	}
	for _, k := range []struct {
		name       string
		run        func(n int, a *float64, lda int, x, y *float64, f, out *[4]float64)
		axpy, dots bool
	}{{"symv4", s.f64.symv4, true, true}, {"dot4", s.f64.dot4, false, true}, {"axpy4", s.f64.axpy4, true, false}} {
		y := m.doubles(n)
		copy(y, y0)
		var out [4]float64
		k.run(n, &a[0], lda, &x[0], &y[0], &f, &out)
		if k.axpy {
			m.equal64(k.name+" y", y, wantY, tolBLAS)
		} else {
			m.equal64(k.name+" leaves y", y, y0, 0)
		}
		if k.dots {
			m.equal64(k.name+" out", out[:], wantOut, tolBLAS)
		}
	}
}

func checkVectors64(m *room, s *set) {
	n := 1 + m.r.IntN(150)
	x, y := m.doubles(n), m.doubles(n)
	f := float64(m.scalar())
	var dot float64
	want := make([]float64, n)
	for i, v := range x {
		dot += v * y[i]
		want[i] = y[i] + f*v
	}
	m.equal64("dot", []float64{s.f64.dot(n, &x[0], &y[0])}, []float64{dot}, tolBLAS)
	s.f64.axpy(n, f, &x[0], &y[0])
	m.equal64("axpy", y, want, tolBLAS)
}
