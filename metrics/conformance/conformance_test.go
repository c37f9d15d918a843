package conformance

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/metrics"
)

func TestEveryGoldenValue(t *testing.T) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 50 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, o := range Run(context.Background(), metrics.All(), cases) {
		if !o.Pass {
			t.Errorf("%s: got %.17g, want %.17g, relative error %.2g, allowed %.2g %s", o.Case.Name, o.Got, o.Case.Want, o.Error, o.Case.Tolerance, o.Fault)
		}
	}
}

// A wrong value and an unknown name must not pass.
func TestWrongValuesFail(t *testing.T) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	bad := cases[:2]
	bad[0].Want *= 1 + 1e-9
	bad[1].Value = "fid"
	for _, o := range Run(context.Background(), metrics.All(), bad) {
		if o.Pass {
			t.Errorf("%s passes", o.Case.Name)
		}
	}
}
