package runners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// Side is what is known of one set in a score: samples or a source of images to be featurized, features as they are, or their statistics.
type Side struct {
	Path     string
	Samples  *datasets.Samples
	Source   *source.Set
	Features *mat.Dense
	Stats    metrics.Stats
	Warnings []string
}

// Len is the number of rows.
func (s *Side) Len() int {
	switch {
	case s == nil:
		return 0
	case s.Features != nil:
		n, _ := s.Features.Dims()
		return n
	case s.Samples != nil:
		return s.Samples.Len()
	case s.Source != nil:
		return len(s.Source.Items)
	}
	return s.Stats.N
}

// ScoreRequest asks for metrics of samples made anywhere. Real, Fake and Train may each be missing where no metric needs them.
type ScoreRequest struct {
	Real, Fake, Train      *Side
	Logits, Probs          *mat.Dense // of the fakes
	RealLabels, FakeLabels []int
	Featurizer             string
	Metrics                []string          // ids; "all" means every one that can be computed from what is there
	Set                    map[string]string // "fd.ddof" -> "0"
	SkipBad                bool              // leave unreadable images out, with a warning
	Seed                   uint64
	Env                    featurizer.Env
}

// ScoreResult is what was found, in the order of the metrics.
type ScoreResult struct {
	Records    []reports.Record
	Skipped    map[string]string // by metric: what it needs; only for "all"
	Featurizer string
	Weights    string
}

// Score computes metrics. Errors: an unknown name or option, an input a named metric needs and that is not there, a featurizer that does not accept the
// samples. A metric that fails on the data is a failed record.
func Score(ctx context.Context, kit Kit, q ScoreRequest) (*ScoreResult, error) {
	ms, all, err := chosen(kit, q)
	if err != nil {
		return nil, err
	}
	res := &ScoreResult{Skipped: map[string]string{}}
	pair, err := scorePair(ctx, kit, q, ms, all, res)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		info := m.Info()
		if !serves(pair, info.Needs) {
			if !all {
				return nil, fmt.Errorf("%s needs %s: %s", info.ID, needList(info.Needs), remedy(pair, info.Needs))
			}
			res.Skipped[info.ID] = "needs " + needList(info.Needs)
			continue
		}
		base := reports.Record{Cell: "score", Model: "fake", Featurizer: res.Featurizer, N: q.Fake.Len(), NReal: q.Real.Len(), Seed: q.Seed}
		got, err := m.Compute(ctx, pair)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			base.Metric, base.Better, base.Status, base.Error = info.ID, string(info.Better), reports.Failed, err.Error()
			res.Records = append(res.Records, base)
			continue
		}
		res.Records = append(res.Records, ResultRecords(base, got)...)
	}
	return res, nil
}

// chosen finds the metrics and sets their options.
func chosen(kit Kit, q ScoreRequest) (ms []metrics.Metric, all bool, err error) {
	for _, id := range q.Metrics {
		if id == "all" {
			ms, all = slices.Clone(kit.Metrics), true
			break
		}
		m, err := kit.Metric(id)
		if err != nil {
			return nil, false, err
		}
		ms = append(ms, m)
	}
	for _, key := range slices.Sorted(maps.Keys(q.Set)) {
		id, option, ok := strings.Cut(key, ".")
		if !ok {
			return nil, false, fmt.Errorf("option %q: want metric.option=value, such as is.splits=5", key)
		}
		i := slices.IndexFunc(ms, func(m metrics.Metric) bool { return m.Info().ID == id })
		if i < 0 {
			if _, err := kit.Metric(id); err != nil {
				return nil, false, err
			}
			return nil, false, fmt.Errorf("option %s is of a metric that is not asked for; add it to the metrics", key)
		}
		if ms[i], err = ms[i].With(option, q.Set[key]); err != nil {
			return nil, false, err
		}
	}
	return ms, all, nil
}

func scorePair(ctx context.Context, kit Kit, q ScoreRequest, ms []metrics.Metric, all bool, res *ScoreResult) (metrics.Pair, error) {
	p := metrics.Pair{FakeLogits: q.Logits, FakeProbs: q.Probs, RealLabels: q.RealLabels, FakeLabels: q.FakeLabels, Seed: q.Seed}
	var f featurizer.Featurizer
	open := func() (featurizer.Featurizer, error) {
		if f == nil {
			env := q.Env
			var err error
			if strings.HasPrefix(q.Featurizer, "pca(") { // the one that is fitted
				if env.Reference, err = q.Real.samples(ctx); err != nil {
					return nil, err
				}
			}
			if f, err = kit.Featurizer(ctx, q.Featurizer, env); err != nil {
				return nil, err
			}
			res.Featurizer, res.Weights = f.ID(), weightsHash(f)
		}
		return f, nil
	}
	side := func(role string, s *Side) (out *featurizer.Output, err error) {
		if s == nil {
			return &featurizer.Output{}, nil
		}
		if s.Features != nil {
			if q.Featurizer != RawFeaturizer {
				return nil, fmt.Errorf("%s %s holds features, not images: use --featurizer none", role, s.Path)
			}
			res.Featurizer = RawFeaturizer
			return &featurizer.Output{Features: s.Features}, nil
		}
		if s.Stats.Cov != nil {
			return &featurizer.Output{}, nil
		}
		f, err := open()
		if err != nil {
			return nil, err
		}
		if out, err = s.featurize(ctx, f, q.SkipBad); err != nil {
			return nil, fmt.Errorf("%s %s: %w", role, s.Path, err)
		}
		return out, nil
	}
	real, err := side("real", q.Real)
	if err != nil {
		return p, err
	}
	fake, err := side("fake", q.Fake)
	if err != nil {
		return p, err
	}
	train, err := side("train", q.Train)
	if err != nil {
		return p, err
	}
	p.Real, p.Fake, p.Train, p.RealProbs = real.Features, fake.Features, train.Features, real.Probs
	if p.FakeProbs == nil && p.FakeLogits == nil {
		p.FakeProbs, p.FakeLogits = fake.Probs, fake.Logits
	}
	if q.Real != nil {
		p.RealStats = q.Real.Stats
	}
	if q.Fake != nil {
		p.FakeStats = q.Fake.Stats
	}
	if !slices.ContainsFunc(ms, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, metrics.NeedImages) }) {
		return p, nil
	}
	for _, s := range []struct {
		side *Side
		to   **metrics.Images
	}{{q.Real, &p.RealImages}, {q.Fake, &p.FakeImages}} {
		samples, err := s.side.samples(ctx)
		if err != nil && !all {
			return p, err
		}
		*s.to = sampleImages(samples)
	}
	return p, nil
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
		}
		return fmt.Sprintf("%s cannot be given to score", n)
	}
	return "nothing is missing"
}
