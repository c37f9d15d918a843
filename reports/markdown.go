package reports

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// oneLine makes a text fit for one line: errors of others may hold line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var escapeMarkdown = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`)

// EscapeMarkdown makes a text, of whatever origin, stand in a line of Markdown as it is. An @ names nobody: the models of others must not call people.
func EscapeMarkdown(s string) string {
	return strings.ReplaceAll(escapeMarkdown.Replace(oneLine(s)), "@", "@<!-- -->")
}

// Markdown writes a table in GitHub's dialect: the best value bold, every special character escaped.
func Markdown(w io.Writer, t Table) error {
	var b bytes.Buffer
	b.WriteString("|")
	for _, h := range t.Head {
		fmt.Fprintf(&b, " %s |", escapeMarkdown.Replace(oneLine(h)))
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
			text := escapeMarkdown.Replace(oneLine(c.Full()))
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
	fmt.Fprintf(&b, "# %s\n\n", escapeMarkdown.Replace(oneLine(r.Title)))
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "- %s%s\n", map[string]string{Bad: "**!** "}[f.Kind], escapeMarkdown.Replace(oneLine(f.Text)))
	}
	for _, t := range r.Tables() {
		fmt.Fprintf(&b, "\n## %s\n\n", escapeMarkdown.Replace(oneLine(t.Title)))
		if err := Markdown(&b, t); err != nil {
			return err
		}
		for i, n := range t.Notes {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "%s  \n", escapeMarkdown.Replace(strings.Replace(n, "* best", "bold: best", 1)))
		}
	}
	if shown := representatives(r); len(shown) > 0 {
		b.WriteString("\n## Samples\n\nOf each model the run in the middle of its seeds, not the best one.\n")
		for _, s := range shown {
			if s.Samples == "" {
				continue
			}
			fmt.Fprintf(&b, "\n%s, seed %d:\n\n![samples of %s](%s)\n", escapeMarkdown.Replace(s.Row+" on "+s.Dataset), s.Seed,
				escapeMarkdown.Replace(s.Row+" on "+s.Dataset), filepath.ToSlash(filepath.Join("artifacts", s.Cell, samplesFile)))
		}
	}
	_, err := b.WriteTo(w)
	return err
}
