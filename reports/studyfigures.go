package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// StudyFigures returns the pictures of a study by one metric, as it was measured in one way on each data set: the chosen settings beside the defaults, trained again with
// fresh seeds (named chosen), and for each data set the expected best of k settings (budget-DATASET) and all settings (settings-DATASET). A figure for which there is nothing
// is not there: sums without draws have none.
func StudyFigures(sums []Summary, metric string) []Figure {
	var cols [][]Summary
	for _, d := range datasetsOf(sums) {
		if col := sidedOn(sums, d, metric); len(col) > 0 {
			cols = append(cols, col)
		}
	}
	var out []Figure
	if f, ok := chosenFigure(cols); ok {
		out = append(out, f)
	}
	for _, col := range cols {
		names := modelsOf(slices.Concat(cols...))
		if draws := searched(col); len(draws) > 0 {
			if f, ok := budgetFigure(draws, names); ok {
				out = append(out, f)
			}
			out = append(out, settingsFigure(draws, names))
		}
	}
	return out
}

// sidedOn is the first way in which a metric with a better side was measured on a data set, draws of a search among it.
func sidedOn(sums []Summary, dataset, metric string) (col []Summary) {
	for _, s := range sums {
		if s.Dataset == dataset && s.Measure.Metric == metric && (s.Better == Lower || s.Better == Higher) && (len(col) == 0 || s.Measure == col[0].Measure) {
			col = append(col, s)
		}
	}
	return col
}

// modelsOf are the models of summaries by name: their places give them their colours in every picture of a study.
func modelsOf(sums []Summary) []string {
	var names []string
	for _, s := range sums {
		if !s.Reference() && !slices.Contains(names, s.Model) {
			names = append(names, s.Model)
		}
	}
	slices.Sort(names)
	return names
}

// searched are the draws of the phase that has the most, a row for each model, under the model's name.
func searched(col []Summary) []Summary {
	most := map[string]int{}
	phase := ""
	for _, s := range col {
		if s.Searching {
			if most[s.Role] += s.N(); most[s.Role] > most[phase] {
				phase = s.Role
			}
		}
	}
	var out []Summary
	for _, s := range col {
		if s.Searching && s.Role == phase {
			s.Row = s.Model
			out = append(out, s)
		}
	}
	return out
}

// paletteOf is the class of a model's colour.
func paletteOf(names []string, model string) string { return colour(slices.Index(names, model)) }

// columns of a figure of small panels.
const (
	panelsAcross = 4
	panelWide    = 186.0
	panelHigh    = 132.0
)

// budgetFigure draws a panel for each model: its expected best over the number of settings tried, with the middle 95 % of outcomes, before the curves of all others.
func budgetFigure(draws []Summary, names []string) (Figure, bool) {
	curves := make([][]bestOf, len(draws))
	var all []float64
	most := 0.0
	for i, s := range draws {
		curves[i] = bestCurve(s)
		for _, b := range curves[i] {
			all, most = append(all, b.mean, b.lo), max(most, b.k)
			if !math.IsInf(b.hi, 0) {
				all = append(all, b.hi)
			}
		}
	}
	if most < 2 {
		return Figure{}, false
	}
	floor := draws[0].Floor
	if floor != nil {
		all = append(all, *floor)
	}
	const left, top, foot = 46.0, 8.0, 44.0
	rows := (len(draws) + panelsAcross - 1) / panelsAcross
	pic := newSVG(left+panelsAcross*panelWide+6, top+float64(rows)*panelHigh+foot)
	for i, s := range draws {
		x0, y0 := left+float64(i%panelsAcross)*panelWide, top+float64(i/panelsAcross)*panelHigh
		x := scale{lo: 1, hi: most, from: x0, to: x0 + panelWide - 14, log: true}
		y := budgetScale(y0+panelHigh-12, y0+18, all)
		panelAxes(pic, x, y, i%panelsAcross == 0, i >= len(draws)-panelsAcross)
		if floor != nil {
			pic.line("floor", x.from, y.at(*floor), x.to, y.at(*floor))
		}
		for k := range draws {
			if k != i {
				xs, mean, _, _ := traced(curves[k], x, y)
				pic.path("other", xs, mean)
			}
		}
		xs, mean, lo, hi := traced(curves[i], x, y)
		class := paletteOf(names, s.Model)
		pic.area("area "+class, xs, lo, hi)
		pic.path("curve thick "+class, xs, mean)
		pic.text("name", x0, y0+10, s.Model)
	}
	label := measureTitle(draws[0].Measure)
	pic.text("label mid", pic.w/2, pic.h-8, "settings tried (k, log scale)")
	f := Figure{Name: "budget-" + draws[0].Dataset, Title: "Best against budget on " + draws[0].Dataset, pic: pic, Head: []string{"model", "settings tried", "expected best", "lo", "hi", "settings"}}
	for i, s := range draws {
		for _, b := range curves[i] {
			f.Data = append(f.Data, []string{s.Model, exact(b.k), exact(b.mean), exact(min(b.lo, b.hi)), exact(max(b.lo, b.hi)), fmt.Sprint(s.N())})
		}
	}
	f.Caption = fmt.Sprintf("Expected best %s of k settings%s%s: the line; the area holds the middle 95 %% of outcomes, from %s a model. Grey: the other models.%s%s", label, direction(draws[0].Better), logNote(budgetScale(0, 1, all).log),
		counted(sizes(draws), "setting", "settings"), floorNote(floor), stopNote(draws))
	f.Alt = fmt.Sprintf("Expected best %s on %s over the number of settings tried, a panel for each of %d models.", label, draws[0].Dataset, len(draws))
	return f, true
}

