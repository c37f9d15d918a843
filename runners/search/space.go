package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// Kind says what values an axis takes.
type Kind string

// The kinds.
const (
	Continuous Kind = "continuous" // uniform on [Lo, Hi)
	Log        Kind = "log"        // log-uniform on [Lo, Hi), both above 0
	Integer    Kind = "integer"    // uniform on Lo, Lo+1, ..., Hi
	Choice     Kind = "choice"     // one of Values, each as likely as the others
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Continuous, Log, Integer, Choice} }

// Axis is one dimension of a space: a setting, or several that always have the same value.
type Axis struct {
	Names  []string   `json:"names"`
	Kind   Kind       `json:"kind"`
	Lo     float64    `json:"lo,omitempty"`
	Hi     float64    `json:"hi,omitempty"`
	Values []string   `json:"values,omitempty"`
	When   *Condition `json:"when,omitempty"` // nil: always
}

// Condition says when an axis matters: while the setting Name has one of Values. Elsewhere the axis leaves its settings at their defaults.
type Condition struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Name is the axis' name: its settings joined by +.
func (a Axis) Name() string { return strings.Join(a.Names, "+") }

// ErrSpace is wrapped by every error about a space.
var ErrSpace = errors.New("impossible space")

// Check says what is wrong with the axis: an empty interval, a log scale that touches zero, no values.
func (a Axis) Check() error {
	bad := func(format string, v ...any) error {
		return fault.Of(ErrSpace, "%s: %s", a.Name(), fmt.Sprintf(format, v...))
	}
	switch {
	case len(a.Names) == 0 || slices.Contains(a.Names, ""):
		return bad("an axis without a setting")
	case !slices.Contains(Kinds(), a.Kind):
		return bad("kind %q: want continuous, log, integer or choice", a.Kind)
	case a.When != nil && len(a.When.Values) == 0:
		return bad("a condition without values")
	case a.Kind == Choice && len(a.Values) == 0:
		return bad("no values to choose from")
	case a.Kind == Choice:
		return nil
	case math.IsNaN(a.Lo+a.Hi) || math.IsInf(a.Lo, 0) || math.IsInf(a.Hi, 0):
		return bad("from %g to %g: want finite numbers", a.Lo, a.Hi)
	case a.Kind == Log && a.Lo <= 0:
		return bad("a log scale from %g: it never reaches zero; want two numbers above 0", a.Lo)
	case a.Kind == Integer && (a.Lo != math.Trunc(a.Lo) || a.Hi != math.Trunc(a.Hi)):
		return bad("from %g to %g: want whole numbers", a.Lo, a.Hi)
	case a.Lo > a.Hi || a.Lo == a.Hi && a.Kind != Integer:
		return bad("the interval from %g to %g is empty", a.Lo, a.Hi)
	}
	return nil
}

// At is the value at u of [0, 1): numbers have three to four digits that matter, so that a setting can be read and typed. It never leaves [Lo, Hi].
func (a Axis) At(u float64) string {
	switch a.Kind {
	case Choice:
		return a.Values[index(u, len(a.Values))]
	case Integer:
		return strconv.Itoa(int(a.Lo) + index(u, int(a.Hi-a.Lo)+1))
	case Log:
		return rounded(a.Lo*math.Pow(a.Hi/a.Lo, u), a.Lo, a.Hi)
	case Continuous:
	}
	return rounded(a.Lo+u*(a.Hi-a.Lo), a.Lo, a.Hi)
}

func index(u float64, n int) int { return min(int(u*float64(n)), n-1) }

// rounded has four significant digits, within lo and hi.
func rounded(v, lo, hi float64) string {
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if f, err := strconv.ParseFloat(s, 64); err != nil || f < lo || f > hi {
		return strconv.FormatFloat(min(max(v, lo), hi), 'g', -1, 64)
	}
	return s
}

// Space is a set of settings to draw from. An axis' condition speaks of an axis before it, or of a setting that is no axis.
type Space []Axis

// Check says what is wrong with the space: a faulty axis, a setting that two axes set, a condition on a later axis.
func (s Space) Check() error {
	seen := map[string]bool{}
	for i, a := range s {
		if err := a.Check(); err != nil {
			return err
		}
		for _, n := range a.Names {
			if seen[n] {
				return fault.Of(ErrSpace, "%s: two axes set %s", a.Name(), n)
			}
			seen[n] = true
		}
		if a.When == nil {
			continue
		}
		for _, later := range s[i:] {
			if slices.Contains(later.Names, a.When.Name) {
				return fault.Of(ErrSpace, "%s: the condition on %s must come after it", a.Name(), a.When.Name)
			}
		}
	}
	return nil
}

// Settings are the settings at a point of the unit cube, one coordinate an axis. base holds what conditions may speak of besides axes. An axis whose condition does not
// hold sets nothing.
func (s Space) Settings(point []float64, base map[string]string) map[string]string {
	out := map[string]string{}
	for i, a := range s {
		if a.When != nil {
			v, drawn := out[a.When.Name]
			if !drawn {
				v = base[a.When.Name]
			}
			if !slices.ContainsFunc(a.When.Values, func(w string) bool { return same(w, v) }) {
				continue
			}
		}
		for _, n := range a.Names {
			out[n] = a.At(point[i])
		}
	}
	return out
}

// same compares two spellings of a value: 0.50 is 0.5.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}
