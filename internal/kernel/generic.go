package kernel

import "math"

// generic is the portable twin of every primitive. It goes through float64 where a function has no exact float32
// form, so it is the more accurate side in the comparisons.
var generic = set{
	name: "generic", mr: 4, nr: 4, lanes: 4,
	thinRows: 4, thin: [3]thinFunc{genThin1, genThin2, genThin3},
	philox: genPhilox, reach: genReach, cubes: genCubes, combine: genCombine, strided: []stridedTile{{4, genStrided}},
	patch: []patchTile{{4, genPatch}}, taps: []tapsTile{{4, genTaps}}, cols: []colsTile{{4, genCols}, {4, genCols}}, weave: genWeave,
	gemm: genGemm, tpackA: genTpack, tpackB: genTpack, cpack: genCpack,
	add:  func(y, a, b []float32) { map2(y, a, b, func(p, q float32) float32 { return p + q }) },
	sub:  func(y, a, b []float32) { map2(y, a, b, func(p, q float32) float32 { return p - q }) },
	mul:  func(y, a, b []float32) { map2(y, a, b, func(p, q float32) float32 { return p * q }) },
	div:  func(y, a, b []float32) { map2(y, a, b, func(p, q float32) float32 { return p / q }) },
	max:  func(y, a, b []float32) { map2(y, a, b, func(p, q float32) float32 { return max(p, q) }) },
	sqrt: func(y, x []float32) { map1(y, x, sqrt32) },
	rsqrt: func(y, x []float32) {
		map1(y, x, func(v float32) float32 { return 1 / sqrt32(v) })
	},
	square: func(y, x []float32) { map1(y, x, func(v float32) float32 { return v * v }) },
	abs:    func(y, x []float32) { map1(y, x, func(v float32) float32 { return float32(math.Abs(float64(v))) }) },
	sign:   func(y, x []float32) { map1(y, x, sign32) },
	exp:    func(y, x []float32) { map1(y, x, exp32) },
	log:    func(y, x []float32) { map1(y, x, func(v float32) float32 { return float32(math.Log(float64(v))) }) },
	tanh:   func(y, x []float32) { map1(y, x, func(v float32) float32 { return float32(math.Tanh(float64(v))) }) },
	sigmoid: func(y, x []float32) {
		map1(y, x, func(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) })
	},
	softplus: func(y, x []float32) { map1(y, x, softplus32) },
	silu: func(y, x []float32) {
		map1(y, x, func(v float32) float32 { return float32(float64(v) / (1 + math.Exp(-float64(v)))) })
	},
	gelu: func(y, x []float32) { map1(y, x, gelu32) },
	relu: func(y, x []float32) { map1(y, x, relu32) },
	axpb: func(y, x []float32, a, b float32) {
		map1(y, x, func(v float32) float32 { return a*v + b })
	},
	clamp: func(y, x []float32, lo, hi float32) {
		map1(y, x, func(v float32) float32 { return min(max(v, lo), hi) })
	},
	axpy:  func(y, x []float32, a float32) { map2(y, y, x, func(p, q float32) float32 { return p + a*q }) },
	leaky: func(y, x []float32, a float32) { map1(y, x, func(v float32) float32 { return leaky32(v, a) }) },
	reluGrad: func(dx, y, g []float32) {
		map2(dx, y, g, func(v, d float32) float32 {
			if v <= 0 {
				return 0
			}
			return d
		})
	},
	leakyGrad: func(dx, y, g []float32, a float32) {
		map2(dx, y, g, func(v, d float32) float32 {
			if v <= 0 {
				return a * d
			}
			return d
		})
	},
	// the conversion forbids a fused multiply-add, so that all machines agree on 1 - y*y near zero
	tanhGrad: func(dx, y, g []float32) {
		map2(dx, y, g, func(v, d float32) float32 { return d * (1 - float32(v*v)) })
	},
	sigmoidGrad: func(dx, y, g []float32) { map2(dx, y, g, func(v, d float32) float32 { return d * (v * (1 - v)) }) },
	siluGrad: func(dx, x, g []float32) {
		map2(dx, x, g, func(v, d float32) float32 {
			s := 1 / (1 + math.Exp(-float64(v)))
			return float32(float64(d) * s * (1 + float64(v)*(1-s)))
		})
	},
	lstmState: genLSTMState, lstmCarry: genLSTMCarry, mulBoth: genMulBoth,
	dot: genDot, sum: genSum, finite: genFinite,
	colSums: genColSums, colSum: genColSum, rowsAffine: genRowsAffine, bnBack: genBNBack,
	adam: genAdam, rmsprop: genRMSProp, sgd: genSGD, approach: genApproach,
	f64: generic64,
}

