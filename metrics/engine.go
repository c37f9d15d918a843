package metrics

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// engine is the all-pairs machine behind every metric of nearest neighbours, on the kernel's matrix product and threads. Its results depend on
// neither.
func engine() numeric.Engine {
	return numeric.Engine{Par: kernel.Par, Gemm: func(m, n, k int, a, b, c []float32) {
		kernel.Gemm(false, true, m, n, k, a, k, b, k, c, n, kernel.Epilogue{})
	}}
}

// enoughFor says whether k nearest neighbours exist among n other rows; the error names the option.
func enoughFor(id, role string, k, n int) error {
	if k >= n {
		return fmt.Errorf("%s: k = %d neighbours need more than %d %s rows: lower k to at most %d or give more rows: %w", id, k, n, role, n-1, ErrTooFew)
	}
	return nil
}
