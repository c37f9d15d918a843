package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bruteSigns enumerates all choices of signs and returns the shares of them whose statistic is at most, and at least, that of d.
func bruteSigns(d []float64, statistic func([]float64) float64) (less, greater float64) {
	seen, e := statistic(d), make([]float64, len(d))
	for mask := range 1 << len(d) {
		for i, v := range d {
			if e[i] = v; mask>>i&1 == 1 {
				e[i] = -v
			}
		}
		if v := statistic(e); v <= seen+1e-9 {
			less++
			if v >= seen-1e-9 {
				greater++
			}
		} else {
			greater++
		}
	}
	all := math.Ldexp(1, len(d))
	return less / all, greater / all
}

// rankSum is W by its definition: of the pairs (i, j), i <= j, those whose average lies above 0, ties counting one half; zeros left out.
func rankSum(d []float64) (w float64) {
	d = slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	for i, a := range d {
		for j, b := range d[:i+1] {
			switch {
			case i == j:
				w += (sign(a, 0) + 1) / 2
			case math.Abs(a) == math.Abs(b):
				w += (sign(a, 0) + sign(b, 0) + 2) / 4
			default:
				w += (sign(a+b, 0) + 1) / 2
			}
		}
	}
	return w
}

func TestSignedRankAgainstEnumeration(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.SliceOfN(rapid.SampledFrom([]float64{-7, -2, -1, 0, 1, 2, 2.5, 4}), 1, 8).Draw(rt, "d") // few values: many ties and zeros
		less, greater := bruteSigns(d, rankSum)
		l, g, two := SignedRank(d, Less), SignedRank(d, Greater), SignedRank(d, TwoSided)
		if math.Abs(l.P-less) > exactTol || math.Abs(g.P-greater) > exactTol || math.Abs(two.P-min(1, 2*min(less, greater))) > exactTol || l.W != rankSum(d) {
			rt.Fatalf("d %v: %v %v %v, want %v %v, W %v", d, l, g, two, less, greater, rankSum(d))
		}
		sum := func(e []float64) (s float64) {
			for _, v := range e {
				s += v
			}
			return s
		}
		if less, greater = bruteSigns(d, sum); math.Abs(Permutation(d, Less)-less) > exactTol || math.Abs(Permutation(d, Greater)-greater) > exactTol {
			rt.Fatalf("d %v: mean %v %v, want %v %v", d, Permutation(d, Less), Permutation(d, Greater), less, greater)
		}
	})
}

func TestPairsWithFailures(t *testing.T) {
	// Two new failures of five pairs, the others as before to the bit: two differences, both up: 1/4.
	d := []float64{inf, 0, inf, 0, 0}
	near(t, "new failures", SignedRank(d, Greater).P, .25, exactTol)
	near(t, "new failures, mean", Permutation(d, Greater), .25, exactTol)
	// One failure outweighs two gains together: of 8 signs only +++ and +-- with the failure up reach a sum as great: failure up, 4 of 8; at least inf-1-1: all 4.
	near(t, "a failure against gains", Permutation([]float64{inf, -1, -1}, Greater), 4.0/8, exactTol)
	near(t, "nothing changed", SignedRank([]float64{0, 0}, Greater).P, 1, 0)
	near(t, "no pairs", SignedRank(nil, TwoSided).P, 1, 0)
	if s := PairedShift([]float64{inf, inf, math.Inf(-1), 1, 2, 3}, .95); math.IsNaN(s.Estimate) {
		t.Errorf("failures: %+v", s)
	}
	if p := Permutation(nil, Greater); !math.IsNaN(p) {
		t.Errorf("no pairs: %v", p)
	}
	near(t, "ten of ten worse", SignedRank([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Greater).P, SmallestSignedP(10), 0)
	near(t, "2^-10", SmallestSignedP(10), 1.0/1024, 0)
	SignedRank([]float64{math.NaN(), 1}, Greater) // no answer, but an end
	MannWhitney([]float64{math.NaN(), 1}, []float64{2, math.NaN()}, Greater)
	d = []float64{3, -1, 2}
	SignedRank(d, Greater)
	Permutation(d, Greater)
	PairedShift(d, .9)
	if !slices.Equal(d, []float64{3, -1, 2}) {
		t.Error("an input was changed")
	}
}
