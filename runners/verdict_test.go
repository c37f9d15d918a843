package runners

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/rng"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"

	"gonum.org/v1/gonum/mat"
)

// Planted generators on ring-8: the verdict must name each for what it is.
func TestVerdictOnPlantedGenerators(t *testing.T) {
	set, err := datasets.Ring{}.Load(context.Background(), datasets.Options{Seed: 1, Train: 10, Test: 10, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	src := rng.Stream(5, "planted")
	draw := func(at func(k int) (mode int, scale float64)) *datasets.Samples {
		s := &datasets.Samples{Shape: []int{2}}
		for i := range 2000 {
			k, scale := at(i % 8)
			for _, c := range set.Truth.Modes[k] {
				s.Data = append(s.Data, float32(c+scale*src.Normal()))
			}
		}
		return s
	}
	for want, s := range map[string]*datasets.Samples{
		"healthy":   draw(func(k int) (int, float64) { return k, 0.01 }),
		"dropping":  draw(func(k int) (int, float64) { return max(k, 2), 0.01 }), // six modes, one of them with three shares
		"collapsed": draw(func(int) (int, float64) { return 3, 0.01 }),
		"blurred":   draw(func(k int) (int, float64) { return k, 0.1 }),
	} {
		m, err := metrics.Lookup("modes")
		if err != nil {
			t.Fatal(err)
		}
		x := mat.NewDense(s.Len(), 2, nil)
		for i, v := range s.Data {
			x.RawMatrix().Data[i] = float64(v)
		}
		res, err := m.Compute(context.Background(), metrics.Pair{Fake: x, Modes: centres(set.Truth), Sigma: set.Truth.Sigma})
		if err != nil {
			t.Fatal(err)
		}
		v := verdict(ResultRecords(reports.Record{}, res), outcome{samples: s, set: loaded{Set: set}})
		if v == nil || v.Word != want {
			t.Errorf("verdict is %+v, want %s", v, want)
		}
	}
	tiny := draw(func(int) (int, float64) { return 3, 0.1 }) // one blurred spot, off its mode: still a collapse
	if v := verdict([]reports.Record{{Metric: "modes_share", Status: "ok"}, {Metric: "hq", Status: "ok"}}, outcome{samples: tiny, set: loaded{Set: set}}); v.Word != "collapsed" {
		t.Errorf("one blurred spot is called %s", v.Word)
	}
}
