package metrics

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// enoughFor says whether k nearest neighbours exist among n other rows; the error names the option.
func enoughFor(id, role string, k, n int) error {
	if k >= n {
		return fault.Of(ErrTooFew, "%s: k = %d neighbours need more than %d %s rows: lower k to at most %d or give more rows", id, k, n, role, n-1)
	}
	return nil
}

// nearestOf is the k nearest training rows of every row of x, with x itself allowed to be the training matrix.
func (s *Shared) nearestOf(ctx context.Context, x, train *mat.Dense, k int) (numeric.Neighbours, error) {
	return s.nearest(ctx, apart(x, train), train, k)
}

// apart is x as another matrix where it is y itself: rows of one set are not their own neighbours by position.
func apart(x, y *mat.Dense) *mat.Dense {
	if x == y {
		return mat.DenseCopyOf(x)
	}
	return x
}

// heldOut warns if real rows are training rows: then they are no yardstick of what unseen data look like.
func (r *Result) heldOut(ctx context.Context, p Pair) {
	nb, err := p.Shared.nearestOf(ctx, p.Real, p.Train, 1)
	if err != nil {
		return
	}
	if z := zeros(nb.D2); 20*z > nb.N {
		r.warn("%d of %d real rows are also training rows: give held-out rows as real", z, nb.N)
	}
}

func zeros(x []float64) int {
	n := 0
	for _, v := range x {
		if v == 0 {
			n++
		}
	}
	return n
}

func count(b []bool) int {
	n := 0
	for _, v := range b {
		if v {
			n++
		}
	}
	return n
}

// authentic is the share of authentic rows and of near-copies, as AuthPct and NNRatio define them.
func authentic(nb numeric.Neighbours, own []float64) (auth, near Value) {
	a, c := 0, 0
	for i := range nb.N {
		t, d1 := nb.At(i, 0)
		_, d2 := nb.At(i, 1)
		if d1 > own[t] {
			a++
		}
		if 9*d1 < d2 {
			c++
		}
	}
	return share("auth", a, nb.N, Higher), share("near", c, nb.N, Lower)
}
