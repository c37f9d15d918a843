// Package numeric is the float64 arithmetic under the metrics: streaming moments, the Frechet trace, blocked distances and nearest neighbours,
// k-means, assignment, special functions. Every reduction has a fixed order, so results are the same to the bit for every thread count and block
// size of the caller. It panics on misuse (shapes that do not fit); the metrics check their input before they call it.
//
// It stands on package kernel for matrix products and threads, and puts the kernel's BLAS in the place of gonum's for the whole program when it is
// imported: blas64.Use is global. The build tag assay_gonum_blas declines that, and gonum's own, or one the program sets, does the work.
package numeric
