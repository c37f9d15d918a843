package runners

import (
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
)

// spoken are the sentences of samples for the metrics that read them, without their ends; nil for samples that are none. Sentences without any word are left out.
func spoken(v *datasets.Vocabulary, s *datasets.Samples) metrics.Sentences {
	if v == nil {
		return nil
	}
	all := metrics.Sentences{}
	for i := range s.Len() {
		var row []int
		for _, x := range s.Row(i) {
			if t := int(x); t != v.End {
				row = append(row, t)
				continue
			}
			break
		}
		if len(row) > 0 {
			all = append(all, row)
		}
	}
	return all
}

// beyondTokens says why a metric cannot be measured on sequences, "" if it can: the numbers of tokens are names, so that their means and distances say nothing. Whether
// two rows are equal is all that can be asked of them as features.
func beyondTokens(m metrics.Info) string {
	if slices.Contains(m.Needs, metrics.NeedSentences) || m.Equality {
		return ""
	}
	return "it compares numbers, and those of tokens are names; measure distinct, self_bleu or duplicates on sequences (nll_oracle comes by itself where the language is known)"
}
