package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// contest is what models are compared by over data sets: their runs as costs, a failure being +Inf.
type contest struct {
	title  string // of the measure
	names  []string
	sets   []string
	costs  [][][]float64 // by model and data set
	floors []float64     // of real data, as costs; NaN without
	better string
	left   []string // models that are not compared: they did not run on all of the data sets
	at     []int    // places of the models, which give them their colours
}

// contestOf collects the rows that take part in a ranking by a metric; those of a study under their models' names.
func contestOf(sums []Summary, metric string, tint tints) (c contest) {
	var cols [][]Summary
	study := false
	for _, d := range datasetsOf(sums) {
		col := slices.DeleteFunc(columnFor(sums, d, metric), func(s Summary) bool { return s.Better != Lower && s.Better != Higher })
		if len(col) == 0 {
			continue
		}
		study = study || slices.ContainsFunc(col, func(s Summary) bool { return s.Role == "best" })
		cols, c.sets, c.better = append(cols, col), append(c.sets, d), col[0].Better
		floor := math.NaN()
		if y := yardstick(col, Real, Perfect); y != nil {
			floor = y.Median
		}
		c.floors = append(c.floors, floor)
		for _, s := range col {
			if name := contestant(s); !s.Reference() && !slices.Contains(c.names, name) {
				c.names = append(c.names, name)
			}
		}
	}
	slices.Sort(c.names)
	c.costs = make([][][]float64, len(c.names))
	for m, name := range c.names {
		c.at = append(c.at, 0)
		for _, col := range cols {
			var runs []float64
			for _, s := range col {
				if !s.Reference() && contestant(s) == name {
					c.at[m] = tint.at(s)
					v, _ := signed(s)
					runs = append(runs, v...)
				}
			}
			c.costs[m] = append(c.costs[m], runs)
		}
	}
	c.title = columnTitle(metric)
	c.common(study)
	return c
}

// common leaves out data sets and models until every model has runs on every data set: a rank among others than the rest would say nothing. The models that are left out are named. In a study a
// model without chosen settings had none that went well; it stays, as the worst.
func (c *contest) common(study bool) {
	for !study {
		missing := func(m int) (n int) {
			for _, runs := range c.costs[m] {
				if len(runs) == 0 {
					n++
				}
			}
			return n
		}
		holes := make([]int, len(c.sets)) // models without runs there
		worst, most := -1, 0
		for m := range c.costs {
			if n := missing(m); n > most {
				worst, most = m, n
			}
			for d, runs := range c.costs[m] {
				if len(runs) == 0 {
					holes[d]++
				}
			}
		}
		if worst < 0 {
			return
		}
		if set := slices.Index(holes, slices.Max(holes)); holes[set]*len(c.sets) > most*len(c.names) { // the larger share goes
			for m := range c.costs {
				c.costs[m] = slices.Delete(slices.Clone(c.costs[m]), set, set+1)
			}
			c.sets, c.floors = slices.Delete(c.sets, set, set+1), slices.Delete(c.floors, set, set+1)
			continue
		}
		c.left = append(c.left, c.names[worst])
		c.names, c.costs, c.at = slices.Delete(c.names, worst, worst+1), slices.Delete(c.costs, worst, worst+1), slices.Delete(c.at, worst, worst+1)
	}
}

// contestant is the name that a row is compared under: in a study what was chosen stands for its model.
func contestant(s Summary) string {
	if s.Role != "" {
		return s.Model
	}
	return s.Row
}

// strata are the runs of all models on all data sets, one after the other.
func (c contest) strata() (all [][]float64) {
	for _, m := range c.costs {
		all = append(all, m...)
	}
	return all
}

// models puts strata back under their models.
func (c contest) models(strata [][]float64) (all [][][]float64) {
	for m := range c.names {
		all = append(all, strata[m*len(c.sets):(m+1)*len(c.sets)])
	}
	return all
}

// runs are the numbers of runs that models have on data sets where they have any.
func (c contest) runs() (n []int) {
	for _, s := range c.strata() {
		if len(s) > 0 {
			n = append(n, len(s))
		}
	}
	return n
}

func (c contest) failed() (n int) {
	for _, s := range c.strata() {
		for _, v := range s {
			if math.IsInf(v, 1) {
				n++
			}
		}
	}
	return n
}

func (c contest) failNote() string {
	note := ""
	if len(c.left) > 0 {
		note = fmt.Sprintf(" Left out, as they did not run on all of these data sets: %s.", listed(c.left))
	}
	if n := c.failed(); n > 0 {
		return fmt.Sprintf(" %s failed and count as the worst.", plural(n, "run", "runs")) + note
	}
	return note
}

// order are the places of the models from the best mean rank on.
func (c contest) order() ([]int, []float64) {
	ranks := stats.MeanRanks(c.costs)
	return ascending(ranks), ranks
}

// ratios are the costs as logarithms of multiples of real data's; false where that has no meaning: higher is better, or a value or floor is not positive.
func (c contest) ratios() (logs [][]float64, ok bool) {
	if c.better != Lower {
		return nil, false
	}
	for i, runs := range c.strata() {
		floor := c.floors[i%len(c.sets)]
		out := make([]float64, len(runs))
		for k, v := range runs {
			if !(floor > 0) || !(v > 0) {
				return nil, false
			}
			out[k] = math.Log(v / floor)
		}
		logs = append(logs, out)
	}
	return logs, true
}
