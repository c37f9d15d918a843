package nn

// unit is one step of a program before memory is assigned: a node and how to compute it.
type unit struct {
	node    *Node
	name    string
	args    []*Node
	eval    evalFunc
	inplace []int
	alias   bool
}

// units turns nodes into steps. An activation is fused into the product, convolution or normalisation before it if nothing else needs the
// value in between; the gradients of the activations are functions of their result, so training does not need it either. Fusion does not
// change a bit: the kernel applies the same function to the same number. Evaluators, which may have memory of their own, are made where run asks for them.
func units(order, outputs []*Node, run bool) []unit {
	uses := map[*Node]int{}
	for _, n := range order {
		for _, c := range argsOf(n) {
			uses[c]++
		}
	}
	for _, n := range outputs {
		uses[n] += 2
	}
	fused := map[*Node]bool{}
	for _, n := range order {
		if p := producer(n); p != nil && uses[p] == 1 {
			fused[p] = true
		}
	}
	var us []unit
	for _, n := range order {
		o := opOf(n)
		if o == nil || fused[n] {
			continue
		}
		if p := producer(n); p != nil && fused[p] {
			q := opOf(p)
			us = append(us, unit{n, q.name + "+" + o.name, q.args, nil, q.inplace, false})
			if run {
				us[len(us)-1].eval = q.fuse(*o.act)
			}
			continue
		}
		us = append(us, unit{n, o.name, o.args, nil, o.inplace, o.alias})
		if run && !o.alias {
			us[len(us)-1].eval = o.evaluator()
		}
	}
	return us
}

// producer returns the input of an activation if its operator can apply the activation itself.
func producer(n *Node) *Node {
	o := opOf(n)
	if o == nil || o.act == nil {
		return nil
	}
	if p := o.args[0]; opOf(p) != nil && opOf(p).fuse != nil {
		return p
	}
	return nil
}
