// Package suggest words the errors for names that are in no catalog: what there is, and what was probably meant.
package suggest

import (
	"fmt"
	"slices"
	"strings"
)

// Unknown is the error for a name that is in no catalog: `unknown metric "fdi", did you mean "fd"? have fd, is, kid`. kind is the catalog's noun.
func Unknown(kind, name string, have []string) error {
	return fmt.Errorf("unknown %s %q%s", kind, name, Have(name, have))
}

// Have is the tail of such an error, for sentences of another form: `, did you mean "fd"? have fd, is, kid`, or `, have fd, is, kid` where no name is near.
func Have(name string, have []string) string {
	hint := Hint(name, have)
	if hint == "" {
		hint = ","
	}
	return hint + " have " + strings.Join(have, ", ")
}

// Hint is the question alone: `, did you mean "fd"?`, or "" where no name is near.
func Hint(name string, have []string) string {
	near := Nearest(name, have)
	if near == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", near)
}

// Nearest returns the name a person most likely meant: the one at the smallest edit distance (insert, delete, replace, exchange of neighbours; upper case
// and lower case are one), no further than a third of the word's length and one; "" where none is that near. Of names equally near the first in the
// alphabet is taken.
func Nearest(name string, have []string) string {
	best, at := "", len(name)/3+2
	for _, h := range slices.Sorted(slices.Values(have)) {
		if d := distance(strings.ToLower(name), strings.ToLower(h)); d < at {
			best, at = h, d
		}
	}
	return best
}

// distance is the optimal string alignment distance of two byte strings.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := 1
			if a[i-1] == b[j-1] {
				replace = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
