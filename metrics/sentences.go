package metrics

import (
	"encoding/binary"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
)

// Sentences are rows of tokens, whole numbers from 0 up, of any lengths: what an end token cuts off is not part of a row.
type Sentences [][]int

func checkSentences(role string, s Sentences, least int) error {
	if s == nil {
		return fault.Of(ErrMissing, "%s are missing", role)
	}
	if len(s) < least {
		return fault.Of(ErrTooFew, "%s: %d, want at least %d", role, len(s), least)
	}
	for i, row := range s {
		if len(row) == 0 {
			return fault.Of(ErrShape, "%s: row %d is empty: leave empty sentences out", role, i)
		}
		if k := slices.IndexFunc(row, func(t int) bool { return t < 0 }); k >= 0 {
			return fault.Of(ErrValue, "%s: row %d has the token %d, want whole numbers from 0", role, i, row[k])
		}
	}
	return nil
}

// ngram is some tokens in a row, eight bytes each.
type ngram string

// ngrams counts the runs of n tokens in a row.
func ngrams(row []int, n int) map[ngram]int {
	count := map[ngram]int{}
	var text []byte
	for _, t := range row {
		text = binary.LittleEndian.AppendUint64(text, uint64(t))
	}
	for i := 0; i+n <= len(row); i++ {
		count[ngram(text[8*i:8*(i+n)])]++
	}
	return count
}
