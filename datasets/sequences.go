package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// Sequences is the kind of sets whose samples are rows of tokens: T whole numbers in 0 ... Size-1 a row, carried as float32 like all samples, Shape {T}. What
// the numbers mean is the set's Vocabulary.
const Sequences Kind = "sequences"

// Vocabulary is the tokens of a set of sequences.
type Vocabulary struct {
	Size    int      // tokens are 0 ... Size-1
	Words   []string // their text; nil means that they are written as numbers
	End     int      // the token that ends a row early and fills the rest of it; -1 where every row is full
	Unknown int      // the token of words that are not in Words; -1 where there is none
}

// Text is a row as people read it: its words, or numbers, up to the end token, with a blank between them. A value that is no token is shown as <v>.
func (v *Vocabulary) Text(row []float32) string {
	var b strings.Builder
	for i, x := range row {
		t := int(x)
		if t == v.End && v.End >= 0 {
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		switch {
		case float32(t) != x || t < 0 || t >= v.Size:
			fmt.Fprintf(&b, "<%v>", x)
		case v.Words == nil:
			fmt.Fprint(&b, t)
		default:
			b.WriteString(v.Words[t])
		}
	}
	return b.String()
}

// Row is the inverse of Text: a row of length tokens for a line of text, cut into words as verses are (or into numbers). Words that are not in the vocabulary
// become the unknown token; a line that is too long, or a word that cannot be expressed, is an error.
func (v *Vocabulary) Row(line string, length int) ([]float32, error) {
	words := strings.Fields(line)
	if v.Words != nil {
		words = cutWords(line)
	}
	if len(words) == 0 {
		return nil, refuse("%q has no words", line)
	}
	if len(words) > length || len(words) < length && v.End < 0 {
		return nil, refuse("%q has %d words, a row holds %d", line, len(words), length)
	}
	row := make([]float32, length)
	for i := range row {
		row[i] = float32(v.End)
	}
	for i, w := range words {
		t := v.token(w)
		if t < 0 {
			return nil, refuse("%q is not one of the %d words of the vocabulary", w, v.Size)
		}
		row[i] = float32(t)
	}
	return row, nil
}

func (v *Vocabulary) token(word string) int {
	if v.Words == nil {
		t := -1
		if _, err := fmt.Sscanf(word, "%d", &t); err != nil || t >= v.Size {
			return -1
		}
		return t
	}
	if t := slices.Index(v.Words, word); t >= 0 && t != v.End {
		return t
	}
	return v.Unknown
}

// Check says which value of the samples is no token, or which row goes on after its end: an error that wraps ErrShape.
func (v *Vocabulary) Check(s *Samples) error {
	if len(s.Shape) != 1 {
		return fault.Of(ErrShape, "samples of shape %v are no rows of tokens", s.Shape)
	}
	for i := range s.Len() {
		ended := false
		for t, x := range s.Row(i) {
			if x != float32(math.Trunc(float64(x))) || x < 0 || int(x) >= v.Size {
				return fault.Of(ErrShape, "sample %d: value %v at %d is not one of the tokens 0 ... %d", i, x, t, v.Size-1)
			}
			if ended && int(x) != v.End {
				return fault.Of(ErrShape, "sample %d goes on at %d after its end", i, t)
			}
			ended = int(x) == v.End
		}
	}
	return nil
}

// cutWords cuts a line of English into lower-case words; apostrophes and hyphens inside and at the ends of words belong to them, other marks are dropped.
func cutWords(line string) []string {
	words := strings.FieldsFunc(strings.ToLower(line), func(r rune) bool {
		word := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '\'' || r == '-' || r > 127
		return !word
	})
	var out []string
	for _, w := range words {
		for _, p := range strings.Split(w, "--") { // a dash between words
			if p = strings.Trim(p, "'-"); p != "" {
				out = append(out, p)
			}
		}
	}
	return out
}
