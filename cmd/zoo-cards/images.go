package main

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// absent names the models of a suite that have no records yet.
func (b *book) absent(suite string) string {
	c, err := runners.OpenSuite(suite)
	if err != nil {
		return ""
	}
	var names []string
	for _, m := range c.Models {
		if !slices.ContainsFunc(b.suites[suite], func(r reports.Record) bool { return r.Model == m.Name }) {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " Not measured: " + strings.Join(names, ", ") + "."
}

// imageStudy is the study of one suite of images: a table.
func imageStudy(suite, text string) func(*book, *strings.Builder) {
	return func(b *book, s *strings.Builder) { b.imageTable(s, suite, text) }
}

func (b *book) imageTable(s *strings.Builder, suite, text string) {
	s.WriteString(text + b.absent(suite) + "\n\n")
	for _, set := range b.datasetsOf(suite) {
		recs := reports.Where(b.suites[suite], func(r reports.Record) bool { return r.Dataset == set })
		var cols []string
		for _, k := range kept {
			if slices.ContainsFunc(recs, func(r reports.Record) bool { return r.Metric == k && r.Status != reports.Failed }) {
				cols = append(cols, k)
			}
		}
		heads := []string{"model"}
		for _, c := range cols {
			heads = append(heads, heading(c, recs))
		}
		heads = append(heads, "verdict", "minutes of one core", "FID in the paper")
		row(s, heads...)
		row(s, slices.Repeat([]string{"---"}, len(heads))...)
		for _, m := range b.labels(suite, set) {
			cells := []string{m}
			for _, c := range cols {
				v := present(b.runs(suite, set, m, c, math.NaN()))
				if len(v) == 0 {
					cells = append(cells, "–")
					continue
				}
				cells = append(cells, reports.Number(v[0]))
			}
			i := slices.IndexFunc(recs, func(r reports.Record) bool { return r.Model == m })
			row(s, append(cells, b.notes[recs[i].Cell].Verdict, reports.Number(math.Round(recs[i].Cost.CPUSeconds/6)/10), b.paper(suite, set, "lucic2018", m, "fid", 1, 1))...)
		}
		s.WriteString("\n")
	}
}
