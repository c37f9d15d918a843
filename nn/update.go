package nn

// update is the change a training step makes to a state from a computed value, for example a running mean from a batch mean. Operators are
// pure, so the change is data on a node; a Step applies it after a run, if the node is part of its loss and it trains the owner.
type update struct {
	state *Node
	owner []*Node // parameters of the layer; the update is theirs
	apply func(state, value []float32)
}

// tracked returns value with an update attached. The state's name is part of the node's name: two layers on one value stay two nodes.
func tracked(value *Node, us ...update) *Node {
	for _, u := range us {
		u := u
		value = apply(&Op{name: "track(" + u.state.Name() + ")", out: value.Shape(), wrt: yes[:1], alias: true, update: &u,
			diff: func(_, g *Node) []*Node { return []*Node{g} }}, value)
	}
	return value
}
