package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// NDB returns the number of statistically different bins [richardson2018]. The real rows are clustered into K bins by k-means; each bin's share of
// real and of fake rows is compared by the two-proportion z-test with pooled variance,
//
//	z = (p1 - p2) / sqrt(p (1-p) (1/n1 + 1/n2))
//
//	ndb        bins that differ at level Alpha
//	ndb_share  ndb / K; Alpha is expected of a perfect generator
//	ndb_js     Jensen-Shannon divergence of the two histograms, in nats
//
// Whitening divides each feature by its real standard deviation; with more than MaxDim features a random sixth of them forms the bins, as
// in the original. Bins depend on the seed and the order of rows: ndb_share_spread and ndb_js_spread are the standard deviations of the two over
// Clusterings clusterings of the same rows, the first of which the values are of: what the clustering alone makes.
type NDB struct {
	K, Init int
	Alpha   float64
	Whiten  bool
	MaxDim  int

	Clusterings int // 1: no spread
}

func (m *NDB) settings() settings {
	return settings{
		intSetting("k", &m.K, 100, 2, "bins"),
		intSetting("init", &m.Init, 1, 1, "restarts of k-means"),
		floatSetting("alpha", &m.Alpha, 0.05, 1e-12, 1, "level of the test of a bin"),
		boolSetting("whiten", &m.Whiten, "scale features to unit variance"),
		intSetting("maxdim", &m.MaxDim, 1000, 1, "more features than this are cut to a random sixth for clustering"),
		intSetting("clusterings", &m.Clusterings, 5, 1, "clusterings that tell the spread; 1 leaves it out"),
	}
}

var _ Metric = NDB{}

// With returns a copy with one option changed.
func (m NDB) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m NDB) Info() Info {
	return Info{ID: "ndb", Domain: anywhere(0), Title: "number of statistically different bins", Values: []string{"ndb", "ndb_share", "ndb_js", "ndb_share_spread", "ndb_js_spread"}, Better: Lower, Ideal: 0, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "richardson2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m NDB) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	n, f := rows(p.Real), rows(p.Fake)
	if m.K > n {
		return Result{}, fault.Of(ErrTooFew, "ndb: %d bins of %d real rows: lower ndb.k", m.K, n)
	}
	real, fake, d := m.space(p)
	t, first, second, err := m.bins(ctx, p.Shared, real, fake, p.Seed, "metrics", "ndb")
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), t.values("ndb", "bins", first, second)...)
	r.convention("features used", "%d", d)
	if err := m.spread(ctx, p.Shared, &r, t, real, fake, p.Seed); err != nil {
		return Result{}, err
	}
	if min(n, f) < 10*m.K {
		r.warn("%d real and %d fake rows in %d bins: too few a bin for the test; draw at least %d or lower ndb.k", n, f, m.K, 10*m.K)
	}
	return r, nil
}

// bins clusters the real rows, by the stream of these names, and counts both sides.
func (m NDB) bins(ctx context.Context, s *Shared, real, fake *mat.Dense, seed uint64, names ...string) (t BinTest, first, second []int, err error) {
	c, err := once(s, fact{fmt.Sprint("clusters ", m.Init, seed, names), real, nil, m.K}, func() (numeric.Clusters, error) {
		return numeric.KMeans{K: m.K, Init: m.Init}.Fit(ctx, real, rng.Stream(seed, names...))
	})
	if err != nil {
		return t, nil, nil, err
	}
	at, err := c.Nearest(ctx, fake)
	if err != nil {
		return t, nil, nil, err
	}
	counts := make([]int, m.K)
	for _, b := range at {
		counts[b]++
	}
	return CompareBins(c.Counts, counts, m.Alpha), c.Counts, counts, nil
}

