package numeric

import (
	"fmt"
	"math"
)

// Assign returns the permutation p of 0 ... n-1 that minimises the sum of cost[i*n+p[i]]: the linear assignment problem, solved exactly by shortest augmenting paths
// [jonker1987]. cost is n x n, row after row, and finite. Its time is O(n^3) at most; random costs take far less, because most rows find their column
// without a path. Transport solves the same problem for unequal sides and gives its cost alone; this is for a training loop, which wants the permutation at once. Of several best permutations the answer is always the same one.
func Assign(n int, cost []float64) ([]int, error) {
	if n < 1 || len(cost) != n*n {
		return nil, fmt.Errorf("assign: %d costs for %d rows, want a square", len(cost), n)
	}
	for i, c := range cost {
		if c-c != 0 {
			return nil, fmt.Errorf("assign: the cost of row %d and column %d is %v", i/n, i%n, c)
		}
	}
	a := newAssignment(n, cost)
	a.reduce()
	a.compete()
	for i := range n {
		if a.columnOf[i] < 0 {
			a.augment(i)
		}
	}
	return a.columnOf, nil
}

// assignment keeps prices of rows u and columns v such that cost - u - v is never negative, and 0 where a row has its column.
type assignment struct {
	n               int
	cost            []float64
	u, v            []float64
	columnOf, rowOf []int     // -1 for none
	far             []float64 // length of the shortest path to a column
	from            []int     // row before it on that path
	left            []int     // columns that no path has reached
	done            []bool
}

func newAssignment(n int, cost []float64) *assignment {
	a := &assignment{n: n, cost: cost, u: make([]float64, n), v: make([]float64, n), columnOf: make([]int, n), rowOf: make([]int, n),
		far: make([]float64, n), from: make([]int, n), left: make([]int, n), done: make([]bool, n)}
	for i := range n {
		a.columnOf[i], a.rowOf[i] = -1, -1
	}
	return a
}

func (a *assignment) row(i int) []float64 { return a.cost[i*a.n : (i+1)*a.n] }

// reduce sets the prices to the least costs of columns, then of rows, and gives each row a free column that costs nothing beyond them.
func (a *assignment) reduce() {
	copy(a.v, a.row(0))
	for i := 1; i < a.n; i++ {
		for j, c := range a.row(i) {
			a.v[j] = min(a.v[j], c)
		}
	}
	for i := range a.n {
		if _, at, _, _ := a.twoLeast(i); a.rowOf[at] < 0 {
			a.columnOf[i], a.rowOf[at] = at, i
		}
	}
}

// twoLeast is what the cheapest column and the next one cost row i beyond their prices.
func (a *assignment) twoLeast(i int) (least float64, at int, next float64, nextAt int) {
	least, next, at, nextAt = math.Inf(1), math.Inf(1), -1, -1
	v := a.v
	for j, c := range a.row(i) {
		d := c - v[j]
		if d >= next {
			continue
		}
		if d < least {
			next, nextAt, least, at = least, at, d, j
		} else {
			next, nextAt = d, j
		}
	}
	return least, at, next, nextAt
}

// compete lets rows without a column take the cheapest one from its owner, at a price at which they would as soon have the next; twice round, because that is where it
// pays [jonker1987]. Then it sets the prices of rows.
func (a *assignment) compete() {
	var free []int
	for i, j := range a.columnOf {
		if j < 0 {
			free = append(free, i)
		}
	}
	for range 2 {
		var later []int
		for budget := 16 * a.n; len(free) > 0; budget-- { // equal costs could go round for ever
			if budget == 0 {
				later = append(later, free...)
				break
			}
			i := free[len(free)-1]
			free = free[:len(free)-1]
			least, at, next, nextAt := a.twoLeast(i)
			lost := a.rowOf[at]
			if least < next && nextAt >= 0 {
				a.v[at] -= next - least
			} else if lost >= 0 && nextAt >= 0 {
				at, lost = nextAt, a.rowOf[nextAt]
			}
			a.columnOf[i], a.rowOf[at] = at, i
			if lost < 0 {
				continue
			}
			if a.columnOf[lost] = -1; least < next {
				free = append(free, lost)
			} else {
				later = append(later, lost)
			}
		}
		free = later
	}
	for i := range a.n {
		a.u[i], _, _, _ = a.twoLeast(i)
	}
}

// augment gives row start a column: it finds the shortest path to a free one, moves the prices, and passes columns on along the path.
func (a *assignment) augment(start int) {
	left := a.left[:a.n]
	for j := range a.n {
		a.far[j], a.done[j], left[j] = math.Inf(1), false, j
	}
	i, base, end := start, 0.0, -1
	for end < 0 {
		least, place := math.Inf(1), -1
		row, off := a.row(i), base-a.u[i]
		for k, j := range left {
			d := off + row[j] - a.v[j]
			if d < a.far[j] {
				a.far[j], a.from[j] = d, i
			} else {
				d = a.far[j]
			}
			if d < least {
				least, place = d, k
			}
		}
		at := left[place]
		left[place] = left[len(left)-1]
		left = left[:len(left)-1]
		base, a.done[at] = least, true
		if a.rowOf[at] < 0 {
			end = at
		} else {
			i = a.rowOf[at]
		}
	}
	a.u[start] += base
	for j, done := range a.done {
		if done && j != end {
			a.u[a.rowOf[j]] += base - a.far[j]
			a.v[j] -= base - a.far[j]
		}
	}
	for {
		i := a.from[end]
		a.rowOf[end] = i
		a.columnOf[i], end = end, a.columnOf[i]
		if i == start {
			return
		}
	}
}
