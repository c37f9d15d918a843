package reports

import (
	"fmt"
	"slices"
	"strings"
)

// tableView is a table as the page shows it.
type tableView struct {
	Table
	More int // columns beyond the first headColumns, which stand behind a switch
}

// Bounds of what the page shows of a table.
const (
	headColumns = 6   // of measures, beside the model's
	pageRows    = 200 // of failures by kind
	titledRows  = 100 // of a table in which every value has its hover text; longer ones have those of their first values
)

// viewOf is a table without what a long one cannot hold.
func viewOf(t Table) tableView {
	if len(t.Rows) <= titledRows {
		return tableView{Table: t}
	}
	rows := slices.Clone(t.Rows)
	for i, r := range rows {
		cells := slices.Clone(r.Cells)
		for k := range cells {
			if k > 1 && !cells[k].Left {
				cells[k].Title = ""
			}
		}
		rows[i].Cells = cells
	}
	t.Rows = rows
	t.Notes = append(slices.Clone(t.Notes), fmt.Sprintf("mean, standard error and distance from the floor are told of the first values alone: the table has %d rows", len(rows)))
	return tableView{Table: t}
}

// Columns is how many there are beside the first.
func (t tableView) Columns() int { return len(t.Head) - 1 }

// setTable is everything that models were scored by on a data set.
type setTable struct {
	Anchor, Dataset string
	View            tableView
}

// setTables are the tables of the data sets, each with its headline columns first: of every measure that has a better side one way, those that are asked about most first.
func setTables(r *Report) []setTable {
	var out []setTable
	for i, d := range datasetsOf(r.Sums) {
		t := tabulated(headlineFirst(r.Sums, d, r.Metric), Select{Dataset: d}, r.Run.Published)
		v := viewOf(t)
		if v.Columns() > headColumns+1 { // a switch for one column is none
			v.More = v.Columns() - headColumns
		}
		out = append(out, setTable{Anchor: fmt.Sprintf("set-%d", i), Dataset: d, View: v})
	}
	return out
}

// headlineFirst returns the summaries of a data set so that the columns that a reader looks for come first.
func headlineFirst(sums []Summary, dataset, metric string) []Summary {
	sided := map[Measure]bool{}
	for _, s := range sums {
		sided[s.Measure] = sided[s.Measure] || s.Better == Lower || s.Better == Higher
	}
	measures := modelMeasures(sums, dataset)
	first := OneWay(slices.DeleteFunc(slices.Clone(measures), func(m Measure) bool { return !sided[m] }))
	if at := slices.IndexFunc(first, func(m Measure) bool { return m.Metric == metric }); at > 0 {
		asked := first[at]
		first = slices.Insert(slices.Delete(first, at, at+1), 0, asked)
	}
	place := func(s Summary) int {
		if at := slices.Index(first, s.Measure); at >= 0 {
			return at
		}
		return len(first)
	}
	out := slices.DeleteFunc(slices.Clone(sums), func(s Summary) bool { return s.Dataset != dataset })
	slices.SortStableFunc(out, func(a, b Summary) int { return place(a) - place(b) })
	return out
}

// failureKinds lists failures as the page does: those of one model on one data set whose sentences differ in numbers alone are one row, with their number and seeds.
func failureKinds(recs []Record) Table {
	t := Table{ID: "failures", Title: "Failures", Head: []string{"data set", "model", "runs", "what", "why"}}
	type kind struct{ dataset, model, what, why string }
	type group struct {
		runs  map[string]bool
		seeds []string
		first string
		steps [2]int
	}
	groups := map[kind]*group{}
	var order []kind
	for _, f := range Failures(recs) {
		what := "whole cell"
		if f.Metric != "" {
			what = columnTitle(f.Metric)
		}
		parts, _ := sentence(f.Error)
		k := kind{f.Dataset, f.Model, what, strings.Join(parts, "\x00")}
		g := groups[k]
		if g == nil {
			g = &group{runs: map[string]bool{}, first: f.Error, steps: [2]int{f.Step, f.Step}}
			groups[k], order = g, append(order, k)
		}
		if !g.runs[f.Cell] {
			g.runs[f.Cell] = true
			g.seeds = append(g.seeds, fmt.Sprint(f.Seed))
		}
		g.steps = [2]int{min(g.steps[0], f.Step), max(g.steps[1], f.Step)}
	}
	for _, k := range order[:min(len(order), pageRows)] {
		g := groups[k]
		why := g.first
		if n := len(g.runs); n > 1 {
			why += fmt.Sprintf(" (one of %d)", n)
		}
		about := fmt.Sprintf("seed %s, step %d", g.seeds[0], g.steps[0])
		if len(g.seeds) > 1 {
			about = fmt.Sprintf("seeds %s, steps %d to %d", some(g.seeds, 20), g.steps[0], g.steps[1])
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: k.dataset, Left: true}, {Text: k.model, Left: true}, {Text: fmt.Sprint(len(g.runs)), Title: about}, {Text: k.what, Left: true}, {Text: why, Left: true, Sub: about}}})
	}
	if left := len(order) - pageRows; left > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("and %s of failure more: the report as JSON has all", plural(left, "kind", "kinds")))
	}
	return t
}

// some lists the first of many names.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}
