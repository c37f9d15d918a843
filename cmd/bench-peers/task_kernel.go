package main

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

func noise(name string, n int) []float32 {
	x := make([]float32, n)
	rng.Stream(1, "peers", name).FillNormal(x)
	return x
}

// funcTask is a task without results of its own.
type funcTask func()

func (f funcTask) run() error      { f(); return nil }
func (funcTask) values() []float64 { return nil }

// openGemm multiplies two square matrices.
func openGemm(a args, dir string) (task, error) {
	n := a.int("n")
	x, y, z := noise("a", n*n), noise("b", n*n), make([]float32, n*n)
	f := funcTask(func() { kernel.Gemm(false, false, n, n, n, x, n, y, n, z, n, kernel.Epilogue{}) })
	f()
	for name, v := range map[string][]float32{"a": x, "b": y, "c": z} {
		if err := writeNPY(dir, name, v, n, n); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// openConv runs one pass (forward, input gradient or weight gradient) of a square convolution of kernel 4, stride 2, padding 1 unless told otherwise.
func openConv(a args, dir string) (task, error) {
	g, err := kernel.NewConv(a.int("n"), a.int("h"), a.int("h"), a.int("c"), a.int("k"), a.int("kh"), a.int("kh"), a.int("s"), a.int("s"), a.int("p"), a.int("p"))
	if err != nil {
		return nil, err
	}
	x, w, y := noise("x", g.N*g.H*g.W*g.C), noise("w", g.KH*g.KW*g.C*g.K), noise("y", g.N*g.OH*g.OW*g.K)
	for _, v := range []struct {
		name  string
		data  []float32
		shape []int
	}{{"x", x, []int{g.N, g.H, g.W, g.C}}, {"w", w, []int{g.KH, g.KW, g.C, g.K}}, {"y", y, []int{g.N, g.OH, g.OW, g.K}}} {
		if err := writeNPY(dir, v.name, v.data, v.shape...); err != nil {
			return nil, err
		}
	}
	var f funcTask
	var out []float32
	var shape []int
	switch a.str("pass") {
	case "forward":
		out, shape = make([]float32, len(y)), []int{g.N, g.OH, g.OW, g.K}
		f = func() { g.Forward(out, x, w, kernel.Epilogue{}) }
	case "input":
		out, shape = make([]float32, len(x)), []int{g.N, g.H, g.W, g.C}
		f = func() { g.GradInput(out, y, w, kernel.Epilogue{}) }
	case "weight":
		out, shape = make([]float32, len(w)), []int{g.KH, g.KW, g.C, g.K}
		f = func() { g.GradWeight(out, x, y) }
	default:
		return nil, fmt.Errorf("no pass %q", a.str("pass"))
	}
	f()
	return f, writeNPY(dir, "out", out, shape...)
}

// openGemm64 multiplies two square matrices in float64, as metrics do.
func openGemm64(a args, dir string) (task, error) {
	n := a.int("n")
	x, y, z := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for name, m := range map[string]*mat.Dense{"a": x, "b": y} {
		for i, v := range noise(name, n*n) {
			m.RawMatrix().Data[i] = float64(v)
		}
	}
	f := funcTask(func() { blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, x.RawMatrix(), y.RawMatrix(), 0, z.RawMatrix()) })
	f()
	for name, m := range map[string]*mat.Dense{"a": x, "b": y, "c": z} {
		if err := writeNPY(dir, name, m.RawMatrix().Data, n, n); err != nil {
			return nil, err
		}
	}
	return f, nil
}
