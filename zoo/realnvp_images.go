package zoo

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/nn"
)

// ditherInput is the name of the feed of the noise that makes levels continuous.
const ditherInput = "dequantise"

// logitMargin keeps the logit of an intensity finite: it is taken of margin + (1 - 2 margin) y, y in [0, 1] [dinh2017].
const logitMargin = 0.05

// dequantise takes images in [-1, 1] and a number in [0, 1) for each value to the whole line, with the log-determinant of that against y = (level + u) / 256.
func dequantise(x, u *nn.Node) (h, logDet *nn.Node) {
	y := nn.Scale(nn.Add(nn.Affine(x, 127.5, 127.5), u), 1./256)
	p := nn.Affine(y, 1-2*logitMargin, logitMargin)
	lp, lq := nn.Log(p), nn.Log(nn.Affine(p, -1, 1))
	return nn.Sub(lp, lq), nn.RowSum(nn.Affine(nn.Add(lp, lq), -1, float32(math.Log(1-2*logitMargin))))
}

// requantise is the way back, to the middle of a level's cell.
func requantise(h *nn.Node) *nn.Node {
	y := nn.Affine(nn.Sigmoid(h), 1/(1-2*logitMargin), -logitMargin/(1-2*logitMargin))
	return nn.Clamp(nn.Affine(y, 256/127.5, -0.5/127.5-1), -1, 1)
}

// flowLikelihood hands in log p: exact for points; for images the bound of the probability of their levels over draws of the noise that makes them continuous,
// log 1/k sum_i p(y_i) - D log 256.
func (b *Builder) flowLikelihood(x, dither, logP *nn.Node, dim int) error {
	prog, err := nn.Compile(logP)
	if err != nil {
		return err
	}
	units := b.scale.logVolume(dim)
	d := Density{Exact: true, Sites: dim}
	if dither != nil {
		units = -float64(dim) * math.Log(256)
		d = Density{Discrete: true, Sites: dim, Codes: 1, Alphabet: 256, Symbols: func(row []float32) []int {
			all := make([]int, len(row))
			for i, v := range row {
				all[i] = int(math.Round((float64(v) + 1) * 127.5))
			}
			return all
		}}
	}
	d.LogP = func(ctx context.Context, e Evidence) error {
		b.present(x, nil, e)
		return e.average(ctx, units, func() ([]float32, error) {
			if dither != nil {
				for i, r := range e.Random {
					r.FillUniform(rowOfBatch(b.noiseInput(ditherInput), i, b.Batch), 0, 1)
				}
			}
			err := prog.Run()
			return prog.Get(logP), err
		})
	}
	b.Likelihood(d)
	return nil
}

// imageFlow is a pyramid: at each scale 2 x 2 pixels become channels, couplings move one half of the channels by the other, and half of the channels leave.
type imageFlow struct {
	shape  []int // {H, W, C}
	scales []imageScale
}

type imageScale struct {
	couplings []coupling
	channels  int // after folding
}

// The orders in which couplings see the four pixels of a fold: each names the two that are read and then the two that are moved, so that the halves are a checkerboard,
// rows, columns.
var folds = [][4]int{{0, 3, 1, 2}, {1, 2, 0, 3}, {0, 1, 2, 3}, {2, 3, 0, 1}, {0, 2, 1, 3}, {1, 3, 0, 2}}

func (b *Builder) scales(s *nn.Scope) *imageFlow {
	f := &imageFlow{shape: b.Shape}
	c, width := b.Shape[2], b.Settings.Int("width")
	for i := range b.Settings.Int("depth") {
		c *= 4
		scale := imageScale{channels: c}
		for j := range b.Settings.Int("layers") {
			at := s.Sub(fmt.Sprintf("scale%d.layer%d", i, j))
			scale.couplings = append(scale.couplings, b.couplingOf(nn.Seq(
				nn.Conv(at.Sub("conv0"), c/2, width, nn.K(3, 1, 1)), nn.ReLU,
				nn.Conv(at.Sub("conv1"), width, width, nn.K(1, 1, 0)), nn.ReLU,
				nn.Conv(at.Sub("out"), width, c, nn.K(3, 1, 1), nn.WithInit(nn.Normal(nearIdentity))))))
		}
		f.scales = append(f.scales, scale)
		c /= 2 // what goes on
	}
	return f
}

