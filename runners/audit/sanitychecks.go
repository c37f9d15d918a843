package audit

import (
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics/sanity"
)

// scenarios are those of the checks asked for.
func (q SanityRequest) scenarios() (all []sanity.Scenario, err error) {
	var ids []string
	for _, c := range sanity.Checks() {
		if ids = append(ids, c.ID); len(q.Checks) == 0 || slices.Contains(q.Checks, c.ID) {
			all = append(all, c.Scenarios...)
		}
	}
	for _, id := range q.Checks {
		if !slices.Contains(ids, id) {
			return nil, suggest.Unknown("check", id, ids)
		}
	}
	return all, nil
}
