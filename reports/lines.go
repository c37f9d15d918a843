package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// Points of a training curve that are drawn: longer ones are averaged over equal stretches. A page of many models has fewer for each, so that it stays one that can be sent.
const (
	maxKnots  = 120
	leastKnot = 40
	allKnots  = 2400 // of a series of every model together
)

func knotsFor(models int) int { return max(leastKnot, min(maxKnots, allKnots/max(models, 1))) }

// thin averages a series over equal stretches of its points.
func thin(s Series, knots int) Series {
	n := min(len(s.Steps), len(s.Values))
	out := Series{Name: s.Name}
	for i := range min(n, knots) {
		k := min(n, knots)
		from, to := i*n/k, (i+1)*n/k
		out.Steps = append(out.Steps, s.Steps[to-1])
		out.Values = append(out.Values, stats.Mean(s.Values[from:to]))
	}
	return out
}

// curves draws, for every model and data set, what its training logged.
func curves(shown []Shown) ([]chart, error) {
	var out []chart
	knots := knotsFor(len(shown))
	for _, s := range shown {
		if s.Curves == nil || len(s.Curves.Series) == 0 {
			continue
		}
		c, err := curve(s, knots)
		if err != nil {
			return nil, err
		}
		c.ID = fmt.Sprintf("curves-%d", len(out))
		out = append(out, c)
	}
	return out, nil
}

func curve(s Shown, knots int) (chart, error) {
	const w, h, left, bottom, top = 340, 190, 44, 22, 8
	var all, steps []float64
	var series []Series
	for _, one := range s.Curves.Series {
		t := thin(one, knots)
		series = append(series, t)
		for i, v := range t.Values {
			all, steps = append(all, v), append(steps, float64(t.Steps[i]))
		}
	}
	x, y := newScale(left, w-6, steps...), newScale(h-bottom, top, all...)
	x.lo, x.hi, x.log = 0, max(slices.Max(append(steps, 1)), 1), false
	pic := newSVG(w, h)
	for _, t := range y.ticks(5) {
		pic.line("grid", left, y.at(t), w-6, y.at(t))
		pic.text("tick end", left-5, y.at(t)+3.5, tick(t))
	}
	for _, t := range x.ticks(5) {
		pic.text("tick mid", min(x.at(t), w-16), h-7, tick(t))
	}
	c := chart{Title: s.Row, Model: s.Row, Caption: fmt.Sprintf("seed %d, over steps%s", s.Seed, logNote(y.log))}
	var values []map[string]any
	var names []string
	for i, one := range series {
		xs, ys := make([]float64, len(one.Steps)), make([]float64, len(one.Steps))
		at, value := []int{}, []float64{}
		for k, step := range one.Steps {
			xs[k], ys[k] = x.at(float64(step)), y.at(one.Values[k])
			if !math.IsNaN(one.Values[k]) && !math.IsInf(one.Values[k], 0) {
				at, value = append(at, step), append(value, round4(one.Values[k]))
			}
		}
		values = append(values, map[string]any{"step": at, "value": value, "series": one.Name})
		pic.path("curve "+lossColour(i), xs, ys)
		c.Legend = append(c.Legend, legend{lossColour(i), one.Name})
		names = append(names, one.Name)
	}
	c.Static = pic.html(fmt.Sprintf("Training curves of %s on %s: %s.", s.Row, s.Dataset, listed(names)))
	var err error
	c.Spec, err = encode(spec{"width": "container", "height": 150, "data": spec{"values": values}, "transform": []spec{{"flatten": []string{"step", "value"}}}, // columns are a third of the size of rows
		"params": []spec{{"name": "zoom", "select": spec{"type": "interval", "encodings": []string{"x"}, "zoom": "wheel![event.shiftKey]"}, "bind": "scales"}},
		"mark":   spec{"type": "line", "clip": true, "strokeWidth": 1.6, "point": spec{"opacity": 0, "size": 60}},
		"encoding": spec{"x": spec{"field": "step", "type": "quantitative", "title": nil, "scale": scaleSpec(x), "axis": with(axisSpec(x, 5), "grid", false)},
			"y":          spec{"field": "value", "type": "quantitative", "title": nil, "scale": scaleSpec(y), "axis": axisSpec(y, 5)},
			"color":      spec{"field": "series", "type": "nominal", "legend": nil, "scale": spec{"domain": names, "range": "ordinal"}}, // the page's colours of losses
			"strokeDash": spec{"field": "series", "type": "nominal", "legend": nil, "scale": spec{"domain": names, "range": dashes}},
			"tooltip":    []spec{{"field": "series"}, {"field": "step", "type": "quantitative"}, {"field": "value", "type": "quantitative"}}}})
	return c, err
}

// minBudget is how many runs a model needs for a budget curve to say anything.
const minBudget = 8

// budgets draws the expected best of k settings over k, for data sets on which some model ran with many: the figure that shows how much of a result is
// search [lucic2018]. Where failures make the expectation infinite the median stands in, which is finite.
func budgets(r *Report) ([]chart, error) {
	metric, names := Headline(r.Sums, r.Options.Metric), r.models()
	var out []chart
	for _, d := range datasetsOf(r.Sums) {
		var col []Summary
		for _, s := range r.Sums {
			if s.Dataset == d && s.Measure.Metric == metric && s.Settings >= minBudget && s.N() >= minBudget && len(s.Values) > 0 && (s.Better == Lower || s.Better == Higher) {
				if len(col) == 0 || s.Measure == col[0].Measure {
					col = append(col, s)
				}
			}
		}
		if len(col) == 0 {
			continue
		}
		c, err := budget(col, names, measureLabel(col[0].Measure, measuresOn(r.Sums, d), true))
		if err != nil {
			return nil, err
		}
		c.ID, c.Title, c.Dataset = fmt.Sprintf("budget-%d", len(out)), d, d
		out = append(out, c)
	}
	return out, nil
}

