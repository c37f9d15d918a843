package reports

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// oneLine makes a text of whatever origin fit for one line of plain text.
func oneLine(s string) string { return quote.Terminal(quote.Line(s)) }

// EscapeMarkdown makes a text, of whatever origin, stand in a line of Markdown as it is. An @ names nobody: the models of others must not call people.
func EscapeMarkdown(s string) string { return quote.Markdown(s) }

// Markdown writes a table in GitHub's dialect: the best value bold, every special character escaped.
func Markdown(w io.Writer, t Table) error {
	var b bytes.Buffer
	b.WriteString("|")
	for _, h := range t.Head {
		fmt.Fprintf(&b, " %s |", quote.Markdown(h))
	}
	b.WriteString("\n|")
	for i := range t.Head {
		if len(t.Rows) > 0 && t.Rows[0].Cells[i].Left {
			b.WriteString("---|")
		} else {
			b.WriteString("--:|")
		}
	}
	b.WriteString("\n")
	for _, r := range t.Rows {
		b.WriteString("|")
		for _, c := range r.Cells {
			text := quote.Markdown(c.Full())
			if c.Best {
				text = "**" + text + "**"
			}
			if c.Tied {
				text += " ≈"
			}
			if c.Flag != "" {
				text += " " + c.Flag
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteString("\n")
	}
	_, err := b.WriteTo(w)
	return err
}

// markdownReport writes the whole report as Markdown, pictures by links relative to the run folder.
func markdownReport(w io.Writer, r *Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n", quote.Markdown(r.Title))
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "- %s%s\n", map[string]string{Bad: "**!** "}[f.Kind], quote.Markdown(f.Text))
	}
	if r.Methods != "" {
		fmt.Fprintf(&b, "\n## Methods\n\n%s\n", quote.Markdown(r.Methods))
	}
	for _, t := range r.Tables() {
		fmt.Fprintf(&b, "\n## %s\n\n", quote.Markdown(t.Title))
		if err := Markdown(&b, t); err != nil {
			return err
		}
		for i, n := range t.Notes {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "%s  \n", quote.Markdown(strings.Replace(n, "* best", "bold: best", 1)))
		}
	}
	if shown := representatives(r); len(shown) > 0 {
		b.WriteString("\n## Samples\n\nOf each model the run in the middle of its seeds, not the best one.\n")
		for _, s := range shown {
			if s.Samples == "" {
				continue
			}
			fmt.Fprintf(&b, "\n%s, seed %d:\n\n![samples of %s](%s)\n", quote.Markdown(s.Row+" on "+s.Dataset), s.Seed,
				quote.Markdown(s.Row+" on "+s.Dataset), "artifacts/"+strings.NewReplacer("(", "%28", ")", "%29").Replace(url.PathEscape(s.Cell))+"/"+samplesFile)
		}
	}
	_, err := b.WriteTo(w)
	return err
}
