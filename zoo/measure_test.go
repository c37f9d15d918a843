package zoo

import (
	"maps"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// Settings share a key of sizes where their sizes are the same, and nowhere else.
func TestSizingKeyTellsSizingsApart(t *testing.T) {
	r := rng.Stream(4, "sizings")
	for _, m := range []Model{mustFind(t, "vae"), mustFind(t, "gan-ns")} {
		info := m.Info()
		var all []map[string]string
		for range 60 {
			s := map[string]string{}
			for _, p := range info.Settings {
				s[p.Name] = []string{"0", "1", "2", "0.5", "0.25"}[r.IntN(5)]
			}
			if r.IntN(4) == 0 {
				s["unknown"] = []string{"1", "2"}[r.IntN(2)]
			}
			if len(all) > 0 && r.IntN(2) == 0 { // near an earlier one
				s = maps.Clone(all[r.IntN(len(all))])
				s[info.Settings[r.IntN(len(info.Settings))].Name] = "0.125"
			}
			all = append(all, s)
		}
		same := 0
		for _, a := range all {
			for _, b := range all {
				alike := maps.Equal(Sizing(info, a), Sizing(info, b))
				if alike != (SizingKey(info, a) == SizingKey(info, b)) {
					t.Fatalf("%v and %v: alike %v", a, b, alike)
				}
				if alike {
					same++
				}
			}
		}
		if same <= len(all) {
			t.Error("no two are alike")
		}
	}
}

func mustFind(t *testing.T, id string) Model {
	t.Helper()
	m, err := Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
