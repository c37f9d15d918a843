package nn

import (
	"fmt"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// NewMeasure returns a graph on which networks are put together only to learn what they would take: its leaves have shapes and no memory, nothing is drawn, Data is
// nil for all of them, and programs, steps and averages made on it cannot run. Bytes is the sum.
func NewMeasure() *Graph {
	g := NewGraph(0)
	g.meter = &meter{}
	return g
}

// Measuring says whether the graph came from NewMeasure.
func (g *Graph) Measuring() bool { return g.meter != nil }

// Bytes is what everything made on a graph of NewMeasure so far would take: inputs, parameters, states, arenas of programs, the optimisers' moments, averages, and
// the nodes themselves. It is 0 for other graphs, whose memory is taken already. What the program's own collector keeps beside it is not counted.
func (g *Graph) Bytes() float64 {
	if g.meter == nil {
		return 0
	}
	return g.meter.bytes + nodeBytes*float64(len(g.g.AllNodes()))
}

// nodeBytes is about what a node and its operator take in Gorgonia's graph, unitBytes what a step of a program takes.
const nodeBytes, unitBytes = 1600, 400

// meter adds up what a measuring graph would take.
type meter struct{ bytes float64 }

// most is where measuring ends: beyond that the products of shapes would not be numbers any more.
const mostBytes = 1 << 50

// room is dims in bytes, without overflow.
func room(dims []int) float64 {
	b := 4.0
	for _, d := range dims {
		b *= float64(max(d, 1))
	}
	return b
}

// count adds floats.
func (m *meter) count(n int) { m.bytes += 4 * float64(n) }

// unmade is the value of a leaf that has no memory. It leads programs to the meter.
type unmade struct {
	shape tensor.Shape
	meter *meter
}

var _ gorgonia.Value = (*unmade)(nil)

// Shape implements gorgonia.Value.
func (u *unmade) Shape() tensor.Shape { return u.shape }

// Size implements gorgonia.Value.
func (u *unmade) Size() int { return u.shape.TotalSize() }

// Data implements gorgonia.Value; there is none.
func (u *unmade) Data() any { return []float32(nil) }

// Dtype implements gorgonia.Value.
func (u *unmade) Dtype() tensor.Dtype { return tensor.Float32 }

// Type tells Gorgonia's type system what the value would be.
func (u *unmade) Type() hm.Type { return typeOf(u.shape) }

// Uintptr implements gorgonia.Value.
func (u *unmade) Uintptr() uintptr { return 0 }

// MemSize implements gorgonia.Value.
func (u *unmade) MemSize() uintptr { return 0 }

// Format implements fmt.Formatter.
func (u *unmade) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "unmade %v", []int(u.shape)) }

// meterOf is the meter that a leaf belongs to, nil on a graph that is made.
func meterOf(n *Node) *meter {
	if u, ok := n.Value().(*unmade); ok {
		return u.meter
	}
	return nil
}
