package nn

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// Step is one kind of training step: gradients of a loss, a check that they are finite, the optimiser, clipping, and the updates of running
// statistics. It changes its own parameters and the states that belong to them, nothing else.
type Step struct {
	// Rate multiplies the optimiser's learning rate, for schedules; 1 at first. It is not part of a checkpoint: a schedule is a function of
	// the step number.
	Rate float64

	prog    *Program
	loss    *Node
	params  []*Node
	opt     Optimizer
	w, g    [][]float32
	state   [][][]float32 // by parameter, then slot
	t       int           // steps done
	clip    float32
	updates []boundUpdate
	masks   []*maskInfo
	refill  bool // masks are fresh
}

type boundUpdate struct {
	state, value []float32
	apply        func(state, value []float32)
}

// NewStep compiles a step that lowers the scalar loss by moving params with opt. Extra nodes are computed along and read by Value. It is an
// error if the loss does not depend on a parameter, if params is empty, or if a setting of opt is impossible.
func NewStep(loss *Node, params []*Node, opt Optimizer, extras ...*Node) (*Step, error) {
	if len(params) == 0 {
		return nil, fmt.Errorf("nn: a step needs parameters to train")
	}
	if err := opt.check(); err != nil {
		return nil, err
	}
	grads, err := Grad(loss, params...)
	if err != nil {
		return nil, err
	}
	s := &Step{Rate: 1, loss: loss, params: params, opt: opt}
	order := topo(loss)
	tracked := s.find(order)
	outputs := append(append(append([]*Node{loss}, grads...), extras...), tracked...)
	if s.prog, err = Compile(outputs...); err != nil {
		return nil, err
	}
	for i, n := range params {
		if n.Op() != nil || n.Value() == nil {
			return nil, fmt.Errorf("nn: %s is computed, it cannot be trained", label(n))
		}
		if m := meterOf(n); m != nil {
			m.count(len(opt.slots()) * sizeOf(n))
			continue
		}
		s.w, s.g = append(s.w, Data(n)), append(s.g, s.prog.Get(grads[i]))
		var slots [][]float32
		for range opt.slots() {
			slots = append(slots, make([]float32, len(s.w[i])))
		}
		s.state = append(s.state, slots)
	}
	if s.prog.dry {
		return s, nil
	}
	for _, n := range tracked {
		u := opOf(n).update
		s.updates = append(s.updates, boundUpdate{Data(u.state), s.prog.Get(n), u.apply})
	}
	return s, nil
}

// find collects what the loss brings with it: dropout masks, and the updates of layers this step trains, in the order of their creation.
func (s *Step) find(order []*Node) (updated []*Node) {
	mine := map[*Node]bool{}
	for _, p := range s.params {
		mine[p] = true
	}
	for _, n := range order {
		o := opOf(n)
		if o == nil {
			continue
		}
		if o.mask != nil {
			s.masks = append(s.masks, o.mask)
		}
		if o.update == nil {
			continue
		}
		for _, p := range o.update.owner {
			if mine[p] {
				updated = append(updated, n)
				break
			}
		}
	}
	sortByID(updated)
	return updated
}

// Run does one step. On an error nothing was changed. A NaN or infinity in the loss or a gradient is an error that names the step, the network
// and the operator where it first appears.
func (s *Step) Run() error {
	if len(s.masks) > 0 && !s.refill {
		return fmt.Errorf("nn: step of %s: dropout masks are stale, call Refill before every Run", s.network())
	}
	s.refill = false
	if err := s.prog.Run(); err != nil {
		return fmt.Errorf("nn: step %d of %s: %w", s.t+1, s.network(), err)
	}
	if err := s.finite(); err != nil {
		return err
	}
	s.t++
	rule := s.opt.at(s.Rate, s.t)
	for i, w := range s.w {
		rule.Move(w, s.g[i], s.state[i]...)
		if s.clip > 0 {
			kernel.Clamp(w, w, -s.clip, s.clip)
		}
	}
	for _, u := range s.updates {
		u.apply(u.state, u.value)
	}
	return nil
}

// NonFiniteError is the error of a step in which a NaN or an infinity appeared. Its text names the step, the network and the operator.
type NonFiniteError struct {
	NaN  bool // the first one was NaN, else an infinity: an overflow
	text string
}

// Error returns the text.
func (e *NonFiniteError) Error() string { return e.text }

func (s *Step) finite() error {
	bad := ""
	if kernel.FirstNonFinite(s.prog.Get(s.loss)) >= 0 {
		bad = "the loss"
	}
	for i := 0; i < len(s.g) && bad == ""; i++ {
		if kernel.FirstNonFinite(s.g[i]) >= 0 {
			bad = "the gradient of " + s.params[i].Name()
		}
	}
	if bad == "" {
		return nil
	}
	where, value := s.prog.firstNonFinite()
	return &NonFiniteError{NaN: value != value, text: fmt.Sprintf("nn: step %d of %s: %s is not finite: %s", s.t+1, s.network(), bad, where)}
}

// network is the first part of the parameters' names.
func (s *Step) network() string {
	name, _, _ := strings.Cut(s.params[0].Name(), ".")
	return name
}

// Value returns the memory of the loss, an extra node or a leaf, as of the last Run; nil for other nodes.
func (s *Step) Value(n *Node) []float32 { return s.prog.Get(n) }

// Loss returns the loss of the last Run, computed before the parameters moved.
func (s *Step) Loss() float32 { return s.prog.Get(s.loss)[0] }

// GradNorm returns the Euclidean norm of the last Run's gradient over all parameters of the step, summed in their order.
func (s *Step) GradNorm() float64 {
	sum := 0.0
	for _, g := range s.g {
		for _, v := range g {
			sum += float64(v) * float64(v)
		}
	}
	return math.Sqrt(sum)
}

// Steps returns the number of steps done.
func (s *Step) Steps() int { return s.t }

// Params returns the parameters the step trains.
func (s *Step) Params() []*Node { return s.params }

// Stats returns the sizes of the compiled program.
func (s *Step) Stats() Stats { return s.prog.Stats() }

// Program returns the compiled program, for inspection.
func (s *Step) Program() *Program { return s.prog }

// Clip limits every parameter to [-c, c] after each step, as WGAN does [arjovsky2017]; 0 switches it off.
func (s *Step) Clip(c float32) { s.clip = c }

// Refill draws new dropout masks. A step with dropout needs it before every Run.
func (s *Step) Refill(r *rng.Source) {
	for _, m := range s.masks {
		m.refill(r)
	}
	s.refill = true
}
