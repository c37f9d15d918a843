package main

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/reports/stats"
)

// lastDigit is half a unit of the last digit of a printed number.
func lastDigit(printed string) float64 {
	_, digits, _ := strings.Cut(printed, ".")
	return 0.5 * math.Pow(10, -float64(len(digits)))
}

// The verdicts on a published figure.
const (
	agrees    = "agrees"
	differs   = "differs"
	undecided = "undecided"
)

// halfWidth is half the width of the 95 % interval of theRule.
func (f paperFigure) halfWidth(v []float64) float64 {
	n := float64(len(v))
	if n < 2 {
		return 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	if !math.IsNaN(f.err) {
		return t * stats.StdErr(v)
	}
	return t * stats.StdDev(v) * math.Sqrt(1/n+1/float64(f.runs))
}

// verdict is what theRule says of our runs.
func (f paperFigure) verdict(v []float64) string {
	c, own := f.halfWidth(v), f.err
	if math.IsNaN(own) {
		own = 0
	}
	switch off := math.Abs(stats.Mean(v) - f.value); {
	case !(off <= c+own+f.half): // also where a run has no number
		return differs
	case c > own && c > math.Abs(f.value)/4:
		return undecided
	}
	return agrees
}
