package runners

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// ScoreRequest asks for metrics of samples made anywhere. Real, Fake and Train may each be missing where no metric needs them.
type ScoreRequest struct {
	Real, Fake, Train      *Side
	Versus                 *Side      // a second model's samples, to be compared with Fake against the same reals
	Floor                  bool       // also score real against real
	Logits, Probs          *mat.Dense // of the fakes
	RealLabels, FakeLabels []int
	Featurizer             string
	Metrics                []string          // ids; "all" means every one that can be computed from what is there
	Set                    map[string]string // "fd.ddof" -> "0"; goes before a protocol's choice
	Protocol               bool              // metrics take the options of the featurizer's protocol
	Force                  bool              // compare statistics made in different ways all the same, with a warning
	Modes                  *mat.Dense        // known mode centres of the data, one a row
	Sigma                  float64           // their standard deviation
	Seed                   uint64
	Feeding                Feeding
	Env                    featurizer.Env
}

// ScoreResult is what was found, in the order of the metrics.
type ScoreResult struct {
	Records []reports.Record
	Floor   []reports.Record  // the metrics' values for one half of the reals against the other
	NoFloor map[string]string // by metric: why there is none
	Skipped map[string]string // by metric: what it needs; only for "all"

	Differences  []Difference
	NoDifference map[string]string // by metric: why there is none

	Featurizer string
	Protocol   string // of the featurizer, "" where it has none
	Weights    string
}

// Difference is what a metric says of two models against one reference: the first of the request's Fake, the second of its Versus.
type Difference struct {
	Metric string
	metrics.Comparison
}

// Score computes metrics. Errors: an unknown name or option, an input a named metric needs and that is not there, a featurizer that does not accept the
// samples, statistics made in different ways. A metric that fails on the data is a failed record.
func Score(ctx context.Context, kit Kit, q ScoreRequest) (*ScoreResult, error) {
	ms, all, err := chosen(kit, q)
	if err != nil {
		return nil, err
	}
	s := &scorer{kit: kit, q: q, metrics: ms, all: all, res: &ScoreResult{Skipped: map[string]string{}, NoFloor: map[string]string{}, NoDifference: map[string]string{}}}
	pair, err := s.pair(ctx)
	if err != nil {
		return nil, err
	}
	if s.metrics, err = s.options(); err != nil {
		return nil, err
	}
	for _, m := range s.metrics {
		info := m.Info()
		if !serves(pair, info.Needs) {
			if !all {
				return nil, fmt.Errorf("%s needs %s: %s", info.ID, needList(info.Needs), remedy(pair, info.Needs))
			}
			s.res.Skipped[info.ID] = "needs " + needList(info.Needs)
			continue
		}
		base := reports.Record{Cell: "score", Model: "fake", Featurizer: s.res.Featurizer, Protocol: s.res.Protocol, N: q.Fake.Len(), NReal: q.Real.Len(), Seed: q.Seed}
		got, err := m.Compute(ctx, pair)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err == nil && len(got.Values) == 0 {
			err = errors.New(strings.Join(got.Warnings, "; "))
		}
		if err != nil {
			base.Metric, base.Better, base.Status, base.Error = info.ID, string(info.Better), reports.Failed, err.Error()
			s.res.Records = append(s.res.Records, base)
			continue
		}
		if w := s.groups(info.ID); w != "" {
			got.Warnings = append(got.Warnings, w)
		}
		s.res.Records = append(s.res.Records, ResultRecords(base, got)...)
		if err := s.beside(ctx, m, pair, base); err != nil {
			return nil, err
		}
	}
	return s.res, nil
}

// beside adds the metric's value for real against real, and the comparison with another model's samples. What cannot be had is a note of the result: the
// score itself stands.
func (s *scorer) beside(ctx context.Context, m metrics.Metric, pair metrics.Pair, base reports.Record) error {
	id := m.Info().ID
	if s.q.Floor && pair.Real != nil && comparesReal(m.Info().Needs) {
		got, err := metrics.Floor(ctx, m, pair)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			s.res.NoFloor[id] = strings.TrimPrefix(err.Error(), id+": ")
		} else {
			half := base
			half.Model, half.N, half.NReal = reports.Real, base.NReal/2, base.NReal-base.NReal/2
			s.res.Floor = append(s.res.Floor, ResultRecords(half, got)...)
		}
	}
	if s.versus == nil {
		return nil
	}
	other := pair
	other.Fake, other.FakeProbs, other.FakeLogits, other.FakeLabels = s.versus.Features, s.versus.Probs, s.versus.Logits, nil
	if !serves(other, m.Info().Needs) {
		s.res.NoDifference[id] = "needs " + needList(m.Info().Needs) + " of both"
		return nil
	}
	c, err := metrics.Compare(ctx, m, pair, other, 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		s.res.NoDifference[id] = strings.TrimPrefix(err.Error(), id+": ")
		return nil
	}
	s.res.Differences = append(s.res.Differences, Difference{Metric: id, Comparison: c})
	return nil
}

// Judge is the verdict on the fakes: collapse, dropped modes, copies; see metrics.Judge.
func Judge(ctx context.Context, kit Kit, q ScoreRequest) (metrics.Verdict, *ScoreResult, error) {
	s := &scorer{kit: kit, q: q, res: &ScoreResult{}}
	pair, err := s.pair(ctx)
	if err != nil {
		return metrics.Verdict{}, nil, err
	}
	v, err := metrics.Judge(ctx, pair, metrics.DefaultThresholds())
	return v, s.res, err
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

// withSet sets the options asked for by name.
func withSet(m metrics.Metric, set map[string]string) (metrics.Metric, error) {
	var err error
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if id, option, _ := strings.Cut(key, "."); id == m.Info().ID {
			if m, err = m.With(option, set[key]); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// scorer makes what metrics look at out of a request.
type scorer struct {
	kit     Kit
	q       ScoreRequest
	metrics []metrics.Metric
	all     bool
	res     *ScoreResult
	f       featurizer.Featurizer // opened when the first side needs it
	versus  *featurizer.Output
}

// options gives the metrics the protocol's options under those that were asked for by name.
func (s *scorer) options() ([]metrics.Metric, error) {
	if s.f == nil || !s.q.Protocol {
		return s.metrics, nil
	}
	p, ok := protocolOf(s.f)
	if !ok {
		return s.metrics, nil
	}
	var out []metrics.Metric
	for _, m := range s.metrics {
		m, err := withProtocol(m, p, s.q.Fake.Len())
		if err != nil {
			return nil, err
		}
		if m, err = withSet(m, s.q.Set); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// groups says where the Inception Score's groups are not the tool's own.
func (s *scorer) groups(metric string) string {
	n := s.q.Fake.Len()
	if p, ok := protocolOf(s.f); ok && s.q.Protocol && metric == "is" && strings.HasPrefix(p.ISRule, "groups") && n > admGroup && n%admGroup != 0 {
		return fmt.Sprintf("%s takes groups of %d and one of %d; here they are equal: give a multiple of %d images", p.Name, admGroup, n%admGroup, admGroup)
	}
	return ""
}

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
		}
		return fmt.Sprintf("%s cannot be given to score", n)
	}
	return "nothing is missing"
}
