package nn

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// diffusionCases are the position embedding and the group norm.
func diffusionCases() []opCase {
	image := []int{2, 2, 3, 4}
	rowFill := fills{nil, positiveFill}
	return []opCase{
		{name: "Sinusoid", in: [][]int{{3}}, build: one(func(t *Node) *Node { return Sinusoid(t, 6, 50) }), vec: sinusoid64(6, 50, 1)},
		{name: "GroupNorm", in: [][]int{image}, build: layer(func(s *Scope) Layer { return GroupNorm(s, 4, 2) }, Train), vec: func(in [][]float64) []float64 {
			return groupNorm64(in[0], slices.Repeat(in[1], 2), slices.Repeat(in[2], 2), 2, 6, 4, 2)
		}},
		{name: "GroupNormRows", in: [][]int{image, {2, 4}, {2, 4}}, fill: rowFill,
			build: func(_ *Scope, in []*Node) *Node { return GroupNormRows(in[0], in[1], in[2], 1) },
			vec:   func(in [][]float64) []float64 { return groupNorm64(in[0], in[1], in[2], 2, 6, 4, 1) }},
		{name: "GroupNormRows/rows", in: [][]int{{3, 4}, {3, 4}, {3, 4}},
			build: func(_ *Scope, in []*Node) *Node { return GroupNormRows(in[0], in[1], in[2], 1) },
			vec:   func(in [][]float64) []float64 { return groupNorm64(in[0], in[1], in[2], 3, 1, 4, 1) }},
	}
}

func sinusoid64(width int, period, scale float64) func(in [][]float64) []float64 {
	return func(in [][]float64) (y []float64) {
		for _, t := range in[0] {
			var cos, sin []float64
			for j := range width / 2 {
				a := scale * t / math.Pow(period, float64(2*j)/float64(width))
				cos, sin = append(cos, math.Cos(a)), append(sin, math.Sin(a))
			}
			y = slices.Concat(y, cos, sin)
		}
		return y
	}
}

func groupNorm64(x, gamma, beta []float64, n, pixels, c, groups int) []float64 {
	y, per := make([]float64, len(x)), c/groups
	for i := range n {
		for g := range groups {
			var all []float64
			each := func(f func(at, ch int)) {
				for p := range pixels {
					for k := g * per; k < (g+1)*per; k++ {
						f((i*pixels+p)*c+k, i*c+k)
					}
				}
			}
			each(func(at, _ int) { all = append(all, x[at]) })
			m, v := moments64(all)
			each(func(at, ch int) { y[at] = gamma[ch]*(x[at]-m)/math.Sqrt(v+gnEps) + beta[ch] })
		}
	}
	return y
}

// waves fills parameters and inputs with numbers that another program can make again: size sin(0.7 i + k), i the place in the order of PyTorch's layout.
func waves(dst []float32, size, k float64) {
	for i := range dst {
		dst[i] = float32(size * math.Sin(0.7*float64(i)+k))
	}
}

