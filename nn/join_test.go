package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// recurrent is a small loss in which one node is cut into places and each place into gates, as recurrent networks do.
func recurrent(g *Graph) (loss *Node, leaves []*Node) {
	const places, n, k = 5, 3, 4
	l := NewLSTM(g.Scope("l"), 6, k)
	x := g.Input("x", places*n, 6)
	h, c := g.Input("h", n, k), g.Input("c", n, k)
	for i, leaf := range []*Node{x, h, c} {
		spread(rng.Stream(uint64(i), "recurrent"), Data(leaf))
	}
	gates := l.Gates(x)
	for t := range places {
		h, c = l.Step(Slice(gates, 0, t*n, (t+1)*n), h, c)
	}
	return Add(Mean(Square(h)), Mean(c)), append(g.Scope("l").Params(), x)
}

// Gradients of a node that is cut into pieces are joined in one pass; Gorgonia's machine, which knows nothing of pieces that share memory or of sums in
// place, gives the same bits.
func TestRecurrentEqualsTapeMachine(t *testing.T) {
	loss, leaves := recurrent(NewGraph(2))
	grads, err := Grad(loss, leaves...)
	if err != nil {
		t.Fatal(err)
	}
	outs := append([]*Node{loss}, grads...)
	p, err := Compile(outs...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range tape(t, outs) {
		if !equalBits(p.Get(outs[i]), want) {
			t.Errorf("output %d (%s): program %v, tape machine %v", i, label(outs[i]), p.Get(outs[i]), want)
		}
	}
	var text strings.Builder
	if err := p.Dump(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"join(", "matmul(false,false)+add", "matmul(true,false)+add"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the program has no %s:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "pad(") {
		t.Errorf("the program pads:\n%s", text.String())
	}
}

// A join has the bits of the sum that it stands for: in gaps, of -0, of NaN, with any order of its pieces.
func TestJoinIsTheSum(t *testing.T) {
	negative := float32(math.Copysign(0, -1))
	for _, axis := range []int{0, 1} {
		g := NewGraph(1)
		var pads, xs []*Node
		for i, lo := range []int{5, 0, 3} { // 1, 2 and 7 are gaps
			dims := []int{4, 4}
			dims[axis] = 2 - i%2
			x := g.Input(named("x%d", i), dims...)
			spread(rng.Stream(uint64(i), "join"), Data(x))
			Data(x)[0], Data(x)[1] = negative, float32(math.NaN())
			xs, pads = append(xs, x), append(pads, Pad(x, axis, lo, 8))
		}
		if n := disjoint(pads); n != 3 {
			t.Fatalf("axis %d: %d of 3 pieces may be joined", axis, n)
		}
		sum := Add(Add(pads[0], pads[1]), pads[2])
		v := values(t, join(pads), sum)
		if !equalBits(v[0], v[1]) {
			t.Errorf("axis %d:\n%v, want\n%v", axis, v[0], v[1])
		}
		meets := append(pads, Pad(xs[1], axis, 6, 8))
		if n := disjoint(meets); n != 3 {
			t.Errorf("axis %d: %d pieces, the last of which meets the first", axis, n)
		}
		if n := disjoint([]*Node{sum, pads[0]}); n != 1 {
			t.Errorf("%d: a sum is no piece", n)
		}
	}
}

// A product deeper than one chain is added by itself: fused, what is there would enter before its last chain.
func TestDeepProductsAreNotAddedInPlace(t *testing.T) {
	for _, deep := range []int{256, 257} {
		g := NewGraph(1)
		a, b, c := g.Input("a", 3, deep), g.Input("b", deep, 9), g.Input("c", 3, 9)
		for i, x := range []*Node{a, b, c} {
			spread(rng.Stream(uint64(i), "deep"), Data(x))
		}
		y := Add(MatMul(a, b, false, false), c)
		p, err := Compile(y)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if n, want := len(p.code), 1+deep-256; n != want {
			t.Errorf("depth %d: %d instructions, want %d", deep, n, want)
		}
		if want := tape(t, []*Node{y})[0]; !equalBits(p.Get(y), want) {
			t.Errorf("depth %d: %v, want %v", deep, p.Get(y), want)
		}
	}
}
