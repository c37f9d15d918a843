package numeric

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// treeWidth is the width up to which a tree is tried. In more dimensions nearly every box is as near as the nearest row.
const treeWidth = 16

// leafRows is how many rows a leaf holds, unless more of them are equal.
const leafRows = 12

// tree is a k-d tree: rows sorted into nested boxes, halved across their widest side. What it answers is exact to the bit, ties included, without any slack: the
// distance to a box is summed as SqDist sums, from gaps none of which is larger than the difference that SqDist takes, and rounding keeps the order of numbers.
type tree struct {
	n, d int
	rows []int32   // row numbers, leaf by leaf, ascending within each
	x    []float64 // n x d, the rows in that order
	node []treeNode
	box  []float64 // 2d a node: the lows of its rows, then their highs
}

// treeNode is the rows at places lo to hi. The left child of an inner node comes right after it; right is 0 for a leaf.
type treeNode struct {
	lo, hi, right int32
	equal         bool // a leaf of equal rows
}

// plant sorts the rows of x into a tree, or returns nil where one does not help: few rows, wide rows, numbers that are not finite.
func (e engine) plant(x *mat.Dense) *tree {
	n, d := x.Dims()
	if e.trees < 0 || d > treeWidth || (n < 128 && e.trees == 0) {
		return nil
	}
	if !finite(x) {
		return nil
	}
	t := &tree{n: n, d: d, rows: make([]int32, n), x: make([]float64, n*d)}
	for i := range t.rows {
		t.rows[i] = int32(i)
	}
	t.split(x, 0, n, make([]float64, n))
	for p, i := range t.rows {
		copy(t.row(p), x.RawRowView(int(i)))
	}
	return t
}

func (t *tree) row(place int) []float64 { return t.x[place*t.d : (place+1)*t.d : (place+1)*t.d] }

// split makes the node of places lo to hi and those below it.
func (t *tree) split(x *mat.Dense, lo, hi int, key []float64) {
	at := len(t.node)
	t.node = append(t.node, treeNode{lo: int32(lo), hi: int32(hi)})
	axis, width := t.bound(x, lo, hi)
	if hi-lo <= leafRows || width == 0 {
		slices.Sort(t.rows[lo:hi])
		t.node[at].equal = width == 0
		return
	}
	for p := lo; p < hi; p++ {
		key[p] = x.RawRowView(int(t.rows[p]))[axis]
	}
	mid := (lo + hi) / 2
	halve(key[lo:hi], t.rows[lo:hi], mid-lo)
	t.split(x, lo, mid, key)
	t.node[at].right = int32(len(t.node))
	t.split(x, mid, hi, key)
}

// bound appends the box of the rows at places lo to hi, and returns its widest side.
func (t *tree) bound(x *mat.Dense, lo, hi int) (axis int, width float64) {
	at := len(t.box)
	first := x.RawRowView(int(t.rows[lo]))
	t.box = append(append(t.box, first...), first...)
	low, high := t.box[at:at+t.d], t.box[at+t.d:]
	for _, i := range t.rows[lo+1 : hi] {
		for l, v := range x.RawRowView(int(i)) {
			low[l], high[l] = min(low[l], v), max(high[l], v)
		}
	}
	for l := range low {
		if w := high[l] - low[l]; w > width {
			axis, width = l, w
		}
	}
	return axis, width
}

