package audit

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// HTML writes the audit as one page, a section for each question.
func (d *DataResult) HTML(w io.Writer) error {
	doc := reports.Document{Kicker: "Assay audit", Title: "Which metric can be trusted on " + d.Path,
		Meta: fmt.Sprintf("%d samples, %d a side, modes are %d %s, seed %d; %s", d.Samples, d.N, d.Modes, d.ModesAre, d.Seed, joined(d.Featurizers))}
	for _, a := range d.Advice {
		kind := map[string]string{"use": reports.Good, "add": reports.Good, "avoid": reports.Bad, "alarm": reports.Bad}[a.Kind]
		if kind == "" {
			kind = reports.Note
		}
		doc.Findings = append(doc.Findings, reports.Finding{Kind: kind, Text: a.Text})
	}
	doc.Sections = []reports.Section{
		{ID: "sight", Title: "What does each metric see?", Lead: "The least of the four strengths from which on a value is worse than for all of " + fmt.Sprint(splits) +
			" random splits of the real samples, and than their mean by 4 standard deviations. A dot is never; an exclamation mark is a value that gets better.", Tables: []reports.Table{d.Sight()}},
		{ID: "monotone", Title: "Does it grow with the fault?", Lead: "Kendall's tau between strength and badness over real samples and four strengths: 1 grows throughout, 0 does not follow. The curves are the values themselves; the band is real against real, " +
			"green where the fault is seen.", Tables: []reports.Table{d.grid("tau", "Kendall's tau", func(f FaultReading) string { return fmt.Sprintf("%.1f", f.Tau) })}, Panels: d.curves()},
		{ID: "sensitivity", Title: "Which is most sensitive at equal strength?", Lead: "How much worse than real against real at the second strength, in standard deviations of real against real; about 4 is the least that counts as seen.",
			Tables: []reports.Table{d.grid("z", "standard deviations", func(f FaultReading) string { return short(f.Z[powerLevel]) })}},
		{ID: "blind", Title: "What is it blind to?", Lead: "Faults that a value sees at no strength, and those that make it better.", Tables: []reports.Table{d.blindness()}},
		{ID: "alarms", Title: "Does it call real data a fault?", Lead: fmt.Sprintf("Real samples against real samples, %d random splits: each is held against the others by the rule that finds faults.", splits), Tables: []reports.Table{d.alarms()}},
		{ID: "size", Title: "How does it move with the number of samples?", Lead: "The mean of real against real, which a metric without bias keeps, and its standard deviation.", Tables: []reports.Table{d.sizes()}},
		{ID: "least", Title: "How many samples does it take?", Lead: "The least number of samples a side from which on the second strength is seen in all but one of " + fmt.Sprint(powerSplits) + " splits. A dot: not with these samples.",
			Tables: []reports.Table{d.grid("least", "samples a side", func(f FaultReading) string { return orDot(f.Least) })}},
		{ID: "cost", Title: "What does it cost?", Lead: "Median seconds of one score at the full size, on this machine and beside other work, without intervals and without the features; what depends on the real and the training samples alone is known from the score before.", Tables: []reports.Table{d.cost()}},
		{ID: "planted", Title: "What was planted?", Lead: "Real samples are dealt at random into a reference, clean fakes and a training set; a disturbance changes the fakes. Where modes are dropped or made rarer, the others are filled with spare samples; some repeat where there are too few. The four strengths of each:", Tables: []reports.Table{d.planted()}},
	}
	return reports.DocumentHTML(w, doc)
}

