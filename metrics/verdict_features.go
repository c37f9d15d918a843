package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// features reads the fakes beside held-out real rows, both against one reference set. Of fakes that lie off the data modes and classes say nothing.
func (j *judge) features(p Pair) error {
	ref, held, err := j.yardstick(p)
	if err != nil {
		return err
	}
	n := min(rows(held), rows(p.Fake))
	if n < 50 {
		j.doubt(0, "%d held-out real rows: give at least 50, better 1000", rows(held))
		return nil
	}
	if err := j.manifold(p.Shared, ref, choose(held, n, p.Seed, "held"), choose(p.Fake, n, p.Seed, "fake")); err != nil {
		return err
	}
	c := clusterable(p.Shared, ref, held, p.Fake)
	parts, err := j.partition(p, c, held)
	if err != nil {
		return err
	}
	j.offData(parts)
	j.huddled(p, held)
	if parts != nil {
		j.read("regions_shift", parts.shift, 0)
	}
	if err := j.cells(p, c, held); err != nil {
		return err
	}
	switch {
	case j.v.Has(OffData):
		j.warn("shares of modes and classes were not looked at: most fakes lie off the data")
		return nil
	case j.drowned:
		j.warn("the spread and the shares of modes and classes were not looked at: noise hides what the images show")
		return nil
	}
	j.regions(parts)
	return j.classes(p)
}

// yardstick is the reference set and the held-out real rows: training and real rows, or the two halves of the real rows.
func (j *judge) yardstick(p Pair) (ref, held *mat.Dense, err error) {
	if p.Train != nil {
		var overlap bool
		if overlap, err = j.overlap(p); err != nil || !overlap {
			return p.Train, p.Real, err
		}
	}
	if rows(p.Real) < 4 {
		return nil, nil, fault.Of(ErrTooFew, "%d real rows: give at least 4", rows(p.Real))
	}
	if p.RealGroups != nil {
		ref, held = alternateGroups(p.Real, p.RealGroups)
		return ref, held, nil
	}
	halves, err := once(p.Shared, fact{what: "halves by turns", a: p.Real}, func() ([2]*mat.Dense, error) {
		even, odd := alternate(p.Real)
		if p.Shared.lasts(p.Real) {
			p.Shared.Keep(even, odd)
		}
		return [2]*mat.Dense{even, odd}, nil
	})
	return halves[0], halves[1], err
}

// alternate deals the rows in turn: in the order of their contents the two halves are as alike as halves can be, which sharpens the yardstick.
func alternate(x *mat.Dense) (even, odd *mat.Dense) {
	var at [2][]int
	for i := range rows(x) {
		at[i%2] = append(at[i%2], i)
	}
	return pick(x, at[0]), pick(x, at[1])
}

// alternateGroups is alternate for rows that belong together: each group, in the order of its first row, goes whole to the half that has fewer rows. Rows of one group in both
// halves would make the yardstick nearer to the reference than any generator can be.
func alternateGroups(x *mat.Dense, of []int) (even, odd *mat.Dense) {
	size, seen, half := tallyGroups(of), map[int]int{}, [2][]int{}
	var load [2]int
	for i, g := range of {
		h, there := seen[g]
		if !there {
			if load[1] < load[0] {
				h = 1
			}
			seen[g] = h
			load[h] += size[g]
		}
		half[h] = append(half[h], i)
	}
	return pick(x, half[0]), pick(x, half[1])
}

func tallyGroups(of []int) map[int]int {
	size := map[int]int{}
	for _, g := range of {
		size[g]++
	}
	return size
}

// manifold judges precision, and keeps a doubt where coverage is low or neighbours tell fakes from held-out data.
func (j *judge) manifold(s *Shared, ref, held, fake *mat.Dense) error {
	radii, err := s.radii(j.ctx, ref, min(manifoldK, rows(ref)-1))
	if err != nil {
		return err
	}
	own, err := j.balls(ref, fake, radii)
	if err != nil {
		return err
	}
	real, err := once(s, fact{"balls of the verdict", ref, held, manifoldK}, func() (map[string]Value, error) { return j.balls(ref, held, radii) })
	if err != nil {
		return err
	}
	for _, name := range []string{"precision", "coverage"} {
		j.read(name, own[name].Value, real[name].Value)
	}
	v, base := own["precision"], real["precision"].Value
	if v.Interval.Hi < j.t.Far*base {
		j.far = true
	}
	if limit := base - j.t.Off; v.Interval.Hi < limit {
		j.find(Blurred, "precision", v.Value, base, limit, "%v of the fakes lie on the data, %v of held-out data do", fraction(v.Value), fraction(base))
	}
	if v, base := own["coverage"], real["coverage"]; v.Value < j.t.Doubt*base.Value && v.Interval.Hi < base.Interval.Lo {
		j.doubt(0, "coverage is %.3g against %.3g of held-out data, yet no other finding says why", v.Value, base.Value)
	}
	return j.told(held, fake)
}

