package metrics

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// ringModes are k points on the unit circle.
func ringModes(k int) *mat.Dense {
	m := mat.NewDense(k, 2, nil)
	for i := range k {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(k))
		m.SetRow(i, []float64{c, s})
	}
	return m
}

func gridModes() *mat.Dense {
	m := mat.NewDense(25, 2, nil)
	for i := range 25 {
		m.SetRow(i, []float64{float64(i/5)*2 - 4, float64(i%5)*2 - 4})
	}
	return m
}

// mixture draws the golden samples: per sample the mode from one uniform number, then one normal number a coordinate.
func mixture(seed uint64, n int, modes *mat.Dense, sigma float64) (*mat.Dense, []int) {
	s := golden.New(seed)
	k, d := modes.Dims()
	x, of := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		of[i] = int(float64(k) * s.Uniform())
		for l := range d {
			x.Set(i, l, modes.At(of[i], l)+float64(sigma*s.Normal()))
		}
	}
	return x, of
}

func TestModesGolden(t *testing.T) {
	ring := ringModes(8)
	x, of := mixture(7, 2500, ring, .01)
	v := compute(t, metric(t, "modes"), Pair{Fake: x, Modes: ring, Sigma: .01})
	near(t, "modes", v["modes"], 8, 0)
	near(t, "modes_share", v["modes_share"], 8, 0)
	near(t, "hq", v["hq"], .992, exact)
	near(t, "kl", v["modes_kl"], .001090759253417806, exact)
	near(t, "jsd", v["modes_jsd"], .00027281715245074025, exact)
	counts := Modes{Radius: 3}.stats(x, ring, .01).counts
	for i, want := range []int{290, 325, 318, 330, 297, 303, 322, 295} {
		if counts[i] != want {
			t.Errorf("counts %v", counts)
			break
		}
	}
	if math.Abs(v["modes_spread"]-1) > .03 || math.Abs(v["modes_median"]-1) > .05 {
		t.Errorf("spread %v of a perfect sampler", v)
	}

	var keep []int
	for i, k := range of {
		if k < 6 {
			keep = append(keep, i)
		}
	}
	y, _ := gather(x, nil, keep)
	v = compute(t, metric(t, "modes"), Pair{Fake: y, Modes: ring, Sigma: .01})
	near(t, "rows left", float64(len(keep)), 1881, 0)
	near(t, "modes", v["modes"], 6, 0)
	near(t, "hq", v["hq"], .9904306220095693, exact)
	near(t, "kl", v["modes_kl"], .2888116723725716, exact)
	near(t, "jsd", v["modes_jsd"], .09584483268160117, exact)

	grid := gridModes()
	x, _ = mixture(8, 2500, grid, .05)
	v = compute(t, metric(t, "modes"), Pair{Fake: x, Modes: grid, Sigma: .05})
	near(t, "grid modes", v["modes"], 25, 0)
	near(t, "grid hq", v["hq"], .9904, exact)
	near(t, "grid kl", v["modes_kl"], .006044708832468973, exact)
	near(t, "grid jsd", v["modes_jsd"], .00150541637457434, exact)
}

func TestNDBGolden(t *testing.T) {
	b := CompareBins([]int{400, 300, 200, 100}, []int{225, 140, 110, 25}, .05)
	for i, want := range []float64{-1.8516401995451026, .8020129050261416, -.9017918369631298, 3.3028912953790823} {
		near(t, "z", b.Z[i], want, exact)
	}
	for i, want := range []float64{.06407750645105956, .4225454932990901, .36716745690085417, .0009569347564412679} {
		near(t, "p", b.P[i], want, exact)
	}
	near(t, "js", b.JS, .005393827951255746, exact)
	if b.Different != 1 {
		t.Errorf("%d bins differ, want 1", b.Different)
	}
}

func TestNDBSeesDroppedModes(t *testing.T) {
	real := blobs(91, 3000, 8)
	m := set(t, metric(t, "ndb"), "k", "40")
	same, drop := compute(t, m, Pair{Real: real, Fake: blobs(92, 3000, 8)}), compute(t, m, Pair{Real: real, Fake: blobs(93, 3000, 4)})
	if same["ndb_share"] > .25 || drop["ndb_share"] < .8 || drop["ndb_js"] < .1 {
		t.Errorf("same %v, dropped %v", same, drop)
	}
	w := compute(t, set(t, set(t, m, "whiten", "true"), "maxdim", "2"), Pair{Real: real, Fake: blobs(93, 3000, 4)})
	if len(w) != 5 {
		t.Errorf("whitened and cut: %v", w)
	}
}

func TestNSDC(t *testing.T) {
	hot := func(counts ...int) *mat.Dense {
		var rows []float64
		n := 0
		for k, c := range counts {
			for range c {
				row := make([]float64, len(counts))
				row[k] = 1
				rows = append(rows, row...)
				n++
			}
		}
		return mat.NewDense(n, len(counts), rows)
	}
	v := compute(t, metric(t, "nsdc"), Pair{RealProbs: hot(400, 300, 200, 100), FakeProbs: hot(225, 140, 110, 25)})
	near(t, "nsdc", v["nsdc"], 1, 0)
	near(t, "js", v["nsdc_js"], .005393827951255746, exact)
}