func orDot(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

// short is a number in few characters.
func short(v float64) string {
	switch {
	case math.Abs(v) < 10:
		return fmt.Sprintf("%.1f", v)
	case math.Abs(v) >= 1e5:
		return fmt.Sprintf("%.0e", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func cell(text string) reports.Cell { return reports.Cell{Text: text} }

func words(text string) reports.Cell { return reports.Cell{Text: text, Left: true} }

// ranked are the readings, those that see most first.
func (d *DataResult) ranked() []Reading {
	out := slices.Clone(d.Readings)
	slices.SortStableFunc(out, func(a, b Reading) int { return b.worth(d.Faults) - a.worth(d.Faults) })
	return out
}

// grid is a table of the values by the faults.
func (d *DataResult) grid(id, title string, of func(FaultReading) string) reports.Table {
	t := reports.Table{ID: id, Title: title, Head: []string{"value", "featurizer"}}
	for _, f := range d.Faults {
		t.Head = append(t.Head, f.Title)
	}
	for _, r := range d.ranked() {
		row := reports.Row{Cells: []reports.Cell{words(r.Value), words(r.Featurizer)}}
		for _, f := range r.Faults {
			c := cell(of(f))
			c.Best = f.From > 0
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Sight is the table of what every value sees: the strength, 1 to 4, from which on a fault is seen.
func (d *DataResult) Sight() reports.Table {
	return d.grid("sight-table", "from which strength on", func(f FaultReading) string {
		if f.fooled() {
			return "!"
		}
		return orDot(f.From)
	})
}

// Summary is the first values of the ranking in a table that a terminal holds.
func (d *DataResult) Summary() reports.Table {
	const most, wide = 12, 24
	t := reports.Table{ID: "audit", Title: fmt.Sprintf("%d samples, %d a side, %d %s", d.Samples, d.N, d.Modes, d.ModesAre), Head: []string{"value", "featurizer", "sees", "least N"}}
	for i, r := range d.ranked() {
		if i == most {
			break
		}
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{words(cut(r.Value, wide)), words(cut(r.Featurizer, wide)), cell(fmt.Sprintf("%d of %d", len(d.seenBy(r)), len(d.Faults))), cell(orDot(d.least(r)))}})
	}
	return t
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// curves are the values along the strengths, real against real at the left end.
func (d *DataResult) curves() []reports.Panels {
	var out []reports.Panels
	for _, space := range d.Featurizers {
		p := reports.Panels{Title: "values along the four strengths, in " + space}
		for _, r := range d.ranked() {
			if r.Featurizer != space {
				continue
			}
			for k, f := range r.Faults {
				mark := "bad"
				if f.From > 0 {
					mark = "good"
				}
				p.Panels = append(p.Panels, reports.Panel{Row: r.Value, Column: d.Faults[k].ID, X: []float64{0, 1, 2, 3, 4}, Y: append([]float64{r.Null.Mean}, f.Mean...), Lo: r.Null.Lo, Hi: r.Null.Hi, Mark: mark,
					Text: fmt.Sprintf("%s under %s: %.3g, then %.3g to %.3g", r.Value, d.Faults[k].Title, r.Null.Mean, f.Mean[0], f.Mean[levels-1])})
			}
		}
		out = append(out, p)
	}
	return out
}

func (d *DataResult) blindness() reports.Table {
	t := reports.Table{ID: "blind-table", Title: "blindness", Head: []string{"value", "featurizer", "sees", "blind to", "made better by"}}
	for _, r := range d.ranked() {
		var blind, fooled []string
		for _, f := range r.Faults {
			if f.fooled() {
				fooled = append(fooled, f.Fault)
			} else if f.From == 0 {
				blind = append(blind, f.Fault)
			}
		}
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{words(r.Value), words(r.Featurizer), cell(fmt.Sprintf("%d of %d", len(d.seenBy(r)), len(d.Faults))), words(joined(d.titles(blind))), words(joined(d.titles(fooled)))}})
	}
	return t
}

func (d *DataResult) alarms() reports.Table {
	t := reports.Table{ID: "alarm-table", Title: "false alarms", Head: []string{"value", "featurizer", "false alarms", "mean", "standard deviation", "least", "greatest"}}
	for _, r := range d.ranked() {
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{words(r.Value), words(r.Featurizer), cell(fmt.Sprintf("%.0f of %d", r.FalseAlarms*splits, splits)), cell(fmt.Sprintf("%.4g", r.Null.Mean)),
			cell(fmt.Sprintf("%.2g", r.Null.SD)), cell(fmt.Sprintf("%.4g", r.Null.Lo)), cell(fmt.Sprintf("%.4g", r.Null.Hi))}})
	}
	return t
}

func (d *DataResult) sizes() reports.Table {
	t := reports.Table{ID: "size-table", Title: "bias and spread", Head: []string{"value", "featurizer"}}
	for _, n := range sizesUpTo(d.N) {
		t.Head = append(t.Head, fmt.Sprintf("%d a side", n))
	}
	for _, r := range d.ranked() {
		row := reports.Row{Cells: []reports.Cell{words(r.Value), words(r.Featurizer)}}
		for _, n := range sizesUpTo(d.N) {
			c := cell("·")
			if i := slices.IndexFunc(r.Sizes, func(s SizeReading) bool { return s.N == n }); i >= 0 {
				c = cell(fmt.Sprintf("%.3g ± %.1g", r.Sizes[i].Mean, r.Sizes[i].SD))
			}
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (d *DataResult) cost() reports.Table {
	t := reports.Table{ID: "cost-table", Title: "cost", Head: []string{"metric", "featurizer", "seconds"}}
	seen := map[string]bool{}
	all := slices.Clone(d.Readings)
	slices.SortStableFunc(all, func(a, b Reading) int { return strings.Compare(a.Featurizer, b.Featurizer) })
	for _, r := range all {
		if key := r.Metric + " " + r.Featurizer; !seen[key] {
			seen[key] = true
			t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{words(r.Metric), words(r.Featurizer), cell(fmt.Sprintf("%.3f", r.Seconds))}})
			if set := settingsOf(r.Metric); set != "" && !slices.Contains(t.Notes, r.Metric+" ran with "+set[1:]+".") {
				t.Notes = append(t.Notes, r.Metric+" ran with "+set[1:]+".")
			}
		}
	}
	return t
}

func (d *DataResult) planted() reports.Table {
	t := reports.Table{ID: "planted-table", Title: "disturbances", Head: []string{"disturbance", "name", "1", "2", "3", "4", "unit", "what is lost"}}
	for _, f := range d.Faults {
		row := reports.Row{Cells: []reports.Cell{words(f.Title), words(f.ID)}}
		for _, s := range f.Strengths {
			row.Cells = append(row.Cells, cell(fmt.Sprintf("%g", s)))
		}
		row.Cells = append(row.Cells, words(f.Unit), words(f.Kind))
		t.Rows = append(t.Rows, row)
	}
	for _, left := range []map[string]string{d.Unfit, d.LeftOut} {
		for _, id := range sortedNames(left) {
			t.Notes = append(t.Notes, fmt.Sprintf("%s was left out: %s.", id, left[id]))
		}
	}
	return t
}

func sortedNames(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
