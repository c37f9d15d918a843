package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/assay-gan/assay/internal/quote"
)

// longWords is the longest text of a last column that stands on one line.
const longWords = 70

// LaTeX writes a table for the booktabs package: the best value bold, the reference rows below a rule, the legend in small print below.
func LaTeX(w io.Writer, t Table) error {
	var b bytes.Buffer
	cols := make([]byte, len(t.Head))
	for i := range cols {
		cols[i] = 'r'
		if len(t.Rows) > 0 && t.Rows[0].Cells[i].Left {
			cols[i] = 'l'
		}
	}
	layout := string(cols)
	if last := len(cols) - 1; last > 0 && cols[last] == 'l' && slices.ContainsFunc(t.Rows, func(r Row) bool { return len(r.Cells[last].Text) > longWords }) {
		layout = layout[:last] + `p{0.55\linewidth}` // sentences are broken
	}
	fmt.Fprintf(&b, "%% %s\n\\begin{tabular}{%s}\n\\toprule\n", oneLine(t.Title), layout)
	for i, h := range t.Head {
		b.WriteString(map[bool]string{true: " & "}[i > 0] + quote.LaTeX(h))
	}
	b.WriteString(" \\\\\n\\midrule\n")
	for _, r := range t.Rows {
		if r.Rule {
			b.WriteString("\\midrule\n")
		}
		for i, c := range r.Cells {
			text := quote.LaTeX(c.Full())
			if c.Best {
				text = `\textbf{` + text + `}`
			}
			if c.Tied {
				text += ` $\approx$`
			}
			b.WriteString(map[bool]string{true: " & "}[i > 0] + text + quote.LaTeX(c.Flag))
		}
		b.WriteString(" \\\\\n")
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	for i, n := range t.Notes { // they explain the marks: without them the table cannot be read on paper
		fmt.Fprintf(&b, "%s{\\footnotesize %s\\par}\n", map[bool]string{true: "\\par\\smallskip\n"}[i == 0], quote.LaTeX(n))
	}
	_, err := b.WriteTo(w)
	return err
}

func latexReport(w io.Writer, r *Report) error {
	var b bytes.Buffer
	b.WriteString("% needs \\usepackage{booktabs}\n")
	if r.Methods != "" {
		fmt.Fprintf(&b, "\n\\paragraph{Methods.} %s\n", quote.LaTeX(r.Methods))
	}
	for _, t := range r.Tables() {
		b.WriteString("\n")
		if err := LaTeX(&b, t); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}
