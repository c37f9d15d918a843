package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// HoldOut names the split that a study chooses its settings by. What is measured against it decides, and is not reported.
const HoldOut = "hold"

// Role is what a draw's run stands for in tables: the phase it was drawn in, or of a rerun what was run again.
func (d Draw) Role() string {
	if d.Phase == RerunPhase {
		return d.Of
	}
	return d.Phase
}

// Searching says whether the draw belongs to a search, whose settings differ, and not to the rerun of some.
func (d Draw) Searching() bool { return d.Phase != RerunPhase }

// reported leaves out what a study measured on its way: against the hold-out, and at rungs before a draw's last.
func reported(recs []Record) []Record {
	type run struct {
		model, dataset, settings string
		seed                     uint64
		phase                    string
	}
	last := map[run]int{} // of runs that stopped at rungs; 0 is the end
	of := func(r *Record) run { return run{r.Model, r.Dataset, r.SettingsID, r.Seed, r.Study[0].Phase} }
	for i := range recs {
		if r := &recs[i]; len(r.Study) > 0 && r.Study[0].Rung > 0 {
			last[of(r)] = max(last[of(r)], r.Study[0].Rung)
		}
	}
	for i := range recs {
		if r := &recs[i]; len(last) > 0 && len(r.Study) > 0 && r.Study[0].Rung == 0 {
			last[of(r)] = 0
		}
	}
	return kept(recs, func(r *Record) bool {
		return len(r.Study) == 0 || r.Reference != HoldOut && (len(last) == 0 || r.Study[0].Rung == last[of(r)])
	})
}

// part is what a cell is in one of its draws, so that every phase has all of its draws.
type part struct {
	recs []Record // of the cell: change none
	name string   // of the cell, in this draw
	draw *Draw    // nil outside of studies
	row  string   // see label
}

// role is what the part stands for in tables, "" outside of studies.
func (p *part) role() string {
	if p.draw == nil || IsReference(p.recs[0].Model) {
		return ""
	}
	return p.draw.Role()
}

// unfolded are the parts of records, with the names of their rows.
func unfolded(recs []Record) []part {
	out := make([]part, 0, 64)
	for from := 0; from < len(recs); {
		r, to := &recs[from], from+1
		for to < len(recs) && sameCell(r, &recs[to]) {
			to++
		}
		of := recs[from:to:to]
		if len(r.Study) == 0 {
			out = append(out, part{recs: of, name: r.Cell})
		}
		for k := range r.Study {
			out = append(out, part{recs: of, name: r.Cell + " " + r.Study[k].Role(), draw: &r.Study[k]})
		}
		from = to
	}
	variants := rowVariants{}
	for i := range out {
		variants.add(&out[i].recs[0], out[i].role())
	}
	for i := range out {
		out[i].row = variants.label(&out[i].recs[0], out[i].role())
	}
	return out
}

// sameCell says whether two neighbours are values of one cell, in the same draws.
func sameCell(a, b *Record) bool {
	return a.Cell == b.Cell && a.Model == b.Model && a.Dataset == b.Dataset && a.SettingsID == b.SettingsID && a.Seed == b.Seed && slices.Equal(a.Study, b.Study)
}

// studyTables are what a study adds to a report: the search of every model, and what choosing gained. Both are of the headline metric; empty for a run without draws.
func studyTables(sums []Summary, metric string) []Table {
	return slices.DeleteFunc([]Table{searchTable(sums, metric), gainTable(sums, metric)}, func(t Table) bool { return len(t.Rows) == 0 })
}

// tried are the numbers of settings whose expected best is shown.
var tried = []int{1, 5, 10, 25, 50}

func searchTable(sums []Summary, metric string) Table {
	t := Table{ID: "table-search", Title: "Search: " + columnTitle(metric) + " over settings", Head: []string{"model", "data set", "draws", "failed", "best", "quartile", "median", "quartile", "defaults"}}
	for _, k := range tried {
		t.Head = append(t.Head, fmt.Sprintf("best of %d", k))
	}
	var rules []string
	for _, s := range sums {
		if !s.Searching || s.Measure.Metric != metric || s.Better != Lower && s.Better != Higher {
			continue
		}
		v := s.Ranked()
		slices.Sort(v)
		if s.Better == Higher {
			slices.Reverse(v)
		}
		at := func(q float64) Cell { return numberCell(v[min(len(v)-1, int(q*float64(len(v)-1)+0.5))]) }
		row := []Cell{{Text: s.Row, Left: true}, {Text: s.Dataset, Left: true}, {Text: fmt.Sprint(s.N())}, {Text: fmt.Sprint(s.Failed)}, numberCell(v[0]), at(.25), at(.5), at(.75), {Text: "–"}}
		if s.Defaults != nil {
			row[len(row)-1] = numberCell(*s.Defaults)
		}
		for _, k := range tried {
			row = append(row, bestOfCell(s, k))
		}
		t.Rows = append(t.Rows, Row{Cells: row})
		if s.Stop != "" && !slices.Contains(rules, s.Stop) {
			rules = append(rules, s.Stop)
		}
	}
	t.Notes = append(t.Notes, "One run a draw, from the best to the worst; a failure is the worst there is. Best of k: its expectation when k of these settings are drawn with replacement, with the middle 95 % of outcomes, for k up to half the draws.")
	for _, r := range rules {
		t.Notes = append(t.Notes, "Stopped draws count with their value at their last rung; "+r+".")
	}
	return t
}

