package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// Wasserstein is the exact Wasserstein distance of two small sets by optimal transport (linear assignment for equal N) [villani2009]:
//
//	W_p = (min over couplings of mean |x - y|^p)^(1/p)
//
// P is 1 (the earth mover's distance) or 2. Of more than Max rows on a side, as time grows with N^3, Max are taken
// at random, which a note says; Refuse (sample=false) makes that an error. Range [0, inf), the unit of the features. The value of N rows is far above the
// populations' distance in many dimensions: read it beside wasserstein of real against real. The interval is for the mean at these N, with the
// variance of the optimal potentials on either side [delbarrio2019].
type Wasserstein struct {
	P      int
	Max    int
	Refuse bool // more than Max rows
}

var _ Metric = Wasserstein{}

func (m *Wasserstein) settings() settings {
	return settings{
		choiceSetting("p", &m.P, []int{1, 2}, "order: 1 or 2"),
		intSetting("max", &m.Max, 1000, 2, "most rows a side"),
		unlessSetting("sample", &m.Refuse, "take max rows at random of a larger side; false: refuse"),
	}
}

// With returns a copy with one option changed.
func (m Wasserstein) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Wasserstein) Info() Info {
	return Info{ID: "wasserstein", Domain: anywhere(1), Title: "exact Wasserstein distance", Values: []string{"wasserstein"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "villani2009", Options: m.settings().options(), Table: m.table}
}

// table is the cost of every pair of rows.
func (m Wasserstein) table(e Extent) Table {
	n, k := min(e.Real, m.Max), min(e.Fake, m.Max)
	return Table{fmt.Sprintf("%d x %d distances", n, k), 8 * float64(n) * float64(k), "lower wasserstein.max, give fewer samples, or use swd"}
}

// Compute implements Metric.
func (m Wasserstein) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("wasserstein", 0, Lower)), nil
	}
	r := newResult(m.settings())
	x, y := p.Real, p.Fake
	if n := max(rows(x), rows(y)); n > m.Max {
		if m.Refuse {
			return Result{}, fault.Of(ErrValue, "wasserstein: %d rows, want at most %d: set wasserstein.sample=true, raise wasserstein.max, or use swd", n, m.Max)
		}
		r.note("up to %d of %d real and %d fake rows used", m.Max, rows(x), rows(y))
		if rows(x) > m.Max {
			x = pick(x, shuffled(x, p.Seed, "metrics", "wasserstein", "sample")[:m.Max])
		}
		if rows(y) > m.Max {
			y = pick(y, shuffled(y, p.Seed, "metrics", "wasserstein", "sample")[:m.Max])
		}
	}
	n, k := rows(x), rows(y)
	cost := make([]float64, n*k)
	for i := range n {
		for j := range k {
			if cost[i*k+j] = numeric.SqDist(x.RawRowView(i), y.RawRowView(j)); m.P == 1 {
				cost[i*k+j] = math.Sqrt(cost[i*k+j])
			}
		}
	}
	w, u, v, err := numeric.TransportDual(ctx, cost, n, k)
	if err != nil {
		return Result{}, fmt.Errorf("wasserstein: %w", err)
	}
	_, seU := meanSE(u)
	_, seV := meanSE(v)
	iv := around(w, math.Hypot(seU, seV), 0, math.Inf(1), "normal, potentials"+AtTheseN)
	if m.P == 2 {
		w = math.Sqrt(w)
		iv.scale(math.Sqrt)
	}
	r.Values = []Value{value("wasserstein", w, Lower).withinOr(iv, "its variance is beyond the range of numbers")}
	describeSides(&r, x, y)
	return r, nil
}
