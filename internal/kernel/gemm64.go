package kernel

import (
	"sync"
	"unsafe"
)

// wideScratch is the float64 part of scratch.
type wideScratch struct {
	a, b, full []float64
	rows, part [16]*float64
	crow       [16]*float64 // packing uses rows
	tile       [16 * 16]float64
	f, out     [4]float64
}

// triangle says which part of a result is wanted.
type triangle uint8

const (
	allOfIt triangle = iota
	lowerPart
	upperPart
)

// dgemm is one product c += alpha*op(a)*op(b), all of it or a triangle; with two, c += alpha*(a*b^T + b*a^T).
type dgemm struct {
	s             *set
	ta, tb        bool
	m, n, k       int
	alpha         float64
	a, b, c       []float64
	two           bool // add op(b)*op(a) too, roles exchanged
	lda, ldb, ldc int
	add           bool
	tri           triangle
	g             grid
	pb, store     []float64 // all of op(B) packed
	tiles         bool
}

var dgemms = sync.Pool{New: func() any { return new(dgemm) }}

var zeroRow64 [depth]float64

func grow64(p *[]float64, n int) []float64 {
	if cap(*p) < n+slack {
		q := make([]float64, n+n/4+slack+8)
		o := int(-uintptr(unsafe.Pointer(&q[0]))>>3) & 7
		*p = q[o:]
	}
	return (*p)[:n]
}

// run64 does the product d, a copy of which is recycled.
func run64(d dgemm) {
	j := dgemms.Get().(*dgemm)
	d.store = j.store
	*j = d
	j.s = active
	j.product()
	keep := j.store
	*j = dgemm{store: keep}
	dgemms.Put(j)
}

// pieces is the number of products in one: a block of the depth holds both of a sum of two.
func (j *dgemm) pieces() int {
	if j.two {
		return 2
	}
	return 1
}

func (j *dgemm) product() {
	s := &j.s.f64
	j.g = cutFor(Threads(), j.m, j.n, s.mr, s.nr, cache.wide64(j.s), j.tri != allOfIt)
	small := j.m*j.n*j.k < 1<<16
	if j.g.shared {
		j.pb = grow64(&j.store, rup(j.n, s.nr)*j.k*j.pieces())
		j.tiles = false
		j.do(panels(j.n, s.nr), small)
	}
	j.tiles = true
	j.do(j.g.ni*j.g.nj, small)
}

func (j *dgemm) do(n int, small bool) {
	if small {
		inline(n, j)
	} else {
		parallel(n, j)
	}
}

func (j *dgemm) run(i int) {
	w := scratches.Get().(*scratch)
	if j.tiles {
		j.item(w, i)
	} else {
		j.packAll(w, i)
	}
	scratches.Put(w)
}

// packAll packs panel i of op(B) over the whole depth, block by block.
func (j *dgemm) packAll(w *scratch, i int) {
	s := &j.s.f64
	step, q := depth/j.pieces(), j.pieces()
	c := i * s.nr
	for p := 0; p < j.k; p += step {
		j.packB(w, j.pb[q*(c*j.k+p*s.nr):], c, p, min(step, j.k-p))
	}
}

// packB packs the panel of columns from c on over k numbers of the depth from p on.
func (j *dgemm) packB(w *scratch, dst []float64, c, p, k int) {
	s := &j.s.f64
	cnt := min(s.nr, j.n-c)
	w.panel64(j.s, s.tpackB, dst, j.b, j.ldb, j.tb, c, p, k, cnt, s.nr)
	if j.two {
		w.panel64(j.s, s.tpackB, dst[k*s.nr:], j.a, j.lda, j.tb, c, p, k, cnt, s.nr)
	}
}

func (j *dgemm) packA(w *scratch, dst []float64, i, cnt, p, k int) {
	s := &j.s.f64
	w.panel64(j.s, s.tpackA, dst, j.a, j.lda, !j.ta, i, p, k, cnt, s.mr)
	if j.two {
		w.panel64(j.s, s.tpackA, dst[k*s.mr:], j.b, j.ldb, !j.ta, i, p, k, cnt, s.mr)
	}
}

// panel64 packs cnt rows (by rows of src if byRow, else by its columns) from index i and depth p on, as a panel width wide.
func (w *scratch) panel64(s *set, tpack func(*float64, *[16]*float64, int), dst, src []float64, ld int, byRow bool, i, p, k, cnt, width int) {
	if !byRow {
		s.cpack((*float32)(unsafe.Pointer(&dst[0])), (*float32)(unsafe.Pointer(&src[p*ld+i])), k, 2*ld, 2*width, 2*cnt, 2*width)
		return
	}
	for q := range width {
		if q < cnt {
			w.wide.rows[q] = &src[(i+q)*ld+p]
		} else {
			w.wide.rows[q] = &zeroRow64[0]
		}
	}
	tpack(&dst[0], &w.wide.rows, k)
}

// portion64 is some rows and columns of C over one block of the depth.
type portion64 struct {
	i0, i1, c0, c1, p0, k int       // k is the depth in each operand
	b                     []float64 // the panels of the columns
	bstride               int       // from one to the next
	ahead                 fetching
	packed0, packed1      int // rows of A that are packed
}