// halve orders keys, and rows with them, so that none of the first k is larger than any of the others: Hoare's quickselect around the middle of three.
func halve(key []float64, rows []int32, k int) {
	swap := func(a, b int) { key[a], key[b], rows[a], rows[b] = key[b], key[a], rows[b], rows[a] }
	for lo, hi := 0, len(key)-1; lo < hi; {
		a, b, c := key[lo], key[(lo+hi)/2], key[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for key[i] < pivot {
				i++
			}
			for key[j] > pivot {
				j--
			}
			if i <= j {
				swap(i, j)
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// gap is a lower bound of SqDist from x to every row of a node: 0 inside its box.
func (t *tree) gap(x []float64, node int32) float64 {
	at := int(node) * 2 * t.d
	low := t.box[at : at+t.d : at+t.d]
	high := t.box[at+t.d : at+2*t.d : at+2*t.d]
	if len(x) == 2 {
		u, v := max(low[0]-x[0], x[0]-high[0], 0), max(low[1]-x[1], x[1]-high[1], 0)
		return float64(u*u) + float64(v*v)
	}
	var s [4]float64
	whole := len(x) &^ 3
	for l, v := range x {
		g := max(low[l]-v, v-high[l], 0)
		if l < whole {
			s[l&3] += float64(g * g)
		} else {
			s[0] += float64(g * g)
		}
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// distance is SqDist from x to the row at a place.
func (t *tree) distance(x []float64, place int32) float64 {
	if len(x) == 2 {
		row := t.x[2*place : 2*place+2 : 2*place+2]
		u, v := x[0]-row[0], x[1]-row[1]
		return float64(u*u) + float64(v*v)
	}
	return SqDist(x, t.row(int(place)))
}

// tops are, for each node, the largest of values that belong to the rows.
func (t *tree) tops(of func(row int32) float64) []float64 {
	node := make([]float64, len(t.node))
	for at := len(t.node) - 1; at >= 0; at-- { // children come after their parents
		nd := t.node[at]
		if nd.right != 0 {
			node[at] = max(node[at+1], node[nd.right])
			continue
		}
		node[at] = math.Inf(-1)
		for _, row := range t.rows[nd.lo:nd.hi] {
			node[at] = max(node[at], of(row))
		}
	}
	return node
}

// search calls the leaf function for every leaf below a node that is near enough, the nearer child first. Near is asked again for each node when its turn comes, since
// what is found in one leaf may rule out the next. It adds up in work how many rows and boxes were looked at.
type search struct {
	t    *tree
	x    []float64
	near func(node int32, gap float64) bool
	leaf func(nd treeNode)
	work int
}

func (s *search) run() { s.visit(0, s.t.gap(s.x, 0)) }

func (s *search) visit(at int32, gap float64) {
	if !s.near(at, gap) {
		return
	}
	nd := s.t.node[at]
	if nd.right == 0 {
		s.work += int(nd.hi - nd.lo)
		s.leaf(nd)
		return
	}
	left, right := at+1, nd.right
	a, b := s.t.gap(s.x, left), s.t.gap(s.x, right)
	s.work += 2
	if b < a {
		left, right, a, b = right, left, b, a
	}
	s.visit(left, a)
	s.visit(right, b)
}

// pays says whether trees answer n queries with less work than the distances to all base rows are, by what some of the queries took.
func (e engine) pays(n, base int, query func(i int) (work int)) bool {
	if e.trees > 0 {
		return true
	}
	const tried = 32
	work := 0
	for s := range tried {
		work += query(s * n / tried)
	}
	return 2*work < tried*base
}

// eachQuery runs f for 0 to n-1 in blocks, until the context ends.
func (e engine) eachQuery(ctx context.Context, n int, f func(lo, hi int)) error {
	const block = 128
	e.par((n+block-1)/block, func(c int) {
		if ctx.Err() == nil {
			f(c*block, min(n, (c+1)*block))
		}
	})
	return ctx.Err()
}

// best is the k nearest rows found so far, by distance, then by number.
type best struct {
	d2   []float64
	rows []int32
}

func (b best) clear() {
	for r := range b.d2 {
		b.d2[r], b.rows[r] = math.Inf(1), math.MaxInt32
	}
}

// offer takes a row in if it belongs there.
func (b best) offer(d2 float64, row int32) bool {
	r := len(b.d2) - 1
	if d2 > b.d2[r] || (d2 == b.d2[r] && row > b.rows[r]) {
		return false
	}
	for ; r > 0 && (d2 < b.d2[r-1] || (d2 == b.d2[r-1] && row < b.rows[r-1])); r-- {
		b.d2[r], b.rows[r] = b.d2[r-1], b.rows[r-1]
	}
	b.d2[r], b.rows[r] = d2, row
	return true
}

// nearest fills b with the nearest rows to x, other than row number self.
func (t *tree) nearest(x []float64, self int32, b best) (work int) {
	b.clear()
	last := len(b.d2) - 1
	s := search{t: t, x: x}
	s.near = func(_ int32, gap float64) bool { return gap <= b.d2[last] }
	s.leaf = func(nd treeNode) {
		for p := nd.lo; p < nd.hi; p++ {
			row := t.rows[p]
			if row != self && !b.offer(t.distance(x, p), row) && nd.equal {
				return // the others are as far, with higher numbers
			}
		}
	}
	s.run()
	return s.work
}

// knnByTree is knn where a tree pays; not ok elsewhere.
func (e engine) knnByTree(ctx context.Context, query, base *mat.Dense, k int) (out Neighbours, ok bool, err error) {
	t := e.plant(base)
	if t == nil {
		return out, false, nil
	}
	n, _ := query.Dims()
	out = Neighbours{N: n, K: k, Index: make([]int32, n*k), D2: make([]float64, n*k)}
	ask := func(i int) int {
		self := int32(-1)
		if query == base {
			self = int32(i)
		}
		return t.nearest(query.RawRowView(i), self, best{out.D2[i*k : (i+1)*k], out.Index[i*k : (i+1)*k]})
	}
	if !finite(query) || !e.pays(n, t.n, ask) {
		return Neighbours{}, false, nil
	}
	err = e.eachQuery(ctx, n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if query == base {
				ask(int(t.rows[i])) // one leaf after the other
			} else {
				ask(i)
			}
		}
	})
	return out, err == nil, err
}

func finite(x *mat.Dense) bool {
	n, _ := x.Dims()
	for i := range n {
		for _, v := range x.RawRowView(i) {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

// withinByTree is within where a tree pays.
func (e engine) withinByTree(ctx context.Context, query, base *mat.Dense, r2 float64) (counts, first []int32, ok bool, err error) {
	t := e.plant(base)
	if t == nil || !finite(query) {
		return nil, nil, false, nil
	}
	n, _ := query.Dims()
	counts, first = make([]int32, n), make([]int32, n)
	ask := func(i int) int {
		x := query.RawRowView(i)
		k, low := int32(0), int32(-1)
		s := search{t: t, x: x, near: func(_ int32, gap float64) bool { return gap <= r2 }}
		s.leaf = func(nd treeNode) {
			for p := nd.lo; p < nd.hi; p++ {
				row := t.rows[p]
				if (query == base && int(row) == i) || t.distance(x, p) > r2 {
					continue
				}
				k++
				if low < 0 || row < low {
					low = row
				}
			}
		}
		s.run()
		counts[i], first[i] = k, low
		return s.work
	}
	if !e.pays(n, t.n, ask) {
		return nil, nil, false, nil
	}
	err = e.eachQuery(ctx, n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			ask(i)
		}
	})
	return counts, first, err == nil, err
}
