package runners

import (
	"slices"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// novelty are the metrics that stand beside fidelity where the training set is known: cheap ones, from one search among its rows.
var novelty = []string{"nn_ratio", "c_t"}

// withNovelty adds them to a request that knows the training set and asks for metrics that compare with real data, none of which looks at it.
func withNovelty(kit Kit, q ScoreRequest, ms []metrics.Metric) (all []metrics.Metric, added []string) {
	needs := func(is func(metrics.Need) bool) bool {
		return slices.ContainsFunc(ms, func(m metrics.Metric) bool { return slices.ContainsFunc(m.Info().Needs, is) })
	}
	train := func(n metrics.Need) bool { return n == metrics.NeedTrain }
	if !q.Novelty || q.Train == nil && q.Holdout == nil || !needs(metrics.Need.OfReference) || needs(train) {
		return ms, nil
	}
	for _, id := range novelty {
		if m, err := kit.Metric(id); err == nil { // a kit of one's own may lack it
			ms, added = metrics.Join(ms, m), append(added, id)
		}
	}
	return ms, added
}

// extra says whether a metric is there beside those asked for: where it cannot be had the score stands without.
func (s *scorer) extra(m metrics.Metric) bool { return slices.Contains(s.added, m.Info().ID) }

// Copies says whether what was measured looks like copies of the training set, see reports.Copies.
func (res *ScoreResult) Copies() bool {
	values := map[string]float64{}
	for _, r := range res.Records {
		if r.Status != reports.Failed {
			values[r.Metric] = r.Value
		}
	}
	return reports.Copies(values)
}
