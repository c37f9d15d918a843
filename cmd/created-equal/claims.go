package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// claimed are the claims of a suite as they stand now, with the names that they mean, each with the number of cells that had ended when it was stated. One that the run folder
// knew nothing of was stated after the last.
func claimed(c *runners.Config, a about) ([]reports.Claim, error) {
	plan, err := runners.NewPlan(runners.DefaultKit(), c)
	if err != nil {
		return nil, err
	}
	var claims []reports.Claim
	for _, now := range plan.Claims {
		now.After = a.Cells
		if i := slices.IndexFunc(a.Claims, func(o reports.Claim) bool { return same(o, now) }); i >= 0 {
			now.After = a.Claims[i].After
		}
		claims = append(claims, now)
	}
	return claims, nil
}

// same says whether two claims state the same with the same test, whenever they did.
func same(a, b reports.Claim) bool {
	a.After, b.After, a.Withdrawn, b.Withdrawn = 0, 0, nil, nil
	return reflect.DeepEqual(a, b)
}

// claims are the verdicts on what the suite claims.
func (s *study) claims(w *bytes.Buffer) error {
	if len(s.verdicts) == 0 {
		return nil
	}
	w.WriteString("### Claims of the paper\n\n")
	t := reports.Table{Head: []string{"claim", "verdict", "p", "found"}}
	for _, v := range s.verdicts {
		p := reports.Cell{Text: "–"}
		if v.P != nil {
			p.Text = reports.PValue(*v.P)
		}
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{left(v.Sentence()), {Text: v.Word, Left: true, Best: v.Word != reports.CannotTell}, p, left(v.Found())}})
	}
	return table(w, t, "The claims stand in the suite with their tests (`assay list suites "+s.config.Name+"`, docs/SUITES.md). p: exact rank tests, Holm over all claims; ratios are decided by their 95 % intervals.")
}

// claimFinding counts the verdicts.
func (s *study) claimFinding() string {
	count := map[string]int{}
	for _, v := range s.verdicts {
		count[v.Word]++
	}
	if len(s.verdicts) == 0 {
		return ""
	}
	return fmt.Sprintf("Claims of the paper: of %d, %d hold here, %d do not, and of %d nothing can be told.", len(s.verdicts), count[reports.Holds], count[reports.DoesNotHold], count[reports.CannotTell])
}
