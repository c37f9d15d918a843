//go:build !race

package kernel

import "testing"

// In steady state a call allocates nothing: scratch and call descriptions are recycled. (Under the race detector sync.Pool
// drops items at random, so this file is left out there.)
func TestNoAllocations(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		g, err := NewConv(4, 9, 9, 20, 24, 3, 3, 2, 2, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		small, err := NewConv(4, 9, 9, 1, 24, 3, 3, 2, 2, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := 70000
		a, b, c, d := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		x, q := make([]float64, 100), make([]float64, 100)
		e := Epilogue{Bias: a[:100], Act: ActTanh}
		for name, f := range map[string]func(){
			"gemm":        func() { Gemm(false, true, 60, 70, 80, a, 80, b, 80, c, 70, e) },
			"gemm dots":   func() { Gemm(false, true, 60, 3, 80, a, 80, b, 80, c, 3, e) },
			"gemm split":  func() { Gemm(true, false, 10, 12, 2500, a, 10, b, 12, c, 12, Epilogue{}) },
			"forward":     func() { g.Forward(c, a, b, e) },
			"input grad":  func() { g.GradInput(a, c, b, Epilogue{}) },
			"weight grad": func() { g.GradWeight(b, a, c) },
			"few channels": func() {
				small.Forward(c, a, b, Epilogue{})
				small.GradInput(a, c, b, Epilogue{})
				small.GradWeight(b, a, c)
			},
			"elementwise": func() {
				Add(c, a, b)
				Tanh(c, a)
				LeakyReLU(c, a, 0.2)
				LeakyReLUGrad(c, a, b, 0.2)
				Axpb(c, a, 2, 1)
				Pow(c, a, 2)
			},
			"rows": func() {
				RowsAffine(700, 100, c, a, b, b, 0, ActNone)
				MulRows(700, 100, c, a, b)
				RowDot(700, 100, c, a, b)
				LogSoftmax(700, 100, c, a)
				Bernoulli(700, 100, c, a, b)
				BernoulliGrad(700, 100, c, a, b, b)
				AddRow(700, 100, c, a, b)
			},
			"sums":      func() { Sum(a); Dot(a, b); ColSums(700, 100, x, q, a, b); FirstNonFinite(a) },
			"optimiser": func() { Adam(0, 0, 0, 1, 1).Move(a, b, c, d) },
		} {
			f()
			if k := testing.AllocsPerRun(20, f); k != 0 {
				t.Errorf("%s: %v allocations a call", name, k)
			}
		}
	})
}
