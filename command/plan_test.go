package command

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlanIsAPageAndNotAList(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, suite := range []string{"created-equal-points", "default"} {
		r := assay("bench", suite, "--plan", "--no-probe")
		if r.code != 0 {
			t.Fatalf("%+v", r)
		}
		for _, line := range strings.Split(r.out, "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: %q is wider than 80 columns", suite, line)
			}
		}
		golden(t, "plan-"+suite+".txt", r.out)
	}
}

func TestPlanListsCellsWhenAsked(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tiny.yaml", []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	r := assay("bench", "./tiny.yaml", "--plan", "--cells")
	if r.code != 0 || !strings.Contains(r.out, "featurizers") || !strings.Contains(r.out, "of one core") {
		t.Errorf("%+v", r)
	}
	if r := assay("bench", "./tiny.yaml", "--plan", "--spread", "nowhere"); r.code != exitUsage || strings.Count(r.err, "\n") > 2 || !strings.Contains(r.err, "--spread") {
		t.Errorf("%+v", r)
	}
	if r := assay("bench", "./tiny.yaml", "--out", "run", "--quiet"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := assay("bench", "./tiny.yaml", "--plan", "--no-probe", "--out", "run", "--format", "json"); r.code != 0 || !strings.Contains(r.out, `"outlook"`) {
		t.Errorf("%+v", r)
	}
}
