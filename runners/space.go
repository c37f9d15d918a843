package runners

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners/search"
	"github.com/assay-gan/assay/zoo"
)

// presetSpace is the space of a preset for a model with its defaults: every setting whose meaning has a range, but for those that the suite fixes. All learning rates are one axis, as in the
// study [lucic2018], whose ranges these are; weights that it does not have are drawn around the model's default.
func presetSpace(preset string, info zoo.Info, kind datasets.Kind, defaults map[string]string, fixed func(name string) bool) search.Space {
	if preset == "" {
		return nil
	}
	var space search.Space
	var rates []string
	for _, p := range info.Settings {
		if fixed(p.Name) {
			continue
		}
		if p.Means == zoo.Rate {
			rates = append(rates, p.Name)
			continue
		}
		if a := presetRange(preset == Wide, p, kind, defaults[p.Name]); a.Kind != "" {
			a.Names = []string{p.Name}
			if a.Kind != search.Choice {
				a.Lo, a.Hi = max(a.Lo, p.Lo), min(a.Hi, p.Hi)
			}
			space = append(space, a)
		}
	}
	if len(rates) > 0 {
		a := search.Axis{Names: rates, Kind: search.Log, Lo: 1e-4, Hi: 1e-3}
		if preset == Wide {
			a.Lo, a.Hi = 1e-5, 1e-2
		}
		space = append(search.Space{a}, space...)
	}
	return space
}

// presetRange is the range of a setting by its meaning; an axis without a kind where it has none.
func presetRange(wide bool, p zoo.Setting, kind datasets.Kind, def string) search.Axis {
	pick := func(w, n search.Axis) search.Axis {
		if wide {
			return w
		}
		return n
	}
	span := func(kind search.Kind, lo, hi float64) search.Axis { return search.Axis{Kind: kind, Lo: lo, Hi: hi} }
	among := func(v ...string) search.Axis { return search.Axis{Kind: search.Choice, Values: v} }
	switch p.Means {
	case zoo.Momentum:
		return pick(span(search.Continuous, 0, 1), among("0.5"))
	case zoo.CriticSteps:
		return pick(among("1", "5"), among("1"))
	case zoo.Penalty:
		return pick(span(search.Log, 0.1, 100), span(search.Log, 0.1, 10))
	case zoo.ClipBound:
		return pick(span(search.Log, 1e-3, 1), span(search.Log, 1e-2, 1))
	case zoo.Ratio:
		return pick(span(search.Continuous, 0, 1), span(search.Continuous, 0.6, 0.9))
	case zoo.Gain:
		return pick(span(search.Log, 1e-4, 1e-2), among("1e-3"))
	case zoo.Normalisation:
		// Batch norm or none, in the study's networks and here on images alone. A critic whose method is another normalisation keeps it, and one that was
		// made without keeps that in the narrow space.
		if kind == datasets.Images && (def == "batch" || wide && def == "none") {
			return among("batch", "none")
		}
	case zoo.Weight:
		if w, err := strconv.ParseFloat(def, 64); err == nil && w > 0 {
			return pick(span(search.Log, w/10, w*10), span(search.Log, w/math.Sqrt(10), w*math.Sqrt(10)))
		}
	case zoo.Rate: // one axis for all rates of a model
	}
	return search.Axis{}
}

// spaceOf is the space of a phase for a model: the preset's axes, the suite's over them, the model's own over both. Axes of settings that the model does not have are
// left out where another model of the suite has them; knownAxes refuses the others.
func (p *planner) spaceOf(s SearchChoice, m ModelChoice, info zoo.Info, kind datasets.Kind, defaults map[string]string) (search.Space, error) {
	space := presetSpace(s.Space.Preset, info, kind, defaults, func(name string) bool {
		_, all := m.Settings[name]
		_, some := m.ByKind[kind][name]
		return all || some
	})
	own := func(a AxisChoice) bool { return len(missingSettings(a.Axis, info)) == 0 }
	for _, over := range [][]AxisChoice{s.Space.Axes, m.Space} {
		for _, a := range over {
			if !own(a) {
				continue
			}
			space = slices.DeleteFunc(space, func(o search.Axis) bool {
				return slices.ContainsFunc(o.Names, func(n string) bool { return slices.Contains(a.Names, n) })
			})
			space = append(space, a.Axis)
			if err := p.axisFits(a, info, kind); err != nil {
				return nil, err
			}
		}
	}
	if err := space.Check(); err != nil {
		return nil, p.errAt(s.Line, "search: model %s: %w", m.Name, err)
	}
	return space, nil
}

