package nn

import (
	"cmp"
	"slices"

	"github.com/assay-gan/assay/internal/kernel"
)

// padding is where Pad put its input: at lo .. hi of an axis.
type padding struct{ axis, lo, hi int }

// disjoint is how many of the first nodes are padded along one axis and do not meet; at least 1.
func disjoint(xs []*Node) int {
	var seen []padding
	for i, x := range xs {
		o := opOf(x)
		if o == nil || o.pad == nil {
			return max(i, 1)
		}
		for _, p := range seen {
			if p.axis != o.pad.axis || p.lo < o.pad.hi && o.pad.lo < p.hi {
				return i
			}
		}
		seen = append(seen, *o.pad)
	}
	return len(xs)
}

// join is the sum of padded nodes that do not meet, in one pass. Like a sum it makes 0 of -0.
func join(xs []*Node) *Node {
	xs = slices.SortedFunc(slices.Values(xs), func(a, b *Node) int { return cmp.Compare(opOf(a).pad.lo, opOf(b).pad.lo) })
	at, args, name := make([]padding, len(xs)), make([]*Node, len(xs)), "join("
	for i, x := range xs {
		at[i], args[i] = *opOf(x).pad, opOf(x).args[0]
		name += named("%d:%d,", at[i].lo, at[i].hi)
	}
	out := xs[0].Shape()
	axis := at[0].axis
	outer, n, inner := split("join", out, axis)
	wrt := make([]bool, len(xs))
	for i := range wrt {
		wrt[i] = true
	}
	return apply(&Op{name: name + named("%d)", axis), out: out, wrt: wrt,
		eval: func(o []float32, in [][]float32) {
			for i := range outer {
				row, end := o[i*n*inner:(i+1)*n*inner], 0
				for k, x := range in {
					lo, hi := at[k].lo*inner, at[k].hi*inner
					clear(row[end:lo])
					kernel.Axpb(row[lo:hi], x[i*(hi-lo):], 1, 0) // x + 0
					end = hi
				}
				clear(row[end:])
			}
		},
		diff: func(_, g *Node) []*Node {
			r := make([]*Node, len(at))
			for i, p := range at {
				r[i] = Slice(g, axis, p.lo, p.hi)
			}
			return r
		}}, args...)
}
