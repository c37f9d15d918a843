// Package metrics maps features, class probabilities and labels to numbers. Every metric is a pure function of its Pair: it reads no files,
// prints nothing, keeps no state and changes no input.
//
// Importing it puts this module's BLAS in the place of gonum's for the whole program (blas64.Use is global to a program): float64 matrix products get
// several times as fast, other last bits included. A program that brings a BLAS of its own is built with the tag assay_gonum_blas, which leaves
// gonum's choice alone.
package metrics
