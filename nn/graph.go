package nn

import (
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/rng"
)

// Graph holds the nodes of one experiment: inputs, parameters, states and everything computed from them. It is not safe for concurrent use,
// and its programs share the parameters' memory.
type Graph struct {
	g      *gorgonia.ExprGraph
	seed   uint64
	taken  map[string]bool
	params []*Node
	states []*Node
	held   float64 // bytes of the leaves, with what training adds to them
	asked  float64 // held when the machine was last asked
	meter  *meter  // of NewMeasure, else nil
}

// NewGraph returns an empty graph. Initial values are drawn from rng.Stream(seed, "init", full name), so that adding a parameter never
// changes another one.
func NewGraph(seed uint64) *Graph {
	return &Graph{g: gorgonia.NewGraph(), seed: seed, taken: map[string]bool{}}
}

// Input adds an input of zeros; fill it through Data. It panics with a *ShapeError if the name is taken: Gorgonia would silently make one
// node of two.
func (g *Graph) Input(name string, dims ...int) *Node {
	g.reserve(name, dims, 1)
	if g.meter != nil {
		return g.leaf(name, nil, dims)
	}
	return g.leaf(name, make([]float32, size(dims)), dims)
}

// reserve panics with a *ShapeError, before anything is allocated, where the machine cannot hold another leaf of so many copies beside those there are.
func (g *Graph) reserve(name string, dims []int, copies float64) {
	const enough = 64 << 20 // below that the machine is not asked
	if g.meter != nil {
		if g.meter.bytes += room(dims); g.meter.bytes > mostBytes {
			misuse(name, "shape %v: the network needs more than a million GiB of memory: make it or its batch smaller (width, depth, batch)", dims)
		}
		return
	}
	if g.held += copies * room(dims); g.held < g.asked+enough {
		return
	}
	g.asked = g.held
	if err := machine.Holds(g.held); err != nil {
		misuse(name, "shape %v: the network %v: make it or its batch smaller (width, depth, batch)", dims, err)
	}
}

func (g *Graph) leaf(name string, data []float32, dims []int) *Node {
	if name == "" || g.taken[name] {
		misuse("name "+name, "is empty or taken; every input, parameter and state needs a name of its own")
	}
	for _, d := range dims {
		if d < 1 {
			misuse(name, "shape %v has an empty axis", dims)
		}
	}
	g.taken[name] = true
	var value gorgonia.Value
	if g.meter != nil {
		value = &unmade{shape(dims...).Clone(), g.meter}
	} else {
		value = tensor.New(tensor.WithShape(dims...), tensor.WithBacking(data))
	}
	if len(dims) == 0 {
		return gorgonia.NewScalar(g.g, tensor.Float32, gorgonia.WithName(name), gorgonia.WithValue(value))
	}
	return gorgonia.NewTensor(g.g, tensor.Float32, len(dims), gorgonia.WithShape(dims...), gorgonia.WithName(name), gorgonia.WithValue(value))
}

// Data returns the live memory of an input, parameter or state: writing to it changes what the next run sees. It is nil for computed nodes, and on a graph of
// NewMeasure.
func Data(n *Node) []float32 {
	if n.Op() != nil || n.Value() == nil {
		return nil
	}
	return floats(n.Value())
}

// Scope returns the root scope of a network, for example "d".
func (g *Graph) Scope(path string) *Scope { return &Scope{g: g, path: path} }

// Scope is a place in the tree of names; layers create their parameters in it.
type Scope struct {
	g     *Graph
	path  string
	given map[string]*Node // by full name; see With
	fill  *Init            // see Filled
}

// Sub returns the scope below this one.
func (s *Scope) Sub(name string) *Scope {
	return &Scope{g: s.g, path: s.join(name), given: s.given, fill: s.fill}
}

// Filled returns a view of the scope in which the weights of layers are filled by i where no option says otherwise.
func (s *Scope) Filled(i Init) *Scope {
	v := *s
	v.fill = &i
	return &v
}

// Path returns the scope's full name, for example "d.c1".
func (s *Scope) Path() string { return s.path }

// Graph returns the graph the scope belongs to.
func (s *Scope) Graph() *Graph { return s.g }

func (s *Scope) join(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// Param adds a trainable parameter named path.name.
func (s *Scope) Param(name string, init Init, dims ...int) *Node {
	in, out := fans(dims)
	return s.param(name, init, in, out, dims)
}

func (s *Scope) param(name string, init Init, fanIn, fanOut int, dims []int) *Node {
	if s.given != nil {
		return s.lookup(name, dims)
	}
	n := s.initialised(name, init, fanIn, fanOut, dims)
	s.g.params = append(s.g.params, n)
	return n
}

// State adds a value that travels with the model but is not trained: a running statistic, a power-iteration vector.
func (s *Scope) State(name string, init Init, dims ...int) *Node {
	if s.given != nil {
		return s.lookup(name, dims)
	}
	in, out := fans(dims)
	n := s.initialised(name, init, in, out, dims)
	s.g.states = append(s.g.states, n)
	return n
}

func (s *Scope) initialised(name string, init Init, fanIn, fanOut int, dims []int) *Node {
	full := s.join(name)
	if len(dims) == 0 {
		misuse(full, "needs a shape; use a vector of 1 for a scalar")
	}
	s.g.reserve(full, dims, 3) // itself, its gradient, at least one moment
	if s.g.meter != nil {
		return s.g.leaf(full, nil, dims)
	}
	data := make([]float32, size(dims))
	init.fill(rng.Stream(s.g.seed, "init", full), data, dims, fanIn, fanOut)
	return s.g.leaf(full, data, dims)
}

// Params returns the trainable parameters at or below the scope, in the order of their creation.
func (s *Scope) Params() []*Node { return s.below(s.g.params) }

// States returns the states at or below the scope, in the order of their creation.
func (s *Scope) States() []*Node { return s.below(s.g.states) }

func (s *Scope) below(all []*Node) (r []*Node) {
	for _, n := range all {
		if s.path == "" || strings.HasPrefix(n.Name(), s.path+".") {
			r = append(r, n)
		}
	}
	return r
}

// Count returns the number of scalars in nodes.
func Count(nodes []*Node) int {
	c := 0
	for _, n := range nodes {
		c += sizeOf(n)
	}
	return c
}
