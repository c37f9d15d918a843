package runners

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// packed is a cell on its way to another machine. What its JSON leaves out is in the fields beside it, or follows from its content; which draws of a study it
// stands for is the plan's to say, and is put into its records where the plan is.
type packed struct {
	Hash      string `json:"hash"`
	Yardstick string `json:"yardstick,omitempty"`
	Cell      Cell   `json:"cell"`
}

// Pack describes a cell so that another process of the same build can carry it out: JSON that names everything which decides its values. Kit.Unpack reads it.
func (c Cell) Pack() ([]byte, error) {
	return json.Marshal(packed{c.Hash, c.yardstick, c})
}

// Unpack reads a cell that Pack described, and believes nothing of it: every name must be one of the kit's, every setting and option in its range, and the content
// must have the hash that it claims, so that its name is one and no path. Errors say what is wrong.
func (k Kit) Unpack(text []byte) (Cell, error) {
	var p packed
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Cell{}, fmt.Errorf("cell: %w", err)
	}
	c := p.Cell
	c.yardstick = p.Yardstick
	set, err := k.Dataset(c.Dataset)
	if err != nil {
		return Cell{}, fmt.Errorf("cell: %w", err)
	}
	c.kind = set.Info().Kind
	if err := set.Info().CheckParams(c.Data.Params); err != nil {
		return Cell{}, fmt.Errorf("cell: data set %w", err)
	}
	if err := k.unpackModel(&c); err != nil {
		return Cell{}, fmt.Errorf("cell: %w", err)
	}
	for _, spec := range c.Metrics {
		m, err := k.unpackMetric(spec)
		if err != nil {
			return Cell{}, fmt.Errorf("cell: %w", err)
		}
		c.measures = append(c.measures, m)
	}
	if k.name(&c); c.Hash != p.Hash {
		return Cell{}, fmt.Errorf("cell %.20q has the content of %s: it was changed, or comes from another build", p.Hash, c.Hash)
	}
	return c, nil
}

// unpackModel checks what the cell says of its model.
func (k Kit) unpackModel(c *Cell) error {
	switch {
	case c.yardstick != "":
		if c.yardstick != c.Model || c.yardstick != Real && c.yardstick != Perfect {
			return fmt.Errorf("yardstick %.40q of model %.40q: there are %s and %s", c.yardstick, c.Model, Real, Perfect)
		}
		return nil
	case c.Own != nil:
		return nil
	}
	m, err := k.Model(c.Model)
	if err != nil {
		return err
	}
	settings, err := zoo.Resolve(m.Info(), c.kind, c.Settings)
	if err != nil {
		return err
	}
	if !maps.Equal(settings, c.Settings) {
		return fmt.Errorf("model %s: its settings are not all there", c.Model)
	}
	return nil
}

// unpackMetric is the metric that a specification is of.
func (k Kit) unpackMetric(spec MetricSpec) (metrics.Metric, error) {
	m, err := k.Metric(spec.ID)
	if err != nil {
		return nil, err
	}
	now := specOf(m).Options
	for _, name := range slices.Sorted(maps.Keys(spec.Options)) {
		if now[name] == spec.Options[name] {
			continue
		}
		if m, err = m.With(name, spec.Options[name]); err != nil {
			return nil, err
		}
	}
	if spec.Values != nil {
		m = metrics.Only(m, spec.Values...)
	}
	if got := specOf(m); got.ID != spec.ID || !maps.Equal(got.Options, spec.Options) || !reflect.DeepEqual(got.Values, spec.Values) {
		return nil, fmt.Errorf("metric %s: its options or values are not all known", spec.ID)
	}
	return m, nil
}

// runsPrograms says whether carrying the cell out runs a program of the suite's author.
func (c Cell) runsPrograms() bool {
	return c.Own != nil && c.Own.Command != "" || slices.ContainsFunc(c.Featurizers, featurizer.RunsProgram)
}
