package nn

import (
	"slices"

	"github.com/assay-gan/assay/internal/kernel"
)

// Reshape gives x another shape of the same size, without copying. One dimension may be -1: it is computed.
func Reshape(x *Node, dims ...int) *Node {
	from, dims := x.Shape(), slices.Clone(dims)
	if i := slices.Index(dims, -1); i >= 0 {
		dims[i] = 1
		dims[i] = size(from) / max(1, size(dims))
	}
	if size(dims) != size(from) {
		misuse("reshape", "%v has %d elements, %v has %d", from, size(from), dims, size(dims))
	}
	if slices.Equal(from, dims) {
		return x
	}
	return apply(&Op{name: "reshape", out: shape(dims...), wrt: yes[:1], alias: true,
		diff: func(_, g *Node) []*Node { return []*Node{Reshape(g, from...)} }}, x)
}

// Detach returns x as a constant: no gradient passes through it.
func Detach(x *Node) *Node { return apply(&Op{name: "detach", out: x.Shape(), alias: true}, x) }

// split views a shape around an axis as outer x n x inner.
func split(op string, s []int, axis int) (outer, n, inner int) {
	if axis < 0 || axis >= len(s) {
		misuse(op, "axis %d of shape %v", axis, s)
	}
	return size(s[:axis]), s[axis], size(s[axis+1:])
}

// Slice returns elements lo <= i < hi along an axis.
func Slice(x *Node, axis, lo, hi int) *Node {
	s := x.Shape()
	outer, n, inner := split("slice", s, axis)
	if lo < 0 || hi > n || lo >= hi {
		misuse("slice", "[%d, %d) of axis %d of shape %v", lo, hi, axis, s)
	}
	if lo == 0 && hi == n {
		return x
	}
	out := slices.Clone(s)
	out[axis] = hi - lo
	o := &Op{name: named("slice(%d,%d,%d)", axis, lo, hi), out: out, wrt: yes[:1],
		diff: func(_, g *Node) []*Node { return []*Node{Pad(g, axis, lo, n)} }}
	if outer == 1 { // one piece of memory
		o.alias, o.from = true, lo*inner
	} else {
		o.eval = func(o []float32, in [][]float32) {
			l := (hi - lo) * inner
			kernel.CopyColumns(outer, l, o, l, in[0][lo*inner:], n*inner)
		}
	}
	return apply(o, x)
}

// Pad places x at lo of an axis of length n and fills the rest with zeros: the derivative of Slice.
func Pad(x *Node, axis, lo, n int) *Node {
	s := x.Shape()
	outer, m, inner := split("pad", s, axis)
	if lo < 0 || lo+m > n {
		misuse("pad", "shape %v does not fit at %d of %d along axis %d", s, lo, n, axis)
	}
	out := slices.Clone(s)
	out[axis] = n
	return apply(&Op{name: named("pad(%d,%d,%d)", axis, lo, n), out: out, wrt: yes[:1], pad: &padding{axis, lo, lo + m},
		eval: func(o []float32, in [][]float32) {
			clear(o)
			kernel.CopyColumns(outer, m*inner, o[lo*inner:], n*inner, in[0], m*inner)
		},
		diff: func(_, g *Node) []*Node { return []*Node{Slice(g, axis, lo, lo+m)} }}, x)
}

// Concat joins nodes along an axis; their other axes agree.
func Concat(axis int, xs ...*Node) *Node {
	if len(xs) == 0 {
		misuse("concat", "nothing to join")
	}
	if len(xs) == 1 {
		return xs[0]
	}
	out := slices.Clone(xs[0].Shape())
	outer, _, inner := split("concat", out, axis)
	out[axis] = 0
	lo := make([]int, len(xs)+1)
	wrt := make([]bool, len(xs))
	for i, x := range xs {
		s := slices.Clone(x.Shape())
		if len(s) != len(out) {
			misuse("concat", "shapes %v and %v", xs[0].Shape(), s)
		}
		lo[i+1], wrt[i] = lo[i]+s[axis], true
		if s[axis] = 0; !slices.Equal(s, out) {
			misuse("concat", "shapes %v and %v differ off axis %d", xs[0].Shape(), x.Shape(), axis)
		}
	}
	n := lo[len(xs)]
	out[axis] = n
	return apply(&Op{name: named("concat(%d)", axis), out: out, wrt: wrt,
		eval: func(o []float32, in [][]float32) {
			for k, x := range in {
				l := (lo[k+1] - lo[k]) * inner
				kernel.CopyColumns(outer, l, o[lo[k]*inner:], n*inner, x, l)
			}
		},
		diff: func(_, g *Node) []*Node {
			r := make([]*Node, len(lo)-1)
			for i := range r {
				r[i] = Slice(g, axis, lo[i], lo[i+1])
			}
			return r
		}}, slices.Clone(xs)...)
}

// Transpose permutes the axes: axis i of the result is axis perm[i] of x.
func Transpose(x *Node, perm ...int) *Node {
	s := x.Shape()
	if len(s) == 0 || len(perm) != len(s) {
		misuse("transpose", "%v is no permutation of the axes of %v", perm, s)
	}
	inverse, out, strides := make([]int, len(s)), make([]int, len(s)), make([]int, len(s))
	for i, p := range slices.Sorted(slices.Values(perm)) {
		if i != p {
			misuse("transpose", "%v is no permutation of the axes of %v", perm, s)
		}
	}
	for i, p := range perm {
		inverse[p], out[i] = i, s[p]
		strides[i] = size(s[p+1:])
	}
	return apply(&Op{name: named("transpose(%v)", perm), out: out, wrt: yes[:1],
		bind: func() evalFunc {
			at := make([]int, len(out))
			return func(o []float32, in [][]float32) { permute(o, in[0], out, strides, at) }
		},
		diff: func(_, g *Node) []*Node { return []*Node{Transpose(g, inverse...)} }}, x)
}

// permute copies x, read with strides, into o in the order of o; at is scratch for the current index.
func permute(o, x []float32, dims, strides, at []int) {
	clear(at)
	from, last := 0, len(dims)-1
	for i := 0; i < len(o); {
		for k := range dims[last] {
			o[i] = x[from+k*strides[last]]
			i++
		}
		for a := last - 1; a >= 0; a-- {
			at[a]++
			from += strides[a]
			if at[a] < dims[a] {
				break
			}
			from -= dims[a] * strides[a]
			at[a] = 0
		}
	}
}
