package audit

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners"
)

// job is one set of fakes: over a split, at a size, clean or with a fault at a level.
type job struct {
	fault          *Fault
	level, r, size int
}

// jobs are all that an audit of one feature space scores, each once.
func (m *material) jobs() []job {
	var all []job
	for r := range splits {
		all = append(all, job{nil, 0, r, m.n})
	}
	for i := range m.faults {
		for l := range levels {
			for r := range repeats {
				all = append(all, job{&m.faults[i], l, r, m.n})
			}
		}
	}
	for _, size := range sizesUpTo(m.n) {
		for r := range powerNulls {
			if size < m.n {
				all = append(all, job{nil, 0, r, size})
			}
		}
		for r := range powerSplits {
			for i := range m.faults {
				if size < m.n || r >= repeats {
					all = append(all, job{&m.faults[i], powerLevel, r, size})
				}
			}
		}
	}
	return all
}

// scores is what the metrics say of one job.
type scores struct {
	Values  map[string]float64           `json:"values"`
	Better  map[string]metrics.Direction `json:"better"`
	Seconds map[string]float64           `json:"seconds"` // by metric
	Failed  map[string]string            `json:"failed,omitempty"`
}

// dataKey names a piece: all that its values depend on.
type dataKey struct {
	Kind, Content, Space, Metrics, Fault string
	Strength                             float64
	Seed                                 uint64
	N, R, Size                           int
}

// metricsFor are those of the request that the samples can feed in a space, with why the others are left out. Metrics of images are of the first space alone.
func (q *DataRequest) metricsFor(kit runners.Kit, p metrics.Pair, first bool) (ms []metrics.Metric, left map[string]string, err error) {
	chosen := kit.Metrics
	if len(q.Metrics) > 0 {
		chosen = nil
		for _, id := range q.Metrics {
			m, err := kit.Metric(id)
			if err != nil {
				return nil, nil, err
			}
			chosen = metrics.Join(chosen, m)
		}
	}
	left = map[string]string{}
	for _, m := range chosen {
		if !first && spaceOf(m.Info(), "") == ofImages {
			continue // it has its readings already
		}
		info := m.Info()
		missing := metrics.Missing(p, info.Needs)
		switch {
		case len(missing) > 0 && len(q.Metrics) > 0:
			return nil, nil, fmt.Errorf("%s needs %s, which these samples do not give in this feature space: leave it out, or take a featurizer that gives them", info.ID, missing[0])
		case len(missing) > 0:
			left[info.ID] = "needs " + string(missing[0])
		case dear[info.ID].leave != "" && len(q.Metrics) == 0:
			left[info.ID] = dear[info.ID].leave + ": name it in DataRequest.Metrics"
		case !slices.ContainsFunc(info.Needs, metrics.Need.OfReference) && !slices.Contains(info.Needs, metrics.NeedImages) && !slices.Contains(info.Needs, metrics.NeedProbs):
			left[info.ID] = "looks at no reference"
		default:
			set, err := with(m, dear[info.ID].set)
			if err != nil {
				return nil, nil, err
			}
			ms = append(ms, set)
		}
	}
	return ms, left, nil
}

// Data audits metrics on samples. Errors: samples that are too few or of statistics, unknown or unfit names, a featurizer that does not take the samples, the context's.
func Data(ctx context.Context, kit runners.Kit, q DataRequest) (*DataResult, error) {
	if err := q.Check(kit); err != nil {
		return nil, err
	}
	m, err := q.load(ctx)
	if err != nil {
		return nil, err
	}
	res := newResult(q, m)
	for k, spec := range q.Featurizers {
		s, err := q.open(ctx, kit, m, spec)
		if err != nil {
			return nil, err
		}
		ms, left, err := q.metricsFor(kit, s.pair(0, m.split(q.Seed, 0, m.n), nil, m.real.Select(m.split(q.Seed, 0, m.n).clean)), k == 0)
		if err != nil {
			return nil, err
		}
		all := m.jobs()
		got := make([]scores, len(all))
		err = atOnce(ctx, len(all), q.shared(k), func(ctx context.Context, i int, tell func(string, float64)) error {
			var failed error
			got[i], failed = kept(store{q.Dir}, q.key(m, s, ms, all[i]), func() (scores, error) { return q.score(ctx, m, s, ms, all[i], tell) })
			return failed
		})
		if err != nil {
			return nil, err
		}
		res.Featurizers = append(res.Featurizers, s.id)
		res.Readings = append(res.Readings, readings(m, s.id, ms, all, got)...)
		for id, why := range left {
			res.LeftOut[id] = why
		}
	}
	res.advise()
	return res, nil
}

