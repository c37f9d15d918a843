package sanity

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/metrics"
)

// curve is a made-up curve of a unit-scale value over points 0 to len-1.
func curve(check, scenario string, face Face, y ...float64) Curve {
	c := Curve{Check: check, Scenario: scenario, Face: face, Unit: true, Better: metrics.Higher, Points: len(y), Asked: len(y), Mean: y}
	for i := range y {
		c.Point, c.X = append(c.Point, i), append(c.X, float64(i))
	}
	return c
}

func outcomes(c Curve) map[string]Outcome {
	out := map[string]Outcome{}
	for _, f := range Judge(c) {
		out[f.Criterion] = f.Outcome
	}
	return out
}

// Curves whose outcome follows from the published limits by hand.
func TestShapes(t *testing.T) {
	seq := "gaussian-mixture-sequential-mode-dropping" // ten points, identical at the first, a drop of .1 wanted at the fifth
	for name, row := range map[string]struct {
		c    Curve
		want map[string]Outcome
	}{
		"a diversity value that falls": {curve(seq, "1", Diversity, 1, .9, .85, .8, .7, .6, .5, .4, .3, .2), map[string]Outcome{"identical": Pass, "shape": Pass}},
		"falls too late":               {curve(seq, "1", Diversity, 1, 1, 1, 1, .91, .6, .5, .4, .3, .2), map[string]Outcome{"identical": Pass, "shape": Fail}},
		"falls by less than .2":        {curve(seq, "1", Diversity, .96, .9, .9, .9, .8, .8, .8, .8, .8, .77), map[string]Outcome{"identical": Pass, "shape": Fail}},
		"a fidelity value that stays":  {curve(seq, "1", Fidelity, 1, .99, .98, 1, .99, .98, .97, .98, .97, .96), map[string]Outcome{"identical": Pass, "fully_dropped_modes": Pass, "shape": Pass}},
		"a fidelity value that sinks":  {curve(seq, "1", Fidelity, 1, .99, .98, 1, .99, .98, .97, .98, .97, .94), map[string]Outcome{"identical": Pass, "fully_dropped_modes": Fail, "shape": Fail}},
		"identical is missed by .06":   {curve(seq, "1", Fidelity, .94, .94, .94, .94, .94, .94, .94, .94, .94, .94), map[string]Outcome{"identical": Fail, "fully_dropped_modes": Fail, "shape": Pass}},
		"too wide is high":             {curve("one-vs-two-modes", "1", Diversity, flat(20, 1)...), map[string]Outcome{"identical": Pass, "shape": High}},
		"too wide is low":              {curve("one-vs-two-modes", "1", Diversity, ramp(20, 1, 0)...), map[string]Outcome{"identical": Pass, "shape": Low}},
		"too wide is neither":          {curve("one-vs-two-modes", "1", Diversity, ramp(20, 1, .85)...), map[string]Outcome{"identical": Pass, "shape": Fail}},
		"converges":                    {curve("sphere-torus", "real_torus", Fidelity, append(ramp(10, 1, .04), flat(10, .04)...)...), map[string]Outcome{"right extreme value": Pass, "shape": Pass}},
		"converges too late":           {curve("sphere-torus", "real_torus", Fidelity, append(ramp(11, 1, .1), flat(9, .04)...)...), map[string]Outcome{"right extreme value": Pass, "shape": Fail}},
		"rounded reals, low":           {curve("discrete-numerical-vs-continuous-numerical", "real_discrete", Diversity, flat(20, 0)...), map[string]Outcome{"shape": Pass, "coarse discretisation": Low, "fine discretisation": Low}},
		"rounded synthetic rows":       {curve("discrete-numerical-vs-continuous-numerical", "real_continuous", Fidelity, flat(20, 1)...), map[string]Outcome{"shape": Pass, "coarse discretisation": Pass, "fine discretisation": Pass}},
		"no points":                    {curve("sphere-torus", "real_torus", Fidelity), map[string]Outcome{"right extreme value": NoValue, "shape": NoValue}},
	} {
		if d := cmp.Diff(row.want, outcomes(row.c)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if got := outcomes(curve("gaussian-mean-difference", "1", Fidelity, bump()...)); got["bell shape"] != Pass || got["identical"] != Pass || got["extreme negative"] != Pass {
		t.Errorf("a bell: %v", got)
	}
	shifted := append(bump()[10:], flat(10, 0)...)
	if got := outcomes(curve("gaussian-mean-difference", "1", Fidelity, shifted...)); got["bell shape"] != Fail {
		t.Errorf("a bell beside its middle: %v", got)
	}
}

func flat(n int, v float64) []float64 { return repeated(v, n) }

func ramp(n int, from, to float64) []float64 { return linspace(from, to, n) }

// bump is 51 points from 0 to 1 and back.
func bump() []float64 { return append(ramp(26, 0, 1), ramp(26, 1, 0)[1:]...) }

// A distance is judged on its own curve, between real against real and its greatest value.
func TestRelativeCurves(t *testing.T) {
	c := curve("gaussian-mean-difference", "1", Both, bump()...)
	c.Unit, c.Better, c.Null = false, metrics.Lower, metrics.Null{N: 10, Mean: 3, SD: .1, Lo: 2.8, Hi: 3.2}
	for i, y := range c.Mean {
		c.Mean[i] = 3 + 500*(1-y)
	}
	want := map[string]Outcome{"identical": Pass, "extreme negative": Pass, "extreme positive": Pass, "bell shape": Pass}
	if d := cmp.Diff(want, outcomes(c)); d != "" {
		t.Errorf("a distance: %s", d)
	}
	c.Mean[25] = 3.5 // 5 standard deviations of real against real
	if got := outcomes(c)["identical"]; got != Fail {
		t.Errorf("identical sets that are told apart: %s", got)
	}
	c.Mean = flat(51, 3.1)
	want = map[string]Outcome{"identical": Pass, "extreme negative": Fail, "extreme positive": Fail, "bell shape": Fail}
	if d := cmp.Diff(want, outcomes(c)); d != "" {
		t.Errorf("a distance that sees nothing: %s", d)
	}
}

func TestNoveltyMustNotClaimCopies(t *testing.T) {
	c := curve("gaussian-mean-difference", "1", Novelty, flat(51, 50)...)
	c.Unit, c.Better, c.Null = false, metrics.Higher, metrics.Null{N: 10, Mean: 50, SD: 1, Lo: 48, Hi: 52}
	if got := outcomes(c); got["no copies claimed"] != Pass || len(got) != 1 {
		t.Errorf("%v", got)
	}
	c.Mean[7] = 20
	if got := outcomes(c); got["no copies claimed"] != Fail {
		t.Errorf("a claim of copies: %v", got)
	}
	c.Mean[7] = 80
	if got := outcomes(c); got["no copies claimed"] != Pass {
		t.Errorf("fakes far from the training set: %v", got)
	}
}

func TestSummaryMayNotMixHighAndLow(t *testing.T) {
	f := func(o Outcome) Finding { return Finding{Check: "c", Group: Purpose, Outcome: o} }
	for want, all := range map[Outcome][]Finding{Pass: {f(Pass), f(Pass)}, High: {f(Pass), f(High)}, Low: {f(Low), f(Pass), f(Low)}, Fail: {f(High), f(Low)}, NoValue: {f(Fail), f(NoValue)}} {
		if got := Summarise(all); len(got) != 1 || got[0].Outcome != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	mixed := Summarise([]Finding{f(Pass), f(Fail), f(Low)})
	if mixed[0].Met != 2 || mixed[0].Of != 3 || mixed[0].Outcome != Fail {
		t.Errorf("%+v", mixed)
	}
}

// The authors' own summary rows, which their code makes from the same tables: how many of 30 rows each metric passes there.
func TestPublishedTablesSumUpAsTheAuthorsDo(t *testing.T) {
	for name, want := range map[string]int{"density": 18, "coverage": 13, "precision": 11, "recall": 9, "integrated_alpha_precision": 11, "integrated_beta_recall": 9, "precision_cover": 10,
		"recall_cover": 13, "sym_precision": 10, "sym_recall": 9, "probabilistic_precision": 13, "probabilistic_recall": 10} {
		passed := 0
		all := Summarise(Published(name))
		for _, v := range all {
			if v.Outcome != Fail {
				passed++
			}
		}
		if len(all) != 30 || passed != want {
			t.Errorf("%s passes %d of %d rows, want %d of 30", name, passed, len(all), want)
		}
	}
	if Published("check") != nil || Published("nobody") != nil {
		t.Error("a column that is no metric has outcomes")
	}
}

// The same curves for any company of metrics, and other ones for another seed.
func TestTraceIsDeterministic(t *testing.T) {
	s := droppingInvention().Scenarios[0]
	o := Options{Repeats: 2, Nulls: 2, Thin: 5, Seed: 7}
	fd, err := metrics.Lookup("fd_diag")
	if err != nil {
		t.Fatal(err)
	}
	asw, err := metrics.Lookup("asw")
	if err != nil {
		t.Fatal(err)
	}
	trace := func(o Options, ms ...metrics.Metric) []Curve {
		var all []Measure
		for _, m := range ms {
			all = append(all, Measure{Metric: m})
		}
		got, err := Trace(context.Background(), s, all, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	alone, both := trace(o, fd), trace(o, asw, fd)
	if d := cmp.Diff(alone[0], both[1]); d != "" {
		t.Errorf("fd_diag beside another metric: %s", d)
	}
	o.Seed = 8
	if other := trace(o, fd); cmp.Equal(other[0].Mean, alone[0].Mean) {
		t.Error("another seed gives the same curve")
	}
	if c := alone[0]; len(c.Mean) != 10 || c.Mean[4] > c.Mean[0] || c.Mean[4] > c.Mean[9] {
		t.Errorf("fd_diag is not least where the modes are the real ones: %v", c.Mean)
	}
	o.MaxRows = 10
	if got := trace(o, fd); got != nil {
		t.Errorf("curves of no points: %v", got)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Trace(ctx, s, []Measure{{Metric: fd}}, Options{Repeats: 1}, nil); err == nil {
		t.Error("a cancelled trace gives no error")
	}
}

// witness keeps the sets that it was asked about.
type witness struct {
	metrics.Metric
	pairs *[]metrics.Pair
}

func (w witness) Compute(ctx context.Context, p metrics.Pair) (metrics.Result, error) {
	*w.pairs = append(*w.pairs, p)
	return w.Metric.Compute(ctx, p)
}

// Where the real rows stay over the points of a repeat, what depends on them alone is computed once: they come as the same matrices with one memory. Where they are drawn anew, and in
// another repeat, neither.
func TestRealRowsThatStayAreShared(t *testing.T) {
	const points = 3
	for _, c := range []struct {
		check, scenario string
		stay            bool
	}{{"gaussian-mean-difference", "1", true}, {"gaussian-scaling-one-dimension", "", false}} {
		var pairs []metrics.Pair
		var s Scenario
		for _, check := range Checks() {
			for _, one := range check.Scenarios {
				if check.ID == c.check && one.ID == c.scenario {
					s = one
				}
			}
		}
		s.X, s.keep = s.X[:points], nil
		m := Measure{Metric: witness{metrics.FDDiag{}, &pairs}}
		if _, err := Trace(t.Context(), s, []Measure{m}, Options{Repeats: 2}, nil); err != nil {
			t.Fatal(err)
		}
		if len(pairs) != 2*points {
			t.Fatalf("%s: %d pairs", c.check, len(pairs))
		}
		for i, p := range pairs[1:] {
			last := pairs[i]
			want := c.stay && i+1 != points
			if got := p.Real == last.Real && p.Train == last.Train && p.Shared == last.Shared; got != want || p.Shared == nil {
				t.Errorf("%s, pair %d: the real rows of the last one are shared: %v, want %v", c.check, i+1, got, want)
			}
		}
	}
}

// rare has a value for fakes that repeat alone.
type rare struct{ metrics.Metric }

func (m rare) Compute(ctx context.Context, p metrics.Pair) (metrics.Result, error) {
	r, err := m.Metric.Compute(ctx, p)
	if p.Shared == nil { // real against real
		r.Values = nil
	}
	return r, err
}

// A metric that has no value for real against real has a curve that can be written down and outcomes that say so: there is nothing to judge it by.
func TestNoNullIsNoValue(t *testing.T) {
	got, err := Trace(t.Context(), droppingInvention().Scenarios[0], []Measure{{Metric: rare{metrics.FDDiag{}}}}, Options{Repeats: 1, Nulls: 2, Thin: 5}, nil)
	if err != nil || len(got) == 0 {
		t.Fatal(got, err)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
	for _, face := range []Face{Both, Novelty} {
		got[0].Face = face
		for _, f := range Judge(got[0]) {
			if f.Outcome != NoValue {
				t.Errorf("%s: %s: %s, want no value", face, f.Criterion, f.Outcome)
			}
		}
	}
}
