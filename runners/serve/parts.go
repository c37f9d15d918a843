package serve

import (
	"cmp"
	"context"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/runners"
)

// The bounds of what is sent, whatever the size of the run.
const (
	mostWork   = 12  // running cells with curves
	mostKnots  = 120 // points of a curve
	mostLines  = 24  // models with a curve of scores
	mostNewest = 12
)

// work is a running cell with its losses.
type work struct {
	runners.Working
	Curves []curve `json:"curves"`
}

// curve is a line of a chart.
type curve struct {
	Name string          `json:"name"`
	X    []float64       `json:"x"`
	Y    []reports.Float `json:"y"`
}

// workOf are the running cells, the first of them with their curves.
func workOf(dir string, s *runners.Status) []work {
	out := []work{}
	for i, w := range s.Working {
		one := work{Working: w, Curves: []curve{}}
		one.Seconds, one.Silent = math.Round(w.Seconds), math.Round(w.Silent)
		if i < mostWork {
			beats, err := runners.Beats(dir, w.Cell)
			if err == nil { // it may have ended just now
				one.Curves = losses(beats)
			}
		}
		out = append(out, one)
	}
	return out
}

// losses are the curves of a cell's losses.
func losses(beats []runners.Beat) []curve {
	at := map[string]int{}
	out := []curve{}
	for _, b := range beats {
		for name, v := range b.Losses {
			if !strings.HasPrefix(name, "loss") {
				continue
			}
			i, ok := at[name]
			if !ok {
				i = len(out)
				at[name] = i
				out = append(out, curve{Name: name})
			}
			out[i].X, out[i].Y = append(out[i].X, float64(b.Step)), append(out[i].Y, v)
		}
	}
	for i := range out {
		out[i] = thin(out[i])
	}
	slices.SortFunc(out, func(a, b curve) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// thin keeps the points at equal distances, the last one always.
func thin(c curve) curve {
	n := len(c.X)
	if n <= mostKnots {
		return c
	}
	out := curve{Name: c.Name}
	for i := range mostKnots {
		k := (i+1)*n/mostKnots - 1
		out.X, out.Y = append(out.X, c.X[k]), append(out.Y, c.Y[k])
	}
	return out
}

// scores are the results so far.
type scores struct {
	Metric string  `json:"metric"`
	Better string  `json:"better"`
	Rows   []score `json:"rows"`
	Curves []curve `json:"curves"` // the best so far over the cells that have ended, a line for each model and data set
}

// score is a model on a data set.
type score struct {
	Model   string        `json:"model"`
	Dataset string        `json:"dataset"`
	Runs    int           `json:"runs"`
	Failed  int           `json:"failed"`
	Median  reports.Float `json:"median"` // a failed run is the worst possible value
	Best    reports.Float `json:"best"`
}

type groupKey struct{ model, dataset string }

// gathered are the values of a model on a data set in the order in which its cells ended.
type gathered struct {
	values []float64
	order  []float64
	failed int
}

// scoresOf reads the values of the headline metric.
func scoresOf(ctx context.Context, x *index.Index) (scores, error) {
	metric, better := headline(x.Measures())
	groups := map[groupKey]*gathered{}
	n := 0.0
	for c, err := range x.Cells(ctx) {
		if err != nil {
			return scores{}, err
		}
		n++
		k := groupKey{c.Model, c.Dataset}
		if groups[k] == nil {
			groups[k] = &gathered{}
		}
		g := groups[k]
		i := slices.IndexFunc(c.Values, func(v index.Value) bool { return v.Measure == metric && v.Status != reports.Failed })
		if i < 0 {
			g.failed++
			continue
		}
		g.values, g.order = append(g.values, c.Values[i].Value), append(g.order, n)
	}
	return summarised(metric, better, groups), nil
}

// headline is the measure of the report's first table.
func headline(ms []index.Measure) (reports.Measure, string) {
	var sums []reports.Summary
	for _, m := range ms {
		sums = append(sums, reports.Summary{Measure: m.Measure})
	}
	name := reports.Headline(sums, "")
	for _, m := range ms {
		if m.Metric == name {
			return m.Measure, m.Better
		}
	}
	return reports.Measure{}, ""
}

func summarised(metric reports.Measure, better string, groups map[groupKey]*gathered) scores {
	out := scores{Metric: metric.Metric, Better: better, Rows: []score{}, Curves: []curve{}}
	for k, g := range groups {
		s := reports.Summary{Values: g.values, Failed: g.failed, Better: better}
		row := score{Model: k.model, Dataset: k.dataset, Runs: s.N(), Failed: g.failed, Median: reports.Float(stats.Median(s.Ranked())), Best: reports.Float(math.NaN())}
		if line := best(k, g, better); len(line.Y) > 0 {
			row.Best = line.Y[len(line.Y)-1]
			out.Curves = append(out.Curves, thin(line))
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, func(a, b score) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model))
	})
	slices.SortFunc(out.Curves, func(a, b curve) int { return strings.Compare(a.Name, b.Name) })
	out.Curves = out.Curves[:min(len(out.Curves), mostLines)]
	return out
}

