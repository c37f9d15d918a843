package runners

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// Config is a suite as written: names are not resolved yet. NewPlan does that.
type Config struct {
	File  string // where it was read, for messages
	Text  []byte // as read
	Name  string
	About string
	Choices
	Defaults  map[datasets.Kind]Choices // by the kind of data
	Preset    Named                     // of the models that name none
	Models    []ModelChoice
	Datasets  []DatasetChoice
	Search    []SearchChoice // phases; none for a suite that is no study
	Rerun     *RerunChoice
	Stop      *StopChoice
	Claims    []ClaimChoice
	Published []PublishedChoice // figures of others, key reference
	Pace      *Pace             // turns budgets in seconds of one core into steps; nil where there are none, see SetPace
	Floor     bool              // adds the rows "real" (train against test) and, where the truth is known, "perfect"
}

// Choices are what can be set for the whole suite, for a kind of data or for one data set: the nearest wins. A zero field is not set.
type Choices struct {
	Seeds       []uint64
	Samples     int    // fakes to draw, and most reals to compare with
	Budget      Budget // training length; not set leaves it to the model
	Select      *SelectChoice
	References  []string
	Featurizers []Named
	Metrics     []MetricChoice
	Monitor     *MonitorChoice
	ScoreEvery  Counted // steps between two scores before the end; 0 scores the end alone
}

// Named is a name with the line it was written in.
type Named struct {
	Name string
	Line int
}

// Counted is a number with the line it was written in.
type Counted struct{ N, Line int }

// MetricChoice names a metric and the options to change.
type MetricChoice struct {
	Named
	Set map[string]string
}

// ModelChoice names a model, its settings and where it runs.
type ModelChoice struct {
	Named
	As       string // name in the records where it differs from the model's id
	Preset   Named  // settings under a name, below all that follow
	Settings map[string]string
	ByKind   map[datasets.Kind]map[string]string // settings for one kind of data, over Settings
	Seeds    []uint64
	Budget   Budget
	Space    []AxisChoice // over the space of every phase of the search
	On       []Named      // only these data sets; all where empty
	Own      *OwnChoice   // samples made elsewhere; nil for a model of the zoo
}

// DatasetChoice names a data set, its numbers and split sizes.
type DatasetChoice struct {
	Named
	Params            map[string]float64
	Seed              uint64
	Train, Test, Hold int
	Choices
}

var suiteName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// maxSuite bounds a suite file, in bytes: thousands of models fit.
const maxSuite = 4 << 20

// ReadConfig reads a suite file.
func ReadConfig(path string) (*Config, error) {
	text, err := inputfile.Read(path, maxSuite)
	if err != nil {
		return nil, fmt.Errorf("suite: %w", err)
	}
	return ParseConfig(filepath.Base(path), text)
}

// ParseConfig reads a suite from text; file names it in messages. Unknown keys, repeated keys, nulls, aliases, octal numbers and impossible values are
// errors that name the line.
func ParseConfig(file string, text []byte) (*Config, error) {
	r := reader{file, "name, models and datasets"}
	root, err := r.document(text)
	if err != nil {
		return nil, err
	}
	c := &Config{File: file, Text: text, Floor: true, Defaults: map[datasets.Kind]Choices{}}
	fields := append(append(r.choices(&c.Choices), r.searchFields(c)...),
		field{"name", func(n *yaml.Node) (err error) { c.Name, err = r.suiteName(n); return }},
		field{"about", func(n *yaml.Node) (err error) { c.About, err = r.word(n, "about"); return }},
		field{"preset", func(n *yaml.Node) (err error) { c.Preset, err = r.named(n, "preset"); return }},
		field{"floor", func(n *yaml.Node) (err error) { c.Floor, err = r.boolean(n, "floor"); return }},
		field{"defaults", func(n *yaml.Node) error { return r.defaults(n, c) }},
		field{"claims", func(n *yaml.Node) error {
			return r.list(n, "claims", func(n *yaml.Node) error { return r.claim(n, c) })
		}},
		field{"reference", func(n *yaml.Node) error {
			return r.list(n, "reference", func(n *yaml.Node) error { return r.published(n, c) })
		}},
		field{"models", func(n *yaml.Node) error {
			return r.list(n, "models", func(n *yaml.Node) error { return r.model(n, c) })
		}},
		field{"datasets", func(n *yaml.Node) error {
			return r.list(n, "datasets", func(n *yaml.Node) error { return r.dataset(n, c) })
		}},
	)
	if err := r.mapping(root, "suite", fields...); err != nil {
		return nil, err
	}
	switch {
	case c.Name == "":
		return nil, r.errAt(root.Line, "suite: key %q is missing", "name")
	case len(c.Models) == 0:
		return nil, r.errAt(root.Line, "suite: key %q is missing", "models")
	case len(c.Datasets) == 0:
		return nil, r.errAt(root.Line, "suite: key %q is missing", "datasets")
	}
	return c, nil
}

