// Package suggest words the errors for names that are in no catalog: what there is, and what was probably meant.
package suggest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unknown is the error for a name that is in no catalog: `unknown split "tets", did you mean "test"? have test, train`. kind is the catalog's noun. Of a
// long catalog that a command lists, the nearest names and that command stand for the list: `unknown metric "fdi", did you mean "fd"? See "assay list
// metrics" for all 47`.
func Unknown(kind, name string, have []string) error {
	if command := listing[kind]; command != "" && len(have) > many {
		near := near(name, have)
		hint := "."
		if len(near) > 0 {
			hint = ", did you mean " + either(near) + "?"
		}
		return fmt.Errorf("unknown %s %q%s See %q for all %d", kind, name, hint, command, len(have))
	}
	return fmt.Errorf("unknown %s %q%s", kind, name, Have(name, have))
}

// many is how many names a line can still hold.
const many = 12

// listing is the command that lists a catalog.
var listing = map[string]string{
	"metric": "assay list metrics", "model": "assay list models", "data set": "assay list datasets", "featurizer": "assay list featurizers",
	"protocol": "assay list protocols", "suite": "assay list suites", "source": "assay cite",
}

// either joins names in quotes by "or".
func either(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, " or ")
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
	if all := near(name, have); len(all) > 0 {
		return all[0]
	}
	return ""
}

// near lists the names at the smallest distance, if that is no further than Nearest allows: at most three, in the order of the alphabet.
func near(name string, have []string) []string {
	var all []string
	at := len(name)/3 + 1
	for _, h := range slices.Sorted(slices.Values(have)) {
		d := distance(strings.ToLower(name), strings.ToLower(h))
		if d < at {
			at, all = d, nil
		}
		if d == at {
			all = append(all, h)
		}
	}
	return all[:min(3, len(all))]
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
