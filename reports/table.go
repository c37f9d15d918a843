package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Table is what every renderer gets: text in cells, with the marks apart from it.
type Table struct {
	ID    string // of the anchor in a page
	Title string
	Head  []string
	Rows  []Row
	Notes []string // legend of the marks that occur, and what was left out
	Spare []string // heads of the columns that a narrow terminal can do without, the first to go first
	All   string   // how they can be seen all the same, for the note that some are gone
	Plain bool     // a terminal draws it without rules
}

// Words says whether a column holds words, which stand at the left under their head; numbers stand at the right.
func (t Table) Words(col int) bool { return len(t.Rows) > 0 && t.Rows[0].Cells[col].Left }

// Row is a line of a table. Reference rows stand apart: Rule asks for a line above the first of them.
type Row struct {
	Cells     []Cell
	Rule      bool
	Reference bool
}

// Cell is one field: the value, its interval and its failures. Title explains it on hovering.
type Cell struct {
	Text, Sub  string
	Failed     string // "1/6 failed"
	Title      string
	Best, Tied bool
	Flag       string // "†" better than real data, "‡" no better than noise, "?" unreliable
	Left       bool   // words, not a number

	lines []string // of the text, where a narrow terminal had it wrapped
}

// Full is the value with its interval and failures.
func (c Cell) Full() string {
	s := c.Text
	if c.Sub != "" {
		s += " " + c.Sub
	}
	if c.Failed != "" {
		s += ", " + c.Failed
	}
	return s
}

// Mark returns the full text with its marks as plain characters: * best, ≈ cannot be told from the best.
func (c Cell) Mark() string {
	s := c.Full()
	if c.Best {
		s += " *"
	}
	if c.Tied {
		s += " ≈"
	}
	if c.Flag != "" {
		s += " " + c.Flag
	}
	return s
}

// Options of a report.
type Options struct {
	Metric string  // of the headline table; "" means fd, or the first metric there is
	Level  float64 // of intervals; 0 means 0.95
	Title  string  // of the page; "" means the run's id
	Bare   bool    // leave all scripts out of the page: static pictures, no sorting and no filter
	Width  int     // of the terminal that the text is for, in characters; 0 means that of files
}

// Select says which summaries a table holds; empty fields select everything.
type Select struct{ Dataset, Metric string }

// Tabulate returns the table of the selected summaries: a row for each model, a column for each data set and measure. With a metric selected it is models
// x data sets, with a data set selected models x measures. Columns that only yardsticks have are left out. Cells hold the median with its interval; failed runs are counted in the cell.
func Tabulate(sums []Summary, sel Select) Table { return tabulated(sums, sel, nil) }

