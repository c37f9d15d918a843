package runners

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners/search"
)

// SearchChoice is one phase of a search: so many draws of settings for each model and data set, the first of them the model's defaults.
type SearchChoice struct {
	Line    int
	Phase   string // its name in records
	Draws   int
	Seed    uint64 // of the draws
	Space   SpaceChoice
	Sampler search.Sampler
}

// SpaceChoice is what is drawn: the ranges of a preset by what each setting means, and axes of the suite's own over them.
type SpaceChoice struct {
	Line   int
	Preset string // Wide, Narrow or ""
	Axes   []AxisChoice
}

// The presets: the ranges of the two searches of the large-scale study [lucic2018].
const (
	Wide   = "wide"
	Narrow = "narrow"
)

// AxisChoice is an axis with the line it was written in.
type AxisChoice struct {
	search.Axis
	Line int
}

// SelectChoice says by which value the best settings are chosen. It is measured against the hold-out where it compares with real samples at all; what is reported is
// measured against the reference splits.
type SelectChoice struct {
	Line       int
	Measure    string // name of a value, such as fd
	Featurizer string // "" means the first of the data set
}

// RerunChoice says what is trained again, with fresh seeds, when the search is done.
type RerunChoice struct {
	Line  int
	Seeds int
	Of    []string // Best, Defaults
}

// What can be run again: the settings that were chosen, and the model's own.
const (
	Best     = "best"
	Defaults = "defaults"
)

// StopChoice is the rule that ends draws before their budget.
type StopChoice struct {
	Line int
	search.Stop
}

// searchFields are the keys that make a suite a study.
func (r reader) searchFields(c *Config) []field {
	return []field{
		{"search", func(n *yaml.Node) error {
			return r.list(n, "search", func(n *yaml.Node) error { return r.searchPhase(n, c) })
		}},
		{"rerun", func(n *yaml.Node) (err error) { c.Rerun, err = r.rerun(n); return }},
		{"stop", func(n *yaml.Node) (err error) { c.Stop, err = r.stop(n); return }},
	}
}

func (r reader) searchPhase(n *yaml.Node, c *Config) error {
	s := SearchChoice{Line: n.Line, Phase: "search", Seed: 1, Space: SpaceChoice{Line: n.Line, Preset: Wide}, Sampler: search.Random{}}
	err := r.mapping(n, "search",
		field{"phase", func(n *yaml.Node) (err error) { s.Phase, err = r.suiteName(n); return }},
		field{"draws", func(n *yaml.Node) (err error) { s.Draws, err = r.count(n, "draws", 1); return }},
		field{"seed", func(n *yaml.Node) error {
			v, err := r.integer(n, "seed", 0)
			s.Seed = uint64(v)
			return err
		}},
		field{"space", func(n *yaml.Node) (err error) { s.Space, err = r.space(n); return }},
		field{"sampler", func(n *yaml.Node) (err error) { s.Sampler, err = r.sampler(n); return }})
	if err != nil {
		return err
	}
	if s.Draws == 0 {
		return r.errAt(n.Line, "search: key %q is missing: how many settings for each model and data set, its defaults counted", "draws")
	}
	if s.Phase == RerunPhase || slices.ContainsFunc(c.Search, func(o SearchChoice) bool { return o.Phase == s.Phase }) {
		return r.errAt(n.Line, "search: phase %q is there already: give each phase a name of its own", s.Phase)
	}
	c.Search = append(c.Search, s)
	return nil
}

// space is the name of a preset, or a mapping of axes, which may start from one.
func (r reader) space(n *yaml.Node) (s SpaceChoice, err error) {
	s.Line = n.Line
	preset := func(n *yaml.Node) (w string, err error) {
		w, err = r.word(n, "space")
		if err == nil && w != Wide && w != Narrow {
			err = r.errAt(n.Line, "space: %w, or a mapping of settings to ranges", suggest.Unknown("space", w, []string{Narrow, Wide}))
		}
		return w, err
	}
	if n.Kind != yaml.MappingNode {
		s.Preset, err = preset(n)
		return s, err
	}
	err = r.pairs(n, "space", func(key string, line int, v *yaml.Node) (err error) {
		if key == "from" {
			s.Preset, err = preset(v)
			return err
		}
		a, err := r.axis(key, line, v)
		s.Axes = append(s.Axes, AxisChoice{a, line})
		return err
	})
	if err == nil {
		err = r.wholeSpace(s)
	}
	return s, err
}

