package zoo

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// What is left of the data by numpy's cumprod(1 - linspace(1e-4, 0.02, 1000)) and by the same of the cosine's variances [nichol2021], held at 0.999.
func TestSchedules(t *testing.T) {
	for name, want := range map[string][3]float64{
		"linear": {0.9999, 0.07858724288177824, 4.035829765375676e-05},
		"cosine": {0.999958715775178, 0.4938435904406382, 2.4287669070348567e-09},
	} {
		a := schedule(name, 1000)
		for k, at := range []int{0, 499, 999} {
			near(t, name, a[at]/want[k], 1, 1e-9)
		}
	}
	if a := schedule("linear", 1); !(a[0] > 0 && a[0] < 1) {
		t.Errorf("one step keeps %v", a)
	}
	// The authors' sigmas of 18 steps.
	s := sizes(18, 0.002, 80, 7)
	for k, want := range map[int]float64{0: 80, 9: 1.9233398370400518, 17: 0.002, 18: 0} {
		near(t, "size", s[k], want, 1e-9*(1+want))
	}
	if s := sizes(1, 0.002, 80, 7); len(s) != 2 || math.Abs(s[0]-80) > 1e-9 || s[1] != 0 {
		t.Errorf("one size is %v", s)
	}
}

// For data N(0, c^2) the noise is known: e(x, t) = sqrt(1-a) x / (a c^2 + 1 - a). Fresh noise at every step gives the data's variance; without any, a sample is a multiple of the
// first noise, c times it in the limit of many steps.
func TestDenoisingOfAGaussian(t *testing.T) {
	const c, rows = 0.3, 4000
	a := schedule("linear", 1000)
	p := &diffusion{b: build(t, GAN{}, plane(8, 2), nil).build, kept: a}
	for _, share := range []float64{0, 1} {
		r := rng.Stream(2, "denoise")
		y := normals(slices.Repeat([]*rng.Source{r}, rows), 1, 1)
		first := make([]float64, rows)
		for i := range y {
			first[i] = y[i][0]
			for n := len(a) - 1; n >= 0; n-- {
				before := 1.0
				if n > 0 {
					before = a[n-1]
				}
				e := float32(math.Sqrt(1-a[n]) * y[i][0] / (a[n]*c*c + 1 - a[n]))
				p.step(y[i], []float32{e}, a[n], before, share, r)
			}
		}
		sum := 0.0
		for i := range y {
			sum += y[i][0] * y[i][0] / rows
			if share == 0 {
				near(t, "ddim", y[i][0], c*first[i], 0.02*c*math.Abs(first[i]))
			}
		}
		near(t, "variance", sum/(c*c), 1, 0.02+4*math.Sqrt(2.0/rows))
	}
}

