package kernel

// window is a sliding window of ty x tx taps over n images of h x w x c, the form of a convolution and of each phase of its input
// gradient. Taps that fall outside the image are not computed: at 7 x 7 pixels they are a seventh of a 4 x 4 filter's work. For that the
// pixels are taken by class, those that see the same taps one after another through all images, and a panel of such rows has the depth of
// its taps. A panel at the border of two classes takes the union and reads zeros, which changes no sum: each filter row is a chain, or
// several, of its own whoever the neighbours are, so that a pixel's bits do not depend on the batch.
type window struct {
	src                   []float32
	n, h, w, c            int
	ny, nx                int // pixels
	sy, sx, y0, x0        int // pixel (i, j) has its first tap at (i*sy + y0, j*sx + x0)
	ty, tx                int
	ys, xs                []band
	pb                    []float32 // packed weights, ty*tx*c deep
	dst                   []float32
	cols                  int // of a result
	dimg, dat, drow, dcol int // where the result of pixel (i, j) of image b is: b*dimg + dat + i*drow + j*dcol
	first                 int // number of the first item
	thin                  bool
}

// band is a range of pixels along one axis that see the taps t0 .. t1.
type band struct{ at, n, t0, t1 int }

// wideRun is the length of a filter row from which on it is worth a chain of its own.
const wideRun = 64

func bands(b []band, n, stride, origin, size, taps int) []band {
	for o := range n {
		x := o*stride + origin
		t0, t1 := max(0, -x), min(taps, size-x)
		if t1 <= t0 {
			t0, t1 = 0, 0
		}
		if k := len(b) - 1; k >= 0 && b[k].t0 == t0 && b[k].t1 == t1 {
			b[k].n++
		} else {
			b = append(b, band{o, 1, t0, t1})
		}
	}
	return b
}

// prepare finds the classes and returns the number of blocks of mb rows.
func (v *window) prepare(mb int) int {
	v.ys = bands(v.ys[:0], v.ny, v.sy, v.y0, v.h, v.ty)
	v.xs = bands(v.xs[:0], v.nx, v.sx, v.x0, v.w, v.tx)
	return (v.n*v.ny*v.nx + mb - 1) / mb
}

// strip is what is known of the panel of rows i .. i+mr while a block is computed.
type strip struct {
	y0, y1, x0, x1 int // union of the taps
	pure           bool
	pk, at, flags  int // depth and place in the weights, of the filter row at hand
	biased         bool
}

// wideWindow is the scratch of a block: where its rows start, and the taps they see.
type windowScratch struct {
	off    []int
	ys, xs []*band
	strips []strip
}

func (w *windowScratch) grow(rows int) {
	if cap(w.off) < rows {
		w.off, w.ys, w.xs, w.strips = make([]int, rows), make([]*band, rows), make([]*band, rows), make([]strip, rows)
	}
	w.off, w.ys, w.xs = w.off[:rows], w.ys[:rows], w.xs[:rows]
}

// rows sets the start, the result and the taps of the rows from number t on, which are ordered by class, image and pixel.
func (v *window) rows(w *scratch, t int) {
	q := &w.win
	i, n, from := 0, len(q.off), 0
	for a := range v.ys {
		for b := range v.xs {
			y, x := &v.ys[a], &v.xs[b]
			px := y.n * x.n
			if r := t + i - from; i < n && r < v.n*px {
				img, p := r/px, r%px
				i = v.classRows(w, i, y, x, img, p/x.n, p%x.n)
			}
			from += v.n * px
		}
	}
}

