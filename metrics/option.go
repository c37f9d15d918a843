package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// Zero stands for 0 in an option whose zero value means its default: KID{Coef: metrics.Zero} has the kernel (x.y/d)^3. As a number it is too small to
// move anything it is added to.
const Zero = math.SmallestNonzeroFloat64

// setting is one option of a metric together with the field it writes. A metric lists its settings in a method
//
//	func (m *KID) settings() settings { return settings{intSetting("subsets", &m.Subsets, 100, 1, "number of subsets"), ...} }
//
// and gets Info().Options, With and the Convention of a result from it. Binding a field that is zero gives it the default, so that the zero value of
// every metric is the metric of its paper.
type setting struct {
	name, doc string
	get       func() string
	set       func(string) error
}

type settings []setting

// ready makes m fit to compute: fields that are zero take their defaults, others are held to what With would take, and p must hold all that m needs.
func ready[M interface {
	Info() Info
	settings() settings
}](m M, p Pair) error {
	if err := m.settings().check(m.Info().ID); err != nil {
		return err
	}
	return Check(m.Info(), p)
}

// check says which field holds what With would refuse.
func (s settings) check(id string) error {
	for _, v := range s {
		if err := v.set(v.get()); err != nil {
			return fault.Of(ErrValue, "%s.%s=%s: %w", id, v.name, v.get(), err)
		}
	}
	return nil
}

// options is the settings as data, with the values in force as defaults.
func (s settings) options() []Option {
	o := make([]Option, len(s))
	for i, v := range s {
		o[i] = Option{Name: v.name, Default: v.get(), Doc: v.doc}
	}
	return o
}

// convention is the values in force, for Result.Convention.
func (s settings) convention() map[string]string {
	c := make(map[string]string, len(s))
	for _, v := range s {
		c[v.name] = v.get()
	}
	return c
}

// with is the body of every Metric's With: m must be the receiver's own copy, s its settings bound to that copy.
func with[M Metric](m *M, s settings, option, value string) (Metric, error) {
	i := slices.IndexFunc(s, func(v setting) bool { return v.name == option })
	if i < 0 {
		names := make([]string, len(s))
		for j, v := range s {
			names[j] = v.name
		}
		return nil, fault.Of(ErrValue, "%s has no option %q%s", (*m).Info().ID, option, haveNames(option, names))
	}
	if err := s[i].set(strings.TrimSpace(value)); err != nil {
		return nil, fault.Of(ErrValue, "%s.%s=%s: %w", (*m).Info().ID, option, value, err)
	}
	return *m, nil
}

// intSetting is a whole number of at least lo.
func intSetting(name string, at *int, def, lo int, doc string) setting {
	*at = cmp.Or(*at, def)
	allowed := fmt.Sprintf("%d to %d", lo, mostOf)
	return setting{name, doc + " (" + allowed + ")", func() string { return strconv.Itoa(*at) }, func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < lo || n > mostOf {
			return errors.New("want a whole number from " + allowed)
		}
		*at = n
		return nil
	}}
}

// Auto stands in a whole-number option for "auto", where a metric finds the number from the data. It is no number that a slip would make.
const Auto = math.MinInt32

// autoSetting is a whole number of at least lo, or auto.
func autoSetting(name string, at *int, def, lo int, doc string) setting {
	s := intSetting(name, at, def, lo, doc)
	get, set := s.get, s.set
	s.doc += ", or auto"
	s.get = func() string {
		if *at == Auto {
			return "auto"
		}
		return get()
	}
	s.set = func(v string) error {
		if v == "auto" {
			*at = Auto
			return nil
		}
		if err := set(v); err != nil {
			return fmt.Errorf("%w, or auto", err)
		}
		return nil
	}
	return s
}

// mostOf bounds whole numbers of options: more subsets, rows or neighbours than that no machine gets through.
const mostOf = 10_000_000

// choiceSetting is one of a few whole numbers; the default is the first.
func choiceSetting(name string, at *int, choices []int, doc string) setting {
	s := intSetting(name, at, choices[0], slices.Min(choices), doc)
	set := s.set
	s.doc = doc
	s.set = func(v string) error {
		if n, err := strconv.Atoi(v); err != nil || !slices.Contains(choices, n) {
			return fmt.Errorf("want one of %v", choices)
		}
		return set(v)
	}
	return s
}

