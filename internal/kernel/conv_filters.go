package kernel

import "sync"

// Filters are the weights of a convolution, or of a dense layer, laid out once for all calls that follow. Their forward product has the bits of
// Conv.Forward, or of Gemm. They are read-only and safe for concurrent use.
type Filters struct {
	g Conv
	s *set
	p forwardPlan
	u []float32 // the weights as the route reads them
}

// Filters lays out the weights w, KH x KW x C x K.
func (g Conv) Filters(w []float32) *Filters {
	g.N = 0
	j := g.job(nil, nil, w, Epilogue{})
	f := &Filters{g: g, s: j.s, p: g.plan(j.s, j.w)}
	was, wasToom := j.store, j.toom.us // the job's own memory stays with it
	taps := g.KH * g.KW
	switch f.p.route {
	case RouteToom:
		taps = f.p.toom.y.points() * f.p.toom.x.points() * f.p.toom.par
	case RouteLine:
		taps = f.p.line.points()
	}
	room := aligned(rup(g.K, j.s.nr) * taps * g.C)
	j.store, j.toom.us = room, room
	j.layOut(&f.p)
	f.u = room
	j.store, j.toom.us, j.toom.u, j.line.u = was, wasToom, nil, nil
	j.free()
	return f
}

// DenseFilters lays out the weights of a dense layer from in to out values, in x out, or out x in where trans.
func DenseFilters(in, out int, w []float32, trans bool) *Filters {
	s := active
	f := &Filters{g: Conv{H: 1, W: 1, C: in, K: out, KH: 1, KW: 1, SH: 1, SW: 1, OH: 1, OW: 1}, s: s, p: forwardPlan{route: RouteRows}}
	ld := out
	if trans {
		ld = in
	}
	w = stored(w, trans, in, out, ld)
	f.u = aligned(rup(out, s.nr) * in)
	parallel((out+s.nr-1)/s.nr, jobFunc(func(i int) {
		t := scratches.Get().(*scratch)
		c := i * s.nr
		t.packB(s, f.u[c*in:], w, ld, trans, 0, in, c, out)
		scratches.Put(t)
	}))
	return f
}

// Route says which way Forward takes.
func (f *Filters) Route() string { return f.p.route }

// Out returns the size of an image's result.
func (f *Filters) Out() (h, w, k int) { return f.g.OH, f.g.OW, f.g.K }

// plain says that the product is one of matrices: every pixel by itself.
func (f *Filters) plain() bool {
	g := &f.g
	return f.p.route == RouteRows && g.KH == 1 && g.KW == 1 && g.SH == 1 && g.SW == 1 && g.PH == 0 && g.PW == 0
}

// Forward is Conv.Forward of n images (of n rows for a dense layer); pixels of the result are ldy >= K apart.
func (f *Filters) Forward(n int, y []float32, ldy int, x []float32, e Epilogue) {
	if f.plain() {
		ForwardParts(n, x, []Part{{f, y, ldy, e}})
		return
	}
	g := f.g
	g.N = n
	if ldy < g.K {
		panic("kernel: Filters: pixels closer than a pixel is long")
	}
	if g.out() == 0 {
		return
	}
	if f.p.route == RouteThin && ldy != g.K {
		f.thinApart(g, y, ldy, x, e)
		return
	}
	j := convJobs.Get().(*convJob)
	j.Conv, j.s, j.e, j.ldy = g, f.s, e, ldy
	j.y, j.x, j.pb = y[:(n*g.OH*g.OW-1)*ldy+g.K], x[:g.in()], f.u
	if e.Bias != nil {
		j.e.Bias = e.Bias[:g.K]
	}
	switch f.p.route {
	case RouteToom:
		j.toom.plan(&g, f.s, f.p.toom)
		j.toom.u = f.u
	case RouteLine:
		j.line.linePlan, j.line.u = f.p.line, f.u
	}
	j.forwardBy(f.p.route)
	j.toom.u, j.line.u = nil, nil
	j.free()
}

// thinApart is Forward for few filters whose results do not follow each other: by way of results that do.
func (f *Filters) thinApart(g Conv, y []float32, ldy int, x []float32, e Epilogue) {
	near, k := make([]float32, g.out()), g.K
	for r := 0; e.Add && r*k < len(near); r++ {
		copy(near[r*k:(r+1)*k], y[r*ldy:])
	}
	f.Forward(g.N, near, k, x, e)
	for r := 0; r*k < len(near); r++ {
		copy(y[r*ldy:], near[r*k:(r+1)*k])
	}
}

// Part is one of several products of the same images.
type Part struct {
	F  *Filters
	Y  []float32 // result, pixels LD apart
	LD int
	E  Epilogue
}

// partsJob is ForwardParts at work: an item is a block of rows times some of the pieces.
type partsJob struct {
	s       *set
	x       []float32
	rows, k int
	parts   []Part
	pieces  []piece
	mb, nj  int
}

// piece is a range of columns of a part.
type piece struct{ part, j0, j1 int }

var partsJobs = sync.Pool{New: func() any { return new(partsJob) }}

