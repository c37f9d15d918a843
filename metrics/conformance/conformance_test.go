package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/metrics"
)

func TestEveryGoldenValue(t *testing.T) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 125 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, o := range Run(context.Background(), metrics.All(), cases) {
		if !o.Pass {
			t.Errorf("%s: got %.17g, want %.17g, relative error %.2g, allowed %.2g %s", o.Case.Name, o.Got, o.Case.Want, o.Error, o.Case.Tolerance, o.Fault)
		}
	}
}

const published = "../../testdata/golden/metrics.json"

// The file for others is what the program holds and prints. UPDATE_GOLDEN=1 writes it.
func TestPublishedFileIsThisOne(t *testing.T) {
	if !json.Valid(JSON()) {
		t.Fatal("not JSON")
	}
	if testutil.UpdateGolden() {
		if err := os.WriteFile(published, JSON(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(published); err != nil || !bytes.Equal(have, JSON()) {
		t.Errorf("%s is stale (%v): UPDATE_GOLDEN=1 go test ./metrics/conformance", published, err)
	}
}

// Every name of the description is a set that exists, of the size it says.
func TestSetsAreDescribed(t *testing.T) {
	var doc struct {
		Inputs struct {
			Sets, Modes, Functions map[string]string
		}
	}
	if err := json.Unmarshal(JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, name := range golden.Names() {
		text, ok := doc.Inputs.Sets[name]
		m, err := golden.Set(name)
		if err != nil || !ok {
			t.Fatalf("set %s: described %v, %v", name, ok, err)
		}
		if r, c := m.Dims(); !strings.Contains(text, fmt.Sprintf("%d x %d", r, c)) {
			t.Errorf("set %s is %d x %d, described as %s", name, r, c, text)
		}
	}
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range cases {
		if names[c.Name] {
			t.Errorf("two cases are called %s", c.Name)
		}
		names[c.Name] = true
		if c.Function != "" && doc.Inputs.Functions[c.Function] == "" {
			t.Errorf("function %s is not described", c.Function)
		}
		if c.Inputs.Modes != "" && doc.Inputs.Modes[c.Inputs.Modes] == "" {
			t.Errorf("modes %s are not described", c.Inputs.Modes)
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
