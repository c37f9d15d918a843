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
	for _, r := range Distinct(recs) {
		if r.CellFailed() {
			continue
		}
		l := line{r.Dataset, r.Featurizer, r.Protocol, r.N, r.NReal, r.Provenance}
		if seen[l] {
			continue
		}
		seen[l] = true
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

// costTable says what the cells took: medians over the seeds.
func costTable(recs []Record) Table {
	t := Table{ID: "cost", Title: "Cost of a cell (medians)", Head: []string{"data set", "model", "cells", "wall", "CPU", "D-steps", "G-steps", "samples seen"}}
	recs = Final(Distinct(recs))
	rows := rowLabels(recs)
	type key struct{ dataset, row string }
	cells := map[key]map[string]Cost{}
	for _, r := range recs {
		k := key{r.Dataset, rows[r.Cell]}
		if IsReference(r.Model) {
			continue
		}
		if cells[k] == nil {
			cells[k] = map[string]Cost{}
		}
		if old := cells[k][r.Cell]; r.Cost.WallSeconds >= old.WallSeconds {
			cells[k][r.Cell] = r.Cost
		}
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
