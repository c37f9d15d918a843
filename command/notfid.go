package command

import (
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// notFID says why a distance is not the FID that papers print, and what would be; "" where the name of the featurizer says it all, or there is no such distance. People
// who come from tools with one network take the first number for it.
func notFID(q runners.ScoreRequest, res *runners.ScoreResult) string {
	if q.Real == nil || q.Fake == nil || !slices.ContainsFunc(res.Records, func(r reports.Record) bool { return strings.HasPrefix(r.Metric, "fd") || r.Metric == "mifid" }) {
		return ""
	}
	const would = "FID is fd of the images themselves with --protocol pytorch-fid or another tool's (weights: assay fetch inception)"
	switch {
	case strings.HasPrefix(res.Featurizer, "inception-random("):
		return "not FID: the network has random weights; " + would
	case q.Real.Features == nil && q.Real.Stats == nil && (res.Featurizer == runners.RawFeaturizer || strings.Contains(res.Featurizer, "pixels")):
		return "not FID: these are distances between raw values, not features of a network; " + would
	case res.Featurizer == runners.RawFeaturizer || res.Featurizer == "" && q.Real.Stats.Made["featurizer"] == "" && q.Fake.Stats.Made["featurizer"] == "":
		return "not FID as far as can be told: nothing says which network made the features; " + would
	}
	return ""
}
