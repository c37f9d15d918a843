package runners

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// epochText lists the settings of the models and the options of the metrics that there were when the first results were recorded. These are part of every
// cell's hash, at their defaults too, because the recorded hashes hold them. The file is never written again: what came later stays out of the hash at its
// default, so that a new setting leaves every recorded result and every stored baseline comparable. Whoever changes the default of a setting that is not
// listed gives the setting another name: under the old one the hash could not tell the two apart.
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

// keyed is the cell as its hash sees it: without settings and options that are younger than the first recorded results and stand at their default.
func (k Kit) keyed(c Cell) Cell {
	if m, err := k.Model(c.Model); err == nil && c.yardstick == "" {
		c.Settings = withoutLate(c.Settings, epoch()["model "+c.Model], settingDefaults(m.Info(), c))
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

// settingDefaults is the defaults of a model's settings for the cell's kind of data, spelled as resolved settings are.
func settingDefaults(info zoo.Info, c Cell) map[string]string {
	defaults, err := zoo.Resolve(info, c.kind, nil)
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
