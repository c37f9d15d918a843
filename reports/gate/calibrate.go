package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// Simulation says how many nights are simulated. Zeros mean 500 nights, 100 stored baselines and 200 nights a point of the power curve.
type Simulation struct {
	Runs        int // candidate runs a night; 0: as many as the baseline has
	Nights      int
	Baselines   int
	PowerNights int
	Worse       []float64 // points of the power curve; nil: 0.05, 0.1, 0.2, 0.5 and 1
}

// worstOf is how many of the unluckiest stored baselines are simulated again, each for worstNights: the greatest of many short simulations would be their own
// noise.
const (
	worstOf     = 10
	worstNights = 2000
)

// Calibrate simulates nights of the gate with this baseline and these options. The runs of both sides are drawn, with replacement, from the baseline's: what
// happens when nothing changed but the luck of the seeds, which have the numbers of the baseline's but values of their own (the hard case: unchanged seeds are
// equal to the bit). Ties that only the drawing makes are broken. Alarms draws baseline and candidate anew each night; AlarmsWorst keeps each of many drawn
// baselines and reports the unluckiest. Power keeps the baseline as it is and worsens one check at a time.
func Calibrate(b *Baseline, o Options, s Simulation) (*Calibration, error) {
	o, err := o.defaults()
	if err != nil {
		return nil, err
	}
	pairs, err := match(b, b.Records, o)
	if err != nil {
		return nil, err
	}
	sim := newSimulator(pairs, o, s)
	s = sim.Simulation
	c := &Calibration{Nights: s.Nights, Runs: s.Runs, Baselines: s.Baselines}
	sim.unchanged(c)
	c.AlarmsWorst = sim.worstBaseline()
	for _, w := range s.Worse {
		c.Power = append(c.Power, sim.power(w))
	}
	return c, nil
}

// Text says in plain lines what the simulated nights found.
func (c *Calibration) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d simulated nights of %d runs on which nothing changed:\n", c.Nights, c.Runs)
	fmt.Fprintf(&b, "  false alarms              %s of nights\n", percent(c.Alarms))
	fmt.Fprintf(&b, "  with the worst baseline   %s of nights (of %d drawn)\n", percent(c.AlarmsWorst), c.Baselines)
	fmt.Fprintf(&b, "  inconclusive              %s of nights\n", percent(c.Inconclusive))
	fmt.Fprintf(&b, "  naive rule                %s of nights (one run, 5 %% above the best stored)\n", percent(c.Naive))
	b.WriteString("one check worse by      found: seeds afresh   (hardest check)   same seeds\n")
	for _, p := range c.Power {
		fmt.Fprintf(&b, "  %-20s  %18s  %16s  %11s\n", percent(p.Worse), percent(p.Fresh), percent(p.Least), percent(p.Paired))
	}
	return b.String()
}

func percent(v float64) string { return fmt.Sprintf("%.3g %%", 100*v) }

// simulator holds the runs that nights are drawn from.
type simulator struct {
	Simulation
	o      Options
	groups []simGroup
}

// simGroup is one model on one data set: its runs, and of each gated measure their values.
type simGroup struct {
	failed  []bool
	samples []*sample
	values  [][]float64 // by sample, then run
	jitter  []float64   // by sample; 0 where the baseline itself has ties
}

func newSimulator(pairs []*matched, o Options, s Simulation) *simulator {
	sim := &simulator{Simulation: s, o: o}
	sim.Nights, sim.Baselines, sim.PowerNights = cmp.Or(s.Nights, 500), cmp.Or(s.Baselines, 100), cmp.Or(s.PowerNights, 200)
	if sim.Worse == nil {
		sim.Worse = []float64{.05, .1, .2, .5, 1}
	}
	least := 0
	for _, m := range pairs {
		g := simGroup{}
		for _, r := range m.base.seeds() {
			g.failed = append(g.failed, r.failed)
		}
		for _, x := range m.samples {
			if len(x.base) != len(g.failed) { // a run ended without this value: nothing to draw for it
				continue
			}
			g.samples, g.values = append(g.samples, x), append(g.values, x.base)
			g.jitter = append(g.jitter, tieBreak(x.base))
		}
		if least == 0 || len(g.failed) < least {
			least = len(g.failed)
		}
		sim.groups = append(sim.groups, g)
	}
	sim.Runs = cmp.Or(s.Runs, least)
	return sim
}

