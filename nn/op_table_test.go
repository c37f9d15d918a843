package nn

import (
	"math"
	"slices"

	"github.com/assay-gan/assay/rng"
)

type fills = []func(r *rng.Source, x []float32)

func one(f func(*Node) *Node) func(*Scope, []*Node) *Node {
	return func(_ *Scope, in []*Node) *Node { return f(in[0]) }
}

func two(f func(a, b *Node) *Node) func(*Scope, []*Node) *Node {
	return func(_ *Scope, in []*Node) *Node { return f(in[0], in[1]) }
}

func layer(f func(s *Scope) Layer, m Mode) func(*Scope, []*Node) *Node {
	return func(s *Scope, in []*Node) *Node { return f(s).Forward(in[0], m) }
}

func scalar(f func(in [][]float64) float64) func([][]float64) []float64 {
	return func(in [][]float64) []float64 { return []float64{f(in)} }
}

// opCases lists every operator, activation, loss and layer of the package.
func opCases() []opCase {
	return slices.Concat(pointwiseCases(), reduceCases(), shapeCases(), productCases(), imageCases(), tableCases(), lossCases(), layerCases(), attentionCases(), diffusionCases())
}

func pointwiseCases() []opCase {
	m := [][]int{{3, 7}}
	mm := [][]int{{3, 7}, {3, 7}}
	pos := fills{positiveFill}
	map1At := func(name string, fill fills, f func(*Node) *Node, ref func(float64) float64) opCase {
		return opCase{name: name, in: m, fill: fill, build: one(f), vec: map1(ref)}
	}
	return []opCase{
		{name: "Add", in: mm, build: two(Add), vec: map2(func(a, b float64) float64 { return a + b })},
		{name: "Sub", in: mm, build: two(Sub), vec: map2(func(a, b float64) float64 { return a - b })},
		{name: "Mul", in: mm, build: two(Mul), vec: map2(func(a, b float64) float64 { return a * b })},
		{name: "Mul/self", in: m, build: one(func(x *Node) *Node { return Mul(x, x) }), vec: map1(func(x float64) float64 { return x * x })},
		{name: "Div", in: mm, build: two(Div), vec: map2(func(a, b float64) float64 { return a / b })},
		map1At("Affine", nil, func(x *Node) *Node { return Affine(x, -1.5, .25) }, func(x float64) float64 { return .25 - 1.5*x }),
		map1At("Scale", nil, func(x *Node) *Node { return Scale(x, .7) }, func(x float64) float64 { return float64(float32(.7)) * x }),
		map1At("AddConst", nil, func(x *Node) *Node { return AddConst(x, 2) }, func(x float64) float64 { return x + 2 }),
		map1At("Neg", nil, Neg, func(x float64) float64 { return -x }),
		map1At("Square", nil, Square, func(x float64) float64 { return x * x }),
		map1At("Sqrt", pos, Sqrt, math.Sqrt),
		map1At("Exp", nil, Exp, math.Exp),
		map1At("Log", pos, Log, math.Log),
		map1At("Abs", nil, Abs, math.Abs),
		{name: "Sign", in: m, build: one(Sign), flat: true, vec: map1(func(x float64) float64 { return math.Copysign(1, x) })},
		map1At("Pow", pos, func(x *Node) *Node { return Pow(x, -1.5) }, func(x float64) float64 { return math.Pow(x, -1.5) }),
		map1At("Pow/3", nil, func(x *Node) *Node { return Pow(x, 3) }, func(x float64) float64 { return x * x * x }),
		map1At("Clamp", nil, func(x *Node) *Node { return Clamp(x, -.9, .8) }, func(x float64) float64 { return min(max(x, float64(float32(-.9))), float64(float32(.8))) }),
		map1At("ReLU", nil, ReLU, leaky64(0)),
		map1At("LeakyReLU", nil, LeakyReLU(.2), leaky64(float64(float32(.2)))),
		map1At("Tanh", nil, Tanh, math.Tanh),
		map1At("Sigmoid", nil, Sigmoid, sigmoid64),
		map1At("SiLU", nil, SiLU, func(x float64) float64 { return x * sigmoid64(x) }),
		map1At("Softplus", nil, Softplus, softplus64),
		{name: "Detach", in: m, build: one(Detach), flat: true, vec: map1(func(x float64) float64 { return x })},
	}
}

