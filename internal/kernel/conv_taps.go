package kernel

// tapImages returns how many images a depth block of weightTaps takes, the batch in equal parts; 0 if that order does not pay.
func (g *Conv) tapImages() int {
	if g.C < 16 || g.KH*g.KW < 4 || g.OW > 32 {
		return 0
	}
	most := max(1, depth/g.OW)
	parts := (g.N + most - 1) / most
	if n := (g.N + parts - 1) / parts; n*g.OW >= depth/2 {
		return n
	}
	return 0
}

// weightTaps computes the weight gradient of taps t0 .. t1 (tap = ky*KW + kx). Its depth blocks are one line of some images, column by column:
// a tap that does not reach a line of the image skips the block, and the columns it reaches are one piece of it, so that nothing is
// multiplied by padding and no image is copied.
func (j *convJob) weightTaps(w *scratch, t0, t1 int) {
	s, px := j.s, j.OH*j.OW
	pb := grow(&w.b, rup(j.K, s.nr)*j.group*j.OW)
	clear(j.w[t0*j.C*j.K : t1*j.C*j.K])
	for i := 0; i < j.N; i += j.group {
		n := min(j.group, j.N-i)
		for oy := range j.OH {
			for c := 0; c < j.K; c += s.nr {
				for ox := range j.OW {
					s.cpack(&pb[(c*j.OW+ox*s.nr)*n], &j.y[(i*px+oy*j.OW+ox)*j.K+c], n, px*j.K, s.nr, min(s.nr, j.K-c), s.nr)
				}
			}
			for t := t0; t < t1; t++ {
				if iy := oy*j.SH + t/j.KW - j.PH; iy >= 0 && iy < j.H {
					j.tapBlock(w, pb, t, i, n, iy)
				}
			}
		}
	}
}

// tapBlock adds line iy of images i .. i+n times the packed line of dy to the gradient of tap t.
func (j *convJob) tapBlock(w *scratch, pb []float32, t, i, n, iy int) {
	s, kx := j.s, t%j.KW
	lo, hi := 0, j.OW
	for lo < hi && lo*j.SW+kx < j.PW {
		lo++
	}
	for lo < hi && (hi-1)*j.SW+kx-j.PW >= j.W {
		hi--
	}
	if lo == hi {
		return
	}
	mb, none := s.rowsPerBlock(), Epilogue{}
	b := block{pk: (hi - lo) * n, pb: pb, bstride: j.OW * n, p0: lo * n, j1: j.K, n: j.K}
	b.pa = grow(&w.a, rup(min(mb, j.C), s.mr)*b.pk)
	w.crow = growPtr(&w.crow, mb)
	for c := 0; c < j.C; c += mb {
		b.im = min(mb, j.C-c)
		for r := range b.im {
			w.crow[r] = &j.w[(t*j.C+c+r)*j.K]
		}
		for r := 0; r < b.im; r += s.mr {
			for ox := lo; ox < hi; ox++ {
				x := &j.x[((i*j.H+iy)*j.W+ox*j.SW+kx-j.PW)*j.C+c+r]
				s.cpack(&b.pa[r*b.pk+(ox-lo)*n*s.mr], x, n, j.H*j.W*j.C, s.mr, min(s.mr, b.im-r), s.mr)
			}
		}
		w.macro(s, &b, &none)
	}
}
