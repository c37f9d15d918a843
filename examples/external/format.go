package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/assay-gan/assay/reports"
)

// ranking is a report format: for every data set and measure where less is better, the models in the order of their medians.
func ranking() reports.Format {
	return reports.Format{ID: "ranking", File: "ranking.txt", Title: "models in order, a line for each measure", Write: writeRanking}
}

func writeRanking(w io.Writer, r *reports.Report) error {
	for rest := r.Sums; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Dataset == rest[0].Dataset && rest[n].Measure == rest[0].Measure {
			n++
		}
		rows := slices.DeleteFunc(slices.Clone(rest[:n]), reports.Summary.Reference)
		rest = rest[n:]
		if len(rows) == 0 || rows[0].Better != reports.Lower {
			continue
		}
		slices.SortStableFunc(rows, func(a, b reports.Summary) int { return cmp.Compare(a.Median, b.Median) })
		line := fmt.Sprintf("%s %s(%s):", rows[0].Dataset, rows[0].Measure.Metric, rows[0].Measure.Featurizer)
		for i, s := range rows {
			line += fmt.Sprintf(" %d. %s %s", i+1, s.Row, reports.Number(s.Median))
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
