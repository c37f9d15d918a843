package kernel

import "gonum.org/v1/gonum/blas"

// blasDrivers are the rows of BLAS64; matrices are square and as large as the largest side, vectors have steps.
func blasDrivers() map[string]func(m *room) driven {
	rows := map[string]func(m *room) driven{}
	for _, name := range []string{"Dgemm", "Dsyrk", "Dsyr2k", "Dsymm", "Dtrmm", "Dtrsm", "Ddot", "Daxpy", "Dger", "Dgemv", "Dsymv"} {
		rows[name] = func(m *room) driven { return m.blas(name) }
	}
	return rows
}

func (m *room) blas(name string) driven {
	r := m.r
	p, q, k := 1+r.IntN(90), 1+r.IntN(90), 1+r.IntN(110)
	m.wild = false // what zero times NaN is differs by design: BLAS leaves out what a zero would multiply
	side := max(p, q, k)
	ld := side + r.IntN(4)
	size := (side-1)*ld + side
	a, b, c, x, y := m.doubles(size), m.doubles(size), m.doubles(size), m.doubles(3*side), m.doubles(3*side)
	for i := range side { // a triangle that is well-conditioned
		for j := range side {
			a[i*ld+j] /= float64(side)
		}
		a[i*ld+i] += 2
	}
	alpha, beta := pick(r, 1, -0.7), pick(r, 0, 1, 0.3)
	ta, tb := pick(r, blas.NoTrans, blas.Trans), pick(r, blas.NoTrans, blas.Trans)
	ul, diag, on := pick(r, blas.Upper, blas.Lower), pick(r, blas.Unit, blas.NonUnit), pick(r, blas.Left, blas.Right)
	inc, incY := 1+r.IntN(3), 1+r.IntN(3)
	d := driven{out64: [][]float64{c, y}, tol: tolBLAS}
	d.f = map[string]func(){
		"Dgemm":  func() { gonumOr().Dgemm(ta, tb, p, q, k, alpha, a, ld, b, ld, beta, c, ld) },
		"Dsyrk":  func() { gonumOr().Dsyrk(ul, ta, p, k, alpha, a, ld, beta, c, ld) },
		"Dsyr2k": func() { gonumOr().Dsyr2k(ul, ta, p, k, alpha, a, ld, b, ld, beta, c, ld) },
		"Dsymm":  func() { gonumOr().Dsymm(on, ul, p, q, alpha, a, ld, b, ld, beta, c, ld) },
		"Dtrmm":  func() { gonumOr().Dtrmm(on, ul, ta, diag, p, q, alpha, a, ld, c, ld) },
		"Dtrsm":  func() { gonumOr().Dtrsm(on, ul, ta, diag, p, q, alpha, a, ld, c, ld) },
		"Ddot":   func() { y[0] = gonumOr().Ddot(p, x, inc, y, incY) },
		"Daxpy":  func() { gonumOr().Daxpy(p, alpha, x, inc, y, incY) },
		"Dger":   func() { gonumOr().Dger(p, q, alpha, x, inc, y, incY, c, ld) },
		"Dgemv": func() {
			n := p
			if ta == blas.Trans {
				n = q
			}
			// without its assembly gonum clears all of y
			gonumOr().Dgemv(ta, p, q, alpha, a, ld, x, inc, beta, y[:(n-1)*incY+1], incY)
		},
		"Dsymv": func() { gonumOr().Dsymv(ul, p, alpha, a, ld, x, inc, beta, y, incY) },
	}[name]
	return d
}
