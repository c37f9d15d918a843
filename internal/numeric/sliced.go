package numeric

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// Project returns the sorted projections of the rows of x on each direction (a row of dirs): M slices of n numbers. groups, if not nil, holds a
// group number for every row of x and is returned in the same order, slice by slice.
func Project(x, dirs *mat.Dense, groups []int) (sorted [][]float64, order [][]int) {
	n, _ := x.Dims()
	m, _ := dirs.Dims()
	p := newGeneral(m, n)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, dirs.RawMatrix(), x.RawMatrix(), 0, p)
	sorted = make([][]float64, m)
	if groups != nil {
		order = make([][]int, m)
	}
	kernel.Par(m, func(k int) {
		v := p.Data[k*n : (k+1)*n]
		if groups == nil {
			slices.Sort(v)
			sorted[k] = v
			return
		}
		idx := make([]int, n)
		for i := range idx {
			idx[i] = i
		}
		slices.SortFunc(idx, func(a, b int) int {
			switch {
			case v[a] < v[b]:
				return -1
			case v[a] > v[b]:
				return 1
			}
			return a - b
		})
		s, g := make([]float64, n), make([]int, n)
		for r, i := range idx {
			s[r], g[r] = v[i], groups[i]
		}
		sorted[k], order[k] = s, g
	})
	return sorted, order
}

// Wasserstein1D is W_p^p of two sorted samples under the monotone coupling, exact for unequal sizes: integral over q of |F^-1(q) - G^-1(q)|^p.
func Wasserstein1D(a, b []float64, p float64) float64 {
	if len(a) == len(b) {
		s := 0.0
		for i, v := range a {
			s += power(v-b[i], p)
		}
		return s / float64(len(a))
	}
	// Work in units of 1/(n m): row i of a ends at (i+1) m, row j of b at (j+1) n.
	n, m := len(a), len(b)
	s, at := 0.0, 0
	for i, j := 0, 0; i < n && j < m; {
		end := min((i+1)*m, (j+1)*n)
		s += float64(end-at) * power(a[i]-b[j], p)
		if at = end; end == (i+1)*m {
			i++
		}
		if end == (j+1)*n {
			j++
		}
	}
	return s / (float64(n) * float64(m))
}

func power(d, p float64) float64 {
	switch p {
	case 1:
		return math.Abs(d)
	case 2:
		return d * d
	}
	return math.Pow(math.Abs(d), p)
}

// Sliced is the mean over directions of W_p^p of the projections.
func Sliced(a, b [][]float64, p float64) float64 {
	w := make([]float64, len(a))
	kernel.Par(len(a), func(k int) { w[k] = Wasserstein1D(a[k], b[k], p) })
	return Sum(w) / float64(len(w))
}

// Without is sorted projections with one group left out.
func Without(sorted [][]float64, order [][]int, group int) [][]float64 {
	out := make([][]float64, len(sorted))
	kernel.Par(len(sorted), func(k int) {
		o := make([]float64, 0, len(sorted[k]))
		for i, g := range order[k] {
			if g != group {
				o = append(o, sorted[k][i])
			}
		}
		out[k] = o
	})
	return out
}
