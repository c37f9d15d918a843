package zoo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// exponential is dy/dt = y + t for every row, whose solution is (y0 + t0 + 1) e^(t - t0) - t - 1.
func exponential(_ context.Context, t []float64, y, dy [][]float64) error {
	for i := range y {
		for j := range y[i] {
			dy[i][j] = y[i][j] + t[i]
		}
	}
	return nil
}

// The error of a method of order p falls by 2^p when the steps are halved.
func TestOrdersOfSolvers(t *testing.T) {
	order := map[string]float64{"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4}
	for _, m := range fixedMethods {
		off := func(steps int) float64 {
			y := [][]float64{{1}}
			if err := solveFixed(context.Background(), m, exponential, y, 0.5, 1.5, steps); err != nil {
				t.Fatal(err)
			}
			return math.Abs(y[0][0] - (2.5*math.E - 2.5))
		}
		if got := math.Log2(off(20) / off(40)); math.Abs(got-order[m.name]) > 0.1 {
			t.Errorf("%s is of order %v, want %v", m.name, got, order[m.name])
		}
	}
}

// The adaptive solver keeps its tolerance both ways, gives rows the paths they would take alone, and says that a field without end is none.
func TestAdaptiveSolver(t *testing.T) {
	ctx := context.Background()
	for _, tol := range []float64{1e-3, 1e-6, 1e-9} {
		y, took := [][]float64{{1, -1}, {20, 3}}, make([]int, 2)
		if err := solveAdaptive(ctx, exponential, y, 0.5, 1.5, tol, took); err != nil {
			t.Fatal(err)
		}
		for i, from := range [][]float64{{1, -1}, {20, 3}} {
			for j, y0 := range from {
				near(t, "solution", y[i][j], (y0+1.5)*math.E-2.5, 10*tol*(1+math.Abs(y[i][j])))
			}
		}
		alone, count := [][]float64{{20, 3}}, make([]int, 1)
		if err := solveAdaptive(ctx, exponential, alone, 0.5, 1.5, tol, count); err != nil {
			t.Fatal(err)
		}
		if alone[0][0] != y[1][0] || count[0] != took[1] || (count[0]-1)%6 != 0 {
			t.Errorf("a row alone: %v after %v evaluations, beside another %v after %v", alone[0], count, y[1], took)
		}
		if err := solveAdaptive(ctx, exponential, y, 1.5, 0.5, tol, took); err != nil {
			t.Fatal(err)
		}
		near(t, "there and back", y[0][0], 1, 100*tol)
	}
	blowUp := func(_ context.Context, _ []float64, y, dy [][]float64) error {
		dy[0][0] = y[0][0] * y[0][0]
		return nil
	}
	if err := solveAdaptive(ctx, blowUp, [][]float64{{1}}, 0, 2, 1e-6, make([]int, 1)); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("1/(1-t) beyond 1: %v", err)
	}
}

// plane is a data set whose points are N(0, 1) after scaling, for models that are told their field by hand.
func plane(n, d int) *datasets.Set {
	x := &datasets.Samples{Shape: []int{d}, Data: make([]float32, n*d)}
	rng.Stream(5, "plane").FillNormal(x.Data)
	return &datasets.Set{Info: datasets.Info{ID: "plane", Kind: datasets.Points, Shape: []int{d}}, Train: x, Test: x}
}

// linearField replaces the field of a session by v = x A, at all times.
func linearField(t *testing.T, s *Session, a ...float32) *fieldFlow {
	t.Helper()
	f := s.build.sample.drawer.(*fieldFlow)
	m := s.build.graph.Input("A", f.width(), f.width())
	copy(nn.Data(m), a)
	f.v = nn.MatMul(nn.Reshape(f.x, s.build.Batch, f.width()), m, false, false)
	if len(s.build.Shape) > 1 {
		f.v = nn.Reshape(f.v, f.x.Shape()...)
	}
	var err error
	if f.velocity, err = nn.Compile(f.v); err != nil {
		t.Fatal(err)
	}
	f.spread = nil
	return f
}

