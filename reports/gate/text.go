package gate

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/reports"
)

const (
	indent    = 14 // of everything behind the status
	mostNames = 12 // names of checks that passed, before the rest is counted
)

// text writes the verdict for a terminal: what is to be looked at with its reason, what passed in few lines, the verdict last.
func (o View) text(w io.Writer, v *Verdict) error {
	var b bytes.Buffer
	writeWrapped(&b, "", o.head()+v.sides())
	b.WriteByte('\n')
	open, unchanged := v.sorted()
	rows(&b, open)
	passed(&b, unchanged)
	changes, warnings, notes := v.words()
	for _, part := range []struct {
		label string
		lines []string
	}{{"differs", changes}, {"warning", warnings}, {"note", notes}} {
		for _, line := range part.lines {
			writeWrapped(&b, part.label, line)
		}
	}
	b.WriteByte('\n')
	b.WriteString(v.Sentence() + "\n")
	if o.Report != "" {
		b.WriteString("report: " + oneLine(o.Report) + "\n")
	}
	_, err := b.WriteTo(w)
	return err
}

func (o View) head() string {
	if o.Title == "" {
		return "gate: "
	}
	return "gate " + oneLine(o.Title) + ": "
}

// rows writes checks one a line where all fit, else on two lines each, and below each its reason and doubts.
func rows(b *bytes.Buffer, open []Check) {
	var cells [][]string
	for _, c := range open {
		cells = append(cells, []string{c.where(), c.What(), c.values(), c.Change(), c.chance()})
	}
	lines, fit := reports.Columns(cells, reports.TextWidth-indent)
	for i, c := range open {
		if fit {
			writeWrapped(b, c.Status.word(), lines[i])
		} else {
			writeWrapped(b, c.Status.word(), c.Name())
			writeWrapped(b, "", c.evidence())
		}
		writeWrapped(b, "", oneLine(c.Reason))
		for _, n := range c.Notes {
			writeWrapped(b, "", oneLine(n))
		}
	}
}

// passed writes what is unchanged in as few lines as its reader needs: values within their margins, failure rates and what is equal to the bit together.
func passed(b *bytes.Buffer, unchanged []Check) {
	var values, rates, identical []Check
	for _, c := range unchanged {
		switch {
		case c.Family == Failures:
			rates = append(rates, c)
		case c.Status == Identical:
			identical = append(identical, c)
		default:
			values = append(values, c)
		}
	}
	shown := values[:min(len(values), mostNames)]
	var cells [][]string
	for _, c := range shown {
		margin := c.allowed()
		if margin != "" {
			margin = "(margin " + margin + ")"
		}
		cells = append(cells, []string{c.where(), c.What(), c.values(), c.worsening(float64(c.Worse)), margin})
	}
	lines, fit := reports.Columns(cells, reports.TextWidth-indent)
	for i, c := range shown {
		if fit {
			writeWrapped(b, "pass", lines[i])
			continue
		}
		writeWrapped(b, "pass", c.Name())
		writeWrapped(b, "", strings.TrimSpace(strings.Join(cells[i][2:], "  ")))
	}
	if rest := len(values) - len(shown); rest > 0 {
		writeWrapped(b, "pass", fmt.Sprintf("%d more within their margins (the JSON lists them)", rest))
	}
	if len(rates) > 0 {
		writeWrapped(b, "pass", failureSentence(rates))
	}
	if len(identical) > 0 {
		writeWrapped(b, "identical", "to the bit: "+names(identical))
	}
}

// failureSentence sums up failure rates that passed.
func failureSentence(rates []Check) string {
	failed, n, failBase, nBase := 0, 0, 0, 0
	for _, c := range rates {
		failed, n, failBase, nBase = failed+c.Failed, n+c.N, failBase+c.FailBase, nBase+c.NBase
	}
	return fmt.Sprintf("failures: %d of %d runs, %d of %d in the baseline", failed, n, failBase, nBase)
}

// names lists checks by name, the first ones.
func names(cs []Check) string {
	var out []string
	for _, c := range cs {
		out = append(out, oneLine(c.Name()))
	}
	if len(out) > mostNames {
		out = append(out[:mostNames], fmt.Sprintf("and %d more", len(cs)-mostNames))
	}
	return strings.Join(out, ", ")
}

// writeWrapped writes a text behind a status, going on below itself.
func writeWrapped(b *bytes.Buffer, label, text string) {
	lead := indent
	if label == "" && b.Len() == 0 {
		lead = 0 // the head
	}
	reports.WriteWrapped(b, label, lead, text)
}
