// Package gate decides whether new runs are worse than a stored baseline distribution, each check with its reason. Values equal to the bit pass at once; the
// same seeds are paired; a failed run is never dropped: it ranks as the worst possible value and its rate is tested by itself. docs/GATE.md states the
// procedure and how often it errs.
package gate
