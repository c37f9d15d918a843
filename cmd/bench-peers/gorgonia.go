package main

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-gan/assay/nn"
)

// Gorgonia is the library whose expression graphs package nn builds. As a peer it trains the same nets in two ways: "gorgonia" with its own operators,
// differentiation, machine and optimiser, as its examples do, and "tape" with our operators on its machine, one node at a time, which is what our programs
// save. It has no transposed convolution, so that a DCGAN can be built in the second way alone. Its processes are copies of this program.

// gorgoniaPeers are the variants by the way that they are opened.
var gorgoniaPeers = map[string]func(*net) ([]*tapeTurn, error){"gorgonia": gorgoniaPair, "tape": tapeOurs}

// inGo says whether a peer is a library in Go, whose processes are copies of this program.
func (p peer) inGo() bool { _, ok := gorgoniaPeers[p.variant]; return ok }

// tapeTurn is one optimiser's share of a step on Gorgonia's machine.
type tapeTurn struct {
	name    string
	draw    func()
	machine gorgonia.VM
	loss    func() float64
	model   []gorgonia.ValueGrad
	solver  *gorgonia.AdamSolver
}

func newTapeTurn(name string, draw func(), m gorgonia.VM, loss func() float64, model []gorgonia.ValueGrad) *tapeTurn {
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(ganAdam.LR), gorgonia.WithBeta1(ganAdam.B1), gorgonia.WithBeta2(ganAdam.B2), gorgonia.WithEps(ganAdam.Eps))
	return &tapeTurn{name, draw, m, loss, model, solver}
}

// train draws nothing: inputs are what they are. It returns the loss before the step; look sees the gradients before the optimiser does, which puts them to zero.
func (t *tapeTurn) train(look func([]gorgonia.ValueGrad) error) (float64, error) {
	if err := t.machine.RunAll(); err != nil {
		return 0, err
	}
	loss := t.loss()
	if look != nil {
		if err := look(t.model); err != nil {
			return 0, err
		}
	}
	err := t.solver.Step(t.model)
	t.machine.Reset()
	return loss, err
}

// gorgoniaTask is a training step of the peer, with what it was found to agree by.
type gorgoniaTask struct {
	turns   []*tapeTurn
	checked []check
}

func (t *gorgoniaTask) values() []float64 { return nil }

func (t *gorgoniaTask) run() error {
	for _, turn := range t.turns {
		turn.draw()
		if _, err := turn.train(nil); err != nil {
			return err
		}
	}
	return nil
}

func openGorgonia(a args, variant string) (*gorgoniaTask, error) {
	name := a.str("net")
	n, err := build(name, checkSeed(name))
	if err != nil {
		return nil, err
	}
	kept := n.weights()
	t := &gorgoniaTask{}
	if t.turns, err = gorgoniaPeers[variant](n); err != nil {
		return nil, err
	}
	if t.checked, err = t.compare(name); err != nil {
		return nil, err
	}
	for i, w := range n.params() {
		copy(nn.Data(w), kept[i])
	}
	t.turns, err = gorgoniaPeers[variant](n) // machines and moments from the start
	return t, err
}

// compare holds the gradients of the first turns and the losses of a few steps against ours on the same weights and inputs.
func (t *gorgoniaTask) compare(name string) ([]check, error) {
	ours, err := build(name, checkSeed(name))
	if err != nil {
		return nil, err
	}
	var checks []check
	var got, want []float64
	for step := range checkSteps {
		for i, turn := range t.turns {
			look := func(model []gorgonia.ValueGrad) error {
				off, err := gradientsApart(model, ours.turns[i])
				checks = append(checks, check{"gradient " + turn.name + ", Gorgonia", off, 1e-4})
				return err
			}
			if step > 0 {
				look = nil
			}
			loss, err := turn.train(look)
			if err != nil {
				return nil, err
			}
			if err := ours.turns[i].step.Run(); err != nil {
				return nil, err
			}
			got, want = append(got, loss), append(want, float64(ours.turns[i].step.Loss()))
		}
	}
	return append(checks, check{fmt.Sprintf("losses of %d steps, Gorgonia", checkSteps), difference(got, want), 1e-3}), nil
}

// gradientsApart is how far the peer's gradients are from ours of the same weights and inputs.
func gradientsApart(model []gorgonia.ValueGrad, t *turn) (float64, error) {
	var theirs [][]float32
	for _, p := range model {
		g, err := p.Grad()
		if err != nil {
			return 1, err
		}
		theirs = append(theirs, g.Data().([]float32))
	}
	ours, err := t.gradients()
	return apart(theirs, ours), err
}

// gradients are ours, of the present weights and inputs.
func (t *turn) gradients() (all [][]float32, err error) {
	grads, err := nn.Grad(t.loss, t.params...)
	if err != nil {
		return nil, err
	}
	p, err := nn.Compile(grads...)
	if err != nil {
		return nil, err
	}
	if err := p.Run(); err != nil {
		return nil, err
	}
	for _, g := range grads {
		all = append(all, p.Get(g))
	}
	return all, nil
}

// apart is the root mean square of the difference by that of the second.
func apart(got, want [][]float32) float64 {
	off, all := 0.0, 0.0
	for i, w := range want {
		if len(got) != len(want) || len(got[i]) != len(w) {
			return 1
		}
		for j, v := range w {
			d := float64(got[i][j]) - float64(v)
			off, all = off+d*d, all+float64(v)*float64(v)
		}
	}
	return math.Sqrt(off / all)
}

// pairOf is a parameter with its gradient, for the optimiser.
type pairOf struct{ weight, grad *nn.Node }

