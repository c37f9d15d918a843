package reports

import (
	"slices"
	"strings"
	"testing"
)

func warned(dataset, metric, cell string, texts ...string) Record {
	return Record{Cell: cell, Model: "m", Dataset: dataset, Metric: metric, Status: OK, Warnings: texts}
}

// Sentences that differ in numbers alone are one kind, told once with the least and the greatest of each.
func TestWarnings(t *testing.T) {
	got := Warnings([]Record{
		warned("ring", "fd", "a", "about 0.02 of the distance of 5 is bias", "seen once"),
		warned("grid", "fd", "b", "about 1e-3 of the distance of 5 is bias"),
		warned("grid", "kid", "c", "about 0.5 of the distance of 5 is bias"),
		warned("grid", "is", "d", "look at fd_inf2"), warned("grid", "is", "e", "look at fd_inf3"),
	})
	want := []string{"3 about 1e-3 to 0.5 of the distance of 5 is bias: grid,ring FD,KID", "1 look at fd_inf2: grid IS", "1 look at fd_inf3: grid IS", "1 seen once: ring FD"}
	var have []string
	for _, k := range got {
		have = append(have, Number(float64(k.Values))+" "+k.Text+": "+strings.Join(k.Datasets, ",")+" "+strings.Join(k.Metrics, ","))
	}
	if !slices.Equal(have, want) {
		t.Errorf("%q\nwant\n%q", have, want)
	}
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		"N 300, d 3072: low":       "N #, d #: low",
		"(5 of 10) rows.":          "(# of #) rows.",
		"5-fold, r3gan, 1.2.3, x2": "5-fold, r3gan, 1.2.3, x2",
		"p = -1.5e-07":             "p = #",
		"12":                       "#",
		"16 % of 3.":               "# % of #.",
	} {
		parts, numbers := sentence(text)
		if got := strings.Join(parts, "#"); got != want || len(parts) != len(numbers)+1 {
			t.Errorf("%q: %q with %q, want %q", text, got, numbers, want)
		}
	}
}
