package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// The names of records that no suite makes: seconds a step, from which the cost of what was not run is projected, and the figures about measures and
// about models that are fitted.
const (
	ratesSuite    = "papers-rates"
	measuresSuite = "papers-measures"
)

// papersFile is the file of records of a suite of papers, beside the other recorded runs of docs.
func papersFile(docs, suite string) string {
	return filepath.Join(docs, "..", "results", suite+".jsonl")
}

// addPapers takes the records of a run folder of a suite of papers. A suite may be run in parts; a record that is there already must be the same.
func addPapers(ctx context.Context, docs, dir string) (added int, err error) {
	run, err := reports.Load(dir)
	if err != nil {
		return 0, err
	}
	suite, err := suiteOf(dir)
	if err != nil {
		return 0, err
	}
	done, err := reports.Append(ctx, papersFile(docs, suite), run.Records, false)
	return done.Added, err
}

// readPaperRuns adds the recorded runs of papers to the book. A suite without a file has no records.
func (b *book) readPaperRuns() (err error) {
	files, err := filepath.Glob(papersFile(b.docs, "papers-*"))
	for _, f := range files {
		if err == nil {
			b.suites[strings.TrimSuffix(filepath.Base(f), ".jsonl")], _, err = reports.ReadFile(f)
		}
	}
	return err
}

// lastDigit is half a unit of the last digit of a printed number.
func lastDigit(printed string) float64 {
	_, digits, _ := strings.Cut(printed, ".")
	return 0.5 * math.Pow(10, -float64(len(digits)))
}

// The verdicts on a published figure.
const (
	agrees    = "agrees"
	differs   = "differs"
	undecided = "undecided"
)

