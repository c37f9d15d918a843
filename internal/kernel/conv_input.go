package kernel

// phase is the set of image pixels (ry + SH*jy, rx + SW*jx): they see the same taps of the filter, so that the input
// gradient is one small dense convolution of dy per phase.
type phase struct {
	ry, rx, ny, nx int
	ty, tx         []int // taps, by ascending coordinate in dy
	oy, ox         int   // coordinate in dy of the first tap for jy = jx = 0
	kk             int
	pb             []float32
}

// floorDiv is division that rounds down, b > 0.
func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// taps appends the filter taps that reach pixels of phase r.
func taps(t []int, r, k, stride, pad int) []int {
	for q := k - 1; q >= 0; q-- {
		if (r+pad-q)%stride == 0 {
			t = append(t, q)
		}
	}
	return t
}

// GradInput sets dx = act(transposed convolution of dy with w + bias): the gradient of Forward in its image, and the
// forward product of a transposed convolution (then dx is the larger image and bias has C elements).
func (g Conv) GradInput(dx, dy, w []float32, e Epilogue) {
	j := g.job(dy, dx, w, e)
	if e.Bias != nil {
		j.e.Bias = e.Bias[:g.C]
	}
	thin := g.C > 1 && g.C < thinCols && g.K >= 8 // one column does not pay for reading dy once a phase
	if p, ok := g.toomPlan(j.s); ok && g.whole(j.w) {
		j.toomInput(p)
	} else if g.colsed(j.s) {
		j.gradInputCols()
	} else if g.C < 16 && g.K >= g.C && !thin {
		j.gradInputCol()
	} else {
		j.gradInputPhases(thin)
	}
	j.free()
}

// setPhases finds the phases and the frame of dy that their taps reach, and returns the size of their packed weights.
func (j *convJob) setPhases() int {
	ny, nx := min(j.SH, j.H), min(j.SW, j.W)
	if cap(j.phases) < ny*nx {
		j.phases = make([]phase, ny*nx)
	}
	j.phases = j.phases[:ny*nx]
	bot, right, total := 0, 0, 0
	j.top, j.left = 0, 0
	for i := range j.phases {
		p := &j.phases[i]
		p.ry, p.rx = i/nx, i%nx
		p.ny, p.nx = (j.H-p.ry+j.SH-1)/j.SH, (j.W-p.rx+j.SW-1)/j.SW
		p.ty = taps(p.ty[:0], p.ry, j.KH, j.SH, j.PH)
		p.tx = taps(p.tx[:0], p.rx, j.KW, j.SW, j.PW)
		p.kk = len(p.ty) * len(p.tx) * j.K
		if p.kk > 0 {
			p.oy, p.ox = floorDiv(p.ry+j.PH-p.ty[0], j.SH), floorDiv(p.rx+j.PW-p.tx[0], j.SW)
			j.top, j.left = max(j.top, -p.oy), max(j.left, -p.ox)
			bot = max(bot, p.oy+p.ny-1+len(p.ty)-1-(j.OH-1))
			right = max(right, p.ox+p.nx-1+len(p.tx)-1-(j.OW-1))
		}
		total += rup(j.C, j.s.nr) * p.kk
	}
	j.hp, j.wp = j.OH+j.top+bot, j.OW+j.left+right
	return total
}

func (j *convJob) gradInputPhases(thin bool) {
	s := j.s
	j.pb = grow(&j.store, j.setPhases())
	o := 0
	for i := range j.phases {
		p := &j.phases[i]
		n := rup(j.C, s.nr) * p.kk
		p.pb = j.pb[o : o+n]
		o += n
	}
	if thin {
		j.gradInputThin()
		return
	}
	parallel(len(j.phases), j.on(convPhasePack))
	window := j.phaseRun() >= wideRun && j.K <= len(zeroRow)
	stage := convPhases
	if j.narrowPhases(window) {
		j.narrowCut, stage = window, convNarrowPhases
	} else if window {
		j.phaseWindows(false)
		return
	}
	parallel(j.groups(j.phases[0].ny*j.phases[0].nx), j.on(stage))
	for i := range j.phases {
		j.phases[i].pb = nil
	}
}

