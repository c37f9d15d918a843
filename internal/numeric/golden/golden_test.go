package golden

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The words and numbers come from an independent implementation of the generator in another language.
func TestGeneratorIsPortable(t *testing.T) {
	s := New(1)
	for i, want := range []uint64{0x910a2dec89025cc1, 0xbeeb8da1658eec67, 0xf893a2eefb32555e} {
		if got := s.Uint64(); got != want {
			t.Errorf("word %d is %x, want %x", i, got, want)
		}
	}
	s = New(1)
	for i, want := range []float64{.5665615751722809, .7457817572627011, .9710027535867962} {
		if got := s.Uniform(); got != want {
			t.Errorf("uniform %d is %v, want %v", i, got, want)
		}
	}
	s = New(1)
	for i, want := range []float64{1.4243480905156511, -.6189042598785681, -.5907667571367323} {
		if got := s.Normal(); got != want {
			t.Errorf("normal %d is %v, want %v", i, got, want)
		}
	}
}

func TestSetsArePinned(t *testing.T) {
	a, b := Must("A"), Must("B")
	if got, want := a.At(499, 15), -1.5814200945810306; got != want {
		t.Errorf("last of A is %v, want %v", got, want)
	}
	if got, want := b.At(0, 0), .9383131827827123; got != want {
		t.Errorf("first of B is %v, want %v", got, want)
	}
	const sumTolerance = 1e-10 // the sum's order is not stated
	for _, c := range []struct {
		m    *mat.Dense
		want float64
	}{{a, 30.59554847161901}, {b, 1928.350243042701}} {
		if got := mat.Sum(c.m); got-c.want > sumTolerance || c.want-got > sumTolerance {
			t.Errorf("sum %v, want %v", got, c.want)
		}
	}
	if r, _ := Must("A[:400]").Dims(); r != 400 {
		t.Errorf("A[:400] has %d rows", r)
	}
	for _, bad := range []string{"", "Z", "A[:501]", "A[3]", "AB"} {
		if m, err := Set(bad); err == nil {
			r, _ := m.Dims()
			t.Errorf("%q gives %d rows, want an error", bad, r)
		}
	}
}