// The loss, the first values, the norm of the input's gradient and those of every parameter's gradient are PyTorch's in float64, by testdata/unet.py.
func TestUNetAsInPyTorch(t *testing.T) {
	const loss, input = -1.36870832, 12.7296942
	first := []float64{-0.3340562266647145, -0.14588977553295102, -0.34175869703315936}
	norms := []struct {
		name string
		norm float64
	}{
		{"u.time.fc1.w", 0.1789099},
		{"u.time.fc1.b", 0.1241345},
		{"u.time.fc2.w", 0.1776077},
		{"u.time.fc2.b", 0.5177381},
		{"u.in.w", 92.14832},
		{"u.in.b", 0.9971235},
		{"u.down0_0.norm.gamma", 4.400869},
		{"u.down0_0.norm.beta", 4.209532},
		{"u.down0_0.conv1.w", 41.79746},
		{"u.down0_0.conv1.b", 6.767809e-15},
		{"u.down0_0.time.w", 1.237014},
		{"u.down0_0.time.b", 4.248722},
		{"u.down0_0.conv2.w", 23.41985},
		{"u.down0_0.conv2.b", 0.9971235},
		{"u.shrink0.w", 4.336788},
		{"u.shrink0.b", 0.03594808},
		{"u.down1_0.norm.gamma", 0.1265178},
		{"u.down1_0.norm.beta", 0.1047014},
		{"u.down1_0.conv1.w", 2.975828},
		{"u.down1_0.conv1.b", 2.914335e-16},
		{"u.down1_0.time.w", 0.3670997},
		{"u.down1_0.time.b", 1.255135},
		{"u.down1_0.conv2.w", 1.9301},
		{"u.down1_0.conv2.b", 0.04899307},
		{"u.down1_0.skip.w", 0.209981},
		{"u.down1_0.skip.b", 0.04899307},
		{"u.middle0.norm.gamma", 0.06454175},
		{"u.middle0.norm.beta", 0.03755194},
		{"u.middle0.conv1.w", 0.1489535},
		{"u.middle0.conv1.b", 2.619375e-17},
		{"u.middle0.time.w", 0.03967388},
		{"u.middle0.time.b", 0.1339682},
		{"u.middle0.conv2.w", 0.6580543},
		{"u.middle0.conv2.b", 0.01944251},
		{"u.middle1.norm.gamma", 0.03213226},
		{"u.middle1.norm.beta", 0.02354429},
		{"u.middle1.conv1.w", 0.09850017},
		{"u.middle1.conv1.b", 1.708092e-17},
		{"u.middle1.time.w", 0.02989106},
		{"u.middle1.time.b", 0.09790122},
		{"u.middle1.conv2.w", 0.5678538},
		{"u.middle1.conv2.b", 0.01944251},
		{"u.up1_0.norm.gamma", 0.05154627},
		{"u.up1_0.norm.beta", 0.05258464},
		{"u.up1_0.conv1.w", 0.2450286},
		{"u.up1_0.conv1.b", 1.712078e-17},
		{"u.up1_0.time.w", 0.02989891},
		{"u.up1_0.time.b", 0.101998},
		{"u.up1_0.conv2.w", 0.346253},
		{"u.up1_0.conv2.b", 0.01640222},
		{"u.up1_0.skip.w", 2.5482},
		{"u.up1_0.skip.b", 0.01640222},
		{"u.expand1.w", 22.71513},
		{"u.expand1.b", 0.007865162},
		{"u.up0_0.norm.gamma", 0.6222528},
		{"u.up0_0.norm.beta", 0.1682081},
		{"u.up0_0.conv1.w", 16.27421},
		{"u.up0_0.conv1.b", 1.011485e-15},
		{"u.up0_0.time.w", 0.1572389},
		{"u.up0_0.time.b", 0.5397493},
		{"u.up0_0.conv2.w", 3.381997},
		{"u.up0_0.conv2.b", 1.627685e-16},
		{"u.up0_0.skip.w", 15.93706},
		{"u.up0_0.skip.b", 1.627685e-16},
		{"u.norm.gamma", 3.616346},
		{"u.norm.beta", 0.9549692},
		{"u.out.w", 9.536902},
		{"u.out.b", 0.6849256},
	}
	g := NewGraph(1)
	x, at, w := g.Input("x", 2, 6, 4, 2), g.Input("t", 2), g.Input("weight", 2, 6, 4, 2)
	u := NewUNet(g.Scope("u"), UNetConfig{In: 2, Out: 2, Width: 4, Halvings: 1, Blocks: 1, Time: 6})
	params := g.Scope("u").Params()
	if len(params) != len(norms) {
		t.Fatalf("%d parameters, PyTorch's net has %d", len(params), len(norms))
	}
	for i, p := range params {
		waves(Data(p), 0.3, float64(i+1))
		if strings.HasSuffix(p.Name(), "gamma") {
			for j := range Data(p) {
				Data(p)[j]++
			}
		}
	}
	waves(Data(x), 1, 0.5)
	waves(Data(w), 1, 1.5)
	copy(Data(at), []float32{0.25, 0.7})
	y := u.Forward(x, at, Train)
	l := Dot(y, w)
	grads, err := Grad(l, append([]*Node{x}, params...)...)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := Compile(append([]*Node{y, l}, grads...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := prog.Run(); err != nil {
		t.Fatal(err)
	}
	closeTo(t, "loss", prog.Get(l), []float64{loss}, tolForward)
	closeTo(t, "output", prog.Get(y)[:3], first, tolForward)
	for i, n := range grads {
		name, want := "input", input
		if i > 0 {
			name, want = norms[i-1].name, norms[i-1].norm
			if p := params[i-1].Name(); p != name {
				t.Errorf("parameter %d is %s, PyTorch's %s", i-1, p, name)
			}
		}
		sum := 0.0
		for _, v := range prog.Get(n) {
			sum += float64(v) * float64(v)
		}
		if got := math.Sqrt(sum); !(math.Abs(got-want) <= tolFirst*max(want, 0.1)) { // a bias before a norm of its channel alone moves nothing
			t.Errorf("gradient of %s has norm %v, want %v", name, got, want)
		}
	}
}

// A fresh U-Net answers nearly zero, with attention too, and refuses a side that it cannot halve and channels that are none.
func TestFreshUNet(t *testing.T) {
	g := NewGraph(1)
	x, at := g.Input("x", 1, 8, 8, 3), g.Input("t", 1)
	waves(Data(x), 1, 0)
	y := NewUNet(g.Scope("u"), UNetConfig{In: 3, Out: 2, Width: 8, Halvings: 2, Blocks: 2, Time: 8, Attention: true}).Forward(x, at, Eval)
	p, err := Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got := p.Get(y); len(got) != 128 || slices.ContainsFunc(got, func(v float32) bool { return v > 0.5 || v < -0.5 || v == 0 }) {
		t.Errorf("%d values, not all small: %v", len(got), got)
	}
	for _, f := range []func(){
		func() { NewUNet(g.Scope("v"), UNetConfig{In: 3, Out: 2, Width: 8, Halvings: 2, Time: 8}) },
		func() {
			NewUNet(g.Scope("w"), UNetConfig{In: 3, Out: 2, Width: 8, Blocks: 1, Time: 7}).Forward(x, at, Eval)
		},
		func() { GroupNormRows(x, g.Input("a", 1, 3), g.Input("b", 1, 3), 2) },
		func() {
			NewUNet(g.Scope("z"), UNetConfig{In: 3, Out: 2, Width: 8, Halvings: 4, Blocks: 1, Time: 8}).Forward(x, at, Eval)
		},
	} {
		if err := Try(func() error { f(); return nil }); err == nil {
			t.Error("an impossible geometry was taken")
		}
	}
}

// Rows beside the time are added to its embedding: a network beside that answers with a constant is that constant in the bias of the time's last layer, to the bit.
func TestUNetIsToldRows(t *testing.T) {
	config := UNetConfig{In: 2, Out: 2, Width: 4, Halvings: 1, Blocks: 1, Time: 6}
	output := func(rows bool) []float32 {
		g := NewGraph(1)
		x, at, z := g.Input("x", 2, 4, 4, 2), g.Input("t", 2), g.Input("z", 2, 3)
		c := config
		if rows {
			c.Beside = 3
		}
		u := NewUNet(g.Scope("u"), c)
		for _, p := range g.Scope("u").Params() {
			if strings.HasPrefix(p.Name(), "u.beside2") {
				clear(Data(p))
			}
			if constant := "u.time.fc2.b"; p.Name() == constant && !rows || p.Name() == "u.beside2.b" {
				waves(Data(p), 0.5, 1)
			}
		}
		waves(Data(x), 1, 0.5)
		waves(Data(z), 1, 2)
		copy(Data(at), []float32{0.25, 0.7})
		y := u.Forward(x, at, Train)
		if rows {
			y = u.ForwardBeside(x, at, z, Train)
		}
		prog, err := Compile(y)
		if err != nil {
			t.Fatal(err)
		}
		if err := prog.Run(); err != nil {
			t.Fatal(err)
		}
		return prog.Get(y)
	}
	if got, want := output(true), output(false); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got[:4], want[:4])
	}
	g := NewGraph(1)
	u := NewUNet(g.Scope("u"), config)
	if err := Try(func() error {
		u.ForwardBeside(g.Input("x", 1, 4, 4, 2), g.Input("t", 1), g.Input("z", 1, 3), Train)
		return nil
	}); err == nil {
		t.Error("rows are told to a network that cannot hear them")
	}
}
