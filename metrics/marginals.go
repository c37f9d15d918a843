package metrics

import (
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// marginals are column means and sums of squared deviations.
type marginals struct {
	n            int
	mean, square []float64
}

func marginalsOf(x *mat.Dense) marginals {
	n, d := x.Dims()
	v := marginals{n: n, mean: numeric.Mean(x), square: make([]float64, d)}
	for i := range n {
		for j, c := range x.RawRowView(i) {
			v.square[j] += (c - v.mean[j]) * (c - v.mean[j])
		}
	}
	return v
}

// leaveOneOut is the marginals without each group in turn: one pass over the rows, then merging of the other groups.
func leaveOneOut(x *mat.Dense, groups []int) []marginals {
	parts := make([]marginals, jackknifeGroups)
	for g := range parts {
		var in []int
		for i, at := range groups {
			if at == g {
				in = append(in, i)
			}
		}
		parts[g] = marginalsOf(pick(x, in))
	}
	out := make([]marginals, len(parts))
	for g := range parts {
		d := len(parts[0].mean)
		rest := marginals{mean: make([]float64, d), square: make([]float64, d)}
		for k, p := range parts {
			if k != g {
				rest.add(p)
			}
		}
		out[g] = rest
	}
	return out
}

// add merges the rows of another set in.
func (m *marginals) add(o marginals) {
	a, b := float64(m.n), float64(o.n)
	for j, v := range o.mean {
		d := v - m.mean[j]
		m.mean[j] += d * b / (a + b)
		m.square[j] += o.square[j] + d*d*a*b/(a+b)
	}
	m.n += o.n
}
