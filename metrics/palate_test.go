package metrics

import "testing"

// Points so far apart that the kernel is 0 between them: M is the sum of squared differences of shares. Fakes .5 .5 0, held-out 1 0 0, training 0 1 0 or .5 .5 0.
func TestPalateOfPoints(t *testing.T) {
	fake, real := atPlaces(10, 10), atPlaces(20)
	// M is 1/2 both ways; mean k of real rows is 1, of fakes 1/2: 1/2 / (2 * 3/2) + 1/4.
	valuesOf(t, Palate{Sigma: 3}, Pair{Real: real, Fake: fake, Train: atPlaces(0, 30)}, map[string]float64{"palate": .5, "m_palate": 1./6 + .25})
	valuesOf(t, Palate{Sigma: 3}, Pair{Real: real, Fake: fake, Train: atPlaces(4, 4)}, map[string]float64{"palate": 1, "m_palate": 1./6 + .5}) // copies
}
