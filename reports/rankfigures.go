package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// figureReps is how often runs are drawn again for the intervals of figures.
const figureReps = 2000

// contestFigures are the pictures over all data sets: ranks, who beats whom, profiles, and the interquartile mean.
func contestFigures(sums []Summary, metric string, tint tints) (out []Figure) {
	c := contestOf(sums, metric, tint)
	if len(c.names) < 2 || len(c.sets) == 0 {
		return nil
	}
	for _, draw := range []func(contest) (Figure, bool){rankFigure, improvementFigure, aggregateFigure, profileFigure} {
		if f, ok := draw(c); ok {
			out = append(out, f)
		}
	}
	return out
}

// rows is the layout of pictures with a row for each model.
func rowsPicture(names []string, values []float64, title string) (p plot, row func(i int) float64) {
	const high = 26.0
	left := 22 + nameRoom(names)
	h := 22 + high*float64(len(names)) + 36
	p = plot{svg: newSVG(560, h), x: newScale(left, 540, values...)}
	for _, t := range p.x.ticks(6) {
		p.line("grid", p.x.at(t), 14, p.x.at(t), h-34)
		p.text("tick mid", p.x.at(t), h-20, tick(t))
	}
	p.text("label mid", (left+540)/2, h-4, title+logNote(p.x.log))
	row = func(i int) float64 { return 14 + high*(float64(i)+.5) }
	for i, n := range names {
		p.text("name end", left-10, row(i)+4, short(n, nameWidth))
	}
	return p, row
}

// rankFigure draws mean ranks with their intervals. One data set, or runs that cannot be drawn again, leave nothing to show.
func rankFigure(c contest) (Figure, bool) {
	if len(c.sets) < 2 || slices.Max(c.runs()) < 2 {
		return Figure{}, false
	}
	order, ranks := c.order()
	order, rest := foremost(order, maxModelRows)
	ci := stats.BootstrapAll(rng.Stream(1, "figures", "ranks"), c.strata(), figureReps, .95, func(drawn [][]float64) []float64 { return stats.MeanRanks(c.models(drawn)) })
	var names []string
	values := []float64{1, float64(len(c.names))}
	for _, m := range order {
		names = append(names, c.names[m])
	}
	p, row := rowsPicture(names, values, fmt.Sprintf("mean rank by %s over %s — lower is better", c.title, plural(len(c.sets), "data set", "data sets")))
	f := Figure{Name: "ranks", Title: "Ranks over data sets", pic: p.svg, Head: []string{"model", "mean rank", "lo", "hi", "data sets"}}
	for i, m := range order {
		class := colour(c.at[m])
		p.line("median "+class, p.x.within(ci[m].Lo), row(i), p.x.within(ci[m].Hi), row(i))
		p.marker("dot "+class, c.at[m], p.x.at(ranks[m]), row(i), 5, fmt.Sprintf("%s: %.2f [%.2f, %.2f]", c.names[m], ranks[m], ci[m].Lo, ci[m].Hi))
		f.Data = append(f.Data, []string{c.names[m], exact(ranks[m]), exact(ci[m].Lo), exact(ci[m].Hi), fmt.Sprint(len(c.sets))})
	}
	f.Caption = fmt.Sprintf("Ranks of the medians of %s on each of %s, averaged; bars: 95 %% bootstrap intervals, runs drawn again within each model and data set %d times.%s They hold for these data sets, not for others.",
		runsOf(c.runs()), listed(c.sets), figureReps, c.failNote()+rest)
	f.Alt = fmt.Sprintf("Mean ranks of %d models over %d data sets by %s, with 95 %% intervals.", len(c.names), len(c.sets), c.title)
	return f, true
}