// phaseRun is the length of the shortest filter row of a phase.
func (j *convJob) phaseRun() int {
	run := j.KW * j.K
	for i := range j.phases {
		if p := &j.phases[i]; p.kk > 0 {
			run = min(run, len(p.tx)*j.K)
		}
	}
	return run
}

func (j *convJob) phaseWindows(thin bool) {
	j.growWindows(len(j.phases))
	for i := range j.phases {
		p, v := &j.phases[i], &j.wins[i]
		*v = window{src: j.y, n: j.N, h: j.OH, w: j.OW, c: j.K, ny: p.ny, nx: p.nx, sy: 1, sx: 1, y0: p.oy, x0: p.ox,
			ty: len(p.ty), tx: len(p.tx), ys: v.ys, xs: v.xs, pb: p.pb, dst: j.x, cols: j.C,
			dimg: j.H * j.W * j.C, dat: (p.ry*j.W + p.rx) * j.C, drow: j.SH * j.W * j.C, dcol: j.SW * j.C, thin: thin}
		if p.kk == 0 {
			v.ty, v.tx = 0, 0
		}
		p.pb = nil
	}
	j.windows()
}

// packPhase packs the phase's taps, transposed to depth K by columns C.
func (j *convJob) packPhase(w *scratch, p *phase) {
	s := j.s
	for c0 := 0; c0 < j.C; c0 += s.nr {
		d := p.pb[c0*p.kk:]
		for _, ky := range p.ty {
			for _, kx := range p.tx {
				tap := j.w[(ky*j.KW+kx)*j.C*j.K:][:j.C*j.K]
				w.packB(s, d, tap, j.K, true, 0, j.K, c0, j.C)
				d = d[j.K*s.nr:]
			}
		}
	}
}

func (j *convJob) phaseItem(w *scratch, t int) {
	b0, b1 := t*j.group, min(j.N, (t+1)*j.group)
	dp := grow(&w.x, (b1-b0)*j.hp*j.wp*j.K)
	padImages(dp, j.y, b0, b1, j.OH, j.OW, j.K, j.top, j.left, j.hp, j.wp)
	for i := range j.phases {
		if p := &j.phases[i]; p.kk > 0 {
			j.phaseImages(w, p, dp, b0, b1)
		} else {
			j.deadPhase(p, b0, b1)
		}
	}
}

// pixel is the offset in dx of pixel r (0 .. ny*nx-1) of the phase.
func (j *convJob) pixel(p *phase, b, r int) int {
	return ((b*j.H+p.ry+j.SH*(r/p.nx))*j.W + p.rx + j.SW*(r%p.nx)) * j.C
}

func (j *convJob) phaseImages(w *scratch, p *phase, dp []float32, b0, b1 int) {
	s := j.s
	px, mb := p.ny*p.nx, s.rowsPerBlock()
	m := (b1 - b0) * px
	w.crow, w.arow = growPtr(&w.crow, mb), growPtr(&w.arow, mb)
	b := block{pb: p.pb, bstride: p.kk, j1: j.C, n: j.C}
	b.pa = grow(&w.a, rup(min(m, mb), s.mr)*min(depth, p.kk))
	for i0 := 0; i0 < m; i0 += mb {
		b.im = min(mb, m-i0)
		for i := range b.im {
			bi, r := (i0+i)/px, (i0+i)%px
			w.crow[i] = &j.x[j.pixel(p, b0+bi, r)]
			w.arow[i] = &dp[((bi*j.hp+r/p.nx+p.oy+j.top)*j.wp+r%p.nx+p.ox+j.left)*j.K]
		}
		w.runBlocks(s, &b, p.kk, len(p.tx)*j.K, j.wp*j.K, &j.e)
	}
}

