package nn

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/internal/kernel"
)

// EMA keeps an exponential moving average of parameters: avg = decay avg + (1 - decay) w after each Update.
type EMA struct {
	params []*Node
	decay  float32
	avg    [][]float32
}

// NewEMA starts an average at the parameters' present values; decay in [0, 1).
func NewEMA(params []*Node, decay float64) (*EMA, error) {
	if err := inUnit("ema", "decay", decay); err != nil {
		return nil, err
	}
	e := &EMA{params: params, decay: float32(decay)}
	for _, p := range params {
		if p.Op() != nil || p.Value() == nil {
			return nil, fmt.Errorf("nn: ema: %s is not a parameter", label(p))
		}
		if m := meterOf(p); m != nil {
			m.count(sizeOf(p))
		}
		e.avg = append(e.avg, slices.Clone(Data(p)))
	}
	return e, nil
}

// Update moves the average towards the parameters.
func (e *EMA) Update() { e.update(e.decay) }

// UpdateWarm is Update with a decay of at most (1+t)/(10+t), t the updates done before: the average of a short run then does not hold on to the values that it
// started at.
func (e *EMA) UpdateWarm(t int) { e.update(min(e.decay, float32(1+t)/float32(10+t))) }

func (e *EMA) update(decay float32) {
	for i, p := range e.params {
		kernel.Approach(e.avg[i], Data(p), 1-decay)
	}
}

// Swap exchanges the average with the parameters; call it again to undo.
func (e *EMA) Swap() {
	for i, p := range e.params {
		w, a := Data(p), e.avg[i]
		for j := range w {
			w[j], a[j] = a[j], w[j]
		}
	}
}

// CopyTo writes the average into other nodes of the same shapes, for example a second generator used for samples.
func (e *EMA) CopyTo(params []*Node) error {
	if len(params) != len(e.params) {
		return fmt.Errorf("nn: ema: %d parameters for %d averages", len(params), len(e.params))
	}
	for i, p := range params {
		if !p.Shape().Eq(e.params[i].Shape()) {
			return fmt.Errorf("nn: ema: %s has shape %v, its average %v", p.Name(), p.Shape(), e.params[i].Shape())
		}
	}
	for i, p := range params {
		copy(Data(p), e.avg[i])
	}
	return nil
}
