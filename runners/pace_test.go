package runners

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const inSeconds = "name: timed\nfeaturizers: [none]\nmetrics: [gap]\nsamples: 100\nfloor: false\nbudget: {core_seconds: 0.5}\ndatasets:\n- {name: ring, train: 500, test: 300}\nmodels: [quick, slow]\n"

func pacedPlan(t *testing.T, dir string) *Plan {
	t.Helper()
	c, err := ParseConfig("timed.yaml", []byte(inSeconds))
	if err != nil {
		t.Fatal(err)
	}
	if err := SetPace(t.Context(), fakeKit(), c, dir, ""); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(fakeKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSecondsBecomeStepsByTheFoldersPace(t *testing.T) {
	dir := t.TempDir()
	// A step is 64 samples through two networks of width 64, 8192 units: 0.5 s buy 61.03 steps of the one, 30.5 of the other.
	pace := `{"cpu": "x", "kernel": "y", "seconds": {"quick on ring": 1e-6, "slow on ring": 2e-6}}`
	if err := os.WriteFile(filepath.Join(dir, "pace.json"), []byte(pace), 0o600); err != nil {
		t.Fatal(err)
	}
	p := pacedPlan(t, dir)
	if a, b := p.Cells[0].Steps(), p.Cells[1].Steps(); a != 61 || b != 30 {
		t.Errorf("%d and %d steps, want 61 and 30", a, b)
	}
}

func TestARunKeepsItsPace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	p := pacedPlan(t, dir)
	first := mustRun(t, p, Options{Dir: dir, Workers: 1})
	again := pacedPlan(t, dir)
	if d := cmp.Diff(p.Hash, again.Hash); d != "" {
		t.Errorf("the second plan has other cells: %s", d)
	}
	if s := mustRun(t, again, Options{Dir: dir, Workers: 1}); s.Ran != 0 || s.Total != first.Total {
		t.Errorf("%d of %d cells ran again", s.Ran, s.Total)
	}
}

func TestFaultyPacesAreOneLine(t *testing.T) {
	c, err := ParseConfig("timed.yaml", []byte(inSeconds))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPlan(fakeKit(), c); err == nil || !strings.Contains(err.Error(), "timed.yaml: line 6: budget: core_seconds become steps") {
		t.Errorf("no pace: %v", err)
	}
	for text, want := range map[string]string{"{": "pace.json", `{"seconds": {}}`: "holds no pace", `{"seconds": {"quick on ring": -1}}`: "quick on ring: -1 seconds"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "pace.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := SetPace(t.Context(), fakeKit(), c, dir, ""); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "choose another") {
			t.Errorf("%s: %v", text, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pace.json"), []byte(`{"seconds": {"quick on ring": 1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SetPace(t.Context(), fakeKit(), c, dir, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := NewPlan(fakeKit(), c); err == nil || !strings.Contains(err.Error(), "1e+00") && !strings.Contains(err.Error(), "less than one step") {
		t.Errorf("half a second of a step that takes hours: %v", err)
	}
}
