package command

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/runners"
)

// Every flag that takes a number states its range in the help, and holds its value to it with an error in the same words.
func TestEveryNumberHasItsRange(t *testing.T) {
	found := 0
	var walk func(c *cobra.Command)
	check := func(c *cobra.Command, f *pflag.Flag) {
		var s span
		switch v := f.Value.(type) {
		case numeric[int]:
			s = v.span
		case numeric[uint64]:
			s = v.span
		case numeric[float64]:
			s = v.span
		case numeric[time.Duration]:
			s = v.span
		default:
			if kind := f.Value.Type(); strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint") || strings.HasPrefix(kind, "float") || kind == "count" || kind == "duration" {
				t.Errorf("%s --%s takes a number (%s) and states no range: use wholeFlag, numberFlag or seedFlag", c.CommandPath(), f.Name, kind)
			}
			return
		}
		found++
		if !strings.Contains(f.Usage, "("+s.String()) {
			t.Errorf("%s --%s: the help says %q, the range is %s", c.CommandPath(), f.Name, f.Usage, s)
		}
		outside := []string{fmt.Sprint(s.lo - 1), "-1s", "x", "NaN", "1e400"}
		if s.hi > 0 {
			outside = append(outside, fmt.Sprint(s.hi+1))
		}
		if s.above && s.zero == "" {
			outside = append(outside, fmt.Sprint(s.lo))
		}
		if s.below {
			outside = append(outside, fmt.Sprint(s.hi))
		}
		for _, v := range outside {
			if s.zero != "" && v == "0" {
				continue
			}
			if err := f.Value.Set(v); err == nil || !strings.Contains(err.Error(), s.String()) {
				t.Errorf("%s --%s %s: %v, want the range %s", c.CommandPath(), f.Name, v, err, s)
			}
		}
		before := f.Value.String()
		if before == "0" && s.zero != "" {
			return
		}
		if err := f.Value.Set(before); err != nil && (f.Changed || !strings.Contains(f.Usage, "default:")) {
			t.Errorf("%s --%s: the default %s is refused: %v", c.CommandPath(), f.Name, before, err)
		}
	}
	walk = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { check(c, f) })
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newApp(t).root())
	if found < 40 {
		t.Errorf("only %d flags", found)
	}
}

// The line that a user sees, and that nothing was done.
func TestOutOfRange(t *testing.T) {
	for line, want := range map[string]string{
		"bench --threads 5000":                  "assay: --threads 5000: want a whole number, 1 to 1024, or 0 for one a core (see assay bench --help)\n",
		"bench --workers -1":                    "assay: --workers -1: want a whole number, 1 to 1024, or 0 for one a core (see assay bench --help)\n",
		"gate --alpha 0.5":                      "assay: --alpha 0.5: want a number, between 0 and 0.5 (see assay gate --help)\n",
		"sample -n 0":                           "assay: --count 0: want a whole number, at least 1 (see assay sample --help)\n",
		"score --real a --fake b --seed -1":     "assay: --seed -1: want a whole number, 0 or more (see assay score --help)\n",
		"score --real a --fake b --batch 1e9":   "assay: --batch 1e9: want a whole number, 1 to 65536 (see assay score --help)\n",
		"complete m --hide 2 --out x.png":       "assay: --hide 2: want a number, above 0, at most 1 (see assay complete --help)\n",
		"score --real a --fake b --n=\"\x1b[2J": "assay: --n \"\\\"\\x1b[2J\": want a whole number, at least 2, or 0 for all (see assay score --help)\n",
	} {
		if r := assay(strings.Split(line, " ")...); r.code != exitUsage || r.err != want || r.out != "" {
			t.Errorf("%s: code %d, %q, want %q", line, r.code, r.err, want)
		}
	}
}

func newApp(t *testing.T) *app {
	t.Helper()
	return &app{kit: runners.DefaultKit(), out: io.Discard, err: io.Discard}
}
