package sanity

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// Options say how curves are traced.
type Options struct {
	Repeats int    // of every point, the real rows drawn anew
	Nulls   int    // repeats of real against real, at the curve's last point that is traced, with at most 1000 rows a side
	Thin    int    // every so many points of the long curves only, beside those that criteria look at; 0 or 1 is all
	MaxRows int    // leaves out points with larger sets; 0 is no limit
	MaxDims int    // leaves out points with wider rows; 0 is no limit
	Seed    uint64 // of the streams
}

// Curve is one value over one scenario.
type Curve struct {
	Check    string            `json:"check"`
	Scenario string            `json:"scenario,omitempty"`
	Metric   string            `json:"metric"`
	Settings map[string]string `json:"settings,omitempty"` // options that differ from the metric's defaults
	Value    string            `json:"value"`
	Face     Face              `json:"face"`
	Unit     bool              `json:"unit_scale"`
	Better   metrics.Direction `json:"better"`
	Ideal    float64           `json:"ideal"`
	Repeats  int               `json:"repeats"`
	Points   int               `json:"points"` // of the check; those traced are listed
	Point    []int             `json:"point"`
	X        []float64         `json:"x"`
	Mean     []float64         `json:"mean"`  // over the repeats
	SD       []float64         `json:"sd"`    // ddof 1
	Null     metrics.Null      `json:"null"`  // real against real
	Asked    int               `json:"asked"` // points that were to be traced; those without a value are not listed
	Missing  string            `json:"missing,omitempty"`
}

// digits is how many significant ones recorded values keep.
const digits = 6

// wanted is how many points a criterion over the whole curve needs.
func (c Curve) wanted() int { return max(2, c.Asked) }

// Measure is one metric as the checks run it.
type Measure struct {
	Metric   metrics.Metric
	Settings map[string]string // what differs from its defaults
}

// points are the numbers of the points that o keeps, in order.
func (s Scenario) points(o Options) []int {
	n := len(s.X)
	step := 1
	if o.Thin > 1 && n > 10 {
		if step = o.Thin; n <= 20 {
			step = (o.Thin + 1) / 2
		}
	}
	var at []int
	for i := range n {
		if (n-1-i)%step == 0 || i == 0 || slices.Contains(s.keep, place(i)) {
			at = append(at, i)
		}
	}
	return at
}

// sizesAt are the rows of both sets at a point.
func (s Scenario) sizesAt(i int) (real, fake int) {
	real, fake = rows, rows
	if s.nReal != nil {
		real = int(s.nReal(i))
	}
	if s.nFake != nil {
		fake = int(s.nFake(i))
	}
	return real, fake
}

// width is the dimension of the rows at a point.
func (s Scenario) width(i int) int {
	_, d := s.real(s.stream(Options{}, 0, "width"), i, 1).Dims()
	return d
}

func (s Scenario) stream(o Options, repeat int, names ...string) *rng.Source {
	return rng.Stream(o.Seed, append([]string{"sanity", s.Check, s.ID, strconv.Itoa(repeat)}, names...)...)
}

// pair draws the sets of a point, in units of the real rows' spread: features less their real mean over their real standard deviation, as the published checks hand them to
// metrics. The training set is real rows of a stream of their own.
func (s Scenario) pair(o Options, repeat, i int, null bool) metrics.Pair {
	drawn := "real"
	if s.fresh || null {
		drawn = "real at " + strconv.Itoa(i)
	}
	n, m := s.sizesAt(i)
	if null {
		n, m = min(n, rows), min(m, rows)
	}
	real := s.real(s.stream(o, repeat, drawn), i, n)
	var fake *mat.Dense
	if null {
		fake = s.real(s.stream(o, repeat, "null"), i, m)
	} else {
		fake = s.fake(s.stream(o, repeat, "synthetic", strconv.Itoa(i)), i, m)
	}
	p := metrics.Pair{Real: real, Fake: fake, Train: s.real(s.stream(o, repeat, "train"), i, n), Seed: uint64(repeat) + 1}
	standardise(real, p.Real, p.Fake, p.Train)
	return p
}

// standardise brings sets into units of one of them, columns without spread as they are.
func standardise(by *mat.Dense, sets ...*mat.Dense) {
	mean, scale := numeric.Standard(by)
	for _, x := range sets {
		for i := range rowsOf(x) {
			for j, v := range x.RawRowView(i) {
				x.Set(i, j, (v-mean[j])/scale[j])
			}
		}
	}
}

func rowsOf(x *mat.Dense) int {
	n, _ := x.Dims()
	return n
}

// tracer gathers the values of one measure.
type tracer struct {
	Measure
	at      []map[string][]float64 // by point, value
	null    map[string][]float64
	better  map[string]metrics.Direction
	missing string
}

