package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// The oracle is an implementation of its own in Python: double sums as the paper writes them, rank tests by scipy's exact distribution or, with ties, by
// enumeration. Prefix sums lose a few bits to it: 1e-9.
func TestChangePointsAgainstOracle(t *testing.T) {
	text, err := os.ReadFile("testdata/changepoints.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name string
		X    []float64
		Want []ChangePoint
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range cases {
		got := ChangePoints(c.X, 5, .01)
		if len(got) != len(c.Want) {
			t.Errorf("%s: %+v, want %+v", c.Name, got, c.Want)
			continue
		}
		for i, w := range c.Want {
			total++
			if g := got[i]; g.At != w.At || math.Abs(g.Q-w.Q) > 1e-9*math.Max(1, math.Abs(w.Q)) || math.Abs(g.P-w.P) > 1e-9 {
				t.Errorf("%s: %+v, want %+v", c.Name, g, w)
			}
		}
	}
	if total < 8 {
		t.Errorf("only %d change points were compared", total)
	}
}

// Where nothing changes, hardly any series shows a change: at most 2 % of 600 series of 40 points at alpha 0.01, whatever their shape. A step of three standard deviations is found in
// nearly all, within two places of where it is.
func TestChangePointsFalseAlarms(t *testing.T) {
	if testing.Short() {
		t.Skip("1200 simulated series")
	}
	const n, series = 40, 600
	shapes := map[string]func(s *rng.Source) float64{
		"normal": (*rng.Source).Normal,
		"heavy":  func(s *rng.Source) float64 { return s.Normal() / math.Max(math.Abs(s.Normal()), .05) },
	}
	for name, draw := range shapes {
		alarms := 0
		for i := range series {
			s, x := rng.Stream(uint64(i), "change", name), make([]float64, n)
			for j := range x {
				x[j] = draw(s)
			}
			if len(ChangePoints(x, 5, .01)) > 0 {
				alarms++
			}
		}
		t.Logf("%s: %d of %d series without a change show one", name, alarms, series)
		if alarms > series/50 {
			t.Errorf("%s: %d alarms in %d series", name, alarms, series)
		}
	}
	found := 0
	for i := range 100 {
		s, x := rng.Stream(uint64(i), "step"), make([]float64, n)
		for j := range x {
			x[j] = s.Normal()
			if j >= 30 {
				x[j] += 3
			}
		}
		if c := ChangePoints(x, 5, .01); len(c) == 1 && c[0].At >= 28 && c[0].At <= 32 {
			found++
		}
	}
	t.Logf("a step of three standard deviations, ten points ago: found in %d of 100", found)
	if found < 90 {
		t.Errorf("found %d of 100", found)
	}
}