func (r reader) suiteName(n *yaml.Node) (string, error) {
	w, err := r.word(n, "name")
	if err == nil && !suiteName.MatchString(w) {
		err = r.errAt(n.Line, "name: %q has other characters than a-z, 0-9 and - (it becomes a folder)", w)
	}
	return w, err
}

// choices are the keys that may stand at three levels.
func (r reader) choices(c *Choices) []field {
	return []field{
		{"seeds", func(n *yaml.Node) (err error) { c.Seeds, err = r.seeds(n); return }},
		{"samples", func(n *yaml.Node) (err error) { c.Samples, err = r.count(n, "samples", 2); return }},
		{"budget", func(n *yaml.Node) (err error) { c.Budget, err = r.budget(n); return }},
		{"select", func(n *yaml.Node) (err error) { c.Select, err = r.selection(n); return }},
		{"score_every", func(n *yaml.Node) (err error) {
			c.ScoreEvery.Line = n.Line
			c.ScoreEvery.N, err = r.count(n, "score_every", 1)
			return
		}},
		{"monitor", func(n *yaml.Node) (err error) { c.Monitor, err = r.monitor(n); return }},
		{"references", func(n *yaml.Node) error {
			c.References = nil
			return r.list(n, "references", func(n *yaml.Node) error {
				w, err := r.word(n, "references")
				if err == nil && w != "train" && w != "test" {
					err = r.errAt(n.Line, "references: %w", suggest.Unknown("split", w, []string{"test", "train"}))
				}
				c.References = append(c.References, w)
				return err
			})
		}},
		{"featurizers", func(n *yaml.Node) error {
			c.Featurizers = nil
			return r.list(n, "featurizers", func(n *yaml.Node) error {
				w, err := r.word(n, "featurizers")
				c.Featurizers = append(c.Featurizers, Named{w, n.Line})
				return err
			})
		}},
		{"metrics", func(n *yaml.Node) error {
			c.Metrics = nil
			return r.list(n, "metrics", func(n *yaml.Node) error {
				m, err := r.metric(n)
				c.Metrics = append(c.Metrics, m)
				return err
			})
		}},
	}
}

func (r reader) named(n *yaml.Node, what string) (Named, error) {
	w, err := r.word(n, what)
	return Named{w, n.Line}, err
}

func (r reader) count(n *yaml.Node, what string, lo int64) (int, error) {
	v, err := r.integer(n, what, lo)
	return int(v), err
}

func (r reader) seeds(n *yaml.Node) (s []uint64, err error) {
	seen := map[int64]bool{}
	return s, r.list(n, "seeds", func(n *yaml.Node) error {
		v, err := r.integer(n, "seeds", 0)
		if err == nil && seen[v] {
			err = r.errAt(n.Line, "seeds: %d is there twice", v)
		}
		seen[v] = true
		s = append(s, uint64(v))
		return err
	})
}

func (r reader) words(n *yaml.Node, what string) (map[string]string, error) {
	out := map[string]string{}
	return out, r.pairs(n, what, func(key string, _ int, v *yaml.Node) error {
		w, err := r.word(v, what+"."+key)
		out[key] = w
		return err
	})
}

// metric is a name, or a mapping with name and the options to set.
func (r reader) metric(n *yaml.Node) (m MetricChoice, err error) {
	m.Line = n.Line
	if n.Kind != yaml.MappingNode {
		m.Name, err = r.word(n, "metrics")
		return m, err
	}
	err = r.mapping(n, "metrics",
		field{"name", func(n *yaml.Node) (err error) { m.Name, err = r.word(n, "name"); return }},
		field{"set", func(n *yaml.Node) (err error) { m.Set, err = r.words(n, "set"); return }})
	if err == nil && m.Name == "" {
		err = r.errAt(n.Line, "metrics: key %q is missing", "name")
	}
	return m, err
}

// over returns c with the fields that near sets taken from near.
func (c Choices) over(near Choices) Choices {
	if near.Seeds != nil {
		c.Seeds = near.Seeds
	}
	if near.Samples != 0 {
		c.Samples = near.Samples
	}
	if near.Budget.Amount != 0 {
		c.Budget = near.Budget
	}
	if near.Select != nil {
		c.Select = near.Select
	}
	if near.References != nil {
		c.References = near.References
	}
	if near.Featurizers != nil {
		c.Featurizers = near.Featurizers
	}
	if near.Metrics != nil {
		c.Metrics = near.Metrics
	}
	if near.ScoreEvery.N != 0 {
		c.ScoreEvery = near.ScoreEvery
	}
	if near.Monitor != nil {
		c.Monitor = near.Monitor
	}
	return c
}

func (r reader) defaults(n *yaml.Node, c *Config) error {
	kind := func(k datasets.Kind) field {
		return field{string(k), func(n *yaml.Node) error {
			var ch Choices
			err := r.mapping(n, "defaults."+string(k), r.choices(&ch)...)
			c.Defaults[k] = ch
			return err
		}}
	}
	return r.mapping(n, "defaults", kind(datasets.Points), kind(datasets.Images), kind(datasets.Sequences))
}

