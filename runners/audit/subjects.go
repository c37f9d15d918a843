package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners"
)

// Subject is one value under one setting of its metric, with all that the checks found.
type Subject struct {
	Metric, Value string
	Settings      map[string]string
	Face          sanity.Face
	Unit          bool
	Curves        []sanity.Curve
	Findings      []sanity.Finding
	Verdicts      []sanity.Verdict
}

// Subjects gathers the curves by value and settings, in the order of the result.
func (r *SanityResult) Subjects() []Subject {
	var all []Subject
	for _, c := range r.Curves {
		i := slices.IndexFunc(all, func(s Subject) bool {
			return s.Metric == c.Metric && s.Value == c.Value && maps.Equal(s.Settings, c.Settings)
		})
		if i < 0 {
			all, i = append(all, Subject{Metric: c.Metric, Value: c.Value, Settings: c.Settings, Face: c.Face, Unit: c.Unit}), len(all)
		}
		all[i].Curves = append(all[i].Curves, c)
		all[i].Findings = append(all[i].Findings, sanity.Judge(c)...)
	}
	for i := range all {
		all[i].Verdicts = sanity.Summarise(all[i].Findings)
	}
	return all
}

// Name is the value with the settings that differ from its metric's defaults: "precision (compare=le, k=3)".
func (s Subject) Name() string {
	if len(s.Settings) == 0 {
		return s.Value
	}
	var set []string
	for _, k := range slices.Sorted(maps.Keys(s.Settings)) {
		set = append(set, k+"="+s.Settings[k])
	}
	return s.Value + " (" + strings.Join(set, ", ") + ")"
}

// Tried is what the authors published of this value under these settings, if they did.
func (s Subject) Tried() (sanity.Tried, bool) {
	for _, t := range sanity.TriedMetrics() {
		if t.Metric == s.Metric && t.Value == s.Value && maps.Equal(t.Settings, s.Settings) {
			return t, true
		}
	}
	return sanity.Tried{}, false
}

// judgedAs are the findings of the value by the criteria of a face: its own, or the one that the authors judge it by.
func (s Subject) judgedAs(face sanity.Face) []sanity.Finding {
	if face == s.Face {
		return s.Findings
	}
	var out []sanity.Finding
	for _, c := range s.Curves {
		c.Face = face
		out = append(out, sanity.Judge(c)...)
	}
	return out
}

// Published says in how many criteria the outcome is the published one: "114 of 119", "" for values that the authors did not try.
func (s Subject) Published() string {
	t, ok := s.Tried()
	if !ok {
		return ""
	}
	alike, of := 0, 0
	for _, a := range sanity.Against(s.judgedAs(t.Face), t.Name) {
		if of++; a.Same() {
			alike++
		}
	}
	return fmt.Sprintf("%d of %d", alike, of)
}

// Check says whether the names of a request are known and fit, before anything runs.
func (q SanityRequest) Check(kit runners.Kit) error {
	if _, _, err := q.Plan(kit); err != nil {
		return err
	}
	_, err := q.scenarios()
	return err
}
