package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// findings are the sentences that answer the question, each worked out from the records.
func (s *study) findings() []string {
	var out []string
	for _, d := range s.datasets() {
		out = append(out, s.bestFinding(d))
	}
	out = append(out, s.pairFinding(), s.gainFinding(), s.spreadFinding())
	for _, d := range s.datasets() {
		out = append(out, s.budgetFinding(d))
	}
	out = append(out, s.claimFinding(), s.failureFinding())
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// column is what the chosen settings of all models gave on a data set.
func (s *study) column(dataset, role string) (col []reports.Summary) {
	for _, x := range s.sums {
		if x.Dataset == dataset && x.Role == role && x.Measure.Metric == metric {
			col = append(col, x)
		}
	}
	return col
}

// bestFinding says who is the best on a data set, and how many cannot be told from it.
func (s *study) bestFinding(dataset string) string {
	var best *reports.Summary
	tied, few := 0, false
	col := s.column(dataset, "best")
	for i := range col {
		switch x := &col[i]; {
		case x.Best && best == nil:
			best = x
		case x.Tied || x.Best:
			tied++
		default:
			few = few || !x.Significant
		}
	}
	if best == nil {
		return ""
	}
	text := fmt.Sprintf("On %s %s has the best median %s, %s", dataset, best.Model, label(*best), reports.Number(best.Median))
	if best.Floor != nil && *best.Floor > 0 {
		text += fmt.Sprintf(", %s times what real data score", reports.Number(math.Round(best.Median / *best.Floor * 100)/100))
	}
	if few {
		return text + fmt.Sprintf("; %d seeds a model are too few for a test on this set alone to tell any of the %d others from it.", best.N(), len(col)-1)
	}
	if tied == 0 {
		return text + fmt.Sprintf("; all %d other models are worse beyond chance.", len(col)-1)
	}
	return text + fmt.Sprintf("; %d of the %d other models cannot be told from it.", tied, len(col)-1)
}

// label is a measure in words: FD, and the space it is measured in where that is not the data themselves.
func label(s reports.Summary) string {
	if f := s.Measure.Featurizer; f != "" && f != "none" {
		return "FD (" + f + ")"
	}
	return "FD"
}

// pairFinding says how many pairs of models can be told apart over all data sets, and who is beaten by nobody.
func (s *study) pairFinding() string {
	if len(s.order) < 2 {
		return ""
	}
	told, unbeaten := 0, []string{}
	n := len(s.order) * (len(s.order) - 1) / 2
	for i, a := range s.order {
		beaten := false
		for k, b := range s.order {
			p := s.pairs[[2]string{a, b}]
			if i < k && p.told() {
				told++
			}
			beaten = beaten || i != k && p.told() && p.better < 0.5
		}
		if !beaten {
			unbeaten = append(unbeaten, a)
		}
	}
	return fmt.Sprintf("Over all data sets %d of the %d pairs of models can be told apart; %s %s no model that is better beyond chance.", told, n, listed(unbeaten), map[bool]string{true: "has", false: "have"}[len(unbeaten) == 1])
}

// gainFinding says how often the chosen settings are better than the defaults, over fresh seeds.
func (s *study) gainFinding() string {
	var p, shift []float64
	for _, d := range s.datasets() {
		for _, m := range s.models() {
			best, ok := s.of(d, "best", m, metric)
			defaults, also := s.of(d, "defaults", m, metric)
			if ok && also {
				p = append(p, stats.MannWhitney(best.Ranked(), defaults.Ranked(), stats.TwoSided).P)
				shift = append(shift, stats.ProbGreater(defaults.Ranked(), best.Ranked())-0.5)
			}
		}
	}
	better, worse := 0, 0
	for i, adjusted := range stats.Holm(p) {
		switch {
		case adjusted > 1-level:
		case shift[i] > 0:
			better++
		default:
			worse++
		}
	}
	return fmt.Sprintf("Of %d pairs of model and data set the chosen settings are better than the defaults beyond chance in %d and worse in %d; in %d nothing can be told.", len(p), better, worse, len(p)-better-worse)
}

// spreadFinding sets the spread of one model over its settings beside the spread of the models at their best.
func (s *study) spreadFinding() string {
	var parts []string
	for _, d := range s.datasets() {
		var within, medians []float64
		for _, x := range s.draws(d) {
			if q1, q3 := stats.Quantile(x.Ranked(), .25), stats.Quantile(x.Ranked(), .75); !math.IsInf(q1, 0) {
				within = append(within, q3/q1)
			}
		}
		for _, x := range s.column(d, "best") {
			medians = append(medians, x.Median)
		}
		if len(within) > 0 && len(medians) > 1 {
			parts = append(parts, fmt.Sprintf("on %s %s against %s", d, reports.Number(stats.Median(within)), reports.Number(slices.Max(medians)/slices.Min(medians))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Settings against models: the factor between the quartiles of one model's settings (median over the models) against the factor between the best and the worst model at their chosen settings is " + strings.Join(parts, ", ") + "."
}

// draws are the search of every model on a data set: the phase that has the most draws.
func (s *study) draws(dataset string) (col []reports.Summary) {
	phase, most := "", 0
	for _, c := range s.config.Search {
		if c.Draws > most {
			phase, most = c.Phase, c.Draws
		}
	}
	return s.column(dataset, phase)
}

// budgetFinding says whether the ranking depends on how many settings are tried.
func (s *study) budgetFinding(dataset string) string {
	col := s.draws(dataset)
	most := 0
	for _, x := range col {
		most = max(most, x.N()/2)
	}
	if most < 2 || len(col) < 3 {
		return ""
	}
	first := func(k int) (string, []float64) {
		var v []float64
		at := 0
		for i, x := range col {
			mean, _, _ := reports.BestOf(x, k)
			if v = append(v, mean); v[i] < v[at] {
				at = i
			}
		}
		return col[at].Model, v
	}
	one, v1 := first(1)
	last, vk := first(most)
	tau, _ := stats.Kendall(v1, vk)
	text := fmt.Sprintf("On %s the order of the models by the expected best of 1 and of %d settings agrees with Kendall's tau %s", dataset, most, reports.Number(math.Round(tau*100)/100))
	if one == last {
		return text + fmt.Sprintf("; %s is first in both.", one)
	}
	return text + fmt.Sprintf("; %s is first with one, %s with %d.", one, last, most)
}

// failureFinding counts the trainings that failed.
func (s *study) failureFinding() string {
	trained, failed, causes := s.trained(), 0, s.causes()
	for _, c := range causes {
		failed += c.cells
	}
	if failed == 0 {
		return fmt.Sprintf("None of the %d trainings failed.", trained)
	}
	return fmt.Sprintf("%d of the %d trainings failed; a failure counts as the worst value there is.", failed, trained)
}

// trained is the number of cells that trained a model.
func (s *study) trained() int {
	cells := map[string]bool{}
	for _, r := range s.recs {
		if len(r.Study) > 0 {
			cells[r.Cell] = true
		}
	}
	return len(cells)
}

// cause is how many cells of a model failed in one way.
type cause struct {
	model, dataset, phase string
	cause                 reports.Cause
	cells                 int
}

// causes counts the failures of whole cells.
func (s *study) causes() (out []cause) {
	for _, r := range s.recs {
		if !r.CellFailed() || len(r.Study) == 0 {
			continue
		}
		one := cause{r.Model, r.Dataset, r.Study[0].Role(), r.Cause, 0}
		at := slices.IndexFunc(out, func(c cause) bool { c.cells = 0; return c == one })
		if at < 0 {
			at, out = len(out), append(out, one)
		}
		out[at].cells++
	}
	slices.SortStableFunc(out, func(a, b cause) int {
		return cmp.Or(strings.Compare(a.model, b.model), strings.Compare(a.dataset, b.dataset), strings.Compare(a.phase, b.phase), cmp.Compare(a.cause, b.cause))
	})
	return out
}

// listed joins names as a sentence does: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
