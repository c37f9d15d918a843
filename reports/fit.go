package reports

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/quote"
)

// How narrow a column of words may become: before a spare column goes instead, and before the table goes on below.
const (
	wordsBeforeSpare = 24
	wordsBeforeSplit = 12
)

// Fit returns a table for lines of at most so many characters, as Text draws it, perhaps in several parts: columns that the table can spare go first, as Spare
// orders them; then words are wrapped; numbers that still do not fit go on below, each part with the first column. A width of 0 leaves the table as it is.
func (t Table) Fit(width int) []Table {
	if width <= 0 || t.widthOf(t.widths()) <= width {
		return []Table{t}
	}
	gone := 0
	for len(t.Spare) > 0 && t.widthOf(t.least(wordsBeforeSpare)) > width {
		t, gone = t.without(t.Spare[0]), gone+1
	}
	if gone > 0 {
		t.Notes = append(slices.Clone(t.Notes), "left out at this width: "+plural(gone, "column", "columns")+t.All)
	}
	for _, narrow := range []int{wordsBeforeSpare, wordsBeforeSplit} {
		if least := t.least(narrow); t.widthOf(least) <= width {
			return []Table{t.wrapped(width, least)}
		}
	}
	return t.wrapped(width, t.least(wordsBeforeSpare)).split(width)
}

// widths are how wide the columns are drawn: the longest line in each.
func (t Table) widths() []int {
	out := make([]int, len(t.Head))
	for i, h := range t.Head {
		out[i] = utf8.RuneCountInString(oneLine(h))
		for _, r := range t.Rows {
			for line := range strings.SplitSeq(r.Cells[i].drawn(), "\n") {
				out[i] = max(out[i], utf8.RuneCountInString(line))
			}
		}
	}
	return out
}

// least are the widths with every column of words as narrow as may be; heads stay in one line.
func (t Table) least(narrow int) []int {
	out := t.widths()
	for i := range out {
		if t.Words(i) {
			out[i] = min(out[i], max(narrow, utf8.RuneCountInString(oneLine(t.Head[i]))))
		}
	}
	return out
}

// widthOf is how wide a line of the table is, with its rules and a blank on either side of each column.
func (t Table) widthOf(widths []int) int {
	if t.Plain {
		total := len(plainGap) * (len(widths) - 1)
		for _, w := range widths {
			total += w
		}
		return total
	}
	total := 1
	for _, w := range widths {
		total += w + 3
	}
	return total
}

// without is the table without the column of that head.
func (t Table) without(head string) Table {
	out := t
	out.Spare = slices.DeleteFunc(slices.Clone(t.Spare), func(s string) bool { return s == head })
	at := slices.Index(t.Head, head)
	if at < 0 {
		return out
	}
	out.Head = slices.Delete(slices.Clone(t.Head), at, at+1)
	out.Rows = nil
	for _, r := range t.Rows {
		r.Cells = slices.Delete(slices.Clone(r.Cells), at, at+1)
		out.Rows = append(out.Rows, r)
	}
	return out
}

// wrapped breaks the words of the table until it fits, those of the widest column first, and no column below its least.
func (t Table) wrapped(width int, least []int) Table {
	widths := t.widths()
	limits := slices.Clone(widths)
	for over := t.widthOf(limits) - width; over > 0; over-- {
		widest := -1
		for i := range limits {
			if limits[i] > least[i] && (widest < 0 || limits[i] > limits[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		limits[widest]--
	}
	out := t
	out.Rows = nil
	for _, r := range t.Rows {
		r.Cells = slices.Clone(r.Cells)
		for i := range r.Cells {
			if limits[i] < widths[i] {
				r.Cells[i].lines = Folded(oneLine(r.Cells[i].Mark()), limits[i])
			}
		}
		out.Rows = append(out.Rows, r)
	}
	return out
}

// drawn is what a terminal shows of a cell; more than one line where it was wrapped.
func (c Cell) drawn() string {
	if c.lines != nil {
		return strings.Join(c.lines, "\n")
	}
	return oneLine(c.Mark())
}

// Folded breaks a text into lines of at most so many characters, between words where it can. White space becomes one blank; no line is a command to a CI system that
// reads the log. There is one line at least.
func Folded(text string, width int) []string {
	lines := []string{}
	line := ""
	for _, word := range strings.Fields(text) {
		for _, piece := range pieces(word, width) {
			switch {
			case line == "":
				line = piece
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(piece) > width:
				lines, line = append(lines, line), piece
			default:
				line += " " + piece
			}
		}
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = noCommand(lines[i])
	}
	return lines
}

// noCommand keeps a line from being a command to a CI system that reads the log: those begin with colons, behind blanks or not.
func noCommand(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "::") {
		return "│" + line
	}
	return line
}

// pieces cuts a word that is longer than a line, behind a mark where there is one in the second half.
func pieces(word string, width int) []string {
	var out []string
	r := []rune(word)
	for len(r) > width {
		cut := width
		for i := width; i > width/2; i-- {
			if strings.ContainsRune(",;:/()=_-", r[i-1]) {
				cut = i
				break
			}
		}
		out, r = append(out, string(r[:cut])), r[cut:]
	}
	return append(out, string(r))
}

// TextFit draws a table as Text does, in lines of at most so many characters where that can be (see Fit); 0 is as wide as it is.
func TextFit(w io.Writer, t Table, width int) error {
	for i, part := range t.Fit(width) {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := draw(w, part, width); err != nil {
			return err
		}
	}
	return nil
}

// notesOf are the lines of a table's legend.
func (t Table) notesOf(width int) []string {
	var out []string
	for _, n := range t.Notes {
		n = quote.Flat(n)
		if width <= 0 || utf8.RuneCountInString(n)+2 <= width {
			out = append(out, "  "+n)
			continue
		}
		for i, line := range Folded(n, max(width-4, 1)) {
			out = append(out, map[bool]string{true: "  ", false: "    "}[i == 0]+line)
		}
	}
	return out
}
