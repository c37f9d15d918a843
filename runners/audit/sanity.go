package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners"
)

// SanityRequest asks for the published sanity checks.
type SanityRequest struct {
	Metrics []string // ids; none means every metric that the checks can be run on and whose cost the plan bears
	Checks  []string // ids of checks; none means all
	Repeats int      // 0 means as planned
	Thin    int      // every so many points of the long curves; 0 means as planned
	Seed    uint64
	Dir     string         // of finished pieces, "" for none
	Tell    func(Progress) // may be nil
}

// Run is one metric as the checks run it.
type Run struct {
	sanity.Measure
	sanity.Options
	Of []string // names of the values in the published tables, where the authors tried it
}

// SanityResult is what came out.
type SanityResult struct {
	Seed    uint64            `json:"seed"`
	Curves  []sanity.Curve    `json:"curves"`
	LeftOut map[string]string `json:"left_out,omitempty"` // metrics that were not run, and why
}

// The effort of the plan: what the authors tried is repeated as they did, whatever else three times; the long curves on every fifth point.
const (
	publishedRepeats = 10 // as the authors
	plannedRepeats   = 3
	plannedThin      = 5 // of 51 points 12, the ends and the middle among them
	nullRepeats      = 10
)

// dear are metrics that the plan runs with cheaper options or on smaller sets, or not at all unless they are named.
var dear = map[string]struct {
	set              map[string]string
	maxRows, maxDims int
	leave            string
}{
	"kid":         {set: map[string]string{"subsets": "5"}},
	"swd":         {set: map[string]string{"directions": "100"}},
	"mind":        {set: map[string]string{"directions": "100"}},
	"prd":         {set: map[string]string{"repeats": "2"}, maxRows: 3000, maxDims: 200},
	"ndb":         {set: map[string]string{"clusterings": "1"}}, // more of them tell a spread, which is not judged
	"fld":         {set: map[string]string{"rows": "500"}},
	"ken":         {set: map[string]string{"rows": "250"}},
	"betti0":      {set: map[string]string{"subsets": "3"}, maxRows: 3000, maxDims: 200},
	"fd_inf":      {maxDims: 200},
	"wasserstein": {maxRows: 1500, leave: "its cost grows with the third power of the rows"},
	"ms_ssim":     {leave: "every value compares pairs of images at five scales"},
	"c2st":        {maxRows: 3000, maxDims: 200, leave: "every value trains classifiers"},
}

// Plan lists what a request runs: first what the authors tried, as published, then the metrics at their defaults, cheap ones or dear.
func (q SanityRequest) Plan(kit runners.Kit) (plan []Run, left map[string]string, err error) {
	left = map[string]string{}
	chosen := kit.Metrics
	if len(q.Metrics) > 0 {
		chosen = nil
		for _, id := range q.Metrics {
			m, unknown := kit.Metric(id)
			if unknown != nil {
				return nil, nil, unknown
			}
			if info := m.Info(); !sanity.Takes(info) {
				return nil, nil, fmt.Errorf("%s cannot be put to the sanity checks: it needs %s, and they are sets of features", info.ID, needs(info))
			}
			chosen = append(chosen, m)
		}
	}
	plan, err = q.published(chosen)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range chosen {
		id := m.Info().ID
		if !sanity.Takes(m.Info()) {
			continue
		}
		if why := dear[id].leave; why != "" && len(q.Metrics) == 0 {
			left[id] = why + ": name it in SanityRequest.Metrics to run it"
			continue
		}
		if slices.ContainsFunc(plan, func(r Run) bool { return r.Metric.Info().ID == id && len(r.Settings) == 0 }) {
			continue // as published is as it is
		}
		r := Run{Measure: sanity.Measure{Metric: m, Settings: dear[id].set}, Options: sanity.Options{Repeats: plannedRepeats, Nulls: nullRepeats, Thin: plannedThin, Seed: q.Seed,
			MaxRows: dear[id].maxRows, MaxDims: dear[id].maxDims}}
		if r.Metric, err = with(m, r.Settings); err != nil {
			return nil, nil, err
		}
		plan = append(plan, r)
	}
	for i := range plan {
		if q.Repeats > 0 {
			plan[i].Repeats = q.Repeats
		}
		if q.Thin > 0 {
			plan[i].Thin = q.Thin
		}
	}
	return plan, left, nil
}