// best is the best value so far at every cell that improved it.
func best(k groupKey, g *gathered, better string) curve {
	c := curve{Name: k.model + " on " + k.dataset}
	if better != reports.Lower && better != reports.Higher || reports.IsReference(k.model) {
		return c
	}
	for i, v := range g.values {
		if last := len(c.Y) - 1; last >= 0 && (better == reports.Lower && v >= float64(c.Y[last]) || better == reports.Higher && v <= float64(c.Y[last])) {
			continue
		}
		c.X, c.Y = append(c.X, g.order[i]), append(c.Y, reports.Float(v))
	}
	return c
}

// newest is a cell that has just ended.
type newest struct {
	Cell    string        `json:"cell"`
	Model   string        `json:"model"`
	Dataset string        `json:"dataset"`
	Seed    uint64        `json:"seed"`
	Error   string        `json:"error,omitempty"`
	Picture bool          `json:"picture"` // a contact sheet is there
	Points  [][2]float64  `json:"points,omitempty"`
	Values  []newestValue `json:"values"`
}

type newestValue struct {
	Metric string        `json:"metric"`
	Value  reports.Float `json:"value"`
}

// mostPoints bounds the points of a scatter: the page shows eight of them in little.
const mostPoints = 300

// newestOf are the cells that ended last, with what there is to see of their samples.
func newestOf(ctx context.Context, dir string, x *index.Index) ([]newest, error) {
	cells, err := x.Newest(ctx, mostNewest)
	if err != nil {
		return nil, err
	}
	out := []newest{}
	for _, c := range cells {
		n := newest{Cell: c.Hash, Model: c.Model, Dataset: c.Dataset, Seed: c.Seed, Error: c.Error, Values: []newestValue{}}
		for _, v := range c.Values[:min(len(c.Values), 3)] {
			if v.Status != reports.Failed {
				n.Values = append(n.Values, newestValue{v.Metric, reports.Float(v.Value)})
			}
		}
		if _, err := os.Stat(reports.SamplesPath(dir, c.Hash)); err == nil && cellName.MatchString(c.Hash) {
			n.Picture = true
		} else if a, _ := reports.ReadArtifacts(dir, c.Hash); a.Scatter != nil {
			n.Points = rounded(a.Scatter.Points[:min(len(a.Scatter.Points), mostPoints)])
		}
		out = append(out, n)
	}
	return out, nil
}

// rounded are points in as many digits as a small picture shows.
func rounded(points [][2]float64) [][2]float64 {
	out := make([][2]float64, 0, len(points))
	for _, p := range points {
		if math.IsInf(p[0]+p[1], 0) || math.IsNaN(p[0]+p[1]) {
			continue
		}
		out = append(out, [2]float64{math.Round(p[0]*1000) / 1000, math.Round(p[1]*1000) / 1000})
	}
	return out
}
