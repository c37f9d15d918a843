package nn

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-gan/assay/internal/kernel"
)

// Node is a node of the expression graph: a value with a shape, float32.
type Node = gorgonia.Node

// evalFunc computes one operator: out from in. It never changes in and writes all of out.
type evalFunc func(out []float32, in [][]float32)

// Op is one operator: a pure function with static shapes. It implements Gorgonia's operator interfaces, so that Gorgonia's own machines can
// run it too.
type Op struct {
	name    string // with every attribute that changes the result: Gorgonia identifies nodes by it
	salt    int    // tells nodes apart whose hashes collide
	args    []*Node
	in      []tensor.Shape
	out     tensor.Shape
	wrt     []bool                      // inputs with a derivative; nil means none
	inplace []int                       // inputs whose dying buffer may become the output
	alias   bool                        // the output is input 0 under another shape, or a piece of it:
	from    int                         // where an alias begins
	pad     *padding                    // set on padded slices, which gradients join
	eval    evalFunc                    // stateless evaluator, or
	bind    func() evalFunc             // a maker of evaluators with scratch memory of their own
	diff    func(y, g *Node) []*Node    // the derivative of g.y with respect to each input; nil where there is none
	fuse    func(a activation) evalFunc // evaluator followed by an activation; nil if it cannot
	onto    evalFunc                    // evaluator that adds to what the output holds, with the bits of a sum; nil if it cannot
	act     *activation                 // set on activations that can be fused into their producer
	update  *update                     // a state to be updated once per training step
	mask    *maskInfo                   // a dropout mask among the inputs
}

// activation is a pointwise function an epilogue can apply.
type activation struct {
	kind  kernel.Act
	alpha float32
}

var (
	_ gorgonia.SDOp            = (*Op)(nil)
	_ gorgonia.UsePreallocDoer = (*Op)(nil)
)

func typeOf(s tensor.Shape) hm.Type {
	if len(s) == 0 {
		return tensor.Float32
	}
	return gorgonia.TensorType{Dims: len(s), Of: tensor.Float32}
}

// Arity is the number of inputs.
func (o *Op) Arity() int { return len(o.in) }

// Type is the signature. It is a fresh value on every call because Gorgonia gives it back to a pool.
func (o *Op) Type() hm.Type {
	t := make([]hm.Type, 0, len(o.in)+1)
	for _, s := range o.in {
		t = append(t, typeOf(s))
	}
	return hm.NewFnType(append(t, typeOf(o.out))...)
}

// InferShape returns the static output shape.
func (o *Op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.out.Clone(), nil }

// ReturnsPtr and CallsExtern together make the tape machine allocate the output before the call.
func (o *Op) ReturnsPtr() bool { return true }

// CallsExtern goes with ReturnsPtr.
func (o *Op) CallsExtern() bool { return true }

// OverwritesInput says that no input is ever changed.
func (o *Op) OverwritesInput() int { return -1 }

// String returns the operator's name with its attributes.
func (o *Op) String() string { return o.name }

// WriteHash writes everything that makes this operator differ from others.
func (o *Op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "nn.%s#%d%v%v", o.name, o.salt, o.in, o.out) }

// Hashcode is the 32-bit hash of WriteHash.
func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// DiffWRT says which inputs have a derivative.
func (o *Op) DiffWRT(int) []bool {
	if o.wrt == nil {
		return make([]bool, len(o.in))
	}
	return o.wrt
}

// SymDiff builds the derivatives of the inputs from the gradient g of the output y.
func (o *Op) SymDiff(_ gorgonia.Nodes, y, g *Node) (r gorgonia.Nodes, err error) {
	if o.diff == nil {
		return nil, fmt.Errorf("nn: %s has no derivative", o.name)
	}
	err = Try(func() error { r = o.diff(y, g); return nil })
	if err != nil {
		err = fmt.Errorf("nn: derivative of %s: %w", o.name, err)
	}
	return r, err
}

// evaluator returns a function that computes this operator; it may own scratch memory.
func (o *Op) evaluator() evalFunc {
	if o.bind != nil {
		return o.bind()
	}
	return o.eval
}

// Do computes the operator into new memory, for Gorgonia's machines.
func (o *Op) Do(vs ...gorgonia.Value) (gorgonia.Value, error) {
	if len(o.out) == 0 {
		return o.UsePreallocDo(gorgonia.NewF32(0), vs...)
	}
	return o.UsePreallocDo(tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(o.out...)), vs...)
}

// UsePreallocDo computes the operator into p, for Gorgonia's machines.
func (o *Op) UsePreallocDo(p gorgonia.Value, vs ...gorgonia.Value) (gorgonia.Value, error) {
	in := make([][]float32, len(vs))
	for i, v := range vs {
		in[i] = floats(v)
	}
	out := make([]float32, 1)
	if len(o.out) > 0 {
		out = floats(p)
	}
	if o.alias {
		copy(out, in[0][o.from:])
	} else {
		o.evaluator()(out, in)
	}
	if len(o.out) == 0 {
		return gorgonia.NewF32(out[0]), nil
	}
	return p, nil
}

// floats returns the memory behind a value; a Gorgonia scalar is copied.
func floats(v gorgonia.Value) []float32 {
	switch t := v.(type) {
	case *tensor.Dense:
		return t.Float32s()
	case *gorgonia.F32:
		return []float32{float32(*t)}
	case *unmade:
		return nil
	}
	panic(fmt.Sprintf("nn: a value of type %T", v))
}

// apply makes the node of an operator on its inputs. Equal operators on equal inputs are one node. Gorgonia compares 32-bit hashes only, so a
// node that came back with other inputs is a collision: the operator then gets a salt and is applied again.
func apply(o *Op, in ...*Node) *Node {
	o.args = in
	for _, n := range in {
		o.in = append(o.in, n.Shape())
	}
	for ; ; o.salt++ {
		n, err := gorgonia.ApplyOp(o, in...)
		if err != nil {
			panic(&ShapeError{Op: o.name, Problem: err.Error()})
		}
		if got, ok := n.Op().(*Op); ok && got.same(o) {
			return n
		}
	}
}

func (o *Op) same(p *Op) bool {
	if o == p {
		return true
	}
	if o.name != p.name || len(o.args) != len(p.args) || !o.out.Eq(p.out) {
		return false
	}
	for i := range o.args {
		if o.args[i] != p.args[i] {
			return false
		}
	}
	return true
}

// opOf returns the operator of a node, nil for inputs, parameters and constants.
func opOf(n *Node) *Op {
	o, _ := n.Op().(*Op)
	return o
}

func argsOf(n *Node) []*Node {
	if o := opOf(n); o != nil {
		return o.args
	}
	return nil
}
