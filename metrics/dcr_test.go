package metrics

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// drawn is n x d numbers of the generator splitmix64, floored onto a grid where one is given.
func drawn(seed uint64, n, d int, scale, grid float64) *mat.Dense {
	m := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			seed += 0x9E3779B97F4A7C15
			z := seed
			z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
			z = (z ^ z>>27) * 0x94D049BB133111EB
			v := float64((z^z>>31)>>11) / (1 << 53)
			if grid > 0 {
				v = math.Floor(v * grid)
			}
			m.Set(i, j, v*scale)
		}
	}
	return m
}

func dcrValues(t *testing.T, p Pair) (map[string]Value, Result) {
	t.Helper()
	r, err := DCR{}.Compute(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Value{}
	for _, v := range r.Values {
		out[v.Name] = v
	}
	return out, r
}

// Against numpy (all distances, numpy.quantile) and scipy.stats.beta: unseen data; 25 of 70 fakes a thousandth beside training records; whole numbers with 46 ties of 50.
// The hold-out is smaller than the training set, so the share is brought to equal sizes.
func TestDCRGolden(t *testing.T) {
	const tol = 1e-12
	train := drawn(3, 90, 3, 1, 0)
	copies, jitter := mat.DenseCopyOf(drawn(2, 70, 3, 1, 0)), drawn(9, 25, 3, 1e-3, 0)
	for i := range 25 {
		for j := range 3 {
			copies.Set(i, j, train.At(i, j)+jitter.At(i, j))
		}
	}
	for name, c := range map[string]struct {
		p                             Pair
		share, lo, hi, q05, near, far float64
	}{
		"unseen": {Pair{Real: drawn(1, 40, 3, 1, 0), Fake: drawn(2, 70, 3, 1, 0), Train: train}, 0.5263157894736843, 0.3938142530209916, 0.6633468077640282, 0.9359755729956137, 0.35877120495021714, 0.40643843535469987},
		"copies": {Pair{Real: drawn(1, 40, 3, 1, 0), Fake: copies, Train: train}, 0.6400000000000001, 0.49410789971397917, 0.7756985923166716, 0.01047456878594788, 0.004412884888177984, 0.40643843535469987},
		"ties":   {Pair{Real: drawn(4, 60, 2, 1, 5), Fake: drawn(5, 50, 2, 1, 5), Train: drawn(6, 60, 2, 1, 5)}, 0.54, 0.02222796365492976, 1, math.NaN(), 0, 0},
	} {
		v, r := dcrValues(t, c.p)
		got := []float64{v["dcr_share"].Value, v["dcr_share"].Interval.Lo, v["dcr_share"].Interval.Hi, v["nndr_q05"].Value, v["nndr_q05_real"].Value}
		for i, want := range []float64{c.share, c.lo, c.hi, c.near, c.far} {
			if math.Abs(got[i]-want) > tol {
				t.Errorf("%s: value %d is %v, want %v", name, i, got[i], want)
			}
		}
		if q, ok := v["dcr_q05"]; ok == math.IsNaN(c.q05) || ok && math.Abs(q.Value-c.q05) > tol {
			t.Errorf("%s: dcr_q05 %v, want %v (%v)", name, q.Value, c.q05, r.Warnings)
		}
	}
}

// The set itself as fakes is all copies, whatever the sizes; an interval above one half is said.
func TestDCRCopies(t *testing.T) {
	train := drawn(3, 90, 3, 1, 0)
	v, r := dcrValues(t, Pair{Real: drawn(1, 40, 3, 1, 0), Fake: train, Train: train})
	if v["dcr_share"].Value != 1 || v["dcr_q05"].Value != 0 || !strings.Contains(strings.Join(r.Warnings, " "), "nearer to the training records") {
		t.Errorf("%v %v", v, r.Warnings)
	}
	v, _ = dcrValues(t, Pair{Real: train, Fake: train, Train: drawn(1, 40, 3, 1, 0)})
	if v["dcr_share"].Value != 0 {
		t.Errorf("the hold-out as fakes: %v", v["dcr_share"])
	}
}