// Trace returns the curves of every value of the measures over a scenario, in the order of the measures and of their values. A point where a metric has no value is left out
// and the reason kept; values whose better direction is None are left out. tell, which may be nil, hears the share that is done. Errors are those of the context.
func Trace(ctx context.Context, s Scenario, ms []Measure, o Options, tell func(share float64)) ([]Curve, error) {
	kept, at := s.split(o)
	all := make([]*tracer, len(ms))
	for k, m := range ms {
		all[k] = &tracer{Measure: m, at: make([]map[string][]float64, len(kept)), null: map[string][]float64{}, better: map[string]metrics.Direction{}}
		for i := range kept {
			all[k].at[i] = map[string][]float64{}
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	done, total := 0, o.Repeats*len(kept)+o.Nulls
	each := func(p metrics.Pair, into func(*tracer) map[string][]float64) error {
		for _, t := range all {
			t.compute(metrics.PointOnly(ctx), p, into(t))
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
		if done++; tell != nil {
			tell(float64(done) / float64(total))
		}
		return nil
	}
	for r := range o.Nulls {
		if err := each(s.pair(o, r, kept[len(kept)-1], true), func(t *tracer) map[string][]float64 { return t.null }); err != nil {
			return nil, err
		}
	}
	for r := range o.Repeats {
		var last lasting
		for k, i := range kept {
			if err := each(last.in(s.pair(o, r, i, false)), func(t *tracer) map[string][]float64 { return t.at[k] }); err != nil {
				return nil, err
			}
		}
	}
	var out []Curve
	for _, t := range all {
		out = append(out, t.curves(s, o, kept, len(at))...)
	}
	return out, nil
}

// lasting is the real and the training rows of the last point: what depends on them alone is computed once as long as they stay the same.
type lasting struct {
	real, train *mat.Dense
	shared      *metrics.Shared
}

// in is the pair with the rows that it has in common with the last one as the same matrices.
func (l *lasting) in(p metrics.Pair) metrics.Pair {
	if l.shared == nil || !alike(l.real, p.Real) || !alike(l.train, p.Train) {
		l.real, l.train, l.shared = p.Real, p.Train, &metrics.Shared{}
		l.shared.Keep(l.real, l.train)
	}
	p.Real, p.Train, p.Shared = l.real, l.train, l.shared
	return p
}

func alike(a, b *mat.Dense) bool {
	n, d := a.Dims()
	m, e := b.Dims()
	return n == m && d == e && slices.Equal(a.RawMatrix().Data, b.RawMatrix().Data)
}

// split is the points to trace, and all that were asked for before the limit on rows.
func (s Scenario) split(o Options) (kept, asked []int) {
	asked = s.points(o)
	for _, i := range asked {
		n, m := s.sizesAt(i)
		if (o.MaxRows == 0 || max(n, m) <= o.MaxRows) && (o.MaxDims == 0 || s.width(i) <= o.MaxDims) {
			kept = append(kept, i)
		}
	}
	return kept, asked
}

func (t *tracer) compute(ctx context.Context, p metrics.Pair, into map[string][]float64) {
	r, err := t.Metric.Compute(ctx, p)
	if err == nil && len(r.Values) == 0 {
		err = fmt.Errorf("%s", strings.Join(r.Warnings, "; "))
	}
	if err != nil && t.missing == "" && ctx.Err() == nil {
		t.missing = err.Error()
	}
	for _, v := range r.Values {
		if !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
			into[v.Name], t.better[v.Name] = append(into[v.Name], v.Value), v.Better
		}
	}
}

// curves are the means of what was gathered, over points where every repeat has a value.
func (t *tracer) curves(s Scenario, o Options, kept []int, asked int) (out []Curve) {
	info := t.Metric.Info()
	for _, name := range info.Values {
		if t.better[name] == metrics.None || t.better[name] == "" {
			continue
		}
		var null metrics.Null // of no repeats where real against real has no value
		if got := t.null[name]; len(got) > 0 {
			null = metrics.NullOf(got)
		}
		c := Curve{Check: s.Check, Scenario: s.ID, Metric: info.ID, Settings: t.Settings, Value: name, Face: FaceOf(info, name), Unit: OnUnitScale(info, name, t.better[name]), Better: t.better[name],
			Ideal: Ideal(info, name, null), Repeats: o.Repeats, Points: len(s.X), Null: null, Missing: t.missing, Asked: asked}
		for k, i := range kept {
			if got := t.at[k][name]; len(got) == o.Repeats {
				at := metrics.NullOf(got)
				c.Point, c.X, c.Mean, c.SD = append(c.Point, i), append(c.X, s.X[i]), append(c.Mean, round(at.Mean)), append(c.SD, round(at.SD))
			}
		}
		if len(kept) < asked {
			c.Missing = strings.TrimPrefix(c.Missing+fmt.Sprintf("; %d points with larger sets were left out, which take long", asked-len(kept)), "; ")
		}
		out = append(out, c)
	}
	return out
}

// round keeps the digits that recorded values have.
func round(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	return r
}
