package kernel

import (
	"math/rand/v2"
	"testing"
)

// apart is room for rows of k floats, ld apart, in a guarded slice that ends with the last row.
func apart(rows, k, ld int, r *rand.Rand) guarded {
	g := guardRand(max(0, (rows-1)*ld+k), r, 1)
	return g
}

// checkFilters compares laid out weights with the same product of weights as they are, bit by bit, results side by side and apart, on 1, 2 and 7 threads.
func checkFilters(t *testing.T, g Conv, r *rand.Rand) {
	t.Helper()
	x, w := guardRand(g.in(), r, 1), guardRand(g.weights(), r, 1)
	if r.IntN(6) == 0 && g.KH*g.KW > 1 { // a tap without weight
		clear(w.x[:g.C*g.K])
	}
	e, rows := randomEpilogue(r, g.K), g.N*g.OH*g.OW
	old := guardRand(g.out(), r, 1).x
	want := clone(old)
	g.Forward(want, x.x, w.x, e)
	f := g.Filters(w.x)
	for _, th := range []int{1, 2, 7} {
		SetThreads(th)
		for _, ld := range []int{g.K, g.K + 1 + r.IntN(40)} {
			y := apart(rows, g.K, ld, r)
			before := clone(y.x)
			for i := range rows {
				copy(y.x[i*ld:], old[i*g.K:(i+1)*g.K])
			}
			f.Forward(g.N, y.x, ld, x.x, e)
			y.check(t, "result")
			for i := range rows {
				same(t, shape(f.Route(), ", threads ", th, ", apart ", ld, g, e), y.x[i*ld:i*ld+g.K], want[i*g.K:(i+1)*g.K])
				if i < rows-1 {
					same(t, "between pixels", y.x[i*ld+g.K:(i+1)*ld], before[i*ld+g.K:(i+1)*ld])
				}
			}
		}
	}
	SetThreads(1)
}

func TestFilters(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(41)
		n := 60
		if testing.Short() {
			n = 20
		}
		for range n {
			checkFilters(t, randomConv(r), r)
		}
		if len(s.strided) > 0 {
			for range n / 4 {
				checkFilters(t, randomToom(t, r, s), r)
				checkFilters(t, randomLine(t, r, s), r)
			}
		}
	})
}

// Dense layers, and several products of one input, have the bits of Gemm.
func TestDenseFiltersAndParts(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(42)
		for range 20 {
			in, rows := 1+r.IntN(600), r.IntN(300)
			x := guardRand(rows*in, r, 1)
			var parts []Part
			var want [][]float32
			var got []guarded
			for range 1 + r.IntN(3) {
				out, trans := 8+r.IntN(700), r.IntN(2) == 0
				ld, ldw := out+r.IntN(9), out
				if trans {
					ldw = in
				}
				w, e := guardRand(in*out, r, 1), randomEpilogue(r, out)
				y := apart(rows, out, ld, r)
				z := clone(y.x)
				Gemm(false, trans, rows, out, in, x.x, in, w.x, ldw, z, ld, e)
				f := DenseFilters(in, out, w.x, trans)
				parts, want, got = append(parts, Part{f, y.x, ld, e}), append(want, z), append(got, y)
			}
			SetThreads([]int{1, 2, 7}[r.IntN(3)])
			ForwardParts(rows, x.x, parts)
			SetThreads(1)
			for i, y := range got {
				y.check(t, "part")
				same(t, shape("part ", i, " of ", len(parts), ": ", rows, " x ", in), y.x, want[i])
			}
		}
	})
}

func FuzzFilters(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			switch r.IntN(3) {
			case 0:
				if len(s.strided) > 0 {
					checkFilters(t, randomToom(t, r, s), r)
				}
			case 1:
				if len(s.strided) > 0 {
					checkFilters(t, randomLine(t, r, s), r)
				}
			default:
				checkFilters(t, randomConv(r), r)
			}
		})
	})
}
