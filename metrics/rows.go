package metrics

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

func rows(m *mat.Dense) int {
	n, _ := m.Dims()
	return n
}

// identity is 0..n-1.
func identity(n int) []int {
	o := make([]int, n)
	for i := range o {
		o[i] = i
	}
	return o
}

// shuffled is a random order of the rows that depends on their contents, the seed and the names only.
func shuffled(x *mat.Dense, seed uint64, names ...string) []int {
	return shuffle(canonical(x), seed, names...)
}

// shuffle brings what is in order into a random one.
func shuffle(order []int, seed uint64, names ...string) []int {
	rng.Stream(seed, names...).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// groupsOf deals the rows into g groups of nearly equal size at random, independent of their order.
func groupsOf(x *mat.Dense, g int, seed uint64, names ...string) []int {
	return dealt(canonical(x), g, seed, names...)
}

// dealt gives the rows of an order their groups: at random, of nearly equal size.
func dealt(order []int, g int, seed uint64, names ...string) []int {
	at := make([]int, len(order))
	for r, i := range shuffle(order, seed, names...) {
		at[i] = r % g
	}
	return at
}

// pick copies the rows of the given numbers.
func pick(x *mat.Dense, index []int) *mat.Dense { return numeric.Pick(x, index) }

// without copies the rows outside a group.
func without(x *mat.Dense, groups []int, group int) *mat.Dense {
	return pick(x, outside(groups, group))
}

// only copies the rows of a group.
func only(x *mat.Dense, groups []int, group int) *mat.Dense {
	return pick(x, matching(groups, func(g int) bool { return g == group }))
}

// onlyOf is what belongs to the rows of a group; nil of nil.
func onlyOf(x, groups []int, group int) []int {
	if x == nil {
		return nil
	}
	return reordered(x, matching(groups, func(g int) bool { return g == group }))
}

// outside lists the rows that are not of a group.
func outside(groups []int, group int) []int {
	return matching(groups, func(g int) bool { return g != group })
}

func matching(groups []int, keep func(g int) bool) []int {
	var rows []int
	for i, g := range groups {
		if keep(g) {
			rows = append(rows, i)
		}
	}
	return rows
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

func gather(x *mat.Dense, labels []int, at []int) (*mat.Dense, []int) {
	if len(at) == 0 {
		return nil, nil
	}
	l := make([]int, len(at))
	if labels != nil {
		for t, i := range at {
			l[t] = labels[i]
		}
	}
	return numeric.Pick(x, at), l
}

// choose returns x, or a random choice of n of its rows in their order.
func choose(x *mat.Dense, n int, seed uint64, role string) *mat.Dense {
	have, d := x.Dims()
	if have <= n {
		return x
	}
	pick := make([]bool, have)
	for _, i := range rng.Stream(seed, "metrics", "choose", role).Perm(have)[:n] {
		pick[i] = true
	}
	out := mat.NewDense(n, d, nil)
	at := 0
	for i, ok := range pick {
		if ok {
			out.SetRow(at, x.RawRowView(i))
			at++
		}
	}
	return out
}

func zeroRows(x *mat.Dense) int {
	z := 0
	for i := range rows(x) {
		if sqNorm(x.RawRowView(i)) == 0 {
			z++
		}
	}
	return z
}

func sqNorm(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return s
}

// unitRows scales rows to length 1 and counts those of length 0, which stay 0.
func unitRows(x *mat.Dense) (u *mat.Dense, zero int) {
	u = mat.DenseCopyOf(x)
	for i := range rows(u) {
		row := u.RawRowView(i)
		top := 0.0
		for _, v := range row {
			top = max(top, math.Abs(v))
		}
		if top == 0 {
			zero++
			continue
		}
		for l := range row {
			row[l] /= top // no square leaves the range
		}
		norm := math.Sqrt(sqNorm(row))
		for l := range row {
			row[l] /= norm
		}
	}
	return u, zero
}

// toCentre is the squared distance of every row of x to the mean of the rows of c.
func toCentre(x, c *mat.Dense) []float64 {
	n, d := c.Dims()
	mean := make([]float64, d)
	for i := range n {
		for l, v := range c.RawRowView(i) {
			mean[l] += v / float64(n)
		}
	}
	out := make([]float64, rows(x))
	for i := range out {
		out[i] = numeric.SqDist(x.RawRowView(i), mean)
	}
	return out
}
