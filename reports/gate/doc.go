// Package gate decides whether new runs are worse than a stored baseline distribution: pass, regression or inconclusive, each with its reason. A failed run
// is never dropped; it ranks as the worst possible value and its rate is tested by itself.
package gate
