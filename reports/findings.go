package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Kinds of findings: what colour the header gives them.
const (
	Good = "good"
	Bad  = "bad"
	Note = "note"
)

// Finding is a sentence of the report's header, each made from numbers that the tables show.
type Finding struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Subject bool   `json:"-"` // Text begins with what it is about, before a colon
}

// Headline returns the metric of the first table: the one asked for, else fd, else the first of the summaries; "" if there is none.
func Headline(sums []Summary, asked string) string {
	best := ""
	for _, s := range sums {
		switch m := s.Measure.Metric; {
		case m == asked:
			return asked
		case best == "" || cmp.Or(cmp.Compare(termRank(m), termRank(best)), strings.Compare(m, best)) < 0:
			best = m
		}
	}
	return best
}

// Findings returns the report's verdict sentences: who is best on each data set and by how much of it one may be sure, who beats or misses the yardsticks,
// what the mode detectors say, what failed.
func Findings(run *Run, sums []Summary, o Options) []Finding {
	final := Final(Distinct(run.Records))
	return findings(run, final, sums, novelties(run, final, rowLabels(final), sums), o)
}

func findings(run *Run, final []Record, sums []Summary, copying []Novelty, o Options) []Finding {
	var out []Finding
	metric := Headline(sums, o.Metric)
	for i := 0; i < len(sums); {
		j := i
		for j < len(sums) && sums[j].Dataset == sums[i].Dataset && sums[j].Measure == sums[i].Measure {
			j++
		}
		if sums[i].Measure.Metric == metric {
			out = append(out, bestFindings(sums[i:j], measuresOn(sums, sums[i].Dataset))...)
		}
		i = j
	}
	out = append(out, modeFindings(run)...)
	out = append(out, noveltyFindings(copying)...)
	out = append(out, watchFindings(final)...)
	out = append(out, failureFindings(run)...)
	for _, n := range run.Notes {
		out = append(out, Finding{Kind: Note, Text: n})
	}
	return out
}

// bestFindings are the sentences on a column; the measure is called so that it cannot be taken for another one of the data set.
func bestFindings(col []Summary, all []Measure) []Finding {
	st := standingOf(col)
	best, models, few, tied := st.best, st.models, st.few, st.tied
	if best == nil {
		return nil
	}
	name := measureLabel(best.Measure, all, true)
	on := "" // records of a score may name no data set
	if best.Dataset != "" {
		on = best.Dataset + ": "
	}
	value, interval := valueText(*best)
	if interval != "" {
		value += " " + interval
	}
	text := fmt.Sprintf("%s%s has the best %s, %s", on, best.Row, name, value)
	if models == 1 {
		text = fmt.Sprintf("%s%s has %s %s", on, best.Row, name, value)
	}
	if times := timesFloor(*best); times != "" {
		text += fmt.Sprintf(", %s times what real data score (%s)", times, Number(*best.Floor))
	}
	switch {
	case models > 1 && few:
		text += fmt.Sprintf("; with %s a model no test can confirm the order.", plural(best.N(), "run", "runs"))
	case len(tied) > 0:
		text += fmt.Sprintf("; %s cannot be told from it.", listed(tied))
	case models > 1:
		text += "; every other model is worse beyond chance."
	default:
		text += "."
	}
	kind := Good
	if few && models > 1 {
		kind = Note // an order that nothing can confirm is no good news
	}
	out := []Finding{{kind, text, on != ""}}
	if len(st.beats) > 0 {
		out = append(out, Finding{Note, fmt.Sprintf("%s%s scores better than held-out real data by %s: look for memorisation, or draw more samples.", on, listed(st.beats), name), on != ""})
	}
	if len(st.losers) > 0 {
		out = append(out, Finding{Bad, fmt.Sprintf("%s%s did no better than an untrained generator by %s.", on, listed(st.losers), name), on != ""})
	}
	return out
}

// measureTitle is a metric's name with the space that it was measured in.
func measureTitle(m Measure) string { return columnTitle(m.Metric) + measureSuffix(m) }