func reduceCases() []opCase {
	x, v3, v4 := []int{3, 2, 4}, []int{3}, []int{4}
	s := []int{}
	return []opCase{
		{name: "Sum", in: [][]int{x}, build: one(Sum), vec: scalar(func(in [][]float64) float64 { return sum64(in[0]) })},
		{name: "Mean", in: [][]int{x}, build: one(Mean), vec: scalar(func(in [][]float64) float64 { return mean64(in[0]) })},
		{name: "Dot", in: [][]int{x, x}, build: two(Dot), vec: scalar(func(in [][]float64) float64 { return dot64(in[0], in[1]) })},
		{name: "Fill", in: [][]int{s}, build: one(func(n *Node) *Node { return Fill(n, 2, 3) }), vec: func(in [][]float64) []float64 {
			return slices.Repeat(in[0], 6)
		}},
		{name: "ScaleBy", in: [][]int{x, s}, build: two(ScaleBy), vec: func(in [][]float64) []float64 {
			return map1(func(a float64) float64 { return a * in[1][0] })(in)
		}},
		{name: "RowSum", in: [][]int{x}, build: one(RowSum), vec: func(in [][]float64) []float64 {
			return byRow(3, in[0], func(r []float64) []float64 { return []float64{sum64(r)} })
		}},
		{name: "RowMean", in: [][]int{x}, build: one(RowMean), vec: func(in [][]float64) []float64 {
			return byRow(3, in[0], func(r []float64) []float64 { return []float64{mean64(r)} })
		}},
		{name: "FillRows", in: [][]int{v3}, build: one(func(n *Node) *Node { return FillRows(n, x...) }), vec: func(in [][]float64) (y []float64) {
			for _, v := range in[0] {
				y = append(y, slices.Repeat([]float64{v}, 8)...)
			}
			return y
		}},
		{name: "RowDot", in: [][]int{x, x}, build: two(RowDot), vec: func(in [][]float64) []float64 {
			p := map2(func(a, b float64) float64 { return a * b })(in)
			return byRow(3, p, func(r []float64) []float64 { return []float64{sum64(r)} })
		}},
		{name: "MulRows", in: [][]int{x, v3}, build: two(MulRows), vec: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range y {
				y[i] *= in[1][i/8]
			}
			return y
		}},
		{name: "ColSum", in: [][]int{x}, build: one(ColSum), vec: func(in [][]float64) (y []float64) {
			for j := range 4 {
				y = append(y, sum64(column(in[0], 4, j)))
			}
			return y
		}},
		{name: "BroadcastRows", in: [][]int{v4}, build: one(func(n *Node) *Node { return BroadcastRows(n, x...) }), vec: func(in [][]float64) []float64 {
			return slices.Repeat(in[0], 6)
		}},
		{name: "ColDot", in: [][]int{x, x}, build: two(ColDot), vec: func(in [][]float64) (y []float64) {
			for j := range 4 {
				y = append(y, dot64(column(in[0], 4, j), column(in[1], 4, j)))
			}
			return y
		}},
		{name: "MulCols", in: [][]int{x, v4}, build: two(MulCols), vec: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range y {
				y[i] *= in[1][i%4]
			}
			return y
		}},
		{name: "AddCols", in: [][]int{x, v4}, build: two(AddCols), vec: func(in [][]float64) []float64 {
			return addBias(slices.Clone(in[0]), in[1])
		}},
		{name: "AffineCols", in: [][]int{x, v4, v4}, build: func(_ *Scope, in []*Node) *Node { return AffineCols(in[0], in[1], in[2]) }, vec: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range y {
				y[i] = y[i]*in[1][i%4] + in[2][i%4]
			}
			return y
		}},
	}
}

