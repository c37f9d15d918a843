package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// plainGap is what stands between the columns of a plain table.
const plainGap = "  "

// drawPlain draws a table without rules: the title, the columns under their heads, and the legend, with an empty line between them.
func drawPlain(w io.Writer, t Table, width int) error {
	var b strings.Builder
	title := []string{oneLine(t.Title)}
	if width > 0 {
		title = Folded(title[0], width)
	}
	fmt.Fprintf(&b, "%s\n\n", noCommand(strings.Join(title, "\n")))
	widths := t.widths()
	heads := make([][]string, len(t.Head))
	for i, h := range t.Head {
		heads[i] = []string{oneLine(h)}
	}
	plainRow(&b, t, widths, heads)
	for _, r := range t.Rows {
		cells := make([][]string, len(r.Cells))
		for i, c := range r.Cells {
			cells[i] = strings.Split(c.drawn(), "\n")
		}
		if r.Rule {
			b.WriteByte('\n')
		}
		plainRow(&b, t, widths, cells)
	}
	notes := t.notesOf(width)
	if len(notes) > 0 {
		b.WriteByte('\n')
	}
	for _, n := range notes {
		b.WriteString(n + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plainRow writes one row, in as many lines as its longest cell has.
func plainRow(b *strings.Builder, t Table, widths []int, cells [][]string) {
	most := 1
	for _, c := range cells {
		most = max(most, len(c))
	}
	for k := range most {
		line := ""
		for i, c := range cells {
			text := ""
			if k < len(c) {
				text = c[k]
			}
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
			if t.Words(i) {
				text += pad
			} else {
				text = pad + text
			}
			if i > 0 {
				line += plainGap
			}
			line += text
		}
		b.WriteString(noCommand(strings.TrimRight(line, " ")) + "\n")
	}
}
