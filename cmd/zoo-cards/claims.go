package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// claim is a statement of a paper or lecture with the outcome of its test here.
type claim struct {
	text  string
	p     float64 // NaN where the claim is no test but a count
	holds bool
	found string
}

func writeClaims(s *strings.Builder, claims []claim) {
	row(s, "claim", "found", "p (Holm)", "")
	row(s, "---", "---", "---", "---")
	for _, c := range claims {
		p := "–"
		if !math.IsNaN(c.p) {
			p = reports.PValue(c.p)
		}
		row(s, c.text, c.found, p, map[bool]string{true: "holds", false: "**does not hold**"}[c.holds])
	}
	s.WriteString("\n")
}

// holm adjusts the p-values of the claims that are tests and decides them at 0.05.
func holm(claims []claim) []claim {
	var p []float64
	for _, c := range claims {
		if !math.IsNaN(c.p) {
			p = append(p, c.p)
		}
	}
	p = stats.Holm(p)
	k := 0
	for i := range claims {
		if !math.IsNaN(claims[i].p) {
			claims[i].p, claims[i].holds = p[k], p[k] < 0.05
			k++
		}
	}
	return claims
}

// meanError is a mean with its standard error, "–" of no values.
func meanError(v []float64, scale float64, digits int) string {
	if len(v) == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.*f", digits, scale*stats.Mean(v))
	if len(v) > 1 {
		text += fmt.Sprintf(" ± %.*f", digits, scale*stats.StdErr(v))
	}
	return text
}

// present are the values that are there.
func present(v []float64) []float64 { return slices.DeleteFunc(slices.Clone(v), math.IsNaN) }
