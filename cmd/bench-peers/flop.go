package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/nn"
)

// An operator in a program's dump: "#12 linear (64, 1) <- #3 d.fc.w d.fc.b", a convolution with its geometry in the name.
var (
	dumped   = regexp.MustCompile(`^#(\d+) (\S+) \(([^)]*)\) <- (.*)$`)
	geometry = regexp.MustCompile(`^(?:conv2d|convtranspose2d|convweight)\((\d+)x(\d+)/(\d+)x(\d+)\+(\d+)x(\d+),(\d+)x(\d+)x(\d+)>(\d+)\)`)
)

// flop counts the matrix products and convolutions of one training step, two operations to a multiply-add: what no kernel can do without, short of
// another algorithm. Everything elementwise is left out.
func (n *net) flop() float64 {
	sizes := map[string]int{}
	for _, x := range append(n.params(), n.inputs...) {
		sizes[x.Name()] = len(nn.Data(x))
	}
	batch := n.inputs[0].Shape()[0]
	total := 0.0
	for _, t := range n.turns {
		var b strings.Builder
		if err := t.step.Program().Dump(&b); err != nil {
			return 0
		}
		for line := range strings.Lines(b.String()) {
			total += flopOf(strings.TrimSpace(line), batch, sizes)
		}
	}
	return total
}

// flopOf is the cost of one line of a dump; it files the size of the result under its number.
func flopOf(line string, batch int, sizes map[string]int) float64 {
	m := dumped.FindStringSubmatch(line)
	if m == nil {
		return 0
	}
	size, rows := 1, 0
	for i, d := range strings.Split(m[3], ",") {
		v, err := strconv.Atoi(strings.TrimSpace(d))
		if err != nil {
			v = 1
		}
		if i == 0 {
			rows = v
		}
		size *= v
	}
	sizes["#"+m[1]] = size
	if g := geometry.FindStringSubmatch(m[2]); g != nil {
		var v [10]int
		for i := range v {
			v[i], _ = strconv.Atoi(g[i+1]) // digits by the expression
		}
		oh, ow := (v[6]+2*v[4]-v[0])/v[2]+1, (v[7]+2*v[5]-v[1])/v[3]+1
		return 2 * float64(batch*oh*ow) * float64(v[0]*v[1]*v[8]*v[9])
	}
	if strings.HasPrefix(m[2], "linear") || strings.HasPrefix(m[2], "matmul") {
		first, _, _ := strings.Cut(m[4], " ")
		return 2 * float64(size) * float64(sizes[first]) / float64(max(rows, 1))
	}
	return 0
}
