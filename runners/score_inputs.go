package runners

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/metrics"
)

func (s *scorer) open(ctx context.Context) (featurizer.Featurizer, error) {
	if s.f != nil {
		return s.f, nil
	}
	env := s.q.Env
	var err error
	if strings.HasPrefix(s.q.Featurizer, "pca(") { // the one that is fitted
		if env.Reference, err = s.q.Real.samples(ctx); err != nil {
			return nil, err
		}
	}
	if s.f, err = s.kit.Featurizer(ctx, s.q.Featurizer, env); err != nil {
		return nil, err
	}
	s.res.Featurizer, s.res.Weights = s.f.ID(), weightsHash(s.f)
	if p, ok := protocolOf(s.f); ok {
		s.res.Protocol = p.Name
	}
	return s.f, nil
}

// side brings one set into feature space.
func (s *scorer) side(ctx context.Context, role string, side *Side) (out *featurizer.Output, err error) {
	switch {
	case side == nil || side.Stats != nil:
		return &featurizer.Output{}, nil
	case side.Features != nil:
		if s.q.Featurizer != RawFeaturizer {
			return nil, fmt.Errorf("%s %s holds features, not images: use --featurizer none", role, side.Path)
		}
		s.res.Featurizer = RawFeaturizer
		return &featurizer.Output{Features: side.Features}, nil
	}
	f, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	g := gathered{n: side.Len()}
	if err := side.stream(ctx, f, s.q.Feeding, g.add); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%s %s: %w", role, side.Path, err)
	}
	out = g.output()
	if p, ok := protocolOf(f); ok && s.q.Protocol {
		if w := dropRest(out, p); w != "" {
			side.Warnings = append(side.Warnings, side.Path+": "+w)
			side.Report.Images, _ = out.Features.Dims()
		}
	}
	return out, nil
}

// pair collects everything the request knows for a metric to choose from.
func (s *scorer) pair(ctx context.Context) (metrics.Pair, error) {
	q := s.q
	p := metrics.Pair{FakeLogits: q.Logits, FakeProbs: q.Probs, RealLabels: q.RealLabels, FakeLabels: q.FakeLabels, Modes: q.Modes, Sigma: q.Sigma, Seed: q.Seed}
	real, err := s.side(ctx, "real", q.Real)
	if err != nil {
		return p, err
	}
	fake, err := s.side(ctx, "fake", q.Fake)
	if err != nil {
		return p, err
	}
	train, err := s.side(ctx, "train", q.Train)
	if err != nil {
		return p, err
	}
	if q.Versus != nil {
		if s.versus, err = s.side(ctx, "versus", q.Versus); err != nil {
			return p, err
		}
	}
	p.Real, p.Fake, p.Train, p.RealProbs = real.Features, fake.Features, train.Features, real.Probs
	if real.Logits != nil && slices.ContainsFunc(s.metrics, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, metrics.NeedRealProbs) }) {
		p.RealProbs = numeric.SoftmaxRows(real.Logits)
	}
	if p.FakeProbs == nil && p.FakeLogits == nil {
		p.FakeProbs, p.FakeLogits = fake.Probs, fake.Logits
	}
	if err := s.labels(&p); err != nil {
		return p, err
	}
	if err := s.statistics(&p); err != nil {
		return p, err
	}
	return p, s.pixels(ctx, &p)
}

// labels takes the classes that the sources themselves give, where none were given and both sides mean the same by them.
func (s *scorer) labels(p *metrics.Pair) error {
	q := s.q
	real, fake := upTo(q.Real.labels(), p.Real), upTo(q.Fake.labels(), p.Fake)
	if real != nil && fake != nil && !slices.Equal(q.Real.Source.Classes, q.Fake.Source.Classes) {
		q.Fake.Warnings = append(q.Fake.Warnings, fmt.Sprintf("%s: its classes are named otherwise than those of %s: they are not used; give --labels and --real-labels", q.Fake.Path, q.Real.Path))
		real, fake = nil, nil
	}
	if p.RealLabels == nil && p.FakeLabels == nil {
		p.RealLabels, p.FakeLabels = real, fake
	}
	for _, l := range []struct {
		role   string
		labels []int
		x      *mat.Dense
	}{{"--real-labels", p.RealLabels, p.Real}, {"--labels", p.FakeLabels, p.Fake}} {
		if l.labels == nil || l.x == nil {
			continue
		}
		if n, _ := l.x.Dims(); n != len(l.labels) {
			return fmt.Errorf("%s: %d labels for %d samples", l.role, len(l.labels), n)
		}
	}
	return nil
}

// upTo cuts labels to the rows that a protocol left.
func upTo(labels []int, x *mat.Dense) []int {
	if labels == nil || x == nil {
		return nil
	}
	n, _ := x.Dims()
	return labels[:min(n, len(labels))]
}

// pixels are the images themselves, for metrics of images.
func (s *scorer) pixels(ctx context.Context, p *metrics.Pair) error {
	if !slices.ContainsFunc(s.metrics, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, metrics.NeedImages) }) {
		return nil
	}
	for _, side := range []struct {
		side *Side
		to   **metrics.Images
	}{{s.q.Real, &p.RealImages}, {s.q.Fake, &p.FakeImages}} {
		samples, err := side.side.samples(ctx)
		if err != nil && !s.all {
			return err
		}
		*side.to = sampleImages(samples)
	}
	return nil
}

// sampleImages is the metrics' view of images; nil for anything else.
func sampleImages(s *datasets.Samples) *metrics.Images {
	if s == nil || !s.IsImage() {
		return nil
	}
	return &metrics.Images{N: s.Len(), H: s.Shape[0], W: s.Shape[1], C: s.Shape[2], Pix: s.Data, Lo: -1, Hi: 1}
}

// remedy says which flag brings what is missing.
func remedy(p metrics.Pair, needs []metrics.Need) string {
	for _, n := range needs {
		if offers(p, n) {
			continue
		}
		switch n {
		case metrics.NeedFeatures, metrics.NeedMoments:
			if p.Fake == nil {
				return "give the fakes by --fake"
			}
			return "give the real samples by --real"
		case metrics.NeedTrain:
			return "give the training set by --train"
		case metrics.NeedProbs, metrics.NeedRealProbs:
			return "give --logits or --probs, or a featurizer that classifies, such as glyphnet"
		case metrics.NeedRealLabels, metrics.NeedFakeLabels:
			return "give the classes by --labels and --real-labels"
		case metrics.NeedImages:
			return "give images, not features"
		default: // what models and suites know
		}
		return fmt.Sprintf("%s cannot be given to score", n)
	}
	return "nothing is missing"
}
