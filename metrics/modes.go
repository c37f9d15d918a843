package metrics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/numeric"
)

// Modes returns the statistics of points against K known modes of standard deviation sigma [srivastava2017, lin2018]. A fake is of high quality if it
// lies nearer than Radius sigma to its nearest mode.
//
//	modes        modes with at least one high-quality fake
//	modes_share  modes with at least Share of their fair share N/K in high-quality fakes: unlike modes it sees imbalance
//	hq           share of high-quality fakes; a perfect 2-D sampler at 3 sigma has 1 - exp(-4.5) = .989, not 1
//	modes_kl     KL(p || uniform) in nats, p the high-quality fakes over modes; a perfect sampler has about (K-1)/2N
//	modes_jsd    Jensen-Shannon divergence of p and uniform, in nats
//	modes_spread root mean square deviation of fakes from their own mode's mean, per coordinate, over sigma; 1 is right, 0 a point, 2 blurred
//	modes_median the same from the median distance to the mode's centre, deaf to a few strays
//
// hq has Wilson's interval, modes_kl a jackknife, modes_spread the normal one of a standard deviation.
type Modes struct{ Radius, Share float64 }

func (m *Modes) settings() settings {
	return settings{
		floatSetting("radius", &m.Radius, 3, 0.1, 100, "a high-quality fake is within this many sigma"),
		floatSetting("share", &m.Share, 1./3, 0, 1, "part of the fair share that counts as captured in modes_share"),
	}
}

var _ Metric = Modes{}

