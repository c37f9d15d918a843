package kernel

// padded runs a transposing packer on rows of which only some are real. Zeros come from zeroRow, chunk by chunk.
func padded(pack func(dst *float32, rows *[16]*float32, k int), dst []float32, rows *[16]*float32, k, stride, cnt int) {
	for p := 0; p < k; p += len(zeroRow) {
		if p > 0 {
			for q := range cnt {
				rows[q] = at(rows[q], len(zeroRow))
			}
		}
		pack(&dst[p*stride], rows, min(len(zeroRow), k-p))
	}
}

// pointers sets w.rows to cnt rows of src, ld apart from offset o on, and to zeros up to width.
func (w *scratch) pointers(src []float32, o, ld, cnt, width int) {
	for q := range width {
		if q < cnt {
			w.rows[q] = &src[o+q*ld]
		} else {
			w.rows[q] = &zeroRow[0]
		}
	}
}

// packB packs columns [j, j+nr) and depth [p, p+k) of op(B) as one panel of k x nr.
func (w *scratch) packB(s *set, dst, b []float32, ldb int, trans bool, p, k, j, n int) {
	cnt := min(s.nr, n-j)
	if !trans {
		s.cpack(&dst[0], &b[p*ldb+j], k, ldb, s.nr, cnt, s.nr)
		return
	}
	for h := 0; h < s.nr; h += 16 {
		w.pointers(b, (j+h)*ldb+p, ldb, min(16, cnt-h), min(16, s.nr))
		padded(s.tpackB, dst[h:], &w.rows, k, s.nr, max(0, min(16, cnt-h)))
	}
}

// packA packs rows [i, i+m) and depth [p, p+k) of op(A) as panels of mr rows.
func (w *scratch) packA(s *set, dst, a []float32, lda int, trans bool, i, m, p, k int) {
	for r := 0; r < m; r += s.mr {
		cnt := min(s.mr, m-r)
		if trans {
			s.cpack(&dst[r*k], &a[p*lda+i+r], k, lda, s.mr, cnt, s.mr)
			continue
		}
		w.pointers(a, (i+r)*lda+p, lda, cnt, s.mr)
		s.tpackA(&dst[r*k], &w.rows, k)
	}
}

// block is one packed block of A against packed panels of B.
type block struct {
	im, pk     int       // rows of C, depth
	pa         []float32 // panels of mr rows, pk deep
	pb         []float32 // panels of nr columns, depth bstride
	bstride    int
	p0         int // where this depth begins in the panels of B
	j0, j1, n  int // columns to do; columns of C
	first, end bool
	tri        bool // only tiles on or above the diagonal
	i0         int  // tri: the first row of C
}

// macro multiplies a block into the rows of C that w.crow points to. The bias enters with the first depth block, the
// activation with the last.
func (w *scratch) macro(s *set, b *block, e *Epilogue) {
	wide := cache.beside(s)
	for j := b.j0; j < b.j1; j += wide {
		w.columns(s, b, e, j, min(b.j1, j+wide))
	}
}

func (w *scratch) columns(s *set, b *block, e *Epilogue, j0, j1 int) {
	var bias *float32
	if b.first && e.Bias != nil {
		bias = &e.Bias[0]
	}
	flags := 0
	if !b.first || e.Add {
		flags = tileAdd
	}
	var vec func(y, x []float32)
	if b.end {
		flags |= e.Act.flag(e.Alpha)
		vec = e.Act.vector(s)
	}
	for i := 0; i < b.im; i += s.mr {
		cnt := min(s.mr, b.im-i)
		copy(w.rows[:cnt], w.crow[i:i+cnt])
		pa := &b.pa[i*b.pk]
		from := j0
		if b.tri {
			from = max(from, (b.i0+i)/s.nr*s.nr)
		}
		for j := from; j < j1; j += s.nr {
			pb := &b.pb[j*b.bstride+b.p0*s.nr]
			width := min(s.nr, b.n-j)
			if cnt == s.mr {
				s.gemm(b.pk, pa, pb, &w.rows, j, width, bias, flags, e.Alpha)
				continue
			}
			w.edge(s, b.pk, pa, pb, cnt, j, width, bias, flags, e.Alpha)
		}
		if vec != nil {
			for _, r := range w.rows[:cnt] {
				y := floats(at(r, j0), j1-j0)
				vec(y, y)
			}
		}
	}
}

// edge is a tile with fewer than mr rows: those it has too many go to a scratch row.
func (w *scratch) edge(s *set, k int, pa, pb *float32, cnt, j, width int, bias *float32, flags int, alpha float32) {
	gemm, rows := s.tile(cnt)
	for q := range rows {
		if q < cnt {
			w.part[q] = at(w.rows[q], j)
		} else {
			w.part[q] = &w.trash[0]
		}
	}
	if bias != nil {
		bias = at(bias, j)
	}
	gemm(k, pa, pb, &w.part, 0, width, bias, flags, alpha)
}
