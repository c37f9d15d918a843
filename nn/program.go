package nn

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/assay-gan/assay/internal/machine"
)

// Program computes the nodes its outputs need, in a fixed order, in one arena, without allocating. It reads inputs, parameters and states
// where they are (Data) and never changes them. It implements gorgonia.VM. A Program is for one goroutine at a time; programs of one graph
// that run together may share parameters as long as nobody trains them.
type Program struct {
	code  []instr
	arena []float32
	buf   map[*Node][]float32 // leaves and outputs
	naive int
	dry   bool // of a measuring graph: it cannot run
	at    int  // running instruction
}

type instr struct {
	eval evalFunc
	out  []float32
	in   [][]float32
	unit *unit
}

var _ gorgonia.VM = (*Program)(nil)

// Compile returns a program for outputs. It is an error if a node was made by Gorgonia's own operators: their derivatives cannot be trusted.
func Compile(outputs ...*Node) (*Program, error) {
	if len(outputs) == 0 {
		return nil, fmt.Errorf("nn: compile: no outputs")
	}
	order := topo(outputs...)
	p := &Program{buf: map[*Node][]float32{}}
	for _, n := range order {
		if err := p.leaf(n); err != nil {
			return nil, err
		}
	}
	if m := measuring(order); m != nil {
		us := units(order, outputs, false)
		m.count(assign(us, outputs).size)
		m.bytes += unitBytes * float64(len(us))
		p.dry = true
		return p, nil
	}
	us := units(order, outputs, true)
	pl := assign(us, outputs)
	if err := fits(pl.size); err != nil {
		return nil, err
	}
	p.arena, p.naive = make([]float32, pl.size), pl.naive
	all := map[*Node][]float32{}
	for n, b := range p.buf {
		all[n] = b
	}
	for i := range us {
		u := &us[i]
		if u.alias {
			all[u.node] = all[u.args[0]][u.from:][:sizeOf(u.node)]
			continue
		}
		n := sizeOf(u.node)
		at := pl.place[u.node].at
		c := instr{eval: u.eval, out: p.arena[at : at+n : at+n], unit: u, in: make([][]float32, len(u.args))}
		for k, a := range u.args {
			c.in[k] = all[a]
		}
		all[u.node] = c.out
		p.code = append(p.code, c)
	}
	for _, n := range outputs {
		p.buf[n] = all[n]
	}
	return p, nil
}

// measuring is the meter of the graph that nodes belong to, nil where it is made.
func measuring(order []*Node) *meter {
	for _, n := range order {
		if m := meterOf(n); m != nil {
			return m
		}
	}
	return nil
}

// fits errors where the machine cannot hold an arena of so many floats.
func fits(floats int) error {
	const enough = 64 << 20 // bytes; below that the machine is not asked
	if 4*float64(floats) < enough {
		return nil
	}
	if err := machine.Holds(4 * float64(floats)); err != nil {
		return fmt.Errorf("nn: compile: what a pass computes %w: make the network or its batch smaller (width, depth, batch)", err)
	}
	return nil
}

func (p *Program) leaf(n *Node) error {
	switch {
	case opOf(n) != nil:
		return nil
	case n.Value() == nil:
		return fmt.Errorf("nn: compile: %v is not an operator of nn and has no value", n)
	case n.Op() != nil && n.Op().Arity() != 0:
		return fmt.Errorf("nn: compile: %v is one of Gorgonia's own operators; use nn's", n)
	}
	p.buf[n] = floats(n.Value())
	return nil
}

// Run computes all outputs. An error names the operator and the parameter nearest to it.
func (p *Program) Run() (err error) {
	if p.dry {
		return fmt.Errorf("nn: a program of a graph that is only measured cannot run")
	}
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("nn: %s: %v", p.describe(p.at), e)
		}
	}()
	for i := range p.code {
		p.at = i
		c := &p.code[i]
		c.eval(c.out, c.in)
	}
	return nil
}

// RunAll implements gorgonia.VM.
func (p *Program) RunAll() error { return p.Run() }

// Reset implements gorgonia.VM; there is nothing to reset.
func (p *Program) Reset() {}

// Close implements gorgonia.VM; there is nothing to close.
func (p *Program) Close() error { return nil }

// Get returns the memory of an output, or of an input or parameter the program reads; nil for any other node. An output is valid until the
// next Run.
func (p *Program) Get(n *Node) []float32 { return p.buf[n] }
