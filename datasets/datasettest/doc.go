// Package datasettest holds the laws every data set obeys, small files of every format, and golden points that can be made again in any language.
//
// The laws walk the catalog: a data set that is listed there is checked, without opting in.
package datasettest
