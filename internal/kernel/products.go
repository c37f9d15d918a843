package kernel

import "sync"

// Strip is a finished part of a table of products of rows: row I+r with row J+c is at C[r*Ld+c].
type Strip struct {
	I, J, Rows, Cols int
	C                []float32
	Ld               int
}

// Row is row r of the strip.
func (s Strip) Row(r int) []float32 { return s.C[r*s.Ld : r*s.Ld+s.Cols] }

// A strip has at most so many columns, whole panels of every set, and about so many rows: one block of the depth of both and their products take about 1.3 MB, which the
// second-level cache holds. More rows than a block of Gemm has, as all of b comes past for each strip of rows.
const (
	stripColumns = 480
	stripRows    = 280
)

// productJob is one call of Products.
type productJob struct {
	stage     int
	s         *set
	a, b      [][]float32
	d, lead   int
	f         func(Strip)
	pb, store []float32
	mb        int
}

var productJobs = sync.Pool{New: func() any { return new(productJob) }}

// Products multiplies every row of a with every row of b, d numbers each, and hands the products to f strip by strip while they are in the cache. Of row i of a the products
// with rows i-lead, i-lead+1, ... of b are wanted, so that lead = len(a) is all of them, and lead = 0 of a with itself the triangle on and above the diagonal; what a strip
// holds of others is undefined. Strips of the same rows come one after the other in the order of their columns; those of different rows may come at once. f must not keep
// a strip. Each product has the bits that Gemm gives it where b has at least 8 rows.
func Products(d int, a, b [][]float32, lead int, f func(Strip)) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	j := productJobs.Get().(*productJob)
	j.s, j.a, j.b, j.d, j.lead, j.f = active, a, b, d, lead, f
	if d > 0 {
		j.pb = grow(&j.store, rup(len(b), j.s.nr)*d)
		j.stage = stagePackB
		parallel((len(b)+j.s.nr-1)/j.s.nr, j)
	}
	j.mb = stripRows / j.s.mr * j.s.mr
	if th := Threads(); len(a) < 6*th*j.mb { // so that all end at about the same time
		j.mb = min(j.mb, rup((len(a)+6*th-1)/(6*th), j.s.mr))
	}
	j.stage = stageTiles
	parallel((len(a)+j.mb-1)/j.mb, j)
	j.a, j.b, j.f, j.pb = nil, nil, nil, nil
	productJobs.Put(j)
}

func (j *productJob) run(i int) {
	w := scratches.Get().(*scratch)
	if j.stage == stagePackB {
		j.packB(w, i*j.s.nr)
	} else {
		j.strips(w, i*j.mb, min(j.mb, len(j.a)-i*j.mb))
	}
	scratches.Put(w)
}

// packB packs the panel of columns from c on, block by block of the depth: the panels of a block lie side by side, as whole panels a power of two apart would fall on each
// other in the cache.
func (j *productJob) packB(w *scratch, c int) {
	s := j.s
	cnt, pad := min(s.nr, len(j.b)-c), rup(len(j.b), s.nr)
	for h := 0; h < s.nr; h += 16 {
		have := max(0, min(16, cnt-h))
		rows := j.b[min(c+h, len(j.b)):]
		for p := 0; p < j.d; p += depth {
			k := min(depth, j.d-p)
			w.pointTo(rows, have, min(16, s.nr), p, j.d)
			s.tpackB(&j.pb[pad*p+c*k+h], &w.rows, k)
		}
	}
}

// pointTo sets w.rows to the first cnt of these rows from number p of d on, and to zeros up to width.
func (w *scratch) pointTo(rows [][]float32, cnt, width, p, d int) {
	for q := range width {
		w.rows[q] = &zeroRow[0]
		if q < cnt {
			w.rows[q] = &rows[q][p:d][0]
		}
	}
}

// strips does the rows from i0 on: packed once, in all their depth.
func (j *productJob) strips(w *scratch, i0, im int) {
	s := j.s
	from := max(0, (i0-j.lead)/s.nr*s.nr)
	if from >= len(j.b) {
		return
	}
	pad := rup(im, s.mr)
	pa := grow(&w.a, pad*j.d)
	for p := 0; p < j.d; p += depth {
		k := min(depth, j.d-p)
		for r := 0; r < im; r += s.mr {
			w.pointTo(j.a[i0+r:], min(s.mr, im-r), s.mr, p, j.d)
			s.tpackA(&pa[pad*p+r*k], &w.rows, k)
		}
	}
	c := grow(&w.x, im*min(stripColumns, len(j.b)-from))
	w.crow = growPtr(&w.crow, im)
	for ; from < len(j.b); from += stripColumns {
		j.strip(w, pa, i0, im, from, c)
	}
}

// strip is one strip, block by block of the depth.
func (j *productJob) strip(w *scratch, pa []float32, i0, im, j0 int, c []float32) {
	pad, padB := rup(im, j.s.mr), rup(len(j.b), j.s.nr)
	cols := min(stripColumns, len(j.b)-j0)
	for i := range im {
		w.crow[i] = &c[i*cols]
	}
	if j.d == 0 {
		clear(c[:im*cols])
	}
	b := block{im: im, j1: cols, n: cols, tri: true, i0: i0 - j.lead - j0}
	for p := 0; p < j.d; p += depth {
		b.pk = min(depth, j.d-p)
		b.first, b.end = p == 0, p+b.pk == j.d
		b.pa, b.pb, b.bstride = pa[pad*p:], j.pb[padB*p+j0*b.pk:], b.pk
		w.macro(j.s, &b, &Epilogue{})
	}
	j.f(Strip{I: i0, J: j0, Rows: im, Cols: cols, C: c[:im*cols], Ld: cols})
}