// halfWidth is half the width of the 95 % interval of theRule.
func (f paperFigure) halfWidth(v []float64) float64 {
	n := float64(len(v))
	if n < 2 {
		return 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	if !math.IsNaN(f.err) {
		return t * stats.StdErr(v)
	}
	return t * stats.StdDev(v) * math.Sqrt(1/n+1/float64(f.runs))
}

// verdict is what theRule says of our runs.
func (f paperFigure) verdict(v []float64) string {
	c, own := f.halfWidth(v), f.err
	if math.IsNaN(own) {
		own = 0
	}
	switch off := math.Abs(stats.Mean(v) - f.value); {
	case !(off <= c+own+f.half): // also where a run has no number
		return differs
	case c > own && c > math.Abs(f.value)/4:
		return undecided
	}
	return agrees
}

// ours are the values of our runs of a figure in the paper's unit, none where it was not run.
func (b *book) ours(suite string, f paperFigure) []float64 {
	if f.model == "" {
		return nil
	}
	v := b.runs(suite, f.dataset, f.model, f.metric, f.worst)
	if f.scale != nil {
		for i := range v {
			v[i] = f.scale(v[i])
		}
	}
	return v
}

// tally counts a table's verdicts.
type tally struct{ run, agree, differ, open, left int }

func (b *book) tally(t paperTable) (n tally) {
	for _, f := range t.figures {
		v := b.ours(t.suite, f)
		switch {
		case len(v) == 0:
			n.left++
		case !math.IsNaN(f.value):
			n.run++
			switch f.verdict(v) {
			case agrees:
				n.agree++
			case differs:
				n.differ++
			default:
				n.open++
			}
		}
	}
	return n
}

func (n tally) verdict() string {
	switch {
	case n.run == 0:
		return "not run"
	case n.agree == n.run:
		return agrees
	case n.agree == 0 && n.differ > 0:
		return differs
	case n.differ == 0:
		return undecided
	}
	return "agrees in part"
}

// papersPage is docs/PAPERS.md.
func (b *book) papersPage() string {
	var s strings.Builder
	tables := b.paperTables()
	agreed, run := 0, 0
	for _, t := range tables {
		if v := b.tally(t).verdict(); v != "not run" {
			run++
			if v == agrees {
				agreed++
			}
		}
	}
	s.WriteString("# Papers' tables, in the papers' own set-up\n\n<!-- generated from docs/results/papers-*.jsonl by `make docs`; do not edit -->\n\n")
	fmt.Fprintf(&s, "Published figures beside ours, from recorded runs. Tables that were run at least in part: %d; those of them in which all that was run agrees: %d. What is set as in the paper is said at each table, and what is not. `assay bench papers-...` runs\n"+
		"a table's suite again.\n\n%s\n\n", run, agreed, theRule)
	row(&s, "table", "figures run", "agree", "differ", "undecided", "not run", "verdict")
	row(&s, slices.Repeat([]string{"---"}, 7)...)
	for _, t := range tables {
		n := b.tally(t)
		row(&s, fmt.Sprintf("[%s](#%s) [%s]", t.title, anchor(t.title), t.source), fmt.Sprint(n.run), fmt.Sprint(n.agree), fmt.Sprint(n.differ), fmt.Sprint(n.open), fmt.Sprint(n.left), n.verdict())
	}
	s.WriteString("\n")
	for _, t := range tables {
		b.paperTable(&s, t)
	}
	s.WriteString("Cost is processor time for training, drawing and measuring, the mean of the runs. A projected cost is what a step was measured to take, times the\n" +
		"paper's steps; `go run ./cmd/zoo-cards rates` measures them, `measures` the figures about measures and fitted models, and `papers RUN...` takes the records of run folders.\n")
	return s.String()
}

// paperTable writes a table with what is, and what is not, as in the paper.
func (b *book) paperTable(s *strings.Builder, t paperTable) {
	fmt.Fprintf(s, "## %s\n\n%s, %s\n\nAs in the paper: %s\n\nNot as in the paper: %s\n\nFigures and set-up: %s\n\n", t.title, citation(t.source), t.where, t.setup, t.differs, t.seen)
	row(s, "figure", "published", "ours", "95 % interval", "runs", "s of one core a run", "verdict")
	row(s, slices.Repeat([]string{"---"}, 7)...)
	for _, f := range t.figures {
		v := b.ours(t.suite, f)
		switch {
		case len(v) == 0:
			row(s, f.what, f.printed, "", "", "0", "", "not run: "+b.left(f))
		default:
			verdict := "no figure to compare with"
			if !math.IsNaN(f.value) {
				verdict = f.verdict(v)
			}
			if verdict == differs {
				verdict = "**differs**"
			}
			row(s, f.what, f.printed, f.number(stats.Mean(v)), f.interval(v), fmt.Sprint(len(v)), b.cost(t.suite, f.dataset, f.model), verdict)
		}
	}
	s.WriteString("\n")
	if t.why != "" && b.tally(t).differ > 0 {
		fmt.Fprintf(s, "Why: %s\n\n", t.why)
	}
}

// number writes one of our values with one digit more than the paper prints.
func (f paperFigure) number(v float64) string {
	printed, _, _ := strings.Cut(f.printed, " ")
	_, digits, _ := strings.Cut(printed, ".")
	return strconv.FormatFloat(v, 'f', len(digits)+1, 64)
}

// interval is that of theRule as text.
func (f paperFigure) interval(v []float64) string {
	if len(v) < 2 {
		return "–"
	}
	m, c := stats.Mean(v), f.halfWidth(v)
	return f.number(m-c) + " to " + f.number(m+c)
}

// left says why a figure was not run and what it would take.
func (b *book) left(f paperFigure) string {
	switch {
	case f.cost == nil && f.left == "":
		return "there is no record"
	case f.cost == nil:
		return f.left
	}
	hours, ok := b.hours(*f.cost)
	if !ok {
		return f.cost.why + "; no step of it was timed"
	}
	return fmt.Sprintf("%s: %s hours of one core a run, %s for %g", f.cost.why, reports.Number(hours), reports.Number(hours*f.cost.runs), f.cost.runs)
}
