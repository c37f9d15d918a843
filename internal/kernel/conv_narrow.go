package kernel

// Products whose results fit one panel of columns read their patches where they lie: a packed patch would serve one panel alone, and packing it costs half as much as
// multiplying it. The sums are the chains of the routes that pack, so that the bits are theirs.

// narrowPass is a product of patches of an image in a frame with one panel of weights, line by line.
type narrowPass struct {
	runs, run, stride int  // a patch is runs pieces of run elements, stride apart
	ars               int  // from patch to patch of a line
	cut               bool // every piece is a chain of its own, as in a window
	pb                []float32
	cols, ld          int // of results, and from one to the next of a line
}

// pays reports whether lines of n patches are read where they are: the tiles' rows are filled, and the chains are those of packed patches.
func (p *narrowPass) pays(s *set, n int) bool {
	deep := p.runs * p.run
	if p.cut {
		deep = p.run
	}
	if len(s.patch) == 0 || patchOff || p.cols > s.nr || p.cols < thinCols || deep > depth {
		return false
	}
	rows := 0
	for at := 0; at < n; {
		h := s.patch[s.height(n-at)].rows
		rows, at = rows+h, at+h
	}
	return 4*n >= 3*rows
}

// line computes n results of a line from the patch at a on; bin is a row for results that are not there.
func (p *narrowPass) line(w *scratch, s *set, a []float32, dst, bin []float32, n int, e *Epilogue) {
	for at := 0; at < n; {
		t := &s.patch[s.height(n-at)]
		cnt := min(t.rows, n-at)
		for r := range t.rows {
			w.rows[r] = &bin[0]
			if r < cnt {
				w.rows[r] = &dst[(at+r)*p.ld]
			}
		}
		p.tile(w, s, t, &a[at*p.ars], e)
		if vec := e.Act.vector(s); vec != nil {
			for _, r := range w.rows[:cnt] {
				y := floats(r, p.cols)
				vec(y, y)
			}
		}
		at += cnt
	}
}

// tile computes the rows that w.rows points to.
func (p *narrowPass) tile(w *scratch, s *set, t *patchTile, a *float32, e *Epilogue) {
	flags, act := 0, e.Act.flag(e.Alpha)
	if e.Add {
		flags = tileAdd
	}
	var bias *float32
	if e.Bias != nil {
		bias = &e.Bias[0]
	}
	if !p.cut {
		t.f(p.runs, p.run, p.stride, a, p.ars, &p.pb[0], &w.rows, 0, p.cols, bias, flags|act, e.Alpha)
		return
	}
	for q := range p.runs {
		if q == p.runs-1 {
			flags |= act
		}
		t.f(1, p.run, p.run, at(a, q*p.stride), p.ars, &p.pb[q*p.run*s.nr], &w.rows, 0, p.cols, bias, flags, e.Alpha)
		flags, bias = tileAdd, nil
	}
}

// narrowForward is Forward as a narrow pass; the frame must be set. cut says that it stands for a window.
func (j *convJob) narrowForward(cut bool) (narrowPass, bool) {
	p := narrowPass{runs: j.KH, run: j.KW * j.C, stride: j.wp * j.C, ars: j.SW * j.C, cut: cut, pb: j.pb, cols: j.K, ld: j.ldy}
	return p, p.pays(j.s, j.OW)
}

