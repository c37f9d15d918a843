package reports

import (
	"bytes"
	"strings"
	"testing"
)

// Wherever a text from outside is broken, and where it begins, no line of it is a command to a CI system that reads the log.
func TestWrappedTextsCommandNothing(t *testing.T) {
	for blanks := range 90 {
		text := strings.Repeat("ab ", blanks/3) + strings.Repeat("x", blanks%3) + " ::error::y and more"
		var b bytes.Buffer
		for _, indent := range []int{0, 11} {
			WriteWrapped(&b, "", indent, text)
			WriteWrapped(&b, "", indent, strings.TrimSpace(text))
			WriteWrapped(&b, "label", indent, text)
		}
		b.WriteString(strings.Join(Folded(text, 40), "\n"))
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Fatalf("%q of %q", line, text)
			}
		}
	}
}
