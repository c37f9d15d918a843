package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/reports"
)

// WriteCurves writes the curves, one line of JSON each.
func (r *SanityResult) WriteCurves(w io.Writer) error {
	e := json.NewEncoder(w)
	for _, c := range r.Curves {
		if err := e.Encode(c); err != nil {
			return fmt.Errorf("sanity: %w", err)
		}
	}
	return nil
}

// ReadCurves reads what WriteCurves wrote. What a value is a measure of is told by the metrics of today.
func ReadCurves(text []byte, catalog []metrics.Metric) (*SanityResult, error) {
	r := &SanityResult{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, largest)
	for n := 1; lines.Scan(); n++ {
		var c sanity.Curve
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("line %d is no curve: %w", n, err)
		}
		r.Curves = append(r.Curves, c)
	}
	r.refresh(catalog)
	return r, lines.Err()
}

// refresh gives the curves the faces that their values have today: they are no part of what was measured.
func (r *SanityResult) refresh(catalog []metrics.Metric) {
	for i, c := range r.Curves {
		if at := slices.IndexFunc(catalog, func(m metrics.Metric) bool { return m.Info().ID == c.Metric }); at >= 0 {
			info := catalog[at].Info()
			r.Curves[i].Face, r.Curves[i].Unit = sanity.FaceOf(info, c.Value), sanity.OnUnitScale(info, c.Value, c.Better)
		}
	}
}

// groupNames are the desiderata of the publication.
var groupNames = map[string]string{sanity.Purpose: "D1b purpose", sanity.Hyperparameters: "D2 hyperparameters", sanity.DataSize: "D3 data", sanity.Bounds: "D4 bounds",
	sanity.Invariance: "D5 invariance", sanity.Copies: "no copies"}

// marks are the outcomes in a table's cell.
var marks = map[sanity.Outcome]string{sanity.Pass: "✓", sanity.Fail: "✗", sanity.High: "H", sanity.Low: "L", sanity.NoValue: "?"}

// Markdown writes who passes what, what the authors found beside it, and the pictures, which lie in a folder of that name as one SVG file a check.
func (r *SanityResult) Markdown(w io.Writer, pictures string) error {
	var b strings.Builder
	subjects := r.Subjects()
	b.WriteString("## Who passes what\n\n")
	b.WriteString("A row of the published summary is one group of criteria of one check, over all its scenarios. ✓ all are met, ✗ some are not, H or L met and the value treats data that are too wide as full or as lost " +
		"diversity throughout, ? there is no value (said below). Two marks a check, in the order of the list of checks below.\n\n")
	head := []string{"value", "of", "rows passed", "criteria met"}
	for i := range sanity.Checks() {
		head = append(head, fmt.Sprint(i+1))
	}
	line(&b, head)
	line(&b, slices.Repeat([]string{"---"}, len(head)))
	for _, s := range sorted(subjects) {
		line(&b, s.row())
	}
	b.WriteString("\n## The checks\n\n")
	b.WriteString("| | check | what varies | rows of the summary | curves |\n|---|---|---|---|---|\n")
	for i, c := range sanity.Checks() {
		line(&b, []string{fmt.Sprint(i + 1), c.Title + " (`" + c.ID + "`)", c.Axis, strings.Join(groupsOf(c.ID), ", "), fmt.Sprintf("[picture](%s/%s.svg)", pictures, c.ID)})
	}
	r.besidePublished(&b, subjects)
	r.missing(&b, subjects)
	_, err := io.WriteString(w, b.String())
	return err
}

