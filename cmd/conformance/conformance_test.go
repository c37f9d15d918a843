package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

const root = "../../"

// The page is what the recorded values give.
func TestPageIsFresh(t *testing.T) {
	rec, err := readRecord(root + recordFile)
	if err != nil {
		t.Fatal(err)
	}
	testutil.FreshPage(t, root+pageFile, "go run ./cmd/conformance -render", func(w io.Writer) error { return page(w, rec) })
}

// What is recorded must agree: a difference is mended or explained, not published in silence.
func TestRecordedValuesAgree(t *testing.T) {
	rec, err := readRecord(root + recordFile)
	if err != nil {
		t.Fatal(err)
	}
	tools := map[string]bool{}
	for _, v := range rec.Values {
		tools[v.Peer] = true
		if !v.agrees() {
			t.Errorf("%s %s: %v there, %v here: %.1e where %.0e is the bound", v.Peer, v.Metric, v.Theirs, v.Ours, v.difference(), v.Bound)
		}
	}
	if len(tools) < 5 {
		t.Errorf("only %d peers are recorded: %v", len(tools), tools)
	}
}

func TestDifferenceIsSeen(t *testing.T) {
	for _, c := range []struct {
		theirs, ours, bound float64
		agrees              bool
	}{
		{100, 100.001, 2e-5, true}, // 1e-5 of the value
		{100, 100.01, 2e-5, false},
		{0, 1e-7, 2e-5, true}, // near 0: 1e-7 of 0.01 is 1e-5
		{0, 1e-6, 2e-5, false},
		{-2, -2.1, 1e-3, false},
	} {
		v := value{Theirs: c.theirs, Ours: c.ours, Bound: c.bound}
		if v.agrees() != c.agrees {
			t.Errorf("%v against %v within %v: %v", c.ours, c.theirs, c.bound, !c.agrees)
		}
	}
}

// What was measured anew takes the place of the same row, a new row follows, nothing else moves; other numbers of images do not mix.
func TestMergedRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "recorded.json")
	old := record{Date: "2026-01-01", Images: 120, Versions: map[string]string{"a": "1", "b": "1"}, Missing: map[string]string{"C": "no C", "D": "no D"},
		Values: []value{{"A", "fd", 1, 1, 1e-9}, {"B", "fd", 2, 2, 1e-9}}, Images2D: []image{{Kind: "png"}}}
	if err := old.write(file); err != nil {
		t.Fatal(err)
	}
	got, err := record{Date: "2026-02-02", Images: 120, Versions: map[string]string{"b": "2"}, Values: []value{{"B", "fd", 3, 3, 1e-9}, {"C", "kid", 4, 4, 1e-9}}}.into(file)
	want := record{Date: "2026-02-02", Images: 120, Versions: map[string]string{"a": "1", "b": "2"}, Missing: map[string]string{"D": "no D"},
		Values: []value{{"A", "fd", 1, 1, 1e-9}, {"B", "fd", 3, 3, 1e-9}, {"C", "kid", 4, 4, 1e-9}}, Images2D: []image{{Kind: "png"}}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if _, err := (record{Images: 100}).into(file); err == nil || !strings.Contains(err.Error(), "-n=120") {
		t.Errorf("100 images into 120: %v", err)
	}
}

func TestBadArguments(t *testing.T) {
	for _, c := range []struct{ arg, want string }{{"-only=pytorchfid", "have pytorch-fid"}, {"-n=10", "at least 100"}, {"everything", "chosen by -only"}, {"-merge", "name them by -only"}} {
		if err := run(t.Context(), []string{c.arg}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.arg, err, c.want)
		}
	}
	err := run(t.Context(), []string{"-only=features", "-python=/no/python"}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "make conformance") {
		t.Errorf("without python: %v", err)
	}
}

// Where an interpreter has them, the peers that need no network run again.
func TestFeaturesAndImagesAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	python := root + "bin/conformance-env/bin/python"
	if exec.Command(python, "-c", "import prdc, sklearn, PIL").Run() != nil {
		t.Skip("no environment with prdc, scikit-learn and Pillow: make conformance makes it")
	}
	o, err := parse([]string{"-only=features", "-python=" + python})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := o.measure(t.Context(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range rec.Values {
		if !v.agrees() {
			t.Errorf("%s %s: %v there, %v here", v.Peer, v.Metric, v.Theirs, v.Ours)
		}
	}
}
