package nn

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
)

// Optimizer is a rule that moves parameters along their gradients: Adam, RMSProp or SGD. The rule itself holds no state; each Step has its own.
type Optimizer interface {
	check() error
	slots() []string                    // names of the state tensors kept for each parameter
	at(rate float64, t int) kernel.Rule // the step number t, from 1 on, with rate times the learning rate
}

// Adam is the rule of [kingma2015], with bias correction:
//
//	m = B1 m + (1-B1) g    v = B2 v + (1-B2) g^2    w -= LR mhat / (sqrt(vhat) + Eps)
//
// Zero B2 and Eps mean the paper's 0.999 and 1e-8; zero B1 is zero, as WGAN-GP wants it.
type Adam struct{ LR, B1, B2, Eps float64 }

// RMSProp divides by a running root mean square: s = Decay s + (1-Decay) g^2, w -= LR g / (sqrt(s) + Eps). Zero Decay and Eps mean 0.99 and
// 1e-8, PyTorch's defaults.
type RMSProp struct{ LR, Decay, Eps float64 }

// SGD is gradient descent with momentum: b = Momentum b + g, w -= LR b.
type SGD struct{ LR, Momentum float64 }

var (
	_ Optimizer = Adam{}
	_ Optimizer = RMSProp{}
	_ Optimizer = SGD{}
)

func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

func inUnit(rule, name string, v float64) error {
	if !(v >= 0 && v < 1) {
		return fmt.Errorf("nn: %s: %s is %v, must be in [0, 1)", rule, name, v)
	}
	return nil
}

func positive(rule string, lr, eps float64) error {
	if !(lr > 0 && lr < 1e30) {
		return fmt.Errorf("nn: %s: learning rate is %v, must be positive", rule, lr)
	}
	if !(eps >= 0) {
		return fmt.Errorf("nn: %s: eps is %v, must not be negative", rule, eps)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (a Adam) check() error {
	return firstError(positive("adam", a.LR, a.Eps), inUnit("adam", "B1", a.B1), inUnit("adam", "B2", a.B2))
}

func (Adam) slots() []string { return []string{"m", "v"} }

func (a Adam) at(rate float64, t int) kernel.Rule {
	return kernel.Adam(a.LR*rate, a.B1, or(a.B2, .999), or(a.Eps, 1e-8), t)
}

func (r RMSProp) check() error {
	return firstError(positive("rmsprop", r.LR, r.Eps), inUnit("rmsprop", "decay", r.Decay))
}

func (RMSProp) slots() []string { return []string{"s"} }

func (r RMSProp) at(rate float64, _ int) kernel.Rule {
	return kernel.RMSProp(r.LR*rate, or(r.Decay, .99), or(r.Eps, 1e-8))
}

func (s SGD) check() error {
	return firstError(positive("sgd", s.LR, 0), inUnit("sgd", "momentum", s.Momentum))
}

func (SGD) slots() []string { return []string{"b"} }

func (s SGD) at(rate float64, _ int) kernel.Rule { return kernel.SGD(s.LR*rate, s.Momentum) }
