package runners

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// ScoreRequest asks for metrics of samples made anywhere. Real, Fake and Train may each be missing where no metric needs them.
type ScoreRequest struct {
	Real, Fake, Train      *Side
	Holdout                *Side             // real samples that the generator did not see, where Real are those it learned from: memorisation metrics take Real for Train and these for Real
	Versus                 *Side             // a second model's samples, to be compared with Fake against the same reals
	Novelty                bool              // where the training set is known and none of Metrics looks at it, nn_ratio (copies) and c_t are computed too, since a copy of it has the best distance of all
	Paired                 bool              // the fakes are reconstructions of the real images: each has its own, see ScoreResult.Pairing
	LPIPS                  *featurizer.LPIPS // measures the pairs, where the metric lpips is asked for
	Floor                  bool              // also score real against real
	Logits, Probs          *mat.Dense        // of the fakes
	RealLabels, FakeLabels []int
	// Which samples belong together (patient, prompt, clip, identity), a name for each; nil where each stands for itself. Intervals, comparisons and halves then go by whole
	// groups, see metrics.InGroups.
	RealGroups, FakeGroups, VersusGroups, HoldoutGroups []string
	Columns                                             Columns // what the columns of mixed tables hold, where the sides came from OpenMixed: they are the featurizer then
	Featurizer                                          string
	Metrics                                             []string          // ids; "all" means every one that can be computed from what is there
	Set                                                 map[string]string // "fd.ddof" -> "0"; goes before a protocol's choice
	Protocol                                            bool              // metrics take the options of the featurizer's protocol
	Force                                               bool              // compare statistics made in different ways all the same, with a warning
	Modes                                               *mat.Dense        // known mode centres of the data, one a row
	Sigma                                               float64           // their standard deviation
	Seed                                                uint64
	Measuring                                           func(metric string, k, n int) // is called before the k-th of n metrics is computed; may be nil
	Feeding                                             Feeding
	Env                                                 featurizer.Env
}