// Along v = x A noise N(0, I) becomes N(0, e^A' e^A). With A = [[a, 1], [0, a]] the exponential is e^a [[1, 1], [0, 1]], so log p(x) is known:
// log p = -log 2 pi - 2 a - |x e^-A|^2 / 2, e^-A = e^-a [[1, -1], [0, 1]].
func TestLikelihoodOfALinearFlow(t *testing.T) {
	const a = 0.4
	set := plane(64, 2)
	s := build(t, FlowMatching{}, set, map[string]string{"width": "4", "batch": "16", "tolerance": "1e-6"})
	f := linearField(t, s, a, 1, 0, a)
	got, exact, err := s.LogLikelihood(context.Background(), set.Test)
	if err != nil || !exact {
		t.Fatalf("exact %t, %v", exact, err)
	}
	for i, v := range got {
		x := make([]float32, 2)
		s.build.scale.apply(x, set.Test.Row(i))
		u := float64(x[0]) * math.Exp(-a)
		w := (float64(x[1]) - float64(x[0])) * math.Exp(-a)
		near(t, "log p", v, -math.Log(2*math.Pi)-2*a-(u*u+w*w)/2+s.build.scale.logVolume(2), 2e-5)
	}
	if d, _ := s.Density(); !d.Exact || d.Estimated || d.Sites != 2 {
		t.Errorf("density %+v", d)
	}
	for _, solver := range solverNames() { // samples are noise times e^A
		for name, v := range map[string]string{"solver": solver, "nfe": "400"} {
			if err := s.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		x, err := s.Sample(context.Background(), 5, nil, 7)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x.Len() {
			z := normals([]*rng.Source{rng.Stream(7, "sample", "flow-matching", fmt.Sprint(i))}, 2, 1)[0]
			want := []float32{float32(math.Exp(a) * z[0]), float32(math.Exp(a) * (z[0] + z[1]))}
			s.build.scale.undo(want)
			for j := range want {
				near(t, solver, float64(x.Row(i)[j]), float64(want[j]), 2e-2*boolTo(solver == "euler")+1e-4)
			}
		}
	}
	if n := s.Evaluations(); n < 7 || f.width() != 2 {
		t.Errorf("%v evaluations a sample", n)
	}
}

func boolTo(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Points of 20 values take the estimated divergence, which on a diagonal field has no error and on a full one is right in the mean: its standard errors say by how much it is off.
func TestEstimatedLikelihood(t *testing.T) {
	const d = 20
	set := plane(200, d)
	fresh := func(batch string) *Session {
		return build(t, FlowMatching{}, set, map[string]string{"width": "4", "batch": batch, "tolerance": "1e-5", "probes": "8"})
	}
	s := fresh("50")
	diagonal, full := make([]float32, d*d), make([]float32, d*d)
	for i := range d {
		diagonal[i*d+i] = 0.3
		full[i*d+i] = 0.3
		full[i*d+(i+1)%d], full[i*d+(i+d-1)%d] = 0.2, 0.2 // symmetric, so the estimate varies; its trace is the same
	}
	linearField(t, s, diagonal...)
	exact, se, isExact, err := s.Estimate(context.Background(), set.Test)
	if err != nil || isExact {
		t.Fatalf("exact %t, %v", isExact, err)
	}
	for i := range exact {
		x, sum := make([]float32, d), 0.0
		s.build.scale.apply(x, set.Test.Row(i))
		for _, v := range x {
			sum += math.Pow(float64(v)*math.Exp(-0.3), 2)
		}
		near(t, "log p", exact[i], -d/2.0*math.Log(2*math.Pi)-0.3*d-sum/2+s.build.scale.logVolume(d), 1e-3)
		near(t, "standard error", se[i], 0, 1e-5)
	}
	s = fresh("50")
	f := linearField(t, s, full...)
	got, se, _, err := s.Estimate(context.Background(), set.Test)
	if err != nil {
		t.Fatal(err)
	}
	off, bars := 0.0, 0.0
	for i := range got {
		y := [][]float64{make([]float64, d)}
		x := make([]float32, d)
		s.build.scale.apply(x, set.Test.Row(i))
		for j, v := range x {
			y[0][j] = float64(v)
		}
		if err := solveAdaptive(context.Background(), f.field, y, 1, 0, 1e-6, make([]int, 1)); err != nil {
			t.Fatal(err)
		}
		off += got[i] - (f.logNoise(y[0]) - 0.3*d + s.build.scale.logVolume(d))
		bars += se[i] * se[i]
	}
	if bars == 0 || math.Abs(off) > 4*math.Sqrt(bars) {
		t.Errorf("the sum of 200 estimates is off by %v, its standard error is %v", off, math.Sqrt(bars))
	}
	s = fresh("7")
	linearField(t, s, full...)
	again, _, _, err := s.Estimate(context.Background(), set.Test.Slice(0, 9))
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Density(); !d.Estimated || d.Exact || !slices.Equal(again, got[:9]) {
		t.Errorf("density %+v; in batches of 7 %v, of 50 %v", d, again, got[:9])
	}
}

// More evaluations than the schedule has, fewer than a step takes, a batch beyond optimal transport, and a likelihood of a model that has none: one line each, at once and
// after training.
func TestImpossibleDrawings(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		model    Model
		settings map[string]string
		say      string
	}{
		{DDPM{}, map[string]string{"nfe": "11", "timesteps": "10"}, "the schedule has 10 steps"},
		{FlowMatching{}, map[string]string{"nfe": "3", "solver": "rk4"}, "takes 4 function evaluations"},
		{FlowMatching{}, map[string]string{"coupling": "ot", "batch": "1024"}, "at most 512"},
	} {
		_, err := New(c.model, Config{Set: plane(8, 2), Settings: c.settings})
		if !errors.Is(err, ErrSetting) || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v", c.settings, err)
		}
	}
	s := build(t, DDPM{}, plane(8, 2), map[string]string{"timesteps": "10", "nfe": "10", "batch": "4", "width": "4"})
	if err := s.Set("nfe", "11"); !errors.Is(err, ErrSetting) || !strings.Contains(err.Error(), "timesteps = 11") {
		t.Errorf("set: %v", err)
	}
	if x, err := s.Sample(ctx, 3, nil, 1); err != nil || x.Len() != 3 || s.Evaluations() != 10 {
		t.Errorf("after a refused setting: %v, %v evaluations", err, s.Evaluations())
	}
	if _, _, err := s.LogLikelihood(ctx, s.set.Test); !errors.Is(err, ErrHook) {
		t.Errorf("likelihood of ddpm: %v", err)
	}
}
