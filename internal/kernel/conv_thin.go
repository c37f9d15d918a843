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

// forwardThin is Forward for few filters.
func (j *convJob) forwardThin() {
	kk := j.KH * j.KW * j.C
	j.pb = grow(&j.store, kk*j.K)
	for i, v := range j.w {
		j.pb[i%j.K*kk+i/j.K] = v
	}
	j.forwardWindow(true)
	activateAll(j.y, j.e)
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
	}
}
