package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// PRDC returns improved precision and recall [kynkaanniemi2019] and density and coverage [naeem2020]. With r_i and s_j the distances of real row i
// and fake row j to their k-th nearest other row of their own set,
//
//	precision = share of fake j in any real ball:       d(i,j) < r_i for some i
//	recall    = share of real i in any fake ball:       d(i,j) < s_j for some j
//	density   = 1/(k M) #{(i,j): d(i,j) < r_i}
//	coverage  = share of real i whose ball holds a fake
//	f_score   = 2PR/(P+R), 0 if both are 0
//	realism   = mean over fake j of max_i r_i/d(i,j), over the half of the real balls with the smaller radii
//
// The defaults, k = 5 and strict <, are those of [naeem2020]; [kynkaanniemi2019] has k = 3 and <= (compare=le). Strict < lets duplicated rows score
// 0, since their balls have radius 0. Precision and recall of two samples of one distribution are not 1 in high dimension (about .47 in 1000):
// read them beside a real-versus-real row. k=auto (K Auto) is the least k, up to 20, for which the coverage expected of a second sample of the data,
//
//	1 - prod_{i=1..k} (N-i)/(N+M-i) of N real and M fake rows,
//
// is above .95, the authors' own rule; at equal numbers that is 5. Density has no upper bound. Intervals come from scoring parts of the rows again and are for
// the mean at these N: binomial ones, which hold the balls fixed, cover 78 to 92 %.
// All values come from one blocked pass over the pairs, after one over each set for its radii; needs more than k rows a side.
type PRDC struct {
	K        int      // neighbours, or Auto
	Compare  string   // lt or le
	Values   []string // which numbers; none named means all
	Interval string   // parts or none
}

var prdcValues = []string{"precision", "recall", "density", "coverage", "f_score", "realism"}

func (m *PRDC) settings() settings {
	return settings{
		autoSetting("k", &m.K, 5, 1, "neighbours that make a ball"),
		enumSetting("compare", &m.Compare, []string{"lt", "le"}, "is a point at the radius inside"),
		subsetSetting("values", &m.Values, prdcValues, "the numbers wanted"),
		enumSetting("interval", &m.Interval, []string{"parts", "none"}, "how the interval is made"),
	}
}

var _ Metric = PRDC{}

// With returns a copy with one option changed.
func (m PRDC) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PRDC) Info() Info {
	return Info{ID: "prdc", Domain: anywhere(0), Title: "precision, recall, density, coverage", Values: slices.Clone(prdcValues), Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "naeem2020", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PRDC) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	m.K = m.neighbours(rows(p.Real), rows(p.Fake))
	n, d := p.Real.Dims()
	f := rows(p.Fake)
	work := float64(n+f) * float64(n+f) * float64(d)
	s := resampling{id: "prdc", work: work, bounds: m.bounds, score: m.pass, least: m.K + 1, hits: func(name string) bool { return name == "density" }}
	halves, _ := s.byHalves(min(n, f))
	listed := m.K
	if halves = halves && m.Interval != "none" && !isPointOnly(ctx) && m.K < min(n, f)/2; halves {
		listed = enoughForHalves(m.K)
	}
	near, err := m.near(ctx, p, listed)
	if err != nil {
		return Result{}, err
	}
	r, err := m.among(ctx, p, near)
	if err != nil {
		return Result{}, err
	}
	switch {
	case m.Interval == "none":
		return r, r.noIntervals("prdc.interval=none")
	case m.K >= min(n, f)/2:
		return r, r.noIntervals(fmt.Sprintf("no k = %d neighbours in half of the rows", m.K))
	case s.costly() && m.K >= min(n, f)/jackknifeGroups:
		return r, r.noIntervals(fmt.Sprintf("no k = %d neighbours in a twentieth of the rows", m.K))
	}
	s.halves = func(ctx context.Context, p Pair, all splits) ([]Result, error) { return m.halves(ctx, p, near, all) }
	return r, r.resample(ctx, p, s)
}

func (m PRDC) bounds(name string) (lo, hi float64) {
	if name == "density" || name == "realism" {
		return 0, math.Inf(1)
	}
	return 0, 1
}

// neighbours is K, found by the expected coverage where it is Auto.
func (m PRDC) neighbours(n, f int) int {
	const expected, most = .95, 20
	if m.K != Auto {
		return m.K
	}
	empty := 1.0 // the chance that none of the fakes is among the nearest k of all others
	for k := 1; k < most; k++ {
		if empty *= float64(n-k) / float64(n+f-k); 1-empty > expected {
			return k
		}
	}
	return most
}

// pass is the values without intervals.
func (m PRDC) pass(ctx context.Context, p Pair) (Result, error) {
	near, err := m.near(ctx, p, m.K)
	if err != nil {
		return Result{}, err
	}
	return m.among(ctx, p, near)
}

// among is pass where the neighbours are known.
func (m PRDC) among(ctx context.Context, p Pair, near ownNeighbours) (Result, error) {
	q := m.query(p, near)
	b, err := q.Count(ctx)
	if err != nil {
		return Result{}, err
	}
	r := m.values(b, rows(p.Real), rows(p.Fake))
	m.doubts(&r, q, rows(p.Real), rows(p.Fake))
	return r, nil
}

