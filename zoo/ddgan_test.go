package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// The authors' four steps, by numpy in float64 from the formulas of their code (variances of the equation at five times, their quotients, the posterior's coefficients). They
// put noise of variance 1e-8 into the data as well, which is none here.
func TestJumps(t *testing.T) {
	kept := []float64{0.5217446970381215, 0.07867596759292886, 0.003428878902293196, 4.319049759452556e-05}
	want := []jump{
		{data: 1, noise: 0, keep: 0.7223189718110148, add: 0.6915600501488489, clean: 1, noisy: 0, deviation: 0},
		{keep: 0.3883220257508673, add: 0.9215237405063109, clean: 0.6657783649594312, noisy: 0.2015762766841574, deviation: 0.6639421268929814},
		{keep: 0.20876372014040298, add: 0.9779661083867577, clean: 0.2691908894418878, noisy: 0.19300080886168874, deviation: 0.9403203941033106},
		{keep: 0.112232343150257, add: 0.9936819919627219, clean: 0.05782154211779916, noisy: 0.11185234299502522, deviation: 0.9919983441610377},
	}
	for i, got := range jumpsOf(4) {
		w := want[i]
		if i > 0 {
			w.data, w.noise = math.Sqrt(kept[i-1]), math.Sqrt(1-kept[i-1])
		}
		for _, c := range [][2]float64{{got.data, w.data}, {got.noise, w.noise}, {got.keep, w.keep}, {got.add, w.add}, {got.clean, w.clean}, {got.noisy, w.noisy}, {got.deviation, w.deviation}} {
			near(t, "step", c[0], c[1], 1e-12)
		}
	}
}

// For data N(0, c^2) the generator that a discriminator cannot beat draws from p(x | x_t), a normal distribution of mean sqrt(a) c^2 x_t / v and variance c^2 (1 - a) / v, v = a c^2 + 1 - a.
// The steps back then end at the data's variance, for one step as for four.
func TestStepsBackOfAGaussian(t *testing.T) {
	const c, rows = 0.3, 4000
	for _, steps := range []int{1, 4} {
		jumps, r := jumpsOf(steps), rng.Stream(2, "jumps")
		sum := 0.0
		for range rows {
			y := []float64{r.Normal()}
			for i := steps - 1; i >= 0; i-- {
				j := jumps[i]
				a := j.data * j.keep * j.data * j.keep
				v := a*c*c + 1 - a
				clean := math.Sqrt(a)*c*c*y[0]/v + math.Sqrt(c*c*(1-a)/v)*r.Normal()
				j.back(y, []float32{float32(clean)}, r)
			}
			sum += y[0] * y[0] / rows
		}
		near(t, "variance", sum/(c*c), 1, 4*math.Sqrt(2.0/rows))
	}
}

// A critic that is linear where it is asked, D = 3 b_1 - 4 b_2 + 5 x_1 + 7 x_2 + const of the sample b before the step and x after it, has the squared slope 25: x is made of b, which
// is no business of the penalty.
func TestPenaltyIsOnTheSampleBefore(t *testing.T) {
	s := build(t, DDGAN{}, twoPoints(), map[string]string{"width": "8", "depth": "1", "batch": "4"})
	for _, p := range s.build.Scope("d").Params() {
		clear(nn.Data(p))
		switch p.Name() {
		case "d.fc0.w": // the first of eight units
			for i, v := range []float32{3, -4, 5, 7} {
				nn.Data(p)[8*i] = v
			}
		case "d.fc0.b":
			nn.Data(p)[0] = 1000
		case "d.out.w":
			nn.Data(p)[0] = 1
		}
	}
	for _, f := range s.build.turns[0].feeds {
		f.fill()
	}
	near(t, "squared slope", float64(values(t, s.build.turns[0].Watch["squared slope"])[0][0]), 25, 1e-3)
}

// A sample is an evaluation for each step of the schedule.
func TestEvaluationsOfJumps(t *testing.T) {
	s := build(t, DDGAN{}, plane(32, 2), map[string]string{"width": "4", "batch": "8", "timesteps": "3"})
	if _, err := s.Sample(context.Background(), 5, nil, 3); err != nil {
		t.Fatal(err)
	}
	if s.Evaluations() != 3 {
		t.Errorf("%v evaluations", s.Evaluations())
	}
}