// For data N(0, c^2) the best denoiser is x c^2 / (c^2 + s^2): samples are the first noise times c / sqrt(c^2 + s_max^2), and the density at s_min is N(0, c^2 + s_min^2) but
// for what the noise of size s_max lacks to the noised data.
func TestEDMOfAGaussian(t *testing.T) {
	const c, lo, hi = 0.6, 0.01, 20
	set := plane(32, 2)
	s := build(t, EDM{}, set, map[string]string{"width": "4", "batch": "8", "sigma_min": "0.01", "sigma_max": "20", "nfe": "200", "tolerance": "1e-6"})
	f := s.build.sample.drawer.(*fieldFlow)
	size := nn.Square(nn.Exp(f.t))
	f.v = nn.MulRows(f.x, nn.Mul(size, nn.Pow(nn.AddConst(size, c*c), -1)))
	var err error
	if f.velocity, err = nn.Compile(f.v); err != nil {
		t.Fatal(err)
	}
	x, err := s.Sample(context.Background(), 5, nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		z := normals([]*rng.Source{rng.Stream(3, "sample", "edm", string(rune('0'+i)))}, 2, hi)[0]
		want := []float32{float32(z[0] * c / math.Hypot(c, hi)), float32(z[1] * c / math.Hypot(c, hi))}
		s.build.scale.undo(want)
		for j := range want {
			near(t, "sample", float64(x.Row(i)[j]), float64(want[j]), 5e-3)
		}
	}
	if s.Evaluations() != 199 { // a hundred steps, the last of one evaluation
		t.Errorf("%v evaluations", s.Evaluations())
	}
	got, exact, err := s.LogLikelihood(context.Background(), set.Test)
	if err != nil || !exact {
		t.Fatalf("exact %t, %v", exact, err)
	}
	stretch := math.Hypot(c, hi) / math.Hypot(c, lo)
	for i := range got {
		v := make([]float32, 2)
		s.build.scale.apply(v, set.Test.Row(i))
		square := (float64(v[0])*float64(v[0]) + float64(v[1])*float64(v[1])) * stretch * stretch
		near(t, "log p", got[i], -square/(2*hi*hi)-math.Log(2*math.Pi*hi*hi)+2*math.Log(stretch)+s.build.scale.logVolume(2), 1e-4)
	}
	// Fresh noise on the way leaves the size of the samples as it is.
	if err := s.Set("churn", "40"); err != nil {
		t.Fatal(err)
	}
	x, err = s.Sample(context.Background(), 4000, nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range x.Data {
		sum += math.Pow(float64(v/s.build.scale.scale), 2)
	}
	near(t, "variance with churn", sum/float64(len(x.Data))/(c*c), 1, 0.02+4*math.Sqrt(2.0/8000))
}

// fourClusters are four narrow ones on the axes.
func fourClusters(n int) *datasets.Set {
	x := &datasets.Samples{Shape: []int{2}, Data: make([]float32, 2*n)}
	rng.Stream(6, "clusters").FillNormal(x.Data)
	for i := range n {
		angle := float64(i%4) * math.Pi / 2
		x.Row(i)[0] = float32(math.Cos(angle)) + 0.1*x.Row(i)[0]
		x.Row(i)[1] = float32(math.Sin(angle)) + 0.1*x.Row(i)[1]
	}
	return &datasets.Set{Info: datasets.Info{ID: "clusters", Kind: datasets.Points, Shape: []int{2}}, Train: x, Test: x}
}

// What trained networks say of points are densities: the sum of p over the plane is 1, though the field is any function.
func TestDensitiesOfTrainedFields(t *testing.T) {
	const side, half = 90, 2.2
	var grid [][2]float32
	for i := range side * side {
		grid = append(grid, [2]float32{float32(2*half*(float64(i/side)+0.5)/side - half), float32(2*half*(float64(i%side)+0.5)/side - half)})
	}
	for _, c := range []struct {
		m    Model
		more map[string]string
	}{
		{FlowMatching{}, map[string]string{"coupling": "ot"}},
		{EDM{}, map[string]string{"sigma_min": "0.1", "sigma_max": "20"}},
	} {
		settings := map[string]string{"width": "16", "depth": "2", "batch": "64", "ema": "0.9", "lr": "5e-3", "tolerance": "1e-4"}
		for k, v := range c.more {
			settings[k] = v
		}
		s := build(t, c.m, fourClusters(300), settings)
		if err := s.Train(context.Background(), TrainOptions{Steps: 300}); err != nil {
			t.Fatal(err)
		}
		nats, _, err := s.LogLikelihood(context.Background(), samplesOf(grid...))
		if err != nil {
			t.Fatal(err)
		}
		sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
		for _, v := range nats {
			sum += math.Exp(v) * math.Pow(2*half/side, 2)
			least, most = min(least, v), max(most, v)
		}
		near(t, c.m.Info().ID+": mass", sum, 1, 0.01)
		if most-least < 3 {
			t.Errorf("%s has learned nothing: log p from %v to %v", c.m.Info().ID, least, most)
		}
	}
}

// The noise of a batch in the order that optimal transport gives it: the same rows, and no exchange of two brings it nearer to the data.
func TestTransportedNoise(t *testing.T) {
	s := build(t, FlowMatching{}, plane(64, 3), map[string]string{"width": "4", "batch": "24", "coupling": "ot"})
	plain := build(t, FlowMatching{}, plane(64, 3), map[string]string{"width": "4", "batch": "24"})
	var data, ordered, drawn []float32
	for _, b := range []*Builder{s.build, plain.build} {
		for _, in := range b.feeds {
			in.fill()
		}
		data = nn.Data(b.feeds[0].nodes[0])
		drawn, ordered = nn.Data(b.feeds[1].nodes[0]), drawn
	}
	rowsOf := func(x []float32) [][]float32 { return slices.Collect(slices.Chunk(x, 3)) }
	byFirst := func(a, b []float32) int { return slices.Compare(a, b) }
	if a, b := rowsOf(ordered), rowsOf(drawn); slices.EqualFunc(a, b, slices.Equal[[]float32]) || !slices.EqualFunc(slices.SortedFunc(slices.Values(a), byFirst), slices.SortedFunc(slices.Values(b), byFirst), slices.Equal[[]float32]) {
		t.Error("the noise is not the same rows in another order")
	}
	far := func(i, j int) (d float64) {
		for k := range 3 {
			d += math.Pow(float64(data[3*i+k]-ordered[3*j+k]), 2)
		}
		return d
	}
	for i := range 24 {
		for j := range i {
			if far(i, i)+far(j, j) > far(i, j)+far(j, i)+1e-5 {
				t.Errorf("rows %d and %d would be nearer exchanged", i, j)
			}
		}
	}
}

// Fields and invertible layers, trained on one normal sample, say the same of it: its own cross entropy with the distribution that it was drawn from, D/2 log 2 pi + E |x|^2 / 2, to
// a twentieth of a nat. The solver's tolerance of 1e-5 is far below what a short training leaves.
func TestLikelihoodsOfANormalAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	set := plane(4000, 2)
	for _, c := range []struct {
		m        Model
		settings map[string]string
	}{
		{FlowMatching{}, map[string]string{"width": "32", "depth": "2", "batch": "128"}},
		{EDM{}, map[string]string{"width": "32", "depth": "2", "batch": "128"}},
		{RealNVP{}, map[string]string{"width": "16", "batch": "128"}},
	} {
		s := build(t, c.m, set, c.settings)
		if err := s.Train(context.Background(), TrainOptions{Steps: 2000}); err != nil {
			t.Fatal(err)
		}
		nats, exact, err := s.LogLikelihood(context.Background(), set.Test.Slice(0, 1000))
		if err != nil || !exact {
			t.Fatalf("%s: exact %t, %v", c.m.Info().ID, exact, err)
		}
		some := math.Log(2 * math.Pi)
		for _, v := range set.Test.Slice(0, 1000).Data {
			some += float64(v) * float64(v) / 2000
		}
		mean := 0.0
		for _, v := range nats {
			mean -= v / float64(len(nats))
		}
		near(t, c.m.Info().ID, mean, some, 0.05)
	}
}
