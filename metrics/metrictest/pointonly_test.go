package metrictest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/metrics"
)

// PointOnly takes intervals away and nothing else.
func TestPointOnlyLeavesTheValues(t *testing.T) {
	took := 0
	for _, m := range metrics.All() {
		m = quick(t, m)
		p := Fixture(2)
		full, err := m.Compute(context.Background(), p)
		if err != nil {
			continue // needs what the fixture lacks
		}
		bare, err := m.Compute(metrics.PointOnly(context.Background()), p)
		if err != nil {
			t.Errorf("%s: %v", m.Info().ID, err)
			continue
		}
		for k, v := range full.Values {
			if bare.Values[k].Interval == nil && v.Interval != nil {
				took++
				if bare.Values[k].NoInterval == "" {
					t.Errorf("%s has no interval and does not say why", v.Name)
				}
			}
			if d := cmp.Diff(v.Value, bare.Values[k].Value); d != "" || v.Name != bare.Values[k].Name {
				t.Errorf("%s moves: %s", v.Name, d)
			}
		}
	}
	if took < 8 {
		t.Errorf("only %d intervals are left out", took)
	}
}
