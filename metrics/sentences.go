package metrics

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Sentences are rows of tokens, whole numbers from 0 up, of any lengths: what an end token cuts off is not part of a row.
type Sentences [][]int

func checkSentences(role string, s Sentences, least int) error {
	if s == nil {
		return fmt.Errorf("%s are missing: %w", role, ErrMissing)
	}
	if len(s) < least {
		return fmt.Errorf("%s: %d, want at least %d: %w", role, len(s), least, ErrTooFew)
	}
	for i, row := range s {
		if len(row) == 0 {
			return fmt.Errorf("%s: row %d is empty: leave empty sentences out: %w", role, i, ErrShape)
		}
		if k := slices.IndexFunc(row, func(t int) bool { return t < 0 }); k >= 0 {
			return fmt.Errorf("%s: row %d has the token %d, want whole numbers from 0: %w", role, i, row[k], ErrValue)
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
