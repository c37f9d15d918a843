package nn

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/kernel"
)

// Stats are the sizes of a program, for reports.
type Stats struct {
	Ops        int // operators run
	ArenaBytes int // memory for everything computed
	NaiveBytes int // the same without reuse
}

// Stats returns the program's sizes.
func (p *Program) Stats() Stats {
	return Stats{Ops: len(p.code), ArenaBytes: 4 * len(p.arena), NaiveBytes: 4 * p.naive}
}

// Dump writes the program, one operator a line: number, name, shape, inputs by number or name, nearest parameter.
func (p *Program) Dump(w io.Writer) error {
	number := map[*Node]int{}
	for i, c := range p.code {
		number[c.unit.node] = i
	}
	name := func(n *Node) string {
		for {
			if i, ok := number[n]; ok {
				return fmt.Sprintf("#%d", i)
			}
			if opOf(n) == nil {
				return n.Name()
			}
			n = opOf(n).args[0] // an alias
		}
	}
	for i, c := range p.code {
		var in []string
		for _, a := range c.unit.args {
			in = append(in, name(a))
		}
		if _, err := fmt.Fprintf(w, "#%d %s %v <- %s\n", i, c.unit.name, c.unit.node.Shape(), strings.Join(in, " ")); err != nil {
			return err
		}
	}
	return nil
}

// describe names instruction i for a message: the operator and where it is.
func (p *Program) describe(i int) string {
	u := p.code[i].unit
	if near := nearest(u.args); near != "" {
		return u.name + " near " + near
	}
	return u.name
}

// nearest returns the name of the leaf closest to nodes, parameters (which have a path) before inputs: nodes have no names of their own,
// because Gorgonia merges by name.
func nearest(nodes []*Node) string {
	queue, seen, input := append([]*Node(nil), nodes...), map[*Node]bool{}, ""
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if seen[n] {
			continue
		}
		seen[n] = true
		if n.Op() == nil {
			if strings.Contains(n.Name(), ".") {
				return n.Name()
			}
			if input == "" {
				input = n.Name()
			}
		}
		queue = append(queue, argsOf(n)...)
	}
	return input
}

// firstNonFinite runs the program again and returns where the first NaN or infinity appears, in a leaf or in an operator, and which of the two it is.
func (p *Program) firstNonFinite() (where string, value float32) {
	for _, c := range p.code {
		for _, a := range c.unit.args {
			if b := p.buf[a]; a.Op() == nil && b != nil {
				if i := kernel.FirstNonFinite(b); i >= 0 {
					return fmt.Sprintf("%s[%d] is %v before the step", a.Name(), i, b[i]), b[i]
				}
			}
		}
	}
	for i, c := range p.code {
		c.eval(c.out, c.in)
		if strings.HasPrefix(c.unit.name, "maxpool.index") {
			continue // integers in disguise
		}
		if j := kernel.FirstNonFinite(c.out); j >= 0 {
			return fmt.Sprintf("%s first gives %v", p.describe(i), c.out[j]), c.out[j]
		}
	}
	return "", 0
}