func (r reader) wholeSpace(s SpaceChoice) error {
	var all search.Space
	for _, a := range s.Axes {
		all = append(all, a.Axis)
		if err := all.Check(); err != nil {
			return r.errAt(a.Line, "space: %w", err)
		}
	}
	return nil
}

// axis is {KIND: [from, to]} or {choice: [values]}, with a condition by when.
func (r reader) axis(key string, line int, n *yaml.Node) (search.Axis, error) {
	a := search.Axis{Names: strings.Split(key, "+")}
	what := "space." + key
	interval := func(kind search.Kind) field {
		return field{string(kind), func(n *yaml.Node) error {
			a.Kind = kind
			if n.Kind != yaml.SequenceNode || len(n.Content) != 2 {
				return r.errAt(n.Line, "%s.%s: want [from, to], found %s", what, kind, describe(n))
			}
			var err error
			if a.Lo, err = r.number(n.Content[0], what); err == nil {
				a.Hi, err = r.number(n.Content[1], what)
			}
			return err
		}}
	}
	words := func(to *[]string, what string) func(*yaml.Node) error {
		return func(n *yaml.Node) error {
			return r.list(n, what, func(n *yaml.Node) error {
				w, err := r.word(n, what)
				*to = append(*to, w)
				return err
			})
		}
	}
	err := r.mapping(n, what, interval(search.Continuous), interval(search.Log), interval(search.Integer),
		field{"choice", func(n *yaml.Node) error { a.Kind = search.Choice; return words(&a.Values, what)(n) }},
		field{"when", func(n *yaml.Node) error {
			return r.pairs(n, what+".when", func(name string, _ int, v *yaml.Node) error {
				if a.When != nil {
					return r.errAt(v.Line, "%s.when: one setting at a time, found %s and %s", what, a.When.Name, name)
				}
				a.When = &search.Condition{Name: name}
				return words(&a.When.Values, what+".when")(v)
			})
		}})
	if err == nil && a.Kind == "" {
		err = r.errAt(line, "%s: want a range, such as {log: [1e-4, 1e-3]} or {choice: [1, 5]}", what)
	}
	if err == nil && a.Check() != nil {
		err = r.errAt(line, "space: %w", a.Check())
	}
	return a, err
}

// sampler is a name, or {NAME: its constants}.
func (r reader) sampler(n *yaml.Node) (search.Sampler, error) {
	if n.Kind != yaml.MappingNode {
		w, err := r.word(n, "sampler")
		if err != nil {
			return nil, err
		}
		switch w {
		case "random":
			return search.Random{}, nil
		case "halton":
			return search.Halton{}, nil
		case "tpe":
			return search.DefaultTPE(), nil
		case "grid":
			return nil, r.errAt(n.Line, "sampler: a grid needs its levels: {grid: 3}")
		}
		return nil, r.errAt(n.Line, "sampler: %w", suggest.Unknown("sampler", w, []string{"grid", "halton", "random", "tpe"}))
	}
	var s search.Sampler
	err := r.mapping(n, "sampler",
		field{"grid", func(n *yaml.Node) error {
			levels, err := r.count(n, "sampler.grid", 1)
			s = search.Grid{Levels: levels}
			return err
		}},
		field{"tpe", func(n *yaml.Node) error {
			t := search.DefaultTPE()
			of := func(key string, to *int) field {
				return field{key, func(n *yaml.Node) (err error) { *to, err = r.count(n, "sampler.tpe."+key, 1); return }}
			}
			err := r.mapping(n, "sampler.tpe", of("startup", &t.Startup), of("batch", &t.Size), of("candidates", &t.Candidates))
			s = t
			return err
		}})
	if err == nil && s == nil {
		err = r.errAt(n.Line, "sampler: want random, halton, {grid: LEVELS} or tpe")
	}
	return s, err
}

