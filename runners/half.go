package runners

import (
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// half is everything a metric may know of one set of rows. It takes a role in a Pair whole: a field left behind from another set would compare that set with
// itself, and the number would look right.
type half struct {
	features, probs, logits *mat.Dense
	labels                  []int
	groups                  []int
	images                  *metrics.Images
	stats                   metrics.Stats
}

// asReal gives the set the role of the reference.
func (h half) asReal(p *metrics.Pair) {
	p.Real, p.RealProbs, p.RealLabels, p.RealImages, p.RealStats, p.RealSentences = h.features, h.probs, h.labels, h.images, h.stats, nil
	p.RealGroups = h.groups
}

// asFake gives the set the role of a model's samples. What a model says of itself (its round trips, likelihoods, latent paths) is not known of a set of samples.
func (h half) asFake(p *metrics.Pair) {
	p.Fake, p.FakeProbs, p.FakeLogits, p.FakeLabels, p.FakeImages, p.FakeStats = h.features, h.probs, h.logits, h.labels, h.images, h.stats
	p.FakeGroups = h.groups
	p.FakeSentences, p.Target, p.Recon, p.Perceptual, p.Answers, p.Terms, p.Likelihood, p.Distances, p.Path = nil, nil, nil, nil, nil, nil, nil, nil, nil
}

// party is a side of a score with what was made of it. Without a side it is nobody.
type party struct {
	half
	role string
	side *Side
}
