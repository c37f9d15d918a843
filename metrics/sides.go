package metrics

import (
	"slices"

	"github.com/assay-gan/assay/rng"
	"gonum.org/v1/gonum/mat"
)

// same says whether both sides are the same matrix, number for number.
func same(p Pair) bool { return p.Real != nil && p.Fake != nil && mat.Equal(p.Real, p.Fake) }

// identicalResult is the stated answer to identical inputs: exactly 0.
func identicalResult(s settings, values ...Value) Result {
	r := newResult(s, values...)
	r.degenerate("real and fake are the same rows in the same order: 0 by definition; compare with another sample of the real data")
	return r
}

// describeSides adds what every distance of feature sets should say about its input.
func describeSides(r *Result, real, fake *mat.Dense) {
	if a, b := rows(real), rows(fake); a != b {
		r.note("%d real rows and %d fake rows: compare only with values at the same two counts", a, b)
	}
	for _, side := range []struct {
		role string
		x    *mat.Dense
	}{{"real", real}, {"fake", fake}} {
		if c := constantColumns(side.x); c > 0 {
			_, d := side.x.Dims()
			r.note("%d of %d features are the same in every %s row: they carry a shift only; look at the featurizer or for collapse", c, d, side.role)
		}
	}
}

func constantColumns(x *mat.Dense) int {
	n, d := x.Dims()
	varies := make([]bool, d)
	first := x.RawRowView(0)
	for i := 1; i < n; i++ {
		for j, v := range x.RawRowView(i) {
			varies[j] = varies[j] || v != first[j]
		}
	}
	c := 0
	for _, v := range varies {
		if !v {
			c++
		}
	}
	return c
}

// canonical lists row numbers in the order of the rows' contents, so that a random choice does not depend on the order of files.
func canonical(x *mat.Dense) []int {
	order := identity(rows(x))
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(x.RawRowView(a), x.RawRowView(b)) })
	return order
}

// shuffled is a random order of the rows that depends on their contents, the seed and the names only.
func shuffled(x *mat.Dense, seed uint64, names ...string) []int {
	order := canonical(x)
	s := rng.Stream(seed, names...)
	s.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// groupsOf deals the rows into g groups of nearly equal size at random, independent of their order.
func groupsOf(x *mat.Dense, g int, seed uint64, names ...string) []int {
	at := make([]int, rows(x))
	for r, i := range shuffled(x, seed, names...) {
		at[i] = r % g
	}
	return at
}

// pick copies the rows of the given numbers.
func pick(x *mat.Dense, index []int) *mat.Dense {
	m, _ := gather(x, nil, index)
	return m
}

// without copies the rows outside a group.
func without(x *mat.Dense, groups []int, group int) *mat.Dense {
	var keep []int
	for i, g := range groups {
		if g != group {
			keep = append(keep, i)
		}
	}
	return pick(x, keep)
}

// only copies the rows of a group.
func only(x *mat.Dense, groups []int, group int) *mat.Dense {
	var keep []int
	for i, g := range groups {
		if g == group {
			keep = append(keep, i)
		}
	}
	return pick(x, keep)
}

// subset is k different numbers below n, in random order: the head of a Fisher-Yates shuffle.
func subset(seed uint64, n, k int, names ...string) []int {
	s := rng.Stream(seed, names...)
	all := identity(n)
	for i := range k {
		j := i + s.IntN(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:k]
}
