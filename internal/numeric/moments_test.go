package numeric

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/internal/testutil"
)

// naiveMeanCov is two passes in the textbook form.
func naiveMeanCov(x *mat.Dense, ddof int) ([]float64, *mat.SymDense) {
	n, d := x.Dims()
	mean := make([]float64, d)
	for j := range d {
		for i := range n {
			mean[j] += x.At(i, j) / float64(n)
		}
	}
	c := mat.NewSymDense(d, nil)
	for j := range d {
		for k := j; k < d; k++ {
			s := 0.0
			for i := range n {
				s += (x.At(i, j) - mean[j]) * (x.At(i, k) - mean[k])
			}
			c.SetSym(j, k, s/float64(n-ddof))
		}
	}
	return mean, c
}

func rows(x *mat.Dense, lo, hi int) *mat.Dense {
	_, c := x.Dims()
	return x.Slice(lo, hi, 0, c).(*mat.Dense)
}

func TestMeanCovIsTheTextbooks(t *testing.T) {
	const tolerance = 1e-12 // algebra
	for _, c := range []struct {
		rows, cols, ddof int
	}{{2, 1, 1}, {500, 16, 0}, {Leaf, 3, 1}, {3*Leaf + 77, 5, 1}, {600, 300, 1}, {Leaf + 300, 270, 0}} {
		x := golden.Matrix(uint64(c.rows), c.rows, c.cols, 1.5, 100) // a large shift: naive raw moments would lose digits
		mean, cov := MeanCov(x, c.ddof)
		wantMean, wantCov := naiveMeanCov(x, c.ddof)
		for j := range mean {
			if d := math.Abs(mean[j] - wantMean[j]); d > 100*tolerance {
				t.Errorf("%v: mean %d is %v, want %v", c, j, mean[j], wantMean[j])
			}
		}
		if !mat.EqualApprox(cov, wantCov, 1e3*tolerance) {
			t.Errorf("%v: covariance differs", c)
		}
	}
}

// Any cut into shards, merged in any order, through serialisation or not, gives the bits of one pass.
func TestShardsAreTheWholeToTheBit(t *testing.T) {
	x := golden.Matrix(3, 5*Leaf+123, 7, 1.2, 0.4)
	whole := NewMoments(7, 0)
	if err := whole.Add(x); err != nil {
		t.Fatal(err)
	}
	want, err := whole.Total()
	if err != nil {
		t.Fatal(err)
	}
	n, _ := x.Dims()
	rapid.Check(t, func(rt *rapid.T) {
		cuts := rapid.SliceOfN(rapid.IntRange(1, n-1), 0, 6).Draw(rt, "cuts")
		if rapid.Bool().Draw(rt, "aligned") {
			for i := range cuts {
				cuts[i] = max(1, cuts[i]/Leaf) * Leaf
			}
		}
		slices.Sort(cuts)
		cuts = slices.Compact(append(append([]int{0}, cuts...), n))
		var shards []*Moments
		for i := 1; i < len(cuts); i++ {
			s := NewMoments(7, cuts[i-1])
			block := rapid.IntRange(1, 2*Leaf).Draw(rt, "block")
			for lo := cuts[i-1]; lo < cuts[i]; lo += block {
				if err := s.Add(rows(x, lo, min(lo+block, cuts[i]))); err != nil {
					rt.Fatal(err)
				}
			}
			shards = append(shards, s)
		}
		seed := rapid.Uint64().Draw(rt, "order")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
		total := NewMoments(7, 0)
		for _, s := range shards {
			b, err := s.MarshalBinary()
			if err != nil {
				rt.Fatal(err)
			}
			var back Moments
			if err := back.UnmarshalBinary(b); err != nil {
				rt.Fatal(err)
			}
			if err := total.Merge(&back); err != nil {
				rt.Fatal(err)
			}
		}
		got, err := total.Total()
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(Total{})); d != "" {
			rt.Fatalf("cuts %v: %s", cuts, d)
		}
	})
}

