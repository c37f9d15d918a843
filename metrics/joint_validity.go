package metrics

import (
	"context"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// Answers are all right outputs for each of N inputs of a task that leaves a choice: K to an input, in an order that means the same for every input (left, right).
type Answers struct {
	N, K, Dim int
	Right     []float32 // N x K x Dim
	Within    []float64 // of each input: the root mean square difference, over the Dim numbers, up to which an output is an answer
}

// At returns answer k to input i.
func (a *Answers) At(i, k int) []float32 {
	at := (i*a.K + k) * a.Dim
	return a.Right[at : at+a.Dim]
}

// checkAnswers says whether there are answers, and an output for each input.
func checkAnswers(p Pair) error {
	a := p.Answers
	if a == nil {
		return fault.Of(ErrMissing, "no right answers given")
	}
	if err := checkImages("outputs", p.Recon, 1); err != nil {
		return err
	}
	if a.K < 2 || a.Dim < 1 || len(a.Right) != a.N*a.K*a.Dim || len(a.Within) != a.N {
		return fault.Of(ErrShape, "%d numbers and %d limits are not %d x %d answers of %d", len(a.Right), len(a.Within), a.N, a.K, a.Dim)
	}
	if n, d := p.Recon.N, p.Recon.H*p.Recon.W*p.Recon.C; n != a.N || d != a.Dim {
		return fault.Of(ErrShape, "%d outputs of %d numbers, answers for %d inputs of %d numbers", n, d, a.N, a.Dim)
	}
	for i, w := range a.Within {
		if !(w > 0) || math.IsInf(w, 0) {
			return fault.Of(ErrValue, "the limit of input %d is %v, want a positive number", i, w)
		}
	}
	for i, v := range a.Right {
		if v-v != 0 {
			return fault.Of(ErrValue, "an answer to input %d holds %v", i/(a.K*a.Dim), v)
		}
	}
	return nil
}

// JointValidity returns the share of outputs that are right answers to their own inputs [isola2017], which is a property of input and output together, and of all parts
// of an output: min_k rms(output - answer k) <= Within. An output that mixes answers, such as their mean, is none.
//
// joint_variety is how evenly the right outputs spread over the K answers, exp(entropy)/K, from 1/K for one answer always to 1; 0 without right outputs.
// The interval of the share is Wilson's.
type JointValidity struct{}

var _ Metric = JointValidity{}

// With refuses every name: there are no options.
func (m JointValidity) With(option, v string) (Metric, error) {
	return with(&m, settings{}, option, v)
}

// Info describes the metric.
func (m JointValidity) Info() Info {
	return Info{ID: "joint_validity", Domain: fixed("values in the unit of the answers' limits"), Title: "right answers to their own inputs", Values: []string{"joint_validity", "joint_variety"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedAnswers}, Paper: "isola2017"}
}

// Compute implements Metric.
func (m JointValidity) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	a := p.Answers
	counts, right := make([]int, a.K), 0
	for i := range a.N {
		if k, d := a.nearest(i, p.Recon.At(i)); d <= a.Within[i] {
			counts[k]++
			right++
		}
	}
	variety := 0.0
	if right > 0 {
		variety = math.Exp(entropy(shares(counts))) / float64(a.K)
	}
	r := newResult(nil, share("joint_validity", right, a.N, Higher), value("joint_variety", variety, None))
	r.convention("answers", "%d", a.K)
	return r, nil
}

// nearest is the answer closest to an output, and its root mean square difference.
func (a *Answers) nearest(i int, y []float32) (at int, rms float64) {
	best := math.Inf(1)
	for k := range a.K {
		sum := 0.0
		for j, v := range a.At(i, k) {
			d := float64(v) - float64(y[j])
			sum += d * d
		}
		if sum < best {
			at, best = k, sum
		}
	}
	return at, math.Sqrt(best / float64(a.Dim))
}
