package stats

import (
	"encoding/json"
	"os"
	"testing"
)

// oracleTol is for exact tests and order statistics computed twice: by scipy and here.
const oracleTol = 1e-9

type oracleTails struct {
	Greater  float64 `json:"greater"`
	Less     float64 `json:"less"`
	TwoSided float64 `json:"two-sided"`
}

type oracleShift struct {
	Shift float64  `json:"shift"`
	Lo    *float64 `json:"lo"` // nil where the test has no bound
	Hi    *float64 `json:"hi"`
}

// testdata/scipy.json holds recorded answers of scipy, written by testdata/oracle.py, which says how.
func oracle(t *testing.T) (o struct {
	Unpaired []struct {
		X, Y []float64
		U    float64
		oracleTails
		oracleShift
	}
	Paired []struct {
		D []float64
		oracleTails
		MeanGreater  float64 `json:"mean greater"`
		MeanLess     float64 `json:"mean less"`
		MeanTwoSided float64 `json:"mean two-sided"`
		oracleShift
	}
	Fisher [][]float64
	Rate   [][]float64
}) {
	t.Helper()
	b, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func checkShift(t *testing.T, got Shift, want oracleShift) {
	t.Helper()
	near(t, "shift", got.Estimate, want.Shift, oracleTol)
	if got.Finite != (want.Lo != nil) {
		t.Errorf("bounds exist: %v, scipy says %v", got.Finite, want.Lo != nil)
		return
	}
	if want.Lo != nil {
		near(t, "lower bound", got.Lo, *want.Lo, oracleTol)
		near(t, "upper bound", got.Hi, *want.Hi, oracleTol)
	}
}

func TestUnpairedAgreesWithScipy(t *testing.T) {
	for _, c := range oracle(t).Unpaired {
		near(t, "U", MannWhitney(c.X, c.Y, Greater).U, c.U, oracleTol)
		near(t, "greater", MannWhitney(c.X, c.Y, Greater).P, c.Greater, oracleTol)
		near(t, "less", MannWhitney(c.X, c.Y, Less).P, c.Less, oracleTol)
		near(t, "two-sided", MannWhitney(c.X, c.Y, TwoSided).P, c.TwoSided, oracleTol)
		checkShift(t, HodgesLehmann(c.X, c.Y, .95), c.oracleShift)
	}
}

func TestPairedAgreesWithScipy(t *testing.T) {
	for _, c := range oracle(t).Paired {
		near(t, "greater", SignedRank(c.D, Greater).P, c.Greater, oracleTol)
		near(t, "less", SignedRank(c.D, Less).P, c.Less, oracleTol)
		near(t, "two-sided", SignedRank(c.D, TwoSided).P, c.TwoSided, oracleTol)
		near(t, "permutation greater", Permutation(c.D, Greater), c.MeanGreater, oracleTol)
		near(t, "permutation less", Permutation(c.D, Less), c.MeanLess, oracleTol)
		near(t, "permutation two-sided", Permutation(c.D, TwoSided), c.MeanTwoSided, oracleTol)
		checkShift(t, PairedShift(c.D, .95), c.oracleShift)
	}
}

func TestRatesAgreeWithScipy(t *testing.T) {
	o := oracle(t)
	for _, c := range o.Fisher {
		for i, alt := range []Alternative{Greater, Less, TwoSided} {
			near(t, "fisher", Fisher(int(c[0]), int(c[1]), int(c[2]), int(c[3]), alt), c[4+i], oracleTol)
		}
	}
	for _, c := range o.Rate {
		near(t, "bound of a rate", RateBound(int(c[0]), int(c[1]), c[2]), c[3], oracleTol)
	}
}
