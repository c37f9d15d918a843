package zoo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// ErrSetting is wrapped by every error about a setting's name or value.
var ErrSetting = errors.New("impossible setting")

// Settings are resolved settings: every name of the model's Info has a valid value.
type Settings map[string]string

// Resolve fills in the defaults for the kind of data and checks what was given: an unknown name is refused with the list of known ones, an impossible
// value with the allowed range. Numbers are brought to one spelling, so that "1e-4" and "0.0001" give the same settings hash.
func Resolve(info Info, kind datasets.Kind, given map[string]string) (Settings, error) {
	if !slices.Contains(info.Kinds, kind) {
		return nil, fault.Of(ErrSetting, "model %s does not learn %s, only %v", info.ID, kind, info.Kinds)
	}
	s := make(Settings, len(info.Settings))
	var names []string
	for _, p := range info.Settings {
		names = append(names, p.Name)
		v := p.DefaultFor(kind)
		if g, ok := given[p.Name]; ok {
			v = g
		}
		canon, err := p.check(v)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", info.ID, err)
		}
		s[p.Name] = canon
	}
	for name := range given {
		if _, ok := s[name]; !ok {
			return nil, fault.Of(ErrSetting, "model %s has no setting %q%s", info.ID, name, suggest.Have(name, names))
		}
	}
	return s, nil
}

// DefaultFor is the value on a kind of data where none is given.
func (p Setting) DefaultFor(kind datasets.Kind) string {
	if v, ok := p.ByKind[kind]; ok {
		return v
	}
	return p.Default
}

// check returns the canonical spelling of a value, or an error that states what is allowed.
func (p Setting) check(v string) (string, error) {
	if p.Choices != nil {
		if !slices.Contains(p.Choices, v) {
			return "", fault.Of(ErrSetting, "%s = %q: want one of %s", p.Name, v, strings.Join(p.Choices, ", "))
		}
		return v, nil
	}
	f, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil || math.IsNaN(f) || math.IsInf(f, 0):
		return "", fault.Of(ErrSetting, "%s = %q is not a number", p.Name, v)
	case p.Integer && f != math.Trunc(f):
		return "", fault.Of(ErrSetting, "%s = %s: want a whole number", p.Name, v)
	case f < p.Lo || f > p.Hi:
		return "", fault.Of(ErrSetting, "%s = %s: want a number from %g to %g", p.Name, v, p.Lo, p.Hi)
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

// Float is a numeric setting. Names are checked by zootest, values by Resolve.
func (s Settings) Float(name string) float64 {
	f, err := strconv.ParseFloat(s[name], 64)
	if err != nil {
		panic(fmt.Errorf("zoo: setting %q is read as a number but is %q", name, s[name]))
	}
	return f
}

// Int is a whole-number setting.
func (s Settings) Int(name string) int { return int(s.Float(name)) }

// Word is a setting chosen from words.
func (s Settings) Word(name string) string {
	v, ok := s[name]
	if !ok {
		panic(fmt.Errorf("zoo: setting %q is not declared", name))
	}
	return v
}

// Has says whether the model declares the setting.
func (s Settings) Has(name string) bool { _, ok := s[name]; return ok }

// number, integer and word are the three sorts of setting; the variants with two defaults give the one for points first.
func number(name, def string, lo, hi float64, doc string) Setting {
	return Setting{Name: name, Default: def, Lo: lo, Hi: hi, Doc: doc}
}

func integer(name, points, images string, lo, hi float64, doc string) Setting {
	return Setting{Name: name, ByKind: byKind(points, images), Lo: lo, Hi: hi, Doc: doc, Integer: true}
}

func rate(name, points, images, doc string) Setting {
	return Setting{Name: name, ByKind: byKind(points, images), Lo: 0, Hi: 10, Doc: doc, Means: Rate}
}

// weightOf is the weight of a term of a loss.
func weightOf(name, points, images, doc string) Setting {
	return Setting{Name: name, ByKind: byKind(points, images), Lo: 0, Hi: 1e6, Doc: doc, Means: Weight}
}

func word(name, def, doc string, choices ...string) Setting {
	return Setting{Name: name, Default: def, Doc: doc, Choices: choices}
}

func byKind(points, images string) map[datasets.Kind]string {
	return map[datasets.Kind]string{datasets.Points: points, datasets.Images: images}
}

// common are the settings every model has.
func common(stepsPoints, stepsImages string) []Setting {
	return []Setting{
		integer("steps", stepsPoints, stepsImages, 1, 1e9, "training length, in generator (or sole network) updates"),
		integer("batch", "256", "64", 2, 65536, "samples per update"),
		integer("width", "128", "64", 1, 8192, "units of a hidden layer (points); channels of the finest convolution (images)"),
		integer("depth", "3", "2", 1, 16, "hidden layers (points); halvings of the image side (images)"),
	}
}

// latent are the settings of models that draw a latent vector.
func latent(points, images string) []Setting {
	return []Setting{
		integer("latent", points, images, 1, 4096, "dimensions of the latent vector z"),
		number("ema", "0", 0, 0.99999, "decay of the average of the generator's weights that samples are drawn with; 0 draws with the weights themselves"),
		word("ema_warm", "off", "let that decay grow to its value, (1+t)/(10+t) after t steps, so that the average does not hold on to the first weights", "on", "off"),
	}
}

func join(groups ...[]Setting) []Setting { return slices.Concat(groups...) }

// with returns the settings with the defaults of some of them replaced (for all kinds of data): what a paper sets differently from its relatives.
func with(settings []Setting, defaults map[string]string) []Setting {
	out := slices.Clone(settings)
	for i, p := range out {
		if v, ok := defaults[p.Name]; ok {
			out[i].Default, out[i].ByKind = v, nil
		}
	}
	return out
}

// without returns the settings but for some.
func without(settings []Setting, names ...string) []Setting {
	return slices.DeleteFunc(slices.Clone(settings), func(p Setting) bool { return slices.Contains(names, p.Name) })
}

// withRates sets the default learning rates of both sides.
func withRates(settings []Setting, points, images string) []Setting {
	out := slices.Clone(settings)
	for i, p := range out {
		if p.Name == "lr_g" || p.Name == "lr_d" {
			out[i].ByKind = byKind(points, images)
		}
	}
	return out
}
