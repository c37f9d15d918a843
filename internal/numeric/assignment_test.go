package numeric

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// costs of three kinds that another program can make again: all different, many ties, and squared distances on a line.
var costs = map[string]func(i, j, k float64) float64{
	"sin":  func(_, _, k float64) float64 { return 10 * math.Sin(k*k*0.37+0.1) },
	"ties": func(_, _, k float64) float64 { return math.Mod(k*7919+math.Floor(k/3)*31, 5) - 2 },
	"line": func(i, j, _ float64) float64 { return math.Pow(math.Sin(i*1.7)-math.Cos(j*2.3), 2) },
}

func costOf(n int, kind string) []float64 {
	c := make([]float64, n*n)
	for k := range c {
		c[k] = costs[kind](float64(k/n), float64(k%n), float64(k))
	}
	return c
}

// The optima are those of scipy 1.16 optimize.linear_sum_assignment on the same costs.
func TestAssignAsInScipy(t *testing.T) {
	for _, c := range []struct {
		n    int
		kind string
		want float64
	}{
		{1, "sin", 0.9983341664682815},
		{2, "sin", -1.8459229588963435},
		{5, "sin", -17.01665291051013},
		{40, "sin", -393.63581230528325},
		{256, "sin", -2559.2343677025574},
		{512, "sin", -5119.578930578453},
		{64, "ties", -128.0},
		{96, "line", 0.02679999410568825},
	} {
		p, err := Assign(c.n, costOf(c.n, c.kind))
		if err != nil {
			t.Fatal(err)
		}
		if got := costOfPlan(t, c.n, costOf(c.n, c.kind), p); math.Abs(got-c.want) > 1e-9*math.Max(1, math.Abs(c.want)) {
			t.Errorf("%d rows of %s: %v, scipy %v", c.n, c.kind, got, c.want)
		}
	}
}

func costOfPlan(t *testing.T, n int, cost []float64, p []int) float64 {
	t.Helper()
	if s := slices.Sorted(slices.Values(p)); len(s) != n || !slices.Equal(s, slices.Collect(upTo(n))) {
		t.Fatalf("%v is no permutation of %d", p, n)
	}
	sum := 0.0
	for i, j := range p {
		sum += cost[i*n+j]
	}
	return sum
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// On random costs the optimum is that of the transport solver, which knows nothing of rows and columns of their own.
func TestAssignIsTransport(t *testing.T) {
	r := rng.Stream(3, "assign")
	for n := 2; n < 40; n += 3 {
		cost := make([]float64, n*n)
		for i := range cost {
			cost[i] = math.Round(r.Normal()*8) / 4
		}
		p, err := Assign(n, cost)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Transport(context.Background(), cost, n, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := costOfPlan(t, n, cost, p) / float64(n); math.Abs(got-w) > 1e-12 {
			t.Errorf("%d rows: %v, transport %v", n, got, w)
		}
	}
}

func TestAssignRefuses(t *testing.T) {
	for _, bad := range [][]float64{nil, {1, 2, 3}, {1, 2, 3, math.NaN()}, {1, 2, 3, math.Inf(1)}} {
		if _, err := Assign(2, bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func BenchmarkAssign(b *testing.B) {
	r := rng.Stream(3, "assign")
	for b.Loop() {
		const n = 256
		x, y := make([]float64, 2*n), make([]float64, 2*n)
		for i := range x {
			x[i], y[i] = r.Normal(), r.Normal()
		}
		cost := make([]float64, n*n)
		for i := range n {
			for j := range n {
				cost[i*n+j] = -x[2*i]*y[2*j] - x[2*i+1]*y[2*j+1]
			}
		}
		if _, err := Assign(n, cost); err != nil {
			b.Fatal(err)
		}
	}
}
