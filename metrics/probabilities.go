package metrics

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// fakeLog is log p(y|x) of the fakes: the log-softmax of logits where they are given, else the logarithm of the probabilities.
func fakeLog(p Pair) *mat.Dense {
	if p.FakeLogits != nil {
		return logSoftmax(p.FakeLogits)
	}
	return logProbs(p.FakeProbs)
}

func classInput(p Pair) string {
	if p.FakeLogits != nil {
		return "logits"
	}
	return "probabilities"
}

// logProbs takes logarithms of rows scaled to sum exactly to 1; the logarithm of 0 is -Inf.
func logProbs(probs *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(probs)
	for i := range rows(out) {
		row := out.RawRowView(i)
		s := 0.0
		for _, v := range row {
			s += v
		}
		for j, v := range row {
			row[j] = math.Log(v / s)
		}
	}
	return out
}

func logSoftmax(logits *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(logits)
	for i := range rows(out) {
		row := out.RawRowView(i)
		lse := logSumExp(row)
		for j := range row {
			row[j] -= lse
		}
	}
	return out
}

// logSumExp is ln sum exp(x), exact for large and small entries alike.
func logSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	if math.IsInf(top, 0) {
		return top
	}
	s := 0.0
	for _, v := range x {
		s += math.Exp(v - top)
	}
	return top + math.Log(s)
}

// marginal is the sum of p(y|x) over rows and each row's sum of p ln p.
func marginal(lp *mat.Dense, order []int) (sum, neg []float64) {
	_, c := lp.Dims()
	sum, neg = make([]float64, c), make([]float64, len(order))
	for t, i := range order {
		for j, l := range lp.RawRowView(i) {
			sum[j] += math.Exp(l)
			neg[t] += plogp(l)
		}
	}
	return sum, neg
}

// marginalEntropy is the entropy of (sum - exp(without))/n.
func marginalEntropy(sum, without []float64, n float64) float64 {
	h := 0.0
	for j, s := range sum {
		if without != nil {
			s -= math.Exp(without[j])
		}
		if s > 0 {
			h -= s / n * math.Log(s/n)
		}
	}
	return h
}

// argmax is the index of the largest entry, the first of equals.
func argmax(x []float64) int {
	best := 0
	for j, v := range x {
		if v > x[best] {
			best = j
		}
	}
	return best
}

// realMarginal is the mean of p(y|x) over the real samples.
func realMarginal(p Pair) []float64 {
	n, c := p.RealProbs.Dims()
	out := make([]float64, c)
	total := 0.0
	for i := range n {
		for j, v := range p.RealProbs.RawRowView(i) {
			out[j] += v
			total += v
		}
	}
	for j := range out {
		out[j] /= total
	}
	return out
}

// classesOf groups rows by label, or by their largest entry.
func classesOf(lp *mat.Dense, labels []int) [][]int {
	var by [][]int
	for i := range rows(lp) {
		k := 0
		if labels != nil {
			k = labels[i]
		} else {
			k = argmax(lp.RawRowView(i))
		}
		for len(by) <= k {
			by = append(by, nil)
		}
		by[k] = append(by[k], i)
	}
	return by
}
