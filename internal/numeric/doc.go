// Package numeric is the float64 arithmetic under the metrics: streaming moments, the Frechet trace, blocked distances and nearest neighbours,
// k-means, assignment, special functions. Every reduction has a fixed order, so results are the same to the bit for every thread count and block
// size of the caller. It panics on misuse (shapes that do not fit); the metrics check their input before they call it.
package numeric