// ForwardParts computes products of the same n images, each as Filters.Forward does. Filters of 1 x 1 share the packing of the images.
func ForwardParts(n int, x []float32, parts []Part) {
	j := partsJobs.Get().(*partsJob)
	j.parts, j.pieces = j.parts[:0], j.pieces[:0]
	for _, p := range parts {
		if g := &p.F.g; !p.F.plain() {
			p.F.Forward(n, p.Y, p.LD, x, p.E)
		} else if rows := n * g.H * g.W; rows > 0 {
			if len(j.parts) > 0 && (rows != j.rows || g.C != j.k) {
				panic("kernel: ForwardParts: filters for images of different sizes")
			}
			j.s, j.rows, j.k, j.x = p.F.s, rows, g.C, x[:rows*g.C]
			p.Y = stored(p.Y, false, rows, g.K, p.LD)
			if p.E.Bias != nil {
				p.E.Bias = p.E.Bias[:g.K]
			}
			j.parts = append(j.parts, p)
		}
	}
	if len(j.parts) > 0 {
		parallel(j.cut(), j)
	}
	clear(j.parts)
	j.x = nil
	partsJobs.Put(j)
}

// cut sets the blocks of rows and the pieces, and returns the number of items.
func (j *partsJob) cut() int {
	th, s, cols := helpers(), j.s, 0
	for i := range j.parts {
		cols += j.parts[i].F.g.K
	}
	most := s.rowsPerBlock()
	if s.direct != nil { // no rows are packed: the more of them, the fewer times weights come from memory
		most = tallRows / s.mr * s.mr
	}
	if th > 1 && j.rows < 4*most*th {
		most = min(most, rup((j.rows+6*th-1)/(6*th), s.mr))
	}
	nm := (j.rows + most - 1) / most
	j.mb = min(most, rup((j.rows+nm-1)/nm, s.mr)) // blocks of like size
	nm = (j.rows + j.mb - 1) / j.mb
	wide, want := cache.beside(s), 1
	if nm < 2*th && th > 1 {
		want = min((cols+s.nr*4-1)/(s.nr*4), max(1, 4*th/nm))
		wide = min(wide, rup((cols+want-1)/want, s.nr))
	}
	for i := range j.parts {
		for c, k := 0, j.parts[i].F.g.K; c < k; c += wide {
			j.pieces = append(j.pieces, piece{i, c, min(k, c+wide)})
		}
	}
	j.nj = min(want, len(j.pieces))
	return nm * j.nj
}

func (j *partsJob) run(t int) {
	s, i0 := j.s, t/j.nj*j.mb
	pieces := j.pieces[t%j.nj*len(j.pieces)/j.nj : (t%j.nj+1)*len(j.pieces)/j.nj]
	w := scratches.Get().(*scratch)
	m := min(j.mb, j.rows-i0)
	where := 0 // rows that are read where they are
	if s.direct != nil {
		where = m / s.mr * s.mr
	}
	b := block{im: m - where, bstride: j.k}
	if b.im > 0 {
		b.pa = grow(&w.a, rup(b.im, s.mr)*min(depth, j.k))
		w.crow = growPtr(&w.crow, b.im)
	}
	for b.p0 = 0; b.p0 < j.k; b.p0 += depth {
		b.pk = min(depth, j.k-b.p0)
		b.first, b.end = b.p0 == 0, b.p0+b.pk == j.k
		if b.im > 0 {
			w.packA(s, b.pa, j.x, j.k, false, i0+where, b.im, b.p0, b.pk)
		}
		for k, c := range pieces {
			p := &j.parts[c.part]
			b.pb, b.n, b.j0, b.j1 = p.F.u, p.F.g.K, c.j0, c.j1
			next, ahead := j.ahead(pieces, k, b.p0)
			ahead.wait = where/s.mr*panels(c.j1-c.j0, s.nr) - ahead.lines*panels(ahead.width, depth)
			for i := 0; i < where; i += s.mr {
				j.panel(w, &b, p, i0+i, next, &ahead)
			}
			if b.im > 0 {
				for i := range b.im {
					w.crow[i] = &p.Y[(i0+where+i)*p.LD]
				}
				w.columns(s, &b, &p.E, b.j0, b.j1)
			}
		}
	}
	scratches.Put(w)
}

// ahead is what the panels of weights after piece k of this depth are: those of the next piece, or of the first one at the next depth.
func (j *partsJob) ahead(pieces []piece, k, p0 int) (u []float32, f fetching) {
	if k++; k == len(pieces) {
		k, p0 = 0, p0+depth
	}
	if p0 >= j.k {
		return nil, f
	}
	c := pieces[k]
	return j.parts[c.part].F.u, fetching{line: c.j0*j.k + p0*j.s.nr, lines: panels(c.j1-c.j0, j.s.nr), width: min(depth, j.k-p0) * j.s.nr, ld: j.k * j.s.nr}
}

// panel multiplies a panel of rows from i on with the columns of a piece and asks for pieces of next meanwhile.
func (j *partsJob) panel(w *scratch, b *block, p *Part, i int, next []float32, ahead *fetching) {
	s, e, flags := j.s, &p.E, 0
	var bias *float32
	if b.first && e.Bias != nil {
		bias = &e.Bias[0]
	}
	if !b.first || e.Add {
		flags = tileAdd
	}
	var vec func(y, x []float32)
	if b.end {
		flags |= e.Act.flag(e.Alpha)
		vec = e.Act.vector(s)
	}
	for q := range s.mr {
		w.rows[q] = &p.Y[(i+q)*p.LD]
	}
	a := &j.x[i*j.k+b.p0]
	for c := b.j0; c < b.j1; c += s.nr {
		fetch := a
		if o := ahead.next(); o >= 0 {
			fetch = &next[o]
		}
		s.direct(b.pk, a, fetch, j.k, &b.pb[c*j.k+b.p0*s.nr], &w.rows, c, min(s.nr, b.n-c), bias, flags, e.Alpha)
	}
	if vec != nil {
		for _, r := range w.rows[:s.mr] {
			y := floats(at(r, b.j0), b.j1-b.j0)
			vec(y, y)
		}
	}
}
