package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// Betti0 compares the shapes of two sets by their connected components at every scale: homology in dimension 0, whose barcode is the edge lengths of the
// minimum spanning tree [barannikov2021]. Over random subsets of Rows rows a side, with e_(i) the sorted edges,
//
//	betti0        mean over subsets of sum_i |e_(i)(real) - e_(i)(fake)| / sum_i e_(i)(real)
//	betti0_real   the same between two disjoint halves of the real rows: the floor
//	betti0_length sum of the fakes' edges over the reals': below 1 collapsed or shrunk, above 1 scattered
//
// It needs no labels and no clusters; invariant to rotation and to a common scale, and blind to proportions. The interval is over subsets.
// The geometry score [khrulkov2018] looks at loops (dimension 1) in the same spirit and is not computed.
type Betti0 struct{ Rows, Subsets int }

func (m *Betti0) settings() settings {
	return settings{
		intSetting("rows", &m.Rows, 500, 2, "rows of a subset, a side"),
		intSetting("subsets", &m.Subsets, 10, 1, "subsets averaged"),
	}
}

var _ Metric = Betti0{}

// With returns a copy with one option changed.
func (m Betti0) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Betti0) Info() Info {
	return Info{ID: "betti0", Domain: anywhere(0), Title: "components at every scale", Values: []string{"betti0", "betti0_real", "betti0_length"}, Better: Lower, Ideal: 0, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "barannikov2021", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Betti0) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	n := min(m.Rows, rows(p.Real), rows(p.Fake))
	half := min(n, rows(p.Real)/2)
	off, length, floor := make([]float64, m.Subsets), make([]float64, m.Subsets), make([]float64, m.Subsets)
	flat := false
	kernel.Par(m.Subsets, func(s int) {
		if ctx.Err() != nil {
			return
		}
		order := rng.Stream(p.Seed, "metrics", "betti0", "real", fmt.Sprint(s)).Perm(rows(p.Real))
		real := treeOf(p.Real, order[:n])
		fake := treeOf(p.Fake, rng.Stream(p.Seed, "metrics", "betti0", "fake", fmt.Sprint(s)).Perm(rows(p.Fake))[:n])
		off[s], length[s] = barcodes(real, fake)
		if half > 1 {
			floor[s], _ = barcodes(treeOf(p.Real, order[:half]), treeOf(p.Real, order[half:2*half]))
		}
	})
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	for s := range off {
		flat = flat || math.IsInf(off[s], 0) || math.IsNaN(off[s])
	}
	r := newResult(m.settings())
	r.convention("n", "%d", n)
	if flat {
		r.Status = Failed
		r.note("a subset of the real rows is a single point, which has no scale: check the featurizer or raise betti0.rows")
		return r, nil
	}
	add := func(name string, x []float64, better Direction) {
		mean, se := meanSE(x)
		v := value(name, mean, better)
		switch {
		case better != None && n == rows(p.Real) && n == rows(p.Fake):
			v = v.withinOr(nil, "every subset is the whole set: give more than %d rows a side or lower betti0.rows", n)
		case len(x) > 1:
			v = v.within(around(mean, se, 0, math.Inf(1), "normal over subsets"))
		default:
			v = v.withinOr(nil, "one subset has no spread: raise betti0.subsets")
		}
		r.Values = append(r.Values, v)
	}
	add("betti0", off, Lower)
	if half > 1 {
		ok := true
		for _, v := range floor {
			ok = ok && v-v == 0
		}
		if ok {
			add("betti0_real", floor, None)
			if half < n {
				r.note("betti0_real comes from subsets of %d rows, betti0 from %d: give at least %d real rows for one size", half, n, 2*n)
			}
		}
	}
	add("betti0_length", length, Near)
	return r, nil
}

func treeOf(x *mat.Dense, at []int) []float64 {
	part, _ := gather(x, nil, at)
	return numeric.TreeEdges(part)
}

// barcodes is the summed difference of two sorted barcodes and the second's length, both over the first's length.
func barcodes(real, fake []float64) (off, length float64) {
	sum := 0.0
	for i, e := range real {
		off += math.Abs(e - fake[i])
		length += fake[i]
		sum += e
	}
	if sum == 0 {
		return math.Inf(1), math.Inf(1)
	}
	return off / sum, length / sum
}
