package reports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// Real data's own value stands beside the models, on each side that has it and for the same measure only; it is compared with nothing.
func TestCompareShowsTheFloor(t *testing.T) {
	side := func(model string, n int, values ...float64) (recs []Record) {
		for i, v := range values {
			r := rec(id(model, n, v, i), "fd", v)
			r.Model, r.SettingsID, r.N, r.Seed = model, model, n, uint64(i)
			recs = append(recs, r)
		}
		return recs
	}
	a := append(side("wgan", 100, 10, 11, 12), side(Real, 100, 2, 3, 4)...)
	b := append(side("wgan", 100, 5, 6, 7), side(Real, 200, 77, 77, 77)...) // another number of samples is another measure
	got, err := Compare(a, b, 1, 100)
	if err != nil || len(got) != 1 || got[0].FloorA == nil || *got[0].FloorA != 3 || got[0].FloorB != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	text := func(d []Difference) string {
		var w bytes.Buffer
		if err := Markdown(&w, CompareTable(d)); err != nil {
			t.Fatal(err)
		}
		return w.String()
	}
	if s := text(got); !regexp.MustCompile(`\| real +\| real +\|[^|]+\| +3 +\| +– +\|.*floor`).MatchString(s) || strings.Contains(s, "77") {
		t.Error(s)
	}
	if notes := strings.Join(CompareTable(got).Notes, " "); !strings.Contains(notes, "no model can be expected to do better") {
		t.Errorf("the line of real data is not explained: %s", notes)
	}
	j, err := json.Marshal(got)
	if err != nil || !strings.Contains(string(j), `"floor_a":3,`) || strings.Contains(string(j), "floor_b") {
		t.Errorf("%s %v", j, err)
	}
	b = append(side("wgan", 100, 5, 6, 7), side(Real, 100, 8, 9, 10)...)
	if got, err = Compare(a, b, 1, 100); err != nil || len(got) != 1 || *got[0].FloorB != 9 {
		t.Errorf("%+v, %v", got, err)
	}
	one := append(a, side("gan-ns", 100, 20, 21, 22)...)
	if got, err = CompareModels(one, "gan-ns", "wgan", 1, 100); err != nil || len(got) != 1 || got[0].A != "gan-ns" || *got[0].FloorA != 3 || *got[0].FloorB != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if s := text(got); strings.Count(s, "| real") != 2 {
		t.Errorf("want one line of real data:\n%s", s)
	}
	if got, err = Compare(side("wgan", 100, 1, 2), side("wgan", 100, 1, 2), 1, 100); err != nil || strings.Contains(text(got), "floor") {
		t.Errorf("a floor of nothing: %s, %v", text(got), err)
	}
}
