package nn

import (
	"fmt"

	"gorgonia.org/tensor"
)

// ShapeError says which operator or layer was given what it cannot take. Constructors of nodes and layers panic with it; Try returns it.
type ShapeError struct {
	Op      string // operator or full name of the layer
	Problem string
}

// Error implements error.
func (e *ShapeError) Error() string { return "nn: " + e.Op + ": " + e.Problem }

// Try runs f, which builds nodes, and returns its error or the *ShapeError it panicked with. Any other panic goes on.
func Try(f func() error) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *ShapeError:
			err = e
		default:
			panic(e)
		}
	}()
	return f()
}

func misuse(op, format string, a ...any) {
	panic(&ShapeError{Op: op, Problem: fmt.Sprintf(format, a...)})
}

// ---- shapes ----

func shape(d ...int) tensor.Shape { return tensor.Shape(d) }

func size(d []int) int {
	n := 1
	for _, v := range d {
		n *= v
	}
	return n
}

func sizeOf(n *Node) int { return size(n.Shape()) }

// rowsOf views a node as one row per sample, colsOf as one column per channel.
func rowsOf(op string, x *Node) (n, l int) {
	s := x.Shape()
	if len(s) == 0 {
		misuse(op, "needs at least one axis, got a scalar")
	}
	return s[0], size(s[1:])
}

func colsOf(op string, x *Node) (r, c int) {
	s := x.Shape()
	if len(s) == 0 {
		misuse(op, "needs at least one axis, got a scalar")
	}
	return size(s[:len(s)-1]), s[len(s)-1]
}

func sameShape(op string, a, b *Node) {
	if !a.Shape().Eq(b.Shape()) {
		misuse(op, "shapes %v and %v differ", a.Shape(), b.Shape())
	}
}

func wantRank(op string, x *Node, rank int) tensor.Shape {
	s := x.Shape()
	if len(s) != rank {
		misuse(op, "needs %d axes, got shape %v", rank, s)
	}
	return s
}

func wantVector(op string, v *Node, n int) {
	if s := v.Shape(); len(s) != 1 || s[0] != n {
		misuse(op, "needs a vector of %d, got shape %v", n, s)
	}
}
