package numeric

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// exactMMD is the unbiased and the biased estimate of MMD^2 under (x.y/d + 1)^degree in rational numbers.
func exactMMD(x, y *mat.Dense, degree int) (unbiased, biased float64) {
	_, d := x.Dims()
	sum := func(a, b *mat.Dense, diagonal bool) *big.Rat {
		n, _ := a.Dims()
		m, _ := b.Dims()
		total := new(big.Rat)
		for i := range n {
			for j := range m {
				if i == j && !diagonal {
					continue
				}
				dot := new(big.Rat)
				for l := range d {
					u, v := new(big.Rat).SetFloat64(a.At(i, l)), new(big.Rat).SetFloat64(b.At(j, l))
					dot.Add(dot, u.Mul(u, v))
				}
				dot.Mul(dot, big.NewRat(1, int64(d))).Add(dot, big.NewRat(1, 1))
				k := big.NewRat(1, 1)
				for range degree {
					k.Mul(k, dot)
				}
				total.Add(total, k)
			}
		}
		return total
	}
	n, _ := x.Dims()
	m, _ := y.Dims()
	over := func(r *big.Rat, pairs int) *big.Rat { return r.Mul(r, big.NewRat(1, int64(pairs))) }
	u := over(sum(x, x, false), n*(n-1))
	u.Add(u, over(sum(y, y, false), m*(m-1))).Sub(u, over(sum(x, y, true), n*m)).Sub(u, over(sum(x, y, true), n*m))
	b := over(sum(x, x, true), n*n)
	b.Add(b, over(sum(y, y, true), m*m)).Sub(b, over(sum(x, y, true), n*m)).Sub(b, over(sum(x, y, true), n*m))
	unbiased, _ = u.Float64()
	biased, _ = b.Float64()
	return unbiased, biased
}

// Whatever the offset of the features, the kernel estimates are those of exact arithmetic: to nine digits where the kernel is reduced, within a thousandth of the estimate's own
// noise where it is not. Of the kernel itself at 1e8 float64 holds none of the digits that count.
func TestPolynomialMMDAtAnyOffset(t *testing.T) {
	const n, m, d, tolerance, share = 24, 20, 3, 1e-9, 1e-3 // relative; of the noise. Offsets are multiples of the rows' grid, so that nothing is lost before the kernel
	for _, degree := range []int{1, 2, 3, 4} {
		for _, offset := range []float64{0, 1e2, 1e4, 1e6, 1e8, -1e8, 1e12} {
			src := rng.Stream(3, fmt.Sprint(degree))
			rows := func(n int, shift float64) *mat.Dense {
				x := mat.NewDense(n, d, nil)
				x.Apply(func(_, _ int, _ float64) float64 { return offset + shift + math.Round(256*src.Normal())/256 }, x)
				return x
			}
			x, y := rows(n, 0), rows(m, .5)
			unbiased, biased := exactMMD(x, y, degree)
			k := Kernel{Kind: Poly, Degree: degree, Gamma: 1. / d, Coef: 1}
			s, err := SumPairs(context.Background(), InMemory{x}, InMemory{y}, k)
			if err != nil {
				t.Fatal(err)
			}
			noise := share * math.Sqrt(s.Variance())
			if s.Reduced {
				noise = 0
			}
			for what, c := range map[string][2]float64{"unbiased": {s.Unbiased(), unbiased}, "biased": {s.Biased(), biased}} {
				if math.Abs(c[0]-c[1]) > tolerance*math.Abs(c[1])+noise {
					t.Errorf("degree %d at %g: %s %v, exactly %v (reduced %v)", degree, offset, what, c[0], c[1], s.Reduced)
				}
			}
			if v := s.Variance(); !(v >= 0) || s.Reduced != (math.Abs(offset) > 1e5) {
				t.Errorf("degree %d at %g: variance %v, reduced %v", degree, offset, v, s.Reduced)
			}
			all := Subsets{X: [][]int{identityTo(m), identityTo(m)}, Y: [][]int{identityTo(m), identityTo(m)}}
			part := x.Slice(0, m, 0, d).(*mat.Dense)
			got, r, err := SumSubsets(context.Background(), x, y, all, k)
			if unbiased, biased = exactMMD(part, y, degree); err != nil || math.Abs(got[1].Unbiased()-unbiased) > tolerance*math.Abs(unbiased)+noise ||
				math.Abs(got[0].Biased()-biased) > tolerance*math.Abs(biased)+noise {
				t.Errorf("degree %d at %g: subsets %v and %v, exactly %v and %v (%+v), %v", degree, offset, got[1].Unbiased(), got[0].Biased(), unbiased, biased, r, err)
			}
		}
	}
}

func identityTo(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}
