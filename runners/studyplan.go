package runners

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners/search"
	"github.com/assay-gan/assay/zoo"
)

// HoldOut names the split that a study chooses by: neither trained on nor reported against.
const HoldOut = "hold"

// firstFreshSeed is where the seeds of reruns begin: far from those that people write, so that no seed of the search is used twice.
const firstFreshSeed = 1001

// chosenBy resolves what a study chooses by on a data set, and says which metric is measured against the hold-out for it; "" where the value compares with no samples.
func (p *planner) chosenBy(c Cell, info datasets.Info, ch Choices, d DatasetChoice) (SelectChoice, string, error) {
	if len(p.config.Search) == 0 {
		if ch.Select != nil || p.config.Rerun != nil || p.config.Stop != nil {
			return SelectChoice{}, "", fmt.Errorf("%s: select, rerun and stop belong to a suite with %q", p.config.File, "search")
		}
		return SelectChoice{}, "", nil
	}
	if ch.Select == nil {
		return SelectChoice{}, "", p.errAt(p.config.Search[0].Line, "search: nothing says which settings are the best: give select, such as select: fd")
	}
	s := *ch.Select
	if s.Featurizer == "" {
		s.Featurizer = c.Featurizers[0]
	} else {
		id, err := p.kit.FeaturizerID(s.Featurizer)
		if err != nil || !slices.Contains(c.Featurizers, id) {
			return s, "", p.errAt(s.Line, "select: data set %s: %w (of its featurizers)", d.Name, suggest.Unknown("featurizer", s.Featurizer, c.Featurizers))
		}
		s.Featurizer = id
	}
	var have []string
	for _, m := range c.measures {
		values := metrics.Shown(m)
		if len(values) == 0 {
			values = m.Info().Values
		}
		have = append(have, values...)
		if !slices.Contains(values, s.Measure) {
			continue
		}
		if s.Measure == m.Info().ID && m.Info().Better != metrics.Lower && m.Info().Better != metrics.Higher {
			return s, "", p.errAt(s.Line, "select: %s has no better side: choose a measure that is better when it is lower, or higher", s.Measure)
		}
		if !comparesReal(m.Info().Needs) {
			return s, "", nil
		}
		if hold := d.Hold; hold == 1 || hold == 0 && info.Sizes.Hold < 2 {
			return s, "", p.errAt(d.Line, "data set %s has no hold-out to choose by: give it one, such as hold: %d, as many as its test samples", d.Name, max(d.Test, 1000))
		}
		return s, m.Info().ID, nil
	}
	return s, "", p.errAt(s.Line, "select: data set %s: %w (measured there)", d.Name, suggest.Unknown("measure", s.Measure, have))
}

// track plans the search of one model on one data set, and returns the cells that are known before anything has run.
func (p *planner) track(base Cell, model zoo.Model, ch Choices, m ModelChoice, seeds []uint64, b Budget, given map[string]string) ([]Cell, error) {
	known := model.Info() // works out every default
	t := &track{
		base: base, seeds: seeds, choice: base.choice, rerun: p.config.Rerun, name: p.names.name,
		at: func(format string, a ...any) error { return p.errAt(m.Line, format, a...) },
		draw: func(drawn map[string]string) (Cell, error) {
			all := maps.Clone(given)
			maps.Copy(all, drawn)
			c := base
			var err error
			c.Settings, err = p.settle(model, known, base.kind, b, all)
			return c, err
		},
	}
	if p.config.Stop != nil {
		t.stop = &p.config.Stop.Stop
	}
	for _, s := range p.config.Search {
		space, err := p.spaceOf(s, m, known, base.kind, base.Settings)
		if err != nil {
			return nil, err
		}
		t.phases = append(t.phases, trackPhase{s, space})
	}
	if t.rerun != nil {
		for seed := uint64(firstFreshSeed); len(t.fresh) < t.rerun.Seeds; seed++ {
			if !slices.Contains(seeds, seed) {
				t.fresh = append(t.fresh, seed)
			}
		}
	}
	p.planned += t.most()
	if p.planned > maxCells {
		return nil, p.errAt(m.Line, "model %s on data set %s: its draws and seeds make %d cells or more: want at most %d in all: give fewer draws or seeds", m.Name, base.Dataset, p.planned, maxCells)
	}
	p.study.tracks = append(p.study.tracks, t)
	cells, err := t.cells(nil)
	t.known = len(cells)
	return cells, err
}

// trackID names what makes a search of a model on a data set the one it is: all but how many draws and seeds there are. A folder that holds it may be given more of both.
type trackID struct {
	Model   string `json:"model"`
	Dataset string `json:"dataset"`
	ID      string `json:"id"`
}

func (t *track) id() trackID {
	type phase struct {
		Name    string
		Seed    uint64
		Sampler string
		Space   search.Space
	}
	made := struct {
		Base   Cell
		Phases []phase
		Stop   *search.Stop
		Choice SelectChoice
		Of     []string
	}{Base: t.base, Stop: t.stop, Choice: t.choice}
	made.Choice.Line = 0
	if t.rerun != nil {
		made.Of = t.rerun.Of
	}
	for _, p := range t.phases {
		made.Phases = append(made.Phases, phase{p.Phase, p.Seed, p.Sampler.Name(), p.space})
	}
	return trackID{t.base.Label, t.base.Dataset, sha256Of(made)[:20]}
}

// hash names a study by its searches.
func (s *study) hash() string { return sha256Of(s.ids()) }

func (s *study) ids() []trackID {
	ids := make([]trackID, len(s.tracks))
	for i, t := range s.tracks {
		ids[i] = t.id()
	}
	return ids
}

// otherStudy says which search of a folder a plan does not go on with, or "".
func otherStudy(before, now []trackID) string {
	for _, b := range before {
		if !slices.Contains(now, b) {
			return b.Model + " on " + b.Dataset
		}
	}
	return ""
}
