package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"gonum.org/v1/gonum/blas"
)

// arena is memory between two pages that may not be touched: a read or write one element outside faults.
type arena struct{ mem []byte }

func newArena(t testing.TB, floats int) arena {
	t.Helper()
	page := syscall.Getpagesize()
	n := rup(4*floats, page)
	m, err := syscall.Mmap(-1, 0, n+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no guard pages: %v", err)
	}
	for _, g := range [][]byte{m[:page], m[n+page:]} {
		if err := syscall.Mprotect(g, syscall.PROT_NONE); err != nil {
			t.Skipf("no guard pages: %v", err)
		}
	}
	t.Cleanup(func() { _ = syscall.Munmap(m) })
	return arena{m[page : page+n]}
}

// floats returns n random floats that end at the upper guard, or begin at the lower one.
func (a arena) floats(n int, r *rand.Rand) []float32 {
	all := unsafe.Slice((*float32)(unsafe.Pointer(&a.mem[0])), len(a.mem)/4)
	x := all[len(all)-n:]
	if r.IntN(3) == 0 {
		x = all[:n:n]
	}
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

func (a arena) doubles(n int, r *rand.Rand) []float64 {
	all := unsafe.Slice((*float64)(unsafe.Pointer(&a.mem[0])), len(a.mem)/8)
	x := all[len(all)-n:]
	for i := range x {
		x[i] = r.Float64() + 1
	}
	return x
}

// Kernels must not read outside their operands either: the next page may not exist.
func TestNothingOutsideIsTouched(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const size = 1 << 19
	var m [4]arena
	for i := range m {
		m[i] = newArena(t, size)
	}
	n := 200
	if testing.Short() {
		n = 60
	}
	eachSet(t, func(t *testing.T, s *set) {
		r := source(61)
		for range n {
			touchGemm(m, r)
			touchConv(m, randomConv(r), r)
			if len(s.strided) > 0 && r.IntN(8) == 0 {
				touchConv(m, randomToom(t, r, s), r)
			}
			touchElementwise(m, r)
			touchRows(m, r)
			touchBLAS(m, r)
			touchProducts(m, r)
		}
	})
}

// exact is the number of elements a matrix of rows x cols with stride ld reaches over.
func exact(trans bool, rows, cols, ld int) int {
	if trans {
		rows, cols = cols, rows
	}
	if rows == 0 || cols == 0 {
		return 0
	}
	return (rows-1)*ld + cols
}

func touchGemm(m [4]arena, r *rand.Rand) {
	g := randomGemm(r)
	if g.e.Bias != nil {
		g.e.Bias = m[3].floats(g.n, r)
	}
	Gemm(g.ta, g.tb, g.m, g.n, g.k, m[0].floats(exact(g.ta, g.m, g.k, g.lda), r), g.lda, m[1].floats(exact(g.tb, g.k, g.n, g.ldb), r), g.ldb,
		m[2].floats(exact(false, g.m, g.n, g.ldc), r), g.ldc, g.e)
}

func touchConv(m [4]arena, g Conv, r *rand.Rand) {
	x, w, y := m[0].floats(g.in(), r), m[1].floats(g.weights(), r), m[2].floats(g.out(), r)
	g.Forward(y, x, w, Epilogue{Bias: m[3].floats(g.K, r), Act: ActLeakyReLU})
	g.GradInput(x, y, w, Epilogue{Bias: m[3].floats(g.C, r)})
	g.GradWeight(w, x, y)
}

func touchElementwise(m [4]arena, r *rand.Rand) {
	n := r.IntN(200)
	y, a, b, c := m[0].floats(n, r), m[1].floats(n, r), m[2].floats(n, r), m[3].floats(n, r)
	for _, u := range unaries {
		u.f(y, a)
	}
	for _, u := range binaries {
		u.f(y, a, b)
	}
	Axpy(y, a, 2)
	Sum(a)
	Dot(a, b)
	FirstNonFinite(a)
	Adam(0.1, 0.9, 0.9, 1e-8, 1).Move(y, a, b, c)
	RMSProp(0.1, 0.9, 1e-8).Move(y, a, b)
	SGD(0.1, 0.9).Move(y, a, b)
	l := LSTM{1, n / 4}
	l.Gates(y, a)
	l.GatesGrad(y, a, b)
	l.Cell(y, y, y, a, b)
	l.CellGrad(y, c, a, b, b, b, b)
}

func touchRows(m [4]arena, r *rand.Rand) {
	rows, c := r.IntN(20), r.IntN(70)
	y, x, v, w := m[0].floats(rows*c, r), m[1].floats(rows*c, r), m[2].floats(c, r), m[3].floats(max(rows, c), r)
	RowsAffine(rows, c, y, x, v, w, 0.1, ActLeakyReLU)
	BNBackward(rows, c, y, x, x, v, v, w)
	AddRow(rows, c, y, x, v)
	if rows > 0 && c > 3 {
		CopyColumns(rows, c-3, y[:rows*c-3], c, x[3:], c)
	}
	MulRows(rows, c, y, x, m[3].floats(rows, r))
	Softmax(rows, c, y, x)
	RowDot(rows, c, m[3].floats(rows, r), x, x)
	Bernoulli(rows, c, m[3].floats(rows, r), x, y)
	BernoulliGrad(rows, c, y, x, x, m[3].floats(rows, r))
	s, q := make([]float64, c), make([]float64, c)
	ColSums(rows, c, s, q, x, y)
	ColSums(rows, c, s, nil, x, nil)
}

func touchBLAS(m [4]arena, r *rand.Rand) {
	f := BLAS64()
	p, q, k := 1+r.IntN(60), 1+r.IntN(60), 1+r.IntN(300)
	ta, tb := pick(r, blas.NoTrans, blas.Trans), pick(r, blas.NoTrans, blas.Trans)
	stride := func(t blas.Transpose, rows, cols int) int {
		if t == blas.Trans {
			return rows + 2
		}
		return cols + 2
	}
	la, lb := stride(ta, p, k), stride(tb, k, q)
	a, b := m[0].doubles(exact(ta == blas.Trans, p, k, la), r), m[1].doubles(exact(tb == blas.Trans, k, q, lb), r)
	f.Dgemm(ta, tb, p, q, k, 1, a, la, b, lb, 0, m[2].doubles(p*q, r), q)
	ul := pick(r, blas.Upper, blas.Lower)
	f.Dsyrk(ul, ta, p, k, 1, a, la, 1, m[2].doubles(p*p, r), p)
	sq, v, w := m[0].doubles(p*p, r), m[1].doubles(p, r), m[2].doubles(p, r)
	f.Dsymv(ul, p, 1, sq, p, v, 1, 1, w, 1)
	rect, x := m[0].doubles(p*q, r), m[1].doubles(q, r)
	f.Dgemv(blas.NoTrans, p, q, 1, rect, q, x, 1, 1, w, 1)
	f.Dgemv(blas.Trans, p, q, 1, rect, q, w, 1, 1, x, 1)
	f.Ddot(p, v, 1, w, 1)
	f.Daxpy(p, 2, v, 1, w, 1)
}

func touchProducts(m [4]arena, r *rand.Rand) {
	n, d := 1+r.IntN(60), 1+r.IntN(300)
	rows := func(x []float32) (out [][]float32) {
		for i := range n {
			out = append(out, x[i*d:(i+1)*d])
		}
		return out
	}
	Products(d, rows(m[0].floats(n*d, r)), rows(m[1].floats(n*d, r)), r.IntN(n+1), func(Strip) {})
	k := 1 + r.IntN(200)
	Cubes(&[4]float64{}, m[0].floats(4*k, r), m[1].doubles(4*k, r), 1, 1, 1)
	Reach(make([]uint64, 4), m[0].floats(k, r), m[1].floats(k, r), 1, m[2].floats(k, r), 1)
}