// seeds returns the group's cells in the order of runsOf.
func (g group) seeds() []run {
	var out []run
	failed := failures(g)
	for seed, f := range failed {
		out = append(out, run{seed: seed, failed: f})
	}
	slices.SortFunc(out, func(a, b run) int { return cmp.Compare(a.seed, b.seed) })
	return out
}

// tieBreak is a width far below the noise, 0 where the values have ties of their own.
func tieBreak(v []float64) float64 {
	seen := slices.Clone(v)
	slices.Sort(seen)
	seen = slices.DeleteFunc(seen, func(x float64) bool { return math.IsInf(x, 0) })
	if n := len(seen); n < 2 || len(slices.Compact(slices.Clone(seen))) < n {
		return 0
	}
	return 1e-9 * (seen[len(seen)-1] - seen[0])
}

// draw is the runs of one side of one group.
type draw struct {
	failed int
	values [][]float64 // by sample
}

func (g *simGroup) draw(s *rng.Source, n int) draw {
	d := draw{values: make([][]float64, len(g.samples))}
	for range n {
		at := s.IntN(len(g.failed))
		if g.failed[at] {
			d.failed++
		}
		for i, v := range g.values {
			d.values[i] = append(d.values[i], v[at]+g.jitter[i]*s.Float64())
		}
	}
	return d
}

// whole is the baseline as it is.
func (g *simGroup) whole() draw {
	d := draw{values: g.values}
	for _, f := range g.failed {
		if f {
			d.failed++
		}
	}
	return d
}

func (sim *simulator) drawAll(s *rng.Source, n func(*simGroup) int) []draw {
	out := make([]draw, len(sim.groups))
	for i := range sim.groups {
		out[i] = sim.groups[i].draw(s, n(&sim.groups[i]))
	}
	return out
}

func (sim *simulator) stored(s *rng.Source) []draw {
	return sim.drawAll(s, func(g *simGroup) int { return len(g.failed) })
}

func (sim *simulator) candidate(s *rng.Source) []draw {
	return sim.drawAll(s, func(*simGroup) int { return sim.Runs })
}

// night decides one night as Decide does: status of the worst check of all.
func (sim *simulator) night(base, cand []draw) Status {
	var samples []*sample
	var fails []*Check
	for i := range sim.groups {
		g := &sim.groups[i]
		for j, like := range g.samples {
			samples = append(samples, like.again(base[i].values[j], cand[i].values[j], sim.Runs))
		}
		fails = append(fails, &Check{Family: Failures, N: sim.Runs, NBase: len(g.failed), Failed: cand[i].failed, FailBase: base[i].failed, Scale: Rate})
	}
	judge(samples, sim.o)
	judgeFailures(fails, sim.o)
	v := Verdict{}
	for _, s := range samples {
		v.Checks = append(v.Checks, s.Check)
	}
	for _, c := range fails {
		v.Checks = append(v.Checks, *c)
	}
	v.Count()
	return v.Status
}

// again is the sample with other values, as many as fit paired by their place.
func (s *sample) again(base, cand []float64, runs int) *sample {
	n := &sample{Check: Check{Model: s.Model, Dataset: s.Dataset, Measure: s.Measure, Family: Values}, scale: s.scale, base: base, cand: cand, asked: s.asked, rule: s.rule, quick: true}
	for i := range min(runs, len(base)) {
		n.pairs = append(n.pairs, pair{i, i})
		if cand[i] == base[i] && !math.IsInf(cand[i], 0) {
			n.Equal++
		}
	}
	return n
}

