package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports/stats"
)

// provenanceTable says what decided the values besides the keys: one line for each distinct combination.
func provenanceTable(recs []Record) Table {
	t := Table{ID: "provenance", Title: "Provenance", Head: []string{"data set", "featurizer", "protocol", "N", "N real", "data hash", "weights hash", "assay", "kernel", "processor"}}
	type line struct {
		dataset, featurizer, protocol string
		n, real                       int
		p                             Provenance
	}
	seen := map[line]bool{}
	recs = Distinct(recs)
	var last line
	for i := range recs {
		r := &recs[i]
		if r.CellFailed() {
			continue
		}
		l := line{r.Dataset, r.Featurizer, r.Protocol, r.N, r.NReal, r.Provenance}
		if l == last && len(seen) > 0 || seen[l] {
			continue
		}
		seen[l], last = true, l
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: l.dataset, Left: true}, words(l.featurizer), words(l.protocol), {Text: count(l.n)}, {Text: count(l.real)},
			hash(l.p.DatasetHash), hash(l.p.WeightsHash), words(l.p.Version), words(l.p.Kernel), words(l.p.CPU)}})
	}
	sortRows(t.Rows)
	return t
}

func sortRows(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		return slices.CompareFunc(a.Cells, b.Cells, func(x, y Cell) int { return strings.Compare(x.Text, y.Text) })
	})
}

func words(s string) Cell {
	if s == "" {
		s = "–"
	}
	return Cell{Text: s, Left: true}
}

func count(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

func hash(h string) Cell {
	c := words(h)
	if len(h) > 12 {
		c.Text, c.Title = h[:12], h
	}
	return c
}

// costTable says what the cells took, of records that Final returned and the rows of their cells: medians over the seeds.
func costTable(recs []Record, rows map[string]string) Table {
	t := Table{ID: "cost", Title: "Cost of a cell (medians)", Head: []string{"data set", "model", "cells", "wall", "CPU", "D-steps", "G-steps", "samples seen"}}
	cells := map[rowOf]map[string]Cost{}
	for of := range cellsOf(recs) {
		cell := of[0].Cell
		k := rowOf{of[0].Dataset, rows[cell]}
		if IsReference(of[0].Model) {
			continue
		}
		if cells[k] == nil {
			cells[k] = map[string]Cost{}
		}
		most := cells[k][cell]
		for i := range of {
			if of[i].Cost.WallSeconds >= most.WallSeconds {
				most = of[i].Cost
			}
		}
		cells[k][cell] = most
	}
	for k, costs := range cells {
		median := func(show func(float64) string, get func(Cost) float64) Cell {
			var v []float64
			for _, c := range costs {
				v = append(v, get(c))
			}
			if m := stats.Median(v); m > 0 {
				return Cell{Text: show(m)}
			}
			return Cell{Text: "–", Title: "not recorded"}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: k.dataset, Left: true}, {Text: k.row, Left: true}, {Text: fmt.Sprint(len(costs))},
			median(duration, func(c Cost) float64 { return c.WallSeconds }), median(duration, func(c Cost) float64 { return c.CPUSeconds }),
			median(Number, func(c Cost) float64 { return float64(c.DSteps) }), median(Number, func(c Cost) float64 { return float64(c.GSteps) }),
			median(Number, func(c Cost) float64 { return float64(c.Samples) })}})
	}
	sortRows(t.Rows)
	return t
}