func (r reader) model(n *yaml.Node, c *Config) (err error) {
	m := ModelChoice{Named: Named{Line: n.Line}, ByKind: map[datasets.Kind]map[string]string{}}
	byKind := func(k datasets.Kind) field {
		return field{string(k), func(n *yaml.Node) (err error) { m.ByKind[k], err = r.words(n, string(k)); return }}
	}
	if n.Kind == yaml.MappingNode {
		err = r.mapping(n, "models", append(r.ownFields(&m),
			field{"name", func(n *yaml.Node) (err error) { m.Name, err = r.word(n, "name"); return }},
			field{"as", func(n *yaml.Node) (err error) { m.As, err = r.suiteName(n); return }},
			field{"preset", func(n *yaml.Node) (err error) { m.Preset, err = r.named(n, "preset"); return }},
			field{"settings", func(n *yaml.Node) (err error) { m.Settings, err = r.words(n, "settings"); return }},
			byKind(datasets.Points), byKind(datasets.Images), byKind(datasets.Sequences),
			field{"seeds", func(n *yaml.Node) (err error) { m.Seeds, err = r.seeds(n); return }},
			field{"budget", func(n *yaml.Node) (err error) { m.Budget, err = r.budget(n); return }},
			field{"space", func(n *yaml.Node) (err error) {
				s, err := r.space(n)
				if err == nil && s.Preset != "" {
					err = r.errAt(n.Line, "space: a model's own axes stand over those of every phase: give them as a mapping, without %q", s.Preset)
				}
				m.Space = s.Axes
				return err
			}},
			field{"datasets", func(n *yaml.Node) error {
				return r.list(n, "datasets", func(n *yaml.Node) (err error) {
					on := Named{Line: n.Line}
					on.Name, err = r.word(n, "datasets")
					m.On = append(m.On, on)
					return err
				})
			}})...)
		if err == nil {
			err = r.checkOwn(n, &m)
		}
	} else {
		m.Name, err = r.word(n, "models")
	}
	if err == nil && m.Name == "" {
		err = r.errAt(n.Line, "models: key %q is missing (or samples or exec, for samples of your own)", "name")
	}
	if called := cmp.Or(m.As, m.Name); err == nil && reports.CheckModel(called) != nil {
		err = r.errAt(n.Line, "models: %w by as, such as {name: %s, as: my-%s}", reports.CheckModel(called), m.Name, called)
	}
	c.Models = append(c.Models, m)
	return err
}

func (r reader) dataset(n *yaml.Node, c *Config) (err error) {
	d := DatasetChoice{Named: Named{Line: n.Line}, Params: map[string]float64{}, Seed: 1}
	if n.Kind == yaml.MappingNode {
		size := func(key string, to *int) field {
			return field{key, func(n *yaml.Node) (err error) { *to, err = r.count(n, key, 1); return }}
		}
		fields := append(r.choices(&d.Choices),
			field{"name", func(n *yaml.Node) (err error) { d.Name, err = r.word(n, "name"); return }},
			field{"params", func(n *yaml.Node) error {
				return r.pairs(n, "params", func(key string, _ int, v *yaml.Node) (err error) {
					d.Params[key], err = r.number(v, "params."+key)
					return err
				})
			}},
			field{"seed", func(n *yaml.Node) (err error) {
				var v int64
				v, err = r.integer(n, "seed", 0)
				d.Seed = uint64(v)
				return err
			}},
			size("train", &d.Train), size("test", &d.Test), size("hold", &d.Hold))
		err = r.mapping(n, "datasets", fields...)
	} else {
		d.Name, err = r.word(n, "datasets")
	}
	if err == nil && d.Name == "" {
		err = r.errAt(n.Line, "datasets: key %q is missing", "name")
	}
	c.Datasets = append(c.Datasets, d)
	return err
}

// Override puts a training length or seeds in the place of every one the suite has; zero values change nothing.
func (c *Config) Override(budget int, seeds []uint64) {
	change := func(ch *Choices) {
		if budget > 0 {
			ch.Budget = Budget{Unit: InSteps, Amount: float64(budget)}
		}
		if seeds != nil && ch.Seeds != nil {
			ch.Seeds = seeds
		}
	}
	change(&c.Choices)
	if seeds != nil {
		c.Seeds = seeds
	}
	for k, ch := range c.Defaults {
		change(&ch)
		c.Defaults[k] = ch
	}
	for i := range c.Datasets {
		change(&c.Datasets[i].Choices)
	}
	for i := range c.Models {
		m := &c.Models[i]
		if budget > 0 {
			m.Budget = Budget{Unit: InSteps, Amount: float64(budget)}
		}
		if seeds != nil && m.Seeds != nil {
			m.Seeds = seeds
		}
	}
}
