package kernel

// toomInput is GradInput by a plan, the adjoint of toomForward step by step. Items are whole images, because neighbouring tiles add to the same
// pixels.
func (j *convJob) toomInput(p toomPlan) {
	t := &j.toom
	t.toomPlan = p
	panels := (j.C + j.s.nr - 1) / j.s.nr
	t.point = p.par * panels * j.s.nr * j.K
	t.u = grow(&t.us, p.y.points()*p.x.points()*t.point)
	j.onToom(panels*p.par, (*convJob).toomTapsT)
	j.onToom(j.toomCut(p.y.tiles), (*convJob).toomInputItem)
}

// toomTapsT is toomTaps for the adjoint: depth K, columns C of one parity after the other.
func (j *convJob) toomTapsT(w *scratch, item int) {
	s, t := j.s, &j.toom
	panels := (j.C + s.nr - 1) / s.nr
	par, c := item/panels, item%panels*s.nr
	for k := 0; k < j.K; k += toomChunk {
		n := min(toomChunk, j.K-k)
		raw := grow(&w.x, t.y.r*t.x.r*n*s.nr)
		for y := range t.y.r {
			for x := range t.x.r {
				tap := (y*j.SH+par/j.SW)*j.KW + x*j.SW + par%j.SW
				w.packB(s, raw[(y*t.x.r+x)*n*s.nr:], j.w[tap*j.C*j.K:], j.K, true, k, n, c, j.C)
			}
		}
		j.toomSpread(w, raw, n*s.nr, (item*j.K+k)*s.nr)
	}
}

func (j *convJob) toomInputItem(w *scratch, i int) {
	t := &j.toom
	b := j.toomItem(i)
	z := grow(&w.x, (b.total+j.s.mr)*j.K)
	strips := j.toomStrips(w)
	for u := b.u0; u < b.u1; u++ {
		j.toomGradient(w, &b, u, z, strips)
	}
	m := grow(&w.b, b.total*t.par*j.C)
	j.toomMultiply(w, &b, z, j.K, m, t.par, j.C)
	for img := b.u0 / t.y.tiles; img < b.u1/t.y.tiles; img++ {
		x := j.x[img*j.H*j.W*j.C:][:j.H*j.W*j.C]
		o := x
		if j.e.Add {
			o = grow(&w.lin.tmp, len(x))
		}
		for ty := range t.y.tiles {
			j.toomBack(w, &b, img, ty, m, strips, o)
		}
		j.toomFinish(x, o, j.C)
	}
}

// toomGradient transforms the lines of dy that belong to unit u.
func (j *convJob) toomGradient(w *scratch, b *toomBlock, u int, z, strips []float32) {
	s, t, l, n := j.s, &j.toom, &w.lin, j.toomStrip()
	img := u / t.y.tiles
	y0, np := t.y.tile(u % t.y.tiles)
	my := np + 1 - t.y.r
	for i := range my {
		l.in[i] = &j.y[(img*j.OH+y0+i)*j.OW*j.K]
	}
	for p := range np {
		l.out[p] = &strips[p*n]
	}
	w.combine(s, j.OW*j.K, my, np, t.by.a[t.y.r][np])
	for p := range np {
		var to [toomPoints]int
		for q := range to {
			to[q] = t.row(b, u, p, q) * j.K
		}
		for tx := range t.x.tiles {
			x0, nq := t.x.tile(tx)
			mx := nq + 1 - t.x.r
			for i := range mx {
				l.in[i] = &strips[p*n+(x0+i)*j.K]
			}
			for q := range nq {
				l.out[q] = &z[to[q]+tx*j.K]
			}
			s.combine(j.K, mx, nq, &l.in, &l.out, &t.by.a[t.x.r][nq][0])
		}
	}
}

// toomBack transforms the products of one row of tiles back and adds them to the lines of the image o that it reaches.
func (j *convJob) toomBack(w *scratch, b *toomBlock, img, ty int, m, strips, o []float32) {
	s, t, l, n := j.s, &j.toom, &w.lin, j.toomStrip()
	y0, np := t.y.tile(ty)
	for par := range j.SH {
		for p := range np {
			j.toomBackLine(w, b, img*t.y.tiles+ty, p, m, strips[p*n:], par*j.SW)
		}
		for p := range np {
			l.in[p] = &strips[p*n+j.PW*j.C]
		}
		for i := range np {
			iy := j.SH*(y0+i) + par - j.PH
			in := iy >= 0 && iy < j.H
			l.out[i] = &l.sink[0]
			if in {
				l.out[i] = &o[iy*j.W*j.C]
			}
			if i < t.y.r-1 {
				l.in[np+i] = &zeroRow[0]
				if in && ty > 0 {
					l.in[np+i] = l.out[i]
				}
			}
		}
		w.combine(s, j.W*j.C, np+t.y.r-1, np, t.by.b[t.y.r][np])
	}
}

// toomBackLine adds the tiles of one line along x into a line with frame.
func (j *convJob) toomBackLine(w *scratch, b *toomBlock, u, p int, m, line []float32, from int) {
	t, l := &j.toom, &w.lin
	kk := t.par * j.C
	var at [toomPoints]int
	for q := range at {
		at[q] = t.row(b, u, p, q)*kk + from*j.C
	}
	for e := range j.SW {
		for tx := range t.x.tiles {
			x0, nq := t.x.tile(tx)
			for q := range nq {
				l.in[q] = &m[at[q]+tx*kk+e*j.C]
				l.out[q] = &line[(j.SW*(x0+q)+e)*j.C]
			}
			for i := range t.x.r - 1 {
				l.in[nq+i] = &zeroRow[0]
				if tx > 0 {
					l.in[nq+i] = l.out[i]
				}
			}
			j.s.combine(j.C, nq+t.x.r-1, nq, &l.in, &l.out, &t.by.b[t.x.r][nq][0])
		}
	}
}
