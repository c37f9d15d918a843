package zoo

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/nn"
)

// Derivative compares the gradient of one loss with respect to one parameter with a central difference of the loss along that gradient.
type Derivative struct {
	Turn, Param string
	Analytic    float64 // norm of the gradient
	Numeric     float64 // (L(w + h g/|g|) - L(w - h g/|g|)) / 2h
}

// Error is the relative disagreement.
func (d Derivative) Error() float64 {
	return math.Abs(d.Analytic-d.Numeric) / max(math.Abs(d.Analytic), math.Abs(d.Numeric), 1e-12)
}

// Derivatives fills every turn's inputs once more and compares all gradients with differences of relative size h (about 1e-3: float32 losses carry 7 digits, and
// rectifiers have kinks). Parameters whose gradient is exactly zero are left out. The weights are as before afterwards; the streams have moved.
func (s *Session) Derivatives(h float64) ([]Derivative, error) {
	var all []Derivative
	for _, t := range s.build.turns {
		for _, f := range t.feeds {
			f.fill()
		}
		ds, err := t.derivatives(h)
		if err != nil {
			return nil, fmt.Errorf("turn %s: %w", t.Name, err)
		}
		all = append(all, ds...)
	}
	return all, nil
}

func (t *turn) derivatives(h float64) ([]Derivative, error) {
	grads, err := nn.Grad(t.Loss, t.Train...)
	if err != nil {
		return nil, err
	}
	prog, err := nn.Compile(append([]*nn.Node{t.Loss}, grads...)...)
	if err != nil {
		return nil, err
	}
	loss := func() (float64, error) {
		err := prog.Run()
		return float64(prog.Get(t.Loss)[0]), err
	}
	if _, err := loss(); err != nil {
		return nil, err
	}
	direction := make([][]float32, len(grads))
	for i, g := range grads {
		direction[i] = append(direction[i], prog.Get(g)...)
	}
	var all []Derivative
	for i, p := range t.Train {
		norm := 0.0
		for _, v := range direction[i] {
			norm += float64(v) * float64(v)
		}
		if norm = math.Sqrt(norm); norm == 0 {
			continue
		}
		w := nn.Data(p)
		saved := append([]float32(nil), w...)
		step := h * max(1e-2, rms(saved)) * math.Sqrt(float64(len(w)))
		side := func(sign float64) (float64, error) {
			for j, v := range direction[i] {
				w[j] = saved[j] + float32(sign*step*float64(v)/norm)
			}
			return loss()
		}
		up, err := side(1)
		if err != nil {
			return nil, err
		}
		down, err := side(-1)
		copy(w, saved)
		if err != nil {
			return nil, err
		}
		all = append(all, Derivative{t.Name, p.Name(), norm, (up - down) / (2 * step)})
	}
	return all, nil
}

func rms(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return math.Sqrt(s / float64(len(x)))
}

// Trial is what one run of one turn did.
type Trial struct {
	Turn          string
	Before, After float64  // the loss on the same inputs, before and after the update
	Moved         []string // parameters that changed
	Declared      []string // parameters the turn says it trains
}

// Trials runs every turn once and tells what moved: a turn must lower its own loss and leave the other side alone.
func (s *Session) Trials() ([]Trial, error) {
	var all []Trial
	params, states := s.build.graph.Scope("").Params(), s.build.graph.Scope("").States()
	for _, t := range s.build.turns {
		for _, f := range t.feeds {
			f.fill()
		}
		again, err := nn.Compile(t.Loss)
		if err != nil {
			return nil, err
		}
		before, fixed := snapshot(params), snapshot(states)
		if err := t.step.Run(); err != nil {
			return nil, fmt.Errorf("turn %s: %w", t.Name, err)
		}
		trial := Trial{Turn: t.Name, Before: float64(t.step.Loss())}
		for i, p := range params {
			if !slices.Equal(before[i], nn.Data(p)) {
				trial.Moved = append(trial.Moved, p.Name())
			}
		}
		for _, p := range t.Train {
			trial.Declared = append(trial.Declared, p.Name())
		}
		moved := snapshot(states) // a state is part of the question: the loss after is asked where the loss before was
		restore(states, fixed)
		err = again.Run()
		restore(states, moved)
		if err != nil {
			return nil, fmt.Errorf("turn %s: %w", t.Name, err)
		}
		trial.After = float64(again.Get(t.Loss)[0])
		all = append(all, trial)
	}
	return all, nil
}

func snapshot(params []*nn.Node) [][]float32 {
	s := make([][]float32, len(params))
	for i, p := range params {
		s[i] = slices.Clone(nn.Data(p))
	}
	return s
}

func restore(nodes []*nn.Node, values [][]float32) {
	for i, n := range nodes {
		copy(nn.Data(n), values[i])
	}
}
