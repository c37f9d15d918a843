package runners

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// epochText lists the settings of the models and the options of the metrics that there were when the first results were recorded. These are part of every
// cell's hash, at their defaults too, because the recorded hashes hold them. The file is never written again: what came later stays out of the hash at its
// first default, so that a new setting leaves every recorded result and every stored baseline comparable. A setting's first default is its value in the preset
// "paper", which a search for better defaults does not move. Whoever changes that of a setting which is not listed, or an option's default, gives it another
// name: under the old one the hash could not tell the two apart.
//
//go:embed epoch.txt
var epochText string

// epoch is the names by "model ID" or "metric ID".
var epoch = sync.OnceValue(func() map[string][]string {
	known := map[string][]string{}
	for line := range strings.Lines(epochText) {
		words := strings.Fields(line)
		known[words[0]+" "+words[1]] = words[2:]
	}
	return known
})

// keyed is the cell as its hash sees it: without settings and options that are younger than the first recorded results and stand at their first
// default.
func (k Kit) keyed(c Cell) Cell {
	if m, err := k.Model(c.Model); err == nil && c.yardstick == "" {
		c.Settings = withoutLate(c.Settings, epoch()["model "+c.Model], firstDefaults(m.Info(), c.kind))
	}
	c.Own = c.Own.keyed()
	c.Metrics = slices.Clone(c.Metrics)
	for i, spec := range c.Metrics {
		if m, err := k.Metric(spec.ID); err == nil {
			c.Metrics[i].Options = withoutLate(spec.Options, epoch()["metric "+spec.ID], optionDefaults(m.Info()))
		}
	}
	return c
}

// withoutLate is a copy of values without those that are no old names and equal their default.
func withoutLate(values map[string]string, old []string, defaults map[string]string) map[string]string {
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(name, v string) bool {
		def, known := defaults[name]
		return known && v == def && !slices.Contains(old, name)
	})
	return out
}

// firstDefaults are those of a model's settings for a kind of data, spelled as resolved settings are.
func firstDefaults(info zoo.Info, kind datasets.Kind) map[string]string {
	first, err := zoo.Preset(info, kind, zoo.PresetPaper)
	if err != nil {
		panic(err) // a name in the code
	}
	defaults, err := zoo.Resolve(info, kind, first)
	if err != nil {
		return nil // a model that does not learn this kind has no defaults for it
	}
	return defaults
}

func optionDefaults(info metrics.Info) map[string]string {
	out := map[string]string{}
	for _, o := range info.Options {
		out[o.Name] = o.Default
	}
	return out
}
