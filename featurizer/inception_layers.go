package featurizer

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
)

// The Inception network of 2015-12-05 [szegedy2016] as every FID uses it. It is torchvision's inception_v3 with four differences: other weights,
// 1008 classes, average pools that divide by the cells inside the image, and a maximum pool in the last block.

// conv is one convolution with its batch norm folded in: filters kh x kw x in x out and a bias, followed by ReLU.
type conv struct {
	name           string
	in, out        int
	kh, kw, stride int
	ph, pw         int
	h, wide        int // of its input
	w, b           []float32
	f              *kernel.Filters // w laid out
}

// layOut brings the filters into the form that the kernels read, and lets go of them as they were.
func (c *conv) layOut() error {
	k, err := kernel.NewConv(1, c.h, c.wide, c.in, c.out, c.kh, c.kw, c.stride, c.stride, c.ph, c.pw)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	k.Fast = true
	c.f, c.w = k.Filters(c.w), nil
	return nil
}

// fit tells every convolution the size of its input, that of the first stage being h x w.
func fit(stages []stage, h, w int) {
	for _, s := range stages {
		for _, branch := range s.branches {
			bh, bw := h, w
			for _, st := range branch {
				for _, c := range st.convs {
					c.h, c.wide = bh, bw
				}
				bh, bw, _ = st.out(bh, bw, 0)
			}
		}
		h, w, _ = s.out(h, w, 0)
	}
}

type poolKind uint8

const (
	noPool  poolKind = iota
	maxHalf          // maximum of 3 x 3, stride 2, no padding
	maxSame          // maximum of 3 x 3, stride 1, padding never wins
	avgSame          // mean of 3 x 3, stride 1, over the cells inside the image
)

// step is a pool or one or more convolutions of the same input, laid side by side.
type step struct {
	pool  poolKind
	convs []*conv
}

// stage is a set of branches over one input, their results laid side by side in order.
type stage struct {
	name     string
	branches [][]step
}

// shape is written height x width, stride, padding: enough for every kernel of the network.
type shape struct{ kh, kw, stride, ph, pw int }

var (
	k1    = shape{1, 1, 1, 0, 0}
	k3    = shape{3, 3, 1, 1, 1}
	k3v   = shape{3, 3, 1, 0, 0} // no padding
	k3s2  = shape{3, 3, 2, 0, 0}
	k5    = shape{5, 5, 1, 2, 2}
	k1x7  = shape{1, 7, 1, 0, 3}
	k7x1  = shape{7, 1, 1, 3, 0}
	k1x3  = shape{1, 3, 1, 0, 1}
	k3x1  = shape{3, 1, 1, 1, 0}
	pools = map[poolKind]step{maxHalf: {pool: maxHalf}, maxSame: {pool: maxSame}, avgSame: {pool: avgSame}}
)

// builder strings convolutions together; each knows its input's channels from the one before.
type builder struct{ convs []*conv }

func (b *builder) conv(name string, in, out int, s shape) *conv {
	c := &conv{name: name, in: in, out: out, kh: s.kh, kw: s.kw, stride: s.stride, ph: s.ph, pw: s.pw}
	b.convs = append(b.convs, c)
	return c
}

// link is a convolution's name within its block, its filters and its shape.
type link struct {
	name string
	out  int
	s    shape
}

func (b *builder) chain(block string, in int, links ...link) []step {
	var steps []step
	for _, l := range links {
		steps = append(steps, step{convs: []*conv{b.conv(block+l.name, in, l.out, l.s)}})
		in = l.out
	}
	return steps
}

// pooled is a pool followed by a 1 x 1 convolution.
func (b *builder) pooled(block string, in, out int, p poolKind) []step {
	return append([]step{pools[p]}, b.chain(block, in, link{"branch_pool", out, k1})...)
}

