package zoo

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// A linear discriminator 1.2 (3 x_1 - 4 x_2) has the squared slope 36 on data and on samples, which are (1/2, 0): the penalty is gamma/2 (36 + 36). The data are
// (+-sqrt 2, 0), (0, +-sqrt 2) after scaling, so their answers are +-3.6 sqrt 2 and +-4.8 sqrt 2, and that of samples 1.8. A hidden layer of a number and its negative under
// leaky rectifiers of slope 0.2 gives 1.2 times the number.
func TestR3GANOfALine(t *testing.T) {
	s := build(t, R3GAN{}, twoPoints(), map[string]string{"width": "2", "depth": "1", "batch": "4", "gamma": "0.5"})
	set := map[string][]float32{"d.fc0.w": {3, -3, -4, 4}, "d.out.w": {1, -1}, "g.out.b": {0.5, 0}}
	for _, n := range []string{"d", "g"} {
		for _, p := range s.build.Scope(n).Params() {
			clear(nn.Data(p))
			copy(nn.Data(p), set[p.Name()])
		}
	}
	d, g := 0.0, 0.0
	for _, answer := range []float64{3.6, -3.6, 4.8, -4.8} {
		lead := answer*math.Sqrt2 - 1.8
		d += math.Log1p(math.Exp(-lead)) / 4
		g += math.Log1p(math.Exp(lead)) / 4
	}
	got := lossesAtZero(t, s)
	near(t, "D", got["d"], d+0.25*(36+36), 1e-4)
	near(t, "G", got["g"], g, 1e-5)
}

// With a weight of 1000 the loss is its penalties: their gradients are those of differences, on data and on samples alike. Several step lengths, the best counts. Biases
// are left out: they move slopes over kinks alone.
func TestR3GANPenaltyDerivatives(t *testing.T) {
	worst := map[string]float64{}
	for _, h := range []float64{1e-2, 3e-3, 1e-3, 3e-4} {
		s := build(t, R3GAN{}, twoPoints(), map[string]string{"width": "16", "depth": "2", "batch": "4", "gamma": "1000"})
		ds, err := s.Derivatives(h)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			if d.Turn != "d" || !strings.HasSuffix(d.Param, ".w") {
				continue
			}
			if e, ok := worst[d.Param]; !ok || d.Error() < e {
				worst[d.Param] = d.Error()
			}
		}
	}
	if len(worst) == 0 {
		t.Fatal("nothing was compared")
	}
	for p, e := range worst {
		if e > 0.02 {
			t.Errorf("%s: gradient and difference disagree by %.2g", p, e)
		}
	}
}
