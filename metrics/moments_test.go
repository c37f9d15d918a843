package metrics

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
)

func TestMomentsOfKnownRows(t *testing.T) {
	// Rows (1,2) and (3,6): means 2 and 4, deviations -1,+1 and -2,+2; ddof 1 divides by 1: variances 2 and 8, covariance 4.
	want := Stats{N: 2, Mean: []float64{2, 4}, Cov: mat.NewSymDense(2, []float64{2, 4, 4, 8})}
	var zero Moments // takes its width from the rows
	if zero.N() != 0 || zero.Dim() != 0 {
		t.Errorf("nothing added: %d rows of %d", zero.N(), zero.Dim())
	}
	if err := zero.Add(mat.NewDense(2, 2, []float64{1, 2, 3, 6})); err != nil {
		t.Fatal(err)
	}
	first, second := moments(t, 0, 1, 2), moments(t, 1, 3, 6)
	var merged, read Moments
	for _, m := range []*Moments{second, first, {}} { // the later shard first; one that holds nothing
		if err := merged.Merge(m); err != nil {
			t.Fatal(err)
		}
	}
	state, err := merged.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b *mat.SymDense) bool { return mat.Equal(a, b) })
	for name, m := range map[string]*Moments{"added": &zero, "merged": &merged, "read": &read} {
		got, err := m.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, same); d != "" || m.Dim() != 2 {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func moments(t *testing.T, first int, row ...float64) *Moments {
	t.Helper()
	m, err := NewMoments(len(row), first)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(mat.NewDense(1, len(row), row)); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMomentsSayWhatIsWrong(t *testing.T) {
	one := moments(t, 0, 1, 2)
	gap := moments(t, 0, 1, 2)
	if err := gap.Merge(moments(t, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	_, tooFew := one.Stats()
	_, missing := gap.Stats()
	_, none := (&Moments{}).Stats()
	_, unwritten := (&Moments{}).MarshalBinary()
	_, shape := NewMoments(0, 0)
	for what, c := range map[string]struct{ got, want error }{
		"one row":         {tooFew, ErrTooFew},
		"no row":          {none, ErrTooFew},
		"row 1 missing":   {missing, ErrGap},
		"row 0 twice":     {one.Merge(moments(t, 0, 5, 6)), ErrOverlap},
		"another width":   {one.Add(mat.NewDense(1, 3, nil)), ErrShape},
		"shard too wide":  {one.Merge(moments(t, 1, 1, 2, 3)), ErrShape},
		"no matrix":       {one.Add(nil), ErrMissing},
		"no column":       {shape, ErrShape},
		"not a state":     {new(Moments).UnmarshalBinary([]byte("nonsense")), ErrState},
		"nothing to keep": {unwritten, ErrTooFew},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	if one.N() != 1 {
		t.Errorf("refused rows were counted: %d", one.N())
	}
}
