package command

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every value says of how many samples it is: of the fakes, of the rows of their logits where there are but those, and of the reals where it looks at them.
func TestScoreCountsItsSamples(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "A.npy", []int{60, 4}, normals(1, 240, 1, 0))
	saveRows(t, "B.npy", []int{50, 4}, normals(2, 200, 1, 0))
	saveRows(t, "C.npy", []int{40, 4}, normals(3, 160, 1, 0))
	saveRows(t, "L.npy", []int{50, 3}, normals(4, 150, 2, 0))
	for args, want := range map[string]struct {
		n     map[string][2]int // fakes and reals
		texts []string
	}{
		"--logits L.npy --metrics is": {map[string][2]int{"is": {50, 0}}, []string{"class scores (50)"}},
		"--real A.npy --fake B.npy --logits L.npy --featurizer none --metrics fd,is": {map[string][2]int{"fd": {50, 60}, "is": {50, 0}},
			[]string{"B.npy (50) against A.npy (60)", "of the 50 fakes alone, without the real samples: is"}},
		"--real A.npy --fake B.npy --versus C.npy --featurizer none --metrics fd": {map[string][2]int{"fd": {50, 60}}, []string{"N fake 50, N versus 40"}},
	} {
		args := append([]string{"score"}, strings.Fields(args)...)
		var s struct {
			Metrics map[string]struct {
				N     int
				NReal int `json:"n_real"`
			}
		}
		r := assay(append(args, "--format", "json")...)
		if err := json.Unmarshal([]byte(r.out), &s); err != nil || r.code != 0 {
			t.Fatalf("%v: status %d, %s, %v", args, r.code, r.err, err)
		}
		for name, n := range want.n {
			if got := s.Metrics[name]; got.N != n[0] || got.NReal != n[1] {
				t.Errorf("%v: %s is of %d fakes and %d reals, want %v", args, name, got.N, got.NReal, n)
			}
		}
		for _, format := range []string{"table", "md"} {
			r := assay(append(args, "--format", format)...)
			text := strings.Join(strings.Fields(r.out), " ")
			for _, w := range want.texts {
				if !strings.Contains(text, w) {
					t.Errorf("%v as %s lacks %q: %s", args, format, w, r.out)
				}
			}
		}
	}
}
