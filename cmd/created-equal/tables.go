package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

func left(text string) reports.Cell { return reports.Cell{Text: text, Left: true} }

func number(v float64) reports.Cell {
	if math.IsInf(v, 0) {
		return reports.Cell{Text: "failed"}
	}
	return reports.Cell{Text: reports.Number(v)}
}

// budgetTable is the expected best of k settings of every model on a data set, for every phase of the search.
func (s *study) budgetTable(dataset string) reports.Table {
	var rows []reports.Summary
	most := 0
	for _, c := range s.config.Search {
		for _, x := range s.column(dataset, c.Phase) {
			rows, most = append(rows, x), max(most, x.N()/2)
		}
	}
	t := reports.Table{Head: []string{"model, phase", "draws", "failed", "defaults", "median"}}
	var ks []int
	for _, k := range []int{1, 2, 3, 5, 10, 25, 50} {
		if k <= most && (most < 10 || k != 2 && k != 3) {
			ks = append(ks, k)
			t.Head = append(t.Head, fmt.Sprintf("best of %d", k))
		}
	}
	for _, x := range rows {
		row := reports.Row{Cells: []reports.Cell{left(x.Row), {Text: fmt.Sprint(x.N())}, {Text: fmt.Sprint(x.Failed)}, {Text: "–"}, number(stats.Median(x.Ranked()))}}
		if x.Defaults != nil {
			row.Cells[3] = number(*x.Defaults)
		}
		for _, k := range ks {
			mean, lo, hi := reports.BestOf(x, k)
			if math.IsNaN(mean) {
				row.Cells = append(row.Cells, reports.Cell{Text: "–"})
				continue
			}
			c := number(mean)
			c.Sub = fmt.Sprintf("[%s, %s]", number(lo).Text, number(hi).Text)
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// finalTable is what the chosen settings of every model gave over fresh seeds, the models in the order of their mean rank.
func (s *study) finalTable(dataset string) reports.Table {
	t := reports.Table{Head: []string{"model", "chosen", "seeds", "failed", "mean", "median", "against the best"}}
	for _, m := range s.order {
		x, ok := s.of(dataset, "best", m, metric)
		if !ok {
			continue
		}
		mean := number(x.Mean)
		switch v := x.Values; {
		case len(v) >= 10:
			ci := stats.Bootstrap(rng.Stream(1, "created-equal", s.config.Name, dataset, m), [][]float64{v}, bootstraps, level, func(d [][]float64) float64 { return stats.Mean(d[0]) })
			mean.Sub = fmt.Sprintf("[%s, %s]", reports.Number(ci.Lo), reports.Number(ci.Hi))
		case len(v) > 1:
			mean.Sub = fmt.Sprintf("(%s–%s)", reports.Number(slices.Min(v)), reports.Number(slices.Max(v)))
		}
		median := number(x.Median)
		if x.Covered {
			median.Sub = fmt.Sprintf("[%s, %s]", number(x.Interval.Lo).Text, number(x.Interval.Hi).Text)
		}
		median.Best = x.Best
		against := "worse"
		switch {
		case x.Best:
			against = "best"
		case x.Tied:
			against = "cannot tell"
		case !x.Significant:
			against = "too few seeds to tell"
		}
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{left(m), left(s.chosenFrom(dataset, m)), {Text: fmt.Sprint(x.N())}, {Text: fmt.Sprint(x.Failed)}, mean, median, left(against)}})
	}
	return t
}

// chosenFrom says which draw was chosen, and what is other in it than in the model's defaults.
func (s *study) chosenFrom(dataset, model string) string {
	var best, defaults map[string]string
	from := ""
	for _, r := range s.recs {
		if r.Model != model || r.Dataset != dataset {
			continue
		}
		for _, d := range r.Study {
			switch {
			case d.Of == "best":
				best, from = r.Settings, fmt.Sprintf("%s %d", d.From, d.Number)
			case d.Number == reports.DefaultsNumber && d.Searching():
				defaults = r.Settings
			}
		}
	}
	var parts []string
	for k, v := range best {
		if defaults[k] != v && k != "steps" {
			parts = append(parts, k+" "+v)
		}
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return from + ": the defaults"
	}
	return from + ": " + strings.Join(parts, ", ")
}

// measuresTable is what else was measured of the chosen settings on a data set: a column for each of the measures.
func (s *study) measuresTable(dataset string, measures ...string) reports.Table {
	sums := slices.DeleteFunc(slices.Clone(s.sums), func(x reports.Summary) bool {
		return x.Role != "best" && x.Role != "" || !slices.Contains(measures, x.Measure.Metric)
	})
	for i := range sums {
		if !sums[i].Reference() {
			sums[i].Row = sums[i].Model
		}
	}
	t := reports.Tabulate(sums, reports.Select{Dataset: dataset})
	at := func(r reports.Row) int {
		if i := slices.Index(s.order, r.Cells[0].Text); i >= 0 {
			return i
		}
		return len(s.order)
	}
	slices.SortStableFunc(t.Rows, func(a, b reports.Row) int { return at(a) - at(b) })
	return t
}

// gainTable is the report's table of chosen settings against defaults for one data set.
func (s *study) gainTable(dataset string) reports.Table {
	for _, t := range s.report.Study {
		if t.ID == "table-gain" {
			return ofDataset(t, dataset)
		}
	}
	return reports.Table{}
}

// ofDataset keeps the rows of a data set of a table that names it in its second column, without that column.
func ofDataset(t reports.Table, dataset string) reports.Table {
	out := reports.Table{Head: slices.Delete(slices.Clone(t.Head), 1, 2)}
	for _, r := range t.Rows {
		if r.Cells[1].Text == dataset {
			r.Cells = slices.Delete(slices.Clone(r.Cells), 1, 2)
			out.Rows = append(out.Rows, r)
		}
	}
	return out
}

// failureTable counts failures by their cause.
func (s *study) failureTable() reports.Table {
	t := reports.Table{Head: []string{"model", "data set", "runs", "cause", "failed"}}
	for _, c := range s.causes() {
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{left(c.model), left(c.dataset), left(c.phase), left(string(c.cause)), {Text: fmt.Sprint(c.cells)}}})
	}
	return t
}