// Check says whether the names of a request are known, before anything is read.
func (q *DataRequest) Check(kit runners.Kit) error {
	if len(q.Featurizers) == 0 {
		return fmt.Errorf("an audit needs a featurizer: name one in DataRequest.Featurizers, %s for points and features", runners.RawFeaturizer)
	}
	for _, f := range q.Featurizers {
		if f == runners.RawFeaturizer {
			continue
		}
		if _, err := kit.FeaturizerID(f); err != nil {
			return err
		}
	}
	for _, id := range q.Metrics {
		if _, err := kit.Metric(id); err != nil {
			return err
		}
	}
	return knownFaults(q.Faults)
}

// shared is the progress of one feature space as a part of the whole.
func (q *DataRequest) shared(k int) func(Progress) {
	if q.Tell == nil {
		return nil
	}
	return func(p Progress) {
		p.Done += float64(k) * p.Total
		p.Total *= float64(len(q.Featurizers))
		q.Tell(p)
	}
}

func (q *DataRequest) key(m *material, s *space, ms []metrics.Metric, j job) dataKey {
	k := dataKey{Kind: "data 2", Content: m.content + " " + m.modesAre, Space: s.fingerprint, Seed: q.Seed, N: m.n, R: j.r, Size: j.size}
	var ids []string
	for _, one := range ms {
		ids = append(ids, one.Info().ID+":"+strings.Join(metrics.Shown(one), "+")+settingsOf(one.Info().ID))
	}
	if k.Metrics = joined(ids); j.fault != nil {
		k.Fault, k.Strength = j.fault.ID, j.fault.Strengths[j.level]
	}
	return k
}

// settingsOf is what the plan sets of a metric: ",subsets=5".
func settingsOf(id string) (text string) {
	for _, name := range slices.Sorted(maps.Keys(dear[id].set)) {
		text += "," + name + "=" + dear[id].set[name]
	}
	return text
}

// score plants a fault and computes every metric.
func (q *DataRequest) score(ctx context.Context, m *material, s *space, ms []metrics.Metric, j job, tell func(string, float64)) (scores, error) {
	text := s.id + ": clean"
	if j.fault != nil {
		text = s.id + ": " + j.fault.Title
	}
	text = fmt.Sprintf("%s, %d samples", text, j.size)
	tell(text, 0)
	x, err := m.plant(q.Seed, j.fault, j.level, j.r, j.size)
	if err != nil {
		return scores{}, err
	}
	var fake *featurizer.Output
	if j.fault != nil {
		if fake, err = s.lookAt(ctx, q, j, x); err != nil {
			return scores{}, err
		}
	}
	out := scores{Values: map[string]float64{}, Better: map[string]metrics.Direction{}, Seconds: map[string]float64{}, Failed: map[string]string{}}
	p := s.pair(j.r, m.split(q.Seed, j.r, j.size), fake, x)
	for k, one := range ms {
		if err := out.compute(ctx, one, p); err != nil {
			return scores{}, err
		}
		tell(text, float64(k+1)/float64(len(ms)))
	}
	return out, nil
}

// lookAt brings planted samples into the space; a fault of labels leaves the samples as they were.
func (s *space) lookAt(ctx context.Context, q *DataRequest, j job, x *datasets.Samples) (*featurizer.Output, error) {
	if j.fault.Labels {
		return nil, nil //nolint:nilnil // the clean features serve
	}
	return s.look(ctx, q, j.fault.ID, x)
}

func (out *scores) compute(ctx context.Context, m metrics.Metric, p metrics.Pair) error {
	id := m.Info().ID
	began := time.Now()
	r, err := m.Compute(metrics.PointOnly(ctx), p)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Seconds[id] = time.Since(began).Seconds()
	switch {
	case err != nil:
		out.Failed[id] = err.Error()
	case len(r.Values) == 0:
		out.Failed[id] = strings.Join(r.Warnings, "; ")
	}
	for _, v := range r.Values {
		if v.Better != metrics.None && !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
			out.Values[v.Name], out.Better[v.Name] = v.Value, v.Better
		}
	}
	return nil
}
