package metrics

import (
	"context"
	"math"
	"testing"
)

// Cells around 0, 10 and 20, the last of which holds nobody: counts 3 1 against 1 3. Every expected count is 2, so chi^2 is 4 * 1/2 = 2 of one degree of freedom, whose upper
// tail is erfc(1).
func TestCellsByHand(t *testing.T) {
	c, err := TestCells(context.Background(), onLine(0, 1, 2, 9), onLine(1, 8, 11, 9), onLine(0, 10, 20))
	if err != nil || c.DF != 1 || math.Abs(c.Chi2-2) > 1e-12 || math.Abs(c.Upper()-math.Erfc(1)) > 1e-12 || math.Abs(c.Upper()+c.Lower()-1) > 1e-12 {
		t.Errorf("%+v, tails %v %v, %v; want 2 of 1, %v", c, c.Upper(), c.Lower(), err, math.Erfc(1))
	}
}

// Two samples of one distribution have p-values that are even on [0, 1]: over 60 draws their mean is .5 within four standard errors (.037 each) and the statistic 1 a degree
// of freedom; copies are too much alike.
func TestPQMassIsCalibrated(t *testing.T) {
	mean, chi := 0.0, 0.0
	const draws = 60
	for i := range uint64(draws) {
		p := Pair{Real: normals(2*i+900, 200, 3), Fake: normals(2*i+901, 150, 3), Seed: i}
		r, err := PQMass{Cells: 20, Repeats: 2}.Compute(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := r.Get("pqmass_p")
		mean += v.Value / draws
		chi += r.Values[0].Value / draws
	}
	if math.Abs(mean-.5) > .15 || math.Abs(chi-1) > .15 {
		t.Errorf("mean p-value %v, mean chi-square a degree of freedom %v", mean, chi)
	}
	x := normals(1, 400, 3)
	y := normals(1, 400, 3)
	y.Set(0, 0, y.At(0, 0)+1e-6)
	r, err := PQMass{Cells: 20}.Compute(context.Background(), Pair{Real: x, Fake: y})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := r.Get("pqmass_low"); v.Value > 1e-3 || r.Values[0].Value > .5 {
		t.Errorf("copies: %v, lower tail %v", r.Values[0].Value, v.Value)
	}
}