// unchanged simulates nights on which nothing changed, with a baseline of their own each.
func (sim *simulator) unchanged(c *Calibration) {
	s := rng.Stream(sim.o.Seed, "gate", "calibrate", "unchanged")
	alarms, open, naive := 0, 0, 0
	for range sim.Nights {
		base, cand := sim.stored(s), sim.candidate(s)
		switch sim.night(base, cand) {
		case Regression:
			alarms++
		case Inconclusive:
			open++
		default: // a night like any other
		}
		if sim.naive(base, cand) {
			naive++
		}
	}
	n := float64(sim.Nights)
	c.Alarms, c.Inconclusive, c.Naive = float64(alarms)/n, float64(open)/n, float64(naive)/n
}

// naive is the rule of most hand-written gates: one new run, more than 5 % worse than the best stored one.
func (sim *simulator) naive(base, cand []draw) bool {
	for i := range sim.groups {
		for j, s := range sim.groups[i].samples {
			limit := s.scale.shift(.05)
			if s.scale.name == Spread {
				limit = 0
			}
			if cand[i].values[j][0] > slices.Min(base[i].values[j])+limit {
				return true
			}
		}
	}
	return false
}

// worstBaseline is the alarm rate with the unluckiest of the stored baselines.
func (sim *simulator) worstBaseline() float64 {
	type kept struct {
		base []draw
		rate float64
	}
	rate := func(s *rng.Source, base []draw, nights int) float64 {
		alarms := 0
		for range nights {
			if sim.night(base, sim.candidate(s)) == Regression {
				alarms++
			}
		}
		return float64(alarms) / float64(nights)
	}
	var all []kept
	for i := range sim.Baselines {
		s := rng.Stream(sim.o.Seed, "gate", "calibrate", "baseline", reports.Number(float64(i)))
		base := sim.stored(s)
		all = append(all, kept{base, rate(s, base, sim.Nights)})
	}
	slices.SortStableFunc(all, func(a, b kept) int { return cmp.Compare(b.rate, a.rate) })
	worst := 0.0
	for i := range min(worstOf, len(all)) {
		s := rng.Stream(sim.o.Seed, "gate", "calibrate", "worst", reports.Number(float64(i)))
		worst = max(worst, rate(s, all[i].base, worstNights))
	}
	return worst
}

// power worsens one check at a time and counts how often any check is a regression.
func (sim *simulator) power(worse float64) PowerPoint {
	p := PowerPoint{Worse: worse, Least: 1}
	base := make([]draw, len(sim.groups))
	for i := range sim.groups {
		base[i] = sim.groups[i].whole()
	}
	checks := 0.0
	for i := range sim.groups {
		for j, like := range sim.groups[i].samples {
			s := rng.Stream(sim.o.Seed, "gate", "calibrate", "power", like.Model, like.Dataset, like.Measure.Metric, reports.Number(worse))
			shift, found := like.scale.shift(worse), 0
			for range sim.PowerNights {
				cand := sim.candidate(s)
				cand[i].values[j] = moved(cand[i].values[j], shift)
				if sim.night(base, cand) == Regression {
					found++
				}
			}
			share := float64(found) / float64(sim.PowerNights)
			p.Fresh, p.Least, checks = p.Fresh+share, min(p.Least, share), checks+1
			if sim.pairedNight(base, i, j, shift) == Regression {
				p.Paired++
			}
		}
	}
	p.Fresh, p.Paired = p.Fresh/checks, p.Paired/checks
	return p
}

// pairedNight worsens one check of the baseline's own runs and leaves the others equal to the bit.
func (sim *simulator) pairedNight(base []draw, group, sample int, shift float64) Status {
	cand := make([]draw, len(base))
	for i, b := range base {
		runs := min(sim.Runs, len(sim.groups[i].failed))
		for _, failed := range sim.groups[i].failed[:runs] {
			if failed {
				cand[i].failed++
			}
		}
		for j, v := range b.values {
			if v = v[:runs]; i == group && j == sample {
				v = moved(v, shift)
			}
			cand[i].values = append(cand[i].values, v)
		}
	}
	return sim.night(base, cand)
}
