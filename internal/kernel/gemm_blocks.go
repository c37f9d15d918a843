package kernel

import "fmt"

// grid is how a product is cut into items. It decides which thread computes a result and what stays in which cache, never a bit: a result is one chain
// over k, in blocks of depth, whatever the cut.
type grid struct {
	shared bool // all of op(B) is packed first; else an item packs its columns as it comes by
	ni, nj int  // items down and across
	wide   int  // columns of B that an item takes at a time: their panels stay in the second-level cache
}

// String names the cut for people.
func (g grid) String() string {
	switch {
	case g.shared:
		return fmt.Sprintf("all of B packed first, %d parts of the rows", g.ni)
	case g.ni*g.nj > 1:
		return fmt.Sprintf("%d parts, up to %d columns at a time", g.ni*g.nj, g.wide)
	}
	return fmt.Sprintf("up to %d columns at a time", g.wide)
}

const (
	// tallRows is the number of rows from which on packing columns of B once more hardly shows.
	tallRows = 1024
	// fewRows is the number of rows up to which columns are cut as finely as threads like: A stays in the second-level cache.
	fewRows = 256
	// rowItems is the number of items a thread has when only rows are cut, so that all threads end at about the same time.
	rowItems = 12
)

// cutFor chooses the grid of m x n results for th threads, by tiles of mr x nr and pieces of columns wide; uneven says that rows have unlike work.
func cutFor(th, m, n, mr, nr, wide int, uneven bool) grid {
	rows, cols := panels(m, mr), panels(n, nr)
	g := grid{ni: 1, nj: 1, wide: wide}
	switch {
	case th == 1:
	case cols >= 4*th:
		g.nj = rup(max(panels(n, wide), 2*th), th)
		switch {
		case m <= fewRows:
			g.nj = max(g.nj, 8*th)
		case uneven: // not finer: a transposed A is packed for each
			g.nj = max(g.nj, 3*th)
		}
		g.ni = max(1, m/tallRows)
	default:
		g.shared = true
		g.ni = min(rows, max(rowItems*th, panels(m, tallRows)))
	}
	g.nj = min(g.nj, cols)
	return g
}

// panels is the number of pieces of width that n rows or columns make.
func panels(n, width int) int { return (n + width - 1) / width }

// span is part t of parts of n rows or columns, in whole panels; parts differ by one panel at most.
func span(t, parts, n, width int) (from, to int) {
	all := panels(n, width)
	return t * all / parts * width, min(n, (t+1)*all/parts*width)
}

// inlineWork is the work below which a product is not cut: less than what it costs to call another core, and to have its results come over.
const inlineWork = 1 << 20

// work is about what a product costs, in multiply-adds: a number that is packed or written costs as much as 32 of them.
func (j *gemmJob) work() int { return j.m*j.n*j.k + 32*(j.m*j.n+j.n*j.k+j.m*j.k) }

// cut is the grid of the product by panels for th threads; small ones are one core's.
func (j *gemmJob) cut(th int) (g grid, small bool) {
	if small = j.work() < inlineWork; small {
		th = 1
	}
	return cutFor(th, j.m, j.n, j.s.mr, j.s.nr, cache.wide(j.s), j.tri), small
}

// full is the product by panels.
func (j *gemmJob) full() {
	s, small := j.s, false
	j.g, small = j.cut(helpers())
	if j.g.shared {
		j.pb = grow(&j.store, rup(j.n, s.nr)*j.k)
		j.do(stagePackB, panels(j.n, s.nr), j.k*j.n <= 1<<13)
	}
	j.do(stageTiles, j.g.ni*j.g.nj, small)
}

// do runs the n items of a stage, small ones without calling anybody.
func (j *gemmJob) do(stage, n int, small bool) {
	j.stage = stage
	if small {
		inline(n, j)
	} else {
		parallel(n, j)
	}
}

// item computes its rectangle of C, some columns at a time.
func (j *gemmJob) item(t int) {
	if j.tri { // the longest first
		t = j.g.ni*j.g.nj - 1 - t
	}
	w := scratches.Get().(*scratch)
	i0, i1 := span(t/j.g.nj, j.g.ni, j.m, j.s.mr)
	c0, c1 := span(t%j.g.nj, j.g.nj, j.n, j.s.nr)
	j.lastRows(w, i0, i1)
	for c := c0; c < c1; c += j.g.wide {
		p := portion{i0: i0, i1: i1, last: i1, c0: c, c1: min(c1, c+j.g.wide)}
		if j.tri {
			p.i1 = min(i1, p.c1)
		}
		for ; p.p0 < j.k; p.p0 += depth {
			p.pk = min(depth, j.k-p.p0)
			j.columnsOfB(w, &p)
			p.packed1 = 0
			for i := i0; i < p.i1; i += j.s.mr {
				j.panel(w, &p, i, min(j.s.mr, p.i1-i))
			}
		}
	}
	scratches.Put(w)
}

// portion is some rows and columns of C over one block of the depth.
type portion struct {
	i0, i1, c0, c1, p0, pk int
	last                   int       // where the item's rows end; i1 may be less in a triangle
	b                      []float32 // the panels of the columns
	bstride                int       // from one to the next
	ahead                  fetching
	packed0, packed1       int // rows of A that are packed
}

// fetching says which floats of the next depth block of op(B) to ask for meanwhile: pieces of depth in lines, one for a tile, by the last tiles of all.
type fetching struct {
	wait, line, lines int // tiles before the first piece; the line at hand and the number of them
	at, width, ld     int // the piece at hand; what a line holds; from one line to the next
}

