package command

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners/audit"
)

// runAuditData audits metrics on the user's samples.
func (a *app) runAuditData(c *cobra.Command, f auditFlags, path string) error {
	q := audit.DataRequest{Featurizers: specs(f.featurizers), Metrics: f.metrics, Faults: f.disturbances, N: f.perSide, Seed: f.seed, Env: f.env()}
	for _, flag := range []string{"checks", "repeats", "thin"} {
		if c.Flags().Changed(flag) {
			return usagef("--%s is of the published checks: add --sanity, or leave it out", flag)
		}
	}
	if err := a.checkInputs(&f.inputFlags); err != nil {
		return err
	}
	if err := q.Check(a.kit); err != nil {
		return usage(err)
	}
	var err error
	if q.Real, err = a.side(c.Context(), &f.inputFlags, path); err != nil {
		return err
	}
	if f.other != "" {
		if q.Other, err = a.side(c.Context(), &f.inputFlags, f.other); err != nil {
			return err
		}
	}
	q.Feeding = f.feeding(nil)
	q.Dir = filepath.Join(f.out, "pieces")
	show := newAuditLine(a.screen, f.quiet)
	q.Tell = show.teller()
	res, err := audit.Data(c.Context(), a.kit, q)
	show.close()
	if c.Context().Err() != nil {
		return errors.New("interrupted; the pieces made so far are kept: the same command goes on from there")
	}
	if err != nil {
		return err
	}
	a.warn(q.Real, q.Other)
	return a.showAudit(f, res)
}

// specs takes a list of featurizers apart at the commas outside of parentheses; what is a program of the user's stays whole.
func specs(list string) (out []string) {
	switch {
	case list == "":
		return nil
	case featurizer.Outside(list):
		return []string{list}
	}
	depth, from := 0, 0
	for i, r := range list + "," {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out, from = append(out, strings.TrimSpace(list[from:i])), i+1
		}
	}
	return out
}

// showAudit writes the page and the JSON beside the pieces, and says the advice.
func (a *app) showAudit(f auditFlags, res *audit.DataResult) error {
	page, numbers := filepath.Join(f.out, "report.html"), filepath.Join(f.out, "audit.json")
	if err := atomicfile.Write(page, res.HTML); err != nil {
		return err
	}
	if err := atomicfile.Write(numbers, func(w io.Writer) error { return jsonTo(w, res) }); err != nil {
		return err
	}
	if f.format == "json" {
		return a.json(res)
	}
	if f.format != "table" {
		return a.show(f.format, res.Sight(), nil)
	}
	for _, one := range res.Advice {
		fmt.Fprintln(a.out, hanging(one.Text, reports.TextWidth))
	}
	fmt.Fprintln(a.out)
	if err := a.show("table", res.Summary(), nil); err != nil {
		return err
	}
	for _, id := range sortedKeys(res.Unfit) {
		fmt.Fprintln(a.err, quote.Line(wording.Replace(fmt.Sprintf("assay: %s was left out: %s", id, res.Unfit[id]))))
	}
	if n := len(res.LeftOut); n > 0 {
		fmt.Fprintf(a.err, "assay: %d metrics were left out: the page says why\n", n)
	}
	fmt.Fprintf(a.err, "assay: the page is %s, the numbers are %s\n", page, numbers)
	return nil
}

// hanging breaks a sentence into lines of at most so many characters, the later ones indented.
func hanging(text string, width int) string {
	return strings.Join(reports.Folded(text, width-2), "\n  ")
}
