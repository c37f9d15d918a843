package runners

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// Samples that come in fours that are one point say a quarter of what they would: with their groups the interval of kid is some twice as wide, the value is the same, and the
// cell is another one.
func TestOwnGroups(t *testing.T) {
	t.Chdir(t.TempDir())
	s := rng.Stream(1, "own", "groups")
	var points []float32
	var groups strings.Builder
	for i := range 400 {
		if i%4 == 0 {
			y, x := math.Sincos(2 * math.Pi * s.Float64())
			points = append(points, float32(x), float32(y))
		} else {
			points = append(points, points[len(points)-2]+1e-4, points[len(points)-1])
		}
		fmt.Fprintf(&groups, "prompt %d\n", i/4)
	}
	writeArray(t, "x-1.npy", featurizer.Float32Array([]int{400, 2}, points))
	for name, text := range map[string]string{"g-1.txt": groups.String(), "short.txt": "a\nb\n", "one.txt": strings.Repeat("a\n", 400)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(more string) (reports.Record, error) {
		t.Helper()
		c, err := ParseConfig("own.yaml", []byte("name: own\nfeaturizers: [none]\nmetrics: [kid_full]\nsamples: 400\nfloor: false\ndatasets:\n- {name: ring, train: 500, test: 400}\nmodels:\n- {samples: \"x-{seed}.npy\", as: ours"+more+"}\n"))
		if err != nil {
			return reports.Record{}, err
		}
		kit := DefaultKit()
		p, err := NewPlan(kit, c)
		if err != nil {
			return reports.Record{}, err
		}
		sum, err := Run(context.Background(), kit, p, Options{Dir: t.TempDir()})
		if err != nil {
			return reports.Record{}, err
		}
		return sum.Records[0], nil
	}
	alone, err := run("")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := run(`, groups: "g-{seed}.txt"`)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(r reports.Record) float64 { return r.Interval.Hi - r.Interval.Lo }
	if whole.Value != alone.Value || whole.Cell == alone.Cell || wide(whole) < 1.4*wide(alone) || !strings.Contains(whole.Interval.Method, "whole groups") {
		t.Errorf("alone %v %+v, in groups %v %+v", alone.Value, alone.Interval, whole.Value, whole.Interval)
	}
	for more, want := range map[string]string{
		`, groups: nosuch.txt`: "nosuch.txt", `, groups: "g-{sed}.txt"`: `unknown placeholder "sed"`, `, groups: "g-{step}.txt"`: "groups has {step} and samples has none",
	} {
		if _, err := run(more); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", more, err, want)
		}
	}
	for file, want := range map[string]string{"short.txt": "short.txt has groups of 2 samples, and x-1.npy holds 400", "one.txt": "one.txt: all 400 samples are of one group"} {
		if r, err := run(", groups: " + file); err != nil || !strings.Contains(r.Error, want) {
			t.Errorf("%s: %q, %v, want %s", file, r.Error, err, want)
		}
	}
}
