package metrics

import (
	"fmt"
	"strings"
)

// Visible is what a verdict could see with the samples at hand: a fault of this kind that takes Least or more is found nineteen times in twenty.
type Visible struct {
	Word  Word    `json:"word"`  // that would be said
	What  string  `json:"what"`  // the fault
	Least float64 `json:"least"` // share, 0 to 1; 1: not even the whole set
	Of    string  `json:"of"`    // what it is a share of
}

// String is "copies of training samples: from 3.2 % of the fakes".
func (s Visible) String() string {
	if s.Least >= 1 {
		return fmt.Sprintf("%s: not at this number", s.What)
	}
	return fmt.Sprintf("%s: from %s %s", s.What, percent(s.Least), s.Of)
}

func (j *judge) sees(w Word, what string, least float64, of string) {
	j.v.Sees = append(j.v.Sees, Visible{w, what, least, of})
}

// doubt keeps a reason for which a verdict without findings is unclear, and the number of fakes that would settle it; 0 where none would.
func (j *judge) doubt(decidesAt int, line string, args ...any) {
	j.doubts = append(j.doubts, fmt.Sprintf(line, args...))
	j.v.DecidesAt = max(j.v.DecidesAt, decidesAt)
}

// Seen is what could have been found with so many samples, in a line; "" where nothing is known of it.
func (v Verdict) Seen() string {
	var all []string
	for _, s := range v.Sees {
		all = append(all, s.String())
	}
	if len(all) == 0 {
		return ""
	}
	return "found nineteen times in twenty at this number: " + strings.Join(all, "; ")
}

// percent is a share with two digits: "0.78 %", "9.1 %", "12 %".
func percent(share float64) string {
	if share >= .0995 {
		return fmt.Sprintf("%.0f %%", 100*share)
	}
	return fmt.Sprintf("%.2g %%", 100*share)
}

// fraction is a share as evidence writes it: in percent, to three digits.
type fraction float64

func (f fraction) String() string { return fmt.Sprintf("%.3g %%", 100*float64(f)) }
