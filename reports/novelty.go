package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports/stats"
)

// RewardsCopies returns the measures of fidelity that a copy of the training set gets a good value of; the first that was measured stands beside copying.
func RewardsCopies() []string { return []string{"fd", "fid", "kid", "precision", "is"} }

// noveltyValues are the values that tell copies from new samples, with what stands above them in reading order.
var noveltyValues = []struct{ metric, head, says string }{
	{"nn_copies", "copies", "share of the samples whose nearest training sample is less than a third as far as the second nearest"},
	{"nn_copies_real", "of held-out data", "the same share of real data that was not trained on"},
	{"c_t", "C_T", "z of the samples' distances to training data against those of held-out data: far below 0 the samples sit on training data"},
	{"fld_gap", "FLD gap", "likelihood of training data less that of held-out data under the samples: well below 0 the samples sit on training data"},
	{"palate", "PALATE", "near a half for new samples, near 1 for copies"},
	{"auth_pct", "authentic %", "share of the samples that are farther from their nearest training sample than that one is from its own"},
}

// Reading is a statistic that a verdict looked at, beside what held-out real data show.
type Reading struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Reference float64 `json:"reference"`
}

// Novelty is what is known of one row's copying, beside the fidelity that copying would improve.
type Novelty struct {
	Row     string           `json:"row"`
	Dataset string           `json:"dataset"`
	Measure Measure          `json:"measure"`  // of fidelity
	Median  Float            `json:"fidelity"` // its median
	Values  map[string]Float `json:"values"`   // medians over the seeds, by metric: nn_copies, nn_copies_real, c_t, fld_gap, palate, auth_pct
	Copying int              `json:"copying"`  // runs that look like copies, by the verdict or by these values, see Copies
	Runs    int              `json:"runs"`     // of so many
	From    string           `json:"from"`     // records, or verdict where no metric of the run looks at the training set
}

// copyingBeyond is how many more near-copies than held-out data have are copying, as in the verdict, and copyingZ the C_T from which it is usual to say so.
const (
	copyingBeyond = .05
	copyingZ      = -3
)

// Copies says whether the values of one scored set of samples, by name, look like copies of the training set: the share of near-copies is more than .05 above that of held-out data,
// or C_T is below -3. Both are reasons to look, not proofs: shrunken modes read low in C_T too.
func Copies(values map[string]float64) bool {
	copies, ok := values["nn_copies"]
	if ok && copies > values["nn_copies_real"]+copyingBeyond {
		return true
	}
	ct, ok := values["c_t"]
	return ok && ct < copyingZ
}

// rowOf is a row of the tables: a model, with the settings that tell it from its neighbours, on a data set.
type rowOf struct{ dataset, row string }

// looked is what was found of copying: by row, by cell, by metric. Of a metric in several feature spaces the first counts.
type looked map[rowOf]map[string]map[string]float64

func (l looked) note(k rowOf, cell, metric string, v float64) {
	if l[k] == nil {
		l[k] = map[string]map[string]float64{}
	}
	if l[k][cell] == nil {
		l[k][cell] = map[string]float64{}
	}
	if _, there := l[k][cell][metric]; !there {
		l[k][cell][metric] = v
	}
}

// measuredCopying is what the run's own metrics found, and readCopying what the verdicts did.
func measuredCopying(recs []Record, rows map[string]string) looked {
	l := looked{}
	for i := range recs {
		if r := &recs[i]; r.Status != Failed && isNovelty(r.Metric) && r.Model != Real {
			l.note(rowOf{r.Dataset, rows[r.Cell]}, r.Cell, r.Metric, r.Value)
		}
	}
	return l
}

func readCopying(run *Run, recs []Record, rows map[string]string) looked {
	l := looked{}
	if len(run.Artifacts) == 0 {
		return l
	}
	for of := range cellsOf(recs) {
		r := &of[0]
		v := run.Artifacts[r.Cell].Verdict
		if v == nil || r.Model == Real || !slices.ContainsFunc(of, func(r Record) bool { return !r.CellFailed() }) {
			continue
		}
		k := rowOf{r.Dataset, rows[r.Cell]}
		for _, read := range v.Readings {
			if !isNovelty(read.Name) {
				continue
			}
			l.note(k, r.Cell, read.Name, read.Value)
			if read.Name == "nn_copies" {
				l.note(k, r.Cell, "nn_copies_real", read.Reference)
			}
		}
	}
	return l
}

