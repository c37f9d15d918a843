package runners

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// Planted generators on ring-8: the verdict of a cell must name each for what it is.
func TestVerdictOnPlantedGenerators(t *testing.T) {
	ctx := context.Background()
	e := &execution{store: &store{kit: DefaultKit()}}
	c := Cell{Dataset: "ring", Model: "planted", Seed: 1, Samples: 2000, Data: DataKey{Seed: 1, Train: 4000, Test: 2000, Hold: 1}, measures: []metrics.Metric{gap{1}}}
	set, err := e.store.set(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	src := rng.Stream(5, "planted")
	draw := func(at func(k int) (mode int, sigma float64)) *datasets.Samples {
		s := &datasets.Samples{Shape: []int{2}}
		for i := range 2000 {
			k, sigma := at(i % 8)
			for _, v := range set.Truth.Modes[k] {
				s.Data = append(s.Data, float32(v+sigma*src.Normal()))
			}
		}
		return s
	}
	none, err := e.store.open(ctx, RawFeaturizer, set)
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[metrics.Word]*datasets.Samples{
		metrics.Healthy:   draw(func(k int) (int, float64) { return k, 0.01 }),
		metrics.Dropped:   draw(func(k int) (int, float64) { return max(k, 2), 0.01 }), // six modes, one of them with three shares
		metrics.Collapsed: draw(func(int) (int, float64) { return 3, 0.01 }),
		metrics.Blurred:   draw(func(k int) (int, float64) { return k, 0.02 }),
		metrics.Memorised: set.Train.Slice(0, 2000),
	} {
		out := outcome{samples: s, set: set}
		fake, err := none.Featurize(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		pair, _, err := e.pair(ctx, c, out, none, fake, "test")
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.judge(ctx, c, &out, none, pair)
		if err != nil || v == nil || v.Word != string(want) {
			t.Errorf("verdict is %+v (%v), want %s", v, err, want)
		}
		for _, r := range v.Readings { // every copy is nearer to its row than a third of the way to the next; of held-out rows in the plane 1 in 9 is, and of other fakes
			if share := map[bool]float64{true: 1, false: 1. / 9}[want == metrics.Memorised]; r.Name == "nn_copies" && (math.Abs(r.Value-share) > .04 || math.Abs(r.Reference-1./9) > .04) {
				t.Errorf("%s: %.3g of near-copies, %.3g of held-out data; want %.3g and %.3g", want, r.Value, r.Reference, share, 1./9)
			}
		}
		if !slices.ContainsFunc(v.Readings, func(r reports.Reading) bool { return r.Name == "nn_copies" }) {
			t.Errorf("%s: the readings lack the near-copies: %+v", want, v.Readings)
		}
	}
}