// classRows sets rows from i on to pixels of one class, from pixel (py, px) of the class in image img on, and returns the next row.
func (v *window) classRows(w *scratch, i int, y, x *band, img, py, px int) int {
	q := &w.win
	n := len(q.off)
	for ; img < v.n; img++ {
		for ; py < y.n; py++ {
			oy, ox := y.at+py, x.at+px
			off := ((img*v.h+oy*v.sy+v.y0)*v.w + ox*v.sx + v.x0) * v.c
			dst := img*v.dimg + v.dat + oy*v.drow + ox*v.dcol
			for ; px < x.n; px++ {
				if i == n {
					return i
				}
				q.off[i], q.ys[i], q.xs[i] = off, y, x
				w.crow[i] = &v.dst[dst]
				off += v.sx * v.c
				dst += v.dcol
				i++
			}
			px = 0
		}
		py = 0
	}
	return i
}

// unite finds the union of the taps of each panel.
func (v *window) unite(w *scratch, mr int) []strip {
	q := &w.win
	n := len(q.off)
	st := q.strips[:(n+mr-1)/mr]
	for k := range st {
		p := &st[k]
		*p = strip{y0: v.ty, x0: v.tx, pure: true}
		i := k * mr
		for r := i; r < min(n, i+mr); r++ {
			y, x := q.ys[r], q.xs[r]
			p.pure = p.pure && y == q.ys[i] && x == q.xs[i]
			if y.t0 < y.t1 && x.t0 < x.t1 {
				p.y0, p.y1, p.x0, p.x1 = min(p.y0, y.t0), max(p.y1, y.t1), min(p.x0, x.t0), max(p.x1, x.t1)
			}
		}
	}
	return st
}

// block computes rows t .. t1.
func (v *window) block(w *scratch, s *set, t, t1 int, e *Epilogue) {
	n, run := t1-t, v.tx*v.c
	w.win.grow(n)
	w.crow = growPtr(&w.crow, n)
	v.rows(w, t)
	st := v.unite(w, s.mr)
	deep := min(depth, run)
	pa := grow(&w.a, len(st)*s.mr*deep)
	for k := range st {
		v.begin(w, s, &st[k], k*s.mr, e)
	}
	for ky := range v.ty {
		for k0 := 0; k0 < run; k0 += depth {
			k1 := min(run, k0+depth)
			for k := range st {
				if p := &st[k]; v.cut(p, ky, k0, k1, e) {
					v.pack(w, s, p, pa[k*s.mr*deep:], k*s.mr, ky)
				}
			}
			v.multiply(w, s, st, pa, deep, e)
		}
	}
}

// begin gives the rows of a panel that the first chain passes over what that chain would: the bias.
func (v *window) begin(w *scratch, s *set, p *strip, i int, e *Epilogue) {
	if p.y0 == 0 && p.y1 > 0 && p.x0*v.c < depth {
		return
	}
	for _, r := range w.crow[i:min(len(w.win.off), i+s.mr)] {
		d := floats(r, v.cols)
		if !e.Add {
			clear(d)
		}
		if e.Bias != nil {
			s.add(d, d, e.Bias)
		}
		if p.y0 >= p.y1 {
			activate(s, d, e.Act, e.Alpha)
		}
	}
}

// cut sets the part of columns k0 .. k1 of filter row ky that a panel needs, and reports whether there is one.
func (v *window) cut(p *strip, ky, k0, k1 int, e *Epilogue) bool {
	lo, hi := max(k0, p.x0*v.c), min(k1, p.x1*v.c)
	p.pk = 0
	if ky < p.y0 || ky >= p.y1 || lo >= hi {
		return false
	}
	p.pk, p.at = hi-lo, ky*v.tx*v.c+lo
	p.biased = ky == 0 && k0 == 0
	p.flags = 0
	if !p.biased || e.Add {
		p.flags = tileAdd
	}
	if ky == p.y1-1 && hi == p.x1*v.c {
		p.flags |= e.Act.flag(e.Alpha) | tileEnd
	}
	return true
}

// tileEnd marks the last chain of a tile; the micro-kernels do not know it.
const tileEnd = 1 << 10