// budgetScale is logarithmic wherever it can be: a best that is halved again and again is seen on no other.
func budgetScale(from, to float64, values []float64) scale {
	s := newScale(from, to, values...)
	if least := slices.Min(values); least > 0 && !s.log {
		s.lo, s.log = least/1.1, true
	}
	return s
}

func floorNote(floor *float64) string {
	if floor == nil {
		return ""
	}
	return " Dashed: real data."
}

// panelAxes draws the grid of a small panel; numbers stand at the outer sides alone.
func panelAxes(pic *svg, x, y scale, first, last bool) {
	for _, t := range y.ticks(4) {
		pic.line("grid", x.from, y.at(t), x.to, y.at(t))
		if first {
			pic.text("tick end", x.from-5, y.at(t)+3.5, tick(t))
		}
	}
	if last {
		for _, t := range x.ticks(5) {
			pic.text("tick mid", x.at(t), y.from+13, tick(t))
		}
	}
}

// traced is a curve in pixels; where failures take the band out of the picture it ends at the edge.
func traced(c []bestOf, x, y scale) (xs, mean, lo, hi []float64) {
	edge := func(v float64) float64 { return y.at(min(max(v, y.lo), y.hi)) }
	for _, b := range c {
		xs, mean, lo, hi = append(xs, x.at(b.k)), append(mean, y.at(b.mean)), append(lo, edge(b.lo)), append(hi, edge(b.hi))
	}
	return xs, mean, lo, hi
}

// settingsFigure draws one dot for each setting of a search, a box for the middle half, and where the defaults lie.
func settingsFigure(draws []Summary, names []string) Figure {
	label := measureTitle(draws[0].Measure)
	pic, x := distributionPicture(draws, names, label)
	failed := 0
	for i, s := range draws {
		failed += s.Failed
		if s.Defaults != nil {
			pic.diamond("mark", x.at(*s.Defaults), distributionTop+distributionRow*(float64(i)+.5), 6)
		}
	}
	f := Figure{Name: "settings-" + draws[0].Dataset, Title: "All settings on " + draws[0].Dataset, pic: pic,
		Caption: fmt.Sprintf("One dot for each setting (%s a model), a box for the middle half, a bar at the median of those that ended, a diamond at the defaults.", counted(sizes(draws), "setting", "settings")),
		Alt:     fmt.Sprintf("Distribution of %s on %s over settings, a row for each of %d models.", label, draws[0].Dataset, len(draws))}
	f.Head = []string{"model", "seed", draws[0].Measure.Metric}
	for _, s := range draws {
		f.Data = append(f.Data, valueRows(s)...)
	}
	if failed > 0 {
		f.Caption += fmt.Sprintf(" ✕: %s failed, which is the worst there is and has no place on the axis.", plural(failed, "setting", "settings"))
	}
	f.Caption += stopNote(draws)
	return f
}

