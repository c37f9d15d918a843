package sanity

import (
	"slices"

	"github.com/assay-gan/assay/metrics"
)

// Outcome is what a criterion says of a curve.
type Outcome string

// The outcomes. High and Low are passes of a diversity value: how it treats synthetic data that are too wide, which it may not do in both ways. NotAsked is of criteria that
// do not concern the face, NoValue of curves that lack the points.
const (
	Pass     Outcome = "pass"
	Fail     Outcome = "fail"
	High     Outcome = "high"
	Low      Outcome = "low"
	NotAsked Outcome = ""
	NoValue  Outcome = "no value"
)

// place is a point of a curve by its number among all points of the check.
type place int

const (
	first place = 0
	last  place = -1
)

// The published limits.
const (
	near    = .05 // of a value that is to be close to another, and of the range of a line
	apartBy = .2  // of what is to differ
	atEdge  = .1  // of an end from the extreme of the curve, and of a drop in the middle
)

// criterion is one line of a published table.
type criterion struct {
	group, name string
	want        func(c Curve) test // by the curve's face; a nil test is not asked
}

// test judges a curve.
type test func(v view) Outcome

func same(t test) func(Curve) test { return func(Curve) test { return t } }

func split(fidelity, diversity, both test) func(Curve) test {
	return func(c Curve) test { return map[Face]test{Fidelity: fidelity, Diversity: diversity, Both: both}[c.Face] }
}

func passes(ok bool) Outcome {
	if ok {
		return Pass
	}
	return Fail
}

// view is a curve as the criteria see it: 1 is real against real, less is worse.
type view struct {
	Curve
	y        []float64
	relative bool
}

// viewOf is the mean of a curve on the scale of the criteria. A value on the unit scale is as it is. Any other is
//
//	1 - (badness - floor)/(greatest badness of the curve - floor)
//
// with real against real as the floor, and 1 throughout where no point of it is worse than real against real: see metrics.Null.
func viewOf(c Curve) view {
	v := view{Curve: c, y: c.Mean}
	if c.Unit {
		return v
	}
	v.relative, v.y = true, make([]float64, len(c.Mean))
	floor, top, seen := metrics.Badness(c.Better, c.Ideal, c.Null.Mean), 0.0, false
	for i, m := range c.Mean {
		if c.Null.Sight(c.Better, c.Ideal, m) == metrics.Sees {
			seen = true
		}
		if b := metrics.Badness(c.Better, c.Ideal, m) - floor; i == 0 || b > top {
			top = b
		}
	}
	for i, m := range c.Mean {
		v.y[i] = 1
		if seen {
			v.y[i] = 1 - (metrics.Badness(c.Better, c.Ideal, m)-floor)/top
		}
	}
	return v
}

// at is the position of a point on the curve, which may have been thinned.
func (v view) at(p place) (i int, ok bool) {
	n := len(v.Point)
	if p == last {
		return n - 1, n > 0 && v.Point[n-1] == v.Points-1
	}
	i = slices.Index(v.Point, int(p))
	return i, i >= 0
}

// ends are the values at both ends.
func (v view) ends() (left, right float64, ok bool) {
	i, ok1 := v.at(first)
	j, ok2 := v.at(last)
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	return v.y[i], v.y[j], true
}

func closeTo(target float64, p place) test {
	return func(v view) Outcome {
		i, ok := v.at(p)
		switch {
		case !ok:
			return NoValue
		case !v.relative:
			return passes(v.y[i] >= target-near && v.y[i] <= target+near)
		case target == 1:
			return passes(!v.Null.Outside(v.Mean[i]))
		}
		return passes(v.Null.Sight(v.Better, v.Ideal, v.Mean[i]) == metrics.Sees)
	}
}

func closeToOne(p place) test  { return closeTo(1, p) }
func closeToZero(p place) test { return closeTo(0, p) }

// wide is a diversity value where the synthetic data are too wide: close to 1 or to 0.
func wide(p place) test {
	return func(v view) Outcome {
		for _, t := range []struct {
			test test
			word Outcome
		}{{closeToOne(p), High}, {closeToZero(p), Low}} {
			if got := t.test(v); got == Pass || got == NoValue {
				return map[Outcome]Outcome{Pass: t.word, NoValue: NoValue}[got]
			}
		}
		return Fail
	}
}

// bell is high in the middle and low at both ends.
func bell(middle place) test {
	return func(v view) Outcome {
		left, right, ok := v.ends()
		i, found := v.at(middle)
		if !ok || !found {
			return NoValue
		}
		lo, hi, mid := slices.Min(v.y), slices.Max(v.y), v.y[i]
		return passes(mid-left >= apartBy && mid-right >= apartBy && hi-mid <= atEdge && (left-lo <= atEdge || right-lo <= atEdge))
	}
}

func highToLow(v view) Outcome {
	left, right, ok := v.ends()
	if !ok {
		return NoValue
	}
	return passes(left-right >= apartBy && slices.Max(v.y)-left <= atEdge && right-slices.Min(v.y) <= atEdge)
}

func lowToHigh(v view) Outcome {
	left, right, ok := v.ends()
	if !ok {
		return NoValue
	}
	return passes(right-left >= apartBy && left-slices.Min(v.y) <= atEdge && slices.Max(v.y)-right <= atEdge)
}

// highToLowWithDrop has fallen already at a point before the end.
func highToLowWithDrop(middle place) test {
	return func(v view) Outcome {
		left, _, ok := v.ends()
		i, found := v.at(middle)
		if !ok || !found {
			return NoValue
		}
		return passes(highToLow(v) == Pass && left-v.y[i] >= atEdge)
	}
}

func line(v view) Outcome {
	if len(v.y) < v.wanted() {
		return NoValue
	}
	return passes(slices.Max(v.y)-slices.Min(v.y) <= near)
}

// converging is a line over the upper half of the points.
func converging(v view) Outcome {
	if _, ok := v.at(last); !ok {
		return NoValue
	}
	var upper []float64
	for i, p := range v.Point {
		if 2*p >= v.Points-1 {
			upper = append(upper, v.y[i])
		}
	}
	return passes(slices.Max(upper)-slices.Min(upper) <= near)
}

// either is low where the first test passes and high where the second does.
func either(low, high test) test {
	return func(v view) Outcome {
		switch a, b := low(v), high(v); {
		case a == Pass:
			return Low
		case b == Pass:
			return High
		case a == NoValue || b == NoValue:
			return NoValue
		}
		return Fail
	}
}
