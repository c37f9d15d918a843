package metrics

import "math"

// Sight is what one value says about one fault whose presence is known.
type Sight string

// The kinds of sight. A value sees a fault where it is worse than over real against real by more than that spreads; it is fooled where it is as clearly better.
const (
	Sees   Sight = "sees"
	Blind  Sight = "blind"
	Fooled Sight = "fooled"
)

// SightSpreads is how many standard deviations of real against real a value must be away from its mean, beside being outside its range.
const SightSpreads = 4

// Null is how a value spreads over repeats without a fault: a perfect generator, or real against real.
type Null struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // ddof 1; 0 of a single repeat
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
}

// NullOf is the spread of values over repeats; Lo is above Hi where there are none.
func NullOf(values []float64) Null {
	u := Null{N: len(values), Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, x := range values {
		u.Lo, u.Hi = math.Min(u.Lo, x), math.Max(u.Hi, x)
		u.Mean += x / float64(len(values))
	}
	for _, x := range values {
		if len(values) > 1 {
			u.SD += (x - u.Mean) * (x - u.Mean) / float64(len(values)-1)
		}
	}
	u.SD = math.Sqrt(u.SD)
	return u
}

// Outside says whether x is outside the range of the repeats and more than SightSpreads standard deviations from their mean.
func (u Null) Outside(x float64) bool {
	return math.Abs(x-u.Mean) > SightSpreads*u.SD && (x < u.Lo || x > u.Hi)
}

// Sight is what the value x says, by the direction that is better and, for Near, its ideal.
func (u Null) Sight(better Direction, ideal, x float64) Sight {
	switch {
	case !u.Outside(x):
		return Blind
	case Worse(better, ideal, x, u.Mean):
		return Sees
	}
	return Fooled
}

// Worse says whether value b is worse than value a; never where no direction is better.
func Worse(better Direction, ideal, b, a float64) bool {
	return Badness(better, ideal, b) > Badness(better, ideal, a)
}

// Badness turns a value so that more is worse: the value itself, its negative, or its distance from the ideal; 0 where no direction is better.
func Badness(better Direction, ideal, x float64) float64 {
	switch better {
	case Lower:
		return x
	case Higher:
		return -x
	case Near:
		return math.Abs(x - ideal)
	case None:
	}
	return 0
}
