package reports

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/reports/stats"
)

// chart is a figure of the page: a static picture that needs no script and prints, and the specification of its interactive form.
type chart struct {
	ID, Title, Caption string
	Dataset, Model     string // whom it is of, where it is of one; what the page filters by
	Other              bool   // the headline metric in another way than that of the first screen
	Legend             []legend
	Static             template.HTML
	Spec               template.HTML // JSON inside a data block
	Badge              *Verdict
}

type legend struct{ Colour, Name string }

// spec is a Vega-Lite specification [satyanarayan2017].
type spec map[string]any

// encode writes a specification so that it can stand inside a script element: encoding/json escapes <, > and &.
func encode(s spec) (template.HTML, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("chart specification: %w", err)
	}
	return template.HTML(b), nil //nolint:gosec // see above
}

// models returns the model rows of a report in the order that gives them their colours.
func (r *Report) models() []string {
	var names []string
	for _, s := range r.Sums {
		if !s.Reference() && !slices.Contains(names, s.Row) {
			names = append(names, s.Row)
		}
	}
	slices.Sort(names)
	return names
}

// distributions makes, for every data set and headline measure, a strip of all runs with a box for the middle half: the "are they created equal" figure.
func distributions(r *Report) ([]chart, error) {
	metric, names := Headline(r.Sums, r.Options.Metric), r.models()
	var out []chart
	for i := 0; i < len(r.Sums); {
		j := i
		for j < len(r.Sums) && r.Sums[j].Dataset == r.Sums[i].Dataset && r.Sums[j].Measure == r.Sums[i].Measure {
			j++
		}
		col := slices.DeleteFunc(slices.Clone(r.Sums[i:j]), Summary.Reference)
		if r.Sums[i].Measure.Metric == metric && len(col) > 0 {
			c, err := distribution(col, names, measuresOn(r.Sums, r.Sums[i].Dataset))
			if err != nil {
				return nil, err
			}
			c.ID = fmt.Sprintf("distribution-%d", len(out))
			if first := r.headlineOn(c.Dataset); len(first) > 0 {
				c.Other = first[0].Measure != r.Sums[i].Measure
			}
			out = append(out, c)
		}
		i = j
	}
	return out, nil
}

// nameWidth is how many characters of a model's name a chart shows.
const nameWidth = 24

// nameRoom is about how wide the longest of some names is as a chart shows it, in pixels.
func nameRoom(names []string) (w float64) {
	for _, n := range names {
		w = max(w, 6.4*float64(utf8.RuneCountInString(short(n, nameWidth))))
	}
	return w
}

// Measures of a picture of distributions, in pixels.
const (
	distributionTop = 18
	distributionRow = 30
)

// distributionPicture draws a row for each summary: a dot for each run, a box for the middle half, a bar at the median. It returns the scale of the values too.
func distributionPicture(col []Summary, names []string, label string) (*svg, scale) {
	const w, right, bottom = 560, 46, 34
	rows := make([]string, len(col))
	for i, s := range col {
		rows[i] = s.Row
	}
	left := 22 + nameRoom(rows)
	h := float64(distributionTop + distributionRow*len(col) + bottom)
	pic := newSVG(w, h)
	var all []float64
	for _, s := range col {
		all = append(all, s.Values...)
	}
	floor := col[0].Floor
	if floor != nil {
		all = append(all, *floor)
	}
	x := newScale(left, w-right, all...)
	for _, t := range x.ticks(6) {
		pic.line("grid", x.at(t), distributionTop, x.at(t), h-bottom)
		pic.text("tick mid", x.at(t), h-bottom+14, tick(t))
	}
	pic.text("label mid", (left+w-right)/2, h-4, label+direction(col[0].Better)+logNote(x.log))
	if floor != nil {
		pic.line("floor", x.at(*floor), distributionTop-4, x.at(*floor), h-bottom)
		pic.text("tick mid", x.at(*floor), distributionTop-8, "real data")
	}
	for i, s := range col {
		at := slices.Index(names, s.Row)
		y, class := distributionTop+distributionRow*(float64(i)+.5), colour(at)
		pic.text("name end", left-10, y+4, short(s.Row, nameWidth))
		if len(s.Values) >= 5 {
			q1, q3 := stats.Quantile(s.Values, .25), stats.Quantile(s.Values, .75)
			pic.rect("box "+class, x.at(q1), y-9, x.at(q3)-x.at(q1), 18)
		}
		shown, seeds := spread(s, dotsFor(len(col)))
		for k, v := range shown {
			pic.marker("dot "+class, at, x.at(v), y+jitter(k)*2.2, 3.4, fmt.Sprintf("%s, seed %d: %s", s.Row, seeds[k], Number(v)))
		}
		if m := stats.Median(s.Values); len(s.Values) > 1 {
			pic.line("median "+class, x.at(m), y-11, x.at(m), y+11)
		}
		if s.Failed > 0 {
			pic.text("bad", w-right+8, y+4, fmt.Sprintf("✕ %d", s.Failed))
		}
	}
	return pic, x
}