// floatSetting is a number in [lo, hi], finite unless hi is infinite. Where the default is not 0 the field holds Zero for 0.
func floatSetting(name string, at *float64, def, lo, hi float64, doc string) setting {
	*at = cmp.Or(*at, def)
	allowed := between(lo, hi)
	return setting{name, doc + " (" + allowed + ")", func() string { return strconv.FormatFloat(unZero(*at), 'g', -1, 64) }, func(v string) error {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(x) || x < lo || x > hi {
			return errors.New("want a number, " + allowed)
		}
		if *at = x; x == 0 && def != 0 {
			*at = Zero
		}
		return nil
	}}
}

// between is a range in words; the largest number there is stands for no limit.
func between(lo, hi float64) string {
	from, to := fmt.Sprintf("%v or more", lo), fmt.Sprintf("%v to %v", lo, hi)
	if lo == math.SmallestNonzeroFloat64 {
		from, to = "above 0", fmt.Sprintf("above 0, at most %v", hi)
	}
	switch {
	case math.IsInf(hi, 1):
		return from + ", or inf"
	case hi < math.MaxFloat64:
		return to
	case lo > -math.MaxFloat64:
		return from
	}
	return "any"
}

// unZero is the number that a field stands for.
func unZero(x float64) float64 {
	if x == Zero {
		return 0
	}
	return x
}

// boolSetting is true or false; the default is false.
func boolSetting(name string, at *bool, doc string) setting {
	return setting{name, doc, func() string { return strconv.FormatBool(*at) }, func(v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return errors.New("want true or false")
		}
		*at = b
		return nil
	}}
}

// unlessSetting is true unless the field, which says the opposite, is set.
func unlessSetting(name string, not *bool, doc string) setting {
	is := !*not
	s := boolSetting(name, &is, doc)
	return setting{name, doc, func() string { return strconv.FormatBool(!*not) }, func(v string) error {
		if err := s.set(v); err != nil {
			return err
		}
		*not = !is
		return nil
	}}
}

// enumSetting is one of the given words; the default is the first.
func enumSetting(name string, at *string, words []string, doc string) setting {
	*at = cmp.Or(*at, words[0])
	return setting{name, doc + " (" + strings.Join(words, ", ") + ")", func() string { return *at }, func(v string) error {
		if !slices.Contains(words, v) {
			return fmt.Errorf("want one of %s", strings.Join(words, ", "))
		}
		*at = v
		return nil
	}}
}

// subsetSetting is a choice of words, comma-separated in text; the default is all of them.
func subsetSetting(name string, at *[]string, words []string, doc string) setting {
	if len(*at) == 0 {
		*at = slices.Clone(words)
	}
	return setting{name, doc + " (any of " + strings.Join(words, ",") + ")", func() string { return strings.Join(*at, ",") }, func(v string) error {
		chosen := strings.Split(v, ",")
		for _, w := range chosen {
			if !slices.Contains(words, w) {
				return fmt.Errorf("want a comma-separated choice of %s", strings.Join(words, ", "))
			}
		}
		*at = chosen
		return nil
	}}
}

// ddofSetting is the divisor N - ddof of a covariance: 1, or 0 where population is set.
func ddofSetting(population *bool) setting {
	get := func() string { return strconv.Itoa(ddof(*population)) }
	return setting{"ddof", "covariances divide by N - ddof: 1 or 0", get, func(v string) error {
		if v != "0" && v != "1" {
			return errors.New("want 0 or 1")
		}
		*population = v == "0"
		return nil
	}}
}

// ddof is what is taken off N where a covariance divides by it.
func ddof(population bool) int {
	if population {
		return 0
	}
	return 1
}

// haveNames is the tail of an unknown-name error: the nearest known name and the whole list.
func haveNames(wrong string, known []string) string {
	if len(known) == 0 {
		return "; it has none"
	}
	return suggest.Have(wrong, known)
}