func shapeCases() []opCase {
	id := func(in [][]float64) []float64 { return slices.Clone(in[0]) }
	return []opCase{
		{name: "Reshape", in: [][]int{{3, 4}}, build: one(func(x *Node) *Node { return Square(Reshape(x, 2, -1)) }), vec: map1(func(x float64) float64 { return x * x })},
		{name: "Flatten", in: [][]int{{3, 2, 2}}, build: one(Flatten), vec: id},
		{name: "To", in: [][]int{{3, 4}}, build: layer(func(*Scope) Layer { return To(2, 2) }, Train), vec: id},
		{name: "Slice", in: [][]int{{2, 5, 3}}, build: one(func(x *Node) *Node { return Slice(x, 1, 1, 4) }), vec: func(in [][]float64) []float64 {
			return slices.Concat(in[0][3:12], in[0][18:27])
		}},
		{name: "Pad", in: [][]int{{2, 2, 3}}, build: one(func(x *Node) *Node { return Pad(x, 1, 1, 4) }), vec: func(in [][]float64) []float64 {
			z := make([]float64, 3)
			return slices.Concat(z, in[0][:6], z, z, in[0][6:], z)
		}},
		{name: "Concat/0", in: [][]int{{2, 3}, {1, 3}}, build: two(func(a, b *Node) *Node { return Concat(0, a, b) }), vec: func(in [][]float64) []float64 {
			return slices.Concat(in[0], in[1])
		}},
		{name: "Concat/last", in: [][]int{{2, 3}, {2, 1}}, build: two(func(a, b *Node) *Node { return Concat(1, a, b) }), vec: func(in [][]float64) []float64 {
			return slices.Concat(in[0][:3], in[1][:1], in[0][3:], in[1][1:])
		}},
		{name: "Transpose", in: [][]int{{2, 3, 4}}, build: one(func(x *Node) *Node { return Transpose(x, 2, 0, 1) }), vec: func(in [][]float64) (y []float64) {
			for k := range 4 {
				for i := range 2 {
					for j := range 3 {
						y = append(y, in[0][(i*3+j)*4+k])
					}
				}
			}
			return y
		}},
	}
}

func productCases() (cs []opCase) {
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			a, b := []int{3, 4}, []int{4, 5}
			if ta {
				a = []int{4, 3}
			}
			if tb {
				b = []int{5, 4}
			}
			cs = append(cs, opCase{name: named("MatMul/%v,%v", ta, tb), in: [][]int{a, b},
				build: two(func(a, b *Node) *Node { return MatMul(a, b, ta, tb) }),
				vec:   func(in [][]float64) []float64 { return matmul64(in[0], in[1], 3, 4, 5, ta, tb) }})
		}
	}
	linear := func(in [][]float64) []float64 { return addBias(matmul64(in[0], in[1], 3, 4, 2, false, false), in[2]) }
	return append(cs,
		opCase{name: "Linear", in: [][]int{{3, 4}, {4, 2}, {2}}, build: func(_ *Scope, in []*Node) *Node { return Linear(in[0], in[1], in[2]) }, vec: linear},
		opCase{name: "Linear/fused", in: [][]int{{3, 4}, {4, 2}, {2}}, build: func(_ *Scope, in []*Node) *Node { return Tanh(Linear(in[0], in[1], in[2])) },
			vec: func(in [][]float64) []float64 { return map1(math.Tanh)([][]float64{linear(in)}) }},
		opCase{name: "Dense", in: [][]int{{3, 4}}, build: layer(func(s *Scope) Layer { return Dense(s, 4, 2) }, Train), vec: linear})
}

