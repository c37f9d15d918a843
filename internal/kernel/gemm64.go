package kernel

import (
	"sync"
	"unsafe"
)

// wideScratch is the float64 part of scratch.
type wideScratch struct {
	a, full    []float64
	rows, part [16]*float64
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
	s                    *set
	ta, tb               bool
	m, n, k              int
	alpha                float64
	a, b, c              []float64
	two                  bool // add op(b)*op(a) too, roles exchanged
	lda, ldb, ldc        int
	add                  bool
	tri                  triangle
	pb, store            []float64
	p0, pk, depth        int
	mb, nj, jper, panels int
	tiles                bool
}

var dgemms = sync.Pool{New: func() any { return new(dgemm) }}

var zeroRow64 [depth]float64

const (
	depth64       = depth
	wideColumns64 = 192 // columns of packed B that stay in the second-level cache; whole panels
)

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

func (j *dgemm) product() {
	s := &j.s.f64
	j.depth = min(j.k, depth64)
	if j.two {
		j.depth = 2 * min(j.k, depth64/2) // both pieces share a depth block
	}
	j.panels = (j.n + s.nr - 1) / s.nr
	j.pb = grow64(&j.store, j.panels*s.nr*j.depth)
	j.mb = max(s.mr, 168/s.mr*s.mr)
	nm := (j.m + j.mb - 1) / j.mb
	j.nj = 1
	if nm < 8 {
		j.nj = min(max(1, j.panels/4), 8)
	}
	j.jper = (j.panels + j.nj - 1) / j.nj * s.nr
	j.nj = (j.n + j.jper - 1) / j.jper
	step := j.depth
	if j.two {
		step /= 2
	}
	for j.p0 = 0; j.p0 < j.k; j.p0 += step {
		j.pk = min(step, j.k-j.p0)
		if j.two {
			j.pk *= 2
		}
		small := j.m*j.n*j.pk < 1<<16
		j.tiles = false
		j.do(j.panels, small)
		j.tiles = true
		j.do(nm*j.nj, small)
		j.add = true
	}
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
	if !j.tiles {
		j.packB(w, i)
	} else {
		j.tileBlock(w, i)
	}
	scratches.Put(w)
}

func (j *dgemm) packB(w *scratch, i int) {
	s := &j.s.f64
	c := i * s.nr
	cnt := min(s.nr, j.n-c)
	dst := j.pb[c*j.pk:]
	if !j.two {
		w.panel64(j.s, s.tpackB, dst, j.b, j.ldb, j.tb, c, j.p0, j.pk, cnt, s.nr)
		return
	}
	k := j.pk / 2
	w.panel64(j.s, s.tpackB, dst, j.b, j.ldb, j.tb, c, j.p0, k, cnt, s.nr)
	w.panel64(j.s, s.tpackB, dst[k*s.nr:], j.a, j.lda, j.tb, c, j.p0, k, cnt, s.nr)
}

func (j *dgemm) packA(w *scratch, dst []float64, i, cnt int) {
	s := &j.s.f64
	if !j.two {
		w.panel64(j.s, s.tpackA, dst, j.a, j.lda, !j.ta, i, j.p0, j.pk, cnt, s.mr)
		return
	}
	k := j.pk / 2
	w.panel64(j.s, s.tpackA, dst, j.a, j.lda, !j.ta, i, j.p0, k, cnt, s.mr)
	w.panel64(j.s, s.tpackA, dst[k*s.mr:], j.b, j.ldb, !j.ta, i, j.p0, k, cnt, s.mr)
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

func (j *dgemm) tileBlock(w *scratch, t int) {
	s := &j.s.f64
	i0 := t / j.nj * j.mb
	im := min(j.mb, j.m-i0)
	j0 := t % j.nj * j.jper
	j1 := min(j.n, j0+j.jper)
	if j.tri == lowerPart {
		j1 = min(j1, i0+im)
	}
	if j.tri == upperPart {
		j0 = max(j0, i0/s.nr*s.nr)
	}
	if j0 >= j1 {
		return
	}
	pa := grow64(&w.wide.a, rup(im, s.mr)*j.pk)
	for r := 0; r < im; r += s.mr {
		j.packA(w, pa[r*j.pk:], i0+r, min(s.mr, im-r))
	}
	for c := j0; c < j1; c += wideColumns64 {
		for r := 0; r < im; r += s.mr {
			j.rowOfTiles(w, pa[r*j.pk:], i0+r, min(s.mr, im-r), c, min(j1, c+wideColumns64))
		}
	}
}

func (j *dgemm) rowOfTiles(w *scratch, pa []float64, i, cnt, j0, j1 int) {
	s := &j.s.f64
	add := 0
	if j.add {
		add = 1
	}
	for q := range cnt {
		w.wide.rows[q] = &j.c[(i+q)*j.ldc]
	}
	for c := j0; c < j1; c += s.nr {
		width := min(s.nr, j.n-c)
		switch {
		case j.tri == lowerPart && c > i+cnt-1, j.tri == upperPart && c+width-1 < i:
		case cnt < s.mr, j.tri == lowerPart && c+width-1 > i, j.tri == upperPart && c < i+cnt-1:
			j.edge(w, &pa[0], i, cnt, c, width)
		default:
			s.gemm(j.pk, &pa[0], &j.pb[c*j.pk], &w.wide.rows, c, width, j.alpha, add)
		}
	}
}

// edge computes a tile that lies partly outside the matrix or the triangle, and copies the part inside.
func (j *dgemm) edge(w *scratch, pa *float64, i, cnt, c, width int) {
	s := &j.s.f64
	for q := range s.mr {
		w.wide.part[q] = &w.wide.tile[q*s.nr]
	}
	s.gemm(j.pk, pa, &j.pb[c*j.pk], &w.wide.part, 0, s.nr, j.alpha, 0)
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
			if j.add {
				d[x] += v[x]
			} else {
				d[x] = v[x]
			}
		}
	}
}
