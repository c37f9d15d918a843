package kernel

import "slices"

// Rows of TestEveryPrimitive for tiles and packers.

// tileRows are rows of a result in memory, w of their floats to be written from offset coff on.
type tileRows struct {
	at   [16]*float32
	x    [][]float32
	was  [][]float32
	coff int
	w    int
}

func (m *room) tileRows(rows, w int) tileRows {
	t := tileRows{coff: m.r.IntN(9), w: w}
	t.at, t.x = m.lines(rows, t.coff+w)
	for _, x := range t.x {
		t.was = append(t.was, clone(x))
	}
	return t
}

// check compares every row with sum(i, j), finished as flags say, and what lies before it with what it was.
func (t *tileRows) check(m *room, what string, k, flags int, alpha float32, bias []float32, sum func(i, j int) float64) {
	m.t.Helper()
	for i, x := range t.x {
		want := wide(t.was[i])
		for j := range t.w {
			v := sum(i, j)
			if bias != nil {
				v += float64(bias[t.coff+j])
			}
			if flags&tileAdd != 0 {
				v += want[t.coff+j]
			}
			want[t.coff+j] = finished64(v, flags, alpha)
		}
		m.equal(shape(what, " row ", i, " of ", len(t.x), ", k ", k, ", columns ", t.w, ", flags ", flags), x, want, 4*tol32(k), 1)
	}
}

func (m *room) bias(n int) []float32 {
	if m.r.IntN(2) == 0 {
		return nil
	}
	return m.floats(n)
}

func (m *room) flags() int { return pick(m.r, 0, tileAdd) | pick(m.r, 0, tileLeaky, tileReLU) }

func checkTile(m *room, s *set, tile tileFunc, rows int) {
	k, w := 1+m.r.IntN(40), 1+m.r.IntN(s.nr)
	a, b := m.floats(k*s.mr), m.floats(k*s.nr)
	c := m.tileRows(rows, w)
	bias, flags, alpha := m.bias(c.coff+w), m.flags(), float32(0.2)
	tile(k, &a[0], &b[0], &c.at, c.coff, w, first(bias), flags, alpha)
	c.check(m, "gemm", k, flags, alpha, bias, func(i, j int) (v float64) {
		for p := range k {
			v += float64(a[p*s.mr+i]) * float64(b[p*s.nr+j])
		}
		return v
	})
}

func checkThin(m *room, s *set) {
	for c, f := range s.thin {
		m.next = 0
		cols, runs, k := c+1, 1+m.r.IntN(4), 1+m.r.IntN(70)
		xs, ws := k+m.r.IntN(4), k+m.r.IntN(4)
		ldw := (runs-1)*ws + k + m.r.IntN(4)
		w, out := m.floats((cols-1)*ldw+(runs-1)*ws+k), m.floats(cols*s.thinRows)
		at, x := m.lines(s.thinRows, (runs-1)*xs+k)
		f(runs, k, xs, ws, ldw, &w[0], &at, &out[0])
		want := make([]float64, len(out))
		for i := range want {
			for q := range runs {
				for p := range k {
					want[i] += float64(x[i%s.thinRows][q*xs+p]) * float64(w[i/s.thinRows*ldw+q*ws+p])
				}
			}
		}
		m.equal(shape("thin, ", cols, " columns"), out, want, tol32(runs*k), 1)
	}
}

func checkCombine(m *room, s *set) {
	n, nin, nout := 1+m.r.IntN(80), 1+m.r.IntN(7), 1+m.r.IntN(7)
	in16, x := m.lines(nin, n)
	out16, y := m.lines(nout, n)
	in, out := [8]*float32(in16[:8]), [8]*float32(out16[:8])
	for i := range x {
		x[i] = clone(x[i])
		if i < nout && m.r.IntN(2) == 0 { // a result in place of an operand
			out[i], y[i] = in[i], floats(in[i], n)
		}
	}
	coef := m.floats(nin * nout)
	s.combine(n, nin, nout, &in, &out, &coef[0])
	for o := range nout {
		want := make([]float64, n)
		for p := range want {
			for i := range nin {
				want[p] += float64(coef[o*nin+i]) * float64(x[i][p])
			}
		}
		m.equal(shape("combine ", nin, " rows, row ", o), y[o], want, tol32(nin), 1)
	}
}

