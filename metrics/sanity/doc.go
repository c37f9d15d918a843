// Package sanity runs the 15 published sanity checks of fidelity and diversity metrics [raisa2025] on any metric that takes features: data whose right answer is known, a
// curve of the metric over it, and the criteria that the curve must meet. The data come from named streams: the same seed gives the same curves, for any selection of metrics.
//
// The published criteria are for values on a scale from 0 to 1. Distances and other values without such a scale keep the shapes, over the span of their own curve, and take the
// ends from real against real: see Judge. Metrics of novelty, which the checks were not made for, must never claim copies, as no data here hold any.
package sanity
