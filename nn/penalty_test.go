package nn

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// critic64 is a small critic on [4,6,6,1] images as a layer and as a float64 reference of its parameters.
type critic64 struct {
	name  string
	build func(s *Scope) Layer
	ref   func(x []float64, p [][]float64) []float64 // one score a sample
}

func critics() []critic64 {
	in, k := dims4{4, 6, 6, 1}, K(4, 2, 1) // 6x6 -> 3x3
	head := func(h []float64, n int, p [][]float64) []float64 {
		return addBias(matmul64(h, p[0], 4, n, 1, false, false), p[1])
	}
	tanh64 := func(h []float64) []float64 { return map1(math.Tanh)([][]float64{h}) }
	norm := func(h []float64, c int, p [][]float64) []float64 {
		for j := range c {
			m, v := moments64(column(h, c, j))
			for i := j; i < len(h); i += c {
				h[i] = p[0][j]*(h[i]-m)/math.Sqrt(v+bnEps) + p[1][j]
			}
		}
		return h
	}
	return []critic64{
		{"mlp+tanh", func(s *Scope) Layer {
			return Seq(Flatten, Dense(s.Sub("1"), 36, 7), Tanh, Dense(s.Sub("2"), 7, 5), Tanh, Dense(s.Sub("3"), 5, 1))
		}, func(x []float64, p [][]float64) []float64 {
			h := tanh64(addBias(matmul64(x, p[0], 4, 36, 7, false, false), p[1]))
			h = tanh64(addBias(matmul64(h, p[2], 4, 7, 5, false, false), p[3]))
			return head(h, 5, p[4:])
		}},
		{"conv+leaky ReLU", func(s *Scope) Layer {
			return Seq(Conv(s.Sub("1"), 1, 3, k), LeakyReLU(.25), Conv(s.Sub("2"), 3, 4, K(3, 1, 1)), LeakyReLU(.25), Flatten, Dense(s.Sub("3"), 36, 1))
		}, func(x []float64, p [][]float64) []float64 {
			h := map1(leaky64(.25))([][]float64{addBias(convForward64(in, k, 3, x, p[0]), p[1])})
			h = map1(leaky64(.25))([][]float64{addBias(convForward64(dims4{4, 3, 3, 3}, K(3, 1, 1), 4, h, p[2]), p[3])})
			return head(h, 36, p[4:])
		}},
		{"conv+batch norm", func(s *Scope) Layer {
			return Seq(Conv(s.Sub("1"), 1, 3, k, NoBias), BatchNorm(s.Sub("n1"), 3), LeakyReLU(.25),
				Conv(s.Sub("2"), 3, 4, K(3, 1, 1), NoBias), BatchNorm(s.Sub("n2"), 4), Tanh, Flatten, Dense(s.Sub("3"), 36, 1))
		}, func(x []float64, p [][]float64) []float64 {
			h := map1(leaky64(.25))([][]float64{norm(convForward64(in, k, 3, x, p[0]), 3, p[1:])})
			h = tanh64(norm(convForward64(dims4{4, 3, 3, 3}, K(3, 1, 1), 4, h, p[3]), 4, p[4:]))
			return head(h, 36, p[6:])
		}},
	}
}

// TestGradientPenalty holds the WGAN-GP penalty and its gradient with respect to every parameter to float64 references: the inner gradient by
// central differences of the critic, the outer one by central differences of that.
func TestGradientPenalty(t *testing.T) {
	for _, c := range critics() {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph(21)
			s := g.Scope("d")
			d := c.build(s)
			r := rng.Stream(22, c.name)
			x := g.Input("x", 4, 6, 6, 1)
			spread(r, Data(x))
			var p [][]float64
			for _, n := range s.Params() {
				w := Data(n)
				r.FillNormal(w)
				for i := range w {
					w[i] *= .4
				}
				p = append(p, widen(w))
			}
			gx, err := Grad(Sum(d.Forward(x, Train)), x)
			if err != nil {
				t.Fatal(err)
			}
			norm := Sqrt(AddConst(RowDot(gx[0], gx[0]), 1e-12))
			loss := Mean(Square(AddConst(norm, -1)))
			grads := pullback(loss, constant(loss, 1), s.Params()...)
			outs := []*Node{loss}
			for _, n := range grads {
				if n != nil { // the penalty does not depend on the last bias
					outs = append(outs, n)
				}
			}
			prog, err := Compile(outs...)
			if err != nil {
				t.Fatal(err)
			}
			if err := prog.Run(); err != nil {
				t.Fatal(err)
			}
			x64 := widen(Data(x))
			penalty := func() float64 { return penalty64(c, x64, p) }
			closeTo(t, "penalty", prog.Get(loss), []float64{penalty()}, 1e-4)
			for i, n := range grads {
				var want []float64
				var got []float32
				for j := 0; j < len(p[i]); j += max(1, len(p[i])/8) { // about 8 of each parameter
					const h = 1e-4
					old := p[i][j]
					p[i][j] = old + h
					hi := penalty()
					p[i][j] = old - h
					v := (hi - penalty()) / (2 * h)
					if math.Abs(v) < 1e-5 { // differences of differences: 1e-16/(1e-5 1e-4) a term is noise
						v = 0
					}
					want = append(want, v)
					p[i][j] = old
					got = append(got, 0)
					if n != nil {
						got[len(got)-1] = prog.Get(n)[j]
					}
				}
				closeTo(t, "gradient of "+s.Params()[i].Name(), got, want, 1e-3)
			}
		})
	}
}

func penalty64(c critic64, x []float64, p [][]float64) float64 {
	const h = 1e-5
	l := len(x) / 4
	total := 0.0
	for n := range 4 {
		q := 0.0
		for i := n * l; i < (n+1)*l; i++ {
			old := x[i]
			x[i] = old + h
			hi := sum64(c.ref(x, p))
			x[i] = old - h
			d := (hi - sum64(c.ref(x, p))) / (2 * h)
			x[i] = old
			q += d * d
		}
		total += (math.Sqrt(q) - 1) * (math.Sqrt(q) - 1) / 4
	}
	return total
}

// TestHigherOrders: derivatives of tanh at .7 up to the fourth, from the closed forms with y = tanh x, s = 1 - y^2:
//
//	y' = s, y” = -2 y s, y”' = s (6 y^2 - 2), y”” = s y (16 - 24 y^2)
func TestHigherOrders(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x")
	Data(x)[0] = .7
	y := math.Tanh(float64(float32(.7)))
	s := 1 - y*y
	f := Tanh(x)
	for i, want := range []float64{s, -2 * y * s, s * (6*y*y - 2), s * y * (16 - 24*y*y)} {
		d, err := Grad(f, x)
		if err != nil {
			t.Fatal(err)
		}
		f = d[0]
		p, err := Compile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		closeTo(t, named("derivative %d", i+1), p.Get(f), []float64{want}, 1e-5)
	}
}

// TestGradOfIntermediate: the derivative with respect to a computed node counts every path below it once: d/dh of h^2 + 3 h at h = 2 x is
// 2 h + 3 = 7 for x = 1, and with respect to x it is 14.
func TestGradOfIntermediate(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x")
	Data(x)[0] = 1
	h := Scale(x, 2)
	loss := Add(Square(h), Scale(h, 3))
	d, err := Grad(loss, h, x)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(d...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if a, b := p.Get(d[0])[0], p.Get(d[1])[0]; a != 7 || b != 14 {
		t.Errorf("got %v and %v, want 7 and 14", a, b)
	}
}
