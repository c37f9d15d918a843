package metrics

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// One mode of twelve is a few of its widths from the others. It is missing: clusters of the real data do not show it, small regions do, and at 60 fakes nobody
// could say.
func TestVerdictOnCloseModes(t *testing.T) {
	src := rng.Stream(21, "close")
	w := plant{modes: mat.NewDense(12, 4, nil), sigma: 1, src: src}
	w.modes.Apply(func(i, l int, _ float64) float64 { return float64(i>>(l)&1)*4 + float64(i%3) }, w.modes)
	held, without := w.draw(2000, nil, 1), onModes(1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1)
	v, err := Judge(context.Background(), Pair{Real: held, Fake: w.draw(1000, without, 1)}, DefaultThresholds())
	if err != nil || v.Word != Dropped && v.Word != Imbalanced || v.DecidesAt != 0 {
		t.Errorf("one of twelve modes lost: %s, %v\n%v", v, err, v.Readings)
	}
	if v, err = Judge(context.Background(), Pair{Real: held, Fake: w.draw(1000, nil, 1)}, DefaultThresholds()); err != nil || v.Word != Healthy || len(v.Sees) == 0 || v.Seen() == "" {
		t.Errorf("perfect: %s, %v\n%v", v, err, v.Readings)
	}
	if v, err = Judge(context.Background(), Pair{Real: held, Fake: w.draw(60, without, 1)}, DefaultThresholds()); err != nil || v.Word != Unclear || v.DecidesAt < 200 {
		t.Errorf("60 fakes: %s, decides at %d, %v", v, v.DecidesAt, err)
	}
}

// Fisher's test, one-sided at 1e-3, of 0 fakes against k of as many real rows: with 1000 a side k = 10 is the least, p = 0.00095 (scipy's hypergeom), as 9 has 0.0019.
func TestLeastRegion(t *testing.T) {
	if got := leastRegion(1000, 1000, 1e-3); math.Abs(got-.010) > 1e-12 {
		t.Errorf("a cell must hold %v", got)
	}
}
