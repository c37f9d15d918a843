// Package search draws settings from spaces: what makes a suite a study. It knows no model and no data set, only names with ranges. Every draw is a function of the space,
// the sampler, the stream's name and the draw's own number, and for samplers that learn of the values of whole batches before it: never of how many draws there
// will be, or of who works on them.
package search
