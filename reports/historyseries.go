package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/reports/stats"
)

// The constants of a history's change points; docs/CI.md states what they find.
const (
	changeLeast = 5   // runs on each side
	changeAlpha = .01 // chance that a series without a change shows one
)

// HistoryPoint is what one run says of a measure.
type HistoryPoint struct {
	Run    string    `json:"run"`
	Date   string    `json:"date,omitempty"`
	Median Float     `json:"median"` // "inf" or "-inf" where half of the runs failed
	Values []float64 `json:"values"` // of the seeds that ended
	Failed int       `json:"failed"`
	Band   *Band     `json:"band,omitempty"`
	rep    Record    // the first of its records, for what it was made with
}

// Band is where 95 of 100 runs lie while nothing changes: the prediction interval of the stretch between two changes,
//
//	mean ± t(0.975, n-1) sd sqrt(1 + 1/n)
//
// of its n medians, of their logarithms where lower is better and all are positive. It needs three runs.
type Band struct {
	Centre float64 `json:"centre"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
}

// HistoryChange is a lasting change of a series.
type HistoryChange struct {
	At     int      `json:"at"`     // index of the first point after it
	Run    string   `json:"run"`    // of that point
	Before string   `json:"before"` // the run before it
	Date   string   `json:"date,omitempty"`
	From   float64  `json:"from"` // centre of the stretch before
	To     float64  `json:"to"`
	Worse  bool     `json:"worse"`
	P      float64  `json:"p"`
	With   []string `json:"with,omitempty"` // what else changed between the two runs: settings, data, build
}

// HistorySeries is one measure of one model on one data set over time.
type HistorySeries struct {
	Row     string          `json:"row"`
	Dataset string          `json:"dataset"`
	Measure Measure         `json:"measure"`
	Better  string          `json:"better"`
	Points  []HistoryPoint  `json:"points"`
	Changes []HistoryChange `json:"changes"`
	Outside bool            `json:"outside"` // the last run lies outside its band, on the worse side: watch it
}

// Name is the series in words: "vae on ring: fd (glyphnet)".
func (s HistorySeries) Name() string {
	return s.Row + " on " + s.Dataset + ": " + measureLabel(s.Measure, []Measure{s.Measure}, true)
}

// Series returns a history's measures over time, by data set, model and measure: those asked for by name, or the headline measures of each model and data set where none is.
// Values of different measures (featurizer, protocol, sizes) are series of their own. Errors: a metric that no run has.
func (h *History) Series(metrics ...string) ([]HistorySeries, error) {
	var all []HistorySeries
	have := map[string]bool{}
	for _, run := range h.Runs {
		sums := Summarise(run.Records, 0)
		for _, s := range sums {
			have[s.Measure.Metric] = true
			if s.Reference() || s.Better != Lower && s.Better != Higher {
				continue
			}
			wanted := metrics
			if len(wanted) == 0 {
				wanted = headlinesOf(sums, s)
			}
			if !slices.Contains(wanted, s.Measure.Metric) {
				continue
			}
			all = appendPoint(all, run, s)
		}
	}
	for _, m := range metrics {
		if !have[m] {
			return nil, fmt.Errorf("%s: no run has a metric %q", h.Name, m)
		}
	}
	slices.SortStableFunc(all, func(a, b HistorySeries) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Row, b.Row), strings.Compare(a.Measure.Metric, b.Measure.Metric))
	})
	for i := range all {
		all[i].changes()
	}
	return all, nil
}

// headlinesOf are the metrics that stand for a summary's model and data set.
func headlinesOf(sums []Summary, like Summary) []string {
	var have []Measure
	for _, s := range sums {
		if s.Row == like.Row && s.Dataset == like.Dataset && (s.Better == Lower || s.Better == Higher) {
			have = append(have, s.Measure)
		}
	}
	return HeadlineMetrics(have)
}

func appendPoint(all []HistorySeries, run HistoryRun, s Summary) []HistorySeries {
	at := slices.IndexFunc(all, func(o HistorySeries) bool {
		return o.Row == s.Row && o.Dataset == s.Dataset && o.Measure == s.Measure && o.Better == s.Better
	})
	if at < 0 {
		all, at = append(all, HistorySeries{Row: s.Row, Dataset: s.Dataset, Measure: s.Measure, Better: s.Better}), len(all)
	}
	p := HistoryPoint{Run: run.Name, Date: run.Date, Median: Float(s.Median), Values: s.Values, Failed: s.Failed}
	for _, r := range run.Records {
		if r.Model == s.Model && r.Dataset == s.Dataset && r.Metric == s.Measure.Metric {
			p.rep = r
			break
		}
	}
	all[at].Points = append(all[at].Points, p)
	return all
}

// changes finds the change points and the bands between them. Failed runs are beyond the worst value, as far again as the values reach.
func (s *HistorySeries) changes() {
	x, logs := s.levels()
	cuts := []int{0}
	found := stats.ChangePoints(x, changeLeast, changeAlpha)
	for _, c := range found {
		cuts = append(cuts, c.At)
	}
	cuts = append(cuts, len(x))
	var centres []float64
	for i := 1; i < len(cuts); i++ {
		part := x[cuts[i-1]:cuts[i]]
		band, ok := bandOf(part, logs)
		centre := stats.Median(part)
		if logs {
			centre = math.Exp(centre)
		}
		centres = append(centres, centre)
		if !ok {
			continue
		}
		band.Centre = centre
		for j := cuts[i-1]; j < cuts[i]; j++ {
			s.Points[j].Band = &band
		}
	}
	for i, c := range found {
		before, after := s.Points[c.At-1], s.Points[c.At]
		s.Changes = append(s.Changes, HistoryChange{At: c.At, Run: after.Run, Before: before.Run, Date: after.Date, From: centres[i], To: centres[i+1],
			Worse: (centres[i+1] > centres[i]) == (s.Better == Lower), P: c.P, With: madeOtherwise(before.rep, after.rep)})
	}
	s.Outside = s.lastOutside(x, logs, cuts[len(cuts)-2])
}

// lastOutside holds the last run to the band of the runs before it since the last change.
func (s *HistorySeries) lastOutside(x []float64, logs bool, from int) bool {
	last := len(x) - 1
	band, ok := bandOf(x[from:last], logs)
	if !ok {
		return false
	}
	v := float64(s.Points[last].Median)
	return s.Better == Lower && v > band.Hi || s.Better == Higher && v < band.Lo
}

// levels are the medians, on log scale where that makes sense, and finite.
func (s *HistorySeries) levels() (x []float64, logs bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range s.Points {
		v := float64(p.Median)
		if !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
		x = append(x, v)
	}
	if lo > hi { // every run failed
		lo, hi = 1, 1
	}
	beyond := max(hi-lo, math.Abs(hi), 1e-300)
	for i, v := range x {
		if math.IsInf(v, 1) {
			x[i] = hi + beyond
		} else if math.IsInf(v, -1) {
			x[i] = lo - beyond
		}
	}
	if logs = s.Better == Lower && lo > 0; logs {
		for i := range x {
			x[i] = math.Log(x[i])
		}
	}
	return x, logs
}

func bandOf(x []float64, logs bool) (Band, bool) {
	n := float64(len(x))
	if n < 3 {
		return Band{}, false
	}
	mean, half := stats.Mean(x), distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(.975)*stats.StdDev(x)*math.Sqrt(1+1/n)
	b := Band{mean, mean - half, mean + half}
	if logs {
		b = Band{math.Exp(b.Centre), math.Exp(b.Lo), math.Exp(b.Hi)}
	}
	return b, true
}

// madeOtherwise names what differs between two runs besides the value, and may be the cause.
func madeOtherwise(a, b Record) []string {
	var out []string
	say := func(name, from, to string) {
		if from != to {
			out = append(out, fmt.Sprintf("%s %s -> %s", name, cmp.Or(from, "none"), cmp.Or(to, "none")))
		}
	}
	names := map[string]bool{}
	for _, r := range []Record{a, b} {
		for k := range r.Settings {
			names[k] = true
		}
	}
	var sorted []string
	for k := range names {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	for _, k := range sorted {
		say(k, a.Settings[k], b.Settings[k])
	}
	short := func(s string) string { return s[:min(8, len(s))] }
	say("step", fmt.Sprint(a.Step), fmt.Sprint(b.Step))
	say("data", short(a.Provenance.DatasetHash), short(b.Provenance.DatasetHash))
	say("weights", short(a.Provenance.WeightsHash), short(b.Provenance.WeightsHash))
	say("build", a.Provenance.Version, b.Provenance.Version)
	say("kernels", a.Provenance.Kernel, b.Provenance.Kernel)
	say("processor", a.Provenance.CPU, b.Provenance.CPU)
	return out
}