// costTable is the time that the trainings of every model took, of one core, and what one of them took at the median.
func (s *study) costTable() reports.Table {
	t := reports.Table{Head: []string{"model", "trainings", "core time", "core time of one (median)", "G-steps a D-step (least, most)"}}
	spent := s.spent()
	total := 0.0
	cells := 0
	for _, m := range append(slices.Clone(s.order), reports.Real, reports.Perfect, reports.Noise) {
		var v, ratio []float64
		for _, c := range spent[m] {
			v = append(v, c.CPUSeconds)
			if c.DSteps > 0 {
				ratio = append(ratio, float64(c.GSteps)/float64(c.DSteps))
			}
		}
		if len(v) == 0 {
			continue
		}
		sum := stats.Mean(v) * float64(len(v))
		total, cells = total+sum, cells+len(v)
		row := reports.Row{Cells: []reports.Cell{left(m), {Text: fmt.Sprint(len(v))}, {Text: duration(sum)}, {Text: duration(stats.Median(v))}, {Text: "–"}}}
		if len(ratio) > 0 && !reports.IsReference(m) {
			row.Cells[4].Text = reports.Number(slices.Min(ratio)) + ", " + reports.Number(slices.Max(ratio))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{left("all"), {Text: fmt.Sprint(cells)}, {Text: duration(total)}, {Text: ""}, {Text: ""}}})
	return t
}

// spent is what every cell took in all, by model.
func (s *study) spent() map[string][]reports.Cost {
	byCell, model := map[string]reports.Cost{}, map[string]string{}
	var order []string
	for _, r := range s.recs {
		if _, ok := byCell[r.Cell]; !ok {
			order = append(order, r.Cell)
		}
		if c, ok := byCell[r.Cell]; !ok || r.Cost.CPUSeconds > c.CPUSeconds {
			byCell[r.Cell], model[r.Cell] = r.Cost, r.Model
		}
	}
	out := map[string][]reports.Cost{}
	for _, c := range order {
		out[model[c]] = append(out[model[c]], byCell[c])
	}
	return out
}

// coreSeconds is the time of one core that the whole study took.
func (s *study) coreSeconds() (sum float64) {
	for _, m := range s.spent() {
		for _, c := range m {
			sum += c.CPUSeconds
		}
	}
	return sum
}

// duration is a time for people.
func duration(s float64) string {
	switch {
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 600:
		return fmt.Sprintf("%.0f s", s)
	case s < 5*3600:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.1f h", s/3600)
}
