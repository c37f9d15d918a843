package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// compareIndent is where the rows of CompareText begin, behind their verdicts.
const compareIndent = 14

// CompareText writes differences for a terminal of 80 columns: a row for each model, data set and measure, what else is to be said, a legend, and in the last
// line what follows. a and b name the sides.
func CompareText(w io.Writer, diffs []Difference, a, b string, notes ...string) error {
	diffs = slices.Clone(diffs)
	slices.SortStableFunc(diffs, func(x, y Difference) int {
		return cmp.Or(strings.Compare(x.Dataset, y.Dataset), strings.Compare(x.A, y.A), compareMeasures(x.Measure, y.Measure))
	})
	var out bytes.Buffer
	WriteWrapped(&out, "", 0, fmt.Sprintf("compare: %s (A) against %s (B)", oneLine(a), oneLine(b)))
	out.WriteByte('\n')
	var cells [][]string
	for _, d := range diffs {
		cells = append(cells, d.cells())
	}
	lines, fit := Columns(cells, TextWidth-compareIndent)
	for i, d := range diffs {
		if fit {
			WriteWrapped(&out, d.Verdict(), compareIndent, lines[i])
			continue
		}
		WriteWrapped(&out, d.Verdict(), compareIndent, cells[i][0]+": "+cells[i][1])
		WriteWrapped(&out, "", compareIndent, strings.Join(slices.DeleteFunc(cells[i][2:], func(s string) bool { return s == "" }), ", "))
	}
	for _, line := range floorLines(diffs) {
		WriteWrapped(&out, "floor", compareIndent, line)
	}
	for _, n := range notes {
		WriteWrapped(&out, "note", compareIndent, n)
	}
	out.WriteByte('\n')
	for _, n := range compareLegend(diffs) {
		WriteWrapped(&out, "", 0, n)
	}
	out.WriteByte('\n')
	WriteWrapped(&out, "", 0, CompareSentence(diffs))
	_, err := out.WriteTo(w)
	return err
}

// cells are a row's texts: what, measure, values, change with its interval, p.
func (d Difference) cells() []string {
	name := d.A
	if d.B != d.A {
		name += " → " + d.B
	}
	values := withFailures(d.MedianA, d.FailedA, d.NA) + " → " + withFailures(d.MedianB, d.FailedB, d.NB)
	change, p := d.shift(d.Shift.Estimate), "p "+PValue(d.P)
	if d.Shift.Finite {
		lo, hi := d.shift(d.Shift.Lo), d.shift(d.Shift.Hi)
		if d.Relative {
			lo, hi = strings.TrimSuffix(lo, " %"), strings.TrimSuffix(hi, " %")
		}
		change += fmt.Sprintf(" [%s, %s]", lo, hi)
	}
	if d.Test == "" {
		values, change, p = Number(d.MedianA), plural(d.Pairs, "pair", "pairs")+" equal to the bit", ""
	}
	return []string{oneLine(name + " on " + d.Dataset), measureTitle(d.Measure), values, change, p}
}

