package kernel

// nearRows is how many numbers of whole rows are taken through several functions at a time, so that they stay in the first-level cache between them.
const nearRows = 2048

// Bernoulli sets out[r] to the sum over k of softplus(x[r,k]) - t[r,k]*x[r,k]: -log p(t) under the logits x. It is Softplus, Mul, Sub and RowSum, bit for bit.
func Bernoulli(rows, c int, out, x, t []float32) {
	runRows(rowJob{kind: rowBernoulli, rows: rows, c: c, y: out[:rows], x: x[:rows*c], z: t[:rows*c]})
}

// BernoulliGrad sets dx[r,k] = (sigmoid(x[r,k]) - t[r,k]) * g[r]. dx may be x.
func BernoulliGrad(rows, c int, dx, x, t, g []float32) {
	runRows(rowJob{kind: rowBernoulliGrad, rows: rows, c: c, y: dx[:rows*c], x: x[:rows*c], z: t[:rows*c], v0: g[:rows]})
}

func bernoulli(s *set, c int, out, x, t []float32) {
	w := scratches.Get().(*scratch)
	per := max(1, nearRows/c)
	for r := 0; r < len(out); r += per {
		n := min(per, len(out)-r)
		y, p := grow(&w.a, n*c), grow(&w.b, n*c)
		lo, hi := r*c, (r+n)*c
		s.softplus(y, x[lo:hi])
		s.mul(p, t[lo:hi], x[lo:hi])
		s.sub(y, y, p)
		for i := range n {
			out[r+i] = float32(s.sum(y[i*c : i*c+c]))
		}
	}
	scratches.Put(w)
}

func bernoulliGrad(s *set, c int, dx, x, t, g []float32) {
	per := max(1, nearRows/c)
	for r := 0; r < len(g); r += per {
		n := min(per, len(g)-r)
		lo, hi := r*c, (r+n)*c
		y := dx[lo:hi]
		s.sigmoid(y, x[lo:hi])
		s.sub(y, y, t[lo:hi])
		mulRows(s, c, y, y, g[r:r+n])
	}
}
