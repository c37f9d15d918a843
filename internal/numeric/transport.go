package numeric

import (
	"context"
	"math"
)

// Transport is the cheapest way to carry equal total mass from n sources to m sinks: uniform masses 1/n and 1/m, cost row-major n x m, nothing
// negative or infinite. It returns the optimal mean cost. Successive shortest paths with potentials; masses are integers (m and n over their common
// divisor), so the optimum is exact; equal sizes make it the linear assignment problem. Time is about O(n m (n + m)).
func Transport(ctx context.Context, cost []float64, n, m int) (float64, error) {
	w, _, _, err := TransportDual(ctx, cost, n, m)
	return w, err
}

// TransportDual is Transport with the optimal potentials: u_i + v_j <= cost_ij everywhere, equal where mass flows, so that the optimum is also
// mean u + mean v. They are the first-order influence of the rows on the optimum.
func TransportDual(ctx context.Context, cost []float64, n, m int) (w float64, u, v []float64, err error) {
	g := gcd(n, m)
	t := transport{n: n, m: m, cost: cost, flow: make(map[int]int), back: make([][]int, m), u: make([]float64, n), v: make([]float64, m)}
	supply, demand := fill(n, m/g), fill(m, n/g)
	for j := range m { // cheapest column entries as potentials: reduced costs start at 0 or more
		t.v[j] = math.Inf(1)
		for i := range n {
			t.v[j] = math.Min(t.v[j], cost[i*m+j])
		}
	}
	for i := range n {
		for supply[i] > 0 {
			if err := ctx.Err(); err != nil {
				return 0, nil, nil, err
			}
			supply[i] -= t.augment(i, supply[i], demand)
		}
	}
	total := 0.0
	for j, sources := range t.back { // column by column: a fixed order of summation
		for _, i := range sources {
			if f := t.flow[i*m+j]; f > 0 {
				total += float64(f) * cost[i*m+j]
			}
		}
	}
	return total / (float64(n) * float64(m/g)), t.u, t.v, nil
}

type transport struct {
	n, m int
	cost []float64
	flow map[int]int // i*m+j -> units
	back [][]int     // sources that ever sent to sink j, each once
	u, v []float64   // potentials: cost - u - v >= 0, = 0 where flow > 0
}

// augment sends up to want units from source s along a shortest path to a sink with demand left, and returns how many.
func (t *transport) augment(s, want int, demand []int) int {
	n, m := t.n, t.m
	dist, from := fillInf(m), fill(m, -1) // sinks: distance and the source before them
	distS, fromS := fillInf(n), fill(n, -1)
	done := make([]bool, m)
	distS[s] = 0
	reached := make([]bool, n) // a source counts from its first, cheapest path on: rounding must not lead back to it
	reached[s] = true
	relax := func(i int) {
		row, du := t.cost[i*m:(i+1)*m], distS[i]-t.u[i]
		for j, c := range row {
			if !done[j] {
				if d := c + du - t.v[j]; d < dist[j] {
					dist[j], from[j] = d, i
				}
			}
		}
	}
	relax(s)
	end := -1
	var order []int
	for end < 0 {
		j := -1
		for k, d := range dist {
			if !done[k] && (j < 0 || d < dist[j]) {
				j = k
			}
		}
		done[j] = true
		order = append(order, j)
		if demand[j] > 0 {
			end = j
			break
		}
		for _, i := range t.back[j] { // residual edges: reduced cost 0
			if t.flow[i*m+j] > 0 && !reached[i] {
				reached[i], distS[i], fromS[i] = true, dist[j], j
				relax(i)
			}
		}
	}
	far := dist[end]
	for i, d := range distS {
		if d < far {
			t.u[i] += far - d
		}
	}
	for _, j := range order {
		t.v[j] -= far - dist[j]
	}
	units := min(want, demand[end])
	for j := end; ; {
		i := from[j]
		if i == s {
			break
		}
		k := fromS[i]
		units = min(units, t.flow[i*m+k])
		j = k
	}
	for j := end; ; {
		i := from[j]
		if _, ok := t.flow[i*m+j]; !ok {
			t.back[j] = append(t.back[j], i)
		}
		t.flow[i*m+j] += units
		if i == s {
			break
		}
		k := fromS[i]
		t.flow[i*m+k] -= units
		j = k
	}
	demand[end] -= units
	return units
}

func fill(n, v int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = v
	}
	return x
}

func fillInf(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Inf(1)
	}
	return x
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
