// Package metrictest is the contract of a metric: laws that every entry of a catalog must keep, walked over the whole catalog so that nothing opts
// in and nothing is forgotten, and ten planted failures of a generator with what each metric says about them.
package metrictest