// chosenFigure draws, side by side for all data sets, the median of every model's chosen settings and of its defaults over fresh seeds. The order of the rows is that of the mean
// rank of the chosen medians.
func chosenFigure(cols [][]Summary) (Figure, bool) {
	cols = slices.DeleteFunc(slices.Clone(cols), func(col []Summary) bool { return len(ofRole(col, "best")) == 0 })
	if len(cols) == 0 {
		return Figure{}, false
	}
	names := modelsOf(slices.Concat(cols...))
	order := byMeanRank(cols, names)
	const left, row, top, foot, gap = 74.0, 24.0, 38.0, 40.0, 18.0
	wide := (800 - left) / float64(len(cols))
	pic := newSVG(left+wide*float64(len(cols)), top+row*float64(len(order))+foot)
	for k, model := range order {
		pic.text("name end", left-12, top+row*(float64(k)+.5)+4, short(model, 12))
	}
	for i, col := range cols {
		x0 := left + wide*float64(i)
		chosenPanel(pic, col, order, names, x0, x0+wide-gap, top, row)
	}
	pic.circle("dot c0", left, pic.h-11, 4, "")
	spread := "its 95 % interval"
	if best := ofRole(cols[0], "best"); !best[0].Covered {
		spread = "their range"
	}
	pic.text("tick", left+9, pic.h-7, "chosen settings: the median of the fresh seeds, with "+spread+"; light dots are the seeds")
	pic.circle("mode", left+560, pic.h-11, 4, "")
	pic.text("tick", left+569, pic.h-7, "defaults")
	f := Figure{Name: "chosen", Title: "Chosen settings and defaults", pic: pic, Head: []string{"model", "data set", "runs of", "median", "lo", "hi", "seeds", "failed"},
		Alt: fmt.Sprintf("Medians of %s over fresh seeds for %d models on %d data sets: chosen settings and defaults.", columnTitle(cols[0][0].Measure.Metric), len(order), len(cols))}
	var seeds []int
	for _, col := range cols {
		chosen := ofRole(col, "best")
		seeds = append(seeds, sizes(chosen)...)
		for _, s := range slices.Concat(chosen, ofRole(col, "defaults")) {
			f.Data = append(f.Data, []string{s.Model, s.Dataset, s.Role, exact(s.Median), exact(s.Interval.Lo), exact(s.Interval.Hi), fmt.Sprint(s.N()), fmt.Sprint(s.Failed)})
		}
	}
	f.Caption = fmt.Sprintf("Medians of %s with fresh seeds a model. Dashed: real data. ✕: runs that failed.", runsOf(seeds))
	return f, true
}

func ofRole(col []Summary, role string) []Summary {
	return slices.DeleteFunc(slices.Clone(col), func(s Summary) bool { return s.Role != role })
}

// byMeanRank orders models by the mean rank of their chosen medians, the best first.
func byMeanRank(cols [][]Summary, names []string) []string {
	sum := map[string]float64{}
	for _, col := range cols {
		best := ofRole(col, "best")
		for _, m := range names {
			at := slices.IndexFunc(best, func(s Summary) bool { return s.Model == m })
			if at < 0 {
				sum[m] += float64(len(names))
				continue
			}
			for _, o := range best {
				if better(o.Better, o.Median, best[at].Median) {
					sum[m]++
				}
			}
		}
	}
	order := slices.Clone(names)
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(sum[a], sum[b]) })
	return order
}

func chosenPanel(pic *svg, col []Summary, order, names []string, from, to, top, row float64) {
	best, defaults := ofRole(col, "best"), ofRole(col, "defaults")
	var all []float64
	for _, s := range slices.Concat(best, defaults) {
		all = append(all, s.Median)
		if s.Role == "best" {
			all = append(append(all, s.Interval.Lo, s.Interval.Hi), s.Values...)
		}
	}
	floor := best[0].Floor
	if floor != nil {
		all = append(all, *floor)
	}
	x, bottom := newScale(from, to, all...), top+row*float64(len(order))
	for _, t := range x.ticks(4) {
		pic.line("grid", x.at(t), top, x.at(t), bottom)
		pic.text("tick mid", x.at(t), bottom+14, tick(t))
	}
	label := measureTitle(best[0].Measure)
	pic.text("name mid", (from+to)/2, 14, best[0].Dataset)
	pic.text("tick mid", (from+to)/2, 28, label+direction(best[0].Better)+logNote(x.log))
	if floor != nil {
		pic.line("floor", x.at(*floor), top, x.at(*floor), bottom)
	}
	inside := func(v float64) float64 { return x.at(min(max(v, x.lo), x.hi)) }
	for k, model := range order {
		y, class := top+row*(float64(k)+.5), paletteOf(names, model)
		for _, s := range best {
			if s.Model != model {
				continue
			}
			for j, v := range s.Values {
				pic.circle("seed "+class, x.at(v), y+float64(j*7%5-2)*1.6, 2, "")
			}
			pic.line("median "+class, inside(s.Interval.Lo), y, inside(s.Interval.Hi), y)
			if !math.IsInf(s.Median, 0) {
				pic.circle("dot "+class, x.at(s.Median), y, 5, fmt.Sprintf("%s: %s", model, Number(s.Median)))
			}
			if s.Failed > 0 {
				pic.text("bad end", to, y+4, fmt.Sprintf("✕ %d", s.Failed))
			}
		}
		for _, s := range defaults {
			if s.Model == model && !math.IsInf(s.Median, 0) {
				pic.circle("mode", x.at(s.Median), y, 4, fmt.Sprintf("%s, defaults: %s", model, Number(s.Median)))
			}
		}
	}
}

// BestOf returns the expected best value of k settings drawn with replacement from those of a search's row, a failure being the worst, with the middle 95 % of outcomes;
// where failures make the expectation infinite the median outcome stands in. All are NaN where k exceeds half the draws: more would say more about these draws than
// about new ones.
func BestOf(s Summary, k int) (expected, lo, hi float64) {
	v, sign := signed(s)
	if k < 1 || k > mostOf(len(v)) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	b := bestAt(v, sign, k)
	return b.mean, min(b.lo, b.hi), max(b.lo, b.hi)
}