// Merging works in place: what was handed out or taken in before must not feel it.
func TestLaterRowsDoNotReachEarlierResults(t *testing.T) {
	x := golden.Matrix(4, 4*Leaf, 3, 1.2, 0.4)
	add := func(m *Moments, lo, hi int) {
		t.Helper()
		if err := m.Add(rows(x, lo, hi)); err != nil {
			t.Fatal(err)
		}
	}
	total := func(m *Moments) Total {
		t.Helper()
		s, err := m.Total()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	_, first := MeanCov(rows(x, 0, Leaf), 1)
	_, second := MeanCov(rows(x, Leaf, 2*Leaf), 1)
	_, half := MeanCov(rows(x, 0, 2*Leaf), 1)
	_, whole := MeanCov(x, 1)
	a, b := NewMoments(3, 0), NewMoments(3, Leaf)
	add(a, 0, Leaf)
	add(b, Leaf, 2*Leaf)
	early := total(a)
	if err := a.Merge(b); err != nil {
		t.Fatal(err)
	}
	middle := total(a)
	if a.Merge(b) == nil {
		t.Error("rows are taken twice")
	}
	add(a, 2*Leaf, 4*Leaf)
	for name, c := range map[string][2]mat.Matrix{"before": {early.Cov(1), first}, "other": {total(b).Cov(1), second}, "middle": {middle.Cov(1), half},
		"end": {total(a).Cov(1), whole}} {
		if !mat.Equal(c[0], c[1]) {
			t.Errorf("%s: changed", name)
		}
	}
}

func TestMomentsRefuse(t *testing.T) {
	x := golden.Must("A")
	a, b, c := NewMoments(16, 0), NewMoments(16, 400), NewMoments(16, 700)
	for _, m := range []*Moments{a, b, c} {
		if err := m.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Merge(b); !errors.Is(err, ErrOverlap) {
		t.Errorf("overlapping shards: %v", err)
	}
	if err := a.Merge(c); err != nil {
		t.Errorf("a gap may be filled later, but: %v", err)
	}
	if _, err := a.Total(); !errors.Is(err, ErrGap) {
		t.Errorf("missing rows: %v", err)
	}
	if err := a.Add(golden.Must("C")); !errors.Is(err, ErrWidth) {
		t.Errorf("another width: %v", err)
	}
	if err := a.Merge(NewMoments(3, 0)); !errors.Is(err, ErrWidth) {
		t.Errorf("another width: %v", err)
	}
}

func FuzzMomentsState(f *testing.F) {
	m := NewMoments(3, Leaf-100)
	if err := m.Add(golden.Matrix(1, Leaf+300, 3, 1, 0)); err != nil {
		f.Fatal(err)
	}
	b, _ := m.MarshalBinary()
	f.Add(b)
	f.Add(b[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		defer testutil.Bound(t, len(b))()
		var m Moments
		if m.UnmarshalBinary(b) == nil {
			_, _ = m.Total()
		}
	})
}

func TestDamagedStateIsRefused(t *testing.T) {
	m := NewMoments(3, 0)
	if err := m.Add(golden.Matrix(1, Leaf+300, 3, 1, 0)); err != nil {
		t.Fatal(err)
	}
	b, _ := m.MarshalBinary()
	for i := 0; i < len(b); i += 97 {
		bad := slices.Clone(b)
		bad[i] ^= 4
		if err := new(Moments).UnmarshalBinary(bad); !errors.Is(err, ErrState) {
			t.Fatalf("bit flipped in byte %d: %v", i, err)
		}
	}
	if err := new(Moments).UnmarshalBinary(b[:len(b)/2]); !errors.Is(err, ErrState) {
		t.Error("half a state is read")
	}
}

func BenchmarkMeanCov2048(b *testing.B) {
	x := golden.Matrix(1, 4096, 2048, 1, 0)
	b.SetBytes(4096 * 2048 * 8)
	for b.Loop() {
		MeanCov(x, 1)
	}
}
