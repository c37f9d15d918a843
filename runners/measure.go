package runners

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// measure computes every metric of the cell in every feature space that offers what it needs, in the plan's order, and the verdict in the first space
// against the first reference. A metric that fails, or that no feature space of the cell can serve, is a failed record of that metric.
func (e *execution) measure(ctx context.Context, c Cell, out *outcome) ([]reports.Record, error) {
	var recs []reports.Record
	served, excused := make([]bool, len(c.measures)), make([]bool, len(c.measures)) // excused: by what the model or the set is
	for _, id := range c.Featurizers {
		e.clock.enter(featurizing)
		f, err := e.store.open(ctx, id, out.set)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", id, err)
		}
		fake, err := f.Featurize(ctx, out.samples)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", id, err)
		}
		for at, ref := range c.against() {
			e.clock.enter(featurizing)
			pair, nReal, err := e.pair(ctx, c, *out, f, fake, ref)
			if err != nil {
				return nil, err
			}
			if out.verdict == nil {
				e.clock.enter(judging)
				if out.verdict, err = e.judge(ctx, c, out, f, pair); err != nil {
					return nil, err
				}
			}
			e.clock.enter(scoring)
			for k, m := range c.measures {
				if ref == HoldOut && m.Info().ID != c.Validation {
					continue // the hold-out is there to choose by, not to report
				}
				needs := m.Info().Needs
				if missing := metrics.Missing(pair, needs); len(missing) > 0 {
					excused[k] = excused[k] || slices.ContainsFunc(missing, metrics.Need.Inherent)
					continue
				}
				served[k] = true
				if !comparesReal(needs) && at > 0 {
					continue // the value does not depend on the reference: one is enough
				}
				got, err := e.compute(ctx, c, *out, m, pair)
				if err != nil {
					return nil, err
				}
				for i := range got {
					got[i].Featurizer, got[i].Provenance.WeightsHash = f.ID(), weightsHash(f)
					if comparesReal(needs) {
						got[i].Reference, got[i].NReal = ref, nReal
					}
				}
				recs = append(recs, got...)
			}
		}
	}
	for k, m := range c.measures {
		if !served[k] && !excused[k] {
			r := e.record(c, *out)
			r.Metric, r.Better, r.Status = m.Info().ID, string(m.Info().Better), reports.Failed
			r.Error = fmt.Sprintf("%s needs %s; none of %s on %s offers that", m.Info().ID, needList(m.Info().Needs), strings.Join(c.Featurizers, ", "), c.Dataset)
			recs = append(recs, r)
		}
	}
	unmeasured(recs, out.samples)
	return recs, nil
}

// against are the splits that the cell is measured against, the hold-out last.
func (c Cell) against() []string {
	if c.Validation == "" {
		return c.References
	}
	return append(slices.Clone(c.References), HoldOut)
}

func needList(needs []metrics.Need) string {
	words := make([]string, len(needs))
	for i, n := range needs {
		words[i] = string(n)
	}
	return strings.Join(words, " and ")
}

// compute runs one metric; an error of the metric is its record, cancellation is an error.
func (e *execution) compute(ctx context.Context, c Cell, out outcome, m metrics.Metric, pair metrics.Pair) ([]reports.Record, error) {
	res, err := metrics.InGroups(ctx, m, pair)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r := e.record(c, out)
	if err != nil {
		r.Metric, r.Better, r.Status, r.Error = m.Info().ID, string(m.Info().Better), reports.Failed, err.Error()
		return []reports.Record{r}, nil
	}
	return ResultRecords(r, res), nil
}

// ResultRecords turns a metric's result into records, one a value, that share the keys of base. A value that is no finite number is a failure: JSON cannot
// hold it, and a table must not show it.
func ResultRecords(base reports.Record, res metrics.Result) []reports.Record {
	var recs []reports.Record
	for _, v := range res.Values {
		r := base
		r.Metric, r.Value, r.Unit, r.Better = v.Name, v.Value, v.Unit, string(v.Better)
		r.Status, r.Warnings, r.Convention, r.NoInterval = string(res.Status), res.Warnings, res.Convention, v.NoInterval
		if iv := v.Interval; iv != nil && finite(iv.Lo) && finite(iv.Hi) {
			r.Interval = &reports.Interval{Lo: iv.Lo, Hi: iv.Hi, Level: iv.Level, Method: iv.Method, Centre: iv.Centre}
		}
		if !finite(v.Value) {
			r.Status, r.Error, r.Value = reports.Failed, fmt.Sprintf("%s is %v", v.Name, v.Value), 0
		}
		recs = append(recs, r)
	}
	return recs
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// pair collects everything the cell knows for a metric to choose from.
func (e *execution) pair(ctx context.Context, c Cell, out outcome, f featurizer.Featurizer, fake *featurizer.Output, ref string) (metrics.Pair, int, error) {
	real, realSamples, err := e.store.real(ctx, f, out.set, ref, c.Samples)
	if err != nil {
		return metrics.Pair{}, 0, fmt.Errorf("featurizer %s: %w", f.ID(), err)
	}
	p := metrics.Pair{
		Real: real.Features, Fake: fake.Features, RealProbs: real.Probs, FakeProbs: fake.Probs, FakeLogits: fake.Logits,
		RealLabels: realSamples.Labels, FakeLabels: out.samples.Labels, FakeGroups: out.groups, Seed: c.Seed, Shared: &e.store.shared,
		RealImages: sampleImages(realSamples), FakeImages: sampleImages(out.samples),
	}
	if c.Model != Real && slices.ContainsFunc(c.measures, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, metrics.NeedTrain) }) {
		// The real row is the training set: it would only find itself.
		var train *featurizer.Output
		if train, _, err = e.store.real(ctx, f, out.set, "train", math.MaxInt); err != nil {
			return metrics.Pair{}, 0, fmt.Errorf("featurizer %s: %w", f.ID(), err)
		}
		p.Train = train.Features
	}
	if truth := out.set.truth(); truth != nil && f.ID() == RawFeaturizer {
		p.Modes, p.Sigma = centres(truth), truth.Sigma
	}
	if out.sources != nil {
		translated(&p, out)
	}
	p.RealSentences, p.FakeSentences = spoken(out.set.Vocabulary, realSamples), spoken(out.set.Vocabulary, out.samples)
	p.Likelihood, p.Terms, p.Distances = out.inside.likelihood, out.inside.terms, out.inside.distances
	p.Path, err = out.inside.path(ctx, f)
	return p, realSamples.Len(), err
}

// imagesLike is sampleImages for points too: the metrics take them as images of one place.
func imagesLike(s *datasets.Samples) *metrics.Images {
	if s.IsImage() {
		return sampleImages(s)
	}
	m := &metrics.Images{N: s.Len(), H: 1, W: 1, C: s.Dim(), Pix: s.Data, Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, v := range s.Data {
		m.Lo, m.Hi = min(m.Lo, float64(v)), max(m.Hi, float64(v))
	}
	return m
}

// centres are the modes of a mixture, one a row.
func centres(m *datasets.Mixture) *mat.Dense {
	d := mat.NewDense(len(m.Modes), m.Dim(), nil)
	for k, c := range m.Modes {
		d.SetRow(k, c)
	}
	return d
}

// comparesReal says whether a metric looks at the reference set at all.
func comparesReal(needs []metrics.Need) bool {
	return slices.ContainsFunc(needs, metrics.Need.OfReference)
}