func missingSettings(a search.Axis, info zoo.Info) []string {
	names := slices.Clone(a.Names)
	if a.When != nil {
		names = append(names, a.When.Name)
	}
	return slices.DeleteFunc(names, func(n string) bool {
		return slices.ContainsFunc(info.Settings, func(p zoo.Setting) bool { return p.Name == n })
	})
}

// axisFits tries both ends, or all values, of an axis on the model.
func (p *planner) axisFits(a AxisChoice, info zoo.Info, kind datasets.Kind) error {
	values := a.Values
	if a.Kind != search.Choice {
		values = []string{a.At(0), a.At(math.Nextafter(1, 0))}
	}
	for _, n := range a.Names {
		for _, v := range values {
			if _, err := zoo.Resolve(info, kind, map[string]string{n: v}); err != nil {
				return p.errAt(a.Line, "space: %w", err)
			}
		}
	}
	return nil
}

// knownAxes refuses an axis that no model of the suite has all settings of: one of its names is mistyped. Which names a model has is known of models of the zoo.
func (p *planner) knownAxes() error {
	if len(p.config.Search) == 0 {
		for _, m := range p.config.Models {
			if len(m.Space) > 0 {
				return p.errAt(m.Line, "model %s: space belongs to a suite with %q", m.Name, "search")
			}
		}
		return nil
	}
	var infos []zoo.Info
	for _, m := range p.config.Models {
		if m.Own != nil {
			continue
		}
		model, err := p.kit.Model(m.Name)
		if err != nil {
			return p.errAt(m.Line, "%w", err)
		}
		infos = append(infos, model.Info())
		if err := p.axesOf(m.Space, infos[len(infos)-1:], "model "+m.Name); err != nil {
			return err
		}
	}
	for _, s := range p.config.Search {
		if err := p.axesOf(s.Space.Axes, infos, "the suite's models"); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) axesOf(axes []AxisChoice, infos []zoo.Info, whose string) error {
	for _, a := range axes {
		if slices.ContainsFunc(infos, func(i zoo.Info) bool { return len(missingSettings(a.Axis, i)) == 0 }) {
			continue
		}
		known := map[string]bool{}
		for _, i := range infos {
			for _, s := range i.Settings {
				known[s.Name] = true
			}
		}
		have := slices.Sorted(maps.Keys(known))
		for _, n := range a.Names {
			if !known[n] {
				return p.errAt(a.Line, "space: %w (of %s)", suggest.Unknown("setting", n, have), whose)
			}
		}
		return p.errAt(a.Line, "space: no model has %s together", strings.Join(missingAll(a.Axis), " and "))
	}
	return nil
}

func missingAll(a search.Axis) []string {
	names := slices.Clone(a.Names)
	if a.When != nil {
		names = append(names, a.When.Name)
	}
	return names
}

// errBudget is wrapped by the error of a budget that is no step.
var errBudget = errors.New("less than one step")

// stepsOf is how many steps a budget buys a model with the settings.
func stepsOf(b Budget, m zoo.Model, info zoo.Info, s zoo.Settings) (int, error) {
	d, g, known := zoo.StepCostOf(m, info, s)
	if b.Unit != InSteps && b.Unit != InCoreSeconds && !known {
		return 0, fmt.Errorf("budget: how many updates a step of %s makes depends on where it is: give it a budget in steps", info.ID)
	}
	cost := 1.0
	switch b.Unit {
	case InDSteps:
		cost = float64(max(1, d))
	case InGSteps:
		cost = float64(max(1, g))
	case InGradients:
		cost = float64(d + g)
	case InCoreSeconds:
		cost = b.perWork * workOfStep(s)
	case InSteps:
	}
	steps := math.Floor(b.Amount/cost*(1+1e-12) + 1e-12)
	if steps < 1 {
		return 0, fmt.Errorf("budget: %g %s are %w of %s, which takes %.3g", b.Amount, b.Unit, errBudget, info.ID, cost)
	}
	return int(min(steps, 1e9)), nil
}