type bestOf struct{ k, mean, lo, hi float64 }

// bestAt is the expected best of k draws of a summary's values, which are sorted from the best on and negated where more is better.
func bestAt(v []float64, sign float64, k int) bestOf {
	mean := stats.ExpectedMin(v, k, true)
	if math.IsInf(mean, 0) {
		mean = stats.MinQuantile(v, k, .5, true)
	}
	return bestOf{float64(k), sign * mean, sign * stats.MinQuantile(v, k, .025, true), sign * stats.MinQuantile(v, k, .975, true)}
}

// signed are the ranked values of a summary as bestAt takes them, with its sign.
func signed(s Summary) (v []float64, sign float64) {
	v, sign = s.Ranked(), 1.0
	if s.Better == Higher {
		sign = -1
		for i := range v {
			v[i] = -v[i]
		}
	}
	slices.Sort(v)
	return v, sign
}

// mostOf is the greatest k whose best is told: half the runs. Beyond it the best says more about these runs than about new ones.
func mostOf(runs int) int { return runs / 2 }

// bestCurve is the expected best of k for k up to mostOf: every k up to 64, and from there on each an eighth or less above the last, which a picture cannot tell from all.
func bestCurve(s Summary) []bestOf {
	v, sign := signed(s)
	var out []bestOf
	for k, most := 1, mostOf(len(v)); k <= most; {
		out = append(out, bestAt(v, sign, k))
		next := k + max(1, k/8)
		if k < 64 {
			next = k + 1
		}
		if k < most {
			next = min(next, most)
		}
		k = next
	}
	return out
}

func budget(col []Summary, names []string, label string) (chart, error) {
	const w, h, left, bottom, top = 560, 260, 52, 40, 10
	var all, ks []float64
	lines := make([][]bestOf, len(col))
	for i, s := range col {
		lines[i] = bestCurve(s)
		for _, b := range lines[i] {
			all, ks = append(all, b.mean, b.lo, b.hi), append(ks, b.k)
		}
	}
	x, y := newScale(left, w-10, ks...), newScale(h-bottom, top, all...)
	x.lo, x.hi, x.log = 1, max(slices.Max(append(ks, 2)), 2), false
	pic := newSVG(w, h)
	for _, t := range y.ticks(6) {
		pic.line("grid", left, y.at(t), w-10, y.at(t))
		pic.text("tick end", left-5, y.at(t)+3.5, tick(t))
	}
	for _, t := range x.ticks(8) {
		pic.text("tick mid", x.at(t), h-bottom+15, tick(t))
	}
	pic.text("label mid", (left+w-10)/2, h-6, "settings tried (k)")
	c := chart{Caption: "Expected best " + label + " of k settings, with the middle 95 % of outcomes, from " + counted(sizes(col), "setting", "settings") + " a model" + direction(col[0].Better) + logNote(y.log) + "."}
	var values []map[string]any
	var used []string
	for i, s := range col {
		class := colour(slices.Index(names, s.Row))
		xs, mean, lo, hi := []float64{}, []float64{}, []float64{}, []float64{}
		for _, b := range lines[i] {
			xs, mean, lo, hi = append(xs, x.at(b.k)), append(mean, y.at(b.mean)), append(lo, y.at(b.lo)), append(hi, y.at(b.hi))
			v := map[string]any{"model": s.Row, "k": b.k, "best": round4(b.mean), "lo": round4(b.lo)}
			if v["hi"] = round4(b.hi); math.IsInf(b.hi, 0) {
				v["hi"] = round4(map[bool]float64{true: y.hi, false: y.lo}[b.hi > 0]) // failures: the band leaves the picture
			}
			if !math.IsInf(b.mean, 0) && !math.IsInf(b.lo, 0) {
				values = append(values, v)
			}
		}
		pic.path("band "+class, xs, lo)
		pic.path("band "+class, xs, hi)
		pic.path("curve thick "+class, xs, mean)
		c.Legend = append(c.Legend, legend{class, s.Row})
		used = append(used, s.Row)
	}
	c.Caption += stopNote(col)
	c.Static = pic.html(fmt.Sprintf("Expected best %s over the number of settings tried, for %s.", label, listed(used)))
	tint := spec{"field": "model", "type": "nominal", "legend": nil, "scale": spec{"domain": names}}
	across := spec{"field": "k", "type": "quantitative", "title": "settings tried (k)", "scale": spec{"zero": false}, "axis": spec{"grid": false, "tickMinStep": 1}}
	up := spec{"field": "best", "type": "quantitative", "title": label, "scale": scaleSpec(y), "axis": axisSpec(y, 6)}
	line := spec{"x": across, "y": up, "color": tint,
		"tooltip": []spec{{"field": "model"}, {"field": "k", "title": "settings"}, {"field": "best", "type": "quantitative", "title": "expected best"}, {"field": "lo", "type": "quantitative"}, {"field": "hi", "type": "quantitative"}}}
	if dash := byRound(names, dashes); dash != nil {
		line["strokeDash"] = dash
	}
	var err error
	c.Spec, err = encode(spec{"width": "container", "height": 220, "data": spec{"values": values}, "layer": []spec{
		{"mark": spec{"type": "area", "opacity": .14, "clip": true}, "encoding": spec{"x": across, "y": spec{"field": "lo", "type": "quantitative", "title": label, "scale": scaleSpec(y), "axis": axisSpec(y, 6)}, "y2": spec{"field": "hi"}, "color": tint}},
		{"mark": spec{"type": "line", "strokeWidth": 2.2, "point": spec{"opacity": 0, "size": 80}}, "encoding": line}}})
	return c, err
}
