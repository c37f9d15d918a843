package metrics

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
)

// Check says whether p holds everything that info.Needs lists, in a shape that fits: matrices with at least two rows (N x D) of finite numbers,
// equal widths where two sets are compared, probabilities whose rows sum to 1, one label of at least 0 for every row. The error names the metric,
// the role, the row and the remedy, and wraps ErrMissing, ErrShape, ErrTooFew or ErrValue. Every metric starts with it.
func Check(info Info, p Pair) error {
	for _, n := range info.Needs {
		if err := checkNeed(n, p); err != nil {
			return fmt.Errorf("%s: %w", info.ID, err)
		}
	}
	return Affordable(info, p.extent())
}

func checkTrain(p Pair) error {
	if err := checkMatrix("train features", p.Train, 2); err != nil {
		return err
	}
	return sameWidth("train", p.Train, "fake", p.Fake)
}

func checkRealClasses(p Pair) error {
	if err := checkProbs("real class probabilities", p.RealProbs); err != nil {
		return err
	}
	return sameWidth("real probabilities", p.RealProbs, "fake probabilities", firstOf(p.FakeProbs, p.FakeLogits))
}

func checkFeatures(p Pair) error {
	if err := checkMatrix("real features", p.Real, 2); err != nil {
		return err
	}
	if err := checkMatrix("fake features", p.Fake, 2); err != nil {
		return err
	}
	return sameWidth("real", p.Real, "fake", p.Fake)
}

func checkModes(p Pair) error {
	if err := checkMatrix("fake features", p.Fake, 2); err != nil {
		return err
	}
	if err := checkMatrix("mode centres", p.Modes, 1); err != nil {
		return err
	}
	if !(p.Sigma > 0) || math.IsInf(p.Sigma, 0) {
		return fault.Of(ErrValue, "the modes' standard deviation is %v, want a positive number", p.Sigma)
	}
	return sameWidth("mode centres", p.Modes, "fake", p.Fake)
}

func checkFakeClasses(p Pair) error {
	if p.FakeProbs == nil && p.FakeLogits != nil {
		return checkMatrix("fake logits", p.FakeLogits, 2)
	}
	return checkProbs("fake class probabilities", p.FakeProbs)
}

// largest is the magnitude up to which the sixth power of a wide row's products, which variances of cubic kernels hold, stays in range.
const largest = 1e20

// checkMatrix says whether m is there, has at least minRows rows and a column, and holds finite numbers only.
func checkMatrix(role string, m *mat.Dense, minRows int) error {
	if m == nil {
		return fault.Of(ErrMissing, "no %s given", role)
	}
	r, c := m.Dims()
	if c < 1 {
		return fault.Of(ErrShape, "%s are %d x %d, want N x D", role, r, c)
	}
	if r < minRows {
		return fault.Of(ErrTooFew, "%s have %d row(s), want at least %d", role, r, minRows)
	}
	if allWithin(m, largest) {
		return nil
	}
	for i := range r {
		for j, v := range m.RawRowView(i) {
			if v-v != 0 {
				return fault.Of(ErrValue, "%s: row %d holds %v at column %d: drop the row or mend what made it", role, i, v, j)
			}
			if v > largest || v < -largest {
				return fault.Of(ErrValue, "%s: row %d holds %v at column %d, beyond the %g whose powers can be summed: rescale", role, i, v, j, largest)
			}
		}
	}
	return nil
}

// allWithin says whether every number is finite and none is larger than this.
func allWithin(m *mat.Dense, largest float64) bool {
	const chunk = 256
	n, _ := m.Dims()
	var bad atomic.Bool
	kernel.Par((n+chunk-1)/chunk, func(c int) {
		for i := c * chunk; i < min(n, (c+1)*chunk) && !bad.Load(); i++ {
			for _, v := range m.RawRowView(i) {
				if !(math.Abs(v) <= largest) { // not a number either
					bad.Store(true)
					return
				}
			}
		}
	})
	return !bad.Load()
}

