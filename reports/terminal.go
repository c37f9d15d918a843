package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/assay-gan/assay/internal/quote"
)

// lineWidth is the longest line of a table of numbers: a wider one goes on below.
const lineWidth = 120

// wordy says whether the last column holds sentences.
func (t Table) wordy() bool {
	return len(t.Head) > 1 && t.Words(len(t.Head)-1)
}

// Terminal writes the report as text for people: the findings, the headline table, a table for each data set, failures and warnings.
func Terminal(w io.Writer, r *Report) error {
	var b bytes.Buffer
	for _, f := range r.Findings {
		text := []string{quote.Flat(f.Text)}
		if r.Options.Width > 0 {
			text = Folded(text[0], max(r.Options.Width-2, 1))
		}
		fmt.Fprintf(&b, "%s %s\n", map[string]string{Good: "+", Bad: "!", Note: "-"}[f.Kind], strings.Join(text, "\n  "))
	}
	claimsText(&b, r.Verdicts)
	for _, t := range r.Tables() {
		if t.ID == r.Claims.ID && r.Claims.ID != "" || t.ID == r.Origin.ID || t.ID == r.Headline.ID && len(r.Datasets) < 2 {
			continue // the page has the first; one data set's table says what the second says
		}
		width := r.Options.Width
		if width == 0 && !t.wordy() { // in a file an error text is worth a long line
			width = lineWidth
		}
		b.WriteByte('\n')
		if err := TextFit(&b, t, width); err != nil {
			return err
		}
	}
	methodsText(&b, r)
	_, err := b.WriteTo(w)
	return err
}

// methodsText writes the paragraph on methods.
func methodsText(b *bytes.Buffer, r *Report) {
	if r.Methods == "" {
		return
	}
	text := []string{quote.Flat(r.Methods)}
	if r.Options.Width > 0 {
		text = Folded(text[0], r.Options.Width)
	}
	fmt.Fprintf(b, "\nMethods\n%s\n", strings.Join(text, "\n"))
}

// Text draws one table with box characters, or without where it is Plain, its title above and its legend below.
func Text(w io.Writer, t Table) error { return draw(w, t, 0) }

func draw(w io.Writer, t Table, width int) error {
	if t.Plain {
		return drawPlain(w, t, width)
	}
	title := []string{quote.Flat(t.Title)}
	if width > 0 {
		title = Folded(title[0], width)
	}
	if _, err := fmt.Fprintln(w, strings.Join(title, "\n")); err != nil {
		return err
	}
	align := make([]tw.Align, len(t.Head))
	for i := range align {
		align[i] = tw.AlignRight
		if t.Words(i) {
			align[i] = tw.AlignLeft
		}
	}
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Symbols: tw.NewSymbols(tw.StyleLight), Settings: tw.Settings{Separators: tw.Separators{BetweenRows: tw.Off}}})),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithAlignment(align))
	head := make([]string, len(t.Head))
	for i, h := range t.Head {
		head[i] = oneLine(h)
	}
	if strings.Join(head, "") != "" {
		table.Header(head)
	}
	for _, r := range t.Rows {
		line := make([]string, len(r.Cells))
		for i, c := range r.Cells {
			line[i] = c.drawn()
		}
		if err := table.Append(line); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("table %s: %w", t.ID, err)
	}
	for _, n := range t.notesOf(width) {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}