// told keeps a doubt where the nearest neighbour of a row among both sets is of its own set too often.
func (j *judge) told(held, fake *mat.Dense) error {
	var both mat.Dense
	both.Stack(held, fake)
	nb, err := numeric.KNN(j.ctx, &both, &both, 1)
	if err != nil {
		return err
	}
	n, hits := rows(held), 0
	for i, at := range nb.Index {
		if (i < n) == (int(at) < n) {
			hits++
		}
	}
	v := share("c2st_1nn", hits, nb.N, None)
	j.read("c2st_1nn", v.Value, .5)
	if v.Value > j.t.Told && v.Interval.Lo > .5 {
		j.doubt(0, "the nearest neighbour tells %.3g of fakes and held-out data apart (0.5 by chance), yet no other finding says why", v.Value)
	}
	return nil
}

// manifoldK is the neighbours that make a ball.
const manifoldK = 5

// balls is precision and coverage. A point at the radius is inside: repeated rows are judged as repeats, not as off the data.
func (j *judge) balls(ref, x *mat.Dense, radii []float64) (map[string]Value, error) {
	b, err := numeric.BallQuery{Real: ref, Fake: x, RealR: radii, Closed: true}.Count(j.ctx)
	inside := 0
	for _, c := range b.InReal {
		if c > 0 {
			inside++
		}
	}
	return map[string]Value{"precision": share("precision", inside, rows(x), Higher), "coverage": share("coverage", count(b.Covered), rows(ref), Higher)}, err
}

// cells judges shares and spread over clusters of the reference, as many as there seem to be.
func (j *judge) cells(p Pair, in narrowed, held *mat.Dense) error {
	fake := p.Fake
	c, err := once(p.Shared, fact{what: fmt.Sprint("clusters of the verdict ", p.Seed), a: in.ref}, func() (numeric.Clusters, error) {
		return clusterCount(j, choose(in.ref, clusterRows, p.Seed, "cells"), p.Seed)
	})
	if err != nil {
		return err
	}
	at, err := nearestOf(j.ctx, c, in.ref, in.held, in.fake)
	if err != nil {
		return err
	}
	k := rows(c.Centers)
	own, real := within(fake, at[2], held, at[1], k)
	if real > 0 && j.drowned {
		return nil
	}
	if real > 0 {
		j.spread("clusters_spread", math.Sqrt(own/real))
	} else {
		j.warn("the spread within clusters was not looked at: no cluster holds two fakes and two real rows that differ")
	}
	gap := separation(in.ref, at[0], c.Centers)
	if gap < separated && j.v.Has(Shrunk) || j.v.Has(OffData) {
		return nil // a narrower cloud falls unevenly on the parts of one cloud: its shares mean nothing
	}
	fair := shares(addCounts(tally(at[0], k), tally(at[1], k)))
	if rarest := slices.Min(fair); gap >= separated && rarest*float64(rows(fake)) < leastExpected && rarest*float64(rows(in.ref)+rows(held)) >= leastExpected {
		j.doubt(roundUp(leastExpected/rarest), "the rarest cluster holds %v of the data, too little to be missed among %d fakes: draw at least %d", fraction(rarest), rows(fake), roundUp(leastExpected/rarest))
	}
	j.balance(tally(at[2], k), rows(fake), fair, entropy(fair), "clusters")
	return nil
}

