package sanity

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// The groups of the published tables: what a check is about.
const (
	Purpose         = "property"         // D1b
	Hyperparameters = "hyperparameters"  // D2
	DataSize        = "real_data_size"   // D3
	Bounds          = "bounds"           // D4
	Invariance      = "transformations"  // D5
	Copies          = "no copies to see" // of novelty; not published
)

// rows is the size of both sets where a check does not vary it.
const rows = 1000

// Check is one published check: data in which one thing varies, in one or more scenarios.
type Check struct {
	ID, Title string
	Axis      string // what varies
	Log       bool   // the axis is logarithmic
	Scenarios []Scenario

	criteria []criterion
}

// Scenario is one curve of a check.
type Scenario struct {
	Check string
	ID    string    // dimension or side, as in the published tables; "" where there is but one
	X     []float64 // the points

	real, fake   law
	fresh        bool                // real rows are drawn anew at every point
	nReal, nFake func(i int) float64 // nil for rows
	keep         []place             // points that criteria look at beside the ends, for Thin
}

// Checks lists the 15 checks in the order of the publication.
func Checks() []Check {
	return []Check{
		meanDifference(), meanDifferenceWithOutlier(), stdDifference(), simultaneousDropping(), sequentialDropping(), droppingInvention(), hypersphere(),
		hypercube("uniform-hypercube-varying-size", "two cubes, both sizes", true, DataSize, "large size"),
		hypercube("uniform-hypercube-varying-syn-size", "two cubes, synthetic size", false, Hyperparameters, "large syn. size"),
		sphereTorus(), oneVersusTwo(), scaling(), pareto(), disjoint(), discrete(),
	}
}

// dims are the dimensions of most checks.
var dims = []int{1, 8, 64}

// means are the mean differences by dimension.
func means(d int) []float64 {
	reach := map[int]float64{1: 6, 8: 3, 64: 1}[d]
	return linspace(-reach, reach, 51)
}

const mid51 = place(25)

func (c Check) with(criteria []criterion, scenarios ...Scenario) Check {
	for i := range scenarios {
		scenarios[i].Check = c.ID
	}
	c.Scenarios, c.criteria = scenarios, criteria
	return c
}

// bellCriteria are those of every difference that is none in the middle.
func bellCriteria(name, left, right string) []criterion {
	return []criterion{
		{Bounds, "identical", same(closeToOne(mid51))}, {Bounds, left, same(closeToZero(first))}, {Bounds, right, same(closeToZero(last))},
		{Purpose, name, same(bell(mid51))},
	}
}

func meanDifference() Check {
	var all []Scenario
	for _, d := range dims {
		x := means(d)
		all = append(all, Scenario{ID: fmt.Sprint(d), X: x, real: normal(d, always(0), always(1)), fake: normal(d, at(x), always(1)), keep: []place{mid51}})
	}
	return Check{ID: "gaussian-mean-difference", Title: "Gaussian mean difference", Axis: "mean of the synthetic data"}.
		with(bellCriteria("bell shape", "extreme negative", "extreme positive"), all...)
}

func meanDifferenceWithOutlier() Check {
	var all []Scenario
	for _, side := range []string{"real_outlier", "syn_outlier"} {
		for _, d := range dims {
			x := means(d)
			s := Scenario{ID: fmt.Sprintf("%s %d", side, d), X: x, real: normal(d, always(0), always(1)), fake: normal(d, at(x), always(1)), keep: []place{mid51}}
			if side == "real_outlier" {
				s.real = withOutlier(s.real, x[len(x)-1])
			} else {
				s.fake = withOutlier(s.fake, x[len(x)-1])
			}
			all = append(all, s)
		}
	}
	return Check{ID: "gaussian-mean-difference-with-outlier", Title: "Gaussian mean difference + outlier", Axis: "mean of the synthetic data"}.
		with(bellCriteria("bell shape", "extreme negative", "extreme positive"), all...)
}

func stdDifference() Check {
	var all []Scenario
	for _, d := range dims {
		reach := map[int]float64{1: 3, 8: 1, 64: .5}[d]
		x := logspace(-reach, reach, 51)
		all = append(all, Scenario{ID: fmt.Sprint(d), X: x, real: normal(d, always(0), always(1)), fake: normal(d, always(0), at(x)), keep: []place{mid51}})
	}
	return Check{ID: "gaussian-std-difference", Title: "Gaussian spread difference", Axis: "standard deviation of the synthetic data", Log: true}.with([]criterion{
		{Bounds, "identical", same(closeToOne(mid51))},
		{Bounds, "low syn. std.", split(closeToOne(first), closeToZero(first), closeToZero(first))},
		{Bounds, "high syn. std.", split(closeToZero(last), wide(last), closeToZero(last))},
		{Purpose, "shape", split(highToLow, either(bell(mid51), lowToHigh), bell(mid51))},
	}, all...)
}

