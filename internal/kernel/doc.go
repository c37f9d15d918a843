// Package kernel holds the float32 compute kernels behind the networks, and a float64 BLAS for the metrics.
//
// Every function is a pure function of its arguments: it keeps no state, reads no clock and no file, and gives
// the same bits for every thread count. Each kernel exists as portable Go and, per instruction set, as
// generated assembly; one kernel set is chosen at start by the CPU's features (see Name). Different sets may
// differ in the last bits: the tests compare every set with the portable twin and with float64 loops.
//
// Matrices are row-major, images N x H x W x C (channels last), convolution weights KH x KW x C x K.
// Slices may be longer than needed and need no alignment; a slice that is too short panics in the caller's
// goroutine before anything is written, which is misuse below the public floor. In elementwise functions the
// destination comes first and may be the same slice as an operand (partial overlap is not allowed).
// NaN in an operand reaches the result, also through ReLU, maximum and clamp.
package kernel
