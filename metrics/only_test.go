package metrics

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAValuesNameIsItsMetric(t *testing.T) {
	p, whole := ab(), compute(t, PRDC{}, ab())
	m, err := Find(All(), "recall")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Metric{m, set(t, m, "interval", "none")} {
		r, err := m.Compute(context.Background(), p)
		if err != nil || len(r.Values) != 1 || r.Values[0].Value != whole["recall"] {
			t.Errorf("recall alone: %v, %v, want %v", r.Values, err, whole["recall"])
		}
		if i := m.Info(); i.ID != "prdc" || !cmp.Equal(i.Values, []string{"recall"}) || i.Better != None {
			t.Errorf("%+v", i)
		}
	}
	if _, err := m.With("accuracy", "1"); err == nil {
		t.Error("an option that prdc has not")
	}
	density, _ := Find(All(), "precision")
	both := Join(Join(nil, m), density)
	if len(both) != 1 || !cmp.Equal(both[0].Info().Values, []string{"precision", "recall"}) || both[0].Info().Better != Higher {
		t.Errorf("recall and precision: %d metrics, %v", len(both), both[0].Info())
	}
	if all := Join(both, PRDC{}); len(all) != 1 || Shown(all[0]) != nil {
		t.Errorf("recall, precision, prdc: %v", all[0].Info().Values)
	}
	if all := Join(Join(nil, PRDC{}), m); len(all) != 1 || Shown(all[0]) != nil {
		t.Errorf("prdc, recall: %v", all[0].Info().Values)
	}
}

func TestNamesThatAreNoMetric(t *testing.T) {
	for name, want := range map[string]string{
		"fid": "fd under a protocol such as pytorch-fid", "FID": "fd under", "clean-fid": "clean-fid", "isc": "Inception Score is is",
		"fdi": `did you mean "fd"?`, "precison": `did you mean "precision"?`, "zzzzzz": "assay list metrics",
	} {
		_, err := Lookup(name)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 200 {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