func imageCases() (cs []opCase) {
	for name, k := range map[string]Window{"4,2,1": K(4, 2, 1), "1x3": {1, 3, 1, 1, 0, 1}, "3x2": {3, 2, 2, 1, 1, 0}} {
		in := dims4{2, 5, 6, 2}
		if name == "4,2,1" {
			in.h = 6 // so that the transposed map returns to it
		}
		x, w, b := []int{in.n, in.h, in.w, in.c}, []int{k.KH, k.KW, in.c, 3}, []int{3}
		cs = append(cs, opCase{name: "Conv2D/" + name, in: [][]int{x, w, b},
			build: func(_ *Scope, n []*Node) *Node { return Conv2D(n[0], n[1], n[2], k) },
			vec:   func(v [][]float64) []float64 { return addBias(convForward64(in, k, 3, v[0], v[1]), v[2]) }})
		oh, ow := (in.h+2*k.PH-k.KH)/k.SH+1, (in.w+2*k.PW-k.KW)/k.SW+1
		cs = append(cs, opCase{name: "ConvTranspose2D/" + name, in: [][]int{{2, oh, ow, 3}, w, {2}},
			build: func(_ *Scope, n []*Node) *Node { return ConvTranspose2D(n[0], n[1], n[2], k) },
			vec:   func(v [][]float64) []float64 { return addBias(convTranspose64(in, k, 3, v[0], v[1]), v[2]) }})
	}
	in := dims4{2, 4, 6, 3}
	x := []int{2, 4, 6, 3}
	k, p := K(3, 2, 1), K(2, 2, 0)
	d := fills{distinct}
	maxPool := func(v [][]float64) []float64 { return pool64(in, k, v[0], max64) }
	avgPool := func(v [][]float64) []float64 { return pool64(in, k, v[0], mean64) }
	global := func(v [][]float64) []float64 { return pool64(in, Window{4, 6, 1, 1, 0, 0}, v[0], mean64) }
	up := func(v [][]float64) []float64 { return upsample64(in, 2, v[0]) }
	on := func(l Layer) func(*Scope, []*Node) *Node { return layer(func(*Scope) Layer { return l }, Train) }
	return append(cs,
		opCase{name: "Conv", in: [][]int{x}, build: layer(func(s *Scope) Layer { return Conv(s, 3, 2, k) }, Train),
			vec: func(v [][]float64) []float64 { return addBias(convForward64(in, k, 2, v[0], v[1]), v[2]) }},
		opCase{name: "ConvTranspose", in: [][]int{{2, 2, 3, 2}}, build: layer(func(s *Scope) Layer { return ConvTranspose(s, 2, 3, p, NoBias) }, Train),
			vec: func(v [][]float64) []float64 { return convTranspose64(in, p, 2, v[0], v[1]) }},
		opCase{name: "MaxPool2D", in: [][]int{x}, fill: d, build: one(func(n *Node) *Node { return MaxPool2D(n, k) }), vec: maxPool},
		opCase{name: "MaxPool", in: [][]int{x}, fill: d, build: on(MaxPool(k)), vec: maxPool},
		opCase{name: "AvgPool2D", in: [][]int{x}, build: one(func(n *Node) *Node { return AvgPool2D(n, k) }), vec: avgPool},
		opCase{name: "AvgPool", in: [][]int{x}, build: on(AvgPool(k)), vec: avgPool},
		opCase{name: "GlobalAvgPool2D", in: [][]int{x}, build: one(GlobalAvgPool2D), vec: global},
		opCase{name: "GlobalAvgPool", in: [][]int{x}, build: on(GlobalAvgPool), vec: global},
		opCase{name: "Upsample2D", in: [][]int{x}, build: one(func(n *Node) *Node { return Upsample2D(n, 2) }), vec: up},
		opCase{name: "Upsample", in: [][]int{x}, build: on(Upsample(2)), vec: up},
		opCase{name: "SumBlocks2D", in: [][]int{x}, build: one(func(n *Node) *Node { return SumBlocks2D(n, 2) }), vec: func(v [][]float64) []float64 { return sumBlocks64(in, 2, v[0]) }},
		opCase{name: "Tile2D", in: [][]int{{2, 3}}, build: one(func(n *Node) *Node { return Tile2D(n, 2, 3) }), vec: func(v [][]float64) []float64 {
			return slices.Concat(slices.Repeat(v[0][:3], 6), slices.Repeat(v[0][3:], 6))
		}})
}

