package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// standardise appends a constant column for the bias.
func standardise(x *mat.Dense, mean, scale []float64) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		dst := out.RawRowView(i)
		for l, v := range x.RawRowView(i) {
			dst[l] = (v - mean[l]) / scale[l]
		}
		dst[d] = 1
	}
	return out
}

// logistic fits multinomial logistic regression by Nesterov's accelerated gradient from 0. The step is the inverse of an upper bound of the
// curvature, half the largest eigenvalue of z^T z / n, estimated by power iteration.
func logistic(ctx context.Context, z *mat.Dense, labels []int, classes, steps int, ridge float64) (*mat.Dense, error) {
	n, d := z.Dims()
	rate := 1 / (0.5*topEigen(z)*1.1 + ridge)
	beta, ahead, before := mat.NewDense(d, classes, nil), mat.NewDense(d, classes, nil), mat.NewDense(d, classes, nil)
	var s, g mat.Dense
	for t := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.Mul(z, ahead)
		for i := range n {
			row := s.RawRowView(i)
			lse := logSumExp(row)
			for j := range row {
				row[j] = math.Exp(row[j]-lse) / float64(n)
			}
			row[labels[i]] -= 1 / float64(n)
		}
		g.Mul(z.T(), &s)
		before.Copy(beta)
		momentum := float64(t) / float64(t+3)
		for k, b := range beta.RawMatrix().Data {
			a := ahead.RawMatrix().Data[k]
			beta.RawMatrix().Data[k] = a - rate*(g.RawMatrix().Data[k]+ridge*a)
			ahead.RawMatrix().Data[k] = beta.RawMatrix().Data[k] + momentum*(beta.RawMatrix().Data[k]-b)
		}
	}
	return beta, nil
}

// topEigen estimates the largest eigenvalue of z^T z / n by 30 power steps from a fixed start.
func topEigen(z *mat.Dense) float64 {
	n, d := z.Dims()
	v := mat.NewVecDense(d, nil)
	for l := range d {
		v.SetVec(l, 1+float64(l%7)/7)
	}
	var u, w mat.VecDense
	top := 1.0
	for range 30 {
		v.ScaleVec(1/mat.Norm(v, 2), v)
		u.MulVec(z, v)
		w.MulVec(z.T(), &u)
		top = mat.Norm(&w, 2) / float64(n)
		v.CopyVec(&w)
	}
	return top
}
