package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// Tolerances, relative to the largest element of what is compared. The reference is float64, its difference quotients are good to 1e-7; what is
// left is float32 rounding in the operator.
const (
	tolForward = 1e-5
	tolFirst   = 5e-5
	tolSecond  = 3e-4
	stepFirst  = 1e-5 // of central differences
	stepSecond = 3e-4 // of mixed central differences
)

// opCase is one operator or layer with an independent float64 reference.
type opCase struct {
	name  string
	in    [][]int                            // shapes of the inputs
	fill  []func(r *rng.Source, x []float32) // how to fill them; nil: magnitudes in [.3, 1.3], both signs
	fixed []bool                             // inputs without a derivative (indices)
	build func(s *Scope, in []*Node) *Node   // parameters made in the scope become further inputs, in order
	vec   func(in [][]float64) []float64
	flat  bool // no derivative by design
}

func spread(r *rng.Source, x []float32) {
	for i := range x {
		x[i] = .3 + r.Float32()
		if r.IntN(2) == 0 {
			x[i] = -x[i]
		}
	}
}

func positiveFill(r *rng.Source, x []float32) { r.FillUniform(x, .4, 1.6) }

// distinct fills with a permutation of numbers .1 apart, so that no maximum is close to another.
func distinct(r *rng.Source, x []float32) {
	for i, p := range r.Perm(len(x)) {
		x[i] = .1*float32(p) - 1
	}
}

