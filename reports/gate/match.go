package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// group is the runs of one model on one data set, with one settings where the baseline holds several.
type group struct {
	model, dataset, settings string
	recs                     []reports.Record
}

// matched is a group of the baseline with the candidate's.
type matched struct {
	base, cand group
	label      string // the model, with its settings where there are several
	changes    []Change
	samples    []*sample
	rule       *Rule // of the failure rate
}

// groups splits records by model, data set and settings, in the order of data set and model. Reference rows are no models.
func groups(recs []reports.Record) []group {
	var out []group
	for _, r := range recs {
		if reports.IsReference(r.Model) {
			continue
		}
		at := slices.IndexFunc(out, func(g group) bool {
			return g.model == r.Model && g.dataset == r.Dataset && g.settings == r.SettingsID
		})
		if at < 0 {
			out = append(out, group{model: r.Model, dataset: r.Dataset, settings: r.SettingsID})
			at = len(out) - 1
		}
		out[at].recs = append(out[at].recs, r)
	}
	slices.SortStableFunc(out, func(a, b group) int {
		return cmp.Or(strings.Compare(a.dataset, b.dataset), strings.Compare(a.model, b.model), strings.Compare(a.settings, b.settings))
	})
	return out
}

// match finds for every group of the baseline the candidate's: the one of the same settings, or the only one of its model and data set, whose settings then
// changed.
func match(b *Baseline, candidate []reports.Record, o Options) ([]*matched, error) {
	bases, cands := groups(b.Records), groups(candidate)
	var out []*matched
	for _, base := range bases {
		same := func(g group) bool { return g.model == base.model && g.dataset == base.dataset }
		m := &matched{base: base, label: base.model}
		if n := count(bases, same); n > 1 {
			m.label += " #" + base.settings[:min(6, len(base.settings))]
		}
		at := slices.IndexFunc(cands, func(g group) bool { return same(g) && g.settings == base.settings })
		if at < 0 && count(bases, same) == 1 && count(cands, same) == 1 {
			at = slices.IndexFunc(cands, same)
		}
		if at >= 0 {
			m.cand = cands[at]
			if err := m.settings(o); err != nil {
				return nil, err
			}
		}
		if err := m.fill(b, o); err != nil {
			return nil, err
		}
		m.floors(candidate)
		out = append(out, m)
	}
	return out, nil
}

func count(gs []group, is func(group) bool) (n int) {
	for _, g := range gs {
		if is(g) {
			n++
		}
	}
	return n
}

