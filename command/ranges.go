package command

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// span is what a numeric flag takes. Help and error say it in the same words.
type span struct {
	lo, hi float64 // hi 0 means that there is no limit
	above  bool    // lo itself is not taken
	below  bool    // hi itself is not taken
	zero   string  // what 0 stands for, where it is outside of the range: "one a core"
	words  string  // says it where numbers would not: "at least 1s"
}

// String is the range in words.
func (s span) String() string {
	if s.words != "" {
		return s.words
	}
	lo, hi := strconv.FormatFloat(s.lo, 'g', -1, 64), strconv.FormatFloat(s.hi, 'g', -1, 64)
	switch {
	case s.above && s.below:
		return fmt.Sprintf("between %s and %s", lo, hi)
	case s.above && s.hi > 0:
		return fmt.Sprintf("above %s, at most %s", lo, hi)
	case s.above:
		return "above " + lo
	case s.hi > 0:
		return fmt.Sprintf("%s to %s", lo, hi)
	case s.lo == 0:
		return "0 or more"
	}
	return "at least " + lo
}

func (s span) holds(v float64) bool {
	switch {
	case s.zero != "" && v == 0:
		return true
	case math.IsNaN(v) || math.IsInf(v, 0) || v < s.lo || s.above && v == s.lo:
		return false
	}
	return s.hi == 0 || v < s.hi || !s.below && v == s.hi
}

// want is the error of a value that is not taken.
func (s span) want(kind string) error {
	if s.zero != "" {
		return fmt.Errorf("want %s, %s, or 0 for %s", kind, s, s.zero)
	}
	return fmt.Errorf("want %s, %s", kind, s)
}

// numeric is a flag's value that is held to its range when it is read.
type numeric[T int | uint64 | float64 | time.Duration] struct {
	to    *T
	span  span
	parse func(string) (T, error)
	kind  string
}

// Set implements pflag.Value.
func (n numeric[T]) Set(text string) error {
	v, err := n.parse(text)
	if err != nil || !n.span.holds(float64(v)) {
		return n.span.want(n.kind)
	}
	*n.to = v
	return nil
}

// String implements pflag.Value.
func (n numeric[T]) String() string {
	if n.to == nil {
		return ""
	}
	return fmt.Sprint(*n.to)
}

// Type implements pflag.Value.
func (n numeric[T]) Type() string { return n.kind }

// wholeFlag adds a flag of whole numbers.
func wholeFlag(fs *pflag.FlagSet, to *int, name, short string, def int, s span, usage string) {
	*to = def
	fs.VarP(numeric[int]{to, s, strconv.Atoi, "a whole number"}, name, short, ranged(usage, s))
}

// seedFlag adds a flag of a seed, any whole number from 0 that 64 bits hold.
func seedFlag(fs *pflag.FlagSet, to *uint64, name string, def uint64, usage string) {
	*to = def
	fs.Var(numeric[uint64]{to, span{}, func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }, "a whole number"}, name, ranged(usage, span{}))
}

// numberFlag adds a flag of numbers.
func numberFlag(fs *pflag.FlagSet, to *float64, name string, def float64, s span, usage string) {
	*to = def
	fs.Var(numeric[float64]{to, s, func(t string) (float64, error) { return strconv.ParseFloat(t, 64) }, "a number"}, name, ranged(usage, s))
}

// durationFlag adds a flag of a duration of at least some.
func durationFlag(fs *pflag.FlagSet, to *time.Duration, name string, def, least time.Duration, usage string) {
	*to = def
	s := span{lo: float64(least), words: "at least " + least.String()}
	fs.Var(numeric[time.Duration]{to, s, time.ParseDuration, "a duration such as 90s"}, name, ranged(usage, s))
}

// ranged puts the range into a flag's help, before its default where that is said in words.
func ranged(usage string, s span) string {
	if head, tail, found := strings.Cut(usage, " (default: "); found {
		return fmt.Sprintf("%s (%s; default: %s", head, s, tail)
	}
	return fmt.Sprintf("%s (%s)", usage, s)
}

var invalid = regexp.MustCompile(`(?s)^invalid argument (?:"([-+.\w]*)"|(".*")) for "(?:-\w, )?(--[\w-]+)" flag: (want .*)$`)

// outOfRange puts the flag first in pflag's error about a value that is not taken: it is what the reader looks for.
func outOfRange(text string) string { return invalid.ReplaceAllString(text, "$3 $1$2: $4") }
