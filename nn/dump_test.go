package nn

import (
	"strings"
	"testing"
)

// TestDump: the text of a program of one fused layer and a mean, and its sizes: 2x4 floats for the layer, one for the sum, which becomes the mean
// in place, each on a line of 64 bytes.
func TestDump(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x", 2, 3)
	y := Mean(Seq(Dense(g.Scope("d").Sub("fc"), 3, 4), To(2, 2), ReLU).Forward(x, Train))
	p, err := Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := p.Dump(&b); err != nil {
		t.Fatal(err)
	}
	want := "#0 linear (2, 4) <- x d.fc.w d.fc.b\n#1 leakyrelu(0) (2, 2, 2) <- #0\n#2 sum () <- #1\n#3 affine(0.125,0) () <- #2\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if s := p.Stats(); s != (Stats{Ops: 4, ArenaBytes: 4 * 32, NaiveBytes: 4 * (8 + 8 + 1 + 1)}) {
		t.Errorf("sizes %+v", s)
	}
}