// published are the runs with the authors' settings: values that share them are one run.
func (q SanityRequest) published(chosen []metrics.Metric) (plan []Run, err error) {
	for _, t := range sanity.TriedMetrics() {
		if !t.In(chosen) {
			continue
		}
		i := slices.IndexFunc(plan, func(r Run) bool { return r.Metric.Info().ID == t.Metric && maps.Equal(r.Settings, t.Settings) })
		if i < 0 {
			at := slices.IndexFunc(chosen, func(m metrics.Metric) bool { return m.Info().ID == t.Metric })
			m, err := with(chosen[at], t.Settings)
			if err != nil {
				return nil, err
			}
			plan, i = append(plan, Run{Measure: sanity.Measure{Metric: m, Settings: t.Settings}, Options: sanity.Options{Repeats: publishedRepeats, Nulls: nullRepeats, Thin: plannedThin, Seed: q.Seed}}), len(plan)
		}
		plan[i].Of = append(plan[i].Of, t.Name)
		plan[i].Metric = only(plan[i].Metric, plan[i].Of)
	}
	return plan, nil
}

// only makes a metric with an option for its values compute those that the authors tried, so that no pass is made for the others.
func only(m metrics.Metric, names []string) metrics.Metric {
	var values []string
	for _, t := range sanity.TriedMetrics() {
		if slices.Contains(names, t.Name) {
			values = append(values, t.Value)
		}
	}
	if few, err := m.With("values", strings.Join(values, ",")); err == nil {
		return few
	}
	return m
}

func with(m metrics.Metric, settings map[string]string) (metrics.Metric, error) {
	var err error
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if m, err = m.With(name, settings[name]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func needs(info metrics.Info) string {
	var words []string
	for _, n := range info.Needs {
		words = append(words, string(n))
	}
	return strings.Join(words, " and ")
}

// sanityKey names a piece.
type sanityKey struct {
	Kind, Metric, Check, Scenario string
	Settings                      map[string]string
	Options                       sanity.Options
	Values                        string
}

// Sanity runs the checks, piece by piece: a metric over a scenario, as many at a time as there are threads. Errors: an unknown or unfit name, a folder that cannot be written,
// the context's.
func Sanity(ctx context.Context, kit runners.Kit, q SanityRequest) (*SanityResult, error) {
	plan, left, err := q.Plan(kit)
	if err != nil {
		return nil, err
	}
	scenarios, err := q.scenarios()
	if err != nil {
		return nil, err
	}
	got := make([][]sanity.Curve, len(plan)*len(scenarios))
	err = atOnce(ctx, len(got), q.Tell, func(ctx context.Context, i int, tell func(string, float64)) error {
		r, s := plan[i/len(scenarios)], scenarios[i%len(scenarios)]
		text := strings.Join(strings.Fields(r.Metric.Info().ID+": "+s.Check+" "+s.ID), " ")
		var failed error
		got[i], failed = kept(store{q.Dir}, r.key(s), func() ([]sanity.Curve, error) {
			return sanity.Trace(ctx, s, []sanity.Measure{r.Measure}, r.Options, func(share float64) { tell(text, share) })
		})
		return failed
	})
	res := &SanityResult{Seed: q.Seed, Curves: slices.Concat(got...), LeftOut: left}
	res.refresh(kit.Metrics)
	return res, err
}

// key is all that the piece of a run over a scenario depends on.
func (r Run) key(s sanity.Scenario) sanityKey {
	return sanityKey{"sanity", r.Metric.Info().ID, s.Check, s.ID, r.Settings, r.Options, strings.Join(r.Of, ",")}
}
