package metrics

import (
	"math"
	"testing"
)

// Points so far apart that the kernel is 0 between them: of shares p the mean squared kernel is sum p^2, and the singular values between two sets are sqrt(p q) each.
func TestRKEOfPoints(t *testing.T) {
	p := Pair{Real: atPlaces(40, 40, 0, 20), Fake: atPlaces(25, 0, 15, 10)}
	fake, real := 1/(.25+.09+.04), 1/(.16+.16+.04)
	root := math.Sqrt(.4*.5) + math.Sqrt(.2*.2)
	valuesOf(t, RKE{Sigma: 1}, Pair{Real: p.Real, Fake: p.Fake}, map[string]float64{"rke": fake, "rrke": -2 * math.Log(root)})
	p.Fake = atPlaces(50, 0, 30, 20) // as many as real rows
	valuesOf(t, RKE{Sigma: 1}, p, map[string]float64{"rke_ratio": fake / real})
}
