package kernel

import (
	"math"
	"testing"
)

// plainLSTM is Gates, Cell and their gradients from float64 formulas, each operation rounded to float32 where the kernels round.
type plainLSTM struct{ c2, h, t, dgates, dc []float32 }

func (l LSTM) plain(gates, c, gc, gh []float32) (p plainLSTM) {
	n := l.N * l.K
	p.c2, p.h, p.t, p.dgates, p.dc = make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, 4*n), make([]float32, n)
	for r := range l.N {
		i, f, o, g := four(gates, r, l.K)
		di, df, do, dg := four(p.dgates, r, l.K)
		for k := range l.K {
			at := r*l.K + k
			p.c2[at] = float32(f[k]*c[at]) + float32(i[k]*g[k])
			Tanh(p.t[at:at+1], p.c2[at:at+1])
			t := p.t[at]
			p.h[at] = o[k] * t
			d := gc[at] + float32((1-float32(t*t))*float32(o[k]*gh[at]))
			di[k], df[k], do[k], dg[k], p.dc[at] = d*g[k], d*c[at], t*gh[at], d*i[k], d*f[k]
		}
	}
	return p
}

// The passes over a cell are the formula, operation by operation, to the last bit: any sizes, 1, 2 and 7 threads, special values among the operands.
func TestLSTMCell(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(71)
		for _, l := range []LSTM{{0, 3}, {1, 1}, {3, 5}, {64, 32}, {16, 64}, {7, 17}, {300, 31}, {40, 129}} {
			n := l.N * l.K
			gates, c, gc, gh := input(4*n, r), input(n, r), input(n, r), input(n, r)
			want := l.plain(gates.x, c.x, gc.x, gh.x)
			for _, threads := range []int{1, 2, 7} {
				SetThreads(threads)
				c2, h, th, dg, dc := guard(n, r), guard(n, r), guard(n, r), guard(4*n, r), guard(n, r)
				l.Cell(c2.x, h.x, th.x, gates.x, c.x)
				l.CellGrad(dg.x, dc.x, gates.x, c.x, th.x, gc.x, gh.x)
				SetThreads(1)
				for _, v := range []struct {
					name string
					got  guarded
					want []float32
				}{{"c2", c2, want.c2}, {"h", h, want.h}, {"tanh", th, want.t}, {"dgates", dg, want.dgates}, {"dc", dc, want.dc}} {
					v.got.check(t, v.name)
					sameButNaN(t, shape(l, " ", threads, " threads ", v.name), v.got.x, v.want)
				}
			}
		}
	})
}

// Gates and their gradient are the sigmoid and the hyperbolic tangent by columns, in place too.
func TestLSTMGates(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(72)
		for _, l := range []LSTM{{1, 1}, {64, 32}, {5, 9}, {700, 13}} {
			k := l.K
			x, g := input(4*l.N*k, r), input(4*l.N*k, r)
			y, dx := make([]float32, len(x.x)), make([]float32, len(x.x))
			for i := 0; i < len(y); i += 4 * k {
				Sigmoid(y[i:i+3*k], x.x[i:i+3*k])
				Tanh(y[i+3*k:i+4*k], x.x[i+3*k:i+4*k])
				SigmoidGrad(dx[i:i+3*k], y[i:i+3*k], g.x[i:i+3*k])
				TanhGrad(dx[i+3*k:i+4*k], y[i+3*k:i+4*k], g.x[i+3*k:i+4*k])
			}
			for _, threads := range []int{1, 2, 7} {
				SetThreads(threads)
				got, grad := guard(len(y), r), guard(len(y), r)
				l.Gates(got.x, x.x)
				l.GatesGrad(grad.x, got.x, g.x)
				got.check(t, "gates")
				grad.check(t, "gradient")
				sameButNaN(t, shape(l, " gates"), got.x, y)
				sameButNaN(t, shape(l, " gradient"), grad.x, dx)
				copy(got.x, x.x)
				l.Gates(got.x, got.x)
				sameButNaN(t, shape(l, " gates in place"), got.x, y)
				SetThreads(1)
			}
		}
	})
}

// sameButNaN is same, any NaN being as good as another: which of two operands passes its bits on is the compiler's choice in the portable set.
func sameButNaN[T float32 | float64](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i, w := range want {
		if g := got[i]; math.Float64bits(float64(g)) != math.Float64bits(float64(w)) && (g == g || w == w) {
			t.Fatalf("%s: at %d got %v want %v", what, i, g, w)
		}
	}
}

// FuzzLSTM: a set's cell against the portable one, any sizes and numbers.
func FuzzLSTM(f *testing.F) {
	f.Add(uint8(3), uint8(17), uint64(1))
	f.Fuzz(func(t *testing.T, rows, units uint8, seed uint64) {
		l := LSTM{int(rows), int(units)}
		n := l.N * l.K
		var want [5][]float32
		for i, s := range sets {
			was := active
			active = s
			r := source(seed)
			gates, c, gc, gh := input(4*n, r), input(n, r), input(n, r), input(n, r)
			c2, h, th, dg, dc := guard(n, r), guard(n, r), guard(n, r), guard(4*n, r), guard(n, r)
			th.x = th.x[:n]
			l.Cell(c2.x, h.x, th.x, gates.x, c.x)
			for k := range th.x { // tanh differs between sets by its rounding, so all go on from the same
				th.x[k] = float32(math.Sin(float64(k)))
			}
			l.CellGrad(dg.x, dc.x, gates.x, c.x, th.x, gc.x, gh.x)
			active = was
			for k, v := range []guarded{c2, dg, dc} {
				v.check(t, "a result")
				if i == 0 {
					want[k] = v.x
				} else {
					sameButNaN(t, shape(l, s.name, k), v.x, want[k])
				}
			}
		}
	})
}