func map1(y, x []float32, f func(float32) float32) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = f(v)
	}
}

func map2(y, a, b []float32, f func(p, q float32) float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = f(a[i], b[i])
	}
}

func sqrt32(v float32) float32 { return float32(math.Sqrt(float64(v))) }
func exp32(v float32) float32  { return float32(math.Exp(float64(v))) }

// relu32 lets NaN through: the comparison is false for it.
func relu32(v float32) float32 {
	if v <= 0 {
		return 0
	}
	return v
}

func leaky32(v, alpha float32) float32 {
	if v <= 0 {
		return alpha * v
	}
	return v
}

func sign32(v float32) float32 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v // zero or NaN
}

// gelu32 is 0 at minus infinity, where the product has no value but a limit.
func gelu32(v float32) float32 {
	if math.IsInf(float64(v), -1) {
		return 0
	}
	return float32(float64(v) * math.Erfc(-float64(v)/math.Sqrt2) / 2)
}

// softplus32 is log(1+exp(v)) without overflow for large v and without losing small results.
func softplus32(v float32) float32 {
	x := float64(v)
	return float32(max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))))
}

func genDot(a, b []float32) float32 {
	var s [8]float32 // independent sums: faster than one chain, and closer to the vector order
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		for l := range s {
			s[l] += a[i+l] * b[i+l]
		}
	}
	for l := 0; i < len(a); i++ {
		s[l] += a[i] * b[i]
		l++
	}
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

func genSum(x []float32) (s float64) {
	for _, v := range x {
		s += float64(v)
	}
	return s
}

func genFinite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

func genColSum(rows, c int, s, x []float32) {
	clear(s[:c])
	for r := range rows {
		for j, v := range x[r*c : r*c+c] {
			s[j] += v
		}
	}
}

func genColSums(rows, c int, s, q, x, y []float32) {
	clear(s[:c])
	clear(q[:c])
	for r := range rows {
		yr := y[r*c : r*c+c]
		for j, v := range x[r*c : r*c+c] {
			s[j] += v
			q[j] += v * yr[j]
		}
	}
}

func genRowsAffine(rows, c int, y, x, s, t []float32, alpha float32, act int) {
	for r := range rows {
		yr, xr := y[r*c:r*c+c], x[r*c:r*c+c]
		for j, v := range xr {
			v = v*s[j] + t[j]
			switch act {
			case tileLeaky:
				v = leaky32(v, alpha)
			case tileReLU:
				v = relu32(v)
			}
			yr[j] = v
		}
	}
}

func genBNBack(rows, c int, dx, g, x, a, b, d []float32) {
	for i := range rows * c {
		j := i % c
		dx[i] = (a[j]*g[i] + d[j]) + b[j]*x[i]
	}
}

// flushed is x, or 0 where it is denormal.
func flushed(x float32) float32 {
	if math.Float32bits(x)&0x7f800000 == 0 {
		return 0
	}
	return x
}

func genAdam(w, g, m, v []float32, b1, c1, b2, c2, lr, r2, eps float32) {
	for i, d := range g[:len(w)] {
		m[i] = flushed(b1*m[i] + c1*d)
		v[i] = flushed(b2*v[i] + c2*(d*d))
		w[i] -= lr * (m[i] / (sqrt32(v[i])*r2 + eps))
	}
}

func genRMSProp(w, g, s []float32, lr, decay, c, eps float32) {
	for i, d := range g[:len(w)] {
		s[i] = flushed(decay*s[i] + c*(d*d))
		w[i] -= lr * (d / (sqrt32(s[i]) + eps))
	}
}

func genSGD(w, g, buf []float32, lr, momentum float32) {
	for i, d := range g[:len(w)] {
		buf[i] = flushed(momentum*buf[i] + d)
		w[i] -= lr * buf[i]
	}
}

func genApproach(a, w []float32, share float32) {
	for i, v := range w[:len(a)] {
		a[i] += float32(share * (v - a[i])) // the conversion forbids a fused multiply-add
	}
}
