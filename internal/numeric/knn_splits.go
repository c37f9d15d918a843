package numeric

import (
	"context"
	"math"
	"math/bits"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// SplitQuery is a BallQuery on many halvings of the rows at once: the pairs of each half are looked at as if there were no other rows, yet each distance is taken once.
// What belongs to row i in split t is at [i*Splits+t], or is bit t of entry i.
type SplitQuery struct {
	Real, Fake     *mat.Dense
	Splits         int       // at most 64
	RealIn, FakeIn []uint64  // in which half of each split the row is
	RealR, FakeR   []float64 // squared radii within the row's own half; nil leaves out what they are needed for
	Closed         bool      // d <= r holds a point, else d < r
	Keep           []uint64  // real rows whose balls count for Realism; nil: no Realism
}

// SplitBalls is Balls of each row within its own half of each split.
type SplitBalls struct {
	InReal          []int32
	InFake, Covered []uint64
	Realism         []float64
}

// Count makes one pass over all pairs, or asks trees of the rows where these take less.
func (q SplitQuery) Count(ctx context.Context) (SplitBalls, error) {
	return engine{}.splitBalls(ctx, q)
}

// SplitRadii is the squared distance of every row of x to its k-th nearest other row within its own half of each split, [i*splits+t]. near are the nearest other rows
// among all: where too few of them are in the half, it looks at all rows. A half must hold more than k rows.
func SplitRadii(x *mat.Dense, near Neighbours, in []uint64, splits, k int) []float64 {
	return engine{}.splitRadii(x, near, in, splits, k)
}

func (e engine) splitRadii(x *mat.Dense, near Neighbours, in []uint64, splits, k int) []float64 {
	r := make([]float64, near.N*splits)
	all := allOf(splits)
	e.par((near.N+tile-1)/tile, func(c int) {
		found := make([]int, splits)
		b := best{make([]float64, k), make([]int32, k)}
		for i := c * tile; i < min(near.N, (c+1)*tile); i++ {
			clear(found)
			left := all
			for at := 0; at < near.K && left != 0; at++ {
				j, d2 := near.At(i, at)
				for same := left &^ (in[i] ^ in[j]); same != 0; same &= same - 1 {
					t := bits.TrailingZeros64(same)
					if found[t]++; found[t] == k {
						r[i*splits+t] = d2
						left &^= 1 << t
					}
				}
			}
			for ; left != 0; left &= left - 1 {
				t := bits.TrailingZeros64(left)
				r[i*splits+t] = kthOf(x, i, in, t, b)
			}
		}
	})
	return r
}

// kthOf looks for the neighbours of row i among all rows of its half.
func kthOf(x *mat.Dense, i int, in []uint64, t int, b best) float64 {
	b.clear()
	for j := range in {
		if j != i && (in[i]^in[j])>>t&1 == 0 {
			b.offer(SqDist(x.RawRowView(i), x.RawRowView(j)), int32(j))
		}
	}
	return b.d2[len(b.d2)-1]
}

func allOf(splits int) uint64 { return ^uint64(0) >> (64 - splits) }

// splitPass collects the answer to a SplitQuery.
type splitPass struct {
	SplitQuery
	all uint64

	// The largest radius of each row over the splits, of real rows also over those that keep it; -Inf where it is not wanted.
	topReal, topKeep, topFake []float64
	live                      [2]uint64 // splits whose half 0, or 1, keeps any real ball at all

	inReal          []int32
	realism, worst  []float64       // worst is the lowest realism of a fake over the splits that can give it one
	covered, inFake []atomic.Uint64 // bits
}

// rounding is more than what the product of two numbers and a quotient can be wrong by, together.
const rounding = 0x1p-50

func newSplitPass(q SplitQuery) *splitPass {
	b := &splitPass{SplitQuery: q, all: allOf(q.Splits)}
	n, m := len(q.RealIn), len(q.FakeIn)
	b.topReal, b.topFake, b.topKeep = b.tops(n, q.RealR, nil), b.tops(m, q.FakeR, nil), b.tops(n, nil, nil)
	if q.RealR != nil {
		b.inReal, b.covered = make([]int32, m*q.Splits), make([]atomic.Uint64, n)
	}
	if q.FakeR != nil {
		b.inFake = make([]atomic.Uint64, n)
	}
	if q.Keep != nil {
		b.topKeep = b.tops(n, q.RealR, q.Keep)
		b.realism, b.worst = make([]float64, m*q.Splits), make([]float64, m)
		for i, keep := range q.Keep {
			for ; keep != 0; keep &= keep - 1 {
				if t := bits.TrailingZeros64(keep); q.RealR[i*q.Splits+t] > 0 {
					b.live[q.RealIn[i]>>t&1] |= 1 << t
				}
			}
		}
		for j := range b.worst {
			b.worst[j] = b.lowest(j)
		}
	}
	return b
}

// tops is the largest radius of each of n rows over the splits; with keep over those, a little more than it, and not where it is 0.
func (b *splitPass) tops(n int, r []float64, keep []uint64) []float64 {
	top := make([]float64, n)
	for i := range top {
		top[i] = math.Inf(-1)
		if r == nil {
			continue
		}
		for t, v := range r[i*b.Splits : (i+1)*b.Splits] {
			switch {
			case keep == nil:
				top[i] = max(top[i], v)
			case v > 0 && keep[i]>>t&1 == 1:
				top[i] = max(top[i], v*(1+rounding))
			}
		}
	}
	return top
}

// lowest is the lowest realism of fake j over the splits in whose half some ball is kept, +Inf if there is none.
func (b *splitPass) lowest(j int) float64 {
	low := math.Inf(1)
	for live := b.all & (b.live[1]&b.FakeIn[j] | b.live[0]&^b.FakeIn[j]); live != 0; live &= live - 1 {
		low = min(low, b.realism[j*b.Splits+bits.TrailingZeros64(live)])
	}
	return low
}

// pairDistance is a squared distance, known to lie within bounds and exact once it must be.
type pairDistance struct {
	low, high float64
	x, y      []float64
}

func (d *pairDistance) exact() float64 {
	if d.low != d.high {
		d.low = SqDist(d.x, d.y)
		d.high = d.low
	}
	return d.low
}

func (d *pairDistance) within(r float64, closed bool) bool {
	switch {
	case d.low > r:
		return false
	case d.high < r:
		return true
	}
	v := d.exact()
	return v < r || (closed && v == r)
}

// ofReal takes in what the ball of real i says of fake j.
func (b *splitPass) ofReal(j, i int, d *pairDistance) {
	same := b.all &^ (b.RealIn[i] ^ b.FakeIn[j])
	covers := uint64(0)
	if d.low <= b.topReal[i] {
		for s := same; s != 0; s &= s - 1 {
			if t := bits.TrailingZeros64(s); d.within(b.RealR[i*b.Splits+t], b.Closed) {
				b.inReal[j*b.Splits+t]++
				covers |= 1 << t
			}
		}
		if covers != 0 && covers&^b.covered[i].Load() != 0 {
			b.covered[i].Or(covers)
		}
	}
	if b.Keep == nil || !(b.worst[j]*d.low <= b.topKeep[i]) {
		return
	}
	higher := false
	for s := same & b.Keep[i]; s != 0; s &= s - 1 {
		t := bits.TrailingZeros64(s)
		r, best := b.RealR[i*b.Splits+t], &b.realism[j*b.Splits+t]
		if *best*d.low > r*(1+rounding) {
			continue
		}
		if v := ratio(r, d.exact()); v > *best {
			*best, higher = v, true
		}
	}
	if higher {
		b.worst[j] = b.lowest(j)
	}
}

// ofFake takes in what the ball of fake j says of real i.
func (b *splitPass) ofFake(j, i int, d *pairDistance) {
	have, holds := b.inFake[i].Load(), uint64(0)
	for s := b.all &^ (b.RealIn[i] ^ b.FakeIn[j]) &^ have; s != 0; s &= s - 1 {
		if t := bits.TrailingZeros64(s); d.within(b.FakeR[j*b.Splits+t], b.Closed) {
			holds |= 1 << t
		}
	}
	if holds != 0 {
		b.inFake[i].Or(holds)
	}
}

func (b *splitPass) worstOf(j int) float64 {
	if b.worst == nil {
		return 0
	}
	return b.worst[j]
}

func (b *splitPass) result() SplitBalls {
	return SplitBalls{InReal: b.inReal, InFake: plain(b.inFake), Covered: plain(b.covered), Realism: b.realism}
}

func plain(a []atomic.Uint64) []uint64 {
	if a == nil {
		return nil
	}
	b := make([]uint64, len(a))
	for i := range a {
		b[i] = a[i].Load()
	}
	return b
}

func (e engine) splitBalls(ctx context.Context, q SplitQuery) (SplitBalls, error) {
	if out, ok, err := e.splitsByTree(ctx, q); ok || err != nil {
		return out, err
	}
	b := newSplitPass(q)
	// The centre of both sides comes from the first: the real rows.
	pr, pf, scale := e.prepare(q.Real, q.Fake)
	if pr == pf { // the very same matrix: a self pair counts here, it is not left out
		other := *pr
		pf = &other
	}
	keep := math.Inf(-1)
	for _, v := range b.topKeep {
		keep = max(keep, v)
	}
	err := e.sift(ctx, pf, pr, scale, sieve{
		limit: func(j int) float64 {
			if math.IsInf(keep, -1) {
				return b.topFake[j]
			}
			return max(b.topFake[j], keep/b.worst[j]*(1+rounding))
		},
		other: b.topReal,
		found: func(j, i int, d2, slack float64) {
			d := pairDistance{d2 - slack, d2 + slack, q.Real.RawRowView(i), q.Fake.RawRowView(j)}
			fake := d.low <= b.topFake[j]
			b.ofReal(j, i, &d)
			if fake {
				b.ofFake(j, i, &d)
			}
		},
	})
	return b.result(), err
}

// splitsByTree is splitBalls where trees pay; not ok elsewhere.
func (e engine) splitsByTree(ctx context.Context, q SplitQuery) (out SplitBalls, ok bool, err error) {
	real, fake := e.plant(q.Real), e.plant(q.Fake)
	if real == nil || fake == nil {
		return out, false, nil
	}
	b := newSplitPass(q)
	nodeReal := real.tops(func(i int32) float64 { return b.topReal[i] })
	nodeKeep := real.tops(func(i int32) float64 { return b.topKeep[i] })
	nodeFake := fake.tops(func(j int32) float64 { return b.topFake[j] })
	done := make([]bool, fake.n)
	askReal := func(j int) int {
		done[j] = true
		x := q.Fake.RawRowView(j)
		s := search{t: real, x: x}
		s.near = func(at int32, gap float64) bool { return gap <= nodeReal[at] || b.worstOf(j)*gap <= nodeKeep[at] }
		s.leaf = func(nd treeNode) {
			for p := nd.lo; p < nd.hi; p++ {
				v := real.distance(x, p)
				b.ofReal(j, int(real.rows[p]), &pairDistance{low: v, high: v})
			}
		}
		s.run()
		return s.work
	}
	askFake := func(i int) int {
		x := q.Real.RawRowView(i)
		s := search{t: fake, x: x}
		s.near = func(at int32, gap float64) bool { return gap <= nodeFake[at] && b.inFake[i].Load() != b.all }
		s.leaf = func(nd treeNode) {
			for p := nd.lo; p < nd.hi; p++ {
				v := fake.distance(x, p)
				b.ofFake(int(fake.rows[p]), i, &pairDistance{low: v, high: v})
			}
		}
		s.run()
		return s.work
	}
	if (q.RealR != nil && !e.pays(fake.n, real.n, askReal)) || (q.FakeR != nil && !e.pays(real.n, fake.n, askFake)) {
		return out, false, nil
	}
	if q.RealR != nil {
		err = e.eachQuery(ctx, fake.n, func(lo, hi int) {
			for _, j := range fake.rows[lo:hi] {
				if !done[j] {
					askReal(int(j))
				}
			}
		})
	}
	if q.FakeR != nil && err == nil {
		err = e.eachQuery(ctx, real.n, func(lo, hi int) {
			for _, i := range real.rows[lo:hi] {
				askFake(int(i))
			}
		})
	}
	return b.result(), err == nil, err
}
