package metrics

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// modes reads the fakes against known modes of equal weight.
func (j *judge) modes(p Pair) error {
	const radius = 3
	s := Modes{Radius: radius}.stats(p.Fake, p.Modes, p.Sigma)
	k, d := p.Modes.Dims()
	n := rows(p.Fake)
	if n < leastExpected*k {
		j.doubt(leastExpected*k, "%d fakes for %d modes: draw at least %d", n, k, leastExpected*k)
	}
	perfect := distuv.ChiSquared{K: float64(d)}.CDF(radius * radius)
	hq := wilson(float64(s.good), float64(n))
	share := float64(s.good) / float64(n)
	j.read("hq", share, perfect)
	// Shares are those of the fakes on a mode, as long as most fakes are on one. Otherwise every fake counts for its nearest mode: a cloud around all modes is
	// blurred rather than lacking them, and a clump beside one mode has collapsed rather than dropped all.
	counts := s.counts
	if share < perfect/2 {
		counts = s.near
	}
	j.balance(counts, n, uniform(k), math.Log(float64(k)), "modes")
	if limit := perfect - j.t.Off; hq.Hi < limit {
		j.find(Blurred, "hq", share, perfect, limit, "%v of the fakes lie within %d sigma of a mode, a perfect generator has %v", fraction(share), radius, fraction(perfect))
	}
	j.order(p)
	if s.dof < 2 {
		j.warn("the spread within modes was not looked at: no mode holds two fakes")
		return nil
	}
	j.spread("modes_spread", s.spread)
	j.read("modes_median", s.median, 1)
	if s.median > j.t.Wide {
		j.find(Blurred, "modes_median", s.median, 1, j.t.Wide, "the typical fake is %.3g times as far from its mode as it should be", s.median)
	}
	return nil
}

// spread judges the ratio of spreads within modes.
func (j *judge) spread(name string, v float64) {
	j.read(name, v, 1)
	j.width = v
	if v < j.t.Narrow {
		j.find(Shrunk, name, v, 1, j.t.Narrow, "modes are %.3g times as wide as they should be", v)
	}
	if v > j.t.Wide {
		j.find(Blurred, name, v, 1, j.t.Wide, "modes are %.3g times as wide as they should be", v)
	}
}

// leastExpected is the fair count from which a cell is judged: a perfect generator then gives it less than a third once in 10 000.
const leastExpected = 25

// balance judges counts of n fakes over cells against their fair shares. target is the entropy that the shares should have.
func (j *judge) balance(counts []int, n int, fair []float64, target float64, what string) {
	var lost, thin []string
	lostMass, thinMass := 0.0, 0.0
	inside := 0
	for c, k := range counts {
		inside += k
		switch part := float64(k) / (fair[c] * float64(n)); {
		case fair[c]*float64(n) < leastExpected: // too small a cell to say
		case part < j.t.Lost:
			lost = append(lost, fmt.Sprint(c))
			lostMass += fair[c]
		case part < j.t.Thin:
			thin = append(thin, fmt.Sprint(c))
			thinMass += fair[c]
		}
	}
	j.read(what+"_lost", lostMass, 0)
	j.read(what+"_thin", thinMass, 0)
	if lostMass >= j.t.LostMass {
		j.find(Dropped, what+"_lost", lostMass, 0, j.t.LostMass, "%d of %d %s hold less than %v of their fair share (number %s), which is %v of the data",
			len(lost), len(counts), what, fraction(j.t.Lost), some(lost), fraction(lostMass))
	}
	if thinMass >= j.t.LostMass {
		j.find(Imbalanced, what+"_thin", thinMass, 0, j.t.LostMass, "%d of %d %s hold less than %v of their fair share (number %s), which is %v of the data",
			len(thin), len(counts), what, fraction(j.t.Thin), some(thin), fraction(thinMass))
	}
	if inside == 0 {
		return
	}
	p := shares(counts)
	effective, whole := math.Exp(entropy(p)), math.Exp(target)
	j.read(what+"_effective", effective, whole)
	if limit := j.t.Modes * whole; len(counts) > 1 && effective <= max(limit, 1.2) && whole > 1.8 {
		j.find(Collapsed, what+"_effective", effective, whole, max(limit, 1.2), "the fakes fill %.3g %s in effect, the data %.3g", effective, what, whole)
	}
	kl := 0.0
	for c, v := range p {
		if v > 0 && fair[c] > 0 {
			kl += v * math.Log(v/fair[c])
		}
	}
	floor := float64(len(counts)-1) / (2 * float64(inside))
	j.read(what+"_kl", kl, floor)
	if lostMass < j.t.LostMass && kl > j.t.KL+2*floor {
		j.find(Imbalanced, what+"_kl", kl, floor, j.t.KL+2*floor, "shares of %s diverge by %.3g nats, a perfect generator by %.2g", what, kl, floor)
	}
}

// some lists at most eight names.
func some(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
