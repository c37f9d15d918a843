package datasets

import (
	"fmt"
	"strings"
)

// All is every data set of this package. A new one is a file, its test, and one line here; datasettest checks it from then on.
func All() []Dataset {
	return []Dataset{
		Ring{},
		Grid{},
		Polygons{},
		Glyphs{},
		MNIST{},
		CIFAR10{},
		Folder{},
		Pokemon{},
		RingRotated(),
		RingShifted(),
		GlyphsInverted(),
		GlyphsOutlined(),
		MNISTInverted(),
	}
}

// Lookup finds a data set by its id. The error lists the ids there are and the nearest one.
func Lookup(id string) (Dataset, error) {
	all := All()
	ids := make([]string, len(all))
	for i, d := range all {
		if ids[i] = d.Info().ID; ids[i] == id {
			return d, nil
		}
	}
	hint := ""
	if n := nearest(id, ids); n != "" {
		hint = fmt.Sprintf(", did you mean %q?", n)
	}
	return nil, &fault{ErrUnknown, fmt.Sprintf("unknown data set %q%s have %s", id, orComma(hint), strings.Join(ids, ", "))}
}

func orComma(hint string) string {
	if hint == "" {
		return ","
	}
	return hint
}

// nearest is the name at the smallest edit distance, or "" where even that one shares too little to be meant.
func nearest(word string, names []string) string {
	best, at := len(word)/2+1, ""
	for _, n := range names {
		if d := editDistance(word, n); d < best {
			best, at = d, n
		}
	}
	return at
}

// editDistance is Levenshtein's: the least number of insertions, deletions and substitutions.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