func line(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// groupsOf are the groups of a check by their names, in the order of its criteria.
func groupsOf(check string) []string {
	var out []string
	for _, p := range sanity.Published("precision") {
		if name := groupNames[p.Group]; p.Check == check && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// sorted puts the subjects by what they measure, and the more often passing first.
func sorted(all []Subject) []Subject {
	faces := []sanity.Face{sanity.Fidelity, sanity.Diversity, sanity.Both, sanity.Novelty}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b Subject) int {
		if a.Face != b.Face {
			return slices.Index(faces, a.Face) - slices.Index(faces, b.Face)
		}
		return b.passed() - a.passed()
	})
	return out
}

func (s Subject) passed() int {
	n := 0
	for _, v := range s.Verdicts {
		if v.Outcome != sanity.Fail && v.Outcome != sanity.NoValue {
			n++
		}
	}
	return n
}

func (s Subject) row() []string {
	met, of := 0, 0
	for _, v := range s.Verdicts {
		met, of = met+v.Met, of+v.Of
	}
	cells := []string{s.Name(), string(s.Face), fmt.Sprintf("%d of %d", s.passed(), len(s.Verdicts)), fmt.Sprintf("%d of %d", met, of)}
	for _, c := range sanity.Checks() {
		cell := ""
		for _, v := range s.Verdicts {
			if v.Check == c.ID {
				cell += marks[v.Outcome]
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// besidePublished lists, for what the authors tried, in how much we agree and every criterion in which we do not.
func (r *SanityResult) besidePublished(b *strings.Builder, subjects []Subject) {
	b.WriteString("\n## Beside the authors' own outcomes\n\n| published | here | criteria alike | tables alike | rows of the summary alike |\n|---|---|---|---|---|\n")
	var differ strings.Builder
	for _, s := range subjects {
		t, ok := s.Tried()
		if !ok {
			continue
		}
		all := sanity.Against(s.judgedAs(t.Face), t.Name)
		tables, whole := alikeTables(all)
		rows, same := s.summaries(t)
		line(b, []string{t.Title, s.Name(), s.Published(), fmt.Sprintf("%d of %d", whole, tables), fmt.Sprintf("%d of %d", same, rows)})
		for _, a := range all {
			if !a.Same() {
				line(&differ, []string{s.Name(), a.Check, a.Scenario, a.Criterion, string(a.Outcome), string(a.Published), s.numbers(a.Finding)})
			}
		}
		if t.Differs != "" {
			line(&differ, []string{s.Name(), "all", "", "", "", "", t.Differs})
		}
	}
	if differ.Len() > 0 {
		b.WriteString("\nWhat differs, with the numbers here: the mean over the repeats ± the standard deviation of one repeat, so that the mean's own is a third of it. Where this is as large as the distance from the limit, the outcome is chance, " +
			"there as here: their code was not seeded. A line is easier to keep over a fifth of the points.\n\n| value | check | scenario | criterion | here | published | the curve here |\n|---|---|---|---|---|---|---|\n" + differ.String())
	}
}

// alikeTables counts the published tables of a metric, one a check, and those that are met criterion by criterion.
func alikeTables(all []sanity.Agreement) (tables, whole int) {
	for _, c := range sanity.Checks() {
		of, same := 0, 0
		for _, a := range all {
			if a.Check == c.ID {
				if of++; a.Same() {
					same++
				}
			}
		}
		if of > 0 {
			if tables++; of == same {
				whole++
			}
		}
	}
	return tables, whole
}

// summaries counts the rows of the published summary and those that are alike.
func (s Subject) summaries(t sanity.Tried) (rows, same int) {
	for _, p := range sanity.Summarise(sanity.Published(t.Name)) {
		for _, v := range sanity.Summarise(s.judgedAs(t.Face)) {
			if v.Check == p.Check && v.Group == p.Group {
				if rows++; v.Outcome == p.Outcome {
					same++
				}
			}
		}
	}
	return rows, same
}

// numbers are what a criterion looks at: the ends, the point between that it names, and the range.
func (s Subject) numbers(f sanity.Finding) string {
	for _, c := range s.Curves {
		if c.Check != f.Check || c.Scenario != f.Scenario || len(c.Mean) == 0 {
			continue
		}
		n, middle := len(c.Mean)-1, slices.Index(c.Point, (c.Points-1)/2)
		text := fmt.Sprintf("left %.3g ± %.2g", c.Mean[0], c.SD[0])
		if middle > 0 {
			text += fmt.Sprintf(", middle %.3g ± %.2g", c.Mean[middle], c.SD[middle])
		}
		return text + fmt.Sprintf(", right %.3g ± %.2g, range %.3g to %.3g", c.Mean[n], c.SD[n], slices.Min(c.Mean), slices.Max(c.Mean))
	}
	return ""
}

// missing says what has no value, and why.
func (r *SanityResult) missing(b *strings.Builder, subjects []Subject) {
	var lines []string
	for _, s := range subjects {
		for _, c := range s.Curves {
			if c.Missing != "" {
				lines = append(lines, fmt.Sprintf("* %s, %s: %s", s.Name(), strings.TrimSpace(c.Check+" "+c.Scenario), c.Missing))
			}
		}
	}
	if len(lines) > 0 {
		b.WriteString("\n## Points without a value\n\n" + strings.Join(slices.Compact(lines), "\n") + "\n")
	}
}

// Pictures are the curves of each check, by its id: a row for each value, a column for each scenario, green where every criterion is met; the band is real against real.
func (r *SanityResult) Pictures() map[string]reports.Panels {
	out := map[string]reports.Panels{}
	for _, check := range sanity.Checks() {
		p := reports.Panels{Title: check.Title + ": curves of every value over " + check.Axis}
		for _, s := range sorted(r.Subjects()) {
			for _, c := range s.Curves {
				if c.Check == check.ID && len(c.Mean) > 0 {
					p.Panels = append(p.Panels, panel(s, c, check.Log))
				}
			}
		}
		out[check.ID] = p
	}
	return out
}

func panel(s Subject, c sanity.Curve, log bool) reports.Panel {
	p := reports.Panel{Row: s.Name(), Column: strings.ReplaceAll(c.Scenario, "_", " "), X: c.X, Y: c.Mean, LogX: log, Mark: "good"}
	if !c.Unit {
		p.Lo, p.Hi = c.Null.Lo, c.Null.Hi
		lo, hi := min(slices.Min(c.Mean), p.Lo), max(slices.Max(c.Mean), p.Hi)
		p.From, p.To = lo-.04*(hi-lo), hi+.04*(hi-lo)
	} else if slices.Max(c.Mean) <= 1.05 {
		p.From, p.To = -.03, 1.05
	}
	var said []string
	for _, f := range sanity.Judge(c) {
		said = append(said, f.Criterion+": "+string(f.Outcome))
		if f.Outcome == sanity.Fail || f.Outcome == sanity.NoValue {
			p.Mark = "bad"
		}
	}
	p.Text = fmt.Sprintf("%s, %s: %s; from %.3g to %.3g", s.Name(), strings.TrimSpace(c.Check+" "+c.Scenario), strings.Join(said, ", "), c.Mean[0], c.Mean[len(c.Mean)-1])
	return p
}
