package runners

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/reports"
)

// The thresholds of the verdict on a mixture with K known modes.
const (
	collapsedShare  = 0.5  // fewer than this part of the modes hold their share: collapsed
	collapsedExtent = 0.25 // the samples' extent below this part of the truth's: collapsed, wherever they lie
	blurredQuality  = 0.5  // fewer than this part of the samples lie on a mode: blurred
)

// verdict says in a word what the mode statistics of a cell mean; nil where there are none. A mode is held when at least a third of its fair share of
// samples lies on it (modes_share). A perfect sampler is healthy: it holds all modes and 98.9 % of its samples lie within 3 sigma.
func verdict(recs []reports.Record, out outcome) *reports.Verdict {
	truth := out.set.truth()
	value := func(name string) (float64, bool) {
		for _, r := range recs {
			if r.Metric == name && r.Status != reports.Failed {
				return r.Value, true
			}
		}
		return 0, false
	}
	held, ok1 := value("modes_share")
	quality, ok2 := value("hq")
	if truth == nil || !ok1 || !ok2 {
		return nil
	}
	k := float64(len(truth.Modes))
	extent := extentOf(out.samples) / extentOfTruth(truth)
	v := &reports.Verdict{Word: "healthy", Evidence: []string{
		fmt.Sprintf("%.0f of %.0f modes hold at least a third of their share of the samples.", held, k),
		fmt.Sprintf("%.1f %% of the samples lie on a mode.", 100*quality),
		fmt.Sprintf("The samples extend over %.2f times the truth's extent.", extent),
	}}
	switch {
	case extent < collapsedExtent || held < collapsedShare*k && quality >= blurredQuality:
		v.Word = "collapsed"
	case quality < blurredQuality:
		v.Word = "blurred"
	case held < k:
		v.Word = "dropping"
	}
	return v
}

// extentOf is the root mean square distance of samples from their mean.
func extentOf(s *datasets.Samples) float64 {
	mean := make([]float64, s.Dim())
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			mean[j] += float64(v) / float64(s.Len())
		}
	}
	sum := 0.0
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			sum += (float64(v) - mean[j]) * (float64(v) - mean[j])
		}
	}
	return math.Sqrt(sum / float64(s.Len()))
}

// extentOfTruth is the same of a mixture: the spread of its centres and of its modes.
func extentOfTruth(m *datasets.Mixture) float64 {
	k, d := float64(len(m.Modes)), m.Dim()
	sum := float64(d) * m.Sigma * m.Sigma
	for j := range d {
		mean := 0.0
		for _, c := range m.Modes {
			mean += c[j] / k
		}
		for _, c := range m.Modes {
			sum += (c[j] - mean) * (c[j] - mean) / k
		}
	}
	return math.Sqrt(sum)
}