// ScoreResult is what was found, in the order of the metrics.
type ScoreResult struct {
	Records []reports.Record
	Floor   []reports.Record  // the metrics' values for one half of the reals against the other
	NoFloor map[string]string // by metric: why there is none
	Skipped map[string]string // by metric: what it needs; only for "all" and for metrics of ScoreRequest.Novelty
	Added   []string          // metrics that ScoreRequest.Novelty added

	Differences  []Difference
	NoDifference map[string]string // by metric: why there is none

	Featurizer string
	Protocol   string // of the featurizer, "" where it has none
	Weights    string
	Pairing    string // how fakes found their real images: "by name" or "by order"; "" where they are no pairs
	Prepared   string // recipe of the real images, see Side.PreparedBy
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
	ms, added := withNovelty(kit, q, ms)
	s := &scorer{kit: kit, q: q, metrics: ms, all: all, added: added, res: &ScoreResult{Skipped: map[string]string{}, NoFloor: map[string]string{}, NoDifference: map[string]string{}}}
	if err := s.wantsSamples(); err != nil {
		return nil, err
	}
	for _, m := range s.metrics { // before hours are spent on features; of "all", those that can be held are computed
		if err := metrics.Affordable(m.Info(), metrics.Extent{Real: q.Real.Len(), Fake: q.Fake.Len()}); err != nil && !all && !s.extra(m) {
			return nil, err
		}
	}
	if !q.Feeding.Skip { // what is wrong with the pairs is said before hours of featurizing
		if err := s.pairUp(ctx, &metrics.Pair{}); err != nil {
			return nil, err
		}
	}
	whole, err := s.pair(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.pairUp(ctx, &whole); err != nil {
		return nil, err
	}
	if err := s.perceive(ctx, &whole); err != nil {
		return nil, err
	}
	if s.metrics, err = s.options(); err != nil {
		return nil, err
	}
	if err := s.independent(ctx, whole); err != nil {
		return nil, err
	}
	s.res.Prepared = q.Real.PreparedBy()
	for k, m := range s.metrics {
		info, pair := m.Info(), s.heldOut(m, whole)
		if q.Measuring != nil {
			q.Measuring(info.ID, k+1, len(s.metrics))
		}
		if missing := metrics.Missing(pair, info.Needs); len(missing) > 0 {
			if !all && !s.extra(m) {
				return nil, fmt.Errorf("%s needs %s: %s", info.ID, needList(info.Needs), s.remedy(missing[0], missing[0].Remedy(pair)))
			}
			s.res.Skipped[info.ID] = "needs " + needList(info.Needs)
			continue
		}
		base := reports.Record{Cell: "score", Model: "fake", Featurizer: s.res.Featurizer, Protocol: s.res.Protocol, N: s.fakes(pair), NReal: q.Real.Len(), Seed: q.Seed}
		got, err := metrics.InGroups(ctx, m, pair)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if s.pairs != nil && s.pairs.failed() != nil {
			return nil, s.pairs.failed()
		}
		if err == nil && len(got.Values) == 0 {
			err = errors.New(strings.Join(got.Warnings, "; "))
		}
		if err != nil && s.extra(m) {
			s.res.Skipped[info.ID] = strings.TrimPrefix(err.Error(), info.ID+": ")
			continue
		}
		if err != nil {
			base.Metric, base.Better, base.Status, base.Error = info.ID, string(info.Better), reports.Failed, err.Error()
			s.res.Records = append(s.res.Records, base)
			continue
		}
		if w := s.groups(m); w != "" {
			got.Warnings = append(got.Warnings, w)
		}
		s.res.Records = append(s.res.Records, ResultRecords(base, got)...)
		if s.extra(m) { // it stands beside the others, and is not itself what was asked for
			s.res.Added = append(s.res.Added, info.ID)
			continue
		}
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
	if s.versus.side == nil {
		return nil
	}
	other := pair
	other.Target, other.Recon, other.Perceptual = nil, nil, nil // of the first model
	s.versus.asFake(&other)
	if len(metrics.Missing(other, m.Info().Needs)) > 0 {
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

// chosen finds the metrics and sets their options.
func chosen(kit Kit, q ScoreRequest) (ms []metrics.Metric, all bool, err error) {
	for _, id := range q.Metrics {
		if id == "all" {
			ms, all = slices.Clone(kit.Metrics), true
			break
		}
		var m metrics.Metric
		if m, err = kit.Metric(id); err != nil {
			return nil, false, err
		}
		ms = metrics.Join(ms, m)
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
	added   []string // ids of those that Novelty added
	judges  bool     // for a verdict: it looks at pixels where there are any
	res     *ScoreResult
	f       featurizer.Featurizer // opened when the first side needs it
	versus  party                 // the second model
	holdout party                 // real samples that were held out
	pairs   *pairs                // of reconstructions and their images; nil without

	noLabels string // why the classes of folders are not used
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
	for _, plain := range s.metrics {
		m, err := withProtocol(plain, p, s.q.Fake.Len())
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

// fakes counts the fakes: where there are but their logits or probabilities, the rows of those.
func (s *scorer) fakes(p metrics.Pair) int {
	for _, m := range []*mat.Dense{p.FakeLogits, p.FakeProbs} {
		if s.q.Fake == nil && m != nil {
			n, _ := m.Dims()
			return n
		}
	}
	return s.q.Fake.Len()
}

// heldOut is the pair as a memorisation metric sees it, where the request has samples that were held out: what it calls real are those, and the real samples are the
// training set.
func (s *scorer) heldOut(m metrics.Metric, p metrics.Pair) metrics.Pair {
	if s.holdout.features == nil || !slices.Contains(m.Info().Needs, metrics.NeedTrain) {
		return p
	}
	p.Train, p.Real, p.RealStats, p.RealGroups = p.Real, s.holdout.features, metrics.Stats{}, s.holdout.groups
	return p
}

// groups says where the Inception Score's groups are not the tool's own.
func (s *scorer) groups(m metrics.Metric) string {
	n := s.q.Fake.Len()
	if p, ok := protocolOf(s.f); ok && s.q.Protocol && takesSplits(m) && strings.HasPrefix(p.ISRule, "groups") && n > admGroup && n%admGroup != 0 {
		return fmt.Sprintf("%s takes groups of %d and one of %d; here they are equal: give a multiple of %d images", p.Name, admGroup, n%admGroup, admGroup)
	}
	return ""
}
