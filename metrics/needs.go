package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
)

// Need names an input a metric reads from its Pair.
type Need string

// The inputs.
const (
	NeedFeatures   Need = "features"
	NeedMoments    Need = "features or their statistics"
	NeedTrain      Need = "train features"
	NeedProbs      Need = "fake class probabilities or logits"
	NeedRealProbs  Need = "real class probabilities"
	NeedRealLabels Need = "real labels"
	NeedFakeLabels Need = "fake labels"
	NeedModes      Need = "known modes"
	NeedImages     Need = "fake images"
	NeedRealImages Need = "real images"
	NeedTarget     Need = "targets and their reconstructions"
	NeedPerceptual Need = "perceptual distances of reconstructions"
	NeedAnswers    Need = "right answers and the outputs"
	NeedSentences  Need = "fake sentences"
	NeedTerms      Need = "log density terms"
	NeedLikelihood Need = "the model's log likelihoods"
	NeedDistances  Need = "distances from a known manifold"
	NeedEnds       Need = "features at both ends of latent segments"
	NeedPath       Need = "features along latent segments"
)

// input is all there is to know of a Need.
type input struct {
	need   Need
	has    func(p Pair) bool
	check  func(p Pair) error
	remedy func(p Pair) string // how whoever scores samples gives it, by the fields of runners.ScoreRequest, for which the command says its flags

	reference bool // of the reference set, on which a value that needs it depends
	inherent  bool // of some generators only, by what they are
	// parts are the fields that hold something for each row of a side.
	parts func(p *Pair) sides
	// matrices are the fields that hold features or the like, by the names of their roles in errors.
	matrices func(p *Pair) map[string]**mat.Dense
}

// inputs is the table of the needs, in the order in which rows of a side are compared: a new input of metrics is one row here and its field in Pair.
func inputs() []input {
	type at = map[string]**mat.Dense
	return []input{
		{need: NeedFeatures, check: checkFeatures, has: func(p Pair) bool { return p.Real != nil && p.Fake != nil }, remedy: giveSamples, reference: true,
			parts:    func(p *Pair) sides { return sides{real: side{matrixPart{&p.Real}}, fake: side{matrixPart{&p.Fake}}} },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"real": &p.Real, "fake": &p.Fake} }},
		{need: NeedMoments, check: checkMoments, remedy: giveSamples, reference: true,
			has: func(p Pair) bool {
				return (p.Real != nil || p.RealStats.Cov != nil) && (p.Fake != nil || p.FakeStats.Cov != nil)
			},
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"real": &p.Real, "fake": &p.Fake} }},
		{need: NeedTrain, check: checkTrain, has: func(p Pair) bool { return p.Train != nil }, remedy: says("give the training set by ScoreRequest.Train"), inherent: true,
			parts:    func(p *Pair) sides { return sides{train: side{matrixPart{&p.Train}, imagePart{&p.TrainImages}}} },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"train": &p.Train} }},
		{need: NeedProbs, check: checkFakeClasses, has: func(p Pair) bool { return p.FakeProbs != nil || p.FakeLogits != nil }, remedy: says(giveClasses),
			parts:    func(p *Pair) sides { return sides{fake: side{matrixPart{&p.FakeProbs}, matrixPart{&p.FakeLogits}}} },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"fake probabilities": &p.FakeProbs} }},
		{need: NeedRealProbs, check: checkRealClasses, has: func(p Pair) bool { return p.RealProbs != nil }, remedy: says(giveClasses), reference: true,
			parts:    func(p *Pair) sides { return sides{real: side{matrixPart{&p.RealProbs}}} },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"real probabilities": &p.RealProbs} }},
		{need: NeedImages, has: func(p Pair) bool { return p.FakeImages != nil }, remedy: says("give images, not features"),
			check: func(p Pair) error { return checkImages("fake images", p.FakeImages, 2) },
			parts: func(p *Pair) sides {
				return sides{real: side{imagePart{&p.RealImages}}, fake: side{imagePart{&p.FakeImages}}}
			}},
		{need: NeedRealImages, has: func(p Pair) bool { return p.RealImages != nil }, remedy: says("give images, not features, on the real side too"), reference: true,
			check: func(p Pair) error { return checkImages("real images", p.RealImages, 2) }},
		{need: NeedSentences, has: func(p Pair) bool { return p.FakeSentences != nil }, remedy: noFlag(NeedSentences),
			check: func(p Pair) error { return checkSentences("fake sentences", p.FakeSentences, 2) },
			parts: func(p *Pair) sides {
				return sides{real: side{sentencePart{&p.RealSentences}}, fake: side{sentencePart{&p.FakeSentences}}}
			}},
		{need: NeedRealLabels, has: func(p Pair) bool { return p.RealLabels != nil }, remedy: says(giveLabels), reference: true,
			check: func(p Pair) error { return checkLabels("real", p.RealLabels, firstOf(p.Real, p.RealProbs)) },
			parts: func(p *Pair) sides { return sides{real: side{labelPart{&p.RealLabels}}} }},
		{need: NeedFakeLabels, has: func(p Pair) bool { return p.FakeLabels != nil }, remedy: says(giveLabels), inherent: true,
			check: func(p Pair) error {
				return checkLabels("fake", p.FakeLabels, firstOf(p.Fake, p.FakeProbs, p.FakeLogits))
			},
			parts: func(p *Pair) sides { return sides{fake: side{labelPart{&p.FakeLabels}}} }},
		{need: NeedModes, check: checkModes, has: func(p Pair) bool { return p.Modes != nil && p.Fake != nil }, remedy: noFlag(NeedModes),
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"fake": &p.Fake, "modes": &p.Modes} }},
		{need: NeedTarget, check: checkTargets, has: func(p Pair) bool { return p.Target != nil && p.Recon != nil }, remedy: says("where the fakes are reconstructions of the real images, say so by ScoreRequest.Paired"), inherent: true},
		{need: NeedPerceptual, has: func(p Pair) bool { return p.Perceptual != nil }, inherent: true,
			remedy: says("where the fakes are reconstructions (ScoreRequest.Paired), give the files of VGG16's and of LPIPS's weights by ScoreRequest.LPIPS"),
			check:  func(p Pair) error { return checkPerceptual(p.Perceptual) }},
		{need: NeedAnswers, check: checkAnswers, has: func(p Pair) bool { return p.Answers != nil && p.Recon != nil }, remedy: noFlag(NeedAnswers), inherent: true},
		{need: NeedTerms, has: func(p Pair) bool { return p.Terms != nil }, remedy: noFlag(NeedTerms), inherent: true,
			check:    func(p Pair) error { return checkTerms(p.Terms) },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"terms": &p.Terms.PX} }},
		{need: NeedLikelihood, has: func(p Pair) bool { return p.Likelihood != nil }, remedy: noFlag(NeedLikelihood), inherent: true,
			check: func(p Pair) error { return checkLikelihood(p.Likelihood) }},
		{need: NeedDistances, has: func(p Pair) bool { return p.Distances != nil }, remedy: noFlag(NeedDistances),
			check: func(p Pair) error { return checkDistances(p.Distances) }},
		{need: NeedEnds, has: func(p Pair) bool { return p.Path != nil && p.Path.A != nil }, remedy: noFlag(NeedEnds), inherent: true,
			check:    func(p Pair) error { return checkEnds(p.Path) },
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"path": &p.Path.A} }},
		{need: NeedPath, check: checkPath, has: func(p Pair) bool { return p.Path != nil && p.Path.Points != nil }, remedy: noFlag(NeedPath), reference: true, inherent: true,
			matrices: func(p *Pair) map[string]**mat.Dense { return at{"path points": &p.Path.Points} }},
	}
}