func numberCell(v float64) Cell {
	if math.IsInf(v, 0) {
		return Cell{Text: "failed"}
	}
	return Cell{Text: Number(v)}
}

// bestOfCell is the expected best of k draws; more than half of the draws there are would say more about these than about new ones.
func bestOfCell(s Summary, k int) Cell {
	v, sign := signed(s)
	if k > mostOf(len(v)) {
		return Cell{Text: "–", Title: "too few draws"}
	}
	b := bestAt(v, sign, k)
	c := numberCell(b.mean)
	lo, hi := min(b.lo, b.hi), max(b.lo, b.hi)
	if !math.IsInf(lo, 0) && !math.IsInf(hi, 0) {
		c.Sub = fmt.Sprintf("[%s, %s]", Number(lo), Number(hi))
	}
	return c
}

// gainTable compares the chosen settings with the defaults over fresh seeds.
func gainTable(sums []Summary, metric string) Table {
	t := Table{ID: "table-gain", Title: "Chosen settings against the defaults: " + columnTitle(metric), Head: []string{"model", "data set", "seeds", "best", "defaults", "difference", "p"}}
	type pair struct{ best, defaults *Summary }
	pairs := map[string]*pair{}
	var order []string
	for i := range sums {
		s := &sums[i]
		if s.Measure.Metric != metric || s.Role != "best" && s.Role != "defaults" {
			continue
		}
		k := s.Dataset + "\x00" + s.Model + "\x00" + fmt.Sprint(s.Measure)
		if pairs[k] == nil {
			pairs[k] = &pair{}
			order = append(order, k)
		}
		if s.Role == "best" {
			pairs[k].best = s
		} else {
			pairs[k].defaults = s
		}
	}
	var p []float64
	for _, k := range order {
		a, b := pairs[k].best, pairs[k].defaults
		if a == nil || b == nil {
			continue
		}
		shift := stats.HodgesLehmann(a.Ranked(), b.Ranked(), .975)
		p = append(p, stats.MannWhitney(a.Ranked(), b.Ranked(), stats.TwoSided).P)
		diff := numberCell(shift.Estimate)
		if !math.IsInf(shift.Lo, 0) && !math.IsInf(shift.Hi, 0) && !math.IsNaN(shift.Lo) {
			diff.Sub = fmt.Sprintf("[%s, %s]", Number(shift.Lo), Number(shift.Hi))
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: a.Model, Left: true}, {Text: a.Dataset, Left: true}, {Text: fmt.Sprint(a.N())}, numberCell(a.Median), numberCell(b.Median), diff, {}}})
	}
	for i, adjusted := range stats.Holm(p) {
		t.Rows[i].Cells[len(t.Rows[i].Cells)-1] = Cell{Text: fmt.Sprintf("%.2g", adjusted)}
		if adjusted > .05 {
			t.Rows[i].Cells[len(t.Rows[i].Cells)-1].Sub = "cannot tell"
		}
	}
	t.Notes = []string{"Fresh seeds that the search did not use; medians, the Hodges-Lehmann difference with its 95 % interval, and the exact two-sided Mann-Whitney test, Holm-adjusted over the table."}
	return t
}

// roleOf is the role that names a record's row, "" outside of studies.
func roleOf(r *Record) string {
	if len(r.Study) == 0 || IsReference(r.Model) {
		return ""
	}
	return r.Study[0].Role()
}

// contender says whether a row takes part in the ranking: in a study only what was chosen does, trained again with fresh seeds. A search's own rows hold many settings, and
// the least of them was picked by luck as well.
func contender(s Summary, col []Summary) bool {
	if s.Reference() {
		return false
	}
	chosen := slices.ContainsFunc(col, func(o Summary) bool { return o.Role == "best" })
	return !chosen || s.Role == "best" || s.Role == ""
}

// defaultsOf notes the value of the first draw in the summary of a phase.
func defaultsOf(s *Summary, draw *Draw, r *Record) {
	if s.Searching && draw != nil && draw.Number == DefaultsNumber && r.Status != Failed && s.Defaults == nil {
		v := r.Value
		s.Defaults = &v
	}
}

// stopNote says under a figure which rule could have stopped the draws in it.
func stopNote(col []Summary) string {
	for _, s := range col {
		if s.Stop != "" {
			return " Stopped draws are shown at their last rung (" + s.Stop + ")."
		}
	}
	return ""
}