func tableCases() []opCase {
	lookup := func(table, at []float64, d int) (y []float64) {
		for _, i := range at {
			y = append(y, table[int(i)*d:int(i+1)*d]...)
		}
		return y
	}
	return []opCase{
		{name: "Gather", in: [][]int{{4, 3}, {5}}, fill: fills{nil, classes(4)}, fixed: []bool{false, true}, build: two(Gather),
			vec: func(in [][]float64) []float64 { return lookup(in[0], in[1], 3) }},
		{name: "ScatterAdd", in: [][]int{{5, 3}, {5}}, fill: fills{nil, classes(4)}, fixed: []bool{false, true},
			build: two(func(x, i *Node) *Node { return ScatterAdd(x, i, 4) }),
			vec: func(in [][]float64) []float64 {
				y := make([]float64, 12)
				for r, i := range in[1] {
					for c := range 3 {
						y[int(i)*3+c] += in[0][r*3+c]
					}
				}
				return y
			}},
		{name: "OneHot", in: [][]int{{5}}, fill: fills{classes(4)}, fixed: []bool{true}, flat: true, build: one(func(x *Node) *Node { return OneHot(x, 4) }),
			vec: func(in [][]float64) []float64 {
				return lookup([]float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, in[0], 4)
			}},
		{name: "Argmax", in: [][]int{{3, 5}}, flat: true, build: one(Argmax), vec: func(in [][]float64) []float64 {
			return byRow(3, in[0], func(row []float64) []float64 { return []float64{float64(slices.Index(row, slices.Max(row)))} })
		}},
		{name: "Embedding", in: [][]int{{5}}, fill: fills{classes(4)}, fixed: []bool{true}, build: layer(func(s *Scope) Layer { return Embedding(s, 4, 3) }, Train),
			vec: func(in [][]float64) []float64 { return lookup(in[1], in[0], 3) }},
	}
}

func lossCases() []opCase {
	x := []int{3, 5}
	bce := func(t float64) func([][]float64) []float64 {
		return scalar(func(in [][]float64) float64 {
			return mean64(map1(func(v float64) float64 { return -t*math.Log(sigmoid64(v)) - (1-t)*math.Log(1-sigmoid64(v)) })(in))
		})
	}
	rows := func(v []float64) []float64 {
		return byRow(3, v, func(r []float64) []float64 { return []float64{sum64(r)} })
	}
	unit := fills{nil, func(r *rng.Source, x []float32) { r.FillUniform(x, .1, .9) }}
	return []opCase{
		{name: "BCELogits/0", in: [][]int{x}, build: one(func(n *Node) *Node { return BCELogits(n, 0) }), vec: bce(0)},
		{name: "BCELogits/1", in: [][]int{x}, build: one(func(n *Node) *Node { return BCELogits(n, 1) }), vec: bce(1)},
		{name: "BCELogits/.75", in: [][]int{x}, build: one(func(n *Node) *Node { return BCELogits(n, .75) }), vec: bce(.75)},
		{name: "BernoulliNLL", in: [][]int{x, x}, fill: unit, build: two(BernoulliNLL), vec: func(in [][]float64) []float64 {
			return rows(map2(func(l, x float64) float64 { return -x*math.Log(sigmoid64(l)) - (1-x)*math.Log(1-sigmoid64(l)) })(in))
		}},
		{name: "GaussianNLL", in: [][]int{x, x, x}, build: func(_ *Scope, in []*Node) *Node { return GaussianNLL(in[0], in[1], in[2]) }, vec: func(in [][]float64) []float64 {
			y := make([]float64, 15)
			for i := range y {
				s := math.Exp(in[1][i] / 2)
				d := (in[2][i] - in[0][i]) / s
				y[i] = d*d/2 + math.Log(s*math.Sqrt(2*math.Pi))
			}
			return rows(y)
		}},
		{name: "KLDiagonal", in: [][]int{x, x}, build: two(KLDiagonal), vec: func(in [][]float64) []float64 {
			return rows(map2(func(m, l float64) float64 { return (m*m + math.Exp(l) - l - 1) / 2 })(in))
		}},
		{name: "SoftmaxCrossEntropy", in: [][]int{x, x}, fill: unit, build: two(SoftmaxCrossEntropy), vec: scalar(func(in [][]float64) float64 {
			return -dot64(logs(byRow(3, in[0], softmax64)), in[1]) / 3
		})},
		{name: "Softmax", in: [][]int{x}, build: one(Softmax), vec: func(in [][]float64) []float64 { return byRow(3, in[0], softmax64) }},
		{name: "LogSoftmax", in: [][]int{x}, build: one(LogSoftmax), vec: func(in [][]float64) []float64 { return logs(byRow(3, in[0], softmax64)) }},
		{name: "L1", in: [][]int{x, x}, build: two(L1), vec: scalar(func(in [][]float64) float64 {
			return mean64(map2(func(a, b float64) float64 { return math.Abs(a - b) })(in))
		})},
		{name: "MSE", in: [][]int{x, x}, build: two(MSE), vec: scalar(func(in [][]float64) float64 {
			return mean64(map2(func(a, b float64) float64 { return (a - b) * (a - b) })(in))
		})},
		{name: "SquaredTo", in: [][]int{x}, build: one(func(n *Node) *Node { return SquaredTo(n, .5) }), vec: scalar(func(in [][]float64) float64 {
			return mean64(map1(func(a float64) float64 { return (a - .5) * (a - .5) })(in))
		})},
		{name: "Hinge", in: [][]int{x}, build: one(func(n *Node) *Node { return Hinge(n, -1) }), vec: scalar(func(in [][]float64) float64 {
			return mean64(map1(func(a float64) float64 { return max(0, 1+a) })(in))
		})},
	}
}