// improvementFigure is the matrix of P(a run of the row's model beats one of the column's).
func improvementFigure(c contest) (Figure, bool) {
	if slices.Max(c.runs()) < 2 {
		return Figure{}, false
	}
	order, _ := c.order()
	order, rest := foremost(order, maxModelPairs)
	var keys [][2]int
	var p []float64
	for i, a := range order {
		for _, b := range order[i+1:] {
			keys, p = append(keys, [2]int{a, b}), append(p, stats.Stratified(c.costs[a], c.costs[b], stats.TwoSided).P)
		}
	}
	adjusted := map[[2]int]float64{}
	for i, q := range stats.Holm(p) {
		adjusted[keys[i]], adjusted[[2]int{keys[i][1], keys[i][0]}] = q, q
	}
	const cell, top = 40.0, 78.0
	left := 16 + nameRoom(c.names)
	pic := newSVG(max(left+cell*float64(len(order))+24, 440), // a few models are no poster
		top+cell*float64(len(order))+4)
	f := Figure{Name: "improvement", Title: "Who beats whom", pic: pic, Head: []string{"model", "against", "probability better", "p", "data sets"}}
	for i, a := range order {
		y := top + cell*float64(i)
		pic.text("name end", left-8, y+cell/2+4, short(c.names[a], nameWidth))
		pic.slanted("name", left+cell*(float64(i)+.5)-3, top-6, short(c.names[a], 16))
		for j, b := range order {
			x := left + cell*float64(j)
			if a == b {
				pic.text("tick mid", x+cell/2, y+cell/2+4, "·")
				continue
			}
			v, q := stats.Improvement(c.costs[b], c.costs[a]), adjusted[[2]int{a, b}]
			if math.IsNaN(v) {
				pic.text("tick mid", x+cell/2, y+cell/2+4, "–")
				continue
			}
			pic.rect(improvementClass(v), x+1, y+1, cell-2, cell-2)
			text := fmt.Sprintf("%.2f", v)
			if q > .05 {
				text += "≈"
			}
			pic.text("name mid", x+cell/2, y+cell/2+4, text)
			f.Data = append(f.Data, []string{c.names[a], c.names[b], exact(v), exact(q), fmt.Sprint(len(c.sets))})
		}
	}
	f.Caption = fmt.Sprintf("The probability that a run of the row's model has the better %s than one of the column's, a tie counting one half, as the mean over %s (%s each). Blue: the row's model is ahead; orange: the column's. ≈: the two cannot be told apart (exact rank test over the data sets, Holm over %s, p > 0.05).%s",
		c.title, listed(c.sets), runsOf(c.runs()), plural(len(keys), "pair", "pairs"), c.failNote()+rest)
	f.Alt = fmt.Sprintf("Probability that a run of one of %d models beats one of another, by %s.", len(c.names), c.title)
	return f, true
}

// improvementClass is the colour of a probability: the further from one half the stronger.
func improvementClass(v float64) string {
	side := map[bool]string{true: "c0", false: "c1"}[v >= .5]
	return fmt.Sprintf("heat%d %s", min(int(math.Abs(v-.5)*10), 4), side)
}

// aggregateFigure draws the interquartile mean over runs and data sets, as a multiple of real data, with its stratified bootstrap interval.
func aggregateFigure(c contest) (Figure, bool) {
	logs, ok := c.ratios()
	if !ok || len(logs) == 0 {
		return Figure{}, false
	}
	models := c.models(logs)
	var point []float64
	var ci []stats.Interval
	all := []float64{1}
	for m, name := range c.names {
		if total := len(slices.Concat(models[m]...)); total < 4 {
			return Figure{}, false // no quarter to trim
		}
		point = append(point, math.Exp(stats.PooledIQM(models[m])))
		one := stats.Bootstrap(rng.Stream(1, "figures", "aggregate", name), models[m], figureReps, .95, stats.PooledIQM)
		ci = append(ci, stats.Interval{Lo: math.Exp(one.Lo), Hi: math.Exp(one.Hi), Level: one.Level})
		all = append(all, point[m], ci[m].Lo, ci[m].Hi)
	}
	order, rest := foremost(ascending(point), maxModelRows)
	var names []string
	for _, m := range order {
		names = append(names, c.names[m])
	}
	p, row := rowsPicture(names, all, "interquartile mean of "+c.title+", times real data — lower is better")
	p.line("floor", p.x.at(1), 8, p.x.at(1), row(len(names)-1)+13)
	f := Figure{Name: "aggregate", Title: "Interquartile mean over data sets", pic: p.svg, Head: []string{"model", "interquartile mean, times real data", "lo", "hi", "runs", "failed"}}
	for i, m := range order {
		class, total, failed := colour(c.at[m]), 0, 0
		for _, v := range slices.Concat(models[m]...) {
			if total++; math.IsInf(v, 1) {
				failed++
			}
		}
		f.Data = append(f.Data, []string{c.names[m], exact(point[m]), exact(ci[m].Lo), exact(ci[m].Hi), fmt.Sprint(total), fmt.Sprint(failed)})
		if math.IsInf(point[m], 1) {
			p.text("bad end", 540, row(i)+4, fmt.Sprintf("✕ %d of %d failed", failed, total))
			continue
		}
		p.line("median "+class, p.x.within(ci[m].Lo), row(i), p.x.within(ci[m].Hi), row(i))
		p.marker("dot "+class, c.at[m], p.x.at(point[m]), row(i), 5, fmt.Sprintf("%s: %s [%s, %s]", c.names[m], Number(point[m]), Number(ci[m].Lo), Number(ci[m].Hi)))
	}
	f.Caption = fmt.Sprintf("The geometric mean of the middle half of all runs (%s on each of %s), as multiples of real data; bars: 95 %% intervals of the bootstrap within each data set, %d draws. Dashed: real data.%s",
		runsOf(c.runs()), listed(c.sets), figureReps, c.failNote()+rest)
	f.Alt = fmt.Sprintf("Interquartile means of %d models over %d data sets, with 95 %% intervals.", len(c.names), len(c.sets))
	return f, true
}

