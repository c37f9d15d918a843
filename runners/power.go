package runners

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// powerLevel and powerShare are what the power of a plan is stated for: the level of one test and the share of studies that see the difference.
const (
	powerLevel = .05
	powerShare = .8
)

// Power is what the runs of a plan can decide: the smallest difference between two models that the one-sided exact rank test shows at Level in 80 % of all studies.
type Power struct {
	Seeds int     `json:"seeds"` // runs a side
	Level float64 `json:"level"` // of one test: 0.05 over the suite's claims that a rank test decides, for Holm's first step
	Shift float64 `json:"shift"` // in standard deviations of the seeds, were they normal; 0 where no difference can be shown

	Spread []SpreadPower `json:"spread,omitempty"` // with the spread of an earlier record
}

// SpreadPower is Power with the runs of an earlier record for the spread.
type SpreadPower struct {
	Model   string  `json:"model"`
	Dataset string  `json:"dataset"`
	Metric  string  `json:"metric"`
	Runs    int     `json:"runs"`
	Median  float64 `json:"median"`
	Shift   float64 `json:"shift"` // smallest difference, as a share of the median; 0 where no difference can be shown
}

// Power says what the plan can decide. earlier are records with runs of the same models on the same data sets under several seeds, of which the spread is taken; there may be none.
func (p *Plan) Power(earlier []reports.Record) Power {
	w := Power{Seeds: p.compared(), Level: powerLevel / float64(max(1, p.rankClaims()))}
	w.Shift = zeroInf(stats.DetectableNormal(rng.Stream(1, "power"), w.Seeds, w.Seeds, w.Level, powerShare))
	metric := p.decides()
	for _, s := range reports.Summarise(earlier, 0) {
		if s.Measure.Metric != metric || s.Reference() || s.Searching || s.Role == Defaults || s.N() < 3 || !p.has(s) || s.Median == 0 || math.IsInf(s.Median, 0) {
			continue
		}
		base := s.Ranked()
		if s.Better == reports.Higher {
			for i := range base {
				base[i] = -base[i]
			}
		}
		shift := stats.DetectableShift(rng.Stream(1, "power", s.Row, s.Dataset), base, w.Seeds, w.Level, powerShare)
		w.Spread = append(w.Spread, SpreadPower{s.Row, s.Dataset, metric, s.N(), s.Median, zeroInf(shift / math.Abs(s.Median))})
	}
	return w
}

func zeroInf(v float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	return v
}

// compared is how many runs a side a comparison of two models has.
func (p *Plan) compared() int {
	most := 0
	for _, t := range p.tracks {
		if most = max(most, len(t.fresh)); t.rerun == nil {
			most = max(most, len(t.seeds))
		}
	}
	if len(p.tracks) > 0 {
		return most
	}
	seeds := map[pairKey]int{}
	for _, c := range p.Cells {
		if !reports.IsReference(c.Label) {
			seeds[pairKey{c.Label, c.Dataset}]++
			most = max(most, seeds[pairKey{c.Label, c.Dataset}])
		}
	}
	return most
}

// rankClaims is over how many claims Holm adjusts.
func (p *Plan) rankClaims() (n int) {
	for _, c := range p.Claims {
		if c.Test == reports.ClaimLower || c.Test == reports.ClaimHigher || c.Test == reports.ClaimUnbeaten {
			n++
		}
	}
	return n
}

// decides is the value that models are compared by: what a study chooses by, else the headline of a report.
func (p *Plan) decides() string {
	for _, t := range p.tracks {
		return t.choice.Measure
	}
	var have []reports.Measure
	for _, c := range p.Cells {
		for _, m := range c.Metrics {
			for _, v := range shownValues(c, m) {
				have = append(have, reports.Measure{Metric: v})
			}
		}
	}
	names := reports.HeadlineMetrics(have)
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// has says whether a row of an earlier record is of a model and a data set of the plan.
func (p *Plan) has(s reports.Summary) bool {
	return slices.ContainsFunc(p.Cells, func(c Cell) bool {
		return c.Label == s.Model && c.Dataset == s.Dataset && !strings.Contains(s.Row, " settings)")
	})
}