// jitter moves the k-th dot of a row off the line, so that neighbours can be told apart.
func jitter(k int) float64 { return float64(k*7%5 - 2) }

// distribution draws a column; its label tells its measure from all others of the data set.
func distribution(col []Summary, names []string, all []Measure) (chart, error) {
	label := measureLabel(col[0].Measure, all, true)
	models := len(col)
	col = first(col, maxDistribution)
	pic, x := distributionPicture(col, names, label)
	failed, thinned := 0, false
	var values, lost []map[string]any
	order := make([]string, len(col))
	for i, s := range col {
		order[i], failed = s.Row, failed+s.Failed
		shown, seeds := spread(s, dotsFor(len(col)))
		thinned = thinned || len(shown) < len(s.Values)
		for k, v := range shown {
			values = append(values, map[string]any{"model": s.Row, "value": round4(v), "seed": seeds[k], "jitter": jitter(k), "box": len(s.Values) >= 5})
		}
		if s.Failed > 0 {
			lost = append(lost, map[string]any{"model": s.Row, "text": fmt.Sprintf("✕ %d", s.Failed), "runs": fmt.Sprintf("%d of %d failed", s.Failed, s.N())})
		}
	}
	c := chart{Title: strings.TrimPrefix(col[0].Dataset+": "+label, ": "), Dataset: col[0].Dataset, Static: pic.html(fmt.Sprintf("Distribution of %s on %s: one dot a run, a box for the middle half. The numbers are in the results table.", label, col[0].Dataset))}
	if failed > 0 {
		c.Caption = fmt.Sprintf("✕: %s failed and cannot be drawn; failures rank last.", plural(failed, "run", "runs"))
	}
	if thinned {
		c.Caption += fmt.Sprintf(" Of a model with more than %d runs as many are drawn, evenly spaced in rank.", dotsFor(len(col)))
	}
	if models > len(col) {
		c.Caption += fmt.Sprintf(" Of %d models the best %d by their median are drawn.", models, len(col))
	}
	c.Caption += stopNote(col)
	var err error
	c.Spec, err = encode(distributionSpec(values, lost, order, names, label+direction(col[0].Better)+logNote(x.log), x, col[0].Floor))
	return c, err
}

// Bounds of what a distribution draws.
const (
	maxDistribution = 40   // models
	maxDots         = 120  // runs of one
	leastDots       = 40   // of one, where there are many models
	allDots         = 1200 // runs
)

// dotsFor is how many runs of a model are drawn where there are so many models.
func dotsFor(models int) int { return max(leastDots, min(maxDots, allDots/max(models, 1))) }

// first keeps the best rows of a column by their medians, in the old order; without a better side the first.
func first(col []Summary, most int) []Summary {
	if len(col) <= most {
		return col
	}
	order := make([]int, len(col))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return byMedian(col[i], col[j]) })
	kept := order[:most]
	slices.Sort(kept)
	out := make([]Summary, most)
	for k, i := range kept {
		out[k] = col[i]
	}
	return out
}

// spread returns the values to draw with their seeds: all of them, or so many evenly spaced in rank, which keeps the quartiles and the ends.
func spread(s Summary, maxDots int) (values []float64, seeds []uint64) {
	n := len(s.Values)
	if n <= maxDots {
		return s.Values, s.Seeds
	}
	order := ascending(s.Values)
	for k := range maxDots {
		at := order[k*(n-1)/(maxDots-1)]
		values, seeds = append(values, s.Values[at]), append(seeds, s.Seeds[at])
	}
	return values, seeds
}

