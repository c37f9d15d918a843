package metrics

import (
	"context"
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// exactCMMD is the biased MMD^2 under exp(-|u-v|^2/200) of rows scaled to length 1, times 1000, with 300 bits: the series of 1 - exp, since the ones cancel.
func exactCMMD(x, y *mat.Dense) float64 {
	const bits = 300
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }
	unit := func(row []float64) []*big.Float {
		sum, out := number(0), make([]*big.Float, len(row))
		for _, v := range row {
			sum.Add(sum, new(big.Float).Mul(number(v), number(v)))
		}
		length := new(big.Float).SetPrec(bits).Sqrt(sum)
		for i, v := range row {
			out[i] = new(big.Float).SetPrec(bits).Quo(number(v), length)
		}
		return out
	}
	below := func(a, b []*big.Float) *big.Float { // 1 - exp(-z) = z - z^2/2 + z^3/6 - ...
		z := number(0)
		for i := range a {
			d := new(big.Float).SetPrec(bits).Sub(a[i], b[i])
			z.Add(z, d.Mul(d, d))
		}
		z.Quo(z, number(200))
		sum, term := number(0), number(-1)
		for k := range 25 {
			term.Mul(term, z).Quo(term, number(-float64(k+1)))
			sum.Add(sum, term)
		}
		return sum
	}
	mean := func(a, b *mat.Dense) *big.Float {
		total := number(0)
		for i := range rows(a) {
			for j := range rows(b) {
				total.Add(total, below(unit(a.RawRowView(i)), unit(b.RawRowView(j))))
			}
		}
		return total.Quo(total, number(float64(rows(a)*rows(b))))
	}
	v := number(0)
	v.Add(v, mean(x, y)).Add(v, mean(x, y)).Sub(v, mean(x, x)).Sub(v, mean(y, y))
	out, _ := v.Mul(v, number(1000)).Float64()
	return out
}

// Where the origin matters there is no invariance to hold a value to: exact arithmetic says what it is.
func TestCMMDFarFromTheOrigin(t *testing.T) {
	for _, offset := range []float64{0, 30, 1000} {
		x, y := golden.Matrix(41, 14, 3, 1, offset), golden.Matrix(42, 12, 3, 1.5, offset+.5)
		r, err := CMMD{}.Compute(context.Background(), Pair{Real: x, Fake: y})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.Values[0].Value, exactCMMD(x, y); math.Abs(got-want) > (CMMD{}).Info().Domain.Rounding*want {
			t.Errorf("at %g: %v, exactly %v (off by %.2g of it)", offset, got, want, got/want-1)
		} else {
			t.Logf("at %g: %v, off by %.2g of it", offset, got, got/want-1)
		}
	}
}
