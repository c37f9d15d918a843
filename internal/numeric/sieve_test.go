package numeric

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// limitsOf are limits for the rows of x: the distance of some pair to the bit, which is to be found, a little less, everything, and nothing.
func limitsOf(x, y *mat.Dense, r *rand.Rand) []float64 {
	n, _ := x.Dims()
	m, _ := y.Dims()
	limits := make([]float64, n)
	for i := range limits {
		d := SqDist(x.RawRowView(i), y.RawRowView(r.IntN(m)))
		limits[i] = []float64{d, d, d, math.Nextafter(d, 0), 0, math.Inf(1), math.Inf(-1)}[r.IntN(7)]
	}
	return limits
}

// Every pair within a limit is found exactly once, in order where that is promised, and not many others are.
func TestSieveFindsWhatMatters(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	a, b := normal(600, 40, 0, 1, "sieve a"), normal(400, 40, .2, 1.3, "sieve b")
	long := normal(sieveColumns+70, 30, 3, 1e-3, "sieve long")
	for name, c := range map[string][2]*mat.Dense{"two": {a, b}, "columns": {b, a}, "one": {a, a}, "blocks": {long, long}} {
		x, y := c[0], c[1]
		r := rand.New(rand.NewPCG(3, 4))
		limit, other := limitsOf(x, y, r), limitsOf(y, x, r)
		if x == y {
			other = nil
		}
		n, m := len(limit), y.RawMatrix().Rows
		matters := make([]bool, n*m)
		for i := range n {
			for j := range m {
				d := SqDist(x.RawRowView(i), y.RawRowView(j))
				matters[i*m+j] = (x != y || i != j) && (d <= limit[i] || (other != nil && d <= other[j]))
			}
		}
		for route, e := range routes() {
			if name == "blocks" && route != "products" {
				continue // takes long
			}
			kernel.SetThreads(1 + len(route)%7)
			found := make([][]int, len(limit))
			var mu sync.Mutex
			px, py, scale := e.prepare(x, y)
			err := e.sift(context.Background(), px, py, scale, sieve{limit: func(i int) float64 { return limit[i] }, other: other, found: func(i, j int, _, _ float64) {
				mu.Lock()
				found[i] = append(found[i], j)
				mu.Unlock()
			}})
			if err != nil {
				t.Fatal(err)
			}
			checkFound(t, name+"/"+route, found, x != y, matters)
		}
	}
}

func checkFound(t *testing.T, what string, found [][]int, ordered bool, matters []bool) {
	t.Helper()
	more, m := 0, len(matters)/len(found)
	for i, js := range found {
		if ordered && !slices.IsSorted(js) {
			t.Errorf("%s: row %d is told of others out of order", what, i)
		}
		slices.Sort(js)
		if len(slices.Compact(slices.Clone(js))) != len(js) {
			t.Errorf("%s: row %d is told of another twice", what, i)
		}
		for j := range m {
			_, has := slices.BinarySearch(js, j)
			if want := matters[i*m+j]; want && !has {
				t.Fatalf("%s: rows %d and %d are not found", what, i, j)
			} else if has && !want {
				more++
			}
		}
	}
	if more > 4*len(found) {
		t.Errorf("%s: %d pairs are found that do not matter", what, more)
	}
}

func TestSieveStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	x := normal(50, 40, 0, 1)
	for _, e := range []engine{{direct: -1}, {direct: 1 << 30}} {
		px, _, scale := e.prepare(x, x)
		if err := e.sift(ctx, px, px, scale, sieve{limit: func(int) float64 { return 0 }}); !errors.Is(err, context.Canceled) {
			t.Errorf("direct %d: %v", e.direct, err)
		}
	}
}