// inceptionStages builds the network without weights and lists its convolutions in the order of the weights file.
func inceptionStages() ([]stage, []*conv) {
	b := &builder{}
	stem1 := append(b.chain("Conv2d_", 3, link{"1a_3x3", 32, k3s2}, link{"2a_3x3", 32, k3v}, link{"2b_3x3", 64, k3}), pools[maxHalf])
	stem2 := append(b.chain("Conv2d_", 64, link{"3b_1x1", 80, k1}, link{"4a_3x3", 192, k3v}), pools[maxHalf])
	stages := []stage{
		{"MaxPool_1", [][]step{stem1}},
		{"MaxPool_2", [][]step{stem2}},
		b.blockA("Mixed_5b.", 192, 32),
		b.blockA("Mixed_5c.", 256, 64),
		b.blockA("Mixed_5d.", 288, 64),
		{"Mixed_6a.", [][]step{
			b.chain("Mixed_6a.", 288, link{"branch3x3", 384, k3s2}),
			b.chain("Mixed_6a.", 288, link{"branch3x3dbl_1", 64, k1}, link{"branch3x3dbl_2", 96, k3}, link{"branch3x3dbl_3", 96, k3s2}),
			{pools[maxHalf]},
		}},
		b.blockB("Mixed_6b.", 128),
		b.blockB("Mixed_6c.", 160),
		b.blockB("Mixed_6d.", 160),
		b.blockB("Mixed_6e.", 192),
		{"Mixed_7a.", [][]step{
			b.chain("Mixed_7a.", 768, link{"branch3x3_1", 192, k1}, link{"branch3x3_2", 320, k3s2}),
			b.chain("Mixed_7a.", 768, link{"branch7x7x3_1", 192, k1}, link{"branch7x7x3_2", 192, k1x7}, link{"branch7x7x3_3", 192, k7x1}, link{"branch7x7x3_4", 192, k3s2}),
			{pools[maxHalf]},
		}},
		b.blockC("Mixed_7b.", 1280, avgSame),
		b.blockC("Mixed_7c.", 2048, maxSame),
	}
	return stages, b.convs
}

// blockA is a 35 x 35 block.
func (b *builder) blockA(name string, in, pool int) stage {
	return stage{name, [][]step{
		b.chain(name, in, link{"branch1x1", 64, k1}),
		b.chain(name, in, link{"branch5x5_1", 48, k1}, link{"branch5x5_2", 64, k5}),
		b.chain(name, in, link{"branch3x3dbl_1", 64, k1}, link{"branch3x3dbl_2", 96, k3}, link{"branch3x3dbl_3", 96, k3}),
		b.pooled(name, in, pool, avgSame),
	}}
}

// blockB is a 17 x 17 block with factorised 7 x 7 filters of the given width.
func (b *builder) blockB(name string, wide int) stage {
	return stage{name, [][]step{
		b.chain(name, 768, link{"branch1x1", 192, k1}),
		b.chain(name, 768, link{"branch7x7_1", wide, k1}, link{"branch7x7_2", wide, k1x7}, link{"branch7x7_3", 192, k7x1}),
		b.chain(name, 768, link{"branch7x7dbl_1", wide, k1}, link{"branch7x7dbl_2", wide, k7x1}, link{"branch7x7dbl_3", wide, k1x7},
			link{"branch7x7dbl_4", wide, k7x1}, link{"branch7x7dbl_5", 192, k1x7}),
		b.pooled(name, 768, 192, avgSame),
	}}
}

// blockC is an 8 x 8 block, whose 3 x 3 filters are split into 1 x 3 and 3 x 1 side by side.
func (b *builder) blockC(name string, in int, pool poolKind) stage {
	fork := func(steps []step, stem string, in int) []step {
		return append(steps, step{convs: []*conv{b.conv(name+stem+"a", in, 384, k1x3), b.conv(name+stem+"b", in, 384, k3x1)}})
	}
	return stage{name, [][]step{
		b.chain(name, in, link{"branch1x1", 320, k1}),
		fork(b.chain(name, in, link{"branch3x3_1", 384, k1}), "branch3x3_2", 384),
		fork(b.chain(name, in, link{"branch3x3dbl_1", 448, k1}, link{"branch3x3dbl_2", 384, k3}), "branch3x3dbl_3", 384),
		b.pooled(name, in, 192, pool),
	}}
}
