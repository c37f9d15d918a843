package metrics

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/suggest"
)

// setting is one option of a metric together with the field it writes. A metric lists its settings in a method
//
//	func (m *KID) settings() settings { return settings{intSetting("subsets", &m.Subsets, 1, "number of subsets"), ...} }
//
// and gets Info().Options, With and the Convention of a result from it.
type setting struct {
	name, doc string
	get       func() string
	set       func(string) error
}

type settings []setting

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
		return nil, fmt.Errorf("%s has no option %q%s: %w", (*m).Info().ID, option, haveNames(option, names), ErrValue)
	}
	if err := s[i].set(strings.TrimSpace(value)); err != nil {
		return nil, fmt.Errorf("%s.%s=%s: %w: %w", (*m).Info().ID, option, value, err, ErrValue)
	}
	return *m, nil
}

// intSetting is an integer of at least lo.
func intSetting(name string, at *int, lo int, doc string) setting {
	return setting{name, doc, func() string { return strconv.Itoa(*at) }, func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < lo {
			return fmt.Errorf("want a whole number of at least %d", lo)
		}
		*at = n
		return nil
	}}
}

// floatSetting is a finite number in [lo, hi].
func floatSetting(name string, at *float64, lo, hi float64, doc string) setting {
	return setting{name, doc, func() string { return strconv.FormatFloat(*at, 'g', -1, 64) }, func(v string) error {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(x) || x < lo || x > hi {
			return fmt.Errorf("want a number from %v to %v", lo, hi)
		}
		*at = x
		return nil
	}}
}

// boolSetting is true or false.
func boolSetting(name string, at *bool, doc string) setting {
	return setting{name, doc, func() string { return strconv.FormatBool(*at) }, func(v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("want true or false")
		}
		*at = b
		return nil
	}}
}

// enumSetting is one of the given words.
func enumSetting(name string, at *string, words []string, doc string) setting {
	return setting{name, doc + " (" + strings.Join(words, ", ") + ")", func() string { return *at }, func(v string) error {
		if !slices.Contains(words, v) {
			return fmt.Errorf("want one of %s", strings.Join(words, ", "))
		}
		*at = v
		return nil
	}}
}

// haveNames is the tail of an unknown-name error: the nearest known name and the whole list.
func haveNames(wrong string, known []string) string {
	if len(known) == 0 {
		return "; it has none"
	}
	return suggest.Have(wrong, known)
}