// columnsOfB packs the columns of a portion, or finds them packed.
func (j *gemmJob) columnsOfB(w *scratch, p *portion) {
	s := j.s
	if j.g.shared {
		p.b, p.bstride = j.pb[p.c0*j.k+p.p0*s.nr:], j.k*s.nr
		p.ahead = fetching{}
		return
	}
	p.bstride = p.pk * s.nr
	p.b = grow(&w.b, panels(p.c1-p.c0, s.nr)*p.bstride)
	for c := p.c0; c < p.c1; c += s.nr {
		w.packB(s, p.b[(c-p.c0)/s.nr*p.bstride:], j.b, j.ldb, j.tb, p.p0, p.pk, c, j.n)
	}
	p.ahead = j.nextOfB(p)
}

func (j *gemmJob) nextOfB(p *portion) fetching {
	tiles := panels(p.i1-p.i0, j.s.mr) * panels(p.c1-p.c0, j.s.nr)
	return fetchNext(j.tb, j.ldb, p.p0+depth, j.k, p.c0, p.c1, tiles)
}

// fetchNext says where columns c0 to c1 of op(B) from depth p on lie, and leaves it to the last of so many tiles.
func fetchNext(trans bool, ld, p, k, c0, c1, tiles int) fetching {
	f := fetching{line: p*ld + c0, lines: min(depth, k-p), width: c1 - c0, ld: ld}
	if trans {
		f = fetching{line: c0*ld + p, lines: c1 - c0, width: min(depth, k-p), ld: ld}
	}
	if p >= k {
		return fetching{}
	}
	f.wait = tiles - f.lines*panels(f.width, depth)
	return f
}

// next is where the next piece begins, -1 if there is none.
func (f *fetching) next() int {
	if f.wait--; f.wait >= 0 || f.lines == 0 {
		return -1
	}
	o := f.line + f.at
	if f.at += depth; f.at >= f.width {
		f.at = 0
		f.line += f.ld
		f.lines--
	}
	return o
}

// rowsPanel is a panel of rows of op(A), packed or where it is, and what its tiles have in common.
type rowsPanel struct {
	cnt   int
	a     *float32
	where bool // where it is
	bias  *float32
	flags int
}

// panel multiplies one panel of rows with the columns of a portion. The bias enters with the first depth block, the activation with the last.
func (j *gemmJob) panel(w *scratch, p *portion, i, cnt int) {
	s, e := j.s, &j.e
	t := j.rowsOfA(w, p, i, cnt)
	if p.p0 == 0 && e.Bias != nil {
		t.bias = &e.Bias[0]
	}
	if p.p0 > 0 || e.Add {
		t.flags = tileAdd
	}
	var vec func(y, x []float32)
	if p.p0+p.pk == j.k {
		t.flags |= e.Act.flag(e.Alpha)
		vec = e.Act.vector(s)
	}
	for q := range cnt {
		w.rows[q] = &j.c[(i+q)*j.ldc]
	}
	from := p.c0
	if j.tri {
		from = max(from, i/s.nr*s.nr)
	}
	for c := from; c < p.c1; c += s.nr {
		j.tile(w, p, &t, c)
	}
	if vec != nil {
		for _, r := range w.rows[:cnt] {
			y := floats(at(r, from), p.c1-from)
			vec(y, y)
		}
	}
}

// inPlace reports whether tiles read whole panels of rows of A where they are.
func (j *gemmJob) inPlace() bool { return !j.ta && j.s.direct != nil }

// lastRows packs the rows of an item that do not fill a panel, for all portions of its columns, where the others are read in place.
func (j *gemmJob) lastRows(w *scratch, i0, i1 int) {
	s := j.s
	cnt := (i1 - i0) % s.mr
	if cnt == 0 || !j.inPlace() {
		return
	}
	w.last = grow(&w.last, s.mr*j.k)
	for p := 0; p < j.k; p += depth {
		w.packA(s, w.last[s.mr*p:], j.a, j.lda, j.ta, i1-cnt, cnt, p, min(depth, j.k-p))
	}
}

// rowsOfA finds cnt rows from i on: where they are, packed by lastRows, or packed here, a block at a time.
func (j *gemmJob) rowsOfA(w *scratch, p *portion, i, cnt int) rowsPanel {
	s := j.s
	switch {
	case j.inPlace() && cnt == s.mr:
		return rowsPanel{cnt: cnt, a: &j.a[i*j.lda+p.p0], where: true}
	case j.inPlace() && i+cnt == p.last:
		return rowsPanel{cnt: cnt, a: &w.last[s.mr*p.p0]}
	case i >= p.packed1:
		p.packed0, p.packed1 = i, min(i+s.rowsPerBlock(), p.i1)
		w.a = grow(&w.a, s.rowsPerBlock()*p.pk)
		w.packA(s, w.a, j.a, j.lda, j.ta, i, p.packed1-i, p.p0, p.pk)
	}
	return rowsPanel{cnt: cnt, a: &w.a[(i-p.packed0)*p.pk]}
}

func (j *gemmJob) tile(w *scratch, p *portion, t *rowsPanel, c int) {
	s, alpha := j.s, j.e.Alpha
	pb := &p.b[(c-p.c0)/s.nr*p.bstride]
	width := min(s.nr, j.n-c)
	switch {
	case t.where:
		fetch := t.a
		if o := p.ahead.next(); o >= 0 {
			fetch = &j.b[o]
		}
		s.direct(p.pk, t.a, fetch, j.lda, pb, &w.rows, c, width, t.bias, t.flags, alpha)
	case t.cnt == s.mr:
		s.gemm(p.pk, t.a, pb, &w.rows, c, width, t.bias, t.flags, alpha)
	default:
		w.edge(s, p.pk, t.a, pb, t.cnt, c, width, t.bias, t.flags, alpha)
	}
}