func distributionSpec(values, lost []map[string]any, order, names []string, title string, x scale, floor *float64) spec {
	position := spec{"field": "value", "type": "quantitative", "title": title, "scale": scaleSpec(x), "axis": axisSpec(x, 6)}
	rows := spec{"field": "model", "type": "nominal", "title": nil, "sort": order, "axis": spec{"labelFontSize": 12, "grid": false, "ticks": false, "domain": false}}
	tint := spec{"field": "model", "type": "nominal", "legend": nil, "scale": spec{"domain": names}}
	layers := []spec{
		{"transform": []spec{{"filter": "datum.box"}}, "mark": spec{"type": "boxplot", "extent": "min-max", "size": 18, "opacity": .25, "ticks": false, "median": false, "rule": false},
			"encoding": spec{"x": position, "y": rows, "color": tint}},
		{"mark": spec{"type": "tick", "thickness": 2.5, "size": 22}, "encoding": spec{"x": with(position, "aggregate", "median"), "y": rows, "color": tint}},
		{"mark": spec{"type": "circle", "size": 42, "opacity": .85}, "encoding": spec{"x": position, "y": rows, "color": tint,
			"yOffset": spec{"field": "jitter", "type": "quantitative", "scale": spec{"domain": []int{-6, 6}}},
			"tooltip": []spec{{"field": "model"}, {"field": "value", "type": "quantitative"}, {"field": "seed"}}}},
	}
	if shape := byRound(names, shapes); shape != nil {
		dots := layers[len(layers)-1]
		dots["mark"] = spec{"type": "point", "filled": true, "size": 46, "opacity": .85}
		dots["encoding"].(spec)["shape"] = shape
	}
	if floor != nil {
		layers = append(layers, spec{"data": spec{"values": []spec{{"value": round4(*floor), "what": "real data"}}}, "mark": spec{"type": "rule", "strokeDash": []int{4, 3}},
			"encoding": spec{"x": position, "tooltip": []spec{{"field": "what", "title": "floor"}, {"field": "value", "type": "quantitative"}}}},
			spec{"data": spec{"values": []spec{{"value": round4(*floor)}}}, "mark": spec{"type": "text", "text": "real data", "y": -7, "fontSize": 11}, "encoding": spec{"x": position}})
	}
	if len(lost) > 0 {
		layers = append(layers, spec{"data": spec{"values": lost}, "mark": spec{"type": "text", "x": "width", "dx": 14, "align": "left", "style": "bad"},
			"encoding": spec{"y": rows, "text": spec{"field": "text"}, "tooltip": []spec{{"field": "model"}, {"field": "runs"}}}})
	}
	return spec{"width": "container", "height": 30 * len(order), "padding": spec{"top": 16, "left": 2, "right": 34, "bottom": 2}, "data": spec{"values": values}, "layer": layers}
}

// byRound gives each model what its round of the palette has: a shape of dot or a dash of line. It is nil where the colours are enough.
func byRound[T any](names []string, of []T) spec {
	if len(names) <= palette {
		return nil
	}
	var out []T
	for i := range names {
		out = append(out, of[min(i/palette, len(of)-1)])
	}
	return spec{"field": "model", "type": "nominal", "legend": nil, "scale": spec{"domain": names, "range": out}}
}

func scaleSpec(s scale) spec {
	if s.log {
		return spec{"type": "log", "domain": []float64{round4(s.lo), round4(s.hi)}, "nice": false}
	}
	return spec{"domain": []float64{round4(s.lo), round4(s.hi)}, "nice": false, "zero": false}
}

// with returns a copy of a specification with one more field.
func with(s spec, name string, value any) spec {
	out := maps.Clone(s)
	out[name] = value
	return out
}

// axisSpec puts the ticks where the static picture has them.
func axisSpec(s scale, n int) spec {
	return spec{"values": s.ticks(n), "labelExpr": "abs(datum.value) >= 10000 ? datum.value / 1000 + 'k' : datum.value == 0 || abs(datum.value) >= 0.001 ? '' + format(datum.value, '.4~g') : format(datum.value, '.0e')"}
}

func direction(better string) string {
	switch better {
	case Lower:
		return " — lower is better"
	case Higher:
		return " — higher is better"
	}
	return ""
}

func logNote(log bool) string {
	if log {
		return ", log scale"
	}
	return ""
}

// short cuts a name to so many characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
