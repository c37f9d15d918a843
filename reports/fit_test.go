package reports

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func wide() Table {
	t := Table{ID: "t", Title: "A title", Head: []string{"name", "a number", "words", "source"}, Spare: []string{"source"}, Notes: []string{"a note that is a good deal longer than the forty columns of this terminal"}}
	for _, r := range [][]string{{"one", "1", "alpha beta gamma delta epsilon zeta eta theta iota", "someone1999"}, {"two", "22", "kappa/lambda(mu)nu-xi_omicron,pi,rho,sigma,tau", "another2001"}} {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: r[0], Left: true}, {Text: r[1]}, {Text: r[2], Left: true}, {Text: r[3], Left: true}}})
	}
	return t
}

func drawnAt(t *testing.T, table Table, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := TextFit(&b, table, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func widest(text string) int {
	most := 0
	for line := range strings.SplitSeq(text, "\n") {
		most = max(most, utf8.RuneCountInString(line))
	}
	return most
}

// At every width lines end where the terminal does, and no word is lost but those of columns that the table said it can spare.
func TestFit(t *testing.T) {
	whole := drawnAt(t, wide(), 0)
	if drawnAt(t, wide(), 400) != whole {
		t.Error("a table that fits is drawn in another way")
	}
	for width := 40; width < widest(whole); width++ {
		got := drawnAt(t, wide(), width)
		if n := widest(got); n > width {
			t.Fatalf("a line of %d at a width of %d:\n%s", n, width, got)
		}
		kept := strings.Join(strings.FieldsFunc(got, func(r rune) bool { return strings.ContainsRune(" \n│┌┐└┘├┤┬┴┼─", r) }), "")
		for _, w := range []string{"one", "22", "alpha", "epsilon", "iota", "tau", "anote", "terminal"} {
			if !strings.Contains(kept, w) {
				t.Errorf("%q is lost at a width of %d:\n%s", w, width, got)
			}
		}
		if strings.Contains(got, "someone") == strings.Contains(got, "left out at this width: 1 column") {
			t.Errorf("width %d: the column that went is not told, or one is told that stayed:\n%s", width, got)
		}
	}
	if got := drawnAt(t, wide(), 55); strings.Contains(got, "someone") || !strings.Contains(got, "iota") {
		t.Errorf("the column to spare stayed:\n%s", got)
	}
}

// Numbers are never wrapped: what does not fit goes on below, with the first column again.
func TestFitNumbers(t *testing.T) {
	table := Table{ID: "n", Title: "Numbers", Head: []string{"model", "first", "second", "third"}}
	for _, m := range []string{"alpha", "beta"} {
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: m, Left: true}, {Text: "123456.789"}, {Text: "0.000012345"}, {Text: "98.7654321"}}})
	}
	got := drawnAt(t, table, 40)
	if widest(got) > 40 || strings.Count(got, "alpha") != 2 || strings.Count(got, "123456.789") != 2 || !strings.Contains(got, "Numbers (2 of 2)") {
		t.Error(got)
	}
}

func TestFolded(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 5, ""},
		{"a bb ccc", 4, "a bb|ccc"},
		{"abcdefgh", 3, "abc|def|gh"},
		{"path/to/thing", 8, "path/to/|thing"},
		{"ΑΒΓΔ ΕΖ", 4, "ΑΒΓΔ|ΕΖ"},
	} {
		if got := strings.Join(Folded(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
