package reports

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// drawn is what a row of a data set takes to draw: medians over its cells.
type drawn struct {
	row, dataset      string
	evaluations, rate float64 // of a sample; samples a second of processor time
	score             Summary // of the headline measure
	hasScore          bool
}

// drawings are the rows whose cells say how often their network was evaluated for a sample, by data set and number of evaluations. It is empty unless some model took more
// than one: where all samples are one pass there is nothing to set against each other. The records are those that Final returned, rows the labels of their cells.
func drawings(recs []Record, rows map[string]string, sums []Summary, metric string) []drawn {
	several := func(r Record) bool { return r.Cost.Evaluations > 1 && !IsReference(r.Model) }
	if !slices.ContainsFunc(recs, several) {
		return nil
	}
	cells := map[rowOf]map[string]Cost{}
	for i := range recs {
		r := &recs[i]
		if IsReference(r.Model) || r.Cost.Evaluations == 0 {
			continue
		}
		k := rowOf{r.Dataset, rows[r.Cell]}
		if cells[k] == nil {
			cells[k] = map[string]Cost{}
		}
		cells[k][r.Cell] = r.Cost
	}
	var all []drawn
	for k, costs := range cells {
		d := drawn{row: k.row, dataset: k.dataset}
		var evaluations, rate []float64
		for _, c := range costs {
			evaluations, rate = append(evaluations, c.Evaluations), append(rate, c.SamplesPerSecond)
		}
		d.evaluations, d.rate = stats.Median(evaluations), stats.Median(rate)
		if i := slices.IndexFunc(sums, func(s Summary) bool { return s.Row == k.row && s.Dataset == k.dataset && s.Measure.Metric == metric }); i >= 0 {
			d.score, d.hasScore = sums[i], len(sums[i].Values) > 0
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b drawn) int {
		return cmp.Or(cmp.Compare(a.dataset, b.dataset), cmp.Compare(a.evaluations, b.evaluations), cmp.Compare(a.row, b.row))
	})
	return all
}

// drawingTable sets the headline measure against what a sample takes.
func drawingTable(recs []Record, rows map[string]string, sums []Summary, metric string) Table {
	t := Table{ID: "evaluations", Title: "Score against function evaluations (medians)", Head: []string{"data set", "model", "evaluations a sample", "samples/s of a core", columnTitle(metric)}}
	for _, d := range drawings(recs, rows, sums, metric) {
		score, rate := Cell{Text: "–", Title: "not measured"}, Cell{Text: "–", Title: "too quick to be timed"}
		if d.hasScore {
			score.Text, score.Title = Number(d.score.Median), ""
		}
		if d.rate > 0 {
			rate.Text, rate.Title = Number(d.rate), ""
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: d.dataset, Left: true}, {Text: d.row, Left: true}, {Text: Number(d.evaluations)}, rate, score}})
	}
	return t
}

// drawingCharts draw the same, a picture for each data set: a dot a row, few evaluations on the left.
func drawingCharts(r *Report) []chart {
	names := r.models()
	var out []chart
	all := drawings(r.final, r.rows, r.Sums, r.Metric)
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].dataset == all[0].dataset {
			n++
		}
		here := slices.DeleteFunc(slices.Clone(all[:n]), func(d drawn) bool { return !d.hasScore })
		if len(here) > 1 {
			out = append(out, drawingChart(here, names, measureLabel(here[0].score.Measure, measuresOn(r.Sums, here[0].dataset), true)))
		}
		all = all[n:]
	}
	return out
}

func drawingChart(here []drawn, names []string, name string) chart {
	const w, h, left, right, top, bottom = 560, 260, 60, 120, 18, 40
	var evaluations, scores []float64
	for _, d := range here {
		evaluations, scores = append(evaluations, d.evaluations), append(scores, d.score.Median)
	}
	x, y := newScale(left, w-right, evaluations...), newScale(h-bottom, top, scores...)
	pic := newSVG(w, h)
	for _, t := range x.ticks(6) {
		pic.line("grid", x.at(t), top, x.at(t), h-bottom)
		pic.text("tick mid", x.at(t), h-bottom+14, tick(t))
	}
	for _, t := range y.ticks(5) {
		pic.line("grid", left, y.at(t), w-right, y.at(t))
		pic.text("tick end", left-6, y.at(t)+4, tick(t))
	}
	m := here[0].score
	label := name + direction(m.Better)
	pic.text("label mid", (left+w-right)/2, h-6, "function evaluations a sample"+logNote(x.log))
	pic.text("label", left, top-6, label+logNote(y.log))
	for _, d := range here {
		at := slices.Index(names, d.row)
		pic.marker("dot "+colour(at), at, x.at(d.evaluations), y.at(d.score.Median), 4.5,
			fmt.Sprintf("%s: %s with %s evaluations a sample, %s samples a second", d.row, Number(d.score.Median), Number(d.evaluations), Number(d.rate)))
		pic.text("tick", x.at(d.evaluations)+8, y.at(d.score.Median)+4, short(d.row, nameWidth))
	}
	return chart{Title: here[0].dataset, Dataset: here[0].dataset, Caption: "medians over seeds", Static: pic.html(fmt.Sprintf("%s against function evaluations a sample on %s.", label, here[0].dataset))}
}
