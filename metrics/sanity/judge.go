package sanity

import (
	"slices"

	"github.com/assay-gan/assay/metrics"
)

// Finding is what one criterion says of one curve.
type Finding struct {
	Check     string  `json:"check"`
	Scenario  string  `json:"scenario,omitempty"`
	Group     string  `json:"group"`
	Criterion string  `json:"criterion"`
	Outcome   Outcome `json:"outcome"`
}

// Judge applies the criteria of its check to a curve, in the order of the published tables; those that do not concern its face are left out.
//
// On the unit scale the limits are the published ones: .05 from 0 and from 1, .2 between what is to differ, .1 at the edges of a shape, .05 for a line. Elsewhere the ends come
// from real against real: close to 1 is a mean that metrics.Null does not tell from it, close to 0 one that is seen to be worse, and the shapes are judged on
//
//	1 - (badness - badness of real against real)/(the greatest of the curve - the same)
//
// A value of Both must fall wherever fidelity or diversity must. A value of Novelty has one criterion a scenario: at no point is it seen on the side that means copies.
func Judge(c Curve) []Finding {
	check, ok := find(c.Check)
	if !ok {
		return nil
	}
	if c.Face == Novelty {
		return []Finding{{c.Check, c.Scenario, Copies, "no copies claimed", noCopies(c)}}
	}
	var out []Finding
	v := viewOf(c)
	for _, k := range check.criteria {
		if t := k.want(c); t != nil {
			o := NoValue
			if c.judged() {
				o = t(v)
			}
			out = append(out, Finding{c.Check, c.Scenario, k.group, k.name, o})
		}
	}
	return out
}

// judged says whether there is something to judge: points, and real against real where the limits come from it.
func (c Curve) judged() bool { return len(c.Mean) > 0 && (c.Unit || c.Null.N > 0) }

// noCopies says whether a memorisation value stays clear of the side that means copies: below the ideal where it is best near one.
func noCopies(c Curve) Outcome {
	if len(c.Mean) < c.Asked || !c.judged() {
		return NoValue
	}
	better := c.Better
	if better == metrics.Near {
		better = metrics.Higher
	}
	return passes(!slices.ContainsFunc(c.Mean, func(m float64) bool { return c.Null.Sight(better, c.Ideal, m) == metrics.Sees }))
}

func find(id string) (Check, bool) {
	all := Checks()
	i := slices.IndexFunc(all, func(c Check) bool { return c.ID == id })
	if i < 0 {
		return Check{}, false
	}
	return all[i], true
}

// Verdict is a row of the published summary: one group of one check, over all its scenarios and criteria.
type Verdict struct {
	Check   string  `json:"check"`
	Group   string  `json:"group"`
	Outcome Outcome `json:"outcome"`
	Met     int     `json:"met"` // criteria
	Of      int     `json:"of"`
}

// Summarise makes the verdicts of one value from its findings, in the order of the checks: a row passes where all its criteria pass. A diversity value that is high in one place
// and low in another fails the row.
func Summarise(findings []Finding) []Verdict {
	var out []Verdict
	for _, f := range findings {
		i := slices.IndexFunc(out, func(v Verdict) bool { return v.Check == f.Check && v.Group == f.Group })
		if i < 0 {
			out, i = append(out, Verdict{Check: f.Check, Group: f.Group, Outcome: Pass}), len(out)
		}
		v := &out[i]
		if v.Of++; f.Outcome == Pass || f.Outcome == High || f.Outcome == Low {
			v.Met++
		}
		v.Outcome = v.Outcome.and(f.Outcome)
	}
	return out
}

// and joins the outcomes of a row.
func (o Outcome) and(p Outcome) Outcome {
	switch {
	case o == NoValue || p == NoValue:
		return NoValue
	case o == Fail || p == Fail || o == High && p == Low || o == Low && p == High:
		return Fail
	case p == High || p == Low:
		return p
	}
	return o
}
