package runners

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// The limits behind alarms.
const (
	fewModes     = .25  // effective modes, as a part of those of the data, at or below which samples are collapsed, as in verdicts
	leastModes   = 1.05 // and what is one mode in any case, where the data have few
	upModes      = .5   // the part of them that a run must have had for a fall to be a fall
	toAPoint     = .05  // spread of the samples over that of the data below which they are one point
	fewDiffer    = .5   // share of near-duplicates above that of the data from which samples repeat themselves
	farOff       = 100. // spread from which samples have left the data
	longGradient = 1e3  // norm of a gradient over its median so far that is an explosion
	noGradient   = 1e-6 // and that is none
	lossGone     = .01  // loss of a discriminator over its largest so far below which it has gone
	patience     = 2    // looks in a row that an alarm rests on
	warmUp       = 5    // looks before gradients and losses have a usual size
	graceParts   = 2    // a run that never had modes may take this part of its steps, one in so many, to find some
)

// watch judges the looks of a run, one after the other. It is a pure function of them, and all it knows is its Watch.
type watch struct {
	reports.Watch
	of int // steps of the run
}

// effective is exp of the entropy of shares.
func effective(shares []float64) float64 {
	h := 0.0
	for _, p := range shares {
		if p > 0 {
			h -= p * math.Log(p)
		}
	}
	return math.Exp(h)
}

// limit is how few effective modes are a collapse; exactly a quarter is, whatever rounding says.
func (w *watch) limit() float64 { return max(leastModes, fewModes*effective(w.Fair)*(1+1e-9)) }

// few says whether look i shows samples on a few modes or in one point, and why.
func (w *watch) few(i int) (string, bool) {
	switch {
	case effective(w.Fair) >= 2 && w.Effective[i] <= w.limit(): // of data with one mode there is nothing to lose
		return fmt.Sprintf("%.3g effective %s of %.3g (collapsed at %.3g)", w.Effective[i], w.Of, effective(w.Fair), w.limit()), true
	case w.Spread[i] < toAPoint:
		return fmt.Sprintf("samples spread %.2g times as far as the data", w.Spread[i]), true
	}
	return "", false
}

// up says whether the run had found a good part of the modes before look i.
func (w *watch) up(i int) bool {
	for k := range i {
		if w.Effective[k] > max(upModes*effective(w.Fair), w.limit()) && w.Spread[k] >= 2*toAPoint {
			return true
		}
	}
	return false
}

// condition says whether an alarm's condition holds at look i, alone.
func (w *watch) condition(kind reports.AlarmKind, i int) (string, bool) {
	switch kind {
	case reports.AlarmCollapse:
		return w.few(i)
	case reports.AlarmDuplicates:
		return fmt.Sprintf("%.3g of the samples are near-duplicates", w.Duplicates[i]), w.Duplicates[i] >= w.DuplicatesReal+fewDiffer
	case reports.AlarmDivergence:
		if n := w.NotNumbers[i]; n > 0 {
			return fmt.Sprintf("%d of %d samples are no numbers", n, w.Samples), true
		}
		return fmt.Sprintf("samples spread %.3g times as far as the data", w.Spread[i]), w.Spread[i] > farOff
	case reports.AlarmGradients:
		return w.oddGradient(i)
	case reports.AlarmDLoss:
		return w.lossGone(i)
	}
	return "", false
}

// oddGradient compares the norms at look i with their medians before, or before they became odd.
func (w *watch) oddGradient(i int) (string, bool) {
	before := i
	for _, a := range w.Alarms {
		if at := slices.Index(w.Steps, a.Since); a.Kind == reports.AlarmGradients && a.Ended == 0 && at >= 0 {
			before = min(i, at)
		}
	}
	for _, turn := range slices.Sorted(maps.Keys(w.Gradients)) {
		v, usual := w.Gradients[turn][i], stats.Median(w.Gradients[turn][:before])
		if i < warmUp || !(usual > 0) || !finite(v) {
			continue
		}
		if r := v / usual; r > longGradient || r < noGradient {
			return fmt.Sprintf("gradient of %s %.3g, %.2g times its usual length", turn, v, r), true
		}
	}
	return "", false
}

// lossGone looks for a critic's loss that was never below 0 and is next to it now.
func (w *watch) lossGone(i int) (string, bool) {
	for _, turn := range w.Critics {
		before := w.Losses[turn][:i+1]
		if i < warmUp || slices.Min(before) < 0 || !finite(slices.Max(before)) {
			continue
		}
		if most := slices.Max(before); before[i] < lossGone*most {
			return fmt.Sprintf("loss of %s %.3g, and it was %.3g", turn, before[i], most), true
		}
	}
	return "", false
}

// needs is how many looks in a row an alarm rests on.
func needs(kind reports.AlarmKind) int {
	if kind == reports.AlarmDivergence {
		return 1 // samples that are no numbers come back no more
	}
	return patience
}

// judge raises the alarms that the last look gives rise to, each kind once, and says which are new.
func (w *watch) judge() (raised []reports.Alarm) {
	last := len(w.Steps) - 1
	for _, kind := range reports.AlarmKinds() {
		text, holds := w.condition(kind, last)
		if at := slices.IndexFunc(w.Alarms, func(a reports.Alarm) bool { return a.Kind == kind }); at >= 0 {
			switch a := &w.Alarms[at]; {
			case holds:
				a.Ended = 0
			case a.Ended == 0:
				a.Ended = w.Steps[last]
			}
			continue
		}
		first := last
		for first > 0 && holds {
			if _, too := w.condition(kind, first-1); !too {
				break
			}
			first--
		}
		if !holds || last-first+1 < needs(kind) {
			continue
		}
		if kind == reports.AlarmCollapse && !w.up(first) && w.Steps[last]*graceParts < w.of {
			continue // it has not begun to find modes yet
		}
		raised = append(raised, reports.Alarm{Kind: kind, Step: w.Steps[last], Since: w.Steps[first], Text: text})
	}
	w.Alarms = append(w.Alarms, raised...)
	return raised
}
