package kernel

import "testing"

// Columns arrive as they are, whatever the sizes, and nothing beside them is touched.
func TestCopyColumns(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(91)
		for range 200 {
			rows, n := r.IntN(40), r.IntN(300)
			lds, ldd := n+r.IntN(9), n+r.IntN(9)
			src, dst := input(max(0, (rows-1)*lds+n), r), guard(max(0, (rows-1)*ldd+n), r)
			CopyColumns(rows, n, dst.x, ldd, src.x, lds)
			dst.check(t, "copy")
			for i, v := range dst.x {
				want := canary
				if i%max(ldd, 1) < n {
					want = src.x[i/ldd*lds+i%ldd]
				}
				same(t, shape(rows, "x", n, " at ", i), []float32{v}, []float32{want})
			}
		}
	})
}
