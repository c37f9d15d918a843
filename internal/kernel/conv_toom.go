package kernel

// toomRows are the rows of one linear combination.
type toomRows struct {
	in, out [8]*float32
	sink    [combinePiece]float32 // for results nobody wants
	tmp     []float32
}

// combinePiece is the length of the pieces in which long rows are combined: all rows of a piece stay in the first-level cache.
const combinePiece = 1024

// combine does set.combine on w.lin for rows of any length. Rows of zeros and the sink stay where they are.
func (w *scratch) combine(s *set, n, nin, nout int, coef []float32) {
	l := &w.lin
	for ; n > combinePiece; n -= combinePiece {
		s.combine(combinePiece, nin, nout, &l.in, &l.out, &coef[0])
		for i, p := range l.in[:nin] {
			if p != &zeroRow[0] {
				l.in[i] = at(p, combinePiece)
			}
		}
		for o, p := range l.out[:nout] {
			if p != &l.sink[0] {
				l.out[o] = at(p, combinePiece)
			}
		}
	}
	s.combine(n, nin, nout, &l.in, &l.out, &coef[0])
}

// toomWork is a convolution by toomPlan at work. The rows of tiles of all images are numbered through: unit = image * y.tiles + tile row.
type toomWork struct {
	toomPlan
	stage      func(j *convJob, w *scratch, i int)
	units      int       // of an item
	block      toomBlock // of GradWeight and of a product point by point, where all items share it
	u          []float32 // transformed weights, point after point
	point      int       // floats of u per point
	us, vs, zs []float32 // their memory, and that of the transforms of a shared block
	v, z       []float32
	rowsPer    int // rows of sums of an item of GradWeight, columns of weights of one of a product point by point
}

// itemUnits are the units of item i of the shared block.
func (t *toomWork) itemUnits(i int) (from, to int) {
	from = t.block.u0 + i*t.units
	return from, min(t.block.u1, from+t.units)
}

func (t *toomWork) run(j *convJob, w *scratch, i int) { t.stage(j, w, i) }

// toomBlock is where the rows of tiles of units u0 .. u1 are: point after point, in a point unit after unit, in a unit tile after tile.
type toomBlock struct {
	u0, u1 int
	from   [toomPoints][toomPoints]int
	nx     [toomPoints]int // tiles of a unit that use point q
	total  int
}

// before is the number of rows of tiles in units 0 .. u that use point p.
func (t *toomPlan) before(u, p int) int {
	return u/t.y.tiles*t.y.count(t.y.tiles, p) + t.y.count(u%t.y.tiles, p)
}

func (t *toomPlan) newBlock(u0, u1 int) (b toomBlock) {
	b.u0, b.u1 = u0, u1
	for q := range b.nx {
		b.nx[q] = t.x.count(t.x.tiles, q)
	}
	for p := range toomPoints {
		n := t.before(u1, p) - t.before(u0, p)
		for q := range toomPoints {
			b.from[p][q] = b.total
			b.total += n * b.nx[q]
		}
	}
	return b
}

// row is the row of tile 0 of unit u at point (p, q).
func (t *toomPlan) row(b *toomBlock, u, p, q int) int {
	return b.from[p][q] + (t.before(u, p)-t.before(b.u0, p))*b.nx[q]
}

// rows is the number of rows at point (p, q).
func (t *toomPlan) rows(b *toomBlock, p, q int) int {
	return (t.before(b.u1, p) - t.before(b.u0, p)) * b.nx[q]
}

// The transforms of an item should stay in the second-level cache, about toomFloats; but the transformed weights, which do not, have to be used
// for many rows, at least toomRowsLeast.
const (
	toomFloats    = 1 << 18
	toomRowsLeast = 48
)

// cut sets the units of an item, a multiple of some, and returns the number of items.
func (j *convJob) toomCut(some int) int {
	t := &j.toom
	all := j.N * t.y.tiles
	each := t.floats(j.C*t.par+j.K) / t.y.tiles
	t.units = max(1, toomFloats/each, toomRowsLeast/t.x.tiles)
	if th := helpers(); th > 1 {
		t.units = min(t.units, (all+3*th-1)/(3*th))
	}
	t.units = rup(t.units, some)
	return (all + t.units - 1) / t.units
}

func (j *convJob) toomItem(i int) toomBlock {
	t := &j.toom
	return t.newBlock(i*t.units, min(j.N*t.y.tiles, (i+1)*t.units))
}

func (j *convJob) onToom(n int, stage func(j *convJob, w *scratch, i int)) {
	j.toom.stage = stage
	parallel(n, j.on(convToom))
}

// toomWeights transforms the weights for Forward by a plan.
func (j *convJob) toomWeights(p toomPlan) {
	t := &j.toom
	panels := t.plan(&j.Conv, j.s, p)
	t.u = grow(&t.us, p.y.points()*p.x.points()*t.point)
	j.onToom(panels*p.par, (*convJob).toomTaps)
}