// values are the wanted numbers of n real and f fake rows.
func (m PRDC) values(b numeric.Balls, n, f int) Result {
	r := newResult(m.settings())
	inside, held := 0, make([]float64, f)
	for j, c := range b.InReal {
		held[j] = float64(c) / float64(m.K)
		if c > 0 {
			inside++
		}
	}
	recalled, covered := count(b.InFake), count(b.Covered)
	for _, name := range prdcValues {
		if !slices.Contains(m.Values, name) {
			continue
		}
		switch name {
		case "precision":
			r.Values = append(r.Values, value(name, float64(inside)/float64(f), Higher))
		case "recall":
			r.Values = append(r.Values, value(name, float64(recalled)/float64(n), Higher))
		case "density":
			d, _ := meanSE(held)
			r.Values = append(r.Values, value(name, d, Higher))
		case "coverage":
			r.Values = append(r.Values, value(name, float64(covered)/float64(n), Higher))
		case "f_score":
			r.Values = append(r.Values, value(name, harmonic(float64(inside)/float64(f), float64(recalled)/float64(n)), Higher))
		case "realism":
			r.realism(b.Realism)
		}
	}
	return r
}

// wants says whether any of these numbers is wanted.
func (m PRDC) wants(names ...string) bool {
	return slices.ContainsFunc(names, func(s string) bool { return slices.Contains(m.Values, s) })
}

// ownNeighbours are the nearest other rows of every row in its own set, of sets whose balls the wanted numbers need.
type ownNeighbours struct{ real, fake numeric.Neighbours }

// near lists as many neighbours as asked for, as far as there are, and at least K.
func (m PRDC) near(ctx context.Context, p Pair, listed int) (near ownNeighbours, err error) {
	list := func(role string, x *mat.Dense) (numeric.Neighbours, error) {
		if err := enoughFor("prdc", role, m.K, rows(x)); err != nil {
			return numeric.Neighbours{}, err
		}
		return p.Shared.nearest(ctx, x, x, min(listed, rows(x)-1))
	}
	if m.wants("precision", "density", "coverage", "f_score", "realism") {
		if near.real, err = list("real", p.Real); err != nil {
			return near, err
		}
	}
	if m.wants("recall", "f_score") {
		near.fake, err = list("fake", p.Fake)
	}
	return near, err
}

// query is about the balls of K neighbours.
func (m PRDC) query(p Pair, near ownNeighbours) numeric.BallQuery {
	q := numeric.BallQuery{Real: p.Real, Fake: p.Fake, Closed: m.Compare == "le", RealR: near.real.Radii(m.K), FakeR: near.fake.Radii(m.K)}
	if m.wants("realism") {
		q.Keep = below(q.RealR)
	}
	return q
}

// below marks the radii under their median: the realism score leaves out the large, unreliable balls.
func below(r []float64) []bool {
	s := slices.Sorted(slices.Values(r))
	mid := (math.Sqrt(s[(len(s)-1)/2]) + math.Sqrt(s[len(s)/2])) / 2
	keep := make([]bool, len(r))
	for i, v := range r {
		keep[i] = math.Sqrt(v) < mid
	}
	return keep
}

func (r *Result) realism(squared []float64) {
	var scores []float64
	for _, v := range squared {
		if !math.IsInf(v, 1) {
			scores = append(scores, math.Sqrt(v))
		}
	}
	if left := len(squared) - len(scores); left > 0 {
		r.note("realism: %d fake rows equal a real row, where the score is infinite; the mean leaves them out: see duplicates", left)
	}
	if len(scores) < 2 {
		return
	}
	mean, _ := meanSE(scores)
	r.Values = append(r.Values, value("realism", mean, Higher))
}

func (m PRDC) doubts(r *Result, q numeric.BallQuery, n, f int) {
	if z := zeros(q.RealR); z > 0 {
		r.warn("%d of %d real balls have radius 0 (rows repeated more than k = %d times): drop the copies or raise k", z, n, m.K)
	}
	if z := zeros(q.FakeR); z > 0 {
		r.warn("%d of %d fake balls have radius 0 (rows repeated more than k = %d times): the generator repeats itself, see duplicates", z, f, m.K)
	}
	if zeros(q.RealR) == n || (q.FakeR != nil && zeros(q.FakeR) == f) {
		r.Status = Degenerate
	}
	if 2*n < f || 2*f < n {
		r.note("%d real and %d fake rows: precision, recall and coverage move with both counts; compare models at equal ones", n, f)
	}
	if min(n, f) < 1000 {
		r.note("%d rows: the balls are wide below about 1000 rows; read beside a real-versus-real row of the same size", min(n, f))
	}
}

// Realism returns the realism score of every fake row [kynkaanniemi2019]: max_i r_i/d(i,j), at least 1 inside a kept real ball, +Inf on a real row.
func (m PRDC) Realism(ctx context.Context, p Pair) ([]float64, error) {
	if err := ready(&m, p); err != nil {
		return nil, err
	}
	m.K = m.neighbours(rows(p.Real), rows(p.Fake))
	m.Values = []string{"realism"}
	near, err := m.near(ctx, p, m.K)
	if err != nil {
		return nil, err
	}
	b, err := m.query(p, near).Count(ctx)
	for j, v := range b.Realism {
		b.Realism[j] = math.Sqrt(v)
	}
	return b.Realism, err
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}
