package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// partsShown is how many comparisons of a claim are told one by one; of more, those that decide against it, and how many there are.
const partsShown = 4

// claimTable shows the verdicts, one row a claim; without rows where nothing is claimed.
func claimTable(verdicts []ClaimVerdict) Table {
	t := Table{ID: "claims", Title: "What the suite claims", Head: []string{"verdict", "p", "claim", "found"}}
	for _, v := range verdicts {
		p := Cell{Text: "–"}
		if v.P != nil {
			p = Cell{Text: PValue(*v.P), Title: "Holm-adjusted over the claims of the suite"}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: v.Word, Left: true}, p, {Text: v.Sentence(), Left: true}, {Text: v.Found(), Left: true}}})
	}
	t.Notes = []string{"Claims stand in the suite with their tests. Rank tests are exact, one-sided and Holm-adjusted over all claims; ratios are decided by their 95 % intervals. \"Does not hold\" means that the runs, enough to show it, did not; \"cannot tell\" that there are too few."}
	return t
}

// claimsText writes the verdicts for a terminal.
func claimsText(b *bytes.Buffer, verdicts []ClaimVerdict) {
	if len(verdicts) == 0 {
		return
	}
	b.WriteString("\nWhat the suite claims\n")
	for _, v := range verdicts {
		WriteWrapped(b, "  "+v.Word, 17, v.Sentence())
		WriteWrapped(b, "", 17, v.Found())
	}
}

// Sentence is the claim with its source and, where that was not before the first cell, when it was stated.
func (v ClaimVerdict) Sentence() string {
	s := v.Claim.Say
	if v.Claim.Source != "" {
		s += " [" + v.Claim.Source + "]"
	}
	if when := v.Claim.Stated(); when != "" {
		s += " (" + when + ")"
	}
	return s
}

// Found says in one line what the runs show: values, intervals, p-values, and why nothing can be told.
func (v ClaimVerdict) Found() string {
	parts := v.Parts
	var out []string
	if v.Why != "" {
		out = append(out, v.Why)
	}
	if v.P != nil {
		out = append(out, "p "+PValue(*v.P)+" adjusted")
	}
	if len(parts) > partsShown {
		out = append(out, v.counted())
		parts = slices.DeleteFunc(slices.Clone(parts), func(p ClaimPart) bool { return p.Word == Holds })
	}
	for i, p := range parts {
		if i == partsShown {
			out = append(out, fmt.Sprintf("and %d more", len(parts)-i))
			break
		}
		out = append(out, v.part(p))
	}
	return strings.Join(out, "; ")
}

// counted is how many of the comparisons go which way, each by itself.
func (v ClaimVerdict) counted() string {
	var of []string
	for _, word := range []string{Holds, DoesNotHold, CannotTell} {
		n := 0
		for _, p := range v.Parts {
			if p.Word == word {
				n++
			}
		}
		if n > 0 {
			of = append(of, fmt.Sprintf("%d %s", n, map[string]string{Holds: "for it", DoesNotHold: "against it", CannotTell: "open"}[word]))
		}
	}
	return fmt.Sprintf("of %d comparisons %s", len(v.Parts), strings.Join(of, ", "))
}

// part is one comparison in words.
func (v ClaimVerdict) part(p ClaimPart) string {
	where := p.Dataset + ": "
	if p.Word == CannotTell && p.Why != "" && p.Runs == 0 {
		return where + p.Model + " " + p.Why
	}
	switch v.Claim.Test {
	case ClaimLower, ClaimHigher, ClaimUnbeaten:
		return fmt.Sprintf("%s%s %s (%s), %s %s (%d), p %s", where, p.Model, Number(float64(p.Value)), plural(p.Runs, "run", "runs"), p.Than, Number(float64(p.Other)), p.Others, PValue(float64(p.P)))
	case ClaimEvery:
		return fmt.Sprintf("%s%s in %.0f %% of %s", where, p.Model, 100*float64(p.Value), plural(p.Runs, "run", "runs"))
	}
	return fmt.Sprintf("%s%s %s [%s, %s]", where, p.Model, Number(float64(p.Value)), Number(float64(p.Lo)), Number(float64(p.Hi)))
}
