package kernel

// batchParts is the number of parts a small weight gradient cuts the batch into; fixed, so that bits do not depend on threads.
const batchParts = 4

// GradWeight sets dw to the gradient of Forward in its weights: dw[ky,kx,c,k] = sum over pixels of x patch * dy.
func (g Conv) GradWeight(dw, x, dy []float32) {
	j := g.job(dy, x, dw, Epilogue{})
	j.hp, j.wp = g.frame()
	kk := g.KH * g.KW * g.C
	p, ok := g.toomPlan(j.s)
	switch {
	case g.N == 0:
		clear(j.w)
	case ok && p.paysWeight(&g):
		j.toomWeight(p)
	case g.K < thinCols && g.KW*g.C >= 16:
		j.weightThin()
	case g.weightPatched(j.s):
		j.weightPatches()
	case kk <= j.s.rowsPerBlock(): // few rows: cut the batch
		j.weightBatch(kk)
	case g.tapImages() > 0:
		j.group, j.items = g.tapImages(), min(Threads(), g.KH*g.KW)
		if j.tapsNarrow() {
			j.tmp = grow(&j.tmp, len(j.w))
		}
		parallel(j.items, j.on(convTaps))
	default:
		th := Threads()
		j.blk = rup((kk+th-1)/th, j.s.mr)
		parallel((kk+j.blk-1)/j.blk, j.on(convWeight))
	}
	j.free()
}

func (j *convJob) weightBatch(kk int) {
	n := kk * j.K
	if j.weightNarrow() {
		j.weightNarrowBatch(kk)
		return
	}
	parts := j.batchParts(n)
	parallel(parts, j.on(convWeightBatch))
	copy(j.w, j.tmp[:n])
	for i := 1; i < parts; i++ {
		j.s.add(j.w, j.w, j.tmp[i*n:(i+1)*n])
	}
}

// batchParts cuts the batch and makes room for n floats a part.
func (j *convJob) batchParts(n int) int {
	j.blk = (j.N + batchParts - 1) / batchParts
	parts := (j.N + j.blk - 1) / j.blk
	j.tmp = grow(&j.tmp, parts*n)
	return parts
}

// weightRows computes rows k0..k1 of dw over images b0..b1 into out. Its depth blocks are whole images or, when an image
// has more pixels than depth, whole rows of one: that order depends on the shape alone.
func (j *convJob) weightRows(w *scratch, out []float32, k0, k1, b0, b1 int) {
	s, px := j.s, j.OH*j.OW
	images := max(1, min(j.N, depth/px))
	lines := max(1, min(j.OH, depth/j.OW))
	if images > 1 {
		lines = j.OH
	}
	mb := s.rowsPerBlock()
	xp := grow(&w.x, images*j.hp*j.wp*j.C)
	maxk := images * lines * j.OW
	pa := grow(&w.a, rup(min(mb, k1-k0), s.mr)*maxk)
	pb := grow(&w.b, rup(j.K, s.nr)*maxk)
	w.crow = growPtr(&w.crow, mb)
	none := Epilogue{}
	b := block{pa: pa, pb: pb, j1: j.K, n: j.K, first: true}
	for i := b0; i < b1; i += images {
		ie := min(b1, i+images)
		padImages(xp, j.x, i, ie, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		for y0 := 0; y0 < j.OH; y0 += lines {
			y1 := min(j.OH, y0+lines)
			b.pk = (ie - i) * (y1 - y0) * j.OW
			b.bstride = b.pk
			dy := j.y[(i*px+y0*j.OW)*j.K:]
			for c := 0; c < j.K; c += s.nr {
				w.packB(s, pb[c*b.pk:], dy, j.K, false, 0, b.pk, c, j.K)
			}
			for i0 := k0; i0 < k1; i0 += mb {
				b.im = min(mb, k1-i0)
				for r := range b.im {
					w.crow[r] = &out[(i0-k0+r)*j.K]
				}
				for r := 0; r < b.im; r += s.mr {
					j.packPatches(pa[r*b.pk:], xp, i0+r, min(s.mr, b.im-r), ie-i, y0, y1, b.pk)
				}
				w.macro(s, &b, &none)
			}
			b.first = false
		}
	}
}

// packPatches packs cnt patch elements from index k on as a panel whose depth is the pixels of n images, lines y0..y1.
func (j *convJob) packPatches(dst, xp []float32, k, cnt, n, y0, y1, pk int) {
	s, run := j.s, j.KW*j.C
	if cnt < s.mr {
		clear(dst[:s.mr*pk])
	}
	for a := 0; a < cnt; { // pieces inside one filter row
		ky, off := (k+a)/run, (k+a)%run
		l := min(run-off, cnt-a)
		pix := 0
		for b := range n {
			for oy := y0; oy < y1; oy++ {
				s.cpack(&dst[pix*s.mr+a], &xp[((b*j.hp+oy*j.SH+ky)*j.wp)*j.C+off], j.OW, j.SW*j.C, s.mr, l, l)
				pix += j.OW
			}
		}
		a += l
	}
}
