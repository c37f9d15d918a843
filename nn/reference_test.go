package nn

import "math"

// Naive float64 references: loops over indices, straight from the definitions.

func map1(f func(x float64) float64) func(in [][]float64) []float64 {
	return func(in [][]float64) []float64 {
		y := make([]float64, len(in[0]))
		for i, v := range in[0] {
			y[i] = f(v)
		}
		return y
	}
}

func map2(f func(a, b float64) float64) func(in [][]float64) []float64 {
	return func(in [][]float64) []float64 {
		y := make([]float64, len(in[0]))
		for i, v := range in[0] {
			y[i] = f(v, in[1][i])
		}
		return y
	}
}

func sigmoid64(x float64) float64  { return 1 / (1 + math.Exp(-x)) }
func softplus64(x float64) float64 { return math.Log(1 + math.Exp(x)) }
func leaky64(a float64) func(float64) float64 {
	return func(x float64) float64 {
		if x > 0 {
			return x
		}
		return a * x
	}
}

func sum64(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func mean64(x []float64) float64 { return sum64(x) / float64(len(x)) }

// matmul64: a is m x k (or its transpose), b is k x n (or its transpose).
func matmul64(a, b []float64, m, k, n int, ta, tb bool) []float64 {
	y := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for p := range k {
				x, w := i*k+p, p*n+j
				if ta {
					x = p*m + i
				}
				if tb {
					w = j*k + p
				}
				y[i*n+j] += a[x] * b[w]
			}
		}
	}
	return y
}

func addBias(y, b []float64) []float64 {
	for i := range y {
		if b != nil {
			y[i] += b[i%len(b)]
		}
	}
	return y
}

// dims4 is an N x H x W x C image.
type dims4 struct{ n, h, w, c int }

func (d dims4) at(n, y, x, c int) int { return ((n*d.h+y)*d.w+x)*d.c + c }

// conv64 visits every product of a convolution.
func conv64(in dims4, k Window, out int, visit func(x, w, y int)) (oh, ow int) {
	oh, ow = (in.h+2*k.PH-k.KH)/k.SH+1, (in.w+2*k.PW-k.KW)/k.SW+1
	o := dims4{in.n, oh, ow, out}
	for n := range in.n {
		for oy := range oh {
			for ox := range ow {
				for ky := range k.KH {
					for kx := range k.KW {
						y, x := oy*k.SH+ky-k.PH, ox*k.SW+kx-k.PW
						if y < 0 || y >= in.h || x < 0 || x >= in.w {
							continue
						}
						for c := range in.c {
							for q := range out {
								visit(in.at(n, y, x, c), ((ky*k.KW+kx)*in.c+c)*out+q, o.at(n, oy, ox, q))
							}
						}
					}
				}
			}
		}
	}
	return oh, ow
}

func convForward64(in dims4, k Window, out int, x, w []float64) []float64 {
	oh, ow := (in.h+2*k.PH-k.KH)/k.SH+1, (in.w+2*k.PW-k.KW)/k.SW+1
	y := make([]float64, in.n*oh*ow*out)
	conv64(in, k, out, func(i, j, o int) { y[o] += x[i] * w[j] })
	return y
}

// convTranspose64 scatters: in is the image that comes out.
func convTranspose64(in dims4, k Window, out int, y, w []float64) []float64 {
	x := make([]float64, in.n*in.h*in.w*in.c)
	conv64(in, k, out, func(i, j, o int) { x[i] += y[o] * w[j] })
	return x
}

// pool64 reduces each window.
func pool64(in dims4, k Window, x []float64, reduce func(v []float64) float64) []float64 {
	var y []float64
	oh, ow := (in.h+2*k.PH-k.KH)/k.SH+1, (in.w+2*k.PW-k.KW)/k.SW+1
	for n := range in.n {
		for oy := range oh {
			for ox := range ow {
				for c := range in.c {
					var v []float64
					for ky := range k.KH {
						for kx := range k.KW {
							r, q := oy*k.SH+ky-k.PH, ox*k.SW+kx-k.PW
							if r >= 0 && r < in.h && q >= 0 && q < in.w {
								v = append(v, x[in.at(n, r, q, c)])
							}
						}
					}
					y = append(y, reduce(v))
				}
			}
		}
	}
	return y
}

func max64(v []float64) float64 {
	m := math.Inf(-1)
	for _, x := range v {
		m = max(m, x)
	}
	return m
}

func upsample64(in dims4, f int, x []float64) []float64 {
	out := dims4{in.n, in.h * f, in.w * f, in.c}
	y := make([]float64, out.n*out.h*out.w*out.c)
	for n := range out.n {
		for r := range out.h {
			for q := range out.w {
				for c := range out.c {
					y[out.at(n, r, q, c)] = x[in.at(n, r/f, q/f, c)]
				}
			}
		}
	}
	return y
}

func sumBlocks64(in dims4, f int, x []float64) []float64 {
	out := dims4{in.n, in.h / f, in.w / f, in.c}
	y := make([]float64, out.n*out.h*out.w*out.c)
	for n := range in.n {
		for r := range in.h {
			for q := range in.w {
				for c := range in.c {
					y[out.at(n, r/f, q/f, c)] += x[in.at(n, r, q, c)]
				}
			}
		}
	}
	return y
}

// byRow applies f to each of n rows.
func byRow(n int, x []float64, f func(row []float64) []float64) (y []float64) {
	l := len(x) / n
	for i := range n {
		y = append(y, f(x[i*l:(i+1)*l])...)
	}
	return y
}

// column returns column j of rows of c.
func column(x []float64, c, j int) (v []float64) {
	for i := j; i < len(x); i += c {
		v = append(v, x[i])
	}
	return v
}

func softmax64(row []float64) []float64 {
	y := make([]float64, len(row))
	s := 0.0
	for i, v := range row {
		y[i] = math.Exp(v)
		s += y[i]
	}
	for i := range y {
		y[i] /= s
	}
	return y
}

func logs(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Log(v)
	}
	return y
}

// moments64 returns mean and biased variance.
func moments64(v []float64) (m, s float64) {
	m = mean64(v)
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return m, s / float64(len(v))
}
