package metrics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// C2ST is the cross-validated accuracy of a trained classifier that tells real from fake [lopezpaz2017]: ridge-penalised logistic regression on the
// standardised features and their squares (wide features are first projected on Width random directions), fitted on all folds but one, scored on
// that one. c2st_auc is the area under the ROC curve, within folds.
//
// 0.5 is best; it sees shifts and spreads of features and nothing else: a value near 0.5 from a linear classifier is no proof of equality. Unequal
// sets are cut to equal numbers. It needs Folds rows a side. Intervals come from scoring
// halves of the rows, for the mean at these N; where that would take long they are Wilson's, and for the area the variance of the rows' placements in
// each fold [delong1988], which hold the classifiers fixed and cover some percent less.
type C2ST struct {
	Folds, Steps, Width int
	Ridge               float64
}

var _ Metric = C2ST{}

func (m *C2ST) settings() settings {
	return settings{
		intSetting("folds", &m.Folds, 5, 2, "parts of the cross-validation"),
		intSetting("steps", &m.Steps, 200, 1, "gradient steps of a fit"),
		intSetting("width", &m.Width, 256, 1, "features kept; wider ones are projected at random"),
		floatSetting("ridge", &m.Ridge, 1e-3, 0, 1e6, "penalty on squared weights"),
	}
}

// With returns a copy with one option changed.
func (m C2ST) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m C2ST) Info() Info {
	return Info{ID: "c2st", Domain: anywhere(0), Title: "trained two-sample classifier", Values: []string{"c2st", "c2st_auc"}, Better: Near, Ideal: 0.5, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "lopezpaz2017", Options: m.settings().options()}
}

// Compute implements Metric.
func (m C2ST) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	q := balanced(&r, p, "c2st")
	x, y := q.Real, q.Fake
	n := rows(x)
	if n < m.Folds {
		return Result{}, fault.Of(ErrTooFew, "c2st: %d rows a side for %d folds: lower c2st.folds or give more rows", n, m.Folds)
	}
	if _, d := x.Dims(); d > m.Width {
		u := unitDirections(rng.Stream(p.Seed, "metrics", "c2st", "directions"), m.Width, d)
		var px, py mat.Dense
		px.Mul(x, u.T())
		py.Mul(y, u.T())
		x, y = &px, &py
		r.note("%d features projected on %d random directions", d, m.Width)
	}
	q.Real, q.Fake = x, y
	whole, err := m.pass(ctx, q)
	if err != nil {
		return Result{}, err
	}
	r.Values = whole.Values
	_, d := x.Dims()
	const passes = 16 // multiplications of a step for one number of a row: two classes, two features, there and back, two sides
	work := float64(n*d) * float64(passes*m.Folds*m.Steps)
	if n >= 2*m.Folds && work*halvings <= resampleWork {
		if err := r.resample(ctx, q, resampling{id: "c2st", work: work, bounds: inUnit, score: m.pass}); err != nil {
			return Result{}, err
		}
	}
	if same(p) {
		r.degenerate("real and fake are the same rows: nothing to tell apart; compare with another sample")
	}
	return r, nil
}

// pass is the values of two sets of equal size with intervals that hold the classifiers fixed.
func (m C2ST) pass(ctx context.Context, p Pair) (Result, error) {
	x, y := p.Real, p.Fake
	n := min(rows(x), rows(y)) // halves of equal sets are equal
	// One permutation of folds for both sides, named alike, so that exchanging them changes nothing.
	folds := append(dealtWhole(canonical(x), together(p.RealGroups), m.Folds, p.Seed, "metrics", "c2st", "folds"), dealtWhole(canonical(y), together(p.FakeGroups), m.Folds, p.Seed, "metrics", "c2st", "folds")...)
	z := withSquares(x, y)
	right, auc, variance := 0, 0.0, 0.0
	for f := range m.Folds {
		score, real, err := m.fold(ctx, z, folds, f, n)
		if err != nil {
			return Result{}, fmt.Errorf("c2st: %w", err)
		}
		for i, s := range score {
			if s != 0 && (s > 0) == real[i] {
				right++
			}
		}
		a, v := area(score, real)
		auc += a / float64(m.Folds)
		variance += v / float64(m.Folds*m.Folds)
	}
	accuracy := share("c2st", right, 2*n, Near)
	accuracy.Interval.Method += ", classifiers fixed"
	return newResult(m.settings(), accuracy, value("c2st_auc", auc, Near).
		withinOr(around(auc, math.Sqrt(variance), 0, 1, "normal, placements in folds, classifiers fixed"), "a fold holds fewer than 2 rows a side: lower c2st.folds")), nil
}

// fold fits on all other folds and scores fold f: positive means real.
func (m C2ST) fold(ctx context.Context, z *mat.Dense, folds []int, f, n int) (score []float64, real []bool, err error) {
	var in, out, labels []int
	for i, g := range folds {
		if g == f {
			out = append(out, i)
			real = append(real, i < n)
			continue
		}
		in = append(in, i)
		labels = append(labels, i/n)
	}
	train, test := pick(z, in), pick(z, out)
	mean, scale := numeric.Standard(train)
	beta, err := logistic(ctx, standardise(train, mean, scale), labels, 2, m.Steps, m.Ridge)
	if err != nil {
		return nil, nil, err
	}
	var s mat.Dense
	s.Mul(standardise(test, mean, scale), beta)
	for i := range out {
		score = append(score, s.At(i, 0)-s.At(i, 1))
	}
	return score, real, nil
}

// withSquares stacks both sides and appends the squares of centred columns.
func withSquares(x, y *mat.Dense) *mat.Dense {
	var pool mat.Dense
	pool.Stack(x, y)
	n, d := pool.Dims()
	mean, scale := numeric.Standard(&pool)
	z := mat.NewDense(n, 2*d, nil)
	for i := range n {
		row := z.RawRowView(i)
		for j, v := range pool.RawRowView(i) {
			c := (v - mean[j]) / scale[j]
			row[j], row[d+j] = c, c*c
		}
	}
	return z
}

// area is the share of (real, fake) pairs that the scores put in the right order, ties by half, and its variance from the placements of the rows: with
// V_i the share of fakes below real i and W_j the share of reals above fake j,
//
//	Var = Var V / reals + Var W / fakes
//
// NaN with fewer than 2 of a kind.
func area(score []float64, real []bool) (auc, variance float64) {
	order := identity(len(score))
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(score[a], score[b]), cmp.Compare(a, b)) })
	var reals, fakes []float64 // placements, as counts
	below, passed := 0.0, 0.0
	total := float64(count(real))
	for i := 0; i < len(order); {
		j, p, q := i, 0.0, 0.0
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			if real[order[j]] {
				p++
			} else {
				q++
			}
		}
		for range int(p) {
			reals = append(reals, below+q/2)
		}
		for range int(q) {
			fakes = append(fakes, total-passed-p/2)
		}
		below, passed = below+q, passed+p
		i = j
	}
	mean, se := meanSE(reals)
	_, seFake := meanSE(fakes)
	n, m := float64(len(reals)), float64(len(fakes))
	return mean / m, se*se/(m*m) + seFake*seFake/(n*n)
}