// tenModes are the modes of the dropping checks in d dimensions, and their spread.
func tenModes(d int) (modes [][]float64, sd float64) {
	for _, t := range linspace(0, 10, 10) {
		modes = append(modes, repeated(t, d))
	}
	return modes, map[int]float64{1: 1. / 6, 8: 1. / 3, 64: 1}[d]
}

func repeated(v float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

func equalWeights(n int) func(int) []float64 { return func(int) []float64 { return repeated(1, n) } }

func dropping(id, title, axis string, x []float64, middle place, weights func(i int) []float64) Check {
	var all []Scenario
	for _, d := range dims {
		modes, sd := tenModes(d)
		all = append(all, Scenario{ID: fmt.Sprint(d), X: x, real: mixture(modes, sd, equalWeights(10)), fake: mixture(modes, sd, weights), keep: []place{middle}})
	}
	return Check{ID: id, Title: title, Axis: axis}.with([]criterion{
		{Bounds, "identical", same(closeToOne(first))},
		{Bounds, "fully_dropped_modes", split(closeToOne(last), nil, nil)}, // it is not obvious what a diversity metric should be
		{Purpose, "shape", split(line, highToLowWithDrop(middle), highToLowWithDrop(middle))},
	}, all...)
}

func simultaneousDropping() Check {
	x := linspace(0, 1, 50)
	const at95 = 47 // the point nearest to the 95 % quantile
	return dropping("gaussian-mixture-simultaneous-mode-dropping", "nine of ten modes fade", "share taken from nine modes", x, at95, func(i int) []float64 {
		w := repeated(1-x[i], 10)
		w[0] = 1
		return w
	})
}

func sequentialDropping() Check {
	const middle = 4 // the point nearest to the median, the lower of two
	return dropping("gaussian-mixture-sequential-mode-dropping", "modes dropped one by one", "modes dropped", linspace(0, 9, 10), middle,
		func(i int) []float64 { return repeated(1, 10-i) })
}

// inventedModes are fixed: five real ones and five that are invented.
var inventedModes = [][]float64{{5.46794328, -4.08481523}, {4.87211875, -13.64864684}, {-16.39432073, 9.09802249}, {-2.15447941, 12.46200019}, {11.55784483, -4.96049923},
	{-24.60558474, 14.18020818}, {16.84215967, -3.18710751}, {-5.47807206, -6.77247129}, {9.46726546, 1.05922347}, {-5.40346201, -17.29490131}}

func droppingInvention() Check {
	const five = place(4)
	return Check{ID: "gaussian-mixture-mode-dropping-invention", Title: "modes dropped, then invented", Axis: "modes of the synthetic data; 5 are real"}.with([]criterion{
		{Bounds, "identical", same(closeToOne(five))},
		{Bounds, "most dropped modes", split(closeToOne(first), nil, nil)},
		{Bounds, "most invented modes", split(nil, closeToOne(last), nil)},
		{Purpose, "shape", split(highToLow, lowToHigh, bell(five))},
	}, Scenario{X: linspace(1, 10, 10), real: mixture(inventedModes, .25, equalWeights(5)), keep: []place{five},
		fake: mixture(inventedModes, .25, func(i int) []float64 { return repeated(1, i+1) })})
}

func hypersphere() Check {
	var all []Scenario
	x := linspace(.1, 1.9, 51)
	for _, d := range []int{2, 16, 128} {
		all = append(all, Scenario{ID: fmt.Sprint(d), X: x, real: shell(d, always(1)), fake: shell(d, at(x)), keep: []place{mid51}})
	}
	return Check{ID: "uniform-hypersphere-surface", Title: "surfaces of spheres", Axis: "radius of the synthetic sphere; the real one is 1"}.
		with(bellCriteria("shape", "small syn. radius", "large syn. radius"), all...)
}

// sizes are the 20 sizes of the checks that vary them.
func sizes() []float64 { return whole(logspace(2, 4, 20)) }

func hypercube(id, title string, both bool, group, large string) Check {
	const overlap = .2
	var all []Scenario
	x := sizes()
	for _, d := range dims {
		s := Scenario{ID: fmt.Sprint(d), X: x, real: cube(d, 0), fake: cube(d, 1-math.Pow(overlap, 1/float64(d))), nFake: at(x)}
		if both {
			s.nReal, s.fresh = at(x), true
		}
		all = append(all, s)
	}
	return Check{ID: id, Title: title, Axis: "rows", Log: true}.with([]criterion{{group, "shape", same(converging)}, {Purpose, large, same(closeTo(overlap, last))}}, all...)
}

func sphereTorus() Check {
	x := sizes()
	return Check{ID: "sphere-torus", Title: "a ball in a torus", Axis: "rows of the synthetic data", Log: true}.with(
		[]criterion{{Purpose, "shape", same(converging)}, {Bounds, "right extreme value", same(closeToZero(last))}},
		Scenario{ID: "real_sphere", X: x, real: ball, fake: torus, nFake: at(x)}, Scenario{ID: "real_torus", X: x, real: torus, fake: ball, nFake: at(x)})
}

func oneVersusTwo() Check {
	var all []Scenario
	x := linspace(0, 5, 20)
	for _, d := range dims {
		two := func(i int) [][]float64 { return [][]float64{repeated(-x[i]/2, d), repeated(x[i]/2, d)} }
		all = append(all, Scenario{ID: fmt.Sprint(d), X: x, fresh: true,
			real: pointwise(func(i int) law { return mixture(two(i), 1, equalWeights(2)) }),
			fake: normal(d, always(0), func(i int) float64 { return math.Sqrt(1 + x[i]*x[i]) })})
	}
	return Check{ID: "one-vs-two-modes", Title: "one wide mode for two", Axis: "distance of the real modes"}.with([]criterion{
		{Purpose, "shape", split(highToLow, either(highToLow, line), highToLow)}, {Bounds, "identical", same(closeToOne(first))}}, all...)
}

// endCriteria are those of sets that differ in one dimension whatever the others do.
func endCriteria(group string) []criterion {
	return []criterion{{group, "shape", same(line)}, {Bounds, "left extreme value", same(closeToZero(first))}, {Bounds, "right extreme value", same(closeToZero(last))}}
}

func scaling() Check {
	x := logspace(-3, 3, 20)
	return Check{ID: "gaussian-scaling-one-dimension", Title: "one dimension scaled", Axis: "scale of the second dimension", Log: true}.with(endCriteria(Invariance),
		Scenario{X: x, fresh: true, real: scaled(x, 0), fake: scaled(x, 6)})
}

func pareto() Check {
	x := means(1)
	return Check{ID: "gaussian-mean-difference-with-pareto", Title: "Gaussian mean difference + Pareto", Axis: "mean of the synthetic data"}.with(
		bellCriteria("bell shape", "extreme negative", "extreme positive"),
		Scenario{X: x, real: beside(normal(1, always(0), always(1))), fake: beside(normal(1, at(x), always(1))), keep: []place{mid51}})
}

func disjoint() Check {
	x := whole(logspace(0, 3, 20))
	return Check{ID: "gaussian-high-dim-one-disjoint-dim", Title: "one disjoint dimension and many equal ones", Axis: "equal dimensions", Log: true}.with(endCriteria(Purpose),
		Scenario{X: x, fresh: true, real: apart(x, 0), fake: apart(x, 6)})
}

func discrete() Check {
	x := logspace(0, 3, 20)
	plain := normal(1, always(0), at(x))
	ends := func(name string, i place) criterion {
		return criterion{Bounds, name, func(c Curve) test {
			if c.Scenario == "real_discrete" {
				return split(closeToZero(i), wide(i), closeToZero(i))(c)
			}
			return split(closeToOne(i), closeToZero(i), closeToZero(i))(c)
		}}
	}
	return Check{ID: "discrete-numerical-vs-continuous-numerical", Title: "rounded against continuous", Axis: "standard deviation before rounding", Log: true}.with([]criterion{
		{Purpose, "shape", same(line)}, ends("coarse discretisation", first), ends("fine discretisation", last)},
		Scenario{ID: "real_discrete", X: x, fresh: true, real: rounded(plain), fake: plain}, Scenario{ID: "real_continuous", X: x, fresh: true, real: plain, fake: rounded(plain)})
}

// pointwise is a law made anew at every point.
func pointwise(of func(i int) law) law {
	return func(s *rng.Source, i, n int) *mat.Dense { return of(i)(s, i, n) }
}
