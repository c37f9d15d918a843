package metrics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
	"gonum.org/v1/gonum/mat"
)

// Match is a fake and the training sample nearest to it.
type Match struct {
	Fake, Train int     // rows
	Distance    float64 // Euclidean, in feature space
	Ratio       float64 // to the distance from that training row to its own nearest training row; below 1: not authentic. 0/0 is 0.
}

// Closest returns the n fakes nearest to the training set, nearest first, each training row at most once so that one copied sample does not fill the
// list. Ties go to the lower row.
func Closest(ctx context.Context, fake, train *mat.Dense, n int) ([]Match, error) {
	if err := checkMatrix("fake features", fake, 1); err != nil {
		return nil, fmt.Errorf("closest: %w", err)
	}
	if err := checkMatrix("train features", train, 2); err != nil {
		return nil, fmt.Errorf("closest: %w", err)
	}
	if err := sameWidth("train", train, "fake", fake); err != nil {
		return nil, fmt.Errorf("closest: %w", err)
	}
	own, err := numeric.Radii(ctx, train, 1)
	if err != nil {
		return nil, err
	}
	nb, err := nearestTrain(ctx, fake, train)
	if err != nil {
		return nil, err
	}
	return pickClosest(nb, own, n), nil
}

func pickClosest(nb numeric.Neighbours, own []float64, n int) []Match {
	order := identity(nb.N)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(nb.D2[a], nb.D2[b]) })
	used := map[int32]bool{}
	var out []Match
	for _, i := range order {
		j := nb.Index[i]
		if len(out) == n || used[j] {
			continue
		}
		used[j] = true
		m := Match{Fake: i, Train: int(j), Distance: math.Sqrt(nb.D2[i])}
		if own[j] > 0 {
			m.Ratio = m.Distance / math.Sqrt(own[j])
		} else if m.Distance > 0 {
			m.Ratio = math.Inf(1)
		}
		out = append(out, m)
	}
	return out
}
