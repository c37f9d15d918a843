package reports

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// answer is a line of the page's first screen: who is best on a data set, how sure one may be of it, and what is said of the models there.
type answer struct {
	Dataset, Anchor string
	Measure         string // what the value is of
	Best            string // "" where no model has a value
	Class           string // of the best model's swatch
	Sure            string // how sure the order is
	Kind            string // of a Finding
	Value, Interval string
	Times           string // beside real data
	Chips           []chip
}

// chip is a word that is said of some models, who they are beside it.
type chip struct {
	Word, Kind string
	Who        []string
}

// Named is whom the page names beside a word: all, or the first of very many.
func (c chip) Named() []string {
	const most = 30
	if len(c.Who) <= most {
		return c.Who
	}
	return append(slices.Clone(c.Who[:most]), fmt.Sprintf("and %d more", len(c.Who)-most))
}

// answers are a line for each data set, by the headline metric in one way.
func answers(r *Report) []answer {
	hits, cells := verdictCounts(r.Run)
	names := r.models()
	var out []answer
	for i, d := range datasetsOf(r.Sums) {
		a := answer{Dataset: d, Anchor: fmt.Sprintf("set-%d", i)}
		col := r.headlineOn(d)
		if len(col) > 0 {
			a.Measure = measureLabel(col[0].Measure, measuresOn(r.Sums, d), true) + map[string]string{Lower: ", lower is better", Higher: ", higher is better"}[col[0].Better]
			a.judged(col, names)
		}
		a.Chips = slices.Concat(verdictChips(d, hits, cells), columnChips(col))
		out = append(out, a)
	}
	return out
}

// headlineOn are the summaries of a data set by the headline metric in the one way that OneWay keeps.
func (r *Report) headlineOn(dataset string) []Summary {
	one := OneWay(slices.DeleteFunc(modelMeasures(r.Sums, dataset), func(m Measure) bool { return m.Metric != r.Metric }))
	if len(one) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Sums), func(s Summary) bool { return s.Dataset != dataset || s.Measure != one[0] })
}

// measuresOn are the different measures of a data set in the order of tables; modelMeasures those that some model was scored by.
func measuresOn(sums []Summary, dataset string) []Measure {
	return measuresOf(sums, func(s Summary) bool { return s.Dataset == dataset })
}

func modelMeasures(sums []Summary, dataset string) []Measure {
	return measuresOf(sums, func(s Summary) bool { return s.Dataset == dataset && !s.Reference() })
}

func measuresOf(sums []Summary, keep func(Summary) bool) []Measure {
	seen := map[Measure]bool{}
	var out []Measure
	for _, s := range sums {
		if keep(s) && !seen[s.Measure] {
			seen[s.Measure] = true
			out = append(out, s.Measure)
		}
	}
	return out
}

// judged fills in who is best and how sure that is.
func (a *answer) judged(col []Summary, names []string) {
	st := standingOf(col)
	if a.Kind = Note; st.best == nil {
		a.Sure = "no model has a value"
		return
	}
	a.Best, a.Class = st.best.Row, colour(slices.Index(names, st.best.Row))
	a.Value, a.Interval = valueText(*st.best)
	switch {
	case st.models == 1:
		a.Sure, a.Kind = "the only model", Good
	case st.few:
		a.Sure = fmt.Sprintf("first of %d, unconfirmed: %s a model", st.models, plural(st.best.N(), "run", "runs"))
	case len(st.tied) > 0:
		a.Sure = "cannot be told from " + listed(st.tied)
	default:
		a.Sure, a.Kind = fmt.Sprintf("best of %d beyond chance", st.models), Good
	}
	if f := st.best.Floor; f != nil {
		a.Times = "real data: " + Number(*f)
		if t := timesFloor(*st.best); t != "" {
			a.Times = t + " × real data"
		}
	}
}

// timesFloor is a value as a multiple of what real data score; "" where a ratio means nothing.
func timesFloor(s Summary) string {
	if s.Floor == nil || *s.Floor <= 0 || s.Better != Lower || math.IsInf(s.Median, 0) {
		return ""
	}
	return Number(math.Round(s.Median / *s.Floor * 100) / 100)
}

// verdictChips are the words of the mode detectors on a data set, each with the models that got it.
func verdictChips(dataset string, hits, cells map[verdictAt]int) []chip {
	words := map[string][]string{}
	ill := map[string]bool{}
	for w, n := range hits {
		if w.dataset == dataset && w.word != healthyWord && w.word != "" {
			ill[w.model] = true
			words[w.word] = append(words[w.word], fmt.Sprintf("%s %d of %s", w.model, n, plural(cells[verdictAt{"", w.model, dataset}], "run", "runs")))
		}
	}
	var out []chip
	var well []string
	for w, n := range hits {
		if w.dataset == dataset && w.word == healthyWord && !ill[w.model] {
			well = append(well, fmt.Sprintf("%s, %s", w.model, plural(n, "run", "runs")))
		}
	}
	if len(well) > 0 {
		slices.Sort(well)
		out = append(out, chip{healthyWord, Good, well})
	}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		slices.Sort(words[w])
		out = append(out, chip{w, Bad, words[w]})
	}
	return out
}

// healthyWord is the verdict that is none.
const healthyWord = "healthy"

// columnChips say of whom the headline measure itself says something odd.
func columnChips(col []Summary) []chip {
	var below, noise, failed []string
	for _, s := range col {
		switch {
		case s.Reference():
			continue
		case s.LosesNoise:
			noise = append(noise, s.Row)
		case s.BeatsFloor:
			below = append(below, s.Row)
		}
		if s.Failed > 0 {
			failed = append(failed, fmt.Sprintf("%s %d of %s", s.Row, s.Failed, plural(s.N(), "run", "runs")))
		}
	}
	all := []chip{{"failed", Bad, failed}, {"like untrained", Bad, noise}, {"better than real data", Note, below}}
	return slices.DeleteFunc(all, func(c chip) bool { return len(c.Who) == 0 })
}

// standing is how the models of a column stand to one another.
type standing struct {
	best                *Summary
	models              int
	tied, beats, losers []string
	few                 bool // some model has too few runs for any test to tell it from the best
}

func standingOf(col []Summary) standing {
	var st standing
	for i := range col {
		s := &col[i]
		if s.Reference() {
			continue
		}
		st.models++
		switch {
		case s.Best && st.best == nil:
			st.best = s
		case s.Tied:
			st.tied = append(st.tied, s.Row)
		}
		st.few = st.few || !s.Best && !s.Significant
		if s.BeatsFloor {
			st.beats = append(st.beats, s.Row)
		}
		if s.LosesNoise {
			st.losers = append(st.losers, s.Row)
		}
	}
	return st
}

// urgent are the findings that stand open on the page: what failed, what could not be read, what is to be read beside the values. The rest is in the lines of the data
// sets, or folded.
func urgent(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Subject })
}
