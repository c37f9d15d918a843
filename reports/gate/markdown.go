package gate

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// A comment of GitHub holds 65 536 characters: the rows of a table are bounded, and the rest is counted.
const (
	mostOpen      = 60
	mostUnchanged = 120
)

// Marker is the first line of the Markdown: by it a comment is found again and edited in place.
func (o View) Marker() string {
	return "<!-- " + strings.ReplaceAll(o.name(), "--", "- -") + " -->"
}

// markdown writes the verdict for a step summary and for a comment: an alert with what matters, the open checks, the unchanged ones folded.
func (o View) markdown(w io.Writer, v *Verdict) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n### %s\n\n", o.Marker(), reports.EscapeMarkdown(o.name()))
	o.alert(&b, v)
	open, unchanged := v.sorted()
	if len(open) > 0 {
		b.WriteByte('\n')
		checkTable(&b, open, mostOpen)
		for i, c := range open {
			if i < mostOpen && (c.Status != Regression || len(c.Notes) > 0) {
				fmt.Fprintf(&b, "\n- **%s**: %s", reports.EscapeMarkdown(c.Name()), reports.EscapeMarkdown(oneLine(strings.Join(append([]string{c.Reason}, c.Notes...), "; "))))
			}
		}
		b.WriteByte('\n')
	}
	if len(unchanged) > 0 {
		fmt.Fprintf(&b, "\n<details><summary>%d unchanged, %d of them identical to the bit</summary>\n\n", len(unchanged), v.Counts.Identical)
		checkTable(&b, unchanged, mostUnchanged)
		b.WriteString("\n</details>\n")
	}
	o.foot(&b, v)
	_, err := b.WriteTo(w)
	return err
}

// alert is the line that is read first.
func (o View) alert(b *bytes.Buffer, v *Verdict) {
	kind := "TIP"
	switch {
	case v.Failed():
		kind = "CAUTION"
	case v.Status == Inconclusive:
		kind = "WARNING"
	case v.Counts.TooGood > 0 || len(v.Warnings) > 0:
		kind = "NOTE"
	}
	word, rest, _ := strings.Cut(v.Sentence(), "  ")
	fmt.Fprintf(b, "> [!%s]\n> **%s** %s\n", kind, word, reports.EscapeMarkdown(rest))
	for _, w := range v.Warnings {
		fmt.Fprintf(b, ">\n> %s\n", reports.EscapeMarkdown(oneLine(w)))
	}
}

func checkTable(b *bytes.Buffer, cs []Check, most int) {
	b.WriteString("| | model and data | measure | baseline → now | change (95 %) | margin | p |\n|---|---|---|--:|--:|--:|--:|\n")
	for i, c := range cs {
		if i == most {
			fmt.Fprintf(b, "| | and %d more | | | | | |\n", len(cs)-most)
			break
		}
		status := c.Status.word()
		if c.Status == Regression || c.Status == Changed {
			status = "**" + status + "**"
		}
		change := c.Change()
		if c.Status == Identical {
			change = ""
		}
		for _, text := range []string{status, reports.EscapeMarkdown(c.where()), reports.EscapeMarkdown(c.What()), c.values(), reports.EscapeMarkdown(change), c.allowed(), strings.TrimPrefix(c.chance(), "p ")} {
			fmt.Fprintf(b, "| %s ", text)
		}
		b.WriteString("|\n")
	}
}

// foot says what was compared, what differs, and where to look.
func (o View) foot(b *bytes.Buffer, v *Verdict) {
	changes, _, notes := v.words()
	fmt.Fprintf(b, "\n<sub>%s", reports.EscapeMarkdown(v.sides()))
	if len(changes) > 0 {
		fmt.Fprintf(b, "<br>differs: %s", reports.EscapeMarkdown(strings.Join(changes, "; ")))
	}
	for _, n := range notes {
		fmt.Fprintf(b, "<br>%s", reports.EscapeMarkdown(n))
	}
	if o.Report != "" {
		fmt.Fprintf(b, "<br>report: %s", link(o.Report))
	}
	b.WriteString("</sub>\n")
}

func link(to string) string {
	to = oneLine(to)
	if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
		return fmt.Sprintf("[%s](<%s>)", reports.EscapeMarkdown(to), strings.NewReplacer("<", "%3C", ">", "%3E").Replace(to))
	}
	return reports.EscapeMarkdown(to)
}
