package zoo

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// All networks at zero but for the generator's last bias (2, -1) and the encoder's (1, v): the discriminator answers 0, so each side pays 2 log 2 in ALI; VEEGAN's
// generator pays lambda E |z - F|^2 with F = 1 in the one latent dimension, E (z - 1)^2 = 2.
func TestJointLossesAtZero(t *testing.T) {
	s := build(t, ALI{}, twoPoints(), map[string]string{"width": "8", "batch": "4"})
	got := lossesAtZero(t, s, "d", "g")
	near(t, "ali D", got["d"], 2*math.Ln2, 1e-6)
	near(t, "ali G", got["g"], 2*math.Ln2, 1e-6)

	s = build(t, VEEGAN{}, twoPoints(), map[string]string{"width": "8", "batch": "4096", "latent": "1", "lambda": "3"})
	for _, n := range []string{"d", "g"} {
		for _, p := range s.build.Scope(n).Params() {
			clear(nn.Data(p))
			if p.Name() == "g.encoder.out.b" {
				nn.Data(p)[0] = 1
			}
		}
	}
	got = lossesAtZero(t, s)
	near(t, "veegan D", got["d"], 2*math.Ln2, 1e-6)
	near(t, "veegan G", got["g"], 3*2, 3*0.2) // four standard errors: Var (z - 1)^2 = 6, over 4096 rows
}

// The joint discriminator of images sees both halves: a head that adds up everything answers differently when the sample or the latent vector changes.
func TestJointCriticSeesBoth(t *testing.T) {
	s := build(t, ALI{}, bars(), map[string]string{"width": "4", "depth": "1", "batch": "2", "latent": "3"})
	d := s.build.jointCritic(s.build.Scope("d").With(nil, nil), s.build.channelsIn(), 3, normNone)
	g := s.build.graph
	x, y := g.Input("x", 2, 4, 4, 1), g.Input("y", 2, 4, 4, 1)
	z, w := g.Input("z", 2, 3), g.Input("w", 2, 3)
	for _, n := range []*nn.Node{y, w} {
		for i := range nn.Data(n) {
			nn.Data(n)[i] = float32(i%3) - 0.5
		}
	}
	v := values(t, d(x, z), d(y, z), d(x, w))
	if v[0][0] == v[1][0] || v[0][0] == v[2][0] {
		t.Errorf("answers %v", v)
	}
	if v[0][0] != v[0][1] {
		t.Errorf("two equal rows are judged %v and %v", v[0][0], v[0][1])
	}
}

// The encoder's draw is mean + exp(v / 2) eps: with the network at zero but for the biases (3, 2 log 5), it has mean 3 and standard deviation 5.
func TestInferenceIsNormal(t *testing.T) {
	s := build(t, ALI{}, twoPoints(), map[string]string{"width": "8", "batch": "4096", "latent": "1"})
	for _, p := range s.build.Scope("g.encoder").Params() {
		clear(nn.Data(p))
		if p.Name() == "g.encoder.out.b" {
			nn.Data(p)[0], nn.Data(p)[1] = 3, float32(2*math.Log(5))
		}
	}
	for _, f := range s.build.turns[0].feeds {
		f.fill()
	}
	var eps []float32
	for _, in := range s.build.feeds {
		if in.name() == "inference" {
			eps = nn.Data(in.nodes[0])
		}
	}
	// The discriminator reads (x, draw): make it the draw itself, and its mean answer on data is watched.
	sum := 0.0
	for _, e := range eps {
		sum += 1 / (1 + math.Exp(-float64(3+5*e))) / float64(len(eps))
	}
	for _, p := range s.build.Scope("d").Params() {
		d := nn.Data(p)
		clear(d)
		switch p.Name() { // leaky units pass 10 + draw on, the head takes the 10 away
		case "d.fc0.w":
			d[2*8] = 1 // rows x_1, x_2, z; first unit
		case "d.fc1.w", "d.fc2.w", "d.out.w":
			d[0] = 1
		case "d.fc0.b":
			d[0] = 100
		case "d.out.b":
			d[0] = -100
		}
	}
	near(t, "D(real)", float64(values(t, s.build.turns[0].Watch["D(real)"])[0][0]), sum, 1e-4)
}

// bars are four 4 x 4 images.
func bars() *datasets.Set {
	x := &datasets.Samples{Shape: []int{4, 4, 1}, Data: make([]float32, 4*16), Labels: []int{0, 1, 0, 1}}
	for i := range x.Data {
		x.Data[i] = float32(i%5)/2 - 1
	}
	return &datasets.Set{Train: x}
}