// profileFigure draws, for every model, the share of its runs within so many times real data.
func profileFigure(c contest) (Figure, bool) {
	logs, ok := c.ratios()
	if !ok {
		return Figure{}, false
	}
	var finite []float64
	for _, v := range slices.Concat(logs...) {
		if !math.IsInf(v, 0) {
			finite = append(finite, v)
		}
	}
	if len(finite) < 4*len(c.names) {
		return Figure{}, false
	}
	lo, hi := slices.Min(finite), slices.Max(finite)
	if !(hi > lo) {
		return Figure{}, false
	}
	const steps = 160
	limits, times := make([]float64, steps+1), make([]float64, steps+1)
	for i := range limits {
		limits[i] = lo + (hi-lo)*float64(i)/steps
		times[i] = math.Exp(limits[i])
	}
	p := newPlot(560, 300, 46, 140, times, []float64{0, 1})
	p.y = p.y.unit()
	p.axes(c.title+", times real data", "share of runs within")
	f := Figure{Name: "profiles", Title: "Performance profiles", pic: p.svg, Head: []string{"model", "times real data", "share of runs within"}}
	var labels []named
	order, _ := c.order()
	order, rest := foremost(order, maxModelLines)
	models := c.models(logs)
	for _, m := range order {
		profile := stats.Profile(models[m], limits)
		var xs, ys []float64
		for i, v := range profile {
			f.Data = append(f.Data, []string{c.names[m], exact(times[i]), exact(v)})
			if i > 0 && i < steps && profile[i-1] == v && profile[i+1] == v {
				continue // a level stretch is its two ends
			}
			xs, ys = append(xs, p.x.at(times[i])), append(ys, p.y.at(v))
		}
		p.path("curve thick "+colour(c.at[m]), xs, ys)
		half := slices.IndexFunc(profile, func(v float64) bool { return v >= .5 })
		labels = append(labels, named{float64(half + 1), 0, c.names[m], colour(c.at[m])}) // 0 for one that never gets there
	}
	slices.SortStableFunc(labels, func(a, b named) int {
		return cmp.Or(cmp.Compare(map[bool]int{true: 1}[a.x == 0], map[bool]int{true: 1}[b.x == 0]), cmp.Compare(a.x, b.x))
	})
	p.key(labels)
	f.Caption = fmt.Sprintf("The share of runs whose %s is at most so many times that of real data, as the mean over %s (%s each): a curve further left is better, and its rise is its spread. In the order of where they reach one half.%s",
		c.title, listed(c.sets), runsOf(c.runs()), c.failNote()+rest)
	f.Alt = fmt.Sprintf("Performance profiles of %d models over %d data sets.", len(c.names), len(c.sets))
	return f, true
}
