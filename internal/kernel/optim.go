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
)

type optJob struct {
	kind       optKind
	w, g, m, v []float32
	p          [7]float32
}

var optJobs = sync.Pool{New: func() any { return new(optJob) }}

func (j *optJob) run(i int) {
	lo, hi := i*grain, min(len(j.w), (i+1)*grain)
	w, g, m, p := j.w[lo:hi], j.g[lo:hi], j.m[lo:hi], &j.p
	switch j.kind {
	case optAdam:
		active.adam(w, g, m, j.v[lo:hi], p[0], p[1], p[2], p[3], p[4], p[5], p[6])
	case optRMSProp:
		active.rmsprop(w, g, m, p[0], p[1], p[2], p[3])
	case optSGD:
		active.sgd(w, g, m, p[0], p[1])
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

// Adam does one step of Adam [kingma2015] on the weights w with gradient g, in the form PyTorch uses:
//
//	m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,  w -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps)
//
// t is the number of this step, from 1 on.
func Adam(w, g, m, v []float32, lr, b1, b2, eps float64, t int) {
	n := len(w)
	c := lr / (1 - math.Pow(b1, float64(t)))
	r := 1 / math.Sqrt(1-math.Pow(b2, float64(t)))
	runOpt(optJob{kind: optAdam, w: w, g: g[:n], m: m[:n], v: v[:n],
		p: [7]float32{float32(b1), float32(1 - b1), float32(b2), float32(1 - b2), float32(c), float32(r), float32(eps)}})
}

// RMSProp does one step of RMSProp: s = decay s + (1-decay) g^2, w -= lr g/(sqrt(s) + eps).
func RMSProp(w, g, s []float32, lr, decay, eps float64) {
	n := len(w)
	runOpt(optJob{kind: optRMSProp, w: w, g: g[:n], m: s[:n],
		p: [7]float32{float32(lr), float32(decay), float32(1 - decay), float32(eps)}})
}

// SGD does one step of gradient descent with momentum: buf = momentum buf + g, w -= lr buf.
func SGD(w, g, buf []float32, lr, momentum float64) {
	n := len(w)
	runOpt(optJob{kind: optSGD, w: w, g: g[:n], m: buf[:n], p: [7]float32{float32(lr), float32(momentum)}})
}