// selection is the name of a value, or a mapping that says in which feature space.
func (r reader) selection(n *yaml.Node) (*SelectChoice, error) {
	s := &SelectChoice{Line: n.Line}
	var err error
	if n.Kind != yaml.MappingNode {
		s.Measure, err = r.word(n, "select")
		return s, err
	}
	err = r.mapping(n, "select",
		field{"measure", func(n *yaml.Node) (err error) { s.Measure, err = r.word(n, "measure"); return }},
		field{"featurizer", func(n *yaml.Node) (err error) { s.Featurizer, err = r.word(n, "featurizer"); return }})
	if err == nil && s.Measure == "" {
		err = r.errAt(n.Line, "select: key %q is missing", "measure")
	}
	return s, err
}

func (r reader) rerun(n *yaml.Node) (*RerunChoice, error) {
	c := &RerunChoice{Line: n.Line, Of: []string{Best, Defaults}}
	var err error
	if n.Kind != yaml.MappingNode {
		c.Seeds, err = r.count(n, "rerun", 1)
		return c, err
	}
	err = r.mapping(n, "rerun",
		field{"seeds", func(n *yaml.Node) (err error) { c.Seeds, err = r.count(n, "seeds", 1); return }},
		field{"of", func(n *yaml.Node) error {
			c.Of = nil
			return r.list(n, "of", func(n *yaml.Node) (err error) {
				w, err := r.word(n, "of")
				if err == nil && w != Best && w != Defaults {
					err = r.errAt(n.Line, "of: %w", suggest.Unknown("choice", w, []string{Best, Defaults}))
				}
				c.Of = append(c.Of, w)
				return err
			})
		}})
	if err == nil && c.Seeds == 0 {
		err = r.errAt(n.Line, "rerun: key %q is missing", "seeds")
	}
	return c, err
}

func (r reader) stop(n *yaml.Node) (*StopChoice, error) {
	c := &StopChoice{Line: n.Line, Stop: search.Stop{Keep: 0.5}}
	err := r.mapping(n, "stop",
		field{"rule", func(n *yaml.Node) (err error) { c.Rule, err = r.word(n, "rule"); return }},
		field{"keep", func(n *yaml.Node) (err error) { c.Keep, err = r.number(n, "keep"); return }},
		field{"rungs", func(n *yaml.Node) error {
			return r.list(n, "rungs", func(n *yaml.Node) error {
				v, err := r.number(n, "rungs")
				c.Rungs = append(c.Rungs, v)
				return err
			})
		}})
	if err == nil && c.Check() != nil {
		err = r.errAt(n.Line, "%w", c.Check())
	}
	return c, err
}

// Budget is how long every model trains, in a unit under which models are compared.
type Budget struct {
	Line   int
	Unit   Unit
	Amount float64 // 0 means that the budget is not set

	perWork float64 // of a budget in seconds: what a unit of Cell.work costs
}

// Unit is what a budget counts.
type Unit string

// The units. A model without a critic, or with critics only, makes one update a step, which counts as a D-step and as a G-step alike.
const (
	InSteps     Unit = "steps"     // steps of the model as it counts them
	InDSteps    Unit = "d_steps"   // updates of the critic
	InGSteps    Unit = "g_steps"   // updates of the generator
	InGradients Unit = "gradients" // updates of any network

	InCoreSeconds Unit = "core_seconds" // seconds of one core, made steps by a Pace
)

// budget is a number of steps, or {UNIT: amount}.
func (r reader) budget(n *yaml.Node) (Budget, error) {
	b := Budget{Line: n.Line, Unit: InSteps}
	if n.Kind != yaml.MappingNode {
		v, err := r.count(n, "budget", 1)
		b.Amount = float64(v)
		return b, err
	}
	unit := func(u Unit) field {
		return field{string(u), func(n *yaml.Node) (err error) {
			if b.Amount != 0 {
				return r.errAt(n.Line, "budget: two units, %s and %s: give one", b.Unit, u)
			}
			b.Unit = u
			if b.Amount, err = r.number(n, "budget."+string(u)); err == nil && !(b.Amount > 0) {
				err = r.errAt(n.Line, "budget.%s: %s is not allowed; want more than 0", u, strconv.FormatFloat(b.Amount, 'g', -1, 64))
			}
			return err
		}}
	}
	err := r.mapping(n, "budget", unit(InSteps), unit(InDSteps), unit(InGSteps), unit(InGradients), unit(InCoreSeconds))
	if err == nil && b.Amount == 0 {
		err = r.errAt(n.Line, "budget: want a number of steps, or {UNIT: amount}")
	}
	return b, err
}
