package nn

import "github.com/assay-gan/assay/rng"

// maskInfo marks an input node as a dropout mask that a Step refills.
type maskInfo struct {
	mask *Node
	p    float64
}

type dropout struct {
	s    *Scope
	p    float64
	uses *int
}

// Dropout multiplies by 0 with probability p and by 1/(1-p) otherwise in Train mode, and does nothing in Eval mode. The mask is an input: call
// Step.Refill before each run.
func Dropout(s *Scope, p float64) Layer {
	if !(p >= 0 && p < 1) {
		misuse("dropout "+s.Path(), "probability %v is not in [0, 1)", p)
	}
	return &dropout{s, p, new(int)}
}

// Forward implements Layer.
func (l *dropout) Forward(x *Node, m Mode) *Node {
	if m == Eval || l.p == 0 {
		return x
	}
	mask := l.s.g.Input(l.s.join(named("mask%d", *l.uses)), x.Shape()...)
	*l.uses++
	for i, d := 0, Data(mask); i < len(d); i++ {
		d[i] = 1
	}
	n := Mul(x, mask)
	opOf(n).mask = &maskInfo{mask, l.p}
	return n
}

func (m *maskInfo) refill(r *rng.Source) {
	keep := float32(1 / (1 - m.p))
	d := Data(m.mask)
	for i := range d {
		d[i] = 0
		if r.Float64() >= m.p {
			d[i] = keep
		}
	}
}
