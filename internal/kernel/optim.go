package kernel

import (
	"math"
	"sync"
)

type optKind uint8

const (
	optAdam optKind = iota
	optRMSProp
	optSGD
	optApproach
)

type optJob struct {
	kind       optKind
	w, g, m, v []float32
	p          [7]float32
}

var optJobs = sync.Pool{New: func() any { return new(optJob) }}

func (j *optJob) run(i int) {
	lo, hi := i*grain, min(len(j.w), (i+1)*grain)
	w, g, p := j.w[lo:hi], j.g[lo:hi], &j.p
	switch j.kind {
	case optAdam:
		active.adam(w, g, j.m[lo:hi], j.v[lo:hi], p[0], p[1], p[2], p[3], p[4], p[5], p[6])
	case optRMSProp:
		active.rmsprop(w, g, j.m[lo:hi], p[0], p[1], p[2], p[3])
	case optSGD:
		active.sgd(w, g, j.m[lo:hi], p[0], p[1])
	case optApproach:
		active.approach(w, g, p[0])
	}
}

func runOpt(o optJob) {
	if len(o.w) == 0 {
		return
	}
	j := optJobs.Get().(*optJob)
	*j = o
	parallel((len(o.w)+grain-1)/grain, j)
	*j = optJob{}
	optJobs.Put(j)
}

// Rule is one step of an optimiser, with what hangs on the number of the step worked out once for all weights that it moves.
type Rule struct {
	kind optKind
	p    [7]float32
}

// Adam is the step number t, from 1 on, of Adam [kingma2015], in the form PyTorch uses, with the states m and v:
//
//	m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,  w -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps)
//
// The two powers cost as much as moving some hundred weights.
func Adam(lr, b1, b2, eps float64, t int) Rule {
	c := lr / (1 - math.Pow(b1, float64(t)))
	r := 1 / math.Sqrt(1-math.Pow(b2, float64(t)))
	return Rule{optAdam, [7]float32{float32(b1), float32(1 - b1), float32(b2), float32(1 - b2), float32(c), float32(r), float32(eps)}}
}

// RMSProp is one step of RMSProp, with the state s: s = decay s + (1-decay) g^2, w -= lr g/(sqrt(s) + eps).
func RMSProp(lr, decay, eps float64) Rule {
	return Rule{optRMSProp, [7]float32{float32(lr), float32(decay), float32(1 - decay), float32(eps)}}
}

// SGD is one step of gradient descent with momentum, with the state buf: buf = momentum buf + g, w -= lr buf.
func SGD(lr, momentum float64) Rule { return Rule{optSGD, [7]float32{float32(lr), float32(momentum)}} }

// Move does the step on the weights w with gradient g and their states, in the order in which the rule names them.
func (r Rule) Move(w, g []float32, states ...[]float32) {
	n := len(w)
	j := optJob{kind: r.kind, w: w, g: g[:n], m: states[0][:n], p: r.p}
	if r.kind == optAdam {
		j.v = states[1][:n]
	}
	runOpt(j)
}

// Approach moves a towards w by a share: a += share (w - a), each operation rounded by itself.
func Approach(a, w []float32, share float32) {
	runOpt(optJob{kind: optApproach, w: a, g: w[:len(a)], p: [7]float32{share}})
}
