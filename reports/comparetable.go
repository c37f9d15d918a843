package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// CompareTable shows differences as a table. Where a side has rows of real data, a line below the models of a data set and measure says what these score.
func CompareTable(diffs []Difference) Table {
	t := Table{ID: "compare", Title: "B relative to A", Head: []string{"data set", "A", "B", "metric", "median A", "median B", "shift of B", "95 % interval", "P(B better)", "p", "verdict"}}
	diffs = slices.Clone(diffs)
	slices.SortStableFunc(diffs, func(x, y Difference) int {
		return cmp.Or(strings.Compare(x.Dataset, y.Dataset), compareMeasures(x.Measure, y.Measure), strings.Compare(x.B, y.B))
	})
	floor := false
	for i, d := range diffs {
		interval := d.shift(d.Shift.Lo) + " to " + d.shift(d.Shift.Hi)
		if !d.Shift.Finite {
			interval = "too few runs"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: d.Dataset, Left: true}, {Text: d.A, Left: true}, {Text: d.B, Left: true},
			{Text: measureTitle(d.Measure), Left: true}, {Text: withFailures(d.MedianA, d.FailedA, d.NA)}, {Text: withFailures(d.MedianB, d.FailedB, d.NB)},
			{Text: d.shift(d.Shift.Estimate)}, {Text: interval}, {Text: d.chance()}, {Text: PValue(d.P)}, {Text: d.Verdict(), Left: true}}})
		if last := i == len(diffs)-1 || d.Dataset != diffs[i+1].Dataset || d.Measure != diffs[i+1].Measure; last && (d.FloorA != nil || d.FloorB != nil) {
			t.Rows, floor = append(t.Rows, floorRow(d)), true
		}
	}
	t.Notes = append(compareLegend(diffs), CompareSentence(diffs))
	if floor {
		t.Notes = append(t.Notes, "floor: held-out real data scored in the same way; no model can be expected to do better")
	}
	return t
}

// floorRow is what real data score where the difference was found.
func floorRow(d Difference) Row {
	none := Cell{Text: "–"}
	value := func(v *float64) Cell {
		if v == nil {
			return Cell{Text: "–", Title: "not measured"}
		}
		return Cell{Text: Number(*v)}
	}
	return Row{Reference: true, Cells: []Cell{{Text: d.Dataset, Left: true}, {Text: Real, Left: true}, {Text: Real, Left: true},
		{Text: measureTitle(d.Measure), Left: true}, value(d.FloorA), value(d.FloorB), none, none, none, none, {Text: "floor", Left: true}}}
}

func withFailures(v float64, failed, n int) string {
	if failed == 0 {
		return Number(v)
	}
	return fmt.Sprintf("%s, %d/%d failed", Number(v), failed, n)
}

// shift writes a shift as a share or as a number.
func (d Difference) shift(v float64) string {
	switch {
	case !d.Relative || math.IsInf(v, 0):
		return Number(v)
	case d.Shift.Estimate >= 9: // a factor, and so are its bounds
		return "x" + Number(1+v)
	}
	return fmt.Sprintf("%+.1f %%", 100*v)
}

// chance is the probability that a run of B beats one of A, with its interval where there is one.
func (d Difference) chance() string {
	switch {
	case math.IsNaN(d.PBetter):
		return "–"
	case math.IsNaN(d.PRange.Lo):
		return fmt.Sprintf("%.2f", d.PBetter)
	}
	return fmt.Sprintf("%.2f [%.2f, %.2f]", d.PBetter, d.PRange.Lo, d.PRange.Hi)
}

// Verdict is the comparison in two words; "~" where no difference is shown, as benchstat has it.
func (d Difference) Verdict() string {
	switch {
	case d.Test == "":
		return "identical"
	case d.P > comparedAt && d.reach > comparedAt:
		return "too few runs"
	case d.P > comparedAt:
		return "~"
	case d.better():
		return "B better"
	default:
		return "B worse"
	}
}

// better says which side the difference is on.
func (d Difference) better() bool {
	if s := d.Shift.Estimate; s != 0 && !math.IsNaN(s) {
		return (s < 0) == (d.Better == Lower)
	}
	return d.PBetter > .5
}

// PValue formats a p-value: two digits, "<0.0001" below.
func PValue(p float64) string {
	switch {
	case p < .0001:
		return "<0.0001"
	case p < .01:
		return fmt.Sprintf("%.4f", p)
	default:
		return fmt.Sprintf("%.2f", p)
	}
}
