package metrics

import (
	"context"
	"math"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// Correspondence returns the share of translated samples that reach the mode they should [zhu2017]: the nearest of Modes is the one its FakeLabel names.
// correspondence_hq also asks for a distance below Radius sigma. It tells a translation that keeps the pairing from one that fits the marginal
// alone, which no distance of distributions can. Intervals are Wilson's; chance is 1/K.
type Correspondence struct{ Radius float64 }

func (m *Correspondence) settings() settings {
	return settings{floatSetting("radius", &m.Radius, 3, 0.1, 100, "a high-quality sample is within this many sigma")}
}

var _ Metric = Correspondence{}

// With returns a copy with one option changed.
func (m Correspondence) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m Correspondence) Info() Info {
	return Info{ID: "correspondence", Domain: anywhere(0), Title: "correspondence accuracy", Values: []string{"correspondence", "correspondence_hq"}, Better: Higher, Ideal: 1,
		Lo: 0, Hi: 1, Needs: []Need{NeedModes, NeedFakeLabels}, Paper: "zhu2017", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Correspondence) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	n, k := rows(p.Fake), rows(p.Modes)
	hits, good := 0, 0
	for i, l := range p.FakeLabels {
		if l >= k {
			return Result{}, fault.Of(ErrValue, "correspondence: fake label %d is %d, but there are %d modes", i, l, k)
		}
		best, at := math.Inf(1), 0
		for c := range k {
			if v := numeric.SqDist(p.Fake.RawRowView(i), p.Modes.RawRowView(c)); v < best {
				best, at = v, c
			}
		}
		if at == l {
			hits++
			if math.Sqrt(best) < m.Radius*p.Sigma {
				good++
			}
		}
	}
	r := newResult(m.settings(), share("correspondence", hits, n, Higher), share("correspondence_hq", good, n, Higher))
	r.convention("chance", "%.4g", 1/float64(k))
	return r, nil
}
