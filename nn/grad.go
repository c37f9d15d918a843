package nn

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// constant returns the scalar v as a node of n's graph.
func constant(n *Node, v float32) *Node { return n.Graph().AddNode(gorgonia.NewConstant(v)) }

// topo lists the ancestors of roots and the roots, children first.
func topo(roots ...*Node) []*Node { return topoUntil(nil, roots...) }

// topoUntil is topo without the nodes of cut and what only they need.
func topoUntil(cut map[*Node]bool, roots ...*Node) []*Node {
	var order []*Node
	seen := map[*Node]bool{}
	var visit func(n *Node)
	visit = func(n *Node) {
		if seen[n] || cut[n] {
			return
		}
		seen[n] = true
		for _, c := range argsOf(n) {
			visit(c)
		}
		order = append(order, n)
	}
	for _, r := range roots {
		visit(r)
	}
	return order
}

// Grad returns the gradients of a scalar loss with respect to any nodes. It keeps nothing on the graph, so it may be called any number of
// times and on its own results. It is an error if the loss does not depend on one of the nodes.
func Grad(loss *Node, wrt ...*Node) (grads []*Node, err error) {
	if sizeOf(loss) != 1 || len(loss.Shape()) != 0 {
		return nil, fmt.Errorf("nn: gradient of shape %v: take Sum or Mean first", loss.Shape())
	}
	err = Try(func() error { grads = pullback(loss, constant(loss, 1), wrt...); return nil })
	if err != nil {
		return nil, err
	}
	for i, g := range grads {
		if g == nil {
			return nil, fmt.Errorf("nn: the loss does not depend on %s", label(wrt[i]))
		}
	}
	return grads, nil
}

// MustGrad is Grad for formulas such as a gradient penalty: it panics with a *ShapeError, which Try turns into an error.
func MustGrad(loss *Node, wrt ...*Node) []*Node {
	g, err := Grad(loss, wrt...)
	if err != nil {
		misuse("grad", "%v", err)
	}
	return g
}

// label names a node for a message.
func label(n *Node) string {
	if o := opOf(n); o != nil {
		return o.name
	}
	return n.Name()
}

// pullback returns the gradients of y.seed with respect to nodes, nil where y does not depend on one. They are total derivatives: if one of
// the nodes depends on another, that path counts.
func pullback(y, seed *Node, wrt ...*Node) []*Node {
	return backward(topo(y), y, seed, wrt)
}

// partials is pullback with the nodes held independent of each other: the chain rule inside an operator that is expanded.
func partials(y, seed *Node, wrt ...*Node) []*Node {
	cut := map[*Node]bool{}
	for _, w := range wrt {
		cut[w] = true
	}
	return backward(topoUntil(cut, y), y, seed, wrt)
}

func backward(order []*Node, y, seed *Node, wrt []*Node) []*Node {
	need := dependents(order, wrt)
	acc := map[*Node][]*Node{y: {seed}}
	for i := len(order) - 1; i >= 0; i-- {
		n := order[i]
		o := opOf(n)
		if len(acc[n]) == 0 || o == nil || !need[n] {
			continue
		}
		if o.diff == nil {
			continue
		}
		gs := o.diff(n, total(acc, n))
		for j, c := range o.args {
			if o.wrt[j] && need[c] && gs[j] != nil {
				acc[c] = append(acc[c], gs[j])
			}
		}
	}
	r := make([]*Node, len(wrt))
	for i, w := range wrt {
		if need[y] && len(acc[w]) > 0 {
			r[i] = total(acc, w)
		}
	}
	return r
}

// total adds the shares of n's gradient in the order of their arrival and leaves the sum in their place. Shares of slices that follow each other are joined, not added:
// where a recurrent network cuts its input into places, each sum of padded shares would go over all places.
func total(acc map[*Node][]*Node, n *Node) *Node {
	var sum *Node
	for gs := acc[n]; len(gs) > 0; {
		k := disjoint(gs)
		g := gs[0]
		if k > 1 {
			g = join(gs[:k])
		}
		if gs = gs[k:]; sum == nil {
			sum = g
		} else {
			sum = Add(sum, g)
		}
	}
	acc[n] = []*Node{sum}
	return sum
}

// dependents marks the nodes that depend on one of wrt along differentiable inputs.
func dependents(order, wrt []*Node) map[*Node]bool {
	need := map[*Node]bool{}
	for _, w := range wrt {
		need[w] = true
	}
	for _, n := range order {
		o := opOf(n)
		if o == nil || need[n] || o.wrt == nil {
			continue
		}
		for j, c := range o.args {
			if o.wrt[j] && need[c] {
				need[n] = true
			}
		}
	}
	return need
}
