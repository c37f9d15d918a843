package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
)

// Stop is a rule that ends draws before their budget. All draws of a batch are trained up to a rung, compared there, and some go on to the next: the rungs are synchronous,
// so that which draws go on does not depend on who was first. What is shown of a draw that was stopped is its value at its last rung.
type Stop struct {
	Rule  string    `json:"rule"`  // Median or ASHA
	Rungs []float64 `json:"rungs"` // shares of the budget, ascending, below 1
	Keep  float64   `json:"keep"`  // share of the draws that go on from each rung
}

// The rules. Median keeps what is no worse than the median of the values at the rung [golovin2017]; ASHA keeps the best share by ranks: the rungs of asynchronous
// successive halving [li2020], taken synchronously.
const (
	Median = "median"
	ASHA   = "asha"
)

// String is the rule as it stands beside figures.
func (s Stop) String() string {
	if s.Rule == "" {
		return ""
	}
	shares := ""
	for i, r := range s.Rungs {
		if i > 0 {
			shares += ", "
		}
		shares += fmt.Sprintf("%.3g", r)
	}
	if s.Rule == Median {
		return fmt.Sprintf("median at %s of the budget", shares)
	}
	return fmt.Sprintf("asha: the best %.3g go on at %s of the budget", s.Keep, shares)
}

// Check says what is wrong with the rule.
func (s Stop) Check() error {
	if s.Rule != Median && s.Rule != ASHA {
		return fault.Of(ErrSpace, "stop: rule %q: want median or asha", s.Rule)
	}
	if len(s.Rungs) == 0 {
		return fault.Of(ErrSpace, "stop: no rungs: give shares of the budget, such as [0.25, 0.5]")
	}
	for i, r := range s.Rungs {
		if !(r > 0 && r < 1) || i > 0 && r <= s.Rungs[i-1] {
			return fault.Of(ErrSpace, "stop: rungs %v: want ascending shares of the budget between 0 and 1", s.Rungs)
		}
	}
	if s.Rule == ASHA && !(s.Keep > 0 && s.Keep < 1) {
		return fault.Of(ErrSpace, "stop: keep %g: want a share between 0 and 1", s.Keep)
	}
	return nil
}

// On returns the places of the values that go on, ascending. A failure (+Inf) never does. Of equal values the earlier one is better.
func (s Stop) On(values []float64) []int {
	var order []int
	for i, v := range values {
		if !math.IsInf(v, 1) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	n := max(1, int(math.Ceil(s.Keep*float64(len(values)))))
	if s.Rule == Median {
		middle := medianOf(values)
		n = 0
		for _, i := range order {
			if values[i] <= middle {
				n++
			}
		}
	}
	on := order[:min(n, len(order))]
	slices.Sort(on)
	return on
}

func medianOf(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	if n == 0 {
		return math.NaN()
	}
	if n%2 == 1 || math.IsInf(s[n/2], 1) {
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}
