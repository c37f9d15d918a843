package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

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
