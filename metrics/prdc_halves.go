package metrics

import (
	"context"
	"math"

	"github.com/assay-gan/assay/internal/numeric"
)

// enoughForHalves is how many neighbours among all rows nearly always have k in a row's own half: four standard deviations more than the 2 k that it takes on average.
// Where they do not, all rows of the half are looked at.
func enoughForHalves(k int) int { return 2*k + int(4*math.Sqrt(2*float64(k))) + 8 }

// halves are the values of both halves of every split, from one pass over all pairs of rows. They are those of pass on the rows of each half, to the bit.
func (m PRDC) halves(ctx context.Context, p Pair, near ownNeighbours, all splits) ([]Result, error) {
	n, f, t := rows(p.Real), rows(p.Fake), len(all.real)
	q := numeric.SplitQuery{Real: p.Real, Fake: p.Fake, Splits: t, RealIn: masks(all.real, n), FakeIn: masks(all.fake, f), Closed: m.Compare == "le"}
	if near.real.N > 0 {
		q.RealR = numeric.SplitRadii(p.Real, near.real, q.RealIn, t, m.K)
	}
	if near.fake.N > 0 {
		q.FakeR = numeric.SplitRadii(p.Fake, near.fake, q.FakeIn, t, m.K)
	}
	if m.wants("realism") {
		q.Keep = make([]uint64, n)
		for s, half := range all.real {
			for g := range 2 {
				at := matching(half, func(have int) bool { return have == g })
				for i, keep := range below(every(q.RealR, at, t, s)) {
					if keep {
						q.Keep[at[i]] |= 1 << s
					}
				}
			}
		}
	}
	b, err := q.Count(ctx)
	if err != nil {
		return nil, err
	}
	var out []Result
	for s := range t {
		for g := range 2 {
			in := func(have int) bool { return have == g }
			real, fake := matching(all.real[s], in), matching(all.fake[s], in)
			out = append(out, m.values(numeric.Balls{
				InReal: every(b.InReal, fake, t, s), Realism: every(b.Realism, fake, t, s), InFake: bitsOf(b.InFake, real, s), Covered: bitsOf(b.Covered, real, s),
			}, len(real), len(fake)))
		}
	}
	return out, nil
}

// masks are the halves of every row, bit s for split s.
func masks(halves [][]int, n int) []uint64 {
	in := make([]uint64, n)
	for s, half := range halves {
		for i, g := range half {
			in[i] |= uint64(g) << s
		}
	}
	return in
}

// every is the entries of split s for the rows at, of x with t entries a row; nil of nil.
func every[T any](x []T, at []int, t, s int) []T {
	if x == nil {
		return nil
	}
	out := make([]T, len(at))
	for a, i := range at {
		out[a] = x[i*t+s]
	}
	return out
}

func bitsOf(x []uint64, at []int, s int) []bool {
	if x == nil {
		return nil
	}
	out := make([]bool, len(at))
	for a, i := range at {
		out[a] = x[i]>>s&1 == 1
	}
	return out
}
