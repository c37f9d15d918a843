package runners

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
)

// admGroup is the number of samples in one group of the guided-diffusion evaluator's Inception Score.
const admGroup = 5000

// withProtocol sets a metric's options as a tool has them. Options that the tool does not define keep their defaults. n is the number of fakes.
func withProtocol(m metrics.Metric, p featurizer.Protocol, n int) (metrics.Metric, error) {
	set := map[string]string{}
	switch {
	case takesSubsets(m):
		if p.KIDSubsets > 0 {
			set["subsets"], set["size"] = strconv.Itoa(p.KIDSubsets), strconv.Itoa(p.KIDSize)
		}
	case takesSplits(m):
		splits, rule := p.ISSplits, "cover"
		switch {
		case strings.HasPrefix(p.ISRule, "chunks"):
			rule = "chunk"
		case strings.HasPrefix(p.ISRule, "groups"):
			splits, rule = max(1, (n+admGroup-1)/admGroup), "chunk"
		}
		if splits == 0 {
			return m, nil // the tool has no Inception Score
		}
		set["splits"], set["rule"] = strconv.Itoa(splits), rule
		set["shuffle"], set["ddof"] = strconv.FormatBool(p.ISShuffle != "none"), strconv.Itoa(p.ISDDOF)
	case hasOptions(m, "ddof"): // a Frechet distance
		set["ddof"] = strconv.Itoa(p.DDOF)
	}
	var err error
	for option, v := range set {
		if m, err = m.With(option, v); err != nil {
			return nil, fmt.Errorf("protocol %s: %w", p.Name, err)
		}
	}
	return m, nil
}

// takesSplits says whether a metric is averaged over parts of the samples, as the Inception Score is, and takesSubsets whether over random subsets, as KID is.
// A tool's choices go by what a metric lets one choose, not by its name, so that a metric of one's own gets them too.
func takesSplits(m metrics.Metric) bool { return hasOptions(m, "splits", "rule", "shuffle", "ddof") }

func takesSubsets(m metrics.Metric) bool { return hasOptions(m, "subsets", "size") }

func hasOptions(m metrics.Metric, names ...string) bool {
	have := m.Info().Options
	return !slices.ContainsFunc(names, func(n string) bool {
		return !slices.ContainsFunc(have, func(o metrics.Option) bool { return o.Name == n })
	})
}

// protocolOf is the protocol a featurizer prepares images under, if it has one.
func protocolOf(f featurizer.Featurizer) (p featurizer.Protocol, ok bool) {
	under, ok := f.(featurizer.Prepared)
	if !ok {
		return p, false
	}
	return under.Protocol(), true
}

// dropRest leaves out the rows that a tool drops because they fill no batch, and says so.
func dropRest(out *featurizer.Output, p featurizer.Protocol) (warning string) {
	n, _ := out.Features.Dims()
	if p.DropLast == 0 || n < p.DropLast || n%p.DropLast == 0 {
		return ""
	}
	keep := n - n%p.DropLast
	for _, m := range []**mat.Dense{&out.Features, &out.Logits, &out.Probs} {
		if *m != nil {
			_, d := (*m).Dims()
			*m = (*m).Slice(0, keep, 0, d).(*mat.Dense)
		}
	}
	return fmt.Sprintf("%s drops the last %d of %d images, which fill no batch of %d", p.Name, n-keep, n, p.DropLast)
}
