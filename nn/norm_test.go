package nn

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// TestSpectralNorm: after many steps the weight is divided by its largest singular value (from gonum's SVD), the state moves only in steps that
// train the weight, and the derivative is that of W / (u'Wv) with u, v constant:
//
//	dW = (G - sum(G * W/sigma) u v') / sigma
func TestSpectralNorm(t *testing.T) {
	g := NewGraph(5)
	s := g.Scope("d")
	x := g.Input("x", 3, 4)
	spread(rng.Stream(1, "x"), Data(x))
	l := Dense(s, 4, 3, SpectralNorm, NoBias)
	y := l.Forward(x, Train)
	loss := Mean(Square(y))
	step, err := NewStep(loss, s.Params(), SGD{LR: 1e-12}, y)
	if err != nil {
		t.Fatal(err)
	}
	w, u := s.Params()[0], s.States()[0]
	before := snapshot([]*Node{u})
	values(t, y)
	if !same([]*Node{u}, before) {
		t.Error("a program without training moved the state")
	}
	for range 200 {
		mustRun(t, step)
	}
	a := mat.NewDense(4, 3, widen(Data(w)))
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	sigma := svd.Values(nil)[0]
	want := matmul64(widen(Data(x)), widen(Data(w)), 3, 4, 3, false, false)
	for i := range want {
		want[i] /= sigma
	}
	closeTo(t, "output in training", step.Value(y), want, 1e-5)
	closeTo(t, "output in evaluation", values(t, l.Forward(x, Eval))[0], want, 1e-5)

	// dL/dy = 2 y / 9, G = x' dL/dy
	var uu, vv mat.Dense
	svd.UTo(&uu)
	svd.VTo(&vv)
	dy := make([]float64, 9)
	for i := range dy {
		dy[i] = 2 * want[i] / 9
	}
	gw := matmul64(widen(Data(x)), dy, 4, 3, 3, true, false)
	inner := dot64(gw, widen(Data(w))) / sigma
	grads, err := Grad(loss, w)
	if err != nil {
		t.Fatal(err)
	}
	expect := make([]float64, 12)
	for i := range 4 {
		for j := range 3 {
			expect[3*i+j] = (gw[3*i+j] - inner*uu.At(i, 0)*vv.At(j, 0)) / sigma
		}
	}
	closeTo(t, "derivative", values(t, grads[0])[0], expect, 1e-4)
}

// TestSpectralNormOfConvolution: the weight KH x KW x C x K counts as a matrix with K columns.
func TestSpectralNormOfConvolution(t *testing.T) {
	g := NewGraph(5)
	s := g.Scope("d")
	x := g.Input("x", 2, 6, 6, 2)
	spread(rng.Stream(1, "x"), Data(x))
	y := Conv(s, 2, 3, K(4, 2, 1), SpectralNorm).Forward(x, Train)
	step, err := NewStep(Mean(Square(y)), s.Params(), SGD{LR: 1e-12}, y)
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		mustRun(t, step)
	}
	w := widen(Data(s.Params()[0]))
	var svd mat.SVD
	svd.Factorize(mat.NewDense(32, 3, w), mat.SVDNone)
	want := convForward64(dims4{2, 6, 6, 2}, K(4, 2, 1), 3, widen(Data(x)), w)
	for i := range want {
		want[i] /= svd.Values(nil)[0]
	}
	closeTo(t, "output", step.Value(y), want, 1e-4)
	if math.IsNaN(want[0]) {
		t.Error("the reference is NaN")
	}
}
