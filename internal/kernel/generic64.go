package kernel

// set64 holds the float64 primitives behind BLAS64. A set without them (gemm nil) leaves everything to gonum.
type set64 struct {
	mr, nr int
	// gemm adds alpha times a packed product to (add != 0) or writes it over the tile whose row i starts at rows[i]+coff.
	gemm func(k int, a, b *float64, rows *[16]*float64, coff, w int, alpha float64, add int)
	// direct does the same with rows of A where they are, ars apart, and asks for k numbers at fetch meanwhile.
	direct         func(k int, a, fetch *float64, ars int, b *float64, rows *[16]*float64, coff, w int, alpha float64, add int)
	tpackA, tpackB func(dst *float64, rows *[16]*float64, k int)
	// symv4 does y += f a and out = a x for four rows of a at once; dot4 only the latter, axpy4 only the former.
	symv4, dot4, axpy4 func(n int, a *float64, lda int, x, y *float64, f, out *[4]float64)
	dot                func(n int, x, y *float64) float64
	axpy               func(n int, f float64, x, y *float64)
}

var generic64 = set64{}
