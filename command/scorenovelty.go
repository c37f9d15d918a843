package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// noveltyNotes are what is to be said of copies beside the fidelity of a score.
func noveltyNotes(q runners.ScoreRequest, res *runners.ScoreResult) (notes []string) {
	if len(res.Added) > 0 {
		notes = append(notes, fmt.Sprintf("%s: added because the training set is known; --novelty=false leaves them out", strings.Join(res.Added, ", ")))
	}
	if !isAll(q.Metrics) {
		for _, id := range slices.Sorted(maps.Keys(res.Skipped)) {
			notes = append(notes, "no "+id+" beside the score: "+res.Skipped[id])
		}
	}
	fidelity := rewardsCopies(res)
	if fidelity == "" {
		return notes
	}
	if res.Copies() {
		notes = append(notes, fidelity+" rewards copies: read it beside nn_copies and c_t, which look like copying")
	}
	if set := trainingSplit(q.Real); set != "" && q.Holdout == nil && q.Train == nil {
		notes = append(notes, fmt.Sprintf("a copy of %s-train has the best %s of all: --holdout %s-test shows whether there are any", set, fidelity, set))
	}
	return notes
}

// trainingSplit is the data set whose training split a side is; "" for others.
func trainingSplit(s *runners.Side) string {
	if s == nil || s.Source == nil || s.Source.Kind != "data set" {
		return ""
	}
	set, ok := strings.CutSuffix(s.Path, "-train")
	if !ok {
		return ""
	}
	return set
}

// rewardsCopies is the first measure of the score that a copy of the training set gets a good value of; "" where there is none.
func rewardsCopies(res *runners.ScoreResult) string {
	for _, name := range reports.RewardsCopies() {
		if slices.ContainsFunc(res.Records, func(r reports.Record) bool { return r.Metric == name && r.Status != reports.Failed }) {
			return name
		}
	}
	return ""
}
