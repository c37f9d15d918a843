package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// seedList is a flag of seeds: numbers and ranges, such as 1,2,7 or 1-5.
type seedList []uint64

// maxSeeds bounds a range: a slip of the finger is an error and not a plan of millions of cells.
const maxSeeds = 10000

// String lists the seeds as the flag reads them.
func (s *seedList) String() string {
	words := make([]string, len(*s))
	for i, v := range *s {
		words[i] = strconv.FormatUint(v, 10)
	}
	return strings.Join(words, ",")
}

// Type is the placeholder of the flag in help, where its text has none.
func (s *seedList) Type() string { return "seeds" }

// Set reads the flag; given again, it adds.
func (s *seedList) Set(text string) error {
	for _, word := range strings.Split(text, ",") {
		a, b, isRange := strings.Cut(strings.TrimSpace(word), "-")
		lo, err := strconv.ParseUint(strings.TrimSpace(a), 10, 63)
		hi := lo
		if err == nil && isRange {
			hi, err = strconv.ParseUint(strings.TrimSpace(b), 10, 63)
		}
		switch {
		case err != nil:
			return fmt.Errorf("%q is no seed: want whole numbers from 0 and ranges, such as 1,2,7 or 1-5", word)
		case hi < lo:
			return fmt.Errorf("the range %s runs backwards: write %d-%d", word, hi, lo)
		case hi-lo >= maxSeeds:
			return fmt.Errorf("the range %s has more than %d seeds", word, maxSeeds)
		}
		for v := lo; v <= hi; v++ {
			if slices.Contains(*s, v) {
				return fmt.Errorf("seed %d is there twice", v)
			}
			*s = append(*s, v)
		}
	}
	return nil
}
