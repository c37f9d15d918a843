package kernel

import "unsafe"

func genGemm(k int, a, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32) {
	var acc [4][4]float32
	if bias != nil {
		for i := range acc {
			copy(acc[i][:w], unsafe.Slice(at(bias, coff), w))
		}
	}
	av, bv := unsafe.Slice(a, 4*k), unsafe.Slice(b, 4*k)
	for h := 0; h < 4; h += 2 { // two rows at a time: eight sums stay in registers
		r0, r1 := &acc[h], &acc[h+1]
		s00, s01, s02, s03 := r0[0], r0[1], r0[2], r0[3]
		s10, s11, s12, s13 := r1[0], r1[1], r1[2], r1[3]
		for p := 0; p+4 <= len(av) && p+4 <= len(bv); p += 4 {
			x, y := av[p+h], av[p+h+1]
			b0, b1, b2, b3 := bv[p], bv[p+1], bv[p+2], bv[p+3]
			s00 += x * b0
			s01 += x * b1
			s02 += x * b2
			s03 += x * b3
			s10 += y * b0
			s11 += y * b1
			s12 += y * b2
			s13 += y * b3
		}
		*r0, *r1 = [4]float32{s00, s01, s02, s03}, [4]float32{s10, s11, s12, s13}
	}
	for i := range acc {
		finishRow(floats(at(rows[i], coff), w), acc[i][:w], flags, alpha)
	}
}

// finishRow is the end of a tile: add what c holds, activate, store.
func finishRow(c, sums []float32, flags int, alpha float32) {
	for j, v := range sums {
		if flags&tileAdd != 0 {
			v += c[j]
		}
		if flags&tileLeaky != 0 {
			v = leaky32(v, alpha)
		}
		if flags&tileReLU != 0 {
			v = relu32(v)
		}
		c[j] = v
	}
}

// genTpack serves both panels: they are four wide.
func genTpack(dst *float32, rows *[16]*float32, k int) {
	d := unsafe.Slice(dst, 4*k)
	for q := range 4 {
		for p, v := range unsafe.Slice(rows[q], k) {
			d[4*p+q] = v
		}
	}
}

func genCpack(dst, src *float32, k, sstride, dstride, cnt, width int) {
	for p := range k {
		d := unsafe.Slice(at(dst, p*dstride), width)
		copy(d, unsafe.Slice(at(src, p*sstride), cnt))
		clear(d[cnt:])
	}
}

func genThin1(runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32) {
	genThin(1, runs, k, xstride, wstride, ldw, w, rows, out)
}

func genThin2(runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32) {
	genThin(2, runs, k, xstride, wstride, ldw, w, rows, out)
}

func genThin3(runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32) {
	genThin(3, runs, k, xstride, wstride, ldw, w, rows, out)
}

func genThin(n, runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32) {
	o := unsafe.Slice(out, 4*n)
	clear(o)
	for c := range n {
		for r := range 4 {
			for q := range runs {
				o[4*c+r] += genDot(floats(at(rows[r], q*xstride), k), floats(at(w, c*ldw+q*wstride), k))
			}
		}
	}
}
