package gate

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// shape makes a synthetic suite: four models of ten seeds, whose fd is drawn by the function; NaN is a failed run.
func shape(name string, fd func(s *rng.Source) float64) []reports.Record {
	var recs []reports.Record
	for i := range 4 {
		s := rng.Stream(1, "gate", "shape", name, fmt.Sprint(i))
		for seed := range 10 {
			r := cellOf(seed+1, fd(s))
			if math.IsNaN(r.Value) {
				r = fail(r)
			}
			recs = append(recs, model([]reports.Record{r}, fmt.Sprintf("m%d", i))...)
		}
	}
	return recs
}

// heavy is a Student t with 3 degrees of freedom on log scale, 10 % wide: a run in fifty is further than 30 % away.
func heavy(s *rng.Source) float64 {
	z := s.Normal()
	chi := 0.0
	for range 3 {
		n := s.Normal()
		chi += n * n
	}
	return 10 * math.Exp(.1*z/math.Sqrt(chi/3))
}

// bimodal is 10 % wide around one of two values: a run in four is four times as bad, and one in twenty fails.
func bimodal(s *rng.Source) float64 {
	v := 10 * math.Exp(.1*s.Normal())
	switch u := s.Float64(); {
	case u < .05:
		return math.NaN()
	case u < .3:
		return 4 * v
	}
	return v
}
