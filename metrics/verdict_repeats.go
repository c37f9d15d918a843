package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/numeric"
)

// repeats looks for equal fakes. How often rows repeat one another grows with their number: both sides are read at the same one.
func (j *judge) repeats(p Pair) error {
	n, largest, err := Duplicates{}.repeats(j.ctx, p.Fake)
	if err != nil {
		return err
	}
	share, base := float64(n)/float64(rows(p.Fake)), 0.0
	if p.Real != nil {
		m := 0
		if m, _, err = (Duplicates{}).repeats(j.ctx, p.Real); err != nil {
			return err
		}
		base = float64(m) / float64(rows(p.Real))
	}
	j.read("duplicates", share, base)
	if share-base >= j.t.Repeats {
		j.find(Collapsed, "duplicates", share, base, base+j.t.Repeats, "%d of %d fakes repeat an earlier one (%v of the data do); the most frequent appears %d times",
			n, rows(p.Fake), fraction(base), largest)
		return nil
	}
	if p.Real == nil {
		return nil
	}
	equal := min(rows(p.Fake), rows(p.Real))
	fakes, _, err := Duplicates{}.repeats(j.ctx, choose(p.Fake, equal, p.Seed, "fake"))
	if err != nil {
		return err
	}
	reals, _, err := Duplicates{}.repeats(j.ctx, choose(p.Real, equal, p.Seed, "held"))
	if err != nil {
		return err
	}
	j.sees(Repeated, "repeats of its own samples", leastExcess(reals, equal, equal, j.t.Alpha, j.t.Again), "of the fakes")
	if float64(fakes-reals) >= j.t.Again*float64(equal) && moreOften(fakes, equal, reals, equal) < j.t.Alpha {
		j.find(Repeated, "duplicates", share, base, base+j.t.Again, "%d of %d fakes repeat an earlier one, %d of as many real samples do; the most frequent appears %d times",
			fakes, equal, reals, largest)
	}
	return nil
}

// moreOften is the probability that of a + b hits among n + m trials at least a fall to the first n where both have one rate: Fisher's exact test, one-sided
// [fisher1922].
func moreOften(a, n, b, m int) float64 {
	hits := a + b
	p := 0.
	for k := a; k <= min(hits, n); k++ {
		term := math.Exp(numeric.LogChoose(n, k) + numeric.LogChoose(m, hits-k) - numeric.LogChoose(n+m, hits))
		if p += term; term < 1e-17*p {
			break
		}
	}
	return min(1, p)
}

// power is the probability with which what is seen must be found: Visible.Least is for it.
const power = .95

// leastExcess is the least share of n fakes that a fault must take to be found with probability power by moreOften at level alpha and a surplus of at least
// effect, where b of m real rows show the same without it.
func leastExcess(b, n, m int, alpha, effect float64) float64 {
	base := float64(b) / float64(m)
	lo, hi := int(math.Ceil((base+effect)*float64(n))), n
	if lo > n || moreOften(n, n, b, m) >= alpha {
		return 1
	}
	for lo < hi { // the least count that is enough
		if mid := (lo + hi) / 2; moreOften(mid, n, b, m) < alpha {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo == 0 {
		return 0
	}
	// P(at least lo of n) = power at this rate.
	rate := distuv.Beta{Alpha: float64(lo), Beta: float64(n - lo + 1)}.Quantile(power)
	return clip01((rate - base) / (1 - base))
}
