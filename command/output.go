package command

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// formatFlag adds --format with the given words, the first being the default.
func formatFlag(c *cobra.Command, to *string, words ...string) {
	c.Flags().StringVar(to, "format", words[0], "`form` of the output: "+strings.Join(words, ", "))
	check := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(words, *to) {
			return usage(suggest.Unknown("format", *to, words))
		}
		if check != nil {
			return check(c, args)
		}
		return nil
	}
}

// tableFormats are what a table can be printed as.
var tableFormats = []string{"table", "json", "md", "csv", "latex"}

// show presents a table with its notes, or the value behind it as JSON.
func (a *app) show(format string, t reports.Table, v any) error {
	return a.present(format, func(to *app, format string) error { return to.print(format, t, v) })
}

func (a *app) print(format string, t reports.Table, v any) error {
	for i, n := range t.Notes {
		t.Notes[i] = wording.Replace(n)
	}
	switch format {
	case "json":
		return a.json(v)
	case "md":
		return a.markdown(t)
	case "latex":
		return reports.LaTeX(a.out, t)
	case "csv":
		w := csv.NewWriter(a.out)
		if err := w.Write(quote.CSVFields(t.Head)); err != nil {
			return err
		}
		for _, r := range t.Rows {
			line := make([]string, len(r.Cells))
			for i, c := range r.Cells {
				line[i] = c.Text
			}
			if err := w.Write(quote.CSVFields(line)); err != nil {
				return err
			}
		}
		for _, n := range t.Notes { // no line of the table, and not to be lost
			fmt.Fprintf(a.err, "assay: note: %s\n", n)
		}
		w.Flush()
		return w.Error()
	}
	return a.fitted(a.out, t)
}

// markdown prints a table with its title and its notes: the title says what it is of, and rows refer to the notes.
func (a *app) markdown(t reports.Table) error {
	if t.Title != "" {
		if _, err := fmt.Fprintf(a.out, "**%s**\n\n", reports.EscapeMarkdown(t.Title)); err != nil {
			return err
		}
	}
	if err := reports.Markdown(a.out, t); err != nil {
		return err
	}
	var b strings.Builder
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "\n* %s", reports.EscapeMarkdown(n))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}

// fitted draws a table for the terminal.
func (a *app) fitted(w io.Writer, t reports.Table) error {
	t.All = " (--wide shows all)"
	return reports.TextFit(w, t, a.width())
}

// json prints a value as indented JSON; numbers keep all their digits.
func (a *app) json(v any) error { return jsonTo(a.out, v) }

func jsonTo(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := wording.WriteString(w, b.String())
	return err
}

// table makes a table of words; spare are the heads of columns that a narrow terminal can do without, the first to go first.
func table(id, title string, head []string, rows [][]string, spare ...string) reports.Table {
	t := reports.Table{ID: id, Title: title, Head: head, Spare: spare}
	for _, r := range rows {
		var row reports.Row
		for _, c := range r {
			row.Cells = append(row.Cells, reports.Cell{Text: c, Left: true})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// quoted makes a stream safe for a terminal, and for the log it may end in: whatever is written to it, names of files and fields of records do nothing there.
// Everything that commands print goes through it.
func quoted(w io.Writer) io.Writer { return &quote.Writer{To: w} }

// width is how many columns a table may take: those of the terminal, or what COLUMNS says where the output goes elsewhere; 0 is as many as it wants.
func (a *app) width() int {
	if a.wide {
		return 0
	}
	if width, ok := terminal(a.raw); ok {
		return max(width, narrowest)
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return max(width, narrowest)
	}
	return 0
}

// textWidth is the width for the texts of a report: that of files where they go to a folder.
func (a *app) textWidth(folder string) int {
	if folder != "" {
		return 0
	}
	return a.width()
}

// narrowest is the width below which no table is made to fit.
const narrowest = 40

// terminal says whether a stream is a terminal, and how wide.
func terminal(w any) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	return width, err == nil
}

// remark says something beside the results: on a terminal in lines that end where it does, in a log as one line.
func (a *app) remark(text string) {
	width, _ := terminal(a.screen)
	for _, l := range remarkLines(text, width) {
		fmt.Fprintln(a.err, l)
	}
}

// remarkLines are the lines of a remark at a width; 0 is a log.
func remarkLines(text string, width int) []string {
	if width <= 0 {
		return []string{text}
	}
	lines := reports.Folded(text, max(width, narrowest)-2)
	for i := range lines[1:] {
		lines[i+1] = "  " + lines[i+1]
	}
	return lines
}
