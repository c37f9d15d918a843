package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randomPool(r *rand.Rand) Pool {
	for {
		p, err := NewPool(1+r.IntN(3), 1+r.IntN(9), 1+r.IntN(9), 1+r.IntN(20), 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3), r.IntN(2), r.IntN(2))
		if err == nil {
			return p
		}
	}
}

// taps lists, for every output, the input elements under its window.
func (p Pool) taps(f func(o int, in []int)) {
	for n := range p.N {
		for oy := range p.OH {
			for ox := range p.OW {
				for c := range p.C {
					var in []int
					for ky := range p.KH {
						for kx := range p.KW {
							iy, ix := oy*p.SH+ky-p.PH, ox*p.SW+kx-p.PW
							if iy >= 0 && iy < p.H && ix >= 0 && ix < p.W {
								in = append(in, ((n*p.H+iy)*p.W+ix)*p.C+c)
							}
						}
					}
					f(((n*p.OH+oy)*p.OW+ox)*p.C+c, in)
				}
			}
		}
	}
}

func TestPooling(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(51)
		for range 60 {
			p := randomPool(r)
			x, dy := guardRand(p.in(), r, 1).x, guardRand(p.out(), r, 1).x
			y, arg := guard(p.out(), r), make([]int32, p.out())
			p.Max(y.x, arg, x)
			y.check(t, "max")
			wy, wdx := make([]float32, p.out()), make([]float32, p.in())
			for _, pad := range []bool{false, true} {
				ay, adx := make([]float32, p.out()), make([]float64, p.in())
				p.taps(func(o int, in []int) {
					sum, best := 0.0, in[0]
					for _, i := range in {
						sum += float64(x[i])
						if x[i] > x[best] {
							best = i
						}
					}
					cnt := float64(len(in))
					if pad {
						cnt = float64(p.KH * p.KW)
					}
					ay[o] = float32(sum / cnt)
					for _, i := range in {
						adx[i] += float64(dy[o]) / cnt
					}
					if !pad {
						wy[o] = x[best]
						wdx[best] += dy[o]
					}
				})
				g := make([]float32, p.out())
				p.Avg(g, x, pad)
				near(t, shape("avg ", p, pad), g, ay, 1e-6, 1)
				dx := guard(p.in(), r)
				p.AvgGrad(dx.x, dy, pad)
				dx.check(t, "avg gradient")
				w := make([]float32, len(adx))
				for i, v := range adx {
					w[i] = float32(v)
				}
				near(t, shape("avg gradient ", p, pad), dx.x, w, 1e-6, 1)
			}
			same(t, "max", y.x, wy)
			plain := guard(p.out(), r)
			p.Max(plain.x, nil, x)
			plain.check(t, "max alone")
			same(t, "max alone", plain.x, wy)
			if len(x) > 0 {
				bad := clone(x)
				bad[r.IntN(len(bad))] = float32(math.NaN())
				first := guard(p.out(), r)
				p.Max(first.x, make([]int32, len(arg)), bad)
				p.Max(plain.x, nil, bad)
				sameButNaN(t, "max of NaN", plain.x, first.x)
			}
			dx := guard(p.in(), r)
			p.MaxGrad(dx.x, arg, dy)
			dx.check(t, "max gradient")
			near(t, "max gradient", dx.x, wdx, 1e-6, 1)
			back := make([]float32, p.out())
			p.MaxGather(back, arg, x)
			same(t, "gather at argmax", back, y.x)
		}
	})
}

func TestMaxPoolPropagatesNaN(t *testing.T) {
	p, err := NewPool(1, 2, 2, 1, 2, 2, 1, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := range 4 {
		x := []float32{1, 2, 3, 4}
		x[at] = float32(math.NaN())
		y := make([]float32, 1)
		if p.Max(y, nil, x); y[0] == y[0] {
			t.Errorf("NaN at %d: maximum %v", at, y[0])
		}
	}
}

func TestUpsample(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(52)
		for range 20 {
			n, h, w, c, f := 1+r.IntN(3), 1+r.IntN(5), 1+r.IntN(5), 1+r.IntN(20), 1+r.IntN(3)
			x, dy := guardRand(n*h*w*c, r, 1).x, guardRand(n*h*w*c*f*f, r, 1).x
			wy, wdx := make([]float32, len(dy)), make([]float32, len(x))
			for o := range wy {
				k, ox, oy, b := o%c, o/c%(w*f), o/c/(w*f)%(h*f), o/c/(w*f)/(h*f)
				i := ((b*h+oy/f)*w+ox/f)*c + k
				wy[o] = x[i]
				wdx[i] += dy[o]
			}
			same(t, "upsample", onThreads(t, "upsample", len(dy), r, func(y []float32) { Upsample(y, x, n, h, w, c, f) }), wy)
			near(t, "gradient", onThreads(t, "gradient", len(x), r, func(d []float32) { UpsampleGrad(d, dy, n, h, w, c, f) }), wdx, 1e-6, 1)
		}
	})
}

func TestGatherScatter(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		const c = 5
		table := []float32{0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24}
		y := make([]float32, 2*c)
		GatherRows(y, table, []int32{2, 0}, c)
		same(t, "gather", y, append(clone(table[10:]), table[:5]...))
		ScatterAddRows(table, []float32{1, 1, 1, 1, 1, 2, 2, 2, 2, 2}, []int32{1, 1}, c)
		same(t, "scatter", table[5:10], []float32{13, 14, 15, 16, 17}) // both rows land on row 1
	})
}
