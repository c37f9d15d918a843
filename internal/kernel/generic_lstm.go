package kernel

// The conversions forbid fused multiply-adds.

func genLSTMState(y, f, c, i, g []float32) {
	for k := range y {
		y[k] = float32(f[k]*c[k]) + float32(i[k]*g[k])
	}
}

func genLSTMCarry(y, d, t, o, h []float32) {
	for k := range y {
		y[k] = d[k] + float32((1-float32(t[k]*t[k]))*float32(o[k]*h[k]))
	}
}

func genMulBoth(y, z, a, b, c []float32) {
	for k, v := range a[:len(y)] {
		y[k], z[k] = v*b[k], v*c[k]
	}
}
