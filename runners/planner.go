package runners

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

type planner struct {
	reader
	kit     Kit
	names   *naming
	config  *Config
	plan    *Plan
	study   study
	planned int // cells that the study can come to
}

// knownDatasets checks the names that models restrict themselves to.
func (p *planner) knownDatasets() error {
	var listed []string
	for _, d := range p.config.Datasets {
		listed = append(listed, d.Name)
	}
	for _, m := range p.config.Models {
		for _, on := range m.On {
			if !slices.Contains(listed, on.Name) {
				return p.errAt(on.Line, "model %s: %w (the suite's data sets)", m.Name, suggest.Unknown("data set", on.Name, listed))
			}
		}
	}
	return nil
}

func (p *planner) dataset(d DatasetChoice) error {
	set, err := p.kit.Dataset(d.Name)
	if err != nil {
		return p.errAt(d.Line, "%w", err)
	}
	info := set.Info()
	if err := info.CheckParams(d.Params); err != nil {
		return p.errAt(d.Line, "data set %w", err)
	}
	base := Cell{Protocol: Protocol, Dataset: info.ID, kind: info.Kind, Data: DataKey{d.Params, d.Seed, d.Train, d.Test, d.Hold}}
	ch := builtin.over(p.config.Choices).over(p.config.Defaults[info.Kind]).over(d.Choices)
	if err := p.choices(&base, ch, d); err != nil {
		return err
	}
	var noise *Cell
	if base.choice, base.Validation, err = p.chosenBy(base, info, ch, d); err != nil {
		return err
	}
	var rows []Cell
	for _, m := range p.config.Models {
		cells, err := p.model(base, info, ch, m)
		if err != nil {
			return err
		}
		if len(cells) > 0 && noise == nil && m.Own == nil {
			noise = &cells[0]
		}
		rows = append(rows, cells...)
	}
	if len(rows) == 0 {
		return nil
	}
	if p.config.Floor {
		p.floor(base, info, ch, noise)
	}
	p.plan.Cells = append(p.plan.Cells, rows...)
	return nil
}

// choices fills in what all cells on a data set share.
func (p *planner) choices(c *Cell, ch Choices, d DatasetChoice) error {
	c.Samples, c.References = ch.Samples, ch.References
	if len(ch.Featurizers) == 0 || len(ch.Metrics) == 0 {
		return p.errAt(d.Line, "data set %s has no featurizers or no metrics: give them here, under defaults, or for the whole suite", d.Name)
	}
	for _, f := range ch.Featurizers {
		id, err := p.kit.FeaturizerID(f.Name)
		if err != nil {
			return p.errAt(f.Line, "%w", err)
		}
		p.runs(id, f.Line)
		c.Featurizers = append(c.Featurizers, id)
	}
	for _, mc := range ch.Metrics {
		m, err := p.kit.Metric(mc.Name)
		if err != nil {
			return p.errAt(mc.Line, "%w", err)
		}
		for _, name := range slices.Sorted(maps.Keys(mc.Set)) {
			if m, err = m.With(name, mc.Set[name]); err != nil {
				return p.errAt(mc.Line, "%w", err)
			}
		}
		if why := beyondTokens(m.Info()); c.kind == datasets.Sequences && why != "" {
			p.plan.Skips = append(p.plan.Skips, Skip{Metric: mc.Name, Dataset: d.Name, Reason: why})
			continue
		}
		c.measures = metrics.Join(c.measures, m)
	}
	for _, m := range c.measures {
		c.Metrics = append(c.Metrics, specOf(m))
	}
	if len(c.measures) == 0 {
		return p.errAt(d.Line, "data set %s: none of its metrics can be measured: %s: %s", d.Name, p.plan.Skips[len(p.plan.Skips)-1].Subject(), p.plan.Skips[len(p.plan.Skips)-1].Reason)
	}
	return nil
}

func specOf(m metrics.Metric) MetricSpec {
	info := m.Info()
	s := MetricSpec{ID: info.ID, Options: map[string]string{}, Values: metrics.Shown(m)}
	for _, o := range info.Options {
		s.Options[o.Name] = o.Default
	}
	return s
}