// narrowItem computes Forward of a group of images.
func (j *convJob) narrowItem(w *scratch, t int) {
	p, _ := j.narrowForward(j.narrowCut)
	xp := grow(&w.x, j.hp*j.wp*j.C+j.s.mr*p.ars) // a tile may reach past the last patch
	bin := grow(&w.b, j.s.nr)
	for b := t * j.group; b < min(j.N, (t+1)*j.group); b++ {
		padImages(xp, j.x, b, b+1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		for oy := range j.OH {
			p.line(w, j.s, xp[oy*j.SH*j.wp*j.C:], j.y[(b*j.OH+oy)*j.OW*j.ldy:], bin, j.OW, &j.e)
		}
	}
}

// narrowPhase is a phase of GradInput as a narrow pass.
func (j *convJob) narrowPhase(p *phase, cut bool) narrowPass {
	return narrowPass{runs: len(p.ty), run: len(p.tx) * j.K, stride: j.wp * j.K, ars: j.K, cut: cut, pb: p.pb, cols: j.C, ld: j.SW * j.C}
}

// narrowPhases reports whether all phases are narrow.
func (j *convJob) narrowPhases(cut bool) bool {
	for i := range j.phases {
		q := &j.phases[i]
		if p := j.narrowPhase(q, cut); q.kk > 0 && !p.pays(j.s, q.nx) {
			return false
		}
	}
	return true
}

// narrowPhaseItem computes GradInput of a group of images.
func (j *convJob) narrowPhaseItem(w *scratch, t int) {
	dp := grow(&w.x, j.hp*j.wp*j.K+j.s.mr*j.K)
	bin := grow(&w.b, j.s.nr)
	for b := t * j.group; b < min(j.N, (t+1)*j.group); b++ {
		padImages(dp, j.y, b, b+1, j.OH, j.OW, j.K, j.top, j.left, j.hp, j.wp)
		for i := range j.phases {
			q := &j.phases[i]
			if q.kk == 0 {
				j.deadPhase(q, b, b+1)
				continue
			}
			p := j.narrowPhase(q, j.narrowCut)
			for y := range q.ny {
				p.line(w, j.s, dp[((y+q.oy+j.top)*j.wp+q.ox+j.left)*j.K:], j.x[j.pixel(q, b, y*q.nx):], bin, q.nx, &j.e)
			}
		}
	}
}

// weightNarrow reports whether weightBatch reads both sides where they are: few filters, and lines of the gradient that may be as long as those of the frame.
func (j *convJob) weightNarrow() bool {
	px := j.OH * j.OW
	return len(j.s.strided) > 0 && !patchOff && j.K <= j.s.nr && j.SH == 1 && j.SW == 1 && 2*px > depth && 4*j.OW >= 3*j.wp
}

// narrowRows computes dw transposed, K rows of all patch elements, over images b0..b1 into out. Lines of the gradient are followed by zeros, so that the pixels of both
// sides are the same distances apart all through a block; the blocks are those of weightRows. What is not finite must not meet those zeros: weightRows takes it.
func (j *convJob) narrowRows(w *scratch, out []float32, b0, b1 int) {
	s, run, kk := j.s, j.KW*j.C, j.KH*j.KW*j.C
	lines := max(1, min(j.OH, depth/j.OW))
	xp := grow(&w.x, j.hp*j.wp*j.C+2*s.nr) // the last tile of columns may reach past the last patch
	dp := grow(&w.a, j.OH*j.wp*j.K+16)
	flags := 0
	for b := b0; b < b1; b++ {
		padImages(xp, j.x, b, b+1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		if size := j.H * j.W * j.C; !s.finite(j.x[b*size : (b+1)*size]) {
			rows := make([]float32, kk*j.K)
			j.weightRows(w, rows, 0, kk, b0, b1)
			for i, v := range rows {
				out[i%j.K*kk+i/j.K] = v
			}
			return
		}
		padImages(dp, j.y, b, b+1, j.OH, j.OW, j.K, 0, 0, j.OH, j.wp)
		for y := 0; y < j.OH; y += lines {
			k := min(lines, j.OH-y)*j.wp - (j.wp - j.OW)
			for ky := range j.KH {
				for c := 0; c < run; c += s.nr {
					j.narrowTiles(w, out[ky*run+c:], kk, &xp[(y+ky)*j.wp*j.C+c], dp[y*j.wp*j.K:], k, min(s.nr, run-c), flags)
				}
			}
			flags = tileAdd
		}
	}
}

// narrowTiles multiplies k pixels of all filters with some columns of the patches.
func (j *convJob) narrowTiles(w *scratch, out []float32, ldo int, x *float32, dy []float32, k, cols, flags int) {
	s := j.s
	for r := 0; r < j.K; {
		t := s.evenTile(j.K - r)
		for q := range t.rows {
			w.part[q] = &w.trash[0]
			if r+q < j.K {
				w.part[q] = &out[(r+q)*ldo]
			}
		}
		t.gemm(k, &dy[r], 1, j.K, x, j.C, &w.part, 0, cols, flags)
		r += t.rows
	}
}

// evenTile is stridedTile, but for a lower tile that the rows fill to the last.
func (s *set) evenTile(n int) *stridedTile {
	last := &s.strided[len(s.strided)-1]
	for i := range s.strided {
		if t := &s.strided[i]; n > last.rows && n%t.rows == 0 && 2*t.rows > last.rows {
			return t
		}
	}
	return s.stridedTile(n)
}

// weightNarrowBatch is weightBatch by narrowRows.
func (j *convJob) weightNarrowBatch(kk int) {
	n := kk * j.K
	parts := j.batchParts(n)
	parallel(parts, j.on(convWeightNarrow))
	for k := range j.K {
		for i := range kk {
			v := j.tmp[k*kk+i]
			for p := 1; p < parts; p++ {
				v += j.tmp[p*n+k*kk+i]
			}
			j.w[i*j.K+k] = v
		}
	}
}
