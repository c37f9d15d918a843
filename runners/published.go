package runners

import (
	"fmt"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// PublishedChoice is a published figure as a suite writes it, under the key reference. It changes no cell: figures may be added and dropped without running anything again.
type PublishedChoice struct {
	Line int
	reports.Published
}

func (r reader) published(n *yaml.Node, c *Config) error {
	p := PublishedChoice{Line: n.Line}
	word := func(key string, to *string) field {
		return field{key, func(n *yaml.Node) (err error) { *to, err = r.word(n, key); return }}
	}
	given := false
	err := r.mapping(n, "reference", word("model", &p.Model), word("dataset", &p.Dataset), word("metric", &p.Metric), word("featurizer", &p.Featurizer), word("source", &p.Source),
		field{"value", func(n *yaml.Node) (err error) { given = true; p.Value, err = r.number(n, "value"); return }})
	if err == nil && p.Check() != nil {
		err = r.errAt(p.Line, "reference: %w", p.Check())
	}
	if err == nil && !given {
		err = r.errAt(p.Line, "reference: key %q is missing", "value")
	}
	c.Published = append(c.Published, p)
	return err
}

// published resolves the names in the suite's published figures against its cells. The model need not be one of the suite's.
func (p *planner) published() error {
	known := p.claimGround()
	for _, c := range p.config.Published {
		err := func() error {
			if _, err := cite.Lookup(c.Source, p.kit.Bibliography); err != nil {
				return fmt.Errorf("source: %w", err)
			}
			if !slices.Contains(known.datasets, c.Dataset) {
				return fmt.Errorf("dataset: %w (the suite's data sets)", suggest.Unknown("data set", c.Dataset, known.datasets))
			}
			if !slices.Contains(known.measures[c.Dataset], c.Metric) {
				return fmt.Errorf("metric: data set %s: %w (measured there)", c.Dataset, suggest.Unknown("metric", c.Metric, known.measures[c.Dataset]))
			}
			if c.Featurizer != "" && !slices.Contains(known.featurizers[c.Dataset], c.Featurizer) {
				return fmt.Errorf("featurizer: data set %s: %w (of its featurizers)", c.Dataset, suggest.Unknown("featurizer", c.Featurizer, known.featurizers[c.Dataset]))
			}
			return nil
		}()
		if err != nil {
			return p.errAt(c.Line, "reference: %w", err)
		}
		p.plan.Published = append(p.plan.Published, c.Published)
	}
	return nil
}

// notePublished writes published.json, or empties one that a former suite wrote.
func (f *Folder) notePublished(p *Plan) error {
	before, err := reports.ReadPublished(f.Dir)
	if err == nil && slices.Equal(before, p.Published) {
		return nil
	}
	b, err := reports.MarshalPublished(p.Published)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(f.Dir, reports.PublishedFile), b)
}
