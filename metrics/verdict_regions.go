package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// The partition into regions: at most so many, each with so many held-out rows and fakes on average.
const (
	mostRegions   = 64
	rowsOfRegion  = 25
	regionsSample = 4000 // rows of the reference that place them
)

// partition is the reference cut into many small cells, with the held-out rows and the fakes in each.
type partition struct {
	k              int // cells
	held, fake     int // rows
	inHeld, inFake []int
	spread         float64 // of fakes over that of held-out rows, within cells; 0 if not known
	shift          float64 // root mean square distance of the fakes' mean from that of held-out rows, by cell, in spreads of the latter
}

// partition cuts the reference; nil where there are too few rows.
func (j *judge) partition(p Pair, in narrowed, held *mat.Dense) (*partition, error) {
	fake := p.Fake
	k := min(mostRegions, min(rows(held), rows(fake), rows(in.ref))/rowsOfRegion)
	if k < 4 {
		j.warn("missing regions were not looked at: %d held-out rows and %d fakes are too few", rows(held), rows(fake))
		return nil, nil
	}
	c, err := once(p.Shared, fact{what: fmt.Sprint("regions of the verdict ", p.Seed), a: in.ref, k: k}, func() (numeric.Clusters, error) {
		m := numeric.KMeans{K: k, Init: 2, Iters: 30, Tol: 1e-4}
		return m.Fit(j.ctx, choose(in.ref, regionsSample, p.Seed, "regions"), rng.Stream(p.Seed, "metrics", "verdict", "regions"))
	})
	if err != nil {
		return nil, err
	}
	at, err := nearestOf(j.ctx, c, in.held, in.fake)
	if err != nil {
		return nil, err
	}
	r := &partition{k: k, held: rows(held), fake: rows(fake), inHeld: tally(at[0], k), inFake: tally(at[1], k)}
	if own, real := within(fake, at[1], held, at[0], k); real > 0 {
		r.spread, r.shift = math.Sqrt(own/real), math.Sqrt(apartness(fake, at[1], held, at[0], k)/real)
	}
	return r, nil
}

// apartness is the squared distance of the means of x and of y inside a cell, summed over the rows of x, over cells with two rows of each.
func apartness(x *mat.Dense, atX []int, y *mat.Dense, atY []int, k int) (sum float64) {
	mx, nx := cellMeans(x, atX, k)
	my, ny := cellMeans(y, atY, k)
	for c := range k {
		if nx[c] > 1 && ny[c] > 1 {
			sum += nx[c] * numeric.SqDist(mx.RawRowView(c), my.RawRowView(c))
		}
	}
	return sum
}

// regions looks for parts of the data that hold no fakes, or too few, whatever clusters there are. Modes that lie close to one another are one cluster and
// several cells.
func (j *judge) regions(r *partition) {
	if r == nil {
		return
	}
	var lost []string
	lostMass, lostFakes := 0., 0.
	for c := range r.k {
		fair, own := float64(r.inHeld[c])/float64(r.held), float64(r.inFake[c])/float64(r.fake)
		if own <= j.t.Gone*fair && moreOften(r.inHeld[c], r.held, r.inFake[c], r.fake) < j.t.Alpha/float64(r.k) {
			lost, lostMass, lostFakes = append(lost, fmt.Sprint(c)), lostMass+fair, lostFakes+own
		}
	}
	if r.spread > 0 {
		j.read("regions_spread", r.spread, 1)
		if r.spread < j.t.Narrow && !j.v.Has(Shrunk) {
			j.find(Shrunk, "regions_spread", r.spread, 1, j.t.Narrow, "within small regions of the data the fakes spread %.3g times as far as real rows", r.spread)
		}
		if r.spread > j.t.Wide && !j.v.Has(Blurred) {
			j.find(Blurred, "regions_spread", r.spread, 1, j.t.Wide, "within small regions of the data the fakes spread %.3g times as far as real rows", r.spread)
		}
	}
	j.read("regions_lost", lostMass, 0)
	j.sees(Dropped, "a part of the data without samples, apart from the rest", max(j.t.LostMass, leastRegion(r.held, r.fake, j.t.Alpha/float64(r.k))), "of the data")
	narrow := r.spread > 0 && r.spread < regionsWidth || j.width > 0 && j.width < regionsWidth
	if len(lost) > 0 && lostMass >= j.t.LostMass && !narrow && !j.v.Has(Dropped) {
		word, hold := Dropped, "next to no"
		if lostFakes > j.t.Bare*lostMass {
			word, hold = Imbalanced, "too few"
		}
		j.find(word, "regions_lost", lostMass, 0, j.t.LostMass, "%d of %d regions of the data hold %s fakes: %v of held-out data, %v of the fakes", len(lost), r.k, hold, fraction(lostMass), fraction(lostFakes))
	}
	j.shareOfRegions(r.inHeld, r.inFake)
}

// regionsWidth is the spread from which empty regions are missing parts and not what a narrower cloud does not reach.
const regionsWidth = .85

// leastRegion is the share of the data that a cell must hold so that its emptiness is sure, twice the least count because the count itself varies.
func leastRegion(nh, nf int, alpha float64) float64 {
	k := 1
	for k < nh && moreOften(k, nh, 0, nf) >= alpha {
		k++
	}
	return float64(k) / float64(nh)
}

// shareOfRegions judges the divergence of the shares, beside what chance makes of it on either side.
func (j *judge) shareOfRegions(inHeld, inFake []int) {
	p, q := shares(inFake), shares(inHeld)
	kl, nh, nf := 0., 0., 0.
	for r := range p {
		nh, nf = nh+float64(inHeld[r]), nf+float64(inFake[r])
	}
	for r := range p {
		if p[r] > 0 {
			kl += p[r] * math.Log(p[r]/max(q[r], .5/nh))
		}
	}
	dof := float64(len(p) - 1)
	unit := (1/nf + 1/nh) / 2 // twice the divergence over it is about chi-squared
	chance, noise := dof*unit, math.Sqrt(2*dof)*unit
	j.read("regions_kl", kl, chance)
	if limit := chance + max(j.t.KL/2, 5*noise); kl > limit && !j.sharesMoved() {
		j.find(Imbalanced, "regions_kl", kl, chance, limit, "shares of %d regions of the data diverge by %.3g nats, a perfect generator by about %.2g", len(p), kl, chance)
	}
}

// sharesMoved says whether something is found that moves shares without being an imbalance: what lies off the data, or is soft or noisy, falls anywhere.
func (j *judge) sharesMoved() bool {
	return j.v.Has(Dropped) || j.v.Has(Shrunk) || j.v.Has(Collapsed) || j.v.Has(Blurred) || j.v.Has(Noisy) || j.v.Has(Repeated)
}
