package datasets

import (
	"context"
	"math"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// Branches is the smallest task whose answer is a choice: a road that forks. The source is a place x uniform on [-1, 1], the target where one may be next,
//
//	y = s f(x) + sigma e,   f(x) = 0.75 - 0.25 cos(pi x),   s = +1 or -1 with equal odds,   e ~ N(0, 1)
//
// so a sample and its partner say nothing of which way the next one will turn. Whoever answers with the mean is off the road everywhere: E y = 0, and the
// branches are never nearer to it than 0.5. A right answer is within three sigma of either branch.
type Branches struct{}

var _ Dataset = Branches{}

// Info describes the set.
func (Branches) Info() Info {
	return Info{
		ID: "branches", Title: "a fork in the road: one place, two ways on, paired", Kind: Points, Shape: []int{1}, Paper: "isola2017",
		License: "synthetic, no rights reserved", Sizes: Sizes{20_000, 5_000, 5_000}, Target: true, Paired: true,
		Params: []Param{{"sigma", 0.05, 1e-9, 0.16, false, "standard deviation about a branch; beyond 0.16 the branches would touch"}},
	}
}

// branch is f(x).
func branch(x float64) float64 { return 0.75 - 0.25*math.Cos(math.Pi*x) }

// Load draws every pair from a stream of its own.
func (b Branches) Load(ctx context.Context, o Options) (*Set, error) {
	info := b.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	n, err := sizes(info, o)
	if err != nil {
		return nil, err
	}
	set := &Set{Info: info, Target: &Domain{Paired: true}}
	for _, s := range []struct {
		name string
		n    int
		x, y **Samples
	}{{"train", n.Train, &set.Train, &set.Target.Train}, {"test", n.Test, &set.Test, &set.Target.Test}, {"hold", n.Hold, &set.Hold, &set.Target.Hold}} {
		*s.x, *s.y = &Samples{Shape: info.Shape, Data: make([]float32, s.n)}, &Samples{Shape: info.Shape, Data: make([]float32, s.n)}
		err := parallel(ctx, s.n, func(lo, hi int) error {
			for i := lo; i < hi; i++ {
				src := rng.Stream(o.Seed, "dataset", info.ID, s.name, strconv.Itoa(i))
				x := float32(2*src.Float64() - 1)
				side := float64(2*src.IntN(2) - 1)
				(*s.x).Data[i], (*s.y).Data[i] = x, float32(side*branch(float64(x))+p["sigma"]*src.Normal())
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	test := set.Test
	set.Target.Answers = func(i int) Answers {
		f := float32(branch(float64(test.Row(i)[0])))
		return Answers{Right: [][]float32{{f}, {-f}}, Within: 3 * p["sigma"]}
	}
	return set, nil
}
