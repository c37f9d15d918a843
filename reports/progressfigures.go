package reports

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports/stats"
)

// costFigures draws, for every data set, the score of each run over the processor time that it took.
func costFigures(parts []part, sums []Summary, metric string, tint tints) (out []Figure) {
	for _, d := range datasetsOf(sums) {
		col := columnFor(sums, d, metric)
		if len(col) == 0 {
			continue
		}
		if f, ok := costFigure(parts, col, tint); ok {
			out = append(out, f)
		}
	}
	return out
}

// timed is one run: what it took, and what it scored.
type timed struct {
	seed           uint64
	seconds, value float64
}

// timedRuns are the runs behind the rows of a column, by row, as they are summarised.
func timedRuns(parts []part, col []Summary) map[string][]timed {
	out := map[string][]timed{}
	for _, p := range parts {
		if p.recs[0].Dataset != col[0].Dataset {
			continue
		}
		spent := 0.0
		for i := range p.recs {
			spent = max(spent, p.recs[i].Cost.CPUSeconds)
		}
		for i := range p.recs {
			if r := &p.recs[i]; spent > 0 && r.Measure() == col[0].Measure && r.Status != Failed {
				out[p.row] = append(out[p.row], timed{r.Seed, spent, r.Value})
			}
		}
	}
	for _, runs := range out {
		slices.SortFunc(runs, func(a, b timed) int { return cmp.Or(cmp.Compare(a.seed, b.seed), cmp.Compare(a.value, b.value)) })
	}
	return out
}

func costFigure(parts []part, col []Summary, tint tints) (Figure, bool) {
	col, best := leading(col)
	runs := timedRuns(parts, col)
	var xs, ys []float64
	var counts []int
	for _, s := range col {
		if s.Reference() || len(runs[s.Row]) == 0 {
			continue
		}
		for _, r := range runs[s.Row] {
			xs, ys = append(xs, r.seconds), append(ys, r.value)
		}
		counts = append(counts, s.N())
	}
	if len(counts) < 2 {
		return Figure{}, false
	}
	if col[0].Floor != nil {
		ys = append(ys, *col[0].Floor)
	}
	p := newPlot(560, 320, 56, 140, xs, ys)
	label := measureTitle(col[0].Measure)
	p.axes("processor seconds of a run, training and scoring", label+direction(col[0].Better))
	f := Figure{Name: "cost-" + col[0].Dataset, Title: "Score over processor time on " + col[0].Dataset, pic: p.svg, Head: []string{"model", "seed", "processor seconds", col[0].Measure.Metric}}
	if col[0].Floor != nil {
		p.line("floor", p.x.from, p.y.at(*col[0].Floor), p.x.to, p.y.at(*col[0].Floor))
	}
	medians, rest := sparse(len(xs))
	var labels []named
	for _, s := range col {
		mine := runs[s.Row]
		if s.Reference() || len(mine) == 0 {
			continue
		}
		at := tint.at(s)
		class := colour(at)
		var seconds, values []float64
		for _, r := range mine {
			seconds, values = append(seconds, r.seconds), append(values, r.value)
			f.Data = append(f.Data, []string{s.Row, fmt.Sprint(r.seed), exact(r.seconds), exact(r.value)})
			if len(mine) > 1 && !medians {
				p.circle("seed "+class, p.x.at(r.seconds), p.y.at(r.value), 3, "")
			}
		}
		x, y := stats.Median(seconds), stats.Median(values)
		p.marker("dot "+class, at, p.x.at(x), p.y.at(y), 5, fmt.Sprintf("%s: %s in %s", s.Row, Number(y), duration(x)))
		labels = append(labels, named{p.x.at(x), p.y.at(y), contestant(s), class})
	}
	p.names(fitting(labels))
	f.Caption = fmt.Sprintf("A light dot a run that ended, a dark one at the medians of %s a model.%s Times are of this machine beside whatever else it did.", runsOf(counts), floorNote(col[0].Floor))
	f.Caption += rest + best
	f.Alt = fmt.Sprintf("%s of %d models over the processor time they took on %s.", label, len(counts), col[0].Dataset)
	return f, true
}

// progress is what a row had scored by a step, over its seeds.
type progress struct {
	step    int
	seconds float64 // median processor time by then; 0 where none was noted
	median  float64
	band    stats.Interval
	covered bool
	runs    int
}

// stepFigures draws, for every data set that was scored during training, the score over steps and, where it was noted, over processor seconds.
func stepFigures(recs, final []Record, sums []Summary, metric string, tint tints) (out []Figure) {
	if len(final) == len(recs) {
		return nil // one step a cell
	}
	rows := rowLabels(final)
	for _, d := range datasetsOf(sums) {
		col := columnFor(sums, d, metric)
		if len(col) == 0 {
			continue
		}
		lines := progressOf(recs, rows, col)
		if len(lines) == 0 {
			continue
		}
		if f, ok := stepFigure(col, lines, tint, false); ok {
			out = append(out, f)
		}
		if f, ok := stepFigure(col, lines, tint, true); ok {
			out = append(out, f)
		}
	}
	return out
}