func measureSuffix(m Measure) string {
	if m.Featurizer == "" || m.Featurizer == "none" {
		return ""
	}
	return " (" + m.Featurizer + ")"
}

// modeFindings says, for each word but "healthy", whom the mode detectors gave it, from the verdict artifacts.
func modeFindings(run *Run) []Finding {
	hits, cells := verdictCounts(run)
	byWord := map[string][]string{}
	for w, n := range hits {
		if w.word == healthyWord || w.word == "" {
			continue
		}
		all := cells[verdictAt{"", w.model, w.dataset}]
		byWord[w.word] = append(byWord[w.word], fmt.Sprintf("%s on %s (%d of %s)", w.model, w.dataset, n, plural(all, "run", "runs")))
	}
	var out []Finding
	for word, who := range byWord {
		slices.Sort(who)
		out = append(out, Finding{Bad, strings.ToUpper(word[:1]) + word[1:] + ": " + listed(who) + ".", true})
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// verdictAt is a word for a model's runs on a data set; without a word all of them.
type verdictAt struct{ word, model, dataset string }

// verdictCounts counts the words of the mode detectors, and the runs that have one.
func verdictCounts(run *Run) (hits, cells map[verdictAt]int) {
	hits, cells = map[verdictAt]int{}, map[verdictAt]int{}
	seen := map[string]bool{}
	if len(run.Artifacts) == 0 {
		return hits, cells
	}
	for of := range cellsOf(run.Records) {
		r := &of[0]
		a, ok := run.Artifacts[r.Cell]
		if seen[r.Cell] || !ok || a.Verdict == nil || IsReference(r.Model) {
			continue
		}
		seen[r.Cell] = true
		hits[verdictAt{a.Verdict.Word, r.Model, r.Dataset}]++
		cells[verdictAt{"", r.Model, r.Dataset}]++
	}
	return hits, cells
}

// Failure is a cell, or a value of one, that could not be had.
type Failure struct {
	Model   string `json:"model"`
	Dataset string `json:"dataset"`
	Seed    uint64 `json:"seed"`
	Step    int    `json:"step"`
	Metric  string `json:"metric,omitempty"` // "" for the whole cell
	Error   string `json:"error"`
	Cell    string `json:"cell"`
}

// Failures lists every failure of the records, sorted by data set, model and seed.
func Failures(recs []Record) []Failure {
	var out []Failure
	recs = Distinct(recs)
	for i := range recs {
		if r := &recs[i]; r.Status == Failed {
			out = append(out, Failure{r.Model, r.Dataset, r.Seed, r.Step, r.Metric, r.Error, r.Cell})
		}
	}
	slices.SortStableFunc(out, func(a, b Failure) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model), cmp.Compare(a.Seed, b.Seed), strings.Compare(a.Metric, b.Metric), strings.Compare(a.Cell, b.Cell))
	})
	return out
}

func failureFindings(run *Run) []Finding {
	cells := map[string]bool{}
	for of := range cellsOf(run.Records) {
		if !IsReference(of[0].Model) {
			cells[of[0].Cell] = cells[of[0].Cell] || slices.ContainsFunc(of, Record.CellFailed)
		}
	}
	n := 0
	for _, failed := range cells {
		if failed {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []Finding{{Bad, fmt.Sprintf("%d of %s failed and %s as the worst possible value: see Failures.", n, plural(len(cells), "cell", "cells"), map[bool]string{true: "counts", false: "count"}[n == 1]), false}}
}

// failureTable lists the failures.
func failureTable(recs []Record) Table {
	t := Table{ID: "failures", Title: "Failures", Head: []string{"data set", "model", "seed", "step", "what", "why"}}
	for _, f := range Failures(recs) {
		what := "whole cell"
		if f.Metric != "" {
			what = columnTitle(f.Metric)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: f.Dataset, Left: true}, {Text: f.Model, Left: true}, {Text: fmt.Sprint(f.Seed)}, {Text: fmt.Sprint(f.Step)},
			{Text: what, Left: true}, {Text: f.Error, Left: true, Title: "cell " + f.Cell}}})
	}
	return t
}
