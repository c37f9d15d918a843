package kernel

// colsed reports whether the input gradient is computed tap by tap in planes: for one channel, where every other way would compute columns
// that are not there.
func (g *Conv) colsed(s *set) bool {
	return len(s.cols) > 0 && g.C == 1 && g.K >= 8 && g.OW >= s.cols[0].rows*3/4 && !patchOff
}

// gradInputCols is GradInput for one channel. With dy*w^T left as one plane of pixels per tap, framed by zeros, each phase of the image is the
// sum of shifted planes, whole images at a time; no pixel is added to memory twice.
func (j *convJob) gradInputCols() {
	s, kk := j.s, j.KH*j.KW
	j.setPhases()
	j.pb = grow(&j.store, rup(kk, s.nr)*j.K)
	w := scratches.Get().(*scratch)
	for c := 0; c < kk; c += s.nr {
		w.packB(s, j.pb[c*j.K:], j.w, j.K, true, 0, j.K, c, kk)
	}
	scratches.Put(w)
	parallel(j.groups(j.H*j.W), j.on(convCols))
}

func (j *convJob) colsItem(w *scratch, t int) {
	s, kk, px := j.s, j.KH*j.KW, j.H*j.W
	ld := j.hp*j.wp + s.lanes // what a tile writes past its line does not reach the next plane
	planes := grow(&w.x, kk*ld)
	clear(planes)
	sums := grow(&w.a, len(j.phases)*(ld+slack))
	clear(sums)
	for b := t * j.group; b < min(j.N, (t+1)*j.group); b++ {
		for oy := range j.OH {
			j.colsLine(w, planes[(oy+j.top)*j.wp+j.left:], j.y[(b*j.OH+oy)*j.OW*j.K:][:j.OW*j.K], ld)
		}
		for i := range j.phases {
			j.sumPlanes(w, &j.phases[i], planes, sums[i*(ld+slack):], ld)
		}
		j.weavePhases(w, j.x[b*px:(b+1)*px], sums, ld+slack)
	}
}

// colsLine computes a line of all planes.
func (j *convJob) colsLine(w *scratch, planes, dy []float32, ld int) {
	s, kk := j.s, j.KH*j.KW
	for ox := 0; ox < j.OW; {
		n := j.OW - ox
		p := &s.cols[1]
		if low := &s.cols[0]; n <= low.rows || n > p.rows && n <= 2*low.rows {
			p = low
		}
		a := dy[ox*j.K:]
		if n < p.rows { // the rows past the last are zeros
			a = grow(&w.b, p.rows*j.K)
			clear(a[copy(a, dy[ox*j.K:]):])
		}
		for c := 0; c < kk; c += s.lanes {
			p.f(j.K, &a[0], j.K, &j.pb[c/s.nr*s.nr*j.K+c%s.nr], &planes[c*ld+ox], ld, min(s.lanes, kk-c))
		}
		ox += min(n, p.rows)
	}
}

// sumPlanes adds the shifted planes of a phase's taps; pixel (y, x) of the phase is sums[y*wp+x].
func (j *convJob) sumPlanes(w *scratch, p *phase, planes, sums []float32, ld int) {
	if p.kk == 0 {
		return
	}
	in, out := &w.sumIn, &w.sumOut
	n, size := 0, (p.ny-1)*j.wp+p.nx
	out[0] = &sums[0]
	for a, ky := range p.ty {
		for b, kx := range p.tx {
			if n == len(in)-1 {
				j.s.combine(size, n, 1, in, out, &allOnes[0])
				in[0], n = out[0], 1
			}
			in[n] = &planes[(ky*j.KW+kx)*ld+(p.oy+a+j.top)*j.wp+p.ox+b+j.left]
			n++
		}
	}
	j.s.combine(size, n, 1, in, out, &allOnes[0])
}

var allOnes = [8]float32{1, 1, 1, 1, 1, 1, 1, 1}

// weavePhases puts the phases' pixels into an image and ends it.
func (j *convJob) weavePhases(w *scratch, img, sums []float32, ld int) {
	s, nx := j.s, min(j.SW, j.W)
	line := grow(&w.b, j.W+slack)
	for y := range j.H {
		row := img[y*j.W : (y+1)*j.W]
		first := y % j.SH * nx
		src := sums[first*ld+y/j.SH*j.wp:]
		d := row
		if direct := !j.e.Add && (y+1)*j.W+16 <= len(img); !direct { // the last lines must not be written past their ends
			d = line[:j.W]
		}
		switch {
		case nx == 1 && j.SW == 1:
			copy(d, src)
		case nx == 2 && j.SW == 2:
			s.weave((j.W+1)/2, &d[0], &src[0], &src[ld])
		default:
			for x := range d {
				d[x] = src[x%j.SW*ld+x/j.SW]
			}
		}
		if j.e.Add {
			s.add(row, row, d)
		} else if &d[0] != &row[0] {
			copy(row, d)
		}
	}
	if j.e.Bias != nil {
		s.axpb(img, img, 1, j.e.Bias[0])
	}
	activate(s, img, j.e.Act, j.e.Alpha)
}
