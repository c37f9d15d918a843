package metrics

import (
	"context"
	"math"
	"testing"
)

// 2 of 4 fakes and 1 of 4 held-out images within the threshold: precision 1/2, recall 1/4, F1 = 2 (1/8) / (3/4) = 1/3. A distance at the threshold counts.
func TestPolygonShares(t *testing.T) {
	p := Pair{Distances: &Distances{Fake: []float64{0.5, 0.1, 0.51, 4}, Inverted: []float64{0.2, 0.6, 0.7, 9}}}
	res, err := Polygon{}.Compute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"polygon_precision": 0.5, "polygon_recall": 0.25, "polygon_f1": 1. / 3} {
		if v, ok := res.Get(name); !ok || math.Abs(v.Value-want) > 1e-15 {
			t.Errorf("%s = %v, want %v", name, v.Value, want)
		}
	}
	wide, err := Polygon{Threshold: 0.75}.Compute(context.Background(), p)
	if v, _ := wide.Get("polygon_recall"); err != nil || v.Value != 0.75 {
		t.Errorf("recall at 0.75 = %v, want 3/4 (%v)", v.Value, err)
	}
	// No model to search: precision alone. None on the manifold: F1 is 0, not a division by zero.
	alone, err := Polygon{}.Compute(context.Background(), Pair{Distances: &Distances{Fake: p.Distances.Fake}})
	if _, ok := alone.Get("polygon_f1"); err != nil || ok || len(alone.Values) != 1 {
		t.Errorf("without inversion: %+v, %v", alone.Values, err)
	}
	none, err := Polygon{}.Compute(context.Background(), Pair{Distances: &Distances{Fake: []float64{9, 9}, Inverted: []float64{9, 9}}})
	if v, ok := none.Get("polygon_f1"); err != nil || !ok || v.Value != 0 {
		t.Errorf("nothing on the manifold: F1 = %v, %v", v.Value, err)
	}
}
