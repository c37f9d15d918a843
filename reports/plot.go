package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// plot is a picture with two axes.
type plot struct {
	*svg
	x, y scale
}

// newPlot makes a picture of the size with room for the axes and for names at the right.
func newPlot(w, h, left, right float64, xs, ys []float64) plot {
	const top, bottom = 22, 40
	return plot{newSVG(w, h), newScale(left, w-right, xs...), newScale(h-bottom, top, ys...)}
}

// axes draws the grid, the numbers and what the axes are of.
func (p plot) axes(across, up string) {
	for _, t := range p.x.ticks(6) {
		p.line("grid", p.x.at(t), p.y.to, p.x.at(t), p.y.from)
		p.text("tick mid", p.x.at(t), p.y.from+14, tick(t))
	}
	for _, t := range p.y.ticks(5) {
		p.line("grid", p.x.from, p.y.at(t), p.x.to, p.y.at(t))
		p.text("tick end", p.x.from-6, p.y.at(t)+4, tick(t))
	}
	p.text("label mid", (p.x.from+p.x.to)/2, p.h-6, across+logNote(p.x.log))
	p.text("label", p.x.from-6, p.y.to-9, up+logNote(p.y.log))
}

// within moves a value that the axis does not hold to its edge.
func (s scale) within(v float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	return s.at(min(max(v, s.lo), s.hi))
}

// unit makes an axis of shares.
func (s scale) unit() scale { return scale{lo: -.02, hi: 1.02, from: s.from, to: s.to} }

// named is a text beside a point, of one model.
type named struct {
	x, y        float64
	text, class string
}

// key lists models at the right of a picture with a stroke of each one's line, for lines that end in one place.
func (p plot) key(all []named) {
	for i, n := range all {
		x, y := p.x.to+14, p.y.to+float64(i)*15+4
		p.path("curve thick "+n.class, []float64{x, x + 18}, []float64{y, y})
		p.text("tick", x+24, y+4, short(n.text, nameWidth-6))
	}
}

// fitting are as many names as find room beside a picture.
func fitting(all []named) []named { return all[:min(len(all), 20)] }

// names writes names to the right of their points, moved apart where they would stand on each other, with a stroke to the point where one was moved.
func (p plot) names(all []named) {
	const line = 13
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b named) int { return cmp.Compare(a.y, b.y) })
	at := make([]float64, len(all))
	for i, n := range all {
		if at[i] = n.y + 4; i > 0 {
			at[i] = max(at[i], at[i-1]+line)
		}
	}
	for i, most := len(all)-1, p.y.from; i >= 0; i-- { // not below the axis
		at[i] = min(at[i], most)
		most = at[i] - line
	}
	for i, n := range all {
		x := p.x.to + 16
		p.line("lead "+n.class, n.x, n.y, x-3, at[i]-4)
		p.text("tick", x, at[i], short(n.text, nameWidth-4))
	}
}

// tints are the colours of models: of rows by the rows of the page, of what a study chose by its models, as in all of its pictures.
type tints struct{ rows, models []string }

// at is the place of a row's model, which gives it colour, dash and shape.
func (t tints) at(s Summary) int {
	if s.Role != "" {
		return max(0, slices.Index(t.models, s.Model))
	}
	return max(0, slices.Index(t.rows, s.Row))
}

// The most that a picture draws: further models are named in its caption, and further runs are in its data. A page with all of them could not be sent.
const (
	maxModelDots  = 40
	maxModelRows  = 30
	maxModelPairs = 20
	maxModelLines = 12
	maxRunDots    = 500
)

// ascending are the places of values from the least on, of equal ones in their order.
func ascending(v []float64) []int {
	at := make([]int, len(v))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	return at
}

// foremost is the first models of an order, and what a caption says of the rest.
func foremost(order []int, most int) ([]int, string) {
	if len(order) <= most {
		return order, ""
	}
	return order[:most], fmt.Sprintf(" The best %d of %d models.", most, len(order))
}

// leading is a column with the models of the best medians alone, in its order, its yardsticks, and what a caption says of the rest.
func leading(col []Summary) ([]Summary, string) {
	var models []Summary
	for _, s := range col {
		if !s.Reference() {
			models = append(models, s)
		}
	}
	if len(models) <= maxModelDots {
		return col, ""
	}
	slices.SortStableFunc(models, byMedian)
	kept := map[string]bool{}
	for _, s := range models[:maxModelDots] {
		kept[s.Row] = true
	}
	return slices.DeleteFunc(slices.Clone(col), func(s Summary) bool { return !s.Reference() && !kept[s.Row] }), fmt.Sprintf(" The best %d of %d models.", maxModelDots, len(models))
}

// sparse says whether only medians are drawn, of so many runs, and the sentence that says so.
func sparse(runs int) (bool, string) {
	if runs <= maxRunDots {
		return false, ""
	}
	return true, fmt.Sprintf(" Of more than %d runs the medians alone are drawn; the rest is in the figure's data.", maxRunDots)
}

// exact is a number in full precision for the data of a figure; what is none is empty.
func exact(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// runsOf says how many runs lie behind a picture: 3 runs, or 3 to 12 runs.
func runsOf(n []int) string { return counted(n, "run", "runs") }

// counted is how many there are in each of several places: their number, or the least and the greatest.
func counted(n []int, one, many string) string {
	if len(n) == 0 {
		return "no " + many
	}
	if lo, hi := slices.Min(n), slices.Max(n); lo != hi {
		return fmt.Sprintf("%d to %d %s", lo, hi, many)
	}
	return plural(n[0], one, many)
}

// sizes are the numbers of runs of summaries, those that failed among them.
func sizes(col []Summary) (n []int) {
	for _, s := range col {
		n = append(n, s.N())
	}
	return n
}
