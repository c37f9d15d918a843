package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/quote"
)

// What one screen holds of each kind; the rest is counted, and told by the other formats.
const (
	screenModels   = 16
	screenMeasures = 6
	screenWarnings = 3
	screenClaims   = 8
	screenLabel    = 12 // columns of the words at the left
	screenLines    = 2  // of a list
)

// Screen writes what one screen of a terminal holds: who scored what, what the mode detectors say, what is claimed, what failed and what warns, and where all of it is.
// Lines are Options.Width long, TextWidth where it is 0.
func Screen(w io.Writer, r *Report) error {
	s := screen{Report: r, width: cmp.Or(r.Options.Width, TextWidth)}
	s.head()
	s.scores()
	s.verdicts()
	s.claims()
	s.failures()
	s.warnings()
	s.ways()
	_, err := s.WriteTo(w)
	return err
}

// screen is a Screen in the making.
type screen struct {
	*Report
	bytes.Buffer
	width int
}

// head is the run in one line: its size, its cost, and the build that made it.
func (s *screen) head() {
	failed, core := map[string]bool{}, map[string]float64{}
	builds := map[string]bool{}
	for _, r := range Final(Distinct(s.Run.Records)) {
		failed[r.Cell] = failed[r.Cell] || r.CellFailed()
		core[r.Cell] = max(core[r.Cell], r.Cost.CPUSeconds)
		if b := strings.TrimSpace(r.Provenance.Version + " " + r.Provenance.Kernel); b != "" {
			builds[b] = true
		}
	}
	bad, total := 0, 0.
	for cell := range failed {
		if failed[cell] {
			bad++
		}
		total += core[cell]
	}
	left := fmt.Sprintf("%s: %s, %d failed", oneLine(s.Title), plural(len(failed), "cell", "cells"), bad)
	if total > 0 {
		left += ", " + duration(total) + " of one core"
	}
	right := fmt.Sprintf("%d builds", len(builds))
	if len(builds) < 2 {
		right = oneLine(strings.Join(slices.Collect(maps.Keys(builds)), ""))
	}
	if gap := s.width - utf8.RuneCountInString(left) - utf8.RuneCountInString(right); gap > 1 {
		left += strings.Repeat(" ", gap) + right
	}
	s.WriteString(strings.TrimRight(left, " ") + "\n")
}

// scores is the table: models by data sets of the headline metric, or of one data set by the first measures.
func (s *screen) scores() {
	cols := s.columns()
	if len(cols) == 0 {
		return
	}
	rows := s.rows(cols)
	var seen marks
	heads := []string{""}
	for _, c := range cols {
		heads = append(heads, c.head)
	}
	cells, left := s.fitted(heads, rows, cols, &seen)
	fmt.Fprintf(s, "\n%s\n", s.caption(cols))
	for _, line := range aligned(cells) {
		s.WriteString(line + "\n")
	}
	for _, n := range append(left, seen.notes()...) {
		s.note("  ", n)
	}
}

// screenColumn is a column of the scores.
type screenColumn struct {
	head string
	sums []Summary
}

// columns chooses what is shown: on several data sets the headline metric in one way, on one the first measures that have a better side.
func (s *screen) columns() []screenColumn {
	byColumn := map[string]map[Measure][]Summary{}
	for _, one := range s.Sums {
		if byColumn[one.Dataset] == nil {
			byColumn[one.Dataset] = map[Measure][]Summary{}
		}
		byColumn[one.Dataset][one.Measure] = append(byColumn[one.Dataset][one.Measure], one)
	}
	sets := datasetsOf(s.Sums)
	var out []screenColumn
	for _, d := range sets {
		var have []Measure
		for _, one := range s.Sums {
			ranked := one.Better == Lower || one.Better == Higher || one.Measure.Metric == s.Metric
			if one.Dataset == d && ranked && !one.Reference() && !slices.Contains(have, one.Measure) && (len(sets) == 1 || one.Measure.Metric == s.Metric) {
				have = append(have, one.Measure)
			}
		}
		chosen := OneWay(have)
		if at := slices.IndexFunc(chosen, func(m Measure) bool { return m.Metric == s.Metric }); at > 0 { // it was asked for
			chosen = slices.Insert(slices.Delete(slices.Clone(chosen), at, at+1), 0, chosen[at])
		}
		for _, m := range chosen[:min(len(chosen), screenMeasures)] {
			head := d
			if len(sets) == 1 {
				head = columnTitle(m.Metric)
			}
			out = append(out, screenColumn{oneLine(head), byColumn[d][m]})
		}
	}
	return out
}