// model plans one model on one data set, one cell a seed.
func (p *planner) model(base Cell, info datasets.Info, ch Choices, m ModelChoice) ([]Cell, error) {
	if m.Own != nil {
		return p.own(base, info, ch, m)
	}
	model, err := p.kit.Model(m.Name)
	if err != nil {
		return nil, p.errAt(m.Line, "%w", err)
	}
	asked := slices.ContainsFunc(m.On, func(n Named) bool { return n.Name == info.ID })
	if len(m.On) > 0 && !asked {
		return nil, nil
	}
	if why := misfit(model.Info(), info, asked); why != "" {
		if asked {
			return nil, p.errAt(m.Line, "model %s on data set %s: %s", m.Name, info.ID, why)
		}
		p.plan.Skips = append(p.plan.Skips, Skip{Model: m.Name, Dataset: info.ID, Reason: why})
		return nil, nil
	}
	given, err := p.preset(model.Info(), info.Kind, m)
	if err != nil {
		return nil, err
	}
	maps.Copy(given, m.Settings)
	maps.Copy(given, m.ByKind[info.Kind])
	budget := ch.Budget
	if m.Budget.Amount != 0 {
		budget = m.Budget
	}
	called := cmp.Or(m.As, m.Name)
	if budget, err = p.paced(budget, called, info.ID); err != nil {
		return nil, err
	}
	settings, err := p.settle(model, model.Info(), info.Kind, budget, given)
	if err != nil {
		return nil, p.errAt(cmp.Or(budgetLine(err, budget), m.Line), "%w", err)
	}
	base.Label, base.Model, base.Settings = called, m.Name, settings
	if err := p.monitored(&base, ch.Monitor); err != nil {
		return nil, err
	}
	if model.Info().Family != zoo.Translation { // it draws by its sources
		if err := p.scored(&base, ch.ScoreEvery); err != nil {
			return nil, err
		}
	}
	seeds := ch.Seeds
	if m.Seeds != nil {
		seeds = m.Seeds
	}
	if len(p.config.Search) > 0 {
		return p.track(base, model, ch, m, seeds, budget, given)
	}
	if n := len(p.plan.Cells) + len(seeds); n > maxCells {
		return nil, p.errAt(m.Line, "model %s on data set %s: %d seeds make %d cells or more: want at most %d (models x data sets x seeds): give fewer seeds", m.Name, info.ID, len(seeds), n, maxCells)
	}
	return base.seeded(seeds), nil
}

// preset is the settings of the preset that a model names, or else the suite.
func (p *planner) preset(info zoo.Info, kind datasets.Kind, m ModelChoice) (map[string]string, error) {
	name := m.Preset
	if name.Name == "" {
		name = p.config.Preset
	}
	given, err := zoo.Preset(info, kind, name.Name)
	if err != nil {
		return nil, p.errAt(name.Line, "model %s: %w", m.Name, err)
	}
	return given, nil
}

// misfit says why a model cannot learn a data set, or "". A set with two domains is for translation models, unless the suite pairs it with another on purpose.
func misfit(m zoo.Info, d datasets.Info, asked bool) string {
	switch {
	case !slices.Contains(m.Kinds, d.Kind):
		return fmt.Sprintf("it does not learn %s", d.Kind)
	case m.Family == zoo.Translation && !m.Conditional && !d.Target:
		return "it translates between two domains and this set has one"
	case m.Family == zoo.Translation && m.Conditional && !d.Domains && !asked:
		return "it translates between the domains that labels name, and this set's labels name none"
	case m.Paired && !d.Paired:
		return "it learns from pairs and this set's domains are not paired"
	case (m.Family != zoo.Translation || m.Conditional) && d.Target && !asked:
		return "the set has two domains; only models that translate between two learn both"
	case m.Conditional && d.Classes == nil && d.Files == "":
		return "it needs labels and this set has none"
	}
	return ""
}

func (c Cell) seeded(seeds []uint64) []Cell {
	cells := make([]Cell, len(seeds))
	for i, s := range seeds {
		cells[i] = c
		cells[i].Seed, cells[i].Hash = s, "" // it is another
	}
	return cells
}

// floor plans the reference rows of a data set. The training split is compared with the test split only: with itself it would score perfectly.
func (p *planner) floor(base Cell, info datasets.Info, ch Choices, noise *Cell) {
	rowOf := func(label string) Cell {
		c := base
		c.Label, c.Model, c.yardstick, c.References, c.Validation = label, label, label, []string{"test"}, ""
		return c
	}
	p.plan.Cells = append(p.plan.Cells, rowOf(Real).seeded(ch.Seeds)...)
	if info.Known {
		p.plan.Cells = append(p.plan.Cells, rowOf(Perfect).seeded(ch.Seeds)...)
	}
	if noise != nil { // none where all samples are made elsewhere
		c := *noise
		c.Label, c.Untrained, c.Until, c.Validation, c.Study, c.Monitor, c.ScoreEvery = Noise, true, 0, "", nil, nil, 0
		p.plan.Cells = append(p.plan.Cells, c.seeded(ch.Seeds)...)
	}
}

// finish names the cells by their content, estimates costs and refuses a cell that is there twice.
func (p *planner) finish() error {
	seen := map[string]bool{}
	all := sha256.New()
	for i := range p.plan.Cells {
		c := &p.plan.Cells[i]
		if c.Hash == "" { // those of a search have their names
			p.names.name(c)
		}
		if seen[c.Hash] {
			return fmt.Errorf("%s: %s is planned twice; give one of the two another name by \"as\" or other settings", p.config.File, c.Title())
		}
		seen[c.Hash] = true
		fmt.Fprintln(all, c.Hash)
	}
	p.plan.Hash = hex.EncodeToString(all.Sum(nil))
	p.plan.Most = len(p.plan.Cells)
	for _, t := range p.study.tracks {
		p.plan.Most += t.most() - t.known
	}
	if p.plan.study = p.study.ids(); len(p.plan.study) > 0 {
		p.plan.Hash = p.study.hash()
	}
	return nil
}