// item computes its rectangle of C, or what the triangle leaves of it, some columns at a time.
func (j *dgemm) item(w *scratch, t int) {
	s := &j.s.f64
	if j.tri == upperPart { // the longest first
		t = j.g.ni*j.g.nj - 1 - t
	}
	i0, i1 := span(t/j.g.nj, j.g.ni, j.m, s.mr)
	c0, c1 := span(t%j.g.nj, j.g.nj, j.n, s.nr)
	step := depth / j.pieces()
	for c := c0; c < c1; c += j.g.wide {
		p := portion64{i0: i0, i1: i1, c0: c, c1: min(c1, c+j.g.wide)}
		switch j.tri {
		case lowerPart:
			p.i0 = max(i0, c/s.mr*s.mr)
		case upperPart:
			p.i1 = min(i1, p.c1)
		case allOfIt:
		}
		for ; p.p0 < j.k && p.i0 < p.i1; p.p0 += step {
			p.k = min(step, j.k-p.p0)
			j.columnsOfB(w, &p)
			p.packed1 = 0
			for i := p.i0; i < p.i1; i += s.mr {
				j.rowOfTiles(w, &p, i, min(s.mr, p.i1-i))
			}
		}
	}
}

// columnsOfB packs the columns of a portion, or finds them packed.
func (j *dgemm) columnsOfB(w *scratch, p *portion64) {
	s, q := &j.s.f64, j.pieces()
	p.ahead = fetching{}
	if j.g.shared {
		p.b, p.bstride = j.pb[q*(p.c0*j.k+p.p0*s.nr):], q*j.k*s.nr
		return
	}
	p.bstride = q * p.k * s.nr
	p.b = grow64(&w.wide.b, panels(p.c1-p.c0, s.nr)*p.bstride)
	for c := p.c0; c < p.c1; c += s.nr {
		j.packB(w, p.b[(c-p.c0)/s.nr*p.bstride:], c, p.p0, p.k)
	}
	if !j.two {
		p.ahead = fetchNext(j.tb, j.ldb, p.p0+depth, j.k, p.c0, p.c1, panels(p.i1-p.i0, s.mr)*panels(p.c1-p.c0, s.nr))
	}
}

// blockRows64 is about as many rows of A are packed at a time.
const blockRows64 = 168

// packedRows returns the panel of cnt rows from i on, packed a block at a time.
func (j *dgemm) packedRows(w *scratch, p *portion64, i int) *float64 {
	s, k := &j.s.f64, p.k*j.pieces()
	block := blockRows64 / s.mr * s.mr
	if i < p.packed0 || i >= p.packed1 {
		p.packed0, p.packed1 = i, min(i+block, p.i1)
		if j.inPlace() { // most panels need none
			p.packed1 = min(p.packed1, i+s.mr)
		}
		w.wide.a = grow64(&w.wide.a, block*k)
		for r := i; r < p.packed1; r += s.mr {
			j.packA(w, w.wide.a[(r-i)*k:], r, min(s.mr, p.packed1-r), p.p0, p.k)
		}
	}
	return &w.wide.a[(i-p.packed0)*k]
}

// inPlace reports whether tiles read whole panels of rows of A where they are.
func (j *dgemm) inPlace() bool { return !j.ta && !j.two }

// inside reports whether a tile has no result in the triangle that is wanted, and whether it has nothing else.
func (j *dgemm) inside(i, cnt, c, width int) (none, all bool) {
	switch j.tri {
	case lowerPart:
		return c > i+cnt-1, c+width-1 <= i
	case upperPart:
		return c+width-1 < i, c >= i+cnt-1
	case allOfIt:
	}
	return false, true
}

// rowOfTiles multiplies one panel of rows with the columns of a portion.
func (j *dgemm) rowOfTiles(w *scratch, p *portion64, i, cnt int) {
	s, k := &j.s.f64, p.k*j.pieces()
	add := 0
	if j.add || p.p0 > 0 {
		add = 1
	}
	for q := range cnt {
		w.wide.crow[q] = &j.c[(i+q)*j.ldc]
	}
	for c := p.c0; c < p.c1; c += s.nr {
		width := min(s.nr, j.n-c)
		none, all := j.inside(i, cnt, c, width)
		pb := &p.b[(c-p.c0)/s.nr*p.bstride]
		switch {
		case none:
		case cnt < s.mr || !all:
			j.edge(w, j.packedRows(w, p, i), pb, k, i, cnt, c, width, add)
		case j.inPlace():
			a := &j.a[i*j.lda+p.p0]
			fetch := a
			if o := p.ahead.next(); o >= 0 {
				fetch = &j.b[o]
			}
			s.direct(k, a, fetch, j.lda, pb, &w.wide.crow, c, width, j.alpha, add)
		default:
			s.gemm(k, j.packedRows(w, p, i), pb, &w.wide.crow, c, width, j.alpha, add)
		}
	}
}

// edge computes a tile that lies partly outside the matrix or the triangle, and copies the part inside.
func (j *dgemm) edge(w *scratch, pa, pb *float64, k, i, cnt, c, width, add int) {
	s := &j.s.f64
	for q := range s.mr {
		w.wide.part[q] = &w.wide.tile[q*s.nr]
	}
	s.gemm(k, pa, pb, &w.wide.part, 0, s.nr, j.alpha, 0)
	for q := range cnt {
		lo, hi := 0, width
		switch j.tri {
		case lowerPart:
			hi = min(width, i+q-c+1)
		case upperPart:
			lo = max(0, i+q-c)
		case allOfIt:
		}
		if lo >= hi {
			continue
		}
		d, v := j.c[(i+q)*j.ldc+c+lo:][:hi-lo], w.wide.tile[q*s.nr+lo:]
		for x := range d {
			if add != 0 {
				d[x] += v[x]
			} else {
				d[x] = v[x]
			}
		}
	}
}