// progressOf collects the scores of rows at the steps at which all of their runs that ended were scored; rows with one step are left out. Runs that failed count as the worst from the
// beginning, as they do at the end.
func progressOf(recs []Record, rows map[string]string, col []Summary) map[string][]progress {
	type at struct {
		row  string
		step int
	}
	values, seconds := map[at][]float64{}, map[at][]float64{}
	for _, r := range recs {
		if r.Dataset != col[0].Dataset || r.Measure() != col[0].Measure || r.Status == Failed || len(r.Study) > 0 || IsReference(r.Model) {
			continue
		}
		k := at{rows[r.Cell], r.Step}
		values[k] = append(values[k], r.Value)
		if r.Cost.CPUSeconds > 0 {
			seconds[k] = append(seconds[k], r.Cost.CPUSeconds)
		}
	}
	out := map[string][]progress{}
	for k, v := range values {
		s, ok := inRow(col, k.row)
		if !ok || len(v) < len(s.Values) {
			continue
		}
		v = Summary{Values: v, Failed: s.Failed, Better: s.Better}.Ranked()
		p := progress{step: k.step, median: stats.Median(v), runs: len(v)}
		if len(seconds[k]) == len(s.Values) {
			p.seconds = stats.Median(seconds[k])
		}
		p.band, p.covered = stats.MedianCI(v, .95)
		out[k.row] = append(out[k.row], p)
	}
	for row, line := range out {
		if len(line) < 2 {
			delete(out, row)
			continue
		}
		slices.SortFunc(line, func(a, b progress) int { return cmp.Compare(a.step, b.step) })
	}
	return out
}

func stepFigure(col []Summary, lines map[string][]progress, tint tints, byTime bool) (Figure, bool) {
	place := func(p progress) float64 {
		if byTime {
			return p.seconds
		}
		return float64(p.step)
	}
	var xs, ys []float64
	var counts []int
	covered := true
	for _, line := range lines {
		for _, p := range line {
			if byTime && p.seconds <= 0 {
				return Figure{}, false
			}
			xs, ys = append(xs, place(p)), append(ys, p.median, p.band.Lo, p.band.Hi)
			covered = covered && p.covered
		}
		counts = append(counts, line[0].runs)
	}
	if col[0].Floor != nil {
		ys = append(ys, *col[0].Floor)
	}
	p := newPlot(560, 320, 56, 140, append(xs, 0), ys)
	p.x.lo, p.x.hi, p.x.log = 0, slices.Max(xs), false
	label, what := measureTitle(col[0].Measure), map[bool]string{false: "steps", true: "processor seconds"}[byTime]
	p.axes(what, label+direction(col[0].Better))
	f := Figure{Name: map[bool]string{false: "steps-", true: "seconds-"}[byTime] + col[0].Dataset, Title: "Score over " + what + " on " + col[0].Dataset, pic: p.svg,
		Head: []string{"model", "step", "processor seconds", "median", "lo", "hi", "runs"}}
	if col[0].Floor != nil {
		p.line("floor", p.x.from, p.y.at(*col[0].Floor), p.x.to, p.y.at(*col[0].Floor))
	}
	var labels []named
	for _, s := range col {
		line := lines[s.Row]
		if len(line) == 0 {
			continue
		}
		class := colour(tint.at(s))
		var x, y, lo, hi []float64
		for _, q := range line {
			x, y, lo, hi = append(x, p.x.at(place(q))), append(y, p.y.within(q.median)), append(lo, p.y.within(q.band.Lo)), append(hi, p.y.within(q.band.Hi))
			f.Data = append(f.Data, []string{s.Row, fmt.Sprint(q.step), map[bool]string{true: exact(q.seconds)}[q.seconds > 0], exact(q.median), exact(q.band.Lo), exact(q.band.Hi), fmt.Sprint(q.runs)})
		}
		if line[0].runs > 1 {
			p.area("area "+class, x, lo, hi)
		}
		p.path("curve thick "+class, x, y)
		labels = append(labels, named{x[len(x)-1], y[len(y)-1], s.Row, class})
	}
	p.names(fitting(labels))
	band := "the area: the range of the runs"
	if covered {
		band = "the area: the interval of the median by order statistics, 95 % or more"
	}
	if slices.Max(counts) == 1 {
		band = "one run a model, so no interval"
	}
	f.Caption = fmt.Sprintf("Medians of %s a model, each scored during its training; %s.%s", runsOf(counts), band, floorNote(col[0].Floor))
	f.Alt = fmt.Sprintf("%s of %d models over %s on %s.", label, len(lines), what, col[0].Dataset)
	return f, true
}
