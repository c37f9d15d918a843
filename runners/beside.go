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

// heldAgainst refuses logits, probabilities or labels that cannot be those of the samples: of another number of rows, called by each other's name, or of classes
// that are not there.
func (s *scorer) heldAgainst(real, fake party) error {
	q := s.q
	if q.Logits != nil && q.Probs != nil {
		return fmt.Errorf("ScoreRequest.Logits and ScoreRequest.Probs: give one of them")
	}
	fakes := fake.rows()
	for _, side := range []struct {
		name string
		m    *mat.Dense
	}{{"ScoreRequest.Logits", q.Logits}, {"ScoreRequest.Probs", q.Probs}} {
		if side.m == nil {
			continue
		}
		n, _ := side.m.Dims()
		if err := asMany(side.name, n, "fakes", fakes); err != nil {
			return err
		}
		if fakes == 0 {
			fakes = n
		}
	}
	if q.Logits != nil && distributions(q.Logits) {
		return fmt.Errorf("every row of ScoreRequest.Logits is a distribution (no value below 0, sum 1): give it as ScoreRequest.Probs")
	}
	for _, side := range []struct {
		name, role string
		labels     []int
		of         party
		rows       int
	}{{"ScoreRequest.FakeLabels", "fakes", q.FakeLabels, fake, fakes}, {"ScoreRequest.RealLabels", "real samples", q.RealLabels, real, real.rows()}} {
		if side.labels == nil {
			continue
		}
		if err := asMany(side.name, len(side.labels), side.role, side.rows); err != nil {
			return err
		}
		if err := inRange(side.name, side.labels, side.of.side); err != nil {
			return err
		}
	}
	return nil
}

// rows counts the samples of a side; 0 where that is not known.
func (p party) rows() int {
	switch {
	case p.features != nil:
		n, _ := p.features.Dims()
		return n
	case p.side != nil && p.side.Stats != nil:
		return p.side.Stats.N
	}
	return 0
}

func asMany(name string, n int, role string, rows int) error {
	if rows > 0 && n != rows {
		return fmt.Errorf("%s has %d rows, the %s are %d: want one row for each, in the order of their names or rows", name, n, role, rows)
	}
	return nil
}

// inRange holds label files against the class folders of their own samples, whose numbers are the places of the sorted names.
func inRange(name string, labels []int, side *Side) error {
	if side == nil || len(side.classNames()) == 0 {
		return nil
	}
	k := len(side.classNames())
	if row := slices.IndexFunc(labels, func(l int) bool { return l >= k }); row >= 0 {
		return fmt.Errorf("%s has class %d in row %d, %s has %d classes: want numbers from 0 to %d, in the order of their names", name, labels[row], row, side.Path, k, k-1)
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
		return s.noLabels + ": mend that, or " + usual
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
