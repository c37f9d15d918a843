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
func (n *naming) keyed(c Cell) Cell {
	if c.yardstick == "" {
		if first := n.firstOf(c.Model, c.kind); first != nil {
			c.Settings = withoutLate(c.Settings, epoch()["model "+c.Model], first)
		}
	}
	c.Own = c.Own.keyed()
	c.Metrics = slices.Clone(c.Metrics)
	for i, spec := range c.Metrics {
		if defaults := n.optionsOf(spec.ID); defaults != nil {
			c.Metrics[i].Options = withoutLate(spec.Options, epoch()["metric "+spec.ID], defaults)
		}
	}
	return c
}

// naming names cells of a kit, and works out once what follows from a model or a metric alone. It is safe for concurrent use.
type naming struct {
	kit     Kit
	mu      sync.Mutex
	first   map[learner]map[string]string // first defaults; nil for a name that is no model's
	options map[string]map[string]string  // defaults of a metric's options
}

// learner is a model on a kind of data.
type learner struct {
	model string
	kind  datasets.Kind
}

func (n *naming) firstOf(model string, kind datasets.Kind) map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := learner{model, kind}
	first, ok := n.first[k]
	if !ok {
		if m, err := n.kit.Model(model); err == nil {
			if first = firstDefaults(m.Info(), kind); first == nil {
				first = map[string]string{}
			}
		}
		if n.first == nil {
			n.first = map[learner]map[string]string{}
		}
		n.first[k] = first
	}
	return first
}

func (n *naming) optionsOf(metric string) map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	defaults, ok := n.options[metric]
	if !ok {
		if m, err := n.kit.Metric(metric); err == nil {
			defaults = optionDefaults(m.Info())
		}
		if n.options == nil {
			n.options = map[string]map[string]string{}
		}
		n.options[metric] = defaults
	}
	return defaults
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
