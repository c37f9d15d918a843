package kernel

import (
	"fmt"
	"os"
	"strings"
)

//go:generate go run ./gen -pkg kernel -out kernel_amd64.s -stubs kernel_amd64.go
//go:generate go run ./gen -arch arm64 -pkg kernel -out kernel_arm64.s -stubs kernel_arm64.go

// set is one implementation of every primitive. The drivers (Gemm, Conv, the elementwise functions) check
// lengths and cut the work; a primitive may assume what its comment says.
type set struct {
	name   string
	mr, nr int         // rows and columns of the GEMM tile
	lanes  int         // floats in a vector
	peak   func(n int) // n rounds of 12 independent vector multiply-adds; nil if there is none

	// gemm adds a packed k x mr panel times a packed k x nr panel to the tile whose row i starts at
	// rows[i]+coff; only the first w columns are read or written. flags: tileAdd and so on.
	gemm tileFunc
	// low does the same for the first rows of a panel only; ascending, may be empty.
	low []lowTile
	// direct does what gemm does with rows of A where they are, ars apart, and asks for k floats at fetch meanwhile. None: panels are packed.
	direct func(k int, a, fetch *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)
	// thin[n-1] sets out[c*thinRows+r], c < n, to the scalar product of row r and column c over runs pieces of k elements: the pieces of
	// a row are xstride apart, those of a column wstride, the columns start at w, ldw apart.
	thinRows int
	thin     [3]thinFunc
	// combine sets row o < nout to the sum over i < nin <= 7 of coef[o*nin+i] times row i; a result may be an operand. strided tiles read element
	// (i, p) of A at a + i*ars + p*aps and row p of B at b + p*bs, past the last column too; ascending, the last has mr rows. None: no toom.
	combine func(n, nin, nout int, in, out *[8]*float32, coef *float32)
	strided []stridedTile
	// patch tiles read element (i, q*k+p) of A at a + i*ars + q*xstride + p and B from a panel; ascending, the last has mr rows. taps tiles read
	// element (i, q*k+p) at a[i] + q*(k*aps+skip) + p*aps and row p of B at b + p*bs, all its nr columns. None: patches are packed.
	patch []patchTile
	taps  []tapsTile
	// cols tiles, two heights, set out[c*ldo+i], c < n <= lanes, i < lanes, to the sum over p of a[i*ars+p] * b[p*nr+c], or to zero past
	// their rows. weave sets dst[2*i], dst[2*i+1] to a[i], b[i] for i < n rounded up to a multiple of 8.
	cols  []colsTile
	weave func(n int, dst, a, b *float32)
	// tpackA and tpackB transpose k elements of mr rows, or of min(16, nr) rows, into columns of a panel: dst[p*mr+q] = rows[q][p]
	// (dst[p*nr+q]). They may write up to 16 floats a line, so panels are packed in ascending order with slack behind the last.
	tpackA, tpackB func(dst *float32, rows *[16]*float32, k int)
	// cpack copies cnt <= 32 columns of k rows, zero-fills up to width and writes nothing beyond it.
	cpack func(dst, src *float32, k, sstride, dstride, cnt, width int)

	add, sub, mul, div, max                                                 func(y, a, b []float32)
	sqrt, rsqrt, square, abs, sign, exp, log, tanh, sigmoid, softplus, silu func(y, x []float32)
	gelu                                                                    func(y, x []float32)
	relu                                                                    func(y, x []float32)
	axpb, clamp                                                             func(y, x []float32, a, b float32)
	axpy, leaky                                                             func(y, x []float32, a float32)
	reluGrad, tanhGrad, sigmoidGrad, siluGrad                               func(dx, y, g []float32)
	leakyGrad                                                               func(dx, y, g []float32, alpha float32)
	lstmState                                                               func(y, f, c, i, gr []float32) // f*c + i*gr, each operation rounded
	lstmCarry                                                               func(y, d, t, o, h []float32)  // d + (1 - t*t)*(o*h), likewise
	mulBoth                                                                 func(y, z, a, b, c []float32)  // y = a*b, z = a*c
	dot                                                                     func(a, b []float32) float32
	sum                                                                     func(x []float32) float64
	finite                                                                  func(x []float32) bool
	colSums                                                                 func(rows, c int, s, q, x, y []float32)
	colSum                                                                  func(rows, c int, s, x []float32)
	rowsAffine                                                              func(rows, c int, y, x, s, t []float32, alpha float32, act int)
	bnBack                                                                  func(rows, c int, dx, g, x, a, b, d []float32)
	adam                                                                    func(w, g, m, v []float32, b1, c1, b2, c2, lr, r2, eps float32)
	rmsprop                                                                 func(w, g, s []float32, lr, decay, c, eps float32)
	sgd                                                                     func(w, g, buf []float32, lr, momentum float32)
	approach                                                                func(a, w []float32, share float32)
	philox                                                                  func(dst *[32]uint32, key0, key1 uint32, hi, lo uint64)
	// reach sets bit i < n of mask, cleared before, where x[i] >= h[i]+c or x[i] >= v[i]+e.
	reach func(n int, mask *uint64, x, h, v *float32, c, e float32)
	// cubes adds ((dots[i] + (own+offset[i]))*gamma + coef)^3 to sums[i%4] for i < n, a multiple of 4.
	cubes func(n int, sums *[4]float64, dots *float32, offset *float64, own, gamma, coef float64)
	f64   set64
}

type tileFunc func(k int, a, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)

type thinFunc func(runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32)

// lowTile is a tile of fewer rows than a panel has.
type lowTile struct {
	rows int
	gemm tileFunc
}

type patchTile struct {
	rows int
	f    func(runs, k, xstride int, a *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)
}

type tapsTile struct {
	rows int
	f    func(lines, k, skip, aps int, a *[16]*float32, b *float32, bs int, rows *[16]*float32, coff, flags int)
}

type colsTile struct {
	rows int
	f    func(k int, a *float32, ars int, b *float32, out *float32, ldo, n int)
}

type stridedTile struct {
	rows int
	gemm func(k int, a *float32, ars, aps int, b *float32, bs int, rows *[16]*float32, coff, w, flags int)
}

// tile returns the cheapest tile for cnt rows and how many rows it writes.
func (s *set) tile(cnt int) (tileFunc, int) {
	for _, l := range s.low {
		if cnt <= l.rows {
			return l.gemm, l.rows
		}
	}
	return s.gemm, s.mr
}

const (
	tileAdd   = 1 << iota // add what the tile holds
	tileLeaky             // then v > 0 ? v : alpha*v
	tileReLU              // then max(v, 0)
)

var (
	sets          = machineSets()
	active, errOf = choose(os.Getenv("ASSAY_CPU"), sets)
)

// Name returns the kernel set in use: avx512, avx2, neon or generic.
func Name() string { return active.name }

// Sets returns the names of the kernel sets this machine can run, best first.
func Sets() []string {
	var n []string
	for _, s := range sets {
		n = append(n, s.name)
	}
	return n
}

// Err returns what was wrong with ASSAY_CPU, nil if nothing: the best set is in use then.
func Err() error { return errOf }

// choose returns the set called want, or the best one and an error if the machine does not have it.
func choose(want string, have []*set) (*set, error) {
	if want == "" {
		return have[0], nil
	}
	var names []string
	for _, s := range have {
		if strings.EqualFold(s.name, want) {
			return s, nil
		}
		names = append(names, s.name)
	}
	return have[0], fmt.Errorf("ASSAY_CPU=%q: this machine has %s; using %s", want, strings.Join(names, ", "), have[0].name)
}
