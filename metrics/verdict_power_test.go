package metrics

import (
	"testing"
)

// What could be seen is said in percent, or that nothing could; without anything known of it there is no line.
func TestSeen(t *testing.T) {
	v := Verdict{Sees: []Visible{{Dropped, "a class without samples", .084, "of the data"}, {Memorised, "copies", 1, "of the fakes"}, {Repeated, "repeats", .121, "of the fakes"}}}
	if want, got := "found nineteen times in twenty at this number: a class without samples: from 8.4 % of the data; copies: not at this number; repeats: from 12 % of the fakes", v.Seen(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Verdict{}).Seen(); got != "" {
		t.Errorf("nothing known: %q", got)
	}
}
