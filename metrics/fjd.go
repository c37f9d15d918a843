package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
)

// FJD is the Frechet joint distance of conditional generators [devries2019]: the Frechet distance of rows [features, Alpha * condition] with the class as a condition of one
// number a class, 1 for its own, so that features that are right for another class are far.
//
// Alpha 0 is the ratio of the mean lengths of the real features and of their conditions, as in the authors' code, and is recorded. fjd is at least fd of the features alone.
// Conditions of any kind: JointDistance. Needs features and labels on both sides. Unit of the features squared, range [0, inf), biased as fd is; its interval is fd's, which
// needs regular covariances: those of classes are not. Equals the authors' code.
type FJD struct{ Alpha float64 }

var _ Metric = FJD{}

func (m *FJD) settings() settings {
	return settings{floatSetting("alpha", &m.Alpha, 0, 0, 1e12, "weight of the condition; 0: mean length of the features over that of the conditions")}
}

// With returns a copy with one option changed.
func (m FJD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FJD) Info() Info {
	options := m.settings().options()
	d := Domain{Input: "features whose 0 and unit mean something: their length weighs the condition", Scale: true, Power: 2, Rounding: roundingOrigin}
	if m.Alpha != 0 {
		d = Domain{Input: "features in whose unit alpha is", Shift: true, Rounding: roundingSpread}
	}
	return Info{ID: "fjd", Domain: d, Title: "Frechet joint distance of features and class", Values: []string{"fjd"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures, NeedRealLabels, NeedFakeLabels}, Paper: "devries2019", Options: options, Table: FD{}.table}
}

// Compute implements Metric.
func (m FJD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	classes := classesIn(byClass(p.RealLabels), byClass(p.FakeLabels))
	r, err := JointDistance(ctx, p, oneHot(p.RealLabels, classes), oneHot(p.FakeLabels, classes), m.Alpha)
	r.convention("classes", "%d", len(classes))
	return r, err
}

// oneHot is a column a class.
func oneHot(labels, classes []int) *mat.Dense {
	x := mat.NewDense(len(labels), len(classes), nil)
	for i, l := range labels {
		x.Set(i, slices.Index(classes, l), 1)
	}
	return x
}

// JointDistance is FJD for conditions of any kind, one row of real and of fake each beside the features of p (embeddings of the source image of a translation, of a text).
func JointDistance(ctx context.Context, p Pair, real, fake *mat.Dense, alpha float64) (Result, error) {
	if err := checkConditions(p, real, fake); err != nil {
		return Result{}, fmt.Errorf("fjd: %w", err)
	}
	if alpha == 0 {
		if c := meanLength(real); c > 0 {
			alpha = meanLength(p.Real) / c
		}
	}
	joint := Pair{Real: beside(p.Real, real, alpha), Fake: beside(p.Fake, fake, alpha), Seed: p.Seed}
	f, err := FD{}.Compute(ctx, joint)
	if err != nil {
		return Result{}, fmt.Errorf("fjd: %w", err)
	}
	v := f.Values[0]
	v.Name = "fjd"
	f.Values = []Value{v}
	f.convention("alpha", "%v", alpha)
	return f, nil
}

// checkConditions holds conditions against the features that they belong to.
func checkConditions(p Pair, real, fake *mat.Dense) error {
	if err := checkFeatures(p); err != nil {
		return err
	}
	if err := checkMatrix("real conditions", real, 2); err != nil {
		return err
	}
	if err := checkMatrix("fake conditions", fake, 2); err != nil {
		return err
	}
	if rows(real) != rows(p.Real) || rows(fake) != rows(p.Fake) {
		return fault.Of(ErrShape, "%d and %d conditions for %d real and %d fake rows", rows(real), rows(fake), rows(p.Real), rows(p.Fake))
	}
	return sameWidth("real conditions", real, "fake conditions", fake)
}

func meanLength(x *mat.Dense) float64 {
	s := 0.0
	for i := range rows(x) {
		s += math.Sqrt(sqNorm(x.RawRowView(i)))
	}
	return s / float64(rows(x))
}

// beside is the rows of x with alpha times those of c behind them.
func beside(x, c *mat.Dense, alpha float64) *mat.Dense {
	var scaled, out mat.Dense
	scaled.Scale(alpha, c)
	out.Augment(x, &scaled)
	return &out
}
