package datasets

import (
	"math"

	"github.com/assay-gan/assay/rng"
)

// arm is a curve in the plane and how points spread along it: at(t) for t = when(u), u uniform on [0, 1], so that the density of t is weight(t) on [lo, hi].
type arm struct {
	at     func(t float64) (x, y float64)
	when   func(u float64) float64
	weight func(t float64) float64
	lo, hi float64
	speed  float64 // no less than |d at / dt|
}

// evenly spreads points evenly over t in [lo, hi].
func evenly(lo, hi, speed float64, at func(t float64) (x, y float64)) arm {
	return arm{at: at, lo: lo, hi: hi, speed: speed,
		when:   func(u float64) float64 { return lo + (hi-lo)*u },
		weight: func(float64) float64 { return 1 / (hi - lo) }}
}

// curves is a law of points about curves, each with the same odds, with normal noise:
//
//	p(x) = 1/K sum_k int weight_k(t) N(x; at_k(t), sigma^2 I) dt
//
// The integral is a Gauss-Legendre rule of 8 nodes on pieces of a curve no longer than sigma, over which the integrand is a Gaussian cut short: its error is below
// 1e-9 of the density wherever a point can be expected.
type curves struct {
	arms     []arm
	sigma    float64
	labelled bool
	nodes    [][2]float64
	weights  []float64 // of the nodes
}

var _ Law = (*curves)(nil)

// The nodes and weights of the Gauss-Legendre rule of 8 nodes on [-1, 1]; the other half is its mirror image.
var (
	legendreNodes   = [4]float64{0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363}
	legendreWeights = [4]float64{0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763}
)

func newCurves(sigma float64, arms ...arm) *curves {
	c := &curves{arms: arms, sigma: sigma, labelled: len(arms) > 1}
	for _, a := range arms {
		pieces := max(4, int(math.Ceil((a.hi-a.lo)*a.speed/sigma)))
		half := (a.hi - a.lo) / float64(2*pieces)
		for p := range pieces {
			middle := a.lo + half*float64(2*p+1)
			for i, n := range legendreNodes {
				for _, t := range [2]float64{middle - half*n, middle + half*n} {
					x, y := a.at(t)
					c.nodes = append(c.nodes, [2]float64{x, y})
					c.weights = append(c.weights, legendreWeights[i]*half*a.weight(t)/float64(len(arms)))
				}
			}
		}
	}
	return c
}

// Dim is 2.
func (c *curves) Dim() int { return 2 }

// Draw puts a point about one of the curves; the curve is its label where there are several.
func (c *curves) Draw(p []float32, src *rng.Source) int {
	k := 0
	if c.labelled {
		k = src.IntN(len(c.arms))
	}
	x, y := c.arms[k].at(c.arms[k].when(src.Float64()))
	p[0], p[1] = float32(x+c.sigma*src.Normal()), float32(y+c.sigma*src.Normal())
	if !c.labelled {
		return -1
	}
	return k
}

// LogDensity is ln p(x) by the rule above, without overflow.
func (c *curves) LogDensity(p []float32) float64 {
	if len(p) != 2 {
		return math.NaN()
	}
	near := math.Inf(1) // squared distance to the nearest node
	for _, n := range c.nodes {
		near = math.Min(near, c.square(p, n))
	}
	inv := 1 / (2 * c.sigma * c.sigma)
	sum := 0.0
	for i, n := range c.nodes {
		if e := (near - c.square(p, n)) * inv; e > -40 { // less is nothing beside the nearest
			sum += c.weights[i] * math.Exp(e)
		}
	}
	return math.Log(sum) - near*inv - math.Log(2*math.Pi*c.sigma*c.sigma)
}

func (*curves) square(p []float32, node [2]float64) float64 {
	dx, dy := float64(p[0])-node[0], float64(p[1])-node[1]
	return dx*dx + dy*dy
}