// settings notes what changed in the model's settings, and refuses it without Across.
func (m *matched) settings(o Options) error {
	was, now := m.base.recs[0], m.cand.recs[0]
	if was.SettingsID == now.SettingsID {
		return nil
	}
	names := slices.Sorted(maps.Keys(was.Settings))
	for name := range maps.Keys(now.Settings) {
		if _, ok := was.Settings[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	fresh := false
	for _, name := range names {
		before, known := was.Settings[name]
		after, still := now.Settings[name]
		switch {
		case known && still && before == after:
		case !known && o.isDefault(m.base.model, name, after), !still && o.isDefault(m.base.model, name, before):
			fresh = true
		default:
			m.changes = append(m.changes, Change{m.base.model, m.base.dataset, name, before, after})
		}
	}
	switch {
	case len(names) == 0: // records that name no settings carry their hash alone
		m.changes = append(m.changes, Change{m.base.model, m.base.dataset, "settings", was.SettingsID, now.SettingsID})
	case len(m.changes) == 0 && !fresh: // what they are measured by is checked value by value: one more metric in the suite is no reason to refuse
		m.changes = append(m.changes, Change{m.base.model, m.base.dataset, "the suite's metrics, their options or the data set's parameters", was.SettingsID, now.SettingsID})
		return nil
	}
	if len(m.changes) > 0 && !o.Across {
		return fmt.Errorf("%s on %s: %w: %s; record a new baseline, undo the change, or compare all the same by assay gate --across settings", m.base.model, m.base.dataset, ErrIncomparable, listChanges(m.changes))
	}
	return nil
}

func (o Options) isDefault(model, name, value string) bool {
	if o.Default == nil {
		return false
	}
	def, ok := o.Default(model, name)
	return ok && def == value
}

func listChanges(cs []Change) string {
	var words []string
	for _, c := range cs {
		words = append(words, c.String())
	}
	return strings.Join(words, ", ")
}

// fill makes a sample of every gated measure.
func (m *matched) fill(b *Baseline, o Options) error {
	gated := b.gated(m.base, o.Rules)
	if err := sameFingerprint(m.base, m.cand, gated, o.Across); err != nil {
		return err
	}
	for _, measure := range gated {
		m.samples = append(m.samples, m.sample(measure, o))
	}
	m.rule = find(o.Rules, "", m.base.model, m.base.dataset)
	return nil
}

// run is one seed's value.
type run struct {
	seed               uint64
	value              float64
	failed, unreliable bool
}

// runsOf returns the runs of a measure, one a cell, in the order of their seeds, and the number of cells that ended without it.
func (g group) runsOf(m reports.Measure) (runs []run, missing int) {
	var cells []string
	byCell := map[string]run{}
	for _, r := range g.recs {
		if _, ok := byCell[r.Cell]; !ok {
			cells = append(cells, r.Cell)
			byCell[r.Cell] = run{seed: r.Seed, value: math.NaN()}
		}
		switch {
		case r.CellFailed(), r.Status == reports.Failed && r.Measure() == m:
			byCell[r.Cell] = run{seed: r.Seed, failed: true}
		case r.Measure() == m:
			byCell[r.Cell] = run{seed: r.Seed, value: r.Value, unreliable: r.Status != reports.OK}
		}
	}
	for _, c := range cells {
		if r := byCell[c]; r.failed || !math.IsNaN(r.value) {
			runs = append(runs, r)
		} else {
			missing++
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(a.seed, b.seed) })
	return runs, missing
}

// one returns a record of the measure; the zero record if there is none.
func (g group) one(m reports.Measure) reports.Record {
	at := slices.IndexFunc(g.recs, func(r reports.Record) bool { return r.Measure() == m && r.Status != reports.Failed })
	if at < 0 {
		return reports.Record{}
	}
	return g.recs[at]
}

func (m *matched) sample(measure reports.Measure, o Options) *sample {
	s := &sample{rule: find(o.Rules, measure.Metric, m.base.model, m.base.dataset), asked: o.Margin}
	s.Check = Check{Model: m.label, Dataset: m.base.dataset, Measure: measure, Better: m.base.one(measure).Better, Family: Values, RawP: 1, P: 1}
	least := 0
	if s.rule != nil {
		s.Rule, s.asked, least = s.rule.String(), cmp.Or(s.rule.Margin, o.Margin), s.rule.MinSeeds
		s.Better = cmp.Or(s.rule.Direction, s.Better)
	}
	s.shownPower, s.floor = o.Power, math.NaN()
	s.sameMachine = sameMachine(m.base.recs, m.cand.recs)
	base, _ := m.base.runsOf(measure)
	cand, missing := m.cand.runsOf(measure)
	s.count(base, cand)
	switch seeds := cells(m.cand.recs); {
	case seeds == 0:
		s.unjudged = "the run has no cell of it"
	case len(cand) == 0:
		s.unjudged = fmt.Sprintf("none of its %s has this value", plural(seeds, "run"))
	case missing > 0:
		s.unjudged = fmt.Sprintf("%d of %s ended without this value", missing, plural(seeds, "run"))
	case s.Unreliable > 0 && unreliable(base) == 0:
		s.unjudged = fmt.Sprintf("%d of %s are unreliable (their records say why), none of the baseline's was", s.Unreliable, plural(len(cand), "value"))
	case len(cand) < least:
		s.unjudged = fmt.Sprintf("%s, and %s wants %d seeds", plural(len(cand), "run"), s.Rule, least)
	}
	if s.Unreliable > 0 && unreliable(base) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d of %s are unreliable, as %d of the baseline's are: this compares like with like and says nothing about their size", s.Unreliable, plural(len(cand), "value"), unreliable(base)))
	}
	return s
}

// floors notes, for every sample, the median of real data that the candidate's run scored in the same way.
func (m *matched) floors(candidate []reports.Record) {
	for _, s := range m.samples {
		var floor []float64
		for _, r := range candidate {
			if r.Model == reports.Real && r.Dataset == m.base.dataset && r.Measure() == s.Measure && r.Status != reports.Failed {
				floor = append(floor, r.Value)
			}
		}
		s.floor = stats.Median(floor)
	}
}

func unreliable(runs []run) (n int) {
	for _, r := range runs {
		if r.unreliable {
			n++
		}
	}
	return n
}

// count fills in what needs no test: numbers of runs, pairs, medians, the values on their scale.
func (s *sample) count(base, cand []run) {
	values := func(runs []run) (v []float64, failed int) {
		for _, r := range runs {
			if r.failed {
				failed++
			} else {
				v = append(v, r.value)
			}
		}
		return v, failed
	}
	b, failBase := values(base)
	c, failed := values(cand)
	s.N, s.NBase, s.Failed, s.FailBase, s.Unreliable = len(cand), len(base), failed, failBase, unreliable(cand)
	s.scale = scaleOf(s.Measure, s.Better, b, c)
	s.Scale = s.scale.name
	turned := func(runs []run) []float64 {
		out := make([]float64, len(runs))
		for i, r := range runs {
			if out[i] = math.Inf(1); !r.failed {
				out[i] = s.scale.of(r.value)
			}
		}
		return out
	}
	s.base, s.cand = turned(base), turned(cand)
	for i, r := range cand {
		same := func(q run) bool { return q.seed == r.seed }
		at := slices.IndexFunc(base, same)
		if at < 0 || slices.ContainsFunc(base[at+1:], same) || slices.ContainsFunc(cand[:i], same) { // a seed that is there twice pairs with nothing
			continue
		}
		s.pairs = append(s.pairs, pair{at, i})
		if q := base[at]; q.failed == r.failed && math.Float64bits(q.value) == math.Float64bits(r.value) {
			s.Equal++
		}
	}
	s.Pairs = len(s.pairs)
	worst := math.Inf(1)
	if s.Better == reports.Higher {
		worst = math.Inf(-1)
	}
	median := func(v []float64, failed int) reports.Float {
		v = slices.Clone(v)
		for range failed {
			v = append(v, worst)
		}
		return reports.Float(stats.Median(v))
	}
	s.Median, s.MedianBase = median(c, failed), median(b, failBase)
	nan := reports.Float(math.NaN())
	s.Worse, s.WorseLo, s.WorseHi, s.Margin, s.Detectable = nan, nan, nan, nan, nan
}

func cells(recs []reports.Record) int {
	seen := map[string]bool{}
	for _, r := range recs {
		seen[r.Cell] = true
	}
	return len(seen)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