func layerCases() []opCase {
	image := []int{3, 2, 2, 3}
	batchNorm := func(in [][]float64) []float64 {
		y := slices.Clone(in[0])
		for j := range 3 {
			m, v := moments64(column(in[0], 3, j))
			for i := j; i < len(y); i += 3 {
				y[i] = in[1][j]*(y[i]-m)/math.Sqrt(v+bnEps) + in[2][j]
			}
		}
		return y
	}
	return []opCase{
		{name: "BatchNorm", in: [][]int{image}, build: layer(func(s *Scope) Layer { return BatchNorm(s, 3) }, Train), vec: batchNorm},
		{name: "BatchNorm/fused", in: [][]int{image}, build: layer(func(s *Scope) Layer { return Seq(BatchNorm(s, 3), LeakyReLU(.5)) }, Train),
			vec: func(in [][]float64) []float64 { return map1(leaky64(.5))([][]float64{batchNorm(in)}) }},
		{name: "BatchNorm/eval", in: [][]int{image}, build: layer(func(s *Scope) Layer { return BatchNorm(s, 3) }, Eval), vec: func(in [][]float64) []float64 {
			y := slices.Clone(in[0]) // running mean 0, variance 1 at first
			for i := range y {
				y[i] = in[1][i%3]*y[i]/math.Sqrt(1+bnEps) + in[2][i%3]
			}
			return y
		}},
		{name: "InstanceNorm", in: [][]int{image}, build: layer(func(s *Scope) Layer { return InstanceNorm(s, 3) }, Train), vec: func(in [][]float64) []float64 {
			y := byRow(3, in[0], func(r []float64) []float64 {
				r = slices.Clone(r)
				for j := range 3 {
					m, v := moments64(column(r, 3, j))
					for i := j; i < len(r); i += 3 {
						r[i] = (r[i] - m) / math.Sqrt(v+lnEps)
					}
				}
				return r
			})
			for i := range y {
				y[i] = in[1][i%3]*y[i] + in[2][i%3]
			}
			return y
		}},
		{name: "LayerNorm", in: [][]int{image}, build: layer(func(s *Scope) Layer { return LayerNorm(s, 3) }, Train), vec: func(in [][]float64) []float64 {
			y := byRow(3, in[0], func(r []float64) []float64 {
				m, v := moments64(r)
				return map1(func(x float64) float64 { return (x - m) / math.Sqrt(v+lnEps) })([][]float64{r})
			})
			for i := range y {
				y[i] = in[1][i%3]*y[i] + in[2][i%3]
			}
			return y
		}},
	}
}
