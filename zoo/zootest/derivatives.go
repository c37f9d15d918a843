package zootest

import (
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// Derivatives of float32 losses by central differences. A long step crosses kinks of rectifiers and absolute values, a short one drowns in rounding, so several are taken and the best one
// counts: a wrong gradient disagrees at all of them. A parameter with a tiny gradient is compared absolutely, against the largest gradient of its turn.
const (
	tolerance = 0.02
	floor     = 2e-3
)

// steps are the lengths tried until one confirms a gradient: short ones where the loss bends, the long ones at the end where it is so large that its last bit hides a short step.
var steps = []float64{1e-2, 3e-3, 1e-3, 5e-4, 2e-4, 1e-4, 3e-2, 1e-1}

func derivatives(t *testing.T, m zoo.Model, set *datasets.Set) {
	bad := map[string]zoo.Derivative{}
	for _, seed := range []uint64{4, 5, 6, 7} { // slopes of piecewise linear critics jump; where one batch sits on a jump another does not
		found := disagreements(t, m, set, seed)
		for key := range bad {
			if _, still := found[key]; !still {
				delete(bad, key)
			}
		}
		if seed == 4 {
			bad = found
		}
		if len(bad) == 0 {
			return
		}
	}
	for _, d := range bad {
		t.Errorf("turn %s, %s: gradient %g, difference %g", d.Turn, d.Param, d.Analytic, d.Numeric)
	}
}

// disagreements are the gradients that no step length confirms.
func disagreements(t *testing.T, m zoo.Model, set *datasets.Set, seed uint64) map[string]zoo.Derivative {
	var more map[string]string
	if defaultOf(m, "d_norm") == "spectral" { // its singular vectors are held constant in the derivative, which is exact only once they have converged
		more = map[string]string{"d_norm": "none", "g_norm": "none"}
	}
	if defaultOf(m, "gradient") == "straight-through" { // which is no derivative of the loss; the rest is checked without it
		more = map[string]string{"gradient": "stop"}
	}
	bad, good := map[string]zoo.Derivative{}, map[string]bool{}
	for _, h := range steps {
		ds, err := session(t, m, set, seed, more).Derivatives(h)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			t.Fatal("nothing to check")
		}
		largest := map[string]float64{}
		for _, d := range ds {
			largest[d.Turn] = max(largest[d.Turn], d.Analytic)
		}
		for _, d := range ds {
			key := d.Turn + " " + d.Param
			if d.Error() <= tolerance || math.Abs(d.Analytic-d.Numeric) <= floor*largest[d.Turn] {
				good[key] = true
				delete(bad, key)
			} else if !good[key] {
				bad[key] = d
			}
		}
		if len(bad) == 0 {
			break
		}
	}
	return bad
}

func turns(t *testing.T, m zoo.Model, set *datasets.Set) {
	var more map[string]string
	if declares(m, "clip") { // clipping follows the update and raises the loss again
		more = map[string]string{"clip": "1e6"}
	}
	s := session(t, m, set, 4, more)
	trials, err := s.Trials()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range trials {
		if r.After >= r.Before {
			t.Errorf("turn %s: loss %g before, %g after", r.Turn, r.Before, r.After)
		}
		for _, p := range r.Moved {
			if !slices.Contains(r.Declared, p) {
				t.Errorf("turn %s moved %s, which is not its own", r.Turn, p)
			}
		}
		if len(r.Moved) < len(r.Declared)/2 {
			t.Errorf("turn %s moved only %d of its %d parameters", r.Turn, len(r.Moved), len(r.Declared))
		}
	}
}
