package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// A two-stage VAE of lines: codes have p(z) = N(0, a^2 + s2^2) under the second stage, so p(x) = N(0, w w^T (a^2 + s2^2) + s^2 I) is known. With the optimal q at both stages
// every weight is p(x), whatever the codes. The second stage's lines are the short way from its input; the first is that of linear.
func TestTwoStageBoundOfALine(t *testing.T) {
	const a, s2 = 1.5, 0.5
	prior := a*a + s2*s2
	w2 := float64(lineW[0]*lineW[0] + lineW[1]*lineW[1])
	gain, v := prior/(prior*w2+lineS2), prior*lineS2/(prior*w2+lineS2)
	s := build(t, TwoStageVAE{}, twoPoints(), map[string]string{"width": "2", "depth": "1", "latent": "1", "batch": "3", "likelihood": "gaussian", "sigma": "0.6", "width_2": "3", "depth_2": "1"})
	u0, u1 := lineW[0]*float32(gain), lineW[1]*float32(gain)
	set := map[string][]float32{
		"encoder.fc0.w": {u0, -u0, u1, -u1},
		"encoder.out.w": {1 / 1.2, 0, -1 / 1.2, 0}, "encoder.out.b": {0, float32(math.Log(v))},
		"decoder.fc0.w": {1, -1}, "decoder.out.w": {lineW[0], lineW[1], -lineW[0], -lineW[1]},
		"encoder2.out.w": {0, 0, 0, 0, 0, 0, a / float32(prior), 0}, "encoder2.out.b": {0, float32(math.Log(s2 * s2 / prior))},
		"decoder2.out.w": {0, 0, 0, a}, "decoder2.log_variance": {float32(math.Log(s2 * s2))},
	}
	for _, p := range s.build.graph.Scope("").Params() {
		clear(nn.Data(p))
		copy(nn.Data(p), set[p.Name()])
		delete(set, p.Name())
	}
	if len(set) > 0 {
		t.Fatalf("no parameters are called %v", set)
	}
	x := samplesOf([2]float32{1, 0.3}, [2]float32{-0.2, 0.9}, [2]float32{0, 0}, [2]float32{2, -1})
	for seed := range uint64(3) {
		l, exact, err := s.Bound(context.Background(), x, 2, seed)
		if err != nil || exact {
			t.Fatal(exact, err)
		}
		for i := range l {
			p := [2]float64{float64(x.Row(i)[0]) * math.Sqrt2, float64(x.Row(i)[1]) * math.Sqrt2}
			c00, c01, c11 := prior*float64(lineW[0]*lineW[0])+lineS2, prior*float64(lineW[0]*lineW[1]), prior*float64(lineW[1]*lineW[1])+lineS2
			det := c00*c11 - c01*c01
			want := -math.Log(2*math.Pi) - 0.5*math.Log(det) - 0.5*(c11*p[0]*p[0]-2*c01*p[0]*p[1]+c00*p[1]*p[1])/det + math.Log(2)
			near(t, "optimal codes", l[i], want, 5e-5)
		}
	}
	// Samples have that distribution, but for the decoder's noise, which draw = mean leaves out: variance prior |w|^2 in all, of scaled points.
	drawn, err := s.Sample(context.Background(), 4000, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range drawn.Len() {
		sum += 2 * (math.Pow(float64(drawn.Row(i)[0]), 2) + math.Pow(float64(drawn.Row(i)[1]), 2))
	}
	near(t, "variance of samples", sum/4000, prior*w2, 5*prior*w2*math.Sqrt(2./4000))
}
