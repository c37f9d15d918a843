// Package stats holds the statistics of reports: small samples, heavy tails, exact where exactness is affordable. A failed run is never left out and never a number made up for it: it is +Inf, the worst
// cost there is, which ranks, medians, trimmed means and profiles take as it is. Where more is better, hand over the negated values. Every function is
// pure, changes no input, and draws random numbers only from the stream it is given.
package stats

import "math"

// worst is the value of a run that failed.
var worst = math.Inf(1)