// plan sets how the forward product is done and returns the panels of filters.
func (t *toomWork) plan(g *Conv, s *set, p toomPlan) int {
	t.toomPlan = p
	panels := (g.K + s.nr - 1) / s.nr
	t.point = panels * s.nr * p.par * g.C
	return panels
}

// toomChunk is the number of rows of a filter tap that are transformed at a time.
const toomChunk = 64

// toomTaps packs and transforms a panel of the filters of one parity: item = panel * parities + parity.
func (j *convJob) toomTaps(w *scratch, item int) {
	s, t := j.s, &j.toom
	c, par := item/t.par*s.nr, item%t.par
	for k := 0; k < j.C; k += toomChunk {
		n := min(toomChunk, j.C-k)
		raw := grow(&w.x, t.y.r*t.x.r*n*s.nr)
		for y := range t.y.r {
			for x := range t.x.r {
				tap := (y*j.SH+par/j.SW)*j.KW + x*j.SW + par%j.SW
				s.cpack(&raw[(y*t.x.r+x)*n*s.nr], &j.w[(tap*j.C+k)*j.K+c], n, j.K, s.nr, min(s.nr, j.K-c), s.nr)
			}
		}
		j.toomSpread(w, raw, n*s.nr, c*t.par*j.C+(par*j.C+k)*s.nr)
	}
}

// toomSpread transforms packed taps of n floats each to their place in the points.
func (j *convJob) toomSpread(w *scratch, raw []float32, n, to int) {
	s, t, l := j.s, &j.toom, &w.lin
	ny, nx := t.y.points(), t.x.points()
	half := grow(&w.b, ny*t.x.r*n)
	for x := range t.x.r {
		for y := range t.y.r {
			l.in[y] = &raw[(y*t.x.r+x)*n]
		}
		for p := range ny {
			l.out[p] = &half[(p*t.x.r+x)*n]
		}
		w.combine(s, n, t.y.r, ny, t.by.g[t.y.r])
	}
	for p := range ny {
		for x := range t.x.r {
			l.in[x] = &half[(p*t.x.r+x)*n]
		}
		for q := range nx {
			l.out[q] = &t.u[(p*nx+q)*t.point+to]
		}
		w.combine(s, n, t.x.r, nx, t.by.g[t.x.r])
	}
}

func (j *convJob) toomForwardItem(w *scratch, i int) {
	t := &j.toom
	b := j.toomItem(i)
	kk := t.par * j.C
	v := grow(&w.x, (b.total+j.s.mr)*kk) // the last tile reads rows that are not there
	strips := j.toomStrips(w)
	for u := b.u0; u < b.u1; u++ {
		j.toomImage(w, &b, u, v, strips)
	}
	m := grow(&w.b, b.total*j.K)
	j.toomMultiply(w, &b, v, kk, m, 1, j.K)
	for u := b.u0; u < b.u1; u++ {
		j.toomResult(w, &b, u, m, strips)
	}
}

// toomStrips returns room for a transformed line of the image, with its frame of zeros, and of the result per point.
func (j *convJob) toomStrips(w *scratch) []float32 {
	n := j.toomStrip()
	a := grow(&w.a, toomPoints*n)
	for p := range toomPoints {
		clear(a[p*n:][:j.PW*j.C])
		clear(a[p*n+(j.PW+j.W)*j.C : p*n+((j.OW-1)*j.SW+j.KW)*j.C])
	}
	return a
}

func (j *convJob) toomStrip() int { return max(((j.OW-1)*j.SW+j.KW)*j.C, j.OW*j.K) }

// toomImage transforms the lines of the image that unit u sees.
func (j *convJob) toomImage(w *scratch, b *toomBlock, u int, v, strips []float32) {
	s, t, l, n := j.s, &j.toom, &w.lin, j.toomStrip()
	img := u / t.y.tiles
	y0, np := t.y.tile(u % t.y.tiles)
	for par := range j.SH {
		for i := range np {
			l.in[i], l.out[i] = &zeroRow[0], &strips[i*n+j.PW*j.C]
			if iy := j.SH*(y0+i) + par - j.PH; iy >= 0 && iy < j.H {
				l.in[i] = &j.x[(img*j.H+iy)*j.W*j.C]
			}
		}
		w.combine(s, j.W*j.C, np, np, t.by.bT[np])
		for p := range np {
			j.toomLine(w, b, u, p, strips[p*n:], v, par*j.SW)
		}
	}
}

