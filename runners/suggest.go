package runners

import (
	"fmt"
	"slices"
	"strings"
)

// unknown is the error for a name that is in no catalog: it lists the known names and the nearest one, if one is near.
func unknown(kind, name string, have []string) error {
	hint := ""
	if near := Nearest(name, have); near != "" {
		hint = fmt.Sprintf(", did you mean %q?", near)
	} else {
		hint = ","
	}
	return fmt.Errorf("unknown %s %q%s have %s", kind, name, hint, strings.Join(have, ", "))
}

// Nearest returns the name a person most likely meant: the one at the smallest edit distance (insert, delete, replace, exchange of neighbours),
// no further than a third of the word's length and one; "" where none is that near.
func Nearest(name string, have []string) string {
	best, at := "", len(name)/3+2
	for _, h := range slices.Sorted(slices.Values(have)) {
		if d := editDistance(strings.ToLower(name), strings.ToLower(h)); d < at {
			best, at = h, d
		}
	}
	return best
}

// editDistance is the optimal string alignment distance of two byte strings.
func editDistance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			swap := 1
			if a[i-1] == b[j-1] {
				swap = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+swap)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
