package nn

import "slices"

// With returns a view of the scope for building a network a second time: where params names a parameter, the layers get the node of the same place
// in values, which may be computed; every other parameter and state is the one that exists. So a loss can be taken at weights that are a formula, such
// as w - eta dL/dw, and differentiated through it. Running statistics move with the original network only.
func (s *Scope) With(params, values []*Node) *Scope {
	if len(params) != len(values) {
		misuse(s.path, "%d values for %d parameters", len(values), len(params))
	}
	given := map[string]*Node{}
	for _, n := range s.g.Scope("").Params() {
		given[n.Name()] = n
	}
	for _, n := range s.g.Scope("").States() {
		given[n.Name()] = n
	}
	for i, p := range params {
		if !slices.Equal(p.Shape(), values[i].Shape()) {
			misuse(p.Name(), "has shape %v, the value given for it %v", p.Shape(), values[i].Shape())
		}
		given[p.Name()] = values[i]
	}
	return &Scope{g: s.g, path: s.path, given: given, fill: s.fill}
}

// lookup is the node of a view made by With.
func (s *Scope) lookup(name string, dims []int) *Node {
	n := s.given[s.join(name)]
	if n == nil || !slices.Equal(n.Shape(), dims) {
		misuse(s.join(name), "is not a parameter or state of shape %v that could be replaced", dims)
	}
	return n
}
