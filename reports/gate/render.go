package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// View says how a verdict is shown. The zero value is fine.
type View struct {
	Title  string // of the gate where there are several; it also tells their comments apart
	Report string // where the whole report is: a path or an address
}

// Formats lists the names Render knows.
func Formats() []string { return []string{"text", "json", "junit", "github", "md", "codequality"} }

// Render writes the verdict in a format by name.
func (v *Verdict) Render(w io.Writer, format string) error { return View{}.Render(w, v, format) }

// Render writes a verdict in a format by name:
//
//	text         for a terminal of 80 columns
//	json         everything
//	junit        test cases, for the test reports of GitLab, Jenkins and others
//	github       workflow commands: at most one error or warning, and a notice with the verdict
//	md           for a step summary and a comment of a pull request
//	codequality  GitLab's code quality report
func (o View) Render(w io.Writer, v *Verdict, format string) error {
	switch format {
	case "text":
		return o.text(w, v)
	case "json":
		return writeJSON(w, v)
	case "junit":
		return o.junit(w, v)
	case "github":
		return o.github(w, v)
	case "md":
		return o.markdown(w, v)
	case "codequality":
		return o.codeQuality(w, v)
	}
	return fmt.Errorf("gate: %w", suggest.Unknown("format", format, Formats()))
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// name is what the gate calls itself.
func (o View) name() string {
	if o.Title == "" {
		return "assay gate"
	}
	return "assay gate: " + oneLine(o.Title)
}

// oneLine keeps texts of others, which may hold line ends, on one line.
func oneLine(s string) string { return quote.Terminal(quote.Line(s)) }

// Sentence is the verdict in one line: "FAIL  1 of 4 checks worse".
func (v *Verdict) Sentence() string {
	n := v.Counts
	of := fmt.Sprintf("of %s", checks(n.Checks))
	var parts []string
	add := func(count int, words string) {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s", count, of, words))
			of = ""
		}
	}
	switch {
	case v.Failed():
		add(n.Regression, " worse")
		add(n.Changed, " not equal to the bit")
		add(n.Inconclusive, " inconclusive")
		return "FAIL  " + tidy(parts)
	case v.Status == Inconclusive:
		add(n.Inconclusive, " cannot be told with these runs")
		return "INCONCLUSIVE  " + tidy(parts)
	case n.Checks == 0:
		return "PASS  nothing was checked"
	case n.Identical == n.Checks:
		return fmt.Sprintf("PASS  all %s identical to the bit", checks(n.Checks))
	}
	within := n.Pass + n.TooGood
	text := fmt.Sprintf("PASS  %s: %d within the margin", checks(n.Checks), within)
	if n.Identical > 0 {
		text += fmt.Sprintf(", %d identical to the bit", n.Identical)
	}
	if n.TooGood > 0 {
		text += fmt.Sprintf("; %d too good to be noise", n.TooGood)
	}
	return text
}

func tidy(parts []string) string { return strings.ReplaceAll(strings.Join(parts, ", "), "  ", " ") }

func checks(n int) string {
	if n == 1 {
		return "1 check"
	}
	return fmt.Sprintf("%d checks", n)
}

// word is a status for people.
func (s Status) word() string {
	switch s {
	case Regression:
		return "REGRESSION"
	case Changed:
		return "CHANGED"
	case TooGood:
		return "too good"
	case Identical, Pass, Inconclusive:
	}
	return string(s)
}

// open says whether a check wants to be looked at.
func (c Check) open() bool { return c.Status != Pass && c.Status != Identical }

// sorted splits the checks into what is to be looked at and what is unchanged, keeping their order.
func (v *Verdict) sorted() (open, unchanged []Check) {
	for _, c := range v.Checks {
		if c.open() {
			open = append(open, c)
		} else {
			unchanged = append(unchanged, c)
		}
	}
	return open, unchanged
}