func (f *imageFlow) forward(x *nn.Node) (z, logDet *nn.Node) {
	var parts []*nn.Node
	for i, s := range f.scales {
		x = fold(x)
		for j, c := range s.couplings {
			order := folds[j%len(folds)]
			x = regroup(x, order)
			a, rest := nn.Slice(x, 3, 0, s.channels/2), nn.Slice(x, 3, s.channels/2, s.channels)
			moved, det := c.forward(a, rest)
			x, logDet = regroup(nn.Concat(3, a, moved), undone(order)), addTo(logDet, det)
		}
		if i == len(f.scales)-1 {
			break
		}
		parts = append(parts, nn.Flatten.Forward(nn.Slice(x, 3, 0, s.channels/2), nn.Train))
		x = nn.Slice(x, 3, s.channels/2, s.channels)
	}
	return nn.Concat(1, append(parts, nn.Flatten.Forward(x, nn.Train))...), logDet
}

func (f *imageFlow) inverse(z *nn.Node) *nn.Node {
	n, h, w := z.Shape()[0], f.shape[0]>>len(f.scales), f.shape[1]>>len(f.scales)
	end := z.Shape()[1]
	var x *nn.Node
	for i := len(f.scales) - 1; i >= 0; i-- {
		s := f.scales[i]
		size := h * w * s.channels
		if x != nil {
			size /= 2
		}
		part := nn.Slice(z, 1, end-size, end)
		end -= size
		if x == nil {
			x = nn.Reshape(part, n, h, w, s.channels)
		} else {
			x = nn.Concat(3, nn.Reshape(part, n, h, w, s.channels/2), x)
		}
		for j := len(s.couplings) - 1; j >= 0; j-- {
			order := folds[j%len(folds)]
			x = regroup(x, order)
			a, moved := nn.Slice(x, 3, 0, s.channels/2), nn.Slice(x, 3, s.channels/2, s.channels)
			x = regroup(nn.Concat(3, a, s.couplings[j].inverse(a, moved)), undone(order))
		}
		x = unfold(x)
		h, w = 2*h, 2*w
	}
	return x
}

// fold makes 2 x 2 pixels the channels of one, [N, H, W, C] to [N, H/2, W/2, 4C]: upper left, upper right, lower left, lower right.
func fold(x *nn.Node) *nn.Node {
	s := x.Shape()
	x = nn.Reshape(x, s[0], s[1]/2, 2, s[2]/2, 2, s[3])
	return nn.Reshape(nn.Transpose(x, 0, 1, 3, 2, 4, 5), s[0], s[1]/2, s[2]/2, 4*s[3])
}

func unfold(x *nn.Node) *nn.Node {
	s := x.Shape()
	x = nn.Reshape(x, s[0], s[1], s[2], 2, 2, s[3]/4)
	return nn.Reshape(nn.Transpose(x, 0, 1, 3, 2, 4, 5), s[0], 2*s[1], 2*s[2], s[3]/4)
}

// regroup puts the four quarters of the channels into another order.
func regroup(x *nn.Node, order [4]int) *nn.Node {
	if order == [4]int{0, 1, 2, 3} {
		return x
	}
	n := x.Shape()[3] / 4
	parts := make([]*nn.Node, 4)
	for i, k := range order {
		parts[i] = nn.Slice(x, 3, k*n, (k+1)*n)
	}
	return nn.Concat(3, parts...)
}

// undone is the order that takes regroup back.
func undone(order [4]int) (back [4]int) {
	for i, k := range order {
		back[k] = i
	}
	return back
}
