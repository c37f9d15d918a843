package zoo

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// What float32 leaves of a map of a few layers and back, relative to the largest value.
const roundTrip = 2e-4

// clusters is a labelled set of n points about k places of a circle, in d dimensions (the others are noise).
func clusters(n, d int) *datasets.Set {
	x := &datasets.Samples{Shape: []int{d}, Data: make([]float32, n*d)}
	r := rng.Stream(7, "clusters")
	for i := range n {
		row := x.Row(i)
		for j := range row {
			row[j] = float32(0.3 * r.Normal())
		}
		row[0] += float32(math.Cos(float64(i % 3)))
		row[1] += float32(math.Sin(float64(i % 3)))
	}
	return &datasets.Set{Train: x, Test: x}
}

// greys is a set of images on the 256 levels.
func greys(n, h, w, c int) *datasets.Set {
	x := &datasets.Samples{Shape: []int{h, w, c}, Data: make([]float32, n*h*w*c)}
	r := rng.Stream(7, "greys")
	for i := range x.Data {
		x.Data[i] = float32(float64(r.IntN(256))/127.5 - 1)
	}
	return &datasets.Set{Train: x, Test: x}
}

func trainedFlow(t *testing.T, set *datasets.Set, steps int, settings map[string]string) *Session {
	t.Helper()
	s := build(t, RealNVP{}, set, settings)
	if err := s.Train(context.Background(), TrainOptions{Steps: steps}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFlowInverts: the way back from the way there is where it began, on points of two and three values and on images of one scale and two; and a sample's latent
// vector decodes to it.
func TestFlowInverts(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      *datasets.Set
		settings map[string]string
	}{
		{"plane", clusters(200, 2), map[string]string{"width": "8", "depth": "1", "batch": "32", "layers": "5"}},
		{"space", clusters(200, 3), map[string]string{"width": "8", "depth": "1", "batch": "32", "layers": "4"}},
		{"one scale", greys(40, 4, 6, 1), map[string]string{"width": "6", "depth": "1", "batch": "8", "layers": "6"}},
		{"two scales", greys(40, 8, 4, 3), map[string]string{"width": "6", "depth": "2", "batch": "8", "layers": "3"}},
	} {
		s := trainedFlow(t, c.set, 30, c.settings)
		b := s.build
		f, err := b.flow(b.Scope("flow").With(nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		x := b.graph.Input("anything", append([]int{b.Batch}, b.Shape...)...)
		rng.Stream(1, "anything").FillNormal(nn.Data(x))
		z, _ := f.forward(x)
		v := values(t, f.inverse(z), z)
		moved := 0.0
		for i, have := range v[0] {
			near(t, c.name, float64(have), float64(nn.Data(x)[i]), roundTrip*10)
			moved = max(moved, math.Abs(float64(have-v[1][i])))
		}
		if moved < 0.5 {
			t.Errorf("%s: the map moves nothing by more than %v", c.name, moved)
		}
		if b.Kind == datasets.Images {
			continue // encoding them draws the noise of levels
		}
		codes, err := s.Encode(context.Background(), c.set.Train)
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Decode(context.Background(), codes, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, have := range back.Data {
			near(t, c.name+" decoded", float64(have), float64(c.set.Train.Data[i]), roundTrip)
		}
	}
}

// TestFlowDeterminant: the sum of log-scales is the logarithm of the determinant of the map's Jacobian, taken by central differences.
func TestFlowDeterminant(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      *datasets.Set
		settings map[string]string
	}{
		{"space", clusters(200, 3), map[string]string{"width": "8", "depth": "1", "batch": "2", "layers": "4", "lr": "1e-2"}},
		{"images", greys(40, 4, 4, 1), map[string]string{"width": "6", "depth": "2", "batch": "2", "layers": "3", "lr": "1e-2"}},
	} {
		b := trainedFlow(t, c.set, 200, c.settings).build
		f, err := b.flow(b.Scope("flow").With(nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		x := b.graph.Input("anything", append([]int{b.Batch}, b.Shape...)...)
		rng.Stream(3, "anything").FillNormal(nn.Data(x))
		z, logDet := f.forward(x)
		prog, err := nn.Compile(z, logDet)
		if err != nil {
			t.Fatal(err)
		}
		d := len(nn.Data(x)) / b.Batch
		at := func(j int, by float32) []float32 {
			old := nn.Data(x)[j]
			nn.Data(x)[j] = old + by
			defer func() { nn.Data(x)[j] = old }()
			if err := prog.Run(); err != nil {
				t.Fatal(err)
			}
			return append([]float32(nil), prog.Get(z)[:d]...)
		}
		const h = 2e-3 // float32 leaves 1e-7 / 2e-3 of a difference
		jacobian := mat.NewDense(d, d, nil)
		for j := range d {
			up, down := at(j, h), at(j, -h)
			for i := range d {
				jacobian.Set(i, j, float64(up[i]-down[i])/(2*h))
			}
		}
		want, _ := mat.LogDet(jacobian)
		at(0, 0)
		got := float64(prog.Get(logDet)[0])
		near(t, c.name, got, want, 0.01)
		if math.Abs(want) < 0.05 {
			t.Errorf("%s: the determinant %v is nearly that of the identity and proves nothing", c.name, want)
		}
	}
}

// onGrid is the exact log-density of a model of points in the plane, at the points of a lattice of step h from -half to half.
func onGrid(t *testing.T, s *Session, half, h float64) []float64 {
	t.Helper()
	grid := &datasets.Samples{Shape: []int{2}}
	for x := -half; x < half; x += h {
		for y := -half; y < half; y += h {
			grid.Data = append(grid.Data, float32(x), float32(y))
		}
	}
	l, exact, err := s.LogLikelihood(context.Background(), grid)
	if err != nil || !exact {
		t.Fatal(exact, err)
	}
	return l
}

// TestFlowIntegrates: the density of points adds up to 1, by the trapezoid rule at a tenth of the narrowest width.
func TestFlowIntegrates(t *testing.T) {
	s := trainedFlow(t, clusters(500, 2), 300, map[string]string{"width": "16", "depth": "1", "batch": "64", "layers": "6", "lr": "3e-3"})
	const h = 0.03
	l := onGrid(t, s, 4, h)
	mass, most := 0.0, 0.0
	for _, v := range l {
		mass += math.Exp(v) * h * h
		most = max(most, math.Exp(v))
	}
	near(t, "mass", mass, 1, 2e-3)
	if most < 0.25 {
		t.Errorf("the density is nowhere above %v: it has learnt nothing of three clusters of width 0.3", most)
	}
}

// TestFlowLevels: with couplings that do nothing the logits of a level's cell are normal, so that its probability is a difference of normal distribution functions.
// 3000 draws of the noise; tolerance of five standard errors.
func TestFlowLevels(t *testing.T) {
	set := greys(10, 2, 2, 1)
	s := build(t, RealNVP{}, set, map[string]string{"width": "2", "depth": "1", "batch": "4", "layers": "2"})
	for _, p := range s.build.Scope("flow").Params() {
		clear(nn.Data(p))
	}
	levels := [4]int{0, 100, 127, 254}
	x := &datasets.Samples{Shape: []int{2, 2, 1}}
	want := 0.0
	phi := func(y float64) float64 {
		p := 0.05 + 0.9*y
		return 0.5 * math.Erfc(-math.Log(p/(1-p))/math.Sqrt2)
	}
	for _, k := range levels {
		x.Data = append(x.Data, float32(float64(k)/127.5-1))
		want += math.Log(phi(float64(k+1)/256) - phi(float64(k)/256))
	}
	l, exact, err := s.Bound(context.Background(), x, 3000, 1)
	if err != nil || exact {
		t.Fatal(exact, err)
	}
	near(t, "log-probability of four levels", l[0], want, 0.01)
	d, _ := s.Density()
	for i, k := range d.Symbols(x.Row(0)) {
		if k != levels[i] || d.Sites != 4 || !d.Discrete || d.Alphabet != 256 {
			t.Errorf("symbol %d is %d, want %d; %+v", i, k, levels[i], d)
		}
	}
}

// Points of one value are refused with the reason.
func TestFlowNeedsTwoValues(t *testing.T) {
	x := &datasets.Samples{Shape: []int{1}, Data: make([]float32, 8)}
	_, err := New(RealNVP{}, Config{Set: &datasets.Set{Train: x}})
	if err == nil || err.Error() != "model realnvp on : points of one value leave a coupling nothing to read: choose a data set with two or more" {
		t.Error(err)
	}
}