func (v *window) pack(w *scratch, s *set, p *strip, pa []float32, i, ky int) {
	q := &w.win
	rows, cnt := &w.rows, min(s.mr, len(q.off)-i)
	for r := cnt; r < s.mr; r++ {
		rows[r] = &zeroRow[0]
	}
	o := ky*v.w*v.c + p.at - ky*v.tx*v.c
	if p.pure {
		for r, off := range q.off[i : i+cnt] {
			rows[r] = &v.src[off+o]
		}
		s.tpackA(&pa[0], rows, p.pk)
		return
	}
	for k := 0; k < p.pk; { // tap by tap
		at := p.at - ky*v.tx*v.c + k
		kx := at / v.c
		l := min((kx+1)*v.c-at, p.pk-k)
		for r, off := range q.off[i : i+cnt] {
			y, x := q.ys[i+r], q.xs[i+r]
			if ky >= y.t0 && ky < y.t1 && kx >= x.t0 && kx < x.t1 {
				rows[r] = &v.src[off+o+k]
			} else {
				rows[r] = &zeroRow[0]
			}
		}
		s.tpackA(&pa[k*s.mr], rows, l)
		k += l
	}
}

// multiply adds the packed panels times their part of the weights to the results.
func (v *window) multiply(w *scratch, s *set, st []strip, pa []float32, deep int, e *Epilogue) {
	kk, n := v.ty*v.tx*v.c, len(w.win.off)
	wide := cache.beside(s)
	for j0 := 0; j0 < v.cols; j0 += wide {
		j1 := min(v.cols, j0+wide)
		for k := range st {
			p := &st[k]
			if p.pk == 0 {
				continue
			}
			i := k * s.mr
			cnt := min(s.mr, n-i)
			copy(w.rows[:cnt], w.crow[i:i+cnt])
			var bias *float32
			if p.biased && e.Bias != nil {
				bias = &e.Bias[0]
			}
			flags := p.flags &^ tileEnd
			for j := j0; j < j1; j += s.nr {
				a, b, width := &pa[i*deep], &v.pb[j*kk+p.at*s.nr], min(s.nr, v.cols-j)
				if cnt == s.mr {
					s.gemm(p.pk, a, b, &w.rows, j, width, bias, flags, e.Alpha)
				} else {
					w.edge(s, p.pk, a, b, cnt, j, width, bias, flags, e.Alpha)
				}
			}
			if vec := e.Act.vector(s); vec != nil && p.flags&tileEnd != 0 {
				for _, r := range w.rows[:cnt] {
					y := floats(at(r, j0), j1-j0)
					vec(y, y)
				}
			}
		}
	}
}

// windows runs all windows of the job, each in blocks of rows.
func (j *convJob) windows() {
	th, total := helpers(), 0
	for i := range j.wins {
		total += j.wins[i].n * j.wins[i].ny * j.wins[i].nx
	}
	j.rowsPer = j.s.rowsPerBlock()
	if th > 1 {
		j.rowsPer = max(4*j.s.mr, min(j.rowsPer, rup((total+6*th-1)/(6*th), j.s.mr)))
	}
	items := 0
	for i := range j.wins {
		j.wins[i].first = items
		items += j.wins[i].prepare(j.rowsPer)
	}
	parallel(items, j.on(convWindows))
	for i := range j.wins {
		v := &j.wins[i]
		v.src, v.dst, v.pb = nil, nil, nil
	}
}

func (j *convJob) windowItem(w *scratch, i int) {
	k := len(j.wins) - 1
	for j.wins[k].first > i {
		k--
	}
	v := &j.wins[k]
	t := (i - v.first) * j.rowsPer
	t1 := min(v.n*v.ny*v.nx, t+j.rowsPer)
	if v.thin {
		v.thinBlock(w, j.s, t, t1, &j.e)
	} else {
		v.block(w, j.s, t, t1, &j.e)
	}
}

func (j *convJob) growWindows(n int) {
	if cap(j.wins) < n {
		j.wins = make([]window, n)
	}
	j.wins = j.wins[:n]
}
