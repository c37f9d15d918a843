package metrics

import (
	"context"
	"errors"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Real rows come in groups of four that are nearly one row. By rows, the half that is held out lies on the reference as no generator can, and a perfect one is not healthy beside
// it; by whole groups it is.
func TestVerdictKeepsGroupsWhole(t *testing.T) {
	s := rng.Stream(3, "verdict", "groups")
	real, fake := inGroupsOf(s, 1600, 4, 6, .01), mat.NewDense(400, 6, nil)
	groups := make([]int, 1600)
	for i := range groups {
		groups[i] = i / 4
	}
	for i := range 400 {
		for j := range 6 {
			fake.Set(i, j, s.Normal())
		}
	}
	by := func(groups []int) Verdict {
		t.Helper()
		v, err := Judge(context.Background(), Pair{Real: real, Fake: fake, RealGroups: groups}, DefaultThresholds())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	alone, whole := by(nil), by(groups)
	read := func(v Verdict, name string) Reading {
		for _, r := range v.Readings {
			if r.Name == name {
				return r
			}
		}
		t.Fatalf("no %s among %+v", name, v.Readings)
		return Reading{}
	}
	// Each row has its three twins in the other half or its own: all of the held-out rows lie in a ball of radius some hundredths, and no fake does.
	if a, w := read(alone, "precision").Reference, read(whole, "precision").Reference; !(a > w+.3) {
		t.Errorf("precision of held-out rows %.3f by rows and %.3f by groups: the halves share groups", a, w)
	}
	if alone.Word == Healthy || len(whole.Findings) > 0 {
		t.Errorf("by rows %s, by whole groups %s %+v", alone.Word, whole.Word, whole.Findings)
	}
	if _, err := Judge(context.Background(), Pair{Real: real, Fake: fake, RealGroups: groups[1:]}, DefaultThresholds()); !errors.Is(err, ErrShape) {
		t.Errorf("groups of another length: %v", err)
	}
}

func TestAlternateGroups(t *testing.T) {
	x := mat.NewDense(7, 1, []float64{0, 1, 2, 3, 4, 5, 6})
	// 3 rows of group 5 first, then 8 and 2 of two and one rows to the other half, and 1 where there are fewer.
	a, b := alternateGroups(x, []int{5, 8, 5, 2, 8, 5, 1})
	if got := mat.Formatted(a.T()); rows(a) != 4 || rows(b) != 3 || a.At(3, 0) != 6 || b.At(1, 0) != 3 {
		t.Errorf("%v and %v", got, mat.Formatted(b.T()))
	}
}
