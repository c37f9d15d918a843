package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/assay-gan/assay/rng"
)

type pairedColumns struct {
	X, Y   []float64
	Exact  bool
	Tau, P float64
}

// testdata/aggregate.json holds recorded answers of rliable and scipy, written by testdata/aggregate.py.
func aggregates(t *testing.T) (o struct {
	Aggregate []struct {
		X, Y             [][]float64
		IQM, Improvement float64
		Limits, Profile  []float64
	}
	Interval struct {
		X           [][]float64
		IQM, Lo, Hi float64
	}
	Kendall, Few []pairedColumns
	Ranks        []struct{ Medians, Ranks any }
}) {
	t.Helper()
	b, err := os.ReadFile("testdata/aggregate.json")
	if err == nil {
		err = json.Unmarshal(b, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAggregatesAgreeWithRliable(t *testing.T) {
	for _, c := range aggregates(t).Aggregate {
		near(t, "interquartile mean", PooledIQM(c.X), c.IQM, oracleTol)
		near(t, "probability of improvement", Improvement(c.X, c.Y), c.Improvement, oracleTol)
		for i, got := range Profile(c.X, c.Limits) {
			near(t, "profile", got, c.Profile[i], oracleTol)
		}
	}
}

// 50 000 draws there and 20 000 here: the ends of a 95 % percentile interval agree within 0.01 then (the values have a standard deviation of about 1).
func TestStratifiedIntervalAgreesWithRliable(t *testing.T) {
	c := aggregates(t).Interval
	near(t, "iqm", PooledIQM(c.X), c.IQM, oracleTol)
	ci := Bootstrap(rng.Stream(1, "rliable"), c.X, 20000, .95, PooledIQM)
	near(t, "lo", ci.Lo, c.Lo, .01)
	near(t, "hi", ci.Hi, c.Hi, .01)
	pooled := Bootstrap(rng.Stream(1, "rliable"), [][]float64{flat(c.X)}, 5000, .95, PooledIQM)
	if math.Abs(pooled.Lo-c.Lo) < .02 && math.Abs(pooled.Hi-c.Hi) < .02 {
		t.Error("an interval without strata is the same: the comparison shows nothing")
	}
}

func flat(x [][]float64) (all []float64) {
	for _, v := range x {
		all = append(all, v...)
	}
	return all
}

func TestKendallAgreesWithScipy(t *testing.T) {
	for _, c := range aggregates(t).Kendall {
		tau, p := Kendall(c.X, c.Y)
		near(t, "tau", tau, c.Tau, oracleTol)
		near(t, "p", p, c.P, oracleTol)
		if swapped, _ := Kendall(c.Y, c.X); math.Abs(swapped-tau) > exactTol {
			t.Errorf("tau %v, with the sides swapped %v", tau, swapped)
		}
		if c.Exact {
			if _, again := KendallPermutation(rng.Stream(1, "kendall"), c.X, c.Y, 10); again != p {
				t.Errorf("without ties nothing need be drawn: %v, exact %v", again, p)
			}
		}
	}
	// scipy drew 100 000 orders, this 20 000: standard errors of 0.0015 and 0.0035 at most.
	for _, c := range aggregates(t).Few {
		tau, p := KendallPermutation(rng.Stream(1, "kendall"), c.X, c.Y, 20000)
		near(t, "tau", tau, c.Tau, oracleTol)
		near(t, "p by random orders", p, c.P, .015)
	}
}

func TestKendallCountsFailuresAsTheWorst(t *testing.T) {
	// x orders the three that ended the other way round, and both failures are at its upper end: 3 + 3 concordant, 3 discordant, one pair tied in y: 3/sqrt(10 9).
	tau, _ := Kendall([]float64{1, 2, 3, 4, 5}, []float64{3, 2, 1, inf, inf})
	near(t, "tau", tau, 3/math.Sqrt(90), exactTol)
	if tau, p := Kendall([]float64{1, 2, 3}, []float64{1, math.NaN(), 2}); !math.IsNaN(tau) || p != 1 {
		t.Errorf("a value that is none: %v %v", tau, p)
	}
}

func TestMeanRanksAgreeWithScipy(t *testing.T) {
	for _, c := range aggregates(t).Ranks {
		medians, want := c.Medians.([]any), c.Ranks.([]any)
		values := make([][][]float64, len(want))
		for m := range values {
			for _, set := range medians {
				v := set.([]any)[m].(float64)
				values[m] = append(values[m], []float64{v - 1, v, v + 3})
			}
		}
		for m, got := range MeanRanks(values) {
			near(t, "mean rank", got, want[m].(float64), oracleTol)
		}
	}
	// ranks 1 2 3 and 1.5 1.5 3: the third model failed on the first set and has no run on the second.
	for i, got := range MeanRanks([][][]float64{{{1, 1}, {3}}, {{2, 3}, {3}}, {{inf, inf}, nil}}) {
		near(t, "mean rank", got, []float64{1.25, 1.75, 3}[i], exactTol)
	}
	if got := MeanRanks(nil); len(got) != 0 {
		t.Errorf("no model has ranks %v", got)
	}
}

// A failure is the worst there is, and nothing made up: a quarter of failures leaves the interquartile mean finite, one more does not; a profile ends at the share that did not fail.
func TestAggregatesKeepFailedRuns(t *testing.T) {
	near(t, "a quarter failed", PooledIQM([][]float64{{1, 2}, {3, inf}}), 2.5, exactTol) // of 1 2 3 inf the middle two
	near(t, "half failed", PooledIQM([][]float64{{1, inf}, {2, inf}}), inf, 0)
	near(t, "all failed", PooledIQM([][]float64{{inf, inf}}), inf, 0)
	for i, got := range Profile([][]float64{{1, inf}, {2, 3}, {}}, []float64{.5, 3, 1e300}) {
		near(t, "profile", got, []float64{0, .75, .75}[i], exactTol) // of the first set a half, of the second all
	}
	// As costs: {inf, inf} is greater than {1, inf} in 2 of 4 pairs, and 2 are ties: 0.75. On the second set 1 is less than 2: 0. The third has one side.
	near(t, "improvement", Improvement([][]float64{{inf, inf}, {1}, {5}}, [][]float64{{1, inf}, {2}, nil}), .375, exactTol)
	if v := Improvement(nil, nil); !math.IsNaN(v) {
		t.Errorf("no data set: %v", v)
	}
	if v := Profile(nil, []float64{1}); !math.IsNaN(v[0]) {
		t.Errorf("a profile of nothing: %v", v)
	}
}