const (
	giveClasses = "give ScoreRequest.Logits or ScoreRequest.Probs, or a featurizer that classifies, such as glyphnet"
	giveLabels  = "give the classes by ScoreRequest.FakeLabels and ScoreRequest.RealLabels"
)

func says(text string) func(Pair) string { return func(Pair) string { return text } }

func noFlag(n Need) func(Pair) string { return says(fmt.Sprintf("%s cannot be given to score", n)) }

func giveSamples(p Pair) string {
	if p.Fake == nil && p.FakeStats.Cov == nil {
		return "give the fakes by ScoreRequest.Fake"
	}
	return "give the real samples by ScoreRequest.Real"
}

// Needs lists every input there is.
func Needs() []Need {
	var all []Need
	for _, in := range inputs() {
		all = append(all, in.need)
	}
	return all
}

// row is the table's row of n.
func (n Need) row() (input, bool) {
	for _, in := range inputs() {
		if in.need == n {
			return in, true
		}
	}
	return input{}, false
}

// In says whether p holds the input; Check says whether it fits. A need that is not known is in no pair.
func (n Need) In(p Pair) bool {
	in, ok := n.row()
	return ok && in.has(p)
}

// Remedy says how whoever scores samples gives what p lacks: it names fields of runners.ScoreRequest.
func (n Need) Remedy(p Pair) string {
	if in, ok := n.row(); ok {
		return in.remedy(p)
	}
	return noFlag(n)(p)
}

// OfReference says whether the input belongs to the reference set, so that a value that needs it depends on the reference.
func (n Need) OfReference() bool {
	in, _ := n.row()
	return in.reference
}

// Inherent says whether only some generators can give the input, by what they are: classes that were asked for, a likelihood, an image with one right
// translation, a training set. A metric that cannot be had for want of it has not failed.
func (n Need) Inherent() bool {
	in, _ := n.row()
	return in.inherent
}

// Matrices are the fields of p that the need names and that hold matrices, by role. Law suites spoil them to see that errors are found.
func (n Need) Matrices(p *Pair) map[string]**mat.Dense {
	if in, ok := n.row(); ok && in.matrices != nil {
		return in.matrices(p)
	}
	return nil
}

// Missing lists the needs that p does not hold.
func Missing(p Pair, needs []Need) []Need {
	var missing []Need
	for _, n := range needs {
		if !n.In(p) {
			missing = append(missing, n)
		}
	}
	return missing
}

func checkNeed(n Need, p Pair) error {
	in, ok := n.row()
	if !ok {
		return fault.Of(ErrValue, "a need called %q is not known", n)
	}
	return in.check(p)
}