// nearestOf gives each row of each set its cluster.
func nearestOf(ctx context.Context, c numeric.Clusters, sets ...*mat.Dense) (at [][]int, err error) {
	at = make([][]int, len(sets))
	for i, x := range sets {
		if at[i], err = c.Nearest(ctx, x); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// displaced is the shift from which fakes are elsewhere rather than wider: a wide mode keeps its middle.
const displaced = 1.2

// offData says that most fakes lie off the data, unless wide modes say why.
func (j *judge) offData(r *partition) {
	if !j.far || r != nil && r.spread > j.t.Wide && r.shift < displaced {
		return
	}
	at := slices.IndexFunc(j.v.Findings, func(f Finding) bool { return f.Name == "precision" })
	f := &j.v.Findings[at]
	f.Word, f.Limit, f.Line = OffData, j.t.Far*f.Reference, "only "+f.Line
}

// huddled says that fakes off the data are all alike: in the features and, where there are images, in the pixels too, since noise is alike in features alone.
func (j *judge) huddled(p Pair, held *mat.Dense) {
	if !j.v.Has(OffData) {
		return
	}
	ratio := ratioOr(spreadOf(p.Fake), spreadOf(held))
	if p.FakeImages != nil && p.RealImages != nil {
		ratio = max(ratio, ratioOr(spreadOfPixels(p.FakeImages), spreadOfPixels(p.RealImages)))
	}
	j.read("spread", ratio, 1)
	if ratio < j.t.Huddled {
		j.find(Collapsed, "spread", ratio, 1, j.t.Huddled, "the fakes spread %.2g times as far as the data, and lie off them", ratio)
	}
}

// spreadOf is the root mean square distance of the rows to their mean.
func spreadOf(x *mat.Dense) float64 { return math.Sqrt(numeric.Sum(toCentre(x, x)) / float64(rows(x))) }

// separated is the gap from which clusters count as distinct. The halves of one normal cloud are 2.6 apart.
const separated = 4

// separation is the median over clusters of the distance to the nearest other centre over the standard deviation of both along that line.
func separation(x *mat.Dense, at []int, centers *mat.Dense) float64 {
	k, d := centers.Dims()
	axis, to := mat.NewDense(k, d, nil), make([]int, k)
	gaps := make([]float64, k)
	for c := range k {
		best := math.Inf(1)
		for o := range k {
			if v := numeric.SqDist(centers.RawRowView(c), centers.RawRowView(o)); o != c && v < best {
				best, to[c] = v, o
			}
		}
		gaps[c] = math.Sqrt(best)
		floats.SubTo(axis.RawRowView(c), centers.RawRowView(to[c]), centers.RawRowView(c))
	}
	spread, n := make([]float64, k), make([]float64, k)
	for i, own := range at {
		for c := range k {
			if own != c && own != to[c] {
				continue
			}
			off := floats.Dot(x.RawRowView(i), axis.RawRowView(c)) - floats.Dot(centers.RawRowView(own), axis.RawRowView(c))
			spread[c] += off * off
			n[c]++
		}
	}
	for c := range k {
		if s := math.Sqrt(spread[c] / max(1, n[c])); s > 0 { // s is in units of the gap already once: axis has its length
			gaps[c] *= gaps[c] / s
		} else {
			gaps[c] = math.Inf(1)
		}
	}
	slices.Sort(gaps)
	return gaps[(k-1)/2]
}

// clusterRows of the reference place the clusters: fifty and more in each where there are twenty of them.
const clusterRows = 1000

// clusterCount clusters x with the number of clusters that has the largest Calinski-Harabasz index, the ratio of the variances between and within.
func clusterCount(j *judge, x *mat.Dense, seed uint64) (numeric.Clusters, error) {
	n := float64(rows(x))
	total := 0.0
	for _, v := range toCentre(x, x) {
		total += v
	}
	var best numeric.Clusters
	top := math.Inf(-1)
	for _, k := range []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 25, 32} {
		if 20*k > rows(x) && k > 2 {
			break
		}
		c, err := numeric.KMeans{K: k, Init: 3, Iters: 30, Tol: 1e-4}.Fit(j.ctx, x, rng.Stream(seed, "metrics", "verdict", fmt.Sprint(k)))
		if err != nil {
			return best, err
		}
		index := (total - c.Inertia) / float64(k-1) / (c.Inertia / (n - float64(k)))
		if best.Centers == nil || index > top {
			best, top = c, index
		}
	}
	return best, nil
}

func tally(at []int, k int) []int {
	c := make([]int, k)
	for _, b := range at {
		c[b]++
	}
	return c
}

func addCounts(a, b []int) []int {
	s := make([]int, len(a))
	for i := range a {
		s[i] = a[i] + b[i]
	}
	return s
}

// within is the mean variance inside cells of x and of y, both weighed by the rows of x, over cells with two rows of each.
func within(x *mat.Dense, atX []int, y *mat.Dense, atY []int, k int) (own, other float64) {
	vx, nx := cellVariance(x, atX, k)
	vy, ny := cellVariance(y, atY, k)
	for c := range k {
		if nx[c] > 1 && ny[c] > 1 {
			own += nx[c] * vx[c]
			other += nx[c] * vy[c]
		}
	}
	return own, other
}

// cellVariance is the mean squared distance (divisor n-1) of a cell's rows to their mean, and their number.
func cellVariance(x *mat.Dense, at []int, k int) (variance, n []float64) {
	mean, n := cellMeans(x, at, k)
	variance = make([]float64, k)
	for i, c := range at {
		variance[c] += numeric.SqDist(x.RawRowView(i), mean.RawRowView(c)) / max(1, n[c]-1)
	}
	return variance, n
}

// cellMeans is the mean of a cell's rows, and their number.
func cellMeans(x *mat.Dense, at []int, k int) (mean *mat.Dense, n []float64) {
	_, d := x.Dims()
	mean, n = mat.NewDense(k, d, nil), make([]float64, k)
	for i, c := range at {
		n[c]++
		dst := mean.RawRowView(c)
		for l, v := range x.RawRowView(i) {
			dst[l] += v
		}
	}
	for c := range k {
		dst := mean.RawRowView(c)
		for l := range dst {
			dst[l] /= max(1, n[c])
		}
	}
	return mean, n
}