func classes(k int) func(r *rng.Source, x []float32) {
	return func(r *rng.Source, x []float32) {
		for i := range x {
			x[i] = float32(r.IntN(k))
		}
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func dot64(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// closeTo compares with a tolerance relative to the largest element.
func closeTo(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	scale := 1e-3
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i := range want {
		if e := math.Abs(float64(got[i])-want[i]) / scale; !(e <= tol) {
			t.Errorf("%s: element %d is %v, want %v (error %.2g of the largest)", what, i, got[i], want[i], e)
			return
		}
	}
}

type builtCase struct {
	y     *Node
	in    []*Node
	x     [][]float64
	fixed []bool
}

func (c opCase) make(t *testing.T) builtCase {
	t.Helper()
	r := rng.Stream(11, "case", c.name)
	g := NewGraph(11)
	b := builtCase{}
	for i, d := range c.in {
		n := g.Input(string(rune('a'+i)), d...)
		fill := spread
		if i < len(c.fill) && c.fill[i] != nil {
			fill = c.fill[i]
		}
		fill(r, Data(n))
		b.in = append(b.in, n)
		b.fixed = append(b.fixed, i < len(c.fixed) && c.fixed[i])
	}
	s := g.Scope("l")
	b.y = c.build(s, slices.Clone(b.in))
	for _, p := range s.Params() {
		spread(r, Data(p))
		b.in, b.fixed = append(b.in, p), append(b.fixed, false)
	}
	for _, n := range b.in {
		b.x = append(b.x, widen(Data(n)))
	}
	return b
}

// direction returns random inputs to move along; fixed inputs do not move.
func (b builtCase) direction(r *rng.Source) [][]float64 {
	var c [][]float64
	for i, x := range b.x {
		d := make([]float64, len(x))
		for j := range d {
			if !b.fixed[i] {
				d[j] = r.Float64() - .5
			}
		}
		c = append(c, d)
	}
	return c
}

// moved returns x + e c.
func moved(x, c [][]float64, e float64) [][]float64 {
	var y [][]float64
	for i := range x {
		v := slices.Clone(x[i])
		for j := range v {
			v[j] += e * c[i][j]
		}
		y = append(y, v)
	}
	return y
}

// TestOperators holds every operator and layer to a float64 reference: its value, its first derivative, and the derivative of its derivative with
// respect to the inputs and to the incoming gradient.
func TestOperators(t *testing.T) {
	for _, c := range opCases() {
		t.Run(c.name, func(t *testing.T) {
			b := c.make(t)
			r := rng.Stream(12, "case", c.name)
			want := c.vec(b.x)
			weight := make([]float32, len(want))
			spread(r, weight)
			uw := widen(weight)
			check := func(outs []*Node) [][]float32 {
				p, err := Compile(outs...)
				if err != nil {
					t.Fatal(err)
				}
				if err := p.Run(); err != nil {
					t.Fatal(err)
				}
				var v [][]float32
				for _, o := range outs {
					v = append(v, slices.Clone(p.Get(o)))
				}
				return v
			}
			closeTo(t, "value", check([]*Node{b.y})[0], want, tolForward)
			wn := leafLike(b.y, "weight", weight)
			loss := weighted(b.y, wn)
			grads := pullback(loss, constant(loss, 1), b.in...)
			if c.flat {
				for _, g := range grads {
					if g != nil {
						t.Errorf("has a derivative: %s", label(g))
					}
				}
				return
			}
			b.first(t, c, grads, uw, check)
			b.second(t, c, grads, wn, uw, r, check)
		})
	}
}

// leafLike adds an input of a node's shape.
func leafLike(n *Node, name string, data []float32) *Node {
	g := &Graph{g: n.Graph(), taken: map[string]bool{}}
	return g.leaf(name, data, n.Shape())
}

func weighted(y, w *Node) *Node {
	if len(y.Shape()) == 0 {
		return Mul(y, w)
	}
	return Sum(Mul(y, w))
}

func (b builtCase) first(t *testing.T, c opCase, grads []*Node, w []float64, run func([]*Node) [][]float32) {
	t.Helper()
	for i, g := range grads {
		if b.fixed[i] {
			if g != nil {
				t.Errorf("input %d should have no derivative", i)
			}
			continue
		}
		if g == nil {
			t.Fatalf("no derivative for input %d", i)
		}
		want := make([]float64, len(b.x[i]))
		for j := range want {
			old := b.x[i][j]
			b.x[i][j] = old + stepFirst
			hi := dot64(w, c.vec(b.x))
			b.x[i][j] = old - stepFirst
			lo := dot64(w, c.vec(b.x))
			b.x[i][j] = old
			want[j] = (hi - lo) / (2 * stepFirst)
		}
		closeTo(t, named("first derivative of input %d", i), run([]*Node{g})[0], want, tolFirst)
	}
}

// second compares the gradient of s = sum_i c_i . grad_i with mixed differences of the reference: s is the derivative of w . f along c.
func (b builtCase) second(t *testing.T, c opCase, grads []*Node, wn *Node, w []float64, r *rng.Source, run func([]*Node) [][]float32) {
	t.Helper()
	dir := b.direction(r)
	var s *Node
	for i, g := range grads {
		if g == nil {
			continue
		}
		d := make([]float32, len(dir[i]))
		narrow(d, dir[i])
		dir[i] = widen(d)
		term := weighted(g, leafLike(g, named("direction%d", i), d))
		if s == nil {
			s = term
		} else {
			s = Add(s, term)
		}
	}
	along := func(x [][]float64) float64 {
		return (dot64(w, c.vec(moved(x, dir, stepSecond))) - dot64(w, c.vec(moved(x, dir, -stepSecond)))) / (2 * stepSecond)
	}
	seconds := pullback(s, constant(s, 1), append(slices.Clone(b.in), wn)...)
	hi, lo := c.vec(moved(b.x, dir, stepSecond)), c.vec(moved(b.x, dir, -stepSecond))
	jvp := make([]float64, len(hi))
	for i := range jvp {
		jvp[i] = (hi[i] - lo[i]) / (2 * stepSecond)
	}
	last := len(seconds) - 1
	if seconds[last] == nil {
		t.Fatal("the derivative does not depend on the incoming gradient")
	}
	closeTo(t, "derivative along the incoming gradient", run([]*Node{seconds[last]})[0], jvp, tolFirst*2)
	for i, g := range seconds[:last] {
		want := make([]float64, len(b.x[i]))
		if b.fixed[i] {
			continue
		}
		for j := range want {
			old := b.x[i][j]
			b.x[i][j] = old + stepSecond
			hi := along(b.x)
			b.x[i][j] = old - stepSecond
			lo := along(b.x)
			b.x[i][j] = old
			want[j] = (hi - lo) / (2 * stepSecond)
		}
		got := make([]float32, len(want))
		if g != nil {
			got = run([]*Node{g})[0]
		}
		closeTo(t, named("second derivative of input %d", i), got, want, tolSecond)
	}
}

// TestEveryOperatorHasACase reads the package: every exported function or variable that makes a node, an activation or a layer is in the table.
func TestEveryOperatorHasACase(t *testing.T) {
	have := map[string]bool{}
	for _, c := range opCases() {
		name, _, _ := strings.Cut(c.name, "/")
		have[name] = true
	}
	elsewhere := map[string]string{
		"Seq":           "composition, used by every net test",
		"TimeEmbedding": "TestUNetAsInPyTorch; its unit of a thousandth is beyond the steps of this table",
		"Dropout":       "TestDropout: its mask is drawn",
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			for _, name := range makers(d) {
				found++
				if !have[name] && elsewhere[name] == "" {
					t.Errorf("%s has no case in opCases", name)
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("found only %d constructors: the search is broken", found)
	}
}

func makers(d ast.Decl) (names []string) {
	isMaker := func(e ast.Expr) bool {
		if s, ok := e.(*ast.StarExpr); ok {
			e = s.X
		}
		id, ok := e.(*ast.Ident)
		return ok && (id.Name == "Node" || id.Name == "Func" || id.Name == "Layer")
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() && d.Type.Results != nil && len(d.Type.Results.List) == 1 && isMaker(d.Type.Results.List[0].Type) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && v.Type != nil && isMaker(v.Type) && v.Names[0].IsExported() {
				names = append(names, v.Names[0].Name)
			}
		}
	}
	return names
}