// where is the check's row and data set.
func (c Check) where() string { return oneLine(c.Model + " on " + c.Dataset) }

// values are the medians before and now, "0.318 → 0.572"; "" where there is nothing on a side.
func (c Check) values() string {
	if c.Status == Identical || c.NBase == 0 && c.N == 0 {
		return ""
	}
	before, now := float64(c.MedianBase), float64(c.Median)
	near := before != now && math.Abs(before-now) < 1e-3*math.Abs(before) // three digits would hide the difference
	side := func(n int, v reports.Float) string {
		if n == 0 {
			return "none"
		}
		if near {
			return strconv.FormatFloat(float64(v), 'g', 7, 64)
		}
		return reports.Number(float64(v))
	}
	return side(c.NBase, c.MedianBase) + " → " + side(c.N, c.Median)
}

// chance is the p-value where there is one.
func (c Check) chance() string {
	if c.Test == "" {
		return ""
	}
	return "p " + reports.PValue(c.P)
}

// allowed is the margin in words: "5 %", "0.5 sd"; "" where none was set.
func (c Check) allowed() string {
	if c.MarginFrom == "" && c.Margin == 0 || c.Test == "" {
		return ""
	}
	return strings.TrimPrefix(c.worsening(float64(c.Margin)), "+")
}

// evidence is the check's numbers in one line.
func (c Check) evidence() string {
	parts := []string{c.values(), c.Change(), c.chance()}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// sides says what was compared, "baseline.jsonl (5 seeds) against runs/pr-17 (the same 5 seeds)".
func (v *Verdict) sides() string {
	file := func(s Side, word string) string {
		if s.File == "" {
			return word
		}
		return oneLine(s.File)
	}
	same := 0
	for _, s := range v.Run.Seeds {
		if slices.Contains(v.Baseline.Seeds, s) {
			same++
		}
	}
	run := seeds(len(v.Run.Seeds))
	switch {
	case same == 0:
	case same == len(v.Run.Seeds) && same == len(v.Baseline.Seeds):
		run = "the same " + run
	default:
		run += fmt.Sprintf(", %d the same", same)
	}
	if slices.ContainsFunc(v.Checks, func(c Check) bool { return c.Pairs > 0 }) {
		run += ", paired"
	}
	return fmt.Sprintf("%s (%s) against %s (%s)", file(v.Baseline, "the baseline"), seeds(len(v.Baseline.Seeds)), file(v.Run, "the run"), run)
}

func seeds(n int) string {
	if n == 1 {
		return "1 seed"
	}
	return fmt.Sprintf("%d seeds", n)
}

// words are the changes and doubts that stand below the checks, a line each.
func (v *Verdict) words() (changes, warnings, notes []string) {
	for _, c := range v.Changes {
		where := ""
		if c.Model != "" {
			where = c.Model + " on " + c.Dataset + ": "
		}
		changes = append(changes, oneLine(where+c.String()))
	}
	for _, w := range v.Warnings {
		warnings = append(warnings, oneLine(w))
	}
	if v.Baseline.Reason != "" {
		notes = append(notes, strings.TrimSpace("baseline of "+v.Baseline.Date)+": "+oneLine(v.Baseline.Reason))
	}
	if c := v.Calibration; c != nil {
		notes = append(notes, c.sentence())
	}
	return changes, warnings, notes
}

// sentence is what the simulated nights say, in one line.
func (c *Calibration) sentence() string {
	text := fmt.Sprintf("nothing changed: alarms on %s of %d simulated nights (%s with the unluckiest of %d baselines), inconclusive on %s", share(c.Alarms), c.Nights, share(c.AlarmsWorst), c.Baselines, share(c.Inconclusive))
	for _, p := range c.Power {
		text += fmt.Sprintf("; %s worse is found in %s, paired in %s", share(p.Worse), share(p.Fresh), share(p.Paired))
	}
	return text
}

func share(v float64) string { return fmt.Sprintf("%.3g %%", 100*v) }
