package reports

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/quote"
)

// TextWidth is how wide the texts for terminals are, in columns.
const TextWidth = 80

// Columns aligns cells to the left and says whether every line fits into so many columns. A column that is empty everywhere is left out.
func Columns(cells [][]string, room int) (lines []string, fit bool) {
	var width []int
	for _, row := range cells {
		for i, s := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(s))
		}
	}
	fit = true
	for _, row := range cells {
		line := ""
		for i, s := range row {
			if width[i] > 0 {
				line += s + strings.Repeat(" ", width[i]-utf8.RuneCountInString(s)+2)
			}
		}
		line = strings.TrimRight(line, " ")
		fit = fit && utf8.RuneCountInString(line) <= room
		lines = append(lines, line)
	}
	return lines, fit
}

// WriteWrapped writes a text behind a label, so many columns in; what does not fit into TextWidth goes on below it. Runs of blanks inside of a line that fits
// stay, for they are columns. No line is a command to a CI system. An empty text writes nothing.
func WriteWrapped(b *bytes.Buffer, label string, indent int, text string) {
	if text == "" {
		return
	}
	label, text = quote.Flat(label), quote.Flat(text)
	if strings.TrimSpace(label) == "" {
		text = noCommand(text)
	}
	pad := label + strings.Repeat(" ", max(indent-utf8.RuneCountInString(label), min(indent, 1)))
	if utf8.RuneCountInString(pad+text) <= TextWidth {
		b.WriteString(pad + text + "\n")
		return
	}
	line, empty := pad, true
	for _, word := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > TextWidth {
			b.WriteString(line + "\n")
			line, empty, word = strings.Repeat(" ", indent), true, noCommand(word)
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	b.WriteString(line + "\n")
}
