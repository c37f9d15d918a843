package reports

import (
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// The verdicts on a claim.
const (
	Holds       = "holds"
	DoesNotHold = "does not hold"
	CannotTell  = "cannot tell"
)

// claimAlpha is the level at which claims are decided.
const claimAlpha = .05

// ClaimVerdict is what the runs say about a claim.
type ClaimVerdict struct {
	Claim Claim       `json:"claim"`
	Word  string      `json:"verdict"`       // Holds, DoesNotHold or CannotTell
	Why   string      `json:"why,omitempty"` // of CannotTell
	P     *float64    `json:"p,omitempty"`   // of a claim that a rank test decides: Holm-adjusted over all claims of the suite
	Parts []ClaimPart `json:"parts"`
}

// ClaimPart is one of the comparisons that a claim is made of.
type ClaimPart struct {
	Dataset string `json:"dataset"`
	Model   string `json:"model"`
	Than    string `json:"than,omitempty"`
	Runs    int    `json:"runs"`
	Others  int    `json:"others,omitempty"` // runs of Than
	Value   Float  `json:"value"`            // median; of a ratio the ratio; of "every" the share of the runs that keep the bound
	Other   Float  `json:"other"`            // median of Than
	Lo      Float  `json:"lo"`               // of a ratio, its 95 % bootstrap interval
	Hi      Float  `json:"hi"`
	P       Float  `json:"p"`       // of a rank test, as it is
	Word    string `json:"verdict"` // of this part alone
	Why     string `json:"why,omitempty"`
}

// JudgeClaims decides claims by the summaries of a run (see Summarise), at 0.05. Failed runs count as the worst value there is.
//
// lower, higher: each model is compared with each of Than on each data set by the exact one-sided Mann-Whitney test [mann1947]. The claim is that all are (or a Share):
// its p-value is (n-u+1) times the u-th least of the n, u = ceil(Share n), which is the greatest where all must be [benjamini2008].
//
// unbeaten: a model is consistently better than Than when it is better on every data set: its p-value is the greatest over them, and that of "some model is" the least over
// models times their number. The claim does not hold when that is significant, and holds when it is not although the seeds could have shown it.
//
// These p-values are adjusted by Holm over all claims of the suite that have one. Where the least p-value that so many seeds can give would not be significant, the verdict is
// CannotTell. "lower does not hold" means that it was not shown with seeds enough to show it, not that the opposite was.
//
// every: a count, decided by the runs there are.
//
// similar, spread, best-of: a ratio keeps its bound when the whole of its 95 % bootstrap interval does, breaks it when none of it does; between the two, or with fewer than
// five runs, it is CannotTell. Share is of the models on each data set for similar, else of all pairs of a model and a data set.
func JudgeClaims(sums []Summary, claims []Claim) []ClaimVerdict {
	j := judged{sums: sums}
	out := make([]ClaimVerdict, len(claims))
	var p, least []float64
	var tested []int
	for i, c := range claims {
		v := &out[i]
		v.Claim = c
		switch c.Test {
		case ClaimLower, ClaimHigher, ClaimUnbeaten:
			j.compare(v)
			claimP, leastP := combined(*v)
			if v.Word == "" {
				p, least, tested = append(p, claimP), append(least, leastP), append(tested, i)
			}
		case ClaimEvery:
			j.every(v)
		default:
			j.ratios(v)
		}
	}
	for k, adjusted := range stats.Holm(p) {
		v := &out[tested[k]]
		v.P = &adjusted
		v.Word = map[bool]string{true: Holds, false: DoesNotHold}[(adjusted < claimAlpha) == (v.Claim.Test != ClaimUnbeaten)]
		if adjusted >= claimAlpha && least[k]*float64(len(p)) >= claimAlpha {
			v.Word, v.Why = CannotTell, "too few seeds: no outcome of theirs could be significant"
		}
	}
	return out
}

// judged finds the runs that claims are about.
type judged struct{ sums []Summary }

// runs are a model's values of a role on a data set, failures as the worst, with the side that is better. Settings under one name are taken together.
func (j judged) runs(c Claim, model, dataset, role string) (values []float64, side string) {
	var have []Measure
	for _, s := range j.sums {
		if s.Dataset == dataset && s.Measure.Metric == c.Metric && (c.Featurizer == "" || s.Measure.Featurizer == c.Featurizer) && !slices.Contains(have, s.Measure) {
			have = append(have, s.Measure)
		}
	}
	one := OneWay(have)
	for _, s := range j.sums {
		if len(one) == 1 && s.Measure == one[0] && s.Dataset == dataset && s.Model == model && s.Role == role {
			values, side = append(values, s.Ranked()...), s.Better
		}
	}
	return values, side
}

func (c Claim) against() string {
	if c.Against != "" {
		return c.Against
	}
	return c.Of
}

// compare makes the parts of a claim that a rank test decides. It gives the verdict itself only where there is nothing to test.
func (j judged) compare(v *ClaimVerdict) {
	c := v.Claim
	for _, dataset := range c.Datasets {
		for _, a := range c.sides(c.Models) {
			others := c.sides(c.Than)
			if len(c.Than) == 0 { // with itself, in other runs
				others = [][]string{a}
			}
			for _, b := range others {
				if slices.Equal(a, b) && c.against() == c.Of {
					continue
				}
				x, side := j.pooled(c, a, dataset, c.Of)
				y, _ := j.pooled(c, b, dataset, c.against())
				part := ClaimPart{Dataset: dataset, Model: listed(a), Than: listed(b), Runs: len(x), Others: len(y), Value: Float(stats.Median(x)), Other: Float(stats.Median(y))}
				if len(x) == 0 || len(y) == 0 {
					part.Word, part.Why = CannotTell, "no runs"
					v.Word, v.Why = CannotTell, dataset+": "+part.Model+" or "+part.Than+" has no runs"
				} else {
					part.P = Float(stats.MannWhitney(x, y, c.alternative(side)).P)
					part.Word = map[bool]string{true: Holds, false: DoesNotHold}[(float64(part.P) < claimAlpha) == (c.Test != ClaimUnbeaten)]
				}
				v.Parts = append(v.Parts, part)
			}
		}
	}
	if len(v.Parts) == 0 {
		v.Word, v.Why = CannotTell, "no two models to compare"
	}
}

// sides are the models one by one or, for a pooled claim, together.
func (c Claim) sides(models []string) [][]string {
	if c.Pool {
		return [][]string{models}
	}
	var out [][]string
	for _, m := range models {
		out = append(out, []string{m})
	}
	return out
}

func (j judged) pooled(c Claim, models []string, dataset, role string) (values []float64, side string) {
	for _, m := range models {
		v, s := j.runs(c, m, dataset, role)
		if values = append(values, v...); s != "" {
			side = s
		}
	}
	return values, side
}

func (c Claim) alternative(side string) stats.Alternative {
	if c.Test == ClaimLower || c.Test == ClaimUnbeaten && side == Lower {
		return stats.Less
	}
	return stats.Greater
}

// combined returns the p-value of a compared claim and the least one that so many runs can give.
func combined(v ClaimVerdict) (p, least float64) {
	if v.Claim.Test != ClaimUnbeaten {
		var ps, ls []float64
		for _, q := range v.Parts {
			ps, ls = append(ps, float64(q.P)), append(ls, stats.SmallestP(q.Runs, q.Others))
		}
		return partial(ps, v.Claim.Share), partial(ls, v.Claim.Share)
	}
	worst, lowest := map[string]float64{}, map[string]float64{}
	for _, q := range v.Parts {
		worst[q.Model] = max(worst[q.Model], float64(q.P))
		lowest[q.Model] = max(lowest[q.Model], stats.SmallestP(q.Runs, q.Others))
	}
	p, least = 1, 1
	for m := range worst {
		p, least = min(p, worst[m]*float64(len(worst))), min(least, lowest[m]*float64(len(worst)))
	}
	return p, least
}

// partial is the p-value of "at least a share of these hold".
func partial(p []float64, share float64) float64 {
	if len(p) == 0 {
		return 1
	}
	p = slices.Clone(p)
	slices.Sort(p)
	u := needed(share, len(p))
	return min(1, float64(len(p)-u+1)*p[u-1])
}

// needed is how many of n a share is; at least one.
func needed(share float64, n int) int {
	return max(1, int(math.Ceil(share*float64(n)-1e-9)))
}

func (j judged) every(v *ClaimVerdict) {
	c := v.Claim
	v.Word = Holds
	for _, dataset := range c.Datasets {
		for _, m := range c.Models {
			x, _ := j.runs(c, m, dataset, c.Of)
			part := ClaimPart{Dataset: dataset, Model: m, Runs: len(x), Word: CannotTell, Why: "no runs", Value: Float(math.NaN())}
			if len(x) > 0 {
				kept := 0
				for _, value := range x {
					if c.keeps(value) {
						kept++
					}
				}
				part.Value, part.Why = Float(float64(kept)/float64(len(x))), ""
				part.Word = map[bool]string{true: Holds, false: DoesNotHold}[kept >= needed(c.Share, len(x))]
			}
			switch {
			case part.Word == DoesNotHold:
				v.Word, v.Why = DoesNotHold, ""
			case part.Word == CannotTell && v.Word == Holds:
				v.Word, v.Why = CannotTell, dataset+": "+m+" has no runs"
			}
			v.Parts = append(v.Parts, part)
		}
	}
}