// spread adds what other clusterings of the same rows say.
func (m NDB) spread(ctx context.Context, s *Shared, r *Result, t BinTest, real, fake *mat.Dense, seed uint64) error {
	if m.Clusterings < 2 {
		return nil
	}
	share, js := []float64{float64(t.Different) / float64(m.K)}, []float64{t.JS}
	for i := range m.Clusterings - 1 {
		t, _, _, err := m.bins(ctx, s, real, fake, seed, "metrics", "ndb", "again", fmt.Sprint(i))
		if err != nil {
			return err
		}
		share, js = append(share, float64(t.Different)/float64(m.K)), append(js, t.JS)
	}
	_, a := meanStd(share, 1)
	_, b := meanStd(js, 1)
	r.Values = append(r.Values, value("ndb_share_spread", a, None), value("ndb_js_spread", b, None).in("nats"))
	return nil
}

// space whitens and cuts features as asked; without either it hands the features on untouched.
func (m NDB) space(p Pair) (real, fake *mat.Dense, used int) {
	_, d := p.Real.Dims()
	real, fake = p.Real, p.Fake
	if m.Whiten {
		mean, scale := numeric.Standard(p.Real)
		real, fake = standardise(p.Real, mean, scale), standardise(p.Fake, mean, scale) // the constant column adds no distance
	}
	if d <= m.MaxDim {
		return real, fake, d
	}
	keep := rng.Stream(p.Seed, "metrics", "ndb", "features").Perm(d)[:max(1, d/6)]
	return columns(real, keep), columns(fake, keep), len(keep)
}

func columns(x *mat.Dense, keep []int) *mat.Dense {
	out := mat.NewDense(rows(x), len(keep), nil)
	for i := range rows(x) {
		src, dst := x.RawRowView(i), out.RawRowView(i)
		for t, l := range keep {
			dst[t] = src[l]
		}
	}
	return out
}

// BinTest is the bin-by-bin comparison of two histograms.
type BinTest struct {
	Z, P      []float64 // two-proportion z of each bin (first minus second), two-sided p
	Different int       // bins with p < alpha
	JS        float64   // Jensen-Shannon divergence in nats
}

// CompareBins tests two histograms of counts bin by bin by the pooled two-proportion z-test [richardson2018]. A bin empty on both sides has z = 0.
func CompareBins(first, second []int, alpha float64) BinTest {
	p1, p2 := shares(first), shares(second)
	n1, n2 := 0.0, 0.0
	for i := range first {
		n1, n2 = n1+float64(first[i]), n2+float64(second[i])
	}
	t := BinTest{Z: make([]float64, len(first)), P: make([]float64, len(first)), JS: jsd(p1, p2)}
	for i := range first {
		p := (p1[i]*n1 + p2[i]*n2) / (n1 + n2)
		if se := math.Sqrt(p * (1 - p) * (1/n1 + 1/n2)); se > 0 {
			t.Z[i] = (p1[i] - p2[i]) / se
		}
		t.P[i] = math.Erfc(math.Abs(t.Z[i]) / math.Sqrt2)
		if t.P[i] < alpha {
			t.Different++
		}
	}
	return t
}

// values are the count of different bins, its share and the divergence. The share's interval is Wilson's over the bins, the count's the same times
// their number; that of the divergence is a jackknife over both sides for the mean at these N, as empty and small bins bias it upwards.
func (t BinTest) values(id, unit string, first, second []int) []Value {
	k := float64(len(first))
	part := share(id+"_share", t.Different, len(first), Lower)
	part.Interval.Method += " over " + unit
	total := value(id, float64(t.Different), Lower).in(unit).within(&Interval{Lo: k * part.Interval.Lo, Hi: k * part.Interval.Hi, Level: confidence, Method: part.Interval.Method})
	without := func(counts []int, bin int) []float64 {
		c := slices.Clone(counts)
		c[bin]--
		return shares(c)
	}
	p1, p2 := shares(first), shares(second)
	variance := countVariance(first, func(c []int, bin int) float64 { return jsd(without(c, bin), p2) }) +
		countVariance(second, func(c []int, bin int) float64 { return jsd(p1, without(c, bin)) })
	return []Value{total, part, value(id+"_js", t.JS, Lower).in("nats").
		withinOr(around(t.JS, math.Sqrt(variance), 0, math.Ln2, "jackknife"+AtTheseN), "fewer than 2 rows a side")}
}