// With returns a copy with one option changed.
func (m Modes) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Modes) Info() Info {
	return Info{ID: "modes", Domain: anywhere(0), Title: "modes captured", Better: Higher, Ideal: math.Inf(1), Lo: 0, Hi: math.Inf(1),
		Values: []string{"modes", "modes_share", "hq", "modes_kl", "modes_jsd", "modes_spread", "modes_median"},
		Needs:  []Need{NeedModes}, Paper: "lin2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Modes) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	s := m.stats(p.Fake, p.Modes, p.Sigma)
	k, n := rows(p.Modes), rows(p.Fake)
	r := newResult(m.settings(), value("modes", float64(s.seen(1)), Higher).in("modes").
		withinOr(nil, "a count over these samples; of modes that get less than a share of %.2g, one in twenty or more is missed", -math.Log(.05)/float64(n)),
		value("modes_share", float64(s.seen(m.Share*float64(n)/float64(k))), Higher).in("modes").withinOr(nil, "a count of modes above a threshold; modes_kl has one"),
		share("hq", s.good, n, Higher))
	r.convention("K", "%d", k)
	if s.good > 0 {
		kl := reverseKL(s.counts, -1)
		r.Values = append(r.Values, value("modes_kl", kl, Lower).in("nats").withinOr(s.jackknife(kl, reverseKL), "fewer than 3 fakes near modes"),
			s.jsdValue(k))
		r.convention("kl floor", "%.4g", float64(k-1)/(2*float64(s.good)))
	} else {
		r.degenerate("no fake is within %g sigma of a mode: modes_kl and modes_jsd are not defined", m.Radius)
	}
	if s.dof > 0 {
		half := math.Inf(1)
		if s.dof > 1 {
			half = s.spread / math.Sqrt(2*s.dof)
		}
		r.Values = append(r.Values, value("modes_spread", s.spread, Near).in("sigma").
			withinOr(around(s.spread, half, 0, math.Inf(1), "normal"), "one degree of freedom"))
	}
	r.Values = append(r.Values, value("modes_median", s.median, Near).in("sigma").withinOr(s.middle, "fewer than 6 fakes"))
	if n < 50*k {
		r.note("%d fakes for %d modes: a perfect generator misses modes and raises modes_kl at this size; draw at least %d", n, k, 50*k)
	}
	if d := closestModes(p.Modes); d < 2*m.Radius*p.Sigma {
		r.warn("the nearest two modes are %.3g apart, less than twice the radius of %.3g: their fakes cannot be told apart; lower modes.radius", d, m.Radius*p.Sigma)
	}
	return r, nil
}

type modeStats struct {
	counts []int // high-quality fakes of each mode
	near   []int // fakes of any quality whose nearest mode it is
	good   int
	spread float64 // over sigma
	dof    float64 // numbers behind it
	median float64 // over sigma
	middle *Interval
}

func (m Modes) stats(x, modes *mat.Dense, sigma float64) modeStats {
	k, d := modes.Dims()
	n := rows(x)
	s := modeStats{counts: make([]int, k), near: make([]int, k)}
	at, dist := make([]int, n), make([]float64, n)
	mean, members := mat.NewDense(k, d, nil), make([]float64, k)
	limit := m.Radius * sigma
	for i := range n {
		row := x.RawRowView(i)
		best := math.Inf(1)
		for c := range k {
			if v := numeric.SqDist(row, modes.RawRowView(c)); v < best {
				best, at[i] = v, c
			}
		}
		dist[i] = math.Sqrt(best)
		if dist[i] < limit {
			s.counts[at[i]]++
			s.good++
		}
		members[at[i]]++
		s.near[at[i]]++
		dst := mean.RawRowView(at[i])
		for l, v := range row {
			dst[l] += v
		}
	}
	for c := range k {
		dst := mean.RawRowView(c)
		for l := range dst {
			dst[l] /= max(1, members[c])
		}
		s.dof += max(0, members[c]-1) * float64(d)
	}
	sum := 0.0
	for i := range n {
		sum += numeric.SqDist(x.RawRowView(i), mean.RawRowView(at[i]))
	}
	if s.dof > 0 {
		s.spread = math.Sqrt(sum/s.dof) / sigma
	}
	slices.Sort(dist)
	unit := sigma * math.Sqrt(distuv.ChiSquared{K: float64(d)}.Quantile(.5))
	s.median = quantile(dist, .5) / unit
	s.middle = medianInterval(dist, unit, "order statistics")
	return s
}

func (s modeStats) seen(least float64) int {
	k := 0
	for _, c := range s.counts {
		if c > 0 && float64(c) >= least {
			k++
		}
	}
	return k
}

// jsdValue is the Jensen-Shannon divergence of the counts from equal shares.
func (s modeStats) jsdValue(k int) Value {
	at := func(counts []int, without int) float64 {
		c := slices.Clone(counts)
		if without >= 0 {
			c[without]--
		}
		return jsd(shares(c), uniform(k))
	}
	v := at(s.counts, -1)
	return value("modes_jsd", v, Lower).in("nats").withinOr(s.jackknife(v, at), "fewer than 3 fakes near modes")
}

// jackknife is the interval of a function of the counts with one sample less in a bin.
func (s modeStats) jackknife(v float64, f func(counts []int, without int) float64) *Interval {
	if s.good < 3 {
		return nil
	}
	return around(v, math.Sqrt(countVariance(s.counts, f)), 0, math.Inf(1), "jackknife")
}

// reverseKL is KL(p || uniform) = ln K - H(p) of counts, with one sample less in bin without (-1: none).
func reverseKL(counts []int, without int) float64 {
	n := 0.0
	for c, k := range counts {
		n += float64(k)
		if c == without {
			n--
		}
	}
	h := 0.0
	for c, k := range counts {
		v := float64(k)
		if c == without {
			v--
		}
		if v > 0 {
			h -= v / n * math.Log(v/n)
		}
	}
	return max(0, math.Log(float64(len(counts)))-h)
}

func closestModes(modes *mat.Dense) float64 {
	best := math.Inf(1)
	for i := range rows(modes) {
		for j := range i {
			best = min(best, numeric.SqDist(modes.RawRowView(i), modes.RawRowView(j)))
		}
	}
	return math.Sqrt(best)
}
