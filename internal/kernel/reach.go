package kernel

import "unsafe"

// Reach sets bit i of mask where x[i] >= h[i]+c or x[i] >= g[i]+e, and clears the others: which of a row's products reach the threshold of the row, or that of their column.
// What is not a number reaches nothing. All operands are as long as x, mask holds a bit for each, in words of 64.
func Reach(mask []uint64, x, h []float32, c float32, g []float32, e float32) {
	n := len(x)
	mask = mask[:(n+63)/64]
	if n == 0 {
		return
	}
	clear(mask)
	h, g = h[:n], g[:n]
	active.reach(n, &mask[0], &x[0], &h[0], &g[0], c, e)
}

func genReach(n int, mask *uint64, x, h, g *float32, c, e float32) {
	bits := unsafe.Slice(mask, (n+63)/64)
	hs, gs := floats(h, n), floats(g, n)
	for i, v := range floats(x, n) {
		if v >= hs[i]+c || v >= gs[i]+e {
			bits[i/64] |= 1 << (i % 64)
		}
	}
}
