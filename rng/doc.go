// Package rng is the only source of randomness: independent, named, counter-based streams.
//
// Stream(seed, names...) gives the same numbers on every machine, and two streams whose seed or names differ are independent for all
// practical purposes, so that adding a consumer never changes what another one draws. The position of a stream is three small numbers, so a
// resumed run continues where the interrupted one stopped.
package rng