// rows are the rows' names, the best models first by their mean rank over the columns they are in, and after them the yardsticks. Of a study what was trained again
// with the best settings stands for a model.
func (s *screen) rows(cols []screenColumn) []Summary {
	place, count := map[string]float64{}, map[string]float64{}
	first := map[string]Summary{}
	for _, c := range cols {
		field := slices.DeleteFunc(slices.Clone(c.sums), func(t Summary) bool { return !contender(t, c.sums) })
		for _, t := range field {
			beaten := 1
			for _, o := range field {
				if better(t.Better, o.Median, t.Median) {
					beaten++
				}
			}
			place[t.Row], count[t.Row] = place[t.Row]+float64(beaten), count[t.Row]+1
			first[t.Row] = t
		}
		for _, t := range c.sums {
			if t.Reference() {
				first[t.Row] = t
			}
		}
	}
	out := slices.Collect(maps.Values(first))
	mean := func(t Summary) float64 { return place[t.Row] / max(count[t.Row], 1) }
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(mean(a), mean(b)), strings.Compare(a.Row, b.Row))
	})
	return out
}

// fitted are the cells of the table, and what had to be left out of it.
func (s *screen) fitted(heads []string, rows []Summary, cols []screenColumn, seen *marks) (cells [][]string, left []string) {
	models := 0
	for _, r := range rows {
		if !r.Reference() {
			models++
		}
	}
	lines := [][]string{heads}
	shown := 0
	for _, r := range rows {
		if !r.Reference() {
			if shown++; shown > screenModels {
				continue
			}
		}
		lines = append(lines, scoreLine(r, cols))
	}
	if models > screenModels {
		left = append(left, fmt.Sprintf("and %d models more", models-screenModels))
	}
	kept := len(heads)
	for kept > 2 && utf8.RuneCountInString(aligned(lines)[0]) > s.width {
		kept--
		for i := range lines {
			lines[i] = lines[i][:kept]
		}
	}
	if gone := len(heads) - kept; gone > 0 {
		left = append(left, "left out at this width: "+strings.Join(heads[kept:], ", "))
	}
	for i, r := range rows { // the legend is of what is shown
		if i < min(models, screenModels) || r.Reference() {
			for _, c := range cols[:kept-1] {
				if at := slices.IndexFunc(c.sums, func(t Summary) bool { return t.Row == r.Row }); at >= 0 {
					seen.cell(c.sums[at])
				}
			}
		}
	}
	if seen.rng = false; seen.failed { // no interval is shown here
		seen.failed, left = false, append(left, "✗ some runs failed and count as the worst possible value")
	}
	return lines, left
}

func scoreLine(r Summary, cols []screenColumn) []string {
	line := []string{noCommand(oneLine(rowTitle(r)))}
	for _, c := range cols {
		at := slices.IndexFunc(c.sums, func(t Summary) bool { return t.Row == r.Row })
		if at < 0 {
			line = append(line, "–")
			continue
		}
		var m marks
		cell := m.cell(c.sums[at])
		cell.Sub = ""
		if cell.Failed != "" {
			cell.Failed, cell.Flag = "", cell.Flag+"✗"
		}
		line = append(line, cell.Mark())
	}
	return line
}

// caption names the measure and how many runs a value is the median of.
func (s *screen) caption(cols []screenColumn) string {
	least, most := 0, 0
	for _, c := range cols {
		for _, t := range c.sums {
			if contender(t, c.sums) {
				if least == 0 || t.N() < least {
					least = t.N()
				}
				most = max(most, t.N())
			}
		}
	}
	runs := plural(most, "run", "runs")
	if least < most {
		runs = fmt.Sprintf("%d to %d runs", least, most)
	}
	what := cols[0].sums[0]
	if len(datasetsOf(s.Sums)) == 1 {
		name := "Scores"
		if what.Dataset != "" {
			name += " on " + oneLine(what.Dataset)
		}
		return name + ", medians of " + runs
	}
	side := map[string]string{Lower: ", lower is better", Higher: ", higher is better"}[what.Better]
	return fmt.Sprintf("%s%s; medians of %s", columnTitle(s.Metric), side, runs)
}

// aligned puts the first column to the left and the others to the right, with the marks behind the numbers in a column of their own.
func aligned(cells [][]string) []string {
	number, mark := make([]int, len(cells[0])), make([]int, len(cells[0]))
	for _, row := range cells {
		for i, c := range row {
			n, m := marked(c, i)
			number[i], mark[i] = max(number[i], n), max(mark[i], m)
		}
	}
	for i, h := range cells[0] { // a head stands over both
		number[i] = max(number[i], utf8.RuneCountInString(h)-mark[i])
	}
	var out []string
	for k, row := range cells {
		line := ""
		for i, c := range row {
			n, m := marked(c, i)
			switch {
			case i == 0:
				line += c + strings.Repeat(" ", number[0]-n)
			case k == 0:
				line += "  " + strings.Repeat(" ", number[i]+mark[i]-utf8.RuneCountInString(c)) + c
			default:
				line += "  " + strings.Repeat(" ", number[i]-n) + c + strings.Repeat(" ", mark[i]-m)
			}
		}
		out = append(out, "  "+line)
	}
	width := 0
	for _, l := range out {
		width = max(width, utf8.RuneCountInString(strings.TrimRight(l, " ")))
	}
	for i := range out {
		out[i] = strings.TrimRight(out[i], " ")
	}
	out[0] += strings.Repeat(" ", max(0, width-utf8.RuneCountInString(out[0]))) // the first line is as long as the longest
	return out
}

