//go:build !assay_gonum_blas

package numeric

import (
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/assay-gan/assay/internal/kernel"
)

// gonum keeps its BLAS in a package variable that mat and lapack64 read, so the faster one has to be put there before either is used. It happens while this package's
// variables are initialised, here alone, and nothing depends on the order of other initialisers. Results do not depend on the thread count with either.
var _ = useKernels()

func useKernels() struct{} {
	blas64.Use(kernel.BLAS64())
	return struct{}{}
}
