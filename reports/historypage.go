package reports

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
)

// historyPage is what the template gets.
type historyPage struct {
	Title, Meta, Policy string
	Style               template.CSS
	Sentence            string
	Notes               []string
	Groups              []gallery
	Tables              []Table
}

// historyChart is the picture of a series.
type historyChart struct {
	Title, Caption string
	Changes        []string
	Worse, Better  bool // of its last change
	Static         template.HTML
}

// HistoryHTML writes the series as one page that needs nothing else: no network, no script, no file beside it.
func HistoryHTML(w io.Writer, h *History, series []HistorySeries, title string) error {
	style, err := pageStyle()
	if err != nil {
		return err
	}
	if title == "" {
		title = "History"
	}
	p := historyPage{Title: title, Style: style, Policy: staticPolicy,
		Meta: plural(len(h.Runs), "run", "runs") + h.span() + ", " + h.Name, Sentence: historySentence(series), Notes: h.Notes}
	for _, s := range series {
		p.Groups = into(p.Groups, s.Dataset, s.chart())
		p.Tables = append(p.Tables, s.table())
	}
	return fillPage(w, "history.html", nil, p)
}

// chart draws the runs: the median as a dot on a line, the seeds as a bar from the least to the greatest, the band behind, a rule at every change.
func (s HistorySeries) chart() historyChart {
	const width, height, left, bottom, top = 560, 220, 48, 34, 10
	values := []float64{}
	for _, p := range s.Points {
		values = append(append(values, p.Values...), float64(p.Median))
		if p.Band != nil {
			values = append(values, p.Band.Lo, p.Band.Hi)
		}
	}
	y := newScale(height-bottom, top, values...)
	n := len(s.Points)
	x := func(i float64) float64 { return left + (i+.5)*(width-left-8)/float64(n) }
	pic := newSVG(width, height)
	for _, v := range y.ticks(4) {
		pic.line("grid", left, y.at(v), width-8, y.at(v))
		pic.text("tick end", left-6, y.at(v)+4, tick(v))
	}
	s.drawBands(pic, x, y)
	for _, c := range s.Changes {
		at := x(float64(c.At) - .5)
		pic.line("floor", at, top, at, height-bottom)
	}
	var xs, ys []float64
	for i, p := range s.Points {
		at := x(float64(i))
		where := y.at(float64(p.Median))
		if len(p.Values) > 1 {
			pic.line("curve", at, y.at(slices.Min(p.Values)), at, y.at(slices.Max(p.Values)))
		}
		if math.IsInf(float64(p.Median), 0) {
			pic.text("bad mid", at, top+10, "×")
			where = math.NaN()
		} else {
			pic.circle("dot", at, where, 3.2, s.hover(p))
		}
		xs, ys = append(xs, at), append(ys, where)
	}
	pic.path("curve", xs, ys)
	for _, i := range labelled(n) {
		at, class := x(float64(i)), "tick mid"
		if i > 0 && i == n-1 { // the last label ends at the edge
			at, class = width-8, "tick end"
		}
		pic.text(class, at, height-bottom+16, shorten(s.Points[i].Run, 12))
		pic.text(class, at, height-bottom+29, (HistoryRun{Date: s.Points[i].Date}).day())
	}
	c := historyChart{Title: s.Row + ": " + measureLabel(s.Measure, []Measure{s.Measure}, true), Static: pic.html(s.Name() + " over " + plural(n, "run", "runs")), Caption: s.Better + " is better"}
	for _, ch := range s.Changes {
		c.Changes = append(c.Changes, ch.sentence())
		c.Worse, c.Better = ch.Worse, !ch.Worse
	}
	if s.Outside {
		c.Changes = append(c.Changes, "the last run is worse than its band: watch the next ones")
	}
	return c
}

// drawBands draws each stretch's band once.
func (s HistorySeries) drawBands(pic *svg, x func(float64) float64, y scale) {
	for i := 0; i < len(s.Points); {
		j := i + 1
		for j < len(s.Points) && s.Points[j].Band == s.Points[i].Band {
			j++
		}
		if b := s.Points[i].Band; b != nil {
			top, bottom := y.at(b.Hi), y.at(b.Lo)
			pic.rect("box", x(float64(i)-.5), min(top, bottom), x(float64(j)-.5)-x(float64(i)-.5), math.Abs(bottom-top))
		}
		i = j
	}
}

func (s HistorySeries) hover(p HistoryPoint) string {
	text := fmt.Sprintf("%s: %s", p.Run, Number(float64(p.Median)))
	if len(p.Values) > 1 {
		text += fmt.Sprintf(" (%d seeds, %s to %s)", len(p.Values), Number(slices.Min(p.Values)), Number(slices.Max(p.Values)))
	}
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed", p.Failed)
	}
	return text
}

// labelled are the runs that have a label: the first, the middle, the last.
func labelled(n int) []int {
	if n < 2 {
		return []int{0}
	}
	if n < 5 {
		return []int{0, n - 1}
	}
	return []int{0, n / 2, n - 1}
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// table lists the runs of a series, the newest first.
func (s HistorySeries) table() Table {
	t := Table{ID: strings.ToLower(strings.NewReplacer(" ", "-", ":", "").Replace(s.Name())), Title: s.Name(), Head: []string{"run", "date", "median", "seeds", "failed", ""}}
	for i := len(s.Points) - 1; i >= 0; i-- {
		p := s.Points[i]
		said := ""
		for _, c := range s.Changes {
			if c.At == i {
				said = c.sentence()
			}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.Run, Left: true}, {Text: (HistoryRun{Date: p.Date}).day(), Left: true}, {Text: Number(float64(p.Median))},
			{Text: fmt.Sprint(len(p.Values))}, {Text: fmt.Sprint(p.Failed)}, {Text: said, Left: true}}})
	}
	return t
}
