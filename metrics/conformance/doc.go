// Package conformance holds the golden values of the metrics as data, so that any implementation in any language can be tested against them: every
// input is made by a portable generator (splitmix64; see the golden sets), every expected value comes from an independent implementation, from
// 60-digit arithmetic or from a closed form, and none from this program.
package conformance