// tabulated is Tabulate with published figures as grey rows at the end.
func tabulated(sums []Summary, sel Select, published []Published) Table {
	sums = slices.DeleteFunc(slices.Clone(sums), func(s Summary) bool {
		return sel.Dataset != "" && s.Dataset != sel.Dataset || sel.Metric != "" && s.Measure.Metric != sel.Metric
	})
	type column struct {
		dataset string
		measure Measure
	}
	of := map[column]bool{} // columns that some model has
	for _, s := range sums {
		if !s.Reference() {
			of[column{s.Dataset, s.Measure}] = true
		}
	}
	if len(of) > 0 { // a table of yardsticks alone keeps them
		sums = slices.DeleteFunc(sums, func(s Summary) bool { return !of[column{s.Dataset, s.Measure}] })
	}
	var cols []column
	var rows []Summary
	at := map[string]map[column]Summary{}
	for _, s := range sums {
		c := column{s.Dataset, s.Measure}
		if !slices.Contains(cols, c) {
			cols = append(cols, c)
		}
		if at[s.Row] == nil {
			at[s.Row] = map[column]Summary{}
			rows = append(rows, s)
		}
		at[s.Row][c] = s
	}
	slices.SortStableFunc(rows, func(a, b Summary) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Row, b.Row)) })
	t := Table{ID: strings.Trim("table-"+sel.Dataset+"-"+sel.Metric, "-"), Title: sel.title(), Head: []string{"model"}}
	all := make([]Measure, len(cols))
	for i, c := range cols {
		all[i] = c.measure
	}
	for _, c := range cols {
		head := measureLabel(c.measure, all, sel.Metric == "")
		if sel.Dataset == "" {
			head = strings.TrimSpace(c.dataset + " " + head)
		}
		t.Head = append(t.Head, head)
	}
	var seen marks
	for i, r := range rows {
		row := Row{Cells: []Cell{{Text: rowTitle(r), Left: true}}, Rule: r.Reference() && i > 0 && !rows[i-1].Reference(), Reference: r.Reference()}
		for _, c := range cols {
			s, ok := at[r.Row][c]
			if !ok {
				row.Cells = append(row.Cells, Cell{Text: "–", Title: "not measured"})
				continue
			}
			row.Cells = append(row.Cells, seen.cell(s))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Notes = seen.notes()
	sets := make([]string, len(cols))
	for i, c := range cols {
		sets[i] = c.dataset
	}
	if grey := publishedRows(published, sums, sets, all); len(grey) > 0 && len(rows) > 0 {
		t.Rows, t.Notes = append(t.Rows, grey...), append(t.Notes, publishedNote)
	}
	return t
}

func (s Select) title() string {
	switch {
	case s.Metric != "" && s.Dataset != "":
		return columnTitle(s.Metric) + " on " + s.Dataset
	case s.Metric != "":
		return columnTitle(s.Metric) + " of every model on every data set"
	case s.Dataset != "":
		return "Everything measured on " + s.Dataset
	}
	return "Everything measured"
}

func rowTitle(s Summary) string {
	switch s.Model {
	case Real:
		return "real data (floor)"
	case Perfect:
		return "perfect sampler"
	case Noise:
		return "untrained (noise)"
	}
	return s.Row
}

// measureLabel names a measure by its metric and the parts in which the measures of the table differ; the featurizer always, since without it a distance
// means nothing.
func measureLabel(m Measure, all []Measure, metric bool) string {
	var parts []string
	if m.Featurizer != "" && m.Featurizer != "none" {
		parts = append(parts, m.Featurizer)
	}
	differ := func(get func(Measure) string) bool {
		return slices.ContainsFunc(all, func(o Measure) bool { return o.Metric == m.Metric && o.Featurizer == m.Featurizer && get(o) != get(m) })
	}
	if differ(func(o Measure) string { return o.Protocol }) {
		parts = append(parts, m.Protocol)
	}
	if differ(func(o Measure) string { return o.Reference }) {
		parts = append(parts, "vs "+m.Reference)
	}
	if differ(func(o Measure) string { return fmt.Sprint(o.N) }) {
		parts = append(parts, fmt.Sprintf("N=%d", m.N))
	}
	label := ""
	if metric {
		label = columnTitle(m.Metric)
	}
	if len(parts) > 0 {
		label += " (" + strings.Join(parts, ", ") + ")"
	}
	return strings.TrimSpace(label)
}

// marks collects which marks occur, so that the legend explains those and no others.
type marks struct{ best, tied, floor, noise, doubt, rng, failed, few bool }

func (m *marks) cell(s Summary) Cell {
	value, interval := valueText(s)
	c := Cell{Text: value, Sub: interval, Best: s.Best, Tied: s.Tied, Title: hover(s)}
	m.best, m.tied = m.best || s.Best, m.tied || s.Tied
	m.rng = m.rng || !s.Covered && len(s.Values) > 1
	m.few = m.few || !s.Best && !s.Reference() && !s.Significant && (s.Better == Lower || s.Better == Higher)
	if s.Failed > 0 {
		c.Failed = fmt.Sprintf("%d/%d failed", s.Failed, s.N())
		m.failed = true
	}
	for _, f := range []struct {
		on   bool
		flag string
		note *bool
	}{{s.BeatsFloor, "†", &m.floor}, {s.LosesNoise, "‡", &m.noise}, {s.Unreliable > 0, "?", &m.doubt}} {
		if f.on {
			c.Flag += f.flag
			*f.note = true
		}
	}
	return c
}

func (m *marks) notes() []string {
	var notes []string
	for _, n := range []struct {
		on   bool
		text string
	}{
		{m.best, "* best median of its column"},
		{m.tied, "≈ cannot be told from the best (exact Mann-Whitney, Holm, p > 0.05)"},
		{m.few, "some models have too few runs to be told from the best by any test: read the order as a guess"},
		{m.rng, "[a, b] covers the median at 95 %; (a–b) is the range of fewer than 6 runs, for which no such interval exists"},
		{m.failed, "failed runs count as the worst possible value"},
		{m.floor, "† better than held-out real data: check for memorisation, or draw more samples"},
		{m.noise, "‡ no better than an untrained generator"},
		{m.doubt, "? a value carries a warning: see the warnings below, or the records"},
	} {
		if n.on {
			notes = append(notes, n.text)
		}
	}
	return notes
}

func valueText(s Summary) (value, interval string) {
	switch v := s.Ranked(); {
	case len(s.Values) == 0:
		return "no value", ""
	case len(v) == 1 || s.Interval.Lo == s.Interval.Hi:
		return Number(s.Median), ""
	case s.Covered:
		return Number(s.Median), fmt.Sprintf("[%s, %s]", Number(s.Interval.Lo), Number(s.Interval.Hi))
	default:
		return Number(s.Median), fmt.Sprintf("(%s–%s)", Number(s.Interval.Lo), Number(s.Interval.Hi))
	}
}

func hover(s Summary) string {
	text := fmt.Sprintf("median of %s", plural(s.N(), "run", "runs"))
	if s.Settings > 1 {
		text += fmt.Sprintf(" over %d settings", s.Settings)
	}
	if len(s.Values) > 1 {
		text += fmt.Sprintf("; mean %s, standard error %s, interquartile mean %s", Number(s.Mean), Number(s.StdErr), numberCell(s.IQM).Text)
	}
	if s.Floor != nil && *s.Floor > 0 && s.Better == Lower && !math.IsInf(s.Median, 0) {
		text += fmt.Sprintf("; %s times the floor of %s", Number(s.Median / *s.Floor), Number(*s.Floor))
	}
	return text
}

// split cuts a table into several of at most so many characters a line, each with the first column; the legend goes with the last.
func (t Table) split(width int) []Table {
	widths := t.widths()
	size := func(col int) int { return widths[col] + 3 }
	var parts [][]int
	used := width + 1
	for col := 1; col < len(t.Head); col++ {
		if used += size(col); used > width {
			parts, used = append(parts, []int{0}), 1+size(0)+size(col)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], col)
	}
	if len(parts) < 2 {
		return []Table{t}
	}
	var out []Table
	for i, cols := range parts {
		part := Table{ID: t.ID, Title: fmt.Sprintf("%s (%d of %d)", t.Title, i+1, len(parts)), Plain: t.Plain}
		for _, c := range cols {
			part.Head = append(part.Head, t.Head[c])
		}
		for _, r := range t.Rows {
			row := r
			row.Cells = nil
			for _, c := range cols {
				row.Cells = append(row.Cells, r.Cells[c])
			}
			part.Rows = append(part.Rows, row)
		}
		out = append(out, part)
	}
	out[len(out)-1].Notes = t.Notes
	return out
}
