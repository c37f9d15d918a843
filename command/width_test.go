package command

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Every table ends where the terminal does, and says which columns it could not show; --wide shows them all.
func TestTablesKnowTheTerminal(t *testing.T) {
	for _, args := range [][]string{{"list", "models"}, {"list", "datasets"}, {"list", "featurizers"}, {"list", "protocols"}, {"list", "metrics"},
		{"list", "models", "unrolled"}, {"list", "metrics", "prdc"}, {"list", "datasets", "stacked-mnist"}, {"bench", "smoke", "--plan", "--no-probe"}} {
		whole := plainly(t, args...)
		for _, columns := range []int{80, 100, 160} {
			t.Setenv("COLUMNS", []string{80: "80", 100: "100", 160: "160"}[columns])
			got := plainly(t, args...)
			left := false
			for line := range strings.SplitSeq(got, "\n") {
				if n := utf8.RuneCountInString(line); n > columns {
					t.Errorf("%q: a line of %d at %d: %s", args, n, columns, line)
				}
				left = left || strings.Contains(line, "left out at this width")
			}
			if strings.Count(got, "source") < strings.Count(whole, "source") && !left {
				t.Errorf("%q at %d: columns are gone without a word", args, columns)
			}
			if plainly(t, append(args, "--wide")...) != whole {
				t.Errorf("%q --wide at %d is not what a file gets", args, columns)
			}
			t.Setenv("COLUMNS", "")
		}
	}
}

func plainly(t *testing.T, args ...string) string {
	t.Helper()
	r := assay(args...)
	if r.code != exitOK {
		t.Fatalf("%q: exit %d: %s", args, r.code, r.err)
	}
	return r.out
}
