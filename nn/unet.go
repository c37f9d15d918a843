package nn

import "fmt"

// UNet is a network from images to images that is told a time: the one of diffusion models [ho2020], with the adaptive group norm of [dhariwal2021] and small by default.
//
//	down: blocks residual blocks at every resolution, a strided convolution between two
//	middle: a block, self-attention if asked for, a block
//	up: the way back, nearest neighbours and a convolution between two; at every resolution what the way down left there is joined to the channels
//
// A residual block is x + conv(silu(norm_t(conv(silu(norm(x)))))), where norm_t is scaled and shifted by a linear function of the embedded time. The last convolution of every
// block and of the network starts small, so a fresh network answers nearly zero.
type UNet struct {
	embed          Layer
	beside         Layer // what the rows beside add to the embedded time; nil for none
	first, last    Layer
	down, up       [][]*resBlock // by resolution, finest first
	shrink, expand []Layer       // between resolution i and i+1
	middle         [2]*resBlock
	attention      Layer // nil for none
	norm           Layer
}

// UNetConfig is the geometry of a UNet. Resolution i has Width << i channels.
type UNetConfig struct {
	In, Out   int  // channels
	Width     int  // channels of the finest resolution
	Halvings  int  // of the side; it must be divisible that often
	Blocks    int  // residual blocks at every resolution, each way
	Time      int  // width of the embedded time, even
	Attention bool // self-attention at the coarsest resolution
	Beside    int  // width of rows that the network is told beside the time, such as latent vectors; 0 for none
}

// unetLast is the standard deviation that weights begin with where others begin with zero: small, and yet every weight moves in the first step.
const unetLast = 0.01

// NewUNet makes the parameters in the scope.
func NewUNet(s *Scope, c UNetConfig) *UNet {
	if c.In < 1 || c.Out < 1 || c.Width < 1 || c.Halvings < 0 || c.Blocks < 1 {
		misuse("unet "+s.Path(), "geometry %+v has an empty side", c)
	}
	three := K(3, 1, 1)
	u := &UNet{embed: TimeEmbedding(s.Sub("time"), c.Time), first: Conv(s.Sub("in"), c.In, c.Width, three)}
	if c.Beside > 0 {
		u.beside = Seq(Dense(s.Sub("beside1"), c.Beside, c.Time), SiLU, Dense(s.Sub("beside2"), c.Time, c.Time))
	}
	block := func(name string, in, out int) *resBlock { return newResBlock(s.Sub(name), in, out, c.Time) }
	at := c.Width
	for i := range c.Halvings + 1 {
		ch := c.Width << i
		var way []*resBlock
		for b := range c.Blocks {
			way = append(way, block(fmt.Sprintf("down%d_%d", i, b), at, ch))
			at = ch
		}
		u.down = append(u.down, way)
		if i < c.Halvings {
			u.shrink = append(u.shrink, Conv(s.Sub(fmt.Sprintf("shrink%d", i)), ch, ch, K(3, 2, 1)))
		}
	}
	u.middle[0], u.middle[1] = block("middle0", at, at), block("middle1", at, at)
	if c.Attention {
		u.attention = SelfAttention(s.Sub("attention"), at)
	}
	u.up = make([][]*resBlock, c.Halvings+1)
	for i := c.Halvings; i >= 0; i-- {
		ch := c.Width << i
		for b := range c.Blocks {
			u.up[i] = append(u.up[i], block(fmt.Sprintf("up%d_%d", i, b), at+ch, ch))
			at = ch
		}
		if i > 0 {
			u.expand = append([]Layer{Seq(Upsample(2), Conv(s.Sub(fmt.Sprintf("expand%d", i)), ch, ch, three))}, u.expand...)
		}
	}
	u.norm = GroupNorm(s.Sub("norm"), c.Width, groupsOf(c.Width))
	u.last = Conv(s.Sub("out"), c.Width, c.Out, three, WithInit(Normal(unetLast)))
	return u
}

// Forward maps x [N,H,W,In] and times [N], in units of the whole way, to [N,H,W,Out].
func (u *UNet) Forward(x, t *Node, m Mode) *Node { return u.forward(x, u.embed.Forward(t, m), m) }

// ForwardBeside is Forward of a network that is told rows [N,Beside] too: two layers of their own, whose answer is added to the embedded time.
func (u *UNet) ForwardBeside(x, t, rows *Node, m Mode) *Node {
	if u.beside == nil {
		misuse("unet", "rows are told to a network that was made without: set UNetConfig.Beside")
	}
	return u.forward(x, Add(u.embed.Forward(t, m), u.beside.Forward(rows, m)), m)
}

func (u *UNet) forward(x, e *Node, m Mode) *Node {
	wantRank("unet", x, 4)
	e = SiLU.Forward(e, m)
	h := u.first.Forward(x, m)
	kept := make([][]*Node, len(u.down))
	for i, way := range u.down {
		for _, b := range way {
			h = b.forward(h, e, m)
			kept[i] = append(kept[i], h)
		}
		if i < len(u.shrink) {
			h = u.shrink[i].Forward(h, m)
		}
	}
	h = u.middle[0].forward(h, e, m)
	if u.attention != nil {
		h = u.attention.Forward(h, m)
	}
	h = u.middle[1].forward(h, e, m)
	for i := len(u.up) - 1; i >= 0; i-- {
		for b, block := range u.up[i] {
			h = block.forward(Concat(3, h, kept[i][len(kept[i])-1-b]), e, m)
		}
		if i > 0 {
			h = u.expand[i-1].Forward(h, m)
		}
	}
	return u.last.Forward(SiLU(u.norm.Forward(h, m)), m)
}

// groupsOf is the largest number of groups, at most eight, that divides the channels.
func groupsOf(c int) int {
	g := min(8, c)
	for c%g != 0 {
		g--
	}
	return g
}

type resBlock struct {
	norm, conv1, conv2 Layer
	time               Layer // embedded time to scale and shift
	skip               Layer // nil where the channels stay
	out                int
}

func newResBlock(s *Scope, in, out, time int) *resBlock {
	three := K(3, 1, 1)
	b := &resBlock{out: out, norm: GroupNorm(s.Sub("norm"), in, groupsOf(in)), conv1: Conv(s.Sub("conv1"), in, out, three),
		time: Dense(s.Sub("time"), time, 2*out), conv2: Conv(s.Sub("conv2"), out, out, three, WithInit(Normal(unetLast)))}
	if in != out {
		b.skip = Conv(s.Sub("skip"), in, out, K(1, 1, 0))
	}
	return b
}

func (b *resBlock) forward(x, e *Node, m Mode) *Node {
	h := b.conv1.Forward(SiLU(b.norm.Forward(x, m)), m)
	told := b.time.Forward(e, m)
	gain, shift := AddConst(Slice(told, 1, 0, b.out), 1), Slice(told, 1, b.out, 2*b.out)
	h = b.conv2.Forward(SiLU(GroupNormRows(h, gain, shift, groupsOf(b.out))), m)
	if b.skip != nil {
		x = b.skip.Forward(x, m)
	}
	return Add(x, h)
}
