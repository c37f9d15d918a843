package metrics

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// movedCopies looks for training images that were moved or mirrored by a feature that does not see this: the absolute values of the low frequencies of an
// image. In other features a shift by one pixel hides a copy.
func (j *judge) movedCopies(p Pair) error {
	if p.FakeImages == nil || p.TrainImages == nil || p.RealImages == nil || j.v.Has(Memorised) || j.v.Has(Collapsed) {
		return nil
	}
	if err := checkImages("training images", p.TrainImages, 3); err != nil {
		return err
	}
	a, b, c := p.FakeImages, p.RealImages, p.TrainImages
	if a.H != c.H || a.W != c.W || b.H != c.H || b.W != c.W || min(c.H, c.W) < 8 {
		j.warn("copies that were moved were not looked for: give images of one size of at least 8 x 8")
		return nil
	}
	train, held := imageFact(p.Shared, "shiftless", p.Train, c, shiftless), imageFact(p.Shared, "shiftless", p.Real, b, shiftless)
	if p.Shared.lasts(p.Train) && p.Shared.lasts(p.Real) {
		p.Shared.Keep(train, held)
	}
	fake, err := numeric.KNN(j.ctx, distinct(shiftless(a)), train, 2)
	if err != nil {
		return err
	}
	real, err := p.Shared.nearest(j.ctx, held, train, 2)
	if err != nil {
		return err
	}
	for i := range real.N {
		if _, d := real.At(i, 0); d == 0 { // real images among the training images are no yardstick
			j.warn("copies that were moved were not looked for: real images are training images")
			return nil
		}
	}
	_, nearF := authentic(fake, make([]float64, train.RawMatrix().Rows))
	_, nearR := authentic(real, make([]float64, train.RawMatrix().Rows))
	j.read("moved_copies", nearF.Value, nearR.Value)
	j.fewCopies("moved_copies", "training images, moved or mirrored", fake, real, true)
	return nil
}

// lowest frequencies of either axis that shiftless keeps.
const lowFrequencies = 8

// shiftless are the absolute values of the low frequencies of the grey images, those of a pair that a mirror exchanges added and their difference without its sign:
// a shift that lets nothing leave the image changes none, nor does a mirror.
func shiftless(m *Images) *mat.Dense {
	f := min(lowFrequencies, m.H/2, m.W/2)
	cols, rowsAt := waves(m.W, f), waves(m.H, f)
	out := mat.NewDense(m.N, f*f+(f-1)*(f-1), nil)
	across := make([]complex128, m.H*f)
	for i := range m.N {
		g := grey(m, i)
		for y := range m.H {
			for v := range f {
				s := complex(0, 0)
				for x := range m.W {
					s += complex(g[y*m.W+x], 0) * cols[v][x]
				}
				across[y*f+v] = s
			}
		}
		at := 0
		put := func(x float64) { out.Set(i, at, x); at++ }
		for u := range f {
			for v := range f {
				plus, minus := complex(0, 0), complex(0, 0)
				for y := range m.H {
					plus += across[y*f+v] * rowsAt[u][y]
					minus += across[y*f+v] * cmplx.Conj(rowsAt[u][y])
				}
				a, b := cmplx.Abs(plus), cmplx.Abs(minus)
				put((a + b) / 2)
				if u > 0 && v > 0 {
					put(math.Abs(a-b) / 2)
				}
			}
		}
	}
	return out
}

// waves are exp(-2 pi i k x / n) for the lowest k.
func waves(n, lowest int) [][]complex128 {
	all := make([][]complex128, lowest)
	for k := range all {
		for x := range n {
			s, c := math.Sincos(-2 * math.Pi * float64(k) * float64(x) / float64(n))
			all[k] = append(all[k], complex(c, s))
		}
	}
	return all
}
