package runners

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// claims resolves the names in the suite's claims against its cells.
func (p *planner) claims() error {
	for _, c := range p.config.Claims {
		cl, err := p.resolved(c)
		if err != nil {
			return p.errAt(c.Line, "claims: %w", err)
		}
		for _, before := range p.plan.Claims {
			if before.Say == cl.Say && reflect.DeepEqual(before, cl) {
				return p.errAt(c.Line, "claims: %q is there twice", cl.Say)
			}
		}
		p.plan.Claims = append(p.plan.Claims, cl)
	}
	return nil
}

func (p *planner) resolved(c ClaimChoice) (reports.Claim, error) {
	cl := c.Claim
	if cl.Source != "" {
		if _, err := cite.Lookup(cl.Source, p.kit.Bibliography); err != nil {
			return cl, fmt.Errorf("source: %w", err)
		}
	}
	if err := p.claimRoles(&cl); err != nil {
		return cl, err
	}
	known := p.claimGround()
	if len(cl.Datasets) == 0 {
		for _, d := range known.datasets {
			if slices.Contains(known.measures[d], cl.Metric) {
				cl.Datasets = append(cl.Datasets, d)
			}
		}
		if len(cl.Datasets) == 0 {
			return cl, fmt.Errorf("metric: %w (measured in this suite)", suggest.Unknown("metric", cl.Metric, known.all()))
		}
	}
	for _, d := range cl.Datasets {
		if !slices.Contains(known.datasets, d) {
			return cl, fmt.Errorf("datasets: %w (the suite's data sets)", suggest.Unknown("data set", d, known.datasets))
		}
		if !slices.Contains(known.measures[d], cl.Metric) {
			return cl, fmt.Errorf("metric: data set %s: %w (measured there)", d, suggest.Unknown("metric", cl.Metric, known.measures[d]))
		}
		if cl.Featurizer != "" && !slices.Contains(known.featurizers[d], cl.Featurizer) {
			return cl, fmt.Errorf("featurizer: data set %s: %w (of its featurizers)", d, suggest.Unknown("featurizer", cl.Featurizer, known.featurizers[d]))
		}
	}
	return cl, known.claimModels(&cl)
}

// claimRoles settles which runs are meant: of a study those of the chosen settings, unless the claim says otherwise.
func (p *planner) claimRoles(c *reports.Claim) error {
	var have []string
	if p.config.Rerun != nil {
		have = append(have, p.config.Rerun.Of...)
	}
	for _, s := range p.config.Search {
		have = append(have, s.Phase)
	}
	if len(have) == 0 {
		if c.Of != "" || c.Against != "" {
			return errors.New("of and against name runs of a study, and this suite has no search: leave them out")
		}
		return nil
	}
	if c.Of == "" {
		c.Of = have[0]
	}
	for _, role := range []string{c.Of, c.Against} {
		if role != "" && !slices.Contains(have, role) {
			return suggest.Unknown("runs", role, have)
		}
	}
	return nil
}

// claimGround is what claims may be about.
type claimGround struct {
	datasets              []string
	measures, featurizers map[string][]string // by data set
	models                map[string][]string // by data set
}

func (p *planner) claimGround() claimGround {
	g := claimGround{measures: map[string][]string{}, featurizers: map[string][]string{}, models: map[string][]string{}}
	for _, c := range p.plan.Cells {
		if !slices.Contains(g.datasets, c.Dataset) {
			g.datasets = append(g.datasets, c.Dataset)
			g.featurizers[c.Dataset] = c.Featurizers
			for _, m := range c.Metrics {
				g.measures[c.Dataset] = append(g.measures[c.Dataset], shownValues(c, m)...)
			}
		}
		if !reports.IsReference(c.Label) && !slices.Contains(g.models[c.Dataset], c.Label) {
			g.models[c.Dataset] = append(g.models[c.Dataset], c.Label)
		}
	}
	return g
}

// shownValues are the names of the values that a metric records in a cell.
func shownValues(c Cell, spec MetricSpec) []string {
	if len(spec.Values) > 0 {
		return spec.Values
	}
	for _, m := range c.measures {
		if m.Info().ID == spec.ID {
			return m.Info().Values
		}
	}
	return nil
}

func (g claimGround) all() []string {
	var out []string
	for _, d := range g.datasets {
		out = append(out, g.measures[d]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// claimModels fills in the models of a claim that names none, and refuses one that does not run where the claim is about.
func (g claimGround) claimModels(c *reports.Claim) error {
	if len(c.Models) == 0 {
		for _, m := range g.models[c.Datasets[0]] {
			if !slices.Contains(c.Than, m) || c.Against != "" {
				c.Models = append(c.Models, m)
			}
		}
	}
	for _, d := range c.Datasets {
		for _, m := range slices.Concat(c.Models, c.Than) {
			if !slices.Contains(g.models[d], m) {
				return fmt.Errorf("data set %s: %w (that run there)", d, suggest.Unknown("model", m, g.models[d]))
			}
		}
	}
	return nil
}