// probTolerance is how far a row of probabilities may be from summing to 1: float32 softmax over 1000 classes is within 1e-4.
const probTolerance = 1e-3

func checkProbs(role string, m *mat.Dense) error {
	if err := checkMatrix(role, m, 2); err != nil {
		return err
	}
	rows, _ := m.Dims()
	for i := range rows {
		sum := 0.0
		for j, v := range m.RawRowView(i) {
			if v < 0 {
				return fault.Of(ErrValue, "%s: row %d holds %v at column %d; give logits as logits", role, i, v, j)
			}
			sum += v
		}
		if math.Abs(sum-1) > probTolerance {
			return fault.Of(ErrValue, "%s: row %d sums to %v, not 1; give logits as logits", role, i, sum)
		}
	}
	return nil
}

func checkLabels(role string, labels []int, of *mat.Dense) error {
	if labels == nil {
		return fault.Of(ErrMissing, "no %s labels given", role)
	}
	if of == nil {
		return fault.Of(ErrMissing, "%s labels without %s samples", role, role)
	}
	if n, _ := of.Dims(); n != len(labels) {
		return fault.Of(ErrShape, "%d %s labels for %d rows", len(labels), role, n)
	}
	if i := slices.IndexFunc(labels, func(l int) bool { return l < 0 }); i >= 0 {
		return fault.Of(ErrValue, "%s label %d is %d, want 0 or more", role, i, labels[i])
	}
	return nil
}

func sameWidth(roleA string, a *mat.Dense, roleB string, b *mat.Dense) error {
	if b == nil {
		return fault.Of(ErrMissing, "no %s features given", roleB)
	}
	_, ca := a.Dims()
	_, cb := b.Dims()
	if ca != cb {
		return fault.Of(ErrShape, "%s has %d columns and %s has %d: use one featurizer for both", roleA, ca, roleB, cb)
	}
	return nil
}

func firstOf(ms ...*mat.Dense) *mat.Dense {
	for _, m := range ms {
		if m != nil {
			return m
		}
	}
	return nil
}

// checkStats is checkMatrix for the first two moments.
func checkStats(role string, s Stats) error {
	if s.Cov == nil {
		return fault.Of(ErrMissing, "no %s given", role)
	}
	d := s.Cov.SymmetricDim()
	if len(s.Mean) != d || d < 1 {
		return fault.Of(ErrShape, "%s: the mean has %d numbers for a %d x %d covariance", role, len(s.Mean), d, d)
	}
	if s.N < 2 {
		return fault.Of(ErrTooFew, "%s stand for %d samples, want at least 2", role, s.N)
	}
	for i, v := range s.Mean {
		if v-v != 0 {
			return fault.Of(ErrValue, "%s: entry %d of the mean is %v", role, i, v)
		}
	}
	raw := s.Cov.RawSymmetric()
	for i := range d {
		for j := i; j < d; j++ {
			if v := raw.Data[i*raw.Stride+j]; v-v != 0 || (i == j && v < 0) {
				return fault.Of(ErrValue, "%s: entry %d, %d of the covariance is %v", role, i, j, v)
			}
		}
	}
	return nil
}

// checkMoments accepts features or statistics on either side.
func checkMoments(p Pair) error {
	dr, err := checkMomentSide("real", p.Real, p.RealStats)
	if err != nil {
		return err
	}
	df, err := checkMomentSide("fake", p.Fake, p.FakeStats)
	if err != nil {
		return err
	}
	if dr != df {
		return fault.Of(ErrShape, "real has %d features and fake has %d: use one featurizer for both", dr, df)
	}
	return nil
}

func checkMomentSide(role string, x *mat.Dense, s Stats) (width int, err error) {
	if x == nil && s.Cov == nil {
		return 0, fault.Of(ErrMissing, "no %s features and no %s statistics given", role, role)
	}
	if x == nil {
		return len(s.Mean), checkStats(role+" statistics", s)
	}
	_, c := x.Dims()
	return c, checkMatrix(role+" features", x, 2)
}