// floorLines say what real data score, once for each data set and measure.
func floorLines(diffs []Difference) []string {
	var out []string
	for _, d := range diffs {
		var values []string
		for _, f := range []*float64{d.FloorA, d.FloorB} {
			if f != nil && !slices.Contains(values, Number(*f)) {
				values = append(values, Number(*f))
			}
		}
		if line := fmt.Sprintf("real data on %s: %s %s", d.Dataset, measureTitle(d.Measure), strings.Join(values, ", ")); len(values) > 0 && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// Unshared says which measures only one of two sides has, so that what is not compared is not missed: another protocol, featurizer or number of samples.
func Unshared(a, b []Record) []string {
	places := func(recs []Record) (out []place) {
		for _, s := range models(Summarise(recs, 0)) {
			if p := (place{s.Dataset, s.Measure}); len(s.Values) > 0 && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		return out
	}
	as, bs := places(a), places(b)
	var out []string
	for _, side := range []struct {
		name       string
		own, other []place
	}{{"A", as, bs}, {"B", bs, as}} {
		var names []string
		for _, p := range side.own {
			if slices.Contains(side.other, p) || len(side.other) == 0 {
				continue
			}
			m := p.measure
			names = append(names, fmt.Sprintf("%s on %s (%s)", measureTitle(m), p.dataset, strings.Join(slices.DeleteFunc([]string{m.Protocol, m.Reference, fmt.Sprintf("N %d", m.N)}, func(s string) bool { return s == "" }), ", ")))
		}
		if len(names) > 3 {
			names = append(names[:3], fmt.Sprintf("%d more", len(names)-3))
		}
		if len(names) > 0 {
			out = append(out, "only "+side.name+" has "+listed(names)+": not compared")
		}
	}
	return out
}

// compareLegend explains what the rows show, and nothing else.
func compareLegend(diffs []Difference) []string {
	out := []string{"change: of B against A, Hodges-Lehmann, with its 95 % interval. p: exact, two-sided, Holm over the rows: Mann-Whitney."}
	signed := func(d Difference) bool { return d.diffs != nil }
	if slices.ContainsFunc(diffs, signed) {
		out[0] = "change: of B against A, Hodges-Lehmann, with its 95 % interval. p: exact, two-sided, Holm over the rows: Mann-Whitney and, as the seeds are the same, signed-rank; the smaller of both, doubled."
	}
	if slices.ContainsFunc(diffs, func(d Difference) bool { return d.Verdict() == "~" }) {
		out = append(out, "~: no difference shown.")
	}
	if slices.ContainsFunc(diffs, func(d Difference) bool { return d.FailedA+d.FailedB > 0 }) {
		out = append(out, "Failed runs count as the worst possible value.")
	}
	return out
}

// CompareSentence is what follows from differences, in one line.
func CompareSentence(diffs []Difference) string {
	count := map[string]int{}
	detectable, na, nb, apart, blind := 0.0, 0, 0, 0, 0
	relative := true
	for _, d := range diffs {
		v := d.Verdict()
		count[v]++
		if v == "~" || v == "too few runs" {
			relative, na, nb = relative && d.Relative, d.NA, d.NB
			if math.IsInf(d.Detectable, 1) {
				blind++
			} else {
				detectable = max(detectable, d.Detectable)
			}
		}
		if v == "too few runs" && (d.PBetter == 0 || d.PBetter == 1) {
			apart++
		}
	}
	none := count["~"] + count["too few runs"]
	var parts []string
	for _, v := range []string{"B better", "B worse"} {
		if count[v] > 0 {
			parts = append(parts, fmt.Sprintf("%s on %d of %d", v, count[v], len(diffs)))
		}
	}
	if n := count["identical"]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d identical to the bit", n, len(diffs)))
	}
	if none > 0 {
		text := "no difference shown"
		if none < len(diffs) {
			text += fmt.Sprintf(" on %d", none)
		}
		if blind == none {
			detectable = math.Inf(1)
		}
		text += "; " + power(na, nb, detectable, relative)
		if blind > 0 && blind < none {
			text += fmt.Sprintf(" on %d of them, nothing on the others", none-blind)
		}
		parts = append(parts, text)
	}
	if apart > 0 {
		parts = append(parts, fmt.Sprintf("on %d the runs do not overlap at all: more seeds would settle it", apart))
	}
	return strings.Join(parts, "; ")
}

// power says what so many runs show; where the rows differ, the least of what all of them show.
func power(na, nb int, detectable float64, relative bool) string {
	runs := fmt.Sprintf("%d against %d", na, nb)
	switch {
	case math.IsInf(detectable, 1):
		return runs + " can show nothing: run more seeds"
	case relative && detectable >= 9:
		return fmt.Sprintf("%s show a factor of %s or more", runs, Number(1+detectable))
	case relative:
		return fmt.Sprintf("%s show %s %% or more", runs, Number(math.Ceil(100*detectable)))
	}
	return fmt.Sprintf("%s show %s or more", runs, Number(detectable))
}