// toomLine transforms one line of the image, with frame, along x: its parities go to columns from*C on.
func (j *convJob) toomLine(w *scratch, b *toomBlock, u, p int, line, v []float32, from int) {
	t, l := &j.toom, &w.lin
	kk := t.par * j.C
	var to [toomPoints]int
	for q := range to {
		to[q] = t.row(b, u, p, q)*kk + from*j.C
	}
	for e := range j.SW {
		for tx := range t.x.tiles {
			x0, nq := t.x.tile(tx)
			for q := range nq {
				l.in[q] = &line[(j.SW*(x0+q)+e)*j.C]
				l.out[q] = &v[to[q]+tx*kk+e*j.C]
			}
			j.s.combine(j.C, nq, nq, &l.in, &l.out, &t.by.bT[nq][0])
		}
	}
}

// toomMultiply sets c, point by point, to the rows of a times the transformed weights, whose columns are groups of cols.
func (j *convJob) toomMultiply(w *scratch, b *toomBlock, a []float32, kk int, c []float32, groups, cols int) {
	t := &j.toom
	nx := t.x.points()
	for p := range t.y.points() {
		for q := range nx {
			if n := t.rows(b, p, q); n > 0 {
				from := b.from[p][q]
				j.toomProduct(w, n, a[from*kk:], kk, t.u[(p*nx+q)*t.point:], c[from*groups*cols:], groups*cols, groups, cols)
			}
		}
	}
}

// toomProduct multiplies n rows of a, kk deep, with groups of cols columns of u, into rows of c that are ldc apart.
func (j *convJob) toomProduct(w *scratch, n int, a []float32, kk int, u, c []float32, ldc, groups, cols int) {
	s := j.s
	nr := s.nr
	panels := (cols + nr - 1) / nr
	for p := 0; p < kk; p += depth {
		pk, flags := min(depth, kk-p), 0
		if p > 0 {
			flags = tileAdd
		}
		for i := 0; i < n; i += s.mr {
			tile := s.stridedTile(n - i)
			for g := range groups {
				for k := range panels {
					for r := range tile.rows {
						w.part[r] = &w.trash[0]
						if i+r < n {
							w.part[r] = &c[(i+r)*ldc+g*cols+k*nr]
						}
					}
					tile.gemm(pk, &a[i*kk+p], kk, 1, &u[((g*panels+k)*kk+p)*nr], nr, &w.part, 0, min(nr, cols-k*nr), flags)
				}
			}
		}
	}
}

// stridedTile returns the cheapest tile for n rows or, if there are more, as many as it can.
func (s *set) stridedTile(n int) *stridedTile {
	for i := range s.strided {
		if t := &s.strided[i]; n <= t.rows {
			return t
		}
	}
	return &s.strided[len(s.strided)-1]
}

// toomResult transforms the products of unit u back to lines of the result.
func (j *convJob) toomResult(w *scratch, b *toomBlock, u int, m, strips []float32) {
	s, t, l, n := j.s, &j.toom, &w.lin, j.toomStrip()
	img := u / t.y.tiles
	y0, np := t.y.tile(u % t.y.tiles)
	my := np + 1 - t.y.r
	for p := range np {
		var from [toomPoints]int
		for q := range from {
			from[q] = t.row(b, u, p, q) * j.K
		}
		for tx := range t.x.tiles {
			x0, nq := t.x.tile(tx)
			for q := range nq {
				l.in[q] = &m[from[q]+tx*j.K]
			}
			mx := nq + 1 - t.x.r
			for i := range mx {
				l.out[i] = &strips[p*n+(x0+i)*j.K]
			}
			s.combine(j.K, nq, mx, &l.in, &l.out, &t.by.aT[t.x.r][nq][0])
		}
	}
	y, px := j.y[(img*j.OH+y0)*j.OW*j.ldy:], my*j.OW
	apart := j.ldy != j.K // the pixels of the result
	o := y[:px*j.K]
	if j.e.Add || apart {
		o = grow(&l.tmp, px*j.K)
	}
	for p := range np {
		l.in[p] = &strips[p*n]
	}
	for i := range my {
		l.out[i] = &o[i*j.OW*j.K]
	}
	w.combine(s, j.OW*j.K, np, my, t.by.aT[t.y.r][np])
	if !apart {
		j.toomFinish(y[:px*j.K], o, j.K)
		return
	}
	for r := range px {
		j.toomFinish(y[r*j.ldy:][:j.K], o[r*j.K:][:j.K], j.K)
	}
}

// toomFinish applies the epilogue: y = act(o (+ y) + bias) by rows of c. o may be y.
func (j *convJob) toomFinish(y, o []float32, c int) {
	s, e := j.s, &j.e
	if e.Add {
		s.add(y, y, o)
		o = y
	}
	if e.Bias != nil {
		s.rowsAffine(len(y)/c, c, y, o, ones(c), e.Bias, e.Alpha, e.Act.flag(e.Alpha))
		if f := e.Act.vector(s); f != nil {
			f(y, y)
		}
		return
	}
	if &o[0] != &y[0] {
		copy(y, o)
	}
	activate(s, y, e.Act, e.Alpha)
}
