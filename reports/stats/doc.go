// Package stats holds the statistics of reports: small samples, heavy tails, failed runs as +Inf, exact where exactness is affordable. Every function is
// pure, changes no input, and draws random numbers only from the stream it is given.
package stats
