package nn

import (
	"unsafe"

	"github.com/assay-gan/assay/internal/kernel"
)

func pooling(op string, x *Node, k Window) kernel.Pool {
	s := wantRank(op, x, 4)
	p, err := kernel.NewPool(s[0], s[1], s[2], s[3], k.KH, k.KW, k.SH, k.SW, k.PH, k.PW)
	if err != nil {
		misuse(op, "%v", err)
	}
	return p
}

func poolName(op string, k Window) string {
	return named("%s(%dx%d/%dx%d+%dx%d)", op, k.KH, k.KW, k.SH, k.SW, k.PH, k.PW)
}

// MaxPool2D returns the largest value of each window of x [N,H,W,C]; padding never wins.
func MaxPool2D(x *Node, k Window) *Node {
	p := pooling("maxpool", x, k)
	at := apply(&Op{name: poolName("maxpool.index", k), out: shape(p.N, p.OH, p.OW, p.C),
		bind: func() evalFunc {
			y := make([]float32, p.N*p.OH*p.OW*p.C)
			return func(o []float32, in [][]float32) { p.Max(y, asIndex(o), in[0]) }
		}}, x)
	return poolGather(p, k, x, at)
}

// asIndex views memory of float32 as int32: the indices of a pooling travel as a node of their own, so that the operators stay pure.
func asIndex(x []float32) []int32 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(&x[0])), len(x))
}

// poolGather picks x at the indices; poolScatter adds back to them. They are linear and each other's derivative.
func poolGather(p kernel.Pool, k Window, x, at *Node) *Node {
	return apply(&Op{name: poolName("maxpool", k), out: at.Shape(), wrt: []bool{true, false},
		eval: func(o []float32, in [][]float32) { p.MaxGather(o, asIndex(in[1]), in[0]) },
		diff: func(_, g *Node) []*Node { return []*Node{poolScatter(p, k, g, at), nil} }}, x, at)
}

func poolScatter(p kernel.Pool, k Window, g, at *Node) *Node {
	return apply(&Op{name: poolName("maxpool'", k), out: shape(p.N, p.H, p.W, p.C), wrt: []bool{true, false},
		eval: func(o []float32, in [][]float32) { p.MaxGrad(o, asIndex(in[1]), in[0]) },
		diff: func(_, u *Node) []*Node { return []*Node{poolGather(p, k, u, at), nil} }}, g, at)
}

// AvgPool2D returns the mean of each window of x [N,H,W,C] over the elements inside the image.
func AvgPool2D(x *Node, k Window) *Node { return avgPool(pooling("avgpool", x, k), k, x) }

func avgPool(p kernel.Pool, k Window, x *Node) *Node {
	return apply(&Op{name: poolName("avgpool", k), out: shape(p.N, p.OH, p.OW, p.C), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { p.Avg(o, in[0], false) },
		diff: func(_, g *Node) []*Node { return []*Node{avgPoolGrad(p, k, g)} }}, x)
}

func avgPoolGrad(p kernel.Pool, k Window, g *Node) *Node {
	return apply(&Op{name: poolName("avgpool'", k), out: shape(p.N, p.H, p.W, p.C), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { p.AvgGrad(o, in[0], false) },
		diff: func(_, u *Node) []*Node { return []*Node{avgPool(p, k, u)} }}, g)
}

// GlobalAvgPool2D averages each channel over the image: [N,H,W,C] to [N,C].
func GlobalAvgPool2D(x *Node) *Node {
	s := wantRank("globalavgpool", x, 4)
	return Reshape(AvgPool2D(x, Window{s[1], s[2], 1, 1, 0, 0}), s[0], s[3])
}

// Upsample2D repeats each pixel of x [N,H,W,C] f times in both directions (nearest neighbour).
func Upsample2D(x *Node, f int) *Node {
	s := wantRank("upsample", x, 4)
	if f < 1 {
		misuse("upsample", "factor %d, must be at least 1", f)
	}
	return apply(&Op{name: named("upsample(%d)", f), out: shape(s[0], s[1]*f, s[2]*f, s[3]), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { kernel.Upsample(o, in[0], s[0], s[1], s[2], s[3], f) },
		diff: func(_, g *Node) []*Node { return []*Node{SumBlocks2D(g, f)} }}, x)
}

// SumBlocks2D adds each f x f block of x [N,H,W,C] into one pixel: the derivative of Upsample2D.
func SumBlocks2D(x *Node, f int) *Node {
	s := wantRank("sumblocks", x, 4)
	if f < 1 || s[1]%f != 0 || s[2]%f != 0 {
		misuse("sumblocks", "blocks of %d do not tile %v", f, s)
	}
	h, w := s[1]/f, s[2]/f
	return apply(&Op{name: named("sumblocks(%d)", f), out: shape(s[0], h, w, s[3]), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { kernel.UpsampleGrad(o, in[0], s[0], h, w, s[3], f) },
		diff: func(_, g *Node) []*Node { return []*Node{Upsample2D(g, f)} }}, x)
}

// Tile2D repeats a vector per sample over an image: [N,C] to [N,H,W,C], for conditioning on a label or code.
func Tile2D(v *Node, h, w int) *Node {
	s := wantRank("tile", v, 2)
	n, c := s[0], s[1]
	return apply(&Op{name: "tile", out: shape(n, h, w, c), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) {
			for i := range n {
				v := in[0][i*c : (i+1)*c]
				for p := range h * w {
					copy(o[(i*h*w+p)*c:], v)
				}
			}
		},
		diff: func(_, g *Node) []*Node {
			return []*Node{Scale(GlobalAvgPool2D(g), float32(h*w))}
		}}, v)
}
