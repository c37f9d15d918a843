package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// Of intervals and tests: their level, and how often seeds are drawn again.
const (
	level      = 0.95
	bootstraps = 2000
)

// chosen are the values of a model's chosen settings over fresh seeds, for each data set; less is better, a failure is +Inf. It is empty where a data set had no
// setting that went well.
func (s *study) chosen(model string) (values [][]float64) {
	for _, d := range s.datasets() {
		x, _ := s.of(d, "best", model, metric)
		values = append(values, x.Ranked())
	}
	return values
}

// models are the models that were chosen settings for.
func (s *study) models() (names []string) {
	for _, x := range s.sums {
		if x.Role == "best" && !slices.Contains(names, x.Model) {
			names = append(names, x.Model)
		}
	}
	slices.Sort(names)
	return names
}

func (s *study) values() (all [][][]float64) {
	for _, m := range s.models() {
		all = append(all, s.chosen(m))
	}
	return all
}

// ranked are the models by their mean rank, the best first.
func (s *study) ranked() []string {
	names := s.models()
	if len(names) == 0 {
		return nil
	}
	ranks := stats.MeanRanks(s.values())
	at := map[string]float64{}
	for i, m := range names {
		at[m] = ranks[i]
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(at[a], at[b]) })
	return names
}

// rankIntervals are the bootstrap intervals of the models' mean ranks, as the models are ordered: the seeds of every model on every data set are drawn again.
func (s *study) rankIntervals() []stats.Interval {
	all := s.values()
	sets := len(s.datasets())
	var strata [][]float64
	for _, m := range all {
		strata = append(strata, m...)
	}
	return stats.BootstrapAll(rng.Stream(1, "created-equal", s.config.Name, "rank"), strata, bootstraps, level, func(drawn [][]float64) []float64 {
		var values [][][]float64
		for m := range all {
			values = append(values, drawn[m*sets:(m+1)*sets])
		}
		return stats.MeanRanks(values)
	})
}

// pair is what is known of two models over all data sets.
type pair struct {
	better float64 // probability that a run of the first beats one of the second, the mean over data sets, ties counting one half
	p      float64 // of the exact rank test over the data sets, Holm over all pairs
}

// told says whether the two can be told apart.
func (p pair) told() bool { return p.p <= 1-level }

// compared compares every two models.
func (s *study) compared() map[[2]string]pair {
	out := map[[2]string]pair{}
	var keys [][2]string
	var p []float64
	names := s.models()
	for i, a := range names {
		for _, b := range names[i+1:] {
			x, y := s.chosen(a), s.chosen(b)
			keys, p = append(keys, [2]string{a, b}), append(p, stats.Stratified(x, y, stats.TwoSided).P)
			out[[2]string{a, b}] = pair{better: stats.Improvement(y, x)}
		}
	}
	for i, adjusted := range stats.Holm(p) {
		k := keys[i]
		one := out[k]
		one.p = adjusted
		out[k], out[[2]string{k[1], k[0]}] = one, pair{1 - one.better, adjusted}
	}
	return out
}

// rankTable is the ranking over all data sets, with what is known of every pair.
func (s *study) rankTable() reports.Table {
	t := reports.Table{Head: append([]string{"model", "mean rank"}, s.order...)}
	ranks, names := stats.MeanRanks(s.values()), s.models()
	intervals := s.rankIntervals()
	for _, m := range s.order {
		at := slices.Index(names, m)
		ci := intervals[at]
		row := reports.Row{Cells: []reports.Cell{{Text: m, Left: true}, {Text: fmt.Sprintf("%.1f", ranks[at]), Sub: fmt.Sprintf("[%.1f, %.1f]", ci.Lo, ci.Hi)}}}
		for _, o := range s.order {
			switch one := s.pairs[[2]string{m, o}]; {
			case m == o:
				row.Cells = append(row.Cells, reports.Cell{Text: "·"})
			case !one.told():
				row.Cells = append(row.Cells, reports.Cell{Text: fmt.Sprintf("%.2f", one.better), Flag: "≈"})
			default:
				row.Cells = append(row.Cells, reports.Cell{Text: fmt.Sprintf("%.2f", one.better)})
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