// marked is how long the number and the marks of a cell are. The first column has no marks.
func marked(c string, col int) (number, mark int) {
	all := utf8.RuneCountInString(c)
	if col == 0 {
		return all, 0
	}
	if at := strings.IndexByte(c, ' '); at >= 0 {
		number = utf8.RuneCountInString(c[:at])
		return number, all - number
	}
	return all, 0
}

// verdicts lists whom the mode detectors gave a word.
func (s *screen) verdicts() {
	hits, cells := verdictCounts(s.Run)
	words := map[string][]string{}
	for w, n := range hits {
		if w.word != "healthy" && w.word != "" {
			where := w.model
			if w.dataset != "" {
				where += " on " + w.dataset
			}
			words[w.word] = append(words[w.word], fmt.Sprintf("%s %d/%d", oneLine(where), n, cells[verdictAt{"", w.model, w.dataset}]))
		}
	}
	if len(words) > 0 {
		s.WriteByte('\n')
	}
	for _, word := range slices.Sorted(maps.Keys(words)) {
		slices.Sort(words[word])
		s.list(word, words[word])
	}
}

// claims says of each claim whether it holds.
func (s *screen) claims() {
	if len(s.Verdicts) == 0 {
		return
	}
	s.WriteByte('\n')
	for _, v := range s.Verdicts[:min(len(s.Verdicts), screenClaims)] {
		word := fmt.Sprintf("%-*s ", screenLabel, oneLine(v.Word))
		s.note(word, v.Sentence())
	}
	if more := len(s.Verdicts) - screenClaims; more > 0 {
		s.note("", fmt.Sprintf("and %s more", plural(more, "claim", "claims")))
	}
}

func (s *screen) failures() {
	count := map[string]int{}
	for _, f := range Failures(s.Run.Records) {
		if f.Metric == "" {
			count[f.Model+" on "+f.Dataset]++
		}
	}
	var parts []string
	for _, where := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s %d", oneLine(where), count[where]))
	}
	if len(parts) > 0 {
		s.WriteByte('\n')
		s.list("failed", parts)
	}
}

func (s *screen) warnings() {
	kinds := Warnings(Where(s.Run.Records, func(r Record) bool { return !IsReference(r.Model) })) // those of the yardsticks are in the tables
	if len(kinds)+len(s.Run.Notes) > 0 {
		s.WriteByte('\n')
	}
	for _, n := range s.Run.Notes {
		s.note("! ", n)
	}
	for _, k := range kinds[:min(len(kinds), screenWarnings)] {
		s.note("! ", fmt.Sprintf("%s (%s)", k.Text, plural(k.Values, "value", "values")))
	}
	if more := len(kinds) - screenWarnings; more > 0 {
		s.note("! ", fmt.Sprintf("and %s of warning more", plural(more, "kind", "kinds")))
	}
}

// ways says where the whole report is and what can be done with the run.
func (s *screen) ways() {
	if s.Run.Dir == "" {
		return
	}
	dir := quote.Shell(s.Run.Dir)
	fmt.Fprintf(s, "\n%-*s%s/report.html\n%-*sassay report %s\n%-*sassay gate --write baseline.jsonl %s\n", screenLabel, "Open", oneLine(s.Run.Dir), screenLabel, "All tables", oneLine(dir), screenLabel, "Gate", oneLine(dir))
}

// list writes a word and what belongs to it, in at most screenLines lines.
func (s *screen) list(label string, items []string) {
	room := s.width - screenLabel
	lines := []string{""}
	for i, item := range items {
		more := fmt.Sprintf(" and %d more", len(items)-i)
		if r := []rune(item); len(r)+1+len(more) > room {
			item = string(r[:max(1, room-2-len(more))]) + "…"
		}
		if i+1 < len(items) {
			item += ","
		}
		last := lines[len(lines)-1]
		final := len(lines) == screenLines
		need := utf8.RuneCountInString(last) + 1 + utf8.RuneCountInString(item)
		if final && i+1 < len(items) {
			need += utf8.RuneCountInString(more)
		}
		switch {
		case last == "":
			lines[len(lines)-1] = item
		case need <= room:
			lines[len(lines)-1] = last + " " + item
		case final:
			lines[len(lines)-1] = strings.TrimSuffix(last, ",") + more
			s.indented(label, lines)
			return
		default:
			lines = append(lines, item)
		}
	}
	s.indented(label, lines)
}

func (s *screen) indented(label string, lines []string) {
	for i, line := range lines {
		fmt.Fprintf(s, "%-*s%s\n", screenLabel, map[bool]string{true: oneLine(label), false: ""}[i == 0], line)
	}
}

// note writes a sentence behind a mark, in as many lines as it takes.
func (s *screen) note(mark, text string) {
	for i, line := range folded(quote.Flat(text), s.width-len(mark)) {
		fmt.Fprintf(s, "%s%s\n", map[bool]string{true: mark, false: strings.Repeat(" ", len(mark))}[i == 0], line)
	}
}
