package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// planes are the pairs of measures that say fidelity and cover: the first pair that a data set has is drawn.
var planes = [][2]string{{"recall", "precision"}, {"coverage", "density"}}

// planeFigures draws, for every data set, precision over recall: a light dot a run, a dark one at the medians, and where real data lie, which is as good as it gets.
func planeFigures(sums []Summary, tint tints) (out []Figure) {
	for _, d := range datasetsOf(sums) {
		for _, pair := range planes {
			if f, ok := planeFigure(sums, d, pair, tint); ok {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// columnFor is the first way in which a metric was measured on a data set, rows that take part in a ranking and yardsticks alone.
func columnFor(sums []Summary, dataset, metric string) (col []Summary) {
	for _, s := range sums {
		if s.Dataset == dataset && s.Measure.Metric == metric && (len(col) == 0 || s.Measure == col[0].Measure) {
			col = append(col, s)
		}
	}
	all := col
	return slices.DeleteFunc(slices.Clone(col), func(s Summary) bool { return !s.Reference() && !contender(s, all) })
}

// inRow returns the summary of a row of a column.
func inRow(col []Summary, row string) (Summary, bool) {
	i := slices.IndexFunc(col, func(s Summary) bool { return s.Row == row })
	if i < 0 {
		return Summary{}, false
	}
	return col[i], true
}

func planeFigure(sums []Summary, dataset string, pair [2]string, tint tints) (Figure, bool) {
	across, up := columnFor(sums, dataset, pair[0]), columnFor(sums, dataset, pair[1])
	up, best := leading(up)
	var xs, ys []float64
	var counts []int
	failed := 0
	for _, s := range across {
		o, ok := inRow(up, s.Row)
		if !ok || len(s.Values) == 0 || len(s.Values) != len(o.Values) || s.Model == Noise {
			continue
		}
		xs, ys = append(xs, s.Values...), append(ys, o.Values...)
		if !s.Reference() {
			counts, failed = append(counts, s.N()), failed+s.Failed
		}
	}
	if len(counts) == 0 {
		return Figure{}, false
	}
	p := newPlot(560, 360, 60, 140, xs, ys)
	p.x = p.x.unit()
	if p.y.log = false; slices.Max(ys) <= 1 {
		p.y = p.y.unit()
	} else {
		p.y = scale{lo: 0, hi: slices.Max(ys) * 1.05, from: p.y.from, to: p.y.to}
	}
	p.axes(measureTitle(across[0].Measure)+direction(Higher), measureTitle(up[0].Measure))
	f := Figure{Name: pair[1] + "-" + pair[0] + "-" + dataset, Title: columnTitle(pair[1]) + " against " + columnTitle(pair[0]) + " on " + dataset, pic: p.svg,
		Head: []string{"model", "seed", pair[0], pair[1]}}
	medians, rest := sparse(len(xs))
	labels := p.planeDots(across, up, tint, medians, &f)
	p.names(fitting(labels))
	f.Caption = fmt.Sprintf("A light dot a run, a dark one at the medians of %s a model; the diamond: real data, the best that can be expected.", runsOf(counts))
	if failed > 0 {
		f.Caption += fmt.Sprintf(" %s failed, and have no place here.", plural(failed, "run", "runs"))
	}
	f.Caption += rest + best
	f.Alt = fmt.Sprintf("%s over %s of %s.", f.Title, columnTitle(pair[0]), plural(len(counts), "model", "models"))
	return f, true
}

// planeDots draws the runs, and returns the names of the medians.
func (p plot) planeDots(across, up []Summary, tint tints, medians bool, f *Figure) (labels []named) {
	for _, s := range across {
		o, ok := inRow(up, s.Row)
		if !ok || len(s.Values) == 0 || len(s.Values) != len(o.Values) || s.Model == Noise {
			continue
		}
		mx, my := stats.Median(s.Values), stats.Median(o.Values)
		for i, v := range s.Values {
			f.Data = append(f.Data, []string{s.Row, fmt.Sprint(s.Seeds[i]), exact(v), exact(o.Values[i])})
		}
		if s.Reference() {
			p.diamond("mark", p.x.within(mx), p.y.within(my), 6)
			p.text("tick mid", p.x.within(mx), p.y.within(my)-10, map[bool]string{true: "real data", false: s.Row}[s.Model == Real])
			continue
		}
		at := tint.at(s)
		class := colour(at)
		if len(s.Values) > 1 && !medians {
			for i, v := range s.Values {
				p.circle("seed "+class, p.x.within(v), p.y.within(o.Values[i]), 3, "")
			}
		}
		p.marker("dot "+class, at, p.x.within(mx), p.y.within(my), 5, fmt.Sprintf("%s: %s %s, %s %s", s.Row, columnTitle(across[0].Measure.Metric), Number(mx), columnTitle(up[0].Measure.Metric), Number(my)))
		if !math.IsNaN(mx + my) {
			labels = append(labels, named{p.x.within(mx), p.y.within(my), contestant(s), class})
		}
	}
	return labels
}
