package numeric

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/rng"
)

// The largest pairs of diag(n, ..., 1) turned by a reflection are known: l = n - k, v the reflection's columns.
func TestTopEigen(t *testing.T) {
	const n, k = 90, 4
	u := golden.Matrix(31, 1, n, 1, 0).RawRowView(0)
	h := func(i, j int) float64 { // I - 2 u u'/u'u
		v := -2 * u[i] * u[j] / dot(u, u)
		if i == j {
			v++
		}
		return v
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			v := 0.0
			for c := range n {
				v += h(i, c) * float64(n-c) * h(c, j)
			}
			s.SetSym(i, j, v)
		}
	}
	l, v, err := TopEigen(context.Background(), s, k, rng.Stream(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	for c := range k {
		along := 0.0
		for i := range n {
			along += v.At(i, c) * h(i, c)
		}
		if math.Abs(l[c]-float64(n-c)) > 1e-9 || math.Abs(math.Abs(along)-1) > 1e-7 {
			t.Errorf("pair %d: %v along %v", c, l[c], along)
		}
	}
	if all := SymValues(s); math.Abs(all[0]-n) > 1e-10 || math.Abs(all[n-1]-1) > 1e-10 {
		t.Errorf("all values from %v to %v", all[0], all[n-1])
	}
}

// A matrix of low rank, of equal eigenvalues or of zeros ends the Krylov space early.
func TestTopEigenOfDegenerateMatrices(t *testing.T) {
	for name, s := range map[string]*mat.SymDense{"zero": mat.NewSymDense(5, nil), "one": mat.NewSymDense(1, []float64{3}), "identity": twice(6)} {
		n := s.SymmetricDim()
		l, v, err := TopEigen(context.Background(), s, min(2, n), rng.Stream(1, "test"))
		if err != nil {
			t.Fatal(name, err)
		}
		for c := range l {
			if math.Abs(l[c]-s.At(0, 0)) > 1e-14 || math.Abs(mat.Norm(v.ColView(c), 2)-1) > 1e-12 {
				t.Errorf("%s: %v, vectors %v", name, l, mat.Formatted(v))
			}
		}
	}
}

func TestGramFactor(t *testing.T) {
	x := golden.Matrix(32, 30, 4, 1, 0)
	var g mat.Dense
	g.Mul(x, x.T())
	l := GramFactor(mat.NewSymDense(30, g.RawMatrix().Data))
	if _, r := l.Dims(); r != 4 {
		t.Fatalf("rank %d", r)
	}
	var back mat.Dense
	back.Mul(l, l.T())
	if !mat.EqualApprox(&back, &g, 1e-12) {
		t.Error("L L' is another matrix")
	}
	s := Signed(l, 10)
	want := 0.0
	for i := range 30 {
		sign := map[bool]float64{true: 1, false: -1}[i < 10]
		want += sign * l.At(i, 1) * l.At(i, 2)
	}
	if math.Abs(s.At(1, 2)-want) > 1e-12 {
		t.Errorf("signed %v, want %v", s.At(1, 2), want)
	}
}

func TestSqDists(t *testing.T) {
	x, y := golden.Matrix(33, 40, 9, 1, 1e6), golden.Matrix(34, 30, 9, 1, 1e6)
	y.SetRow(3, x.RawRowView(5))
	for name, d := range map[string]*mat.Dense{"other": SqDists(x, y), "self": SqDists(x, x)} {
		z := y
		if name == "self" {
			z = x
		}
		n, m := d.Dims()
		for i := range n {
			for j := range m {
				if want := SqDist(x.RawRowView(i), z.RawRowView(j)); math.Abs(d.At(i, j)-want) > 1e-8*want {
					t.Fatalf("%s: %d, %d: %v, want %v", name, i, j, d.At(i, j), want)
				}
			}
		}
	}
}

func twice(n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		s.SetSym(i, i, 2)
	}
	return s
}