// novelties are the rows whose training set was looked at, by data set and row: by the run's metrics, or else by the verdict. The records are those that Final
// returned, rows the labels of their cells.
func novelties(run *Run, recs []Record, rows map[string]string, sums []Summary) []Novelty {
	measured := measuredCopying(recs, rows)
	var out []Novelty
	add := func(from string, k rowOf, cells map[string]map[string]float64) {
		fidelity, ok := fidelityOf(sums, k)
		if !ok {
			return
		}
		n := Novelty{Row: k.row, Dataset: k.dataset, Measure: fidelity.Measure, Median: Float(fidelity.Median), Values: map[string]Float{}, From: from, Runs: len(cells)}
		byMetric := map[string][]float64{}
		for cell, values := range cells {
			for name, v := range values {
				byMetric[name] = append(byMetric[name], v)
			}
			if v := run.Artifacts[cell].Verdict; Copies(values) || v != nil && v.Word == memorised {
				n.Copying++
			}
		}
		for name, v := range byMetric {
			n.Values[name] = Float(stats.Median(v))
		}
		out = append(out, n)
	}
	for k, cells := range measured {
		add("records", k, cells)
	}
	for k, cells := range readCopying(run, recs, rows) {
		if measured[k] == nil {
			add("verdict", k, cells)
		}
	}
	slices.SortFunc(out, func(a, b Novelty) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Row, b.Row))
	})
	return out
}

// memorised is the verdict's word for copies.
const memorised = "memorised"

func isNovelty(metric string) bool {
	return slices.ContainsFunc(noveltyValues, func(v struct{ metric, head, says string }) bool { return v.metric == metric })
}

// fidelityOf is the row's summary of the measure that copying improves.
func fidelityOf(sums []Summary, k rowOf) (Summary, bool) {
	for _, metric := range RewardsCopies() {
		var here []Measure
		for _, s := range sums {
			if s.Dataset == k.dataset && s.Row == k.row && s.Measure.Metric == metric {
				here = append(here, s.Measure)
			}
		}
		if one := OneWay(here); len(one) > 0 {
			at := slices.IndexFunc(sums, func(s Summary) bool { return s.Dataset == k.dataset && s.Row == k.row && s.Measure == one[0] })
			return sums[at], true
		}
	}
	return Summary{}, false
}

// noveltyTable sets copying beside fidelity, with the columns of which something is known.
func noveltyTable(all []Novelty) Table {
	t := Table{ID: "novelty", Title: "Copying beside fidelity (medians)", Head: []string{"data set", "model", "fidelity"}}
	var shown []int
	for i, v := range noveltyValues {
		if slices.ContainsFunc(all, func(n Novelty) bool { _, ok := n.Values[v.metric]; return ok }) {
			shown = append(shown, i)
			t.Head = append(t.Head, v.head)
			t.Notes = append(t.Notes, v.head+": "+v.says)
		}
	}
	for _, n := range all {
		row := Row{Cells: []Cell{{Text: n.Dataset, Left: true}, {Text: n.Row, Left: true}, {Text: measureTitle(n.Measure) + " " + Number(float64(n.Median)), Left: true}}}
		for _, i := range shown {
			c := Cell{Text: "–", Title: "not looked at"}
			if v, ok := n.Values[noveltyValues[i].metric]; ok {
				c = Cell{Text: Number(float64(v))}
			}
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	if slices.ContainsFunc(all, func(n Novelty) bool { return n.From == "verdict" }) {
		t.Notes = append(t.Notes, "Where no metric of the suite looks at the training set, what the verdict read stands here.")
	}
	return t
}

// noveltyFindings say whose fidelity is not to be read alone.
func noveltyFindings(all []Novelty) []Finding {
	var who []string
	name := ""
	for _, n := range all {
		if n.Copying > 0 && !IsReference(n.Row) {
			who = append(who, fmt.Sprintf("%s on %s (%d of %s)", n.Row, n.Dataset, n.Copying, plural(n.Runs, "run", "runs")))
			name = cmp.Or(name, columnTitle(n.Measure.Metric))
		}
	}
	if len(who) == 0 {
		return nil
	}
	return []Finding{{Note, fmt.Sprintf("%s rewards copies: read it beside copies and C_T, which say copying of %s.", name, listed(who)), false}}
}
