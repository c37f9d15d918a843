package kernel

// thinCols is the number of result channels below which a window is computed as scalar products: a tile would be mostly empty.
const thinCols = 4

// thinBlock computes rows t .. t1 of a window of few columns, some pixels of one class at a time. pb holds the weights column by column. The
// activation is left to the caller.
func (v *window) thinBlock(w *scratch, s *set, t, t1 int, e *Epilogue) {
	n, kk := t1-t, v.ty*v.tx*v.c
	w.win.grow(n)
	w.crow = growPtr(&w.crow, n)
	v.rows(w, t)
	q := &w.win
	for i := 0; i < n; {
		y, x := q.ys[i], q.xs[i]
		cnt := 1
		for cnt < s.thinRows && i+cnt < n && q.ys[i+cnt] == y && q.xs[i+cnt] == x {
			cnt++
		}
		if y.t0 == y.t1 || x.t0 == x.t1 {
			cnt = 1
			d := floats(w.crow[i], v.cols)
			if !e.Add {
				clear(d)
			}
			if e.Bias != nil {
				s.add(d, d, e.Bias)
			}
		} else {
			for r := range s.thinRows {
				a := i + min(r, cnt-1)
				w.rows[r] = &v.src[q.off[a]+(y.t0*v.w+x.t0)*v.c]
				w.part[r] = w.crow[a]
			}
			w.thin(s, y.t1-y.t0, (x.t1-x.t0)*v.c, v.w*v.c, v.tx*v.c, kk, v.pb[(y.t0*v.tx+x.t0)*v.c:], cnt, v.cols, e)
		}
		i += cnt
	}
}

// packColumns puts the weights of few filters column by column.
func (j *convJob) packColumns() {
	kk := j.KH * j.KW * j.C
	j.pb = grow(&j.store, kk*j.K)
	for i, v := range j.w {
		j.pb[i%j.K*kk+i/j.K] = v
	}
}

// gradInputThin is GradInput for few image channels: the columns of a phase's weights are pieces of w as they are.
func (j *convJob) gradInputThin() {
	for i := range j.phases {
		p := &j.phases[i]
		d := p.pb
		for c := range j.C {
			for _, ky := range p.ty {
				for _, kx := range p.tx {
					d = d[copy(d, j.w[((ky*j.KW+kx)*j.C+c)*j.K:][:j.K]):]
				}
			}
		}
	}
	j.phaseWindows(true)
	activateAll(j.x, j.e)
}

// activateAll applies an activation to a whole result, on all threads.
func activateAll(y []float32, e Epilogue) {
	switch e.Act {
	case ActLeakyReLU:
		LeakyReLU(y, y, e.Alpha)
	case ActTanh:
		Tanh(y, y)
	case ActSigmoid:
		Sigmoid(y, y)
	case ActGELU:
		GELU(y, y)
	case ActQuickGELU:
		QuickGELU(y, y)
	case ActNone:
	}
}

// weightThin is GradWeight for few filters, with the roles of the two sides exchanged: dy makes the rows of a low tile, patches its columns.
func (j *convJob) weightThin() {
	kk := j.KH * j.KW * j.C
	j.blk = (j.N + batchParts - 1) / batchParts
	parts := (j.N + j.blk - 1) / j.blk
	j.tmp = grow(&j.tmp, parts*kk*j.K)
	parallel(parts*j.KH, j.on(convWeightThin))
	for i := range j.w {
		t := i%j.K*kk + i/j.K
		j.w[i] = j.tmp[t]
		for p := 1; p < parts; p++ {
			j.w[i] += j.tmp[p*kk*j.K+t]
		}
	}
}

// thinItem computes one filter row over one part of the batch, a few lines of one image at a time.
func (j *convJob) thinItem(w *scratch, item int) {
	s, part, ky := j.s, item/j.KH, item%j.KH
	run, kk := j.KW*j.C, j.KH*j.KW*j.C
	lines := max(1, min(j.OH, depth/j.OW))
	xp := grow(&w.x, j.hp*j.wp*j.C)
	pa, pb := grow(&w.a, s.mr*lines*j.OW), grow(&w.b, s.nr*lines*j.OW)
	for k := range j.K {
		w.rows[k] = &j.tmp[(part*j.K+k)*kk+ky*run]
	}
	flags := 0
	for b := part * j.blk; b < min(j.N, (part+1)*j.blk); b++ {
		padImages(xp, j.x, b, b+1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		for y0 := 0; y0 < j.OH; y0 += lines {
			y1 := min(j.OH, y0+lines)
			pk := (y1 - y0) * j.OW
			s.cpack(&pa[0], &j.y[(b*j.OH+y0)*j.OW*j.K], pk, j.K, s.mr, j.K, s.mr)
			for c := 0; c < run; c += s.nr {
				cnt := min(s.nr, run-c)
				for oy := y0; oy < y1; oy++ {
					s.cpack(&pb[(oy-y0)*j.OW*s.nr], &xp[(oy*j.SH+ky)*j.wp*j.C+c], j.OW, j.SW*j.C, s.nr, cnt, s.nr)
				}
				w.edge(s, pk, &pa[0], &pb[0], j.K, c, cnt, nil, flags, 0)
			}
			flags = tileAdd
		}
	}
}
