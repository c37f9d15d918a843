package gate

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// mostLines is how many checks one annotation lists.
const mostLines = 10

// github writes workflow commands. GitHub shows ten annotations of a step and hides the rest, so there are two: one error (or, where nothing fails, one warning)
// with the checks behind it, and one notice with the verdict.
func (o View) github(w io.Writer, v *Verdict) error {
	var b bytes.Buffer
	open, _ := v.sorted()
	level, want := "", map[Status]bool{}
	switch {
	case v.Failed():
		level, want = "error", map[Status]bool{Regression: true, Changed: true}
	case v.Status == Inconclusive:
		level, want = "warning", map[Status]bool{Inconclusive: true}
	}
	var lines []string
	for _, c := range open {
		if want[c.Status] {
			lines = append(lines, oneLine(c.Name()+": "+c.Reason))
		}
	}
	if len(lines) > mostLines {
		lines = append(lines[:mostLines], fmt.Sprintf("and %d more", len(lines)-mostLines))
	}
	if level != "" {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", level, quote.GitHubProperty(o.name()+": "+tightSentence(v)), quote.GitHub(strings.Join(lines, "\n")))
	}
	_, warnings, _ := v.words()
	fmt.Fprintf(&b, "::notice title=%s::%s\n", quote.GitHubProperty(o.name()), quote.GitHub(strings.Join(append([]string{tightSentence(v)}, warnings...), "\n")))
	_, err := b.WriteTo(w)
	return err
}

// tightSentence is the verdict's sentence where no columns are.
func tightSentence(v *Verdict) string { return oneLine(v.Sentence()) }
