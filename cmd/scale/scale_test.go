package main

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// A metric of N^2 is projected by its square, one that grows with N by N; what is too short to tell, or was measured with too few rows for its width, is not.
func TestProjections(t *testing.T) {
	var r record
	for _, n := range []int{1000, 3000, 10000} {
		x := float64(n)
		r.Points = append(r.Points, point{Metric: "square", N: n, D: 64, CoreSeconds: 2e-6 * x * x}, point{Metric: "line", N: n, D: 64, CoreSeconds: 1e-3 * x},
			point{Metric: "short", N: n, D: 64, CoreSeconds: 0.1}, point{Metric: "wide", N: n, D: 4096, CoreSeconds: 1e-3 * x})
	}
	for id, want := range map[string][2]float64{"square": {2, 2e-6 * 1e10}, "line": {1, 100}} {
		e, s, ok := r.expect(id, 100000, 64)
		if !ok || math.Abs(e-want[0]) > 1e-9 || math.Abs(s-want[1]) > 1e-6*want[1] {
			t.Errorf("%s: N^%v, %v s, want N^%v, %v s", id, e, s, want[0], want[1])
		}
	}
	for id, d := range map[string]int{"short": 64, "wide": 4096, "square": 512} {
		if _, _, ok := r.expect(id, 100000, d); ok {
			t.Errorf("%s of %d features is projected", id, d)
		}
	}
	if !r.beyond("short", 100000, 64, 9.9) || r.beyond("short", 100000, 64, 10.1) { // a hundredfold, by its square
		t.Error("what is too short to tell is not guessed by its square")
	}
}

func TestSeconds(t *testing.T) {
	for s, want := range map[float64]string{0.04: "0.0 s", 9.96: "10.0 s", 31.4: "31 s", 600: "10 min", 9000: "2 h"} {
		if got := seconds(s); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}

// The page is what the record gives, and names every metric that two sets of features are enough for.
func TestPageIsFresh(t *testing.T) {
	const root = "../../"
	r, err := readRecord(root + "docs/results/scale-score.json")
	if err != nil {
		t.Fatal(err)
	}
	b := page(r)
	testutil.FreshPage(t, root+"docs/SCALE.md", "go run ./cmd/scale page", func(w io.Writer) error { _, err := w.Write(b); return err })
	for _, id := range scored() {
		if !strings.Contains(string(b), "| "+id+" |") {
			t.Errorf("the page lacks %s", id)
		}
	}
}