func checkStrided(m *room, s *set) {
	for _, tile := range s.strided {
		m.next = 0
		k, w := 1+m.r.IntN(40), 1+m.r.IntN(s.nr)
		aps, ars, bs := 1+m.r.IntN(3), 1+m.r.IntN(60), s.nr+m.r.IntN(5)
		a, b := m.floats((tile.rows-1)*ars+(k-1)*aps+1), m.floats((k-1)*bs+s.nr)
		c := m.tileRows(tile.rows, w)
		flags := pick(m.r, 0, tileAdd)
		tile.gemm(k, &a[0], ars, aps, &b[0], bs, &c.at, c.coff, w, flags)
		c.check(m, "strided", k, flags, 0, nil, func(i, j int) (v float64) {
			for p := range k {
				v += float64(a[i*ars+p*aps]) * float64(b[p*bs+j])
			}
			return v
		})
	}
}

func checkPatch(m *room, s *set) {
	for _, tile := range s.patch {
		m.next = 0
		runs, k, w := 1+m.r.IntN(5), 1+m.r.IntN(12), 1+m.r.IntN(s.nr)
		xs, ars := k+m.r.IntN(30), 1+m.r.IntN(5)
		a, b := m.floats((tile.rows-1)*ars+(runs-1)*xs+k), m.floats(runs*k*s.nr)
		c := m.tileRows(tile.rows, w)
		bias, flags, alpha := m.bias(c.coff+w), m.flags(), float32(0.2)
		tile.f(runs, k, xs, &a[0], ars, &b[0], &c.at, c.coff, w, first(bias), flags, alpha)
		c.check(m, "patch", runs*k, flags, alpha, bias, func(i, j int) (v float64) {
			for q := range runs {
				for p := range k {
					v += float64(a[i*ars+q*xs+p]) * float64(b[(q*k+p)*s.nr+j])
				}
			}
			return v
		})
	}
}

func checkDirect(m *room, s *set) {
	if s.direct == nil {
		return
	}
	k, w := 1+m.r.IntN(40), 1+m.r.IntN(s.nr)
	if m.r.IntN(4) == 0 {
		k += 16 * m.r.IntN(12) // with and without turns before the late ones
	}
	ars := k + m.r.IntN(4)
	a, b := m.floats((s.mr-1)*ars+k), m.floats(k*s.nr)
	c := m.tileRows(s.mr, w)
	bias, flags, alpha := m.bias(c.coff+w), m.flags(), float32(0.2)
	s.direct(k, &a[0], &a[0], ars, &b[0], &c.at, c.coff, w, first(bias), flags, alpha)
	c.check(m, "direct", k, flags, alpha, bias, func(i, j int) (v float64) {
		for p := range k {
			v += float64(a[i*ars+p]) * float64(b[p*s.nr+j])
		}
		return v
	})
}

func checkTaps(m *room, s *set) {
	for _, tile := range s.taps {
		m.next = 0
		lines, k, skip, aps := 1+m.r.IntN(4), 1+m.r.IntN(12), m.r.IntN(9), 1+m.r.IntN(3)
		bs := s.nr + m.r.IntN(6)
		step := k*aps + skip
		at, a := m.lines(tile.rows, (lines-1)*step+(k-1)*aps+1)
		b := m.floats((lines*k-1)*bs + s.nr)
		c := m.tileRows(tile.rows, s.nr)
		flags := pick(m.r, 0, tileAdd)
		tile.f(lines, k, skip, aps, &at, &b[0], bs, &c.at, c.coff, flags)
		c.check(m, "taps", lines*k, flags, 0, nil, func(i, j int) (v float64) {
			for q := range lines {
				for p := range k {
					v += float64(a[i][q*step+p*aps]) * float64(b[(q*k+p)*bs+j])
				}
			}
			return v
		})
	}
}

func checkCols(m *room, s *set) {
	for _, tile := range s.cols {
		m.next = 0
		k, n := 1+m.r.IntN(40), 1+m.r.IntN(s.lanes)
		ars, ldo := k+m.r.IntN(5), s.lanes+m.r.IntN(5)
		a, b := m.floats((tile.rows-1)*ars+k), m.floats((k-1)*s.nr+s.lanes)
		out := m.floats((n-1)*ldo + s.lanes)
		want := wide(out)
		for c := range n {
			for i := range s.lanes {
				v := 0.0
				for p := 0; p < k && i < tile.rows; p++ {
					v += float64(a[i*ars+p]) * float64(b[p*s.nr+c])
				}
				want[c*ldo+i] = v
			}
		}
		tile.f(k, &a[0], ars, &b[0], &out[0], ldo, n)
		m.equal(shape("cols of ", tile.rows, " rows"), out, want, tol32(k), 1)
	}
}

