package kernel

func genPatch(runs, k, xstride int, a *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32) {
	for i := range 4 {
		var acc [4]float32
		if bias != nil {
			copy(acc[:w], floats(at(bias, coff), w))
		}
		for q := range runs {
			for p := range k {
				x, v := *at(a, i*ars+q*xstride+p), floats(at(b, (q*k+p)*4), 4)
				acc[0] += x * v[0]
				acc[1] += x * v[1]
				acc[2] += x * v[2]
				acc[3] += x * v[3]
			}
		}
		finishRow(floats(at(rows[i], coff), w), acc[:w], flags, alpha)
	}
}

func genTaps(lines, k, skip, aps int, a *[16]*float32, b *float32, bs int, rows *[16]*float32, coff, flags int) {
	for i := range 4 {
		var acc [4]float32
		for q := range lines {
			for p := range k {
				x, v := *at(a[i], q*(k*aps+skip)+p*aps), floats(at(b, (q*k+p)*bs), 4)
				acc[0] += x * v[0]
				acc[1] += x * v[1]
				acc[2] += x * v[2]
				acc[3] += x * v[3]
			}
		}
		finishRow(floats(at(rows[i], coff), 4), acc[:], flags, 0)
	}
}

func genCols(k int, a *float32, ars int, b *float32, out *float32, ldo, n int) {
	for c := range n {
		o := floats(at(out, c*ldo), 4)
		for i := range o {
			o[i] = 0
			for p := range k {
				o[i] += *at(a, i*ars+p) * *at(b, p*4+c)
			}
		}
	}
}

func genWeave(n int, dst, a, b *float32) {
	n = rup(n, 8)
	d, x, y := floats(dst, 2*n), floats(a, n), floats(b, n)
	for i, v := range x {
		d[2*i], d[2*i+1] = v, y[i]
	}
}
