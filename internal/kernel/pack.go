package kernel

// packRows packs op(B)^T-like data: panel column q is a row of src, k elements from column off of it.
// It is used where the reduction runs along memory.
func (w *scratch) packRows(s *set, dst, src []float32, ld, row, off, k, cnt, width int) {
	rows := &w.rows
	for q := range width {
		if q < cnt {
			rows[q] = &src[(row+q)*ld+off]
		} else {
			rows[q] = &zeroRow[0]
		}
	}
	s.tpackPadded(dst, rows, k, width, cnt, width)
}

// tpackPadded is tpack of width <= 16 columns of which the first cnt are real; zeros come from zeroRow, chunk by chunk.
func (s *set) tpackPadded(dst []float32, rows *[16]*float32, k, dstride, cnt, width int) {
	if cnt == width || k <= len(zeroRow) {
		s.tpack(&dst[0], rows, 0, k, dstride, width)
		return
	}
	for p := 0; p < k; p += len(zeroRow) {
		if p > 0 {
			for q := range cnt {
				rows[q] = at(rows[q], len(zeroRow))
			}
		}
		s.tpack(&dst[p*dstride], rows, 0, min(len(zeroRow), k-p), dstride, width)
	}
}

// packB packs columns [j, j+nr) and depth [p, p+k) of op(B) as one panel of k x nr.
func (w *scratch) packB(s *set, dst, b []float32, ldb int, trans bool, p, k, j, n int) {
	cnt := min(s.nr, n-j)
	if !trans {
		s.cpack(&dst[0], &b[p*ldb+j], k, ldb, s.nr, cnt, s.nr)
		return
	}
	rows := &w.rows
	for h := 0; h < s.nr; h += 16 {
		width := min(16, s.nr-h)
		real := max(0, min(width, cnt-h))
		for q := range width {
			if q < real {
				rows[q] = &b[(j+h+q)*ldb+p]
			} else {
				rows[q] = &zeroRow[0]
			}
		}
		s.tpackPadded(dst[h:], rows, k, s.nr, real, width)
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
		w.packRows(s, dst[r*k:], a, lda, i+r, p, k, cnt, s.mr)
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
}

// macro multiplies a block into the rows of C that w.crow points to. The bias enters with the first depth block, the
// activation with the last.
func (w *scratch) macro(s *set, b *block, e *Epilogue) {
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
		for j := b.j0; j < b.j1; j += s.nr {
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
				y := floats(at(r, b.j0), b.j1-b.j0)
				vec(y, y)
			}
		}
	}
}

// edge is a tile with fewer than mr rows: the others go to a scratch row.
func (w *scratch) edge(s *set, k int, pa, pb *float32, cnt, j, width int, bias *float32, flags int, alpha float32) {
	for q := range s.mr {
		if q < cnt {
			w.part[q] = at(w.rows[q], j)
		} else {
			w.part[q] = &w.trash[0]
		}
	}
	if bias != nil {
		bias = at(bias, j)
	}
	s.gemm(k, pa, pb, &w.part, 0, width, bias, flags, alpha)
}
