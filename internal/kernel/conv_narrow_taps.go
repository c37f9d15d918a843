package kernel

// tapsNarrow reports whether weightTaps exchanges the sides: of few filters a packed panel of patches would serve one panel of the gradient.
func (j *convJob) tapsNarrow() bool {
	return len(j.s.strided) > 0 && !patchOff && j.K <= j.s.nr && j.SW == 1
}

// narrowTaps is weightTaps with the gradient's channels as rows and those of the image as columns, which are read from its lines: KH of them, the images of a column one
// after the other, are kept. The chains are the same.
func (j *convJob) narrowTaps(w *scratch, t0, t1 int) {
	s, px, ck := j.s, j.OH*j.OW, j.C*j.K
	sums := j.tmp[t0*ck : t1*ck] // tap by tap, filter by filter
	clear(sums)
	pb := grow(&w.b, s.nr*j.group*j.OW)
	size := j.W*j.group*j.C + slack
	lines := grow(&w.x, j.KH*size)
	for i := 0; i < j.N; i += j.group {
		n, have := min(j.group, j.N-i), 0
		for oy := range j.OH {
			for ox := range j.OW {
				s.cpack(&pb[ox*s.nr*n], &j.y[(i*px+oy*j.OW+ox)*j.K], n, px*j.K, s.nr, j.K, s.nr)
			}
			for ; have < min(j.H, oy*j.SH+j.KH-j.PH); have++ {
				j.narrowImageLine(lines[have%j.KH*size:], i, n, have)
			}
			for t := t0; t < t1; t++ {
				if iy := oy*j.SH + t/j.KW - j.PH; iy >= 0 && iy < j.H {
					j.narrowTap(w, sums[(t-t0)*ck:], lines[iy%j.KH*size:], pb, t%j.KW, n)
				}
			}
		}
	}
	for t := range t1 - t0 {
		for c := range j.C {
			row := j.w[((t0+t)*j.C+c)*j.K:][:j.K]
			for k := range row {
				row[k] = sums[t*ck+k*j.C+c]
			}
		}
	}
}

// narrowImageLine copies line iy of images i .. i+n, column by column.
func (j *convJob) narrowImageLine(line []float32, i, n, iy int) {
	for b := range n {
		CopyColumns(j.W, j.C, line[b*j.C:], n*j.C, j.x[((i+b)*j.H+iy)*j.W*j.C:], j.C)
	}
}

// narrowTap adds the products of a line of n images with the packed line of the gradient to the sums of one tap.
func (j *convJob) narrowTap(w *scratch, sums, line, pb []float32, kx, n int) {
	s := j.s
	lo, hi := max(0, j.PW-kx), min(j.OW, j.W+j.PW-kx)
	if lo >= hi {
		return
	}
	for c := 0; c < j.C; c += s.nr {
		for r := 0; r < j.K; {
			t := s.evenTile(j.K - r)
			for q := range t.rows {
				w.part[q] = &w.trash[0]
				if r+q < j.K {
					w.part[q] = &sums[(r+q)*j.C+c]
				}
			}
			t.gemm((hi-lo)*n, &pb[lo*n*s.nr+r], 1, s.nr, &line[(lo+kx-j.PW)*n*j.C+c], j.C, &w.part, 0, min(s.nr, j.C-c), tileAdd)
			r += t.rows
		}
	}
}