// deadPhase fills pixels that no tap reaches: they get the bias alone.
func (j *convJob) deadPhase(p *phase, b0, b1 int) {
	for b := b0; b < b1; b++ {
		for r := range p.ny * p.nx {
			o := j.pixel(p, b, r)
			j.bare(j.x[o : o+j.C])
		}
	}
}

// bare is the result of an empty product: act(c if Add + bias).
func (j *convJob) bare(d []float32) {
	if !j.e.Add {
		clear(d)
	}
	if j.e.Bias != nil {
		j.s.add(d, d, j.e.Bias)
	}
	activate(j.s, d, j.e.Act, j.e.Alpha)
}

// gradInputCol is the product dy * w^T followed by adding the columns into the image: better for few channels.
func (j *convJob) gradInputCol() {
	s, kk := j.s, j.KH*j.KW*j.C
	j.pb = grow(&j.store, rup(kk, s.nr)*j.K)
	w := scratches.Get().(*scratch)
	for c := 0; c < kk; c += s.nr {
		w.packB(s, j.pb[c*j.K:], j.w, j.K, true, 0, j.K, c, kk)
	}
	scratches.Put(w)
	parallel(j.groups(j.OH*j.OW), j.on(convCol))
}

func (j *convJob) colItem(w *scratch, t int) {
	s, kk, px := j.s, j.KH*j.KW*j.C, j.OH*j.OW
	b0, b1 := t*j.group, min(j.N, (t+1)*j.group)
	m, mb := (b1-b0)*px, s.rowsPerBlock()
	col := grow(&w.x, m*kk)
	w.crow = growPtr(&w.crow, mb)
	none := Epilogue{}
	b := block{pb: j.pb, bstride: j.K, j1: kk, n: kk}
	b.pa = grow(&w.a, rup(min(m, mb), s.mr)*min(depth, j.K))
	for i0 := 0; i0 < m; i0 += mb {
		b.im = min(mb, m-i0)
		for i := range b.im {
			w.crow[i] = &col[(i0+i)*kk]
		}
		for b.p0 = 0; b.p0 < j.K; b.p0 += depth {
			b.pk = min(depth, j.K-b.p0)
			b.first, b.end = b.p0 == 0, b.p0+b.pk == j.K
			w.packA(s, b.pa, j.y[b0*px*j.K:], j.K, false, i0, b.im, b.p0, b.pk)
			w.macro(s, &b, &none)
		}
	}
	j.addColumns(j.x[b0*j.H*j.W*j.C:b1*j.H*j.W*j.C], col, b1-b0)
}

// addColumns adds the patches of n images into out and applies the epilogue.
func (j *convJob) addColumns(out, col []float32, n int) {
	if !j.e.Add {
		clear(out)
	}
	kk := j.KH * j.KW * j.C
	for b := range n {
		for oy := range j.OH {
			for ky := range j.KH {
				iy := oy*j.SH + ky - j.PH
				if iy < 0 || iy >= j.H {
					continue
				}
				dst := out[(b*j.H+iy)*j.W*j.C : (b*j.H+iy+1)*j.W*j.C]
				j.addRow(dst, col[(b*j.OH+oy)*j.OW*kk+ky*j.KW*j.C:], kk)
			}
		}
	}
	if j.e.Bias != nil {
		for i := 0; i < len(out); i += j.C {
			for c, v := range j.e.Bias {
				out[i+c] += v
			}
		}
	}
	activate(j.s, out, j.e.Act, j.e.Alpha)
}

// addRow adds one filter row of OW patches, kk apart, into one image row.
func (j *convJob) addRow(dst, col []float32, kk int) {
	run := j.KW * j.C
	for ox := range j.OW {
		src := col[ox*kk:][:run]
		x0 := (ox*j.SW - j.PW) * j.C
		lo, hi := max(0, -x0), min(run, len(dst)-x0)
		if hi <= lo {
			continue
		}
		d := dst[x0+lo : x0+hi]
		for i, v := range src[lo:hi] {
			d[i] += v
		}
	}
}
