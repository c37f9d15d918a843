package nn

import "slices"

// unit is one step of a program before memory is assigned: a node and how to compute it.
type unit struct {
	node    *Node
	name    string
	args    []*Node
	eval    evalFunc
	inplace []int
	alias   bool
	from    int // where an alias begins
}

// units turns nodes into steps. An activation is fused into the product, convolution or normalisation before it if nothing else needs the
// value in between; the gradients of the activations are functions of their result, so training does not need it either. A sum is fused into the product
// that is one of its terms. Fusion does not change a bit: the kernel applies the same function to the same number. Evaluators, which may have memory of their own, are made where run asks for them.
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
	fused, term := map[*Node]bool{}, map[*Node]int{}
	for _, n := range order {
		if p := producer(n); p != nil && uses[p] == 1 {
			fused[p] = true
		}
		if o := opOf(n); o != nil && o.name == addName {
			for _, i := range []int{1, 0} { // the last term of a running sum
				if p := opOf(o.args[i]); p != nil && p.onto != nil && uses[o.args[i]] == 1 {
					fused[o.args[i]], term[n] = true, i
					break
				}
			}
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
			us = append(us, unit{node: n, name: q.name + "+" + o.name, args: q.args, inplace: q.inplace})
			if run {
				us[len(us)-1].eval = q.fuse(*o.act)
			}
			continue
		}
		if i, ok := term[n]; ok {
			us = append(us, summed(n, opOf(o.args[i]), o.args[1-i], o.name))
			continue
		}
		us = append(us, unit{node: n, name: o.name, args: o.args, inplace: o.inplace, alias: o.alias, from: o.from})
		if run && !o.alias {
			us[len(us)-1].eval = o.evaluator()
		}
	}
	return us
}

// summed is the sum of another node and a product, which is added to it in place.
func summed(n *Node, q *Op, other *Node, name string) unit {
	k := len(q.args)
	return unit{node: n, name: q.name + "+" + name, args: append(slices.Clone(q.args), other), inplace: []int{k}, eval: func(o []float32, in [][]float32) {
		if &o[0] != &in[k][0] {
			copy(o, in[k])
		}
		q.onto(o, in[:k])
	}}
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