func checkWeave(m *room, s *set) {
	n := 1 + m.r.IntN(60)
	a, b, dst := m.floats(rup(n, 8)), m.floats(rup(n, 8)), m.floats(2*rup(n, 8))
	s.weave(n, &dst[0], &a[0], &b[0])
	for i, v := range dst {
		if want := []float32{a[i/2], b[i/2]}[i%2]; v != want && v == v {
			m.t.Fatalf("weave: at %d %v, want %v", i, v, want)
		}
	}
}

func checkTranspose(m *room, pack func(dst *float32, rows *[16]*float32, k int), rows, width int) {
	k := m.r.IntN(50)
	at, x := m.lines(rows, max(k, 1))
	dst := m.floats(max(0, k-1)*width + 16)
	pack(&dst[0], &at, k)
	for p := range k {
		for q := range rows { // what a line has beyond them is not to be relied on
			m.equal(shape("transpose of ", rows, " x ", k, ", line ", p), dst[p*width+q:], []float64{float64(x[q][p])}, 0, 0)
		}
	}
}

func checkCopy(m *room, s *set) {
	widths := []int{s.mr, s.nr}
	if s.f64.gemm != nil {
		widths = append(widths, 2*s.f64.mr, 2*s.f64.nr) // the same packer for float64
	}
	width := widths[m.r.IntN(len(widths))]
	k, cnt := m.r.IntN(30), 1+m.r.IntN(width)
	ss, ds := cnt+m.r.IntN(9), width+m.r.IntN(9)
	src, dst := m.floats(max(0, k-1)*ss+cnt), m.floats(max(0, k-1)*ds+width)
	want := wide(dst)
	for p := range k {
		for q := range width {
			v := 0.0
			if q < cnt {
				v = float64(src[p*ss+q])
			}
			want[p*ds+q] = v
		}
	}
	s.cpack(&dst[0], &src[0], k, ss, ds, cnt, width)
	m.equal(shape("copy of ", cnt, " of ", width), dst, want, 0, 0)
}

func checkTranspose64(m *room, pack func(dst *float64, rows *[16]*float64, k int), rows, width, over int) {
	k := 1 + m.r.IntN(50)
	at, x := m.lines64(rows, k)
	dst := m.doubles((k-1)*width + max(width, over))
	pack(&dst[0], &at, k)
	for p := range k {
		for q := range rows {
			m.equal64(shape("transpose of ", rows, " x ", k), dst[p*width+q:], []float64{x[q][p]}, 0)
		}
	}
}

// checkTile64 checks the tile that reads rows of A packed, or where they are.
func checkTile64(m *room, s *set, direct bool) {
	f := &s.f64
	k, w := 1+m.r.IntN(40), 1+m.r.IntN(f.nr)
	if direct && m.r.IntN(4) == 0 {
		k += 16 * m.r.IntN(12) // with and without turns before the late ones
	}
	ars, aps := 1, f.mr
	if direct {
		ars, aps = k+m.r.IntN(4), 1
	}
	a, b := m.doubles((f.mr-1)*ars+(k-1)*aps+1), m.doubles(k*f.nr)
	coff, alpha, add := m.r.IntN(5), pick(m.r, 1, -0.7), m.r.IntN(2)
	rows, c := m.lines64(f.mr, coff+w)
	var was [][]float64
	for _, x := range c {
		was = append(was, slices.Clone(x))
	}
	if direct {
		f.direct(k, &a[0], &a[0], ars, &b[0], &rows, coff, w, alpha, add)
	} else {
		f.gemm(k, &a[0], &b[0], &rows, coff, w, alpha, add)
	}
	for i, x := range c {
		want := was[i]
		for j := range w {
			v := 0.0
			for p := range k {
				v += a[i*ars+p*aps] * b[p*f.nr+j]
			}
			want[coff+j] = alpha*v + float64(add)*want[coff+j]
			if add == 0 {
				want[coff+j] = alpha * v
			}
		}
		m.equal64(shape("gemm64 row ", i), x, want, tolBLAS)
	}
}
