package runners

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// What lies beside the samples (logits, probabilities, classes) is held against them: rows go by their order, which for images is that of the listing.

// heldAgainst refuses logits or probabilities that cannot be those of the fakes: of another number of rows, or each called by the other's name.
func (q ScoreRequest) heldAgainst(fake party) error {
	for _, side := range []struct {
		name string
		m    *mat.Dense
	}{{"ScoreRequest.Logits", q.Logits}, {"ScoreRequest.Probs", q.Probs}} {
		if side.m == nil {
			continue
		}
		n, _ := side.m.Dims()
		rows := n
		if fake.features != nil {
			rows, _ = fake.features.Dims()
		} else if fake.side != nil && fake.side.Stats != nil && fake.side.Stats.N > 0 {
			rows = fake.side.Stats.N
		}
		if n != rows {
			return fmt.Errorf("%s has %d rows, the fakes are %d: want one row for each, in the order of their names or rows", side.name, n, rows)
		}
	}
	if q.Logits != nil && distributions(q.Logits) {
		return fmt.Errorf("every row of ScoreRequest.Logits is a distribution (no value below 0, sum 1): give it as ScoreRequest.Probs")
	}
	return nil
}

// distributions says whether all rows are probabilities, up to the rounding of half precision.
func distributions(m *mat.Dense) bool {
	n, d := m.Dims()
	if d < 2 {
		return false
	}
	for i := range n {
		sum := 0.0
		for _, v := range m.RawRowView(i) {
			if v < 0 {
				return false
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-2 {
			return false
		}
	}
	return true
}

// otherClasses names the classes that one side has and the other has not.
func otherClasses(real, fake []string) string {
	var parts []string
	for _, side := range []struct {
		name      string
		has, lack []string
	}{{"real", fake, real}, {"fake", real, fake}} {
		var missing []string
		for _, c := range side.has {
			if !slices.Contains(side.lack, c) {
				missing = append(missing, c)
			}
		}
		if len(missing) > 3 {
			missing = append(missing[:3:3], "...")
		}
		if missing != nil {
			parts = append(parts, side.name+" has no class "+strings.Join(missing, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// remedy says what to give for a need that is not met. What was given but cannot serve is told as that.
func (s *scorer) remedy(need metrics.Need, usual string) string {
	if (need == metrics.NeedRealLabels || need == metrics.NeedFakeLabels) && s.noLabels != "" {
		return s.noLabels + ": mend the folders, or " + usual
	}
	return usual
}

// wantsSamples refuses statistics for a metric that was asked for by name and looks at single samples, before any work. Where the samples lie in the same file, as
// in the ADM evaluator's, it says by which name.
func (s *scorer) wantsSamples() error {
	for _, m := range s.metrics {
		if s.all || !slices.Contains(m.Info().Needs, metrics.NeedFeatures) {
			continue
		}
		for _, side := range []*Side{s.q.Real, s.q.Fake} {
			switch {
			case side == nil || side.Stats == nil:
			case slices.Contains(side.Stats.Beside, "arr_0"):
				return fmt.Errorf("%s needs the samples; %s is read as statistics, its samples are named by %s:arr_0", m.Info().ID, side.Path, side.Path)
			default:
				return fmt.Errorf("%s needs the samples, or their features; %s holds statistics only", m.Info().ID, side.Path)
			}
		}
	}
	return nil
}
