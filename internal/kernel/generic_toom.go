package kernel

func genCombine(n, nin, nout int, in, out *[8]*float32, coef *float32) {
	var sum [8]float32
	c := floats(coef, nin*nout)
	for p := range n {
		for o := range nout {
			sum[o] = 0
			for i := range nin {
				sum[o] += c[o*nin+i] * *at(in[i], p)
			}
		}
		for o := range nout {
			*at(out[o], p) = sum[o]
		}
	}
}

func genStrided(k int, a *float32, ars, aps int, b *float32, bs int, rows *[16]*float32, coff, w, flags int) {
	var acc [4][4]float32
	for p := range k {
		v := floats(at(b, p*bs), w)
		for i := range acc {
			x := *at(a, i*ars+p*aps)
			for j, y := range v {
				acc[i][j] += x * y
			}
		}
	}
	for i := range acc {
		finishRow(floats(at(rows[i], coff), w), acc[i][:w], flags, 0)
	}
}