func (p pairOf) Value() gorgonia.Value         { return p.weight.Value() }
func (p pairOf) Grad() (gorgonia.Value, error) { return p.grad.Value(), nil }

// tapeOurs puts our graph, gradients included, on Gorgonia's machine.
func tapeOurs(n *net) (out []*tapeTurn, err error) {
	for _, t := range n.turns {
		grads, err := nn.Grad(t.loss, t.params...)
		if err != nil {
			return nil, err
		}
		outputs := append(gorgonia.Nodes{t.loss}, grads...)
		prog, at, err := gorgonia.CompileFunction(t.loss.Graph(), leavesOf(outputs), outputs)
		if err != nil {
			return nil, err
		}
		m := gorgonia.NewTapeMachine(t.loss.Graph(), gorgonia.WithPrecompiled(prog, at))
		model := make([]gorgonia.ValueGrad, len(grads))
		for i, g := range grads {
			model[i] = pairOf{t.params[i], g}
		}
		out = append(out, newTapeTurn(t.name, t.draw, m, func() float64 { return scalarOf(t.loss.Value()) }, model))
	}
	return out, nil
}

// leavesOf are the inputs, parameters and constants below nodes.
func leavesOf(roots gorgonia.Nodes) (leaves gorgonia.Nodes) {
	seen := map[*nn.Node]bool{}
	var visit func(*nn.Node)
	visit = func(n *nn.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		children := n.Graph().From(n.ID())
		if n.Op() == nil {
			leaves = append(leaves, n)
		}
		for children.Next() {
			visit(children.Node().(*nn.Node))
		}
	}
	for _, n := range roots {
		visit(n)
	}
	return leaves
}

func scalarOf(v gorgonia.Value) float64 {
	switch x := v.Data().(type) {
	case float32:
		return float64(x)
	case []float32:
		return float64(x[0])
	}
	return math.NaN()
}

// gorgoniaPair is the perceptron pair in Gorgonia's own operators, a graph for each turn, on the memory of our weights and inputs.
func gorgoniaPair(n *net) ([]*tapeTurn, error) {
	var out []*tapeTurn
	if w := n.params(); len(n.turns) != 2 || w[len(w)-1].Name() != "g.l3.b" {
		return nil, fmt.Errorf("the peer in Gorgonia's own operators is the perceptron pair alone: %w", errAbsent)
	}
	for k, t := range n.turns {
		p := &pairGraph{g: gorgonia.NewGraph(), weights: map[string]*nn.Node{}, memory: map[string]*nn.Node{}}
		for _, x := range append(n.params(), n.inputs...) {
			p.memory[x.Name()] = x
		}
		onFake := p.perceptron("d", p.perceptron("g", p.leaf("z"), false), true)
		var loss *nn.Node
		if k == 0 {
			onReal := p.perceptron("d", p.leaf("x"), true)
			loss = p.must(gorgonia.Add(p.softplus(p.must(gorgonia.Neg(onReal))), p.softplus(onFake)))
		} else {
			loss = p.softplus(p.must(gorgonia.Neg(onFake)))
		}
		if p.err != nil {
			return nil, p.err
		}
		var params gorgonia.Nodes
		for _, w := range t.params {
			params = append(params, p.weights[w.Name()])
		}
		if _, err := gorgonia.Grad(loss, params...); err != nil {
			return nil, err
		}
		var value gorgonia.Value
		gorgonia.Read(loss, &value)
		m := gorgonia.NewTapeMachine(p.g, gorgonia.BindDualValues(params...))
		out = append(out, newTapeTurn(t.name, t.draw, m, func() float64 { return scalarOf(value) }, gorgonia.NodesToValueGrads(params)))
	}
	return out, nil
}

// pairGraph builds one graph and keeps the first error.
type pairGraph struct {
	g       *gorgonia.ExprGraph
	weights map[string]*nn.Node // of this graph
	memory  map[string]*nn.Node // of ours, by the same names
	err     error
}

func (p *pairGraph) must(n *nn.Node, err error) *nn.Node {
	if p.err == nil {
		p.err = err
	}
	return n
}

// leaf is an input or a parameter on the memory of ours.
func (p *pairGraph) leaf(name string) *nn.Node {
	if n, ok := p.weights[name]; ok {
		return n
	}
	x := p.memory[name]
	v := tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(nn.Data(x)))
	n := gorgonia.NewTensor(p.g, tensor.Float32, x.Shape().Dims(), gorgonia.WithShape(x.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(v))
	p.weights[name] = n
	return n
}

// perceptron has two hidden layers, of ReLUs or leaky ones.
func (p *pairGraph) perceptron(scope string, x *nn.Node, leaky bool) *nn.Node {
	for i := 1; i <= 3 && p.err == nil; i++ {
		name := fmt.Sprintf("%s.l%d", scope, i)
		x = p.must(gorgonia.Mul(x, p.leaf(name+".w")))
		if p.err != nil {
			return x
		}
		if x = p.must(gorgonia.BroadcastAdd(x, p.leaf(name+".b"), nil, []byte{0})); i == 3 || p.err != nil {
			return x
		}
		if leaky {
			x = p.must(gorgonia.LeakyRelu(x, .2))
		} else {
			x = p.must(gorgonia.Rectify(x))
		}
	}
	return x
}

func (p *pairGraph) softplus(x *nn.Node) *nn.Node {
	if p.err != nil {
		return x
	}
	y := p.must(gorgonia.Softplus(x))
	if p.err != nil {
		return x
	}
	return p.must(gorgonia.Mean(y))
}
