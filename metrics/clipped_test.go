package metrics

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// onLine is points on a line.
func onLine(x ...float64) *mat.Dense { return mat.NewDense(len(x), 1, x) }

// valuesOf computes a metric and holds its values against those worked out by hand.
func valuesOf(t *testing.T, m Metric, p Pair, want map[string]float64) {
	t.Helper()
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		if v, ok := r.Get(name); !ok || math.Abs(v.Value-w) > 1e-12 {
			t.Errorf("%s = %v, want %v", name, v.Value, w)
		}
	}
}

// Real 0 1 3 7, k 1: radii 1 1 2 4, median 1.5, balls of radii 1 1 1.5 1.5. Fakes .5 and 2 lie in balls 0, 1 and 1, 2: 1 each after the clip; 100 in none. Each real row's
// nearest other one is in its ball but for 3 (2 away) and 7: the nearest of 0 is 1, of 1 is 0, so that half of the real rows are held. 2/3 over 1/2 is clipped at 1.
func TestClippedDensityByHand(t *testing.T) {
	p := Pair{Real: onLine(0, 1, 3, 7), Fake: onLine(.5, 2, 100)}
	valuesOf(t, Clipped{K: 1}, p, map[string]float64{"clipped_density": 1})
	p.Fake = onLine(.5, 60, 70, 80, 90, 100, 110, 120)
	valuesOf(t, Clipped{K: 1}, p, map[string]float64{"clipped_density": .25}) // 1/8 over 1/2
}

// For k 1, n real and s good fakes a ball is empty with P(0) = prod (n-1+i)/(n+i) = (n-1)/(n-1+s), so f = s/(n-1+s): 0, 1/5, 2/6, 3/7 for n 5, s 0..3.
func TestGoodShare(t *testing.T) {
	for _, c := range []struct{ y, want float64 }{{0, 0}, {.1, 1. / 4}, {1. / 5, 1. / 4}, {.3, 2. / 4}, {.34, 3. / 4}, {.5, 1}} {
		if got := goodShare(c.y, 1, 5, 3); got != c.want {
			t.Errorf("g(%v) = %v, want %v", c.y, got, c.want)
		}
	}
}

// normals is n rows of d nearly normal numbers.
func normals(seed uint64, n, d int) *mat.Dense { return golden.Matrix(seed, n, d, 1, 0) }
