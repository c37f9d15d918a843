package runners

import (
	"context"
	"fmt"
	"slices"

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
	if s.kit.fitted(s.q.Featurizer) {
		if env.Reference, err = s.q.Real.samples(ctx, s.q.Feeding); err != nil {
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
			return nil, fmt.Errorf("%s %s holds features, not images: use ScoreRequest.Featurizer none", role, side.Path)
		}
		s.res.Featurizer = RawFeaturizer
		if s.q.Columns != nil {
			s.res.Featurizer = s.q.Columns.Featurizer()
		}
		return &featurizer.Output{Features: side.Features}, nil
	}
	f, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if out, err = side.Featurize(ctx, f, s.q.Feeding); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%s %s: %w", role, side.Path, err)
	}
	if p, ok := protocolOf(f); ok && s.q.Protocol {
		if w := dropRest(out, p); w != "" {
			side.Warnings = append(side.Warnings, side.Path+": "+w)
			side.Report.Images, _ = out.Features.Dims()
		}
	}
	return out, nil
}

// pair collects everything the request knows for a metric to choose from, and keeps the second model's samples for a comparison.
func (s *scorer) pair(ctx context.Context) (metrics.Pair, error) {
	q := s.q
	p := metrics.Pair{Modes: q.Modes, Sigma: q.Sigma, Seed: q.Seed}
	real, fake, train := party{role: "real", side: q.Real}, party{role: "fake", side: q.Fake}, party{role: "train", side: q.Train}
	s.versus, s.holdout = party{role: "versus", side: q.Versus}, party{role: "holdout", side: q.Holdout}
	if q.Holdout != nil && (q.Train != nil || q.Real == nil || q.Real.Stats != nil) {
		return p, fmt.Errorf("ScoreRequest.Holdout is beside the samples that the generator learned from: give those as ScoreRequest.Real, and no ScoreRequest.Train")
	}
	for _, at := range []*party{&real, &fake, &train, &s.versus, &s.holdout} {
		out, err := s.side(ctx, at.role, at.side)
		if err != nil {
			return p, err
		}
		at.features, at.probs, at.logits = out.Features, out.Probs, out.Logits
	}
	s.dropUnusable()
	q = s.q
	for _, at := range []*party{&fake, &s.versus} {
		if err := greyAgainstColour(at.role, real.side, at.side); err != nil {
			return p, err
		}
	}
	if real.logits != nil && s.anyNeeds(metrics.NeedRealProbs) {
		real.probs = numeric.SoftmaxRows(real.logits)
	}
	if err := s.heldAgainst(real, fake); err != nil {
		return p, err
	}
	if q.Probs != nil || q.Logits != nil {
		fake.probs, fake.logits = q.Probs, q.Logits
		s.versus.probs, s.versus.logits = nil, nil // of another classifier than the one that was asked for
	}
	if err := s.labels(&real, &fake); err != nil {
		return p, err
	}
	if err := s.grouped(&real, &fake); err != nil {
		return p, err
	}
	if err := s.statistics(&real, &fake); err != nil {
		return p, err
	}
	if err := s.versusStatistics(real); err != nil {
		return p, err
	}
	for _, at := range []*party{&real, &fake, &s.versus} {
		if err := s.pixels(ctx, at); err != nil {
			return p, err
		}
	}
	p.Train = train.features
	real.asReal(&p)
	fake.asFake(&p)
	return p, nil
}

// dropUnusable leaves out the rows of tables that were joined by name to images which could not be used.
func (s *scorer) dropUnusable() {
	for _, m := range []**mat.Dense{&s.q.Logits, &s.q.Probs} {
		if *m != nil {
			n, _ := (*m).Dims()
			*m = usableRows(s.q.Fake, n, *m, numeric.Pick)
		}
	}
	s.q.FakeLabels = usableRows(s.q.Fake, len(s.q.FakeLabels), s.q.FakeLabels, picked[int])
	s.q.FakeGroups = usableRows(s.q.Fake, len(s.q.FakeGroups), s.q.FakeGroups, picked[string])
	s.q.RealGroups = usableRows(s.q.Real, len(s.q.RealGroups), s.q.RealGroups, picked[string])
	s.q.RealLabels = usableRows(s.q.Real, len(s.q.RealLabels), s.q.RealLabels, picked[int])
}

// anyNeeds says whether a metric of the request needs something.
func (s *scorer) anyNeeds(n metrics.Need) bool {
	return slices.ContainsFunc(s.metrics, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, n) })
}

// labels takes the classes that the sources themselves give, where none were given and both sides mean the same by them.
func (s *scorer) labels(real, fake *party) error {
	real.labels, fake.labels = s.q.RealLabels, s.q.FakeLabels
	for _, at := range []*party{fake, real} {
		if at.side != nil && at.side.Source != nil && at.side.Source.NoClass != "" {
			s.noLabels = at.side.Path + ": " + at.side.Source.NoClass
		}
	}
	if real.labels == nil && fake.labels == nil {
		real.labels = upTo(real.side.labels(), real.features)
		for _, at := range []*party{fake, &s.versus} {
			at.labels = upTo(at.side.labels(), at.features)
			if real.labels != nil && at.labels != nil && !slices.Equal(real.side.classNames(), at.side.classNames()) {
				why := otherClasses(real.side.classNames(), at.side.classNames())
				at.side.Warnings = append(at.side.Warnings, fmt.Sprintf("%s: its classes are others than those of %s (%s): they are not used; give ScoreRequest.FakeLabels and ScoreRequest.RealLabels", at.side.Path, real.side.Path, why))
				at.labels = nil
				if at == fake {
					real.labels, s.noLabels = nil, why
				}
			}
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
func (s *scorer) pixels(ctx context.Context, at *party) error {
	if s.judges {
		at.images = s.looks(ctx, at)
		return nil
	}
	if !s.anyNeeds(metrics.NeedImages) {
		return nil
	}
	samples, err := at.side.samples(ctx, s.q.Feeding)
	if err != nil && !s.all {
		return err
	}
	at.images = sampleImages(samples)
	return nil
}

// sampleImages is the metrics' view of images; nil for anything else.
func sampleImages(s *datasets.Samples) *metrics.Images {
	if s == nil || !s.IsImage() {
		return nil
	}
	return &metrics.Images{N: s.Len(), H: s.Shape[0], W: s.Shape[1], C: s.Shape[2], Pix: s.Data, Lo: -1, Hi: 1}
}
