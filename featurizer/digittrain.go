package featurizer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// DigitTraining trains the digit classifier: Adam with a cosine learning rate, cross entropy, batches drawn without replacement from a shuffled
// order, each image moved by up to Shift pixels both ways. The same settings and data give the same bits for every thread count.
type DigitTraining struct {
	Train, Test *datasets.Samples // 28 x 28 x 1 with labels 0..9
	Seed        uint64
	Steps       int     // number of batches
	Batch       int     // images in one
	Rate        float64 // Adam's step at the start; it falls to 0 as a cosine
	Shift       int     // pixels
}

const (
	digitEps   = 1e-5 // of batch norm in training
	digitCheck = 20   // steps between looks at the context
)

// Run trains, folds batch norm into the convolutions, rounds the weights to float16 and returns them with the accuracy of exactly those
// weights on the test images.
func (d DigitTraining) Run(ctx context.Context, progress func(share float64)) (w Weights, accuracy float64, err error) {
	for _, s := range []*datasets.Samples{d.Train, d.Test} {
		if s == nil || s.Labels == nil || !slices.Equal(s.Shape, []int{digitSide, digitSide, 1}) {
			return nil, 0, fault.Of(ErrShape, "digit classifier: labelled 28 x 28 x 1 images are needed")
		}
	}
	if d.Steps < 1 || d.Batch < 2 || d.Batch > d.Train.Len() {
		return nil, 0, fault.Of(ErrShape, "digit classifier: %d steps of %d images from %d", d.Steps, d.Batch, d.Train.Len())
	}
	t, err := newDigitTrainer(d)
	if err != nil {
		return nil, 0, err
	}
	for i := range d.Steps {
		if i%digitCheck == 0 {
			if err = ctx.Err(); err != nil {
				return nil, 0, err
			}
			if progress != nil {
				progress(float64(i) / float64(d.Steps))
			}
		}
		if err = t.step(i); err != nil {
			return nil, 0, fmt.Errorf("digit classifier: %w", err)
		}
	}
	w = t.fold()
	for _, x := range w {
		for i, v := range x.Data {
			x.Data[i] = tensorfile.FromHalf(tensorfile.ToHalf(v))
		}
	}
	net, err := newDigitNet("digits", "", w)
	if err != nil {
		return nil, 0, err
	}
	accuracy, err = net.accuracy(ctx, d.Test)
	return w, accuracy, err
}

// accuracy is the share of labelled images whose largest logit is their label's.
func (d *digitNet) accuracy(ctx context.Context, s *datasets.Samples) (float64, error) {
	out, err := d.Featurize(ctx, s)
	if err != nil {
		return 0, err
	}
	right := 0
	for i := range s.Len() {
		row := out.Logits.RawRowView(i)
		if slices.Index(row, slices.Max(row)) == s.Label(i) {
			right++
		}
	}
	return float64(right) / float64(s.Len()), nil
}

// digitTrainer is the training graph and what feeds it.
type digitTrainer struct {
	DigitTraining
	convs  []*conv
	scopes []*nn.Scope
	fc     *nn.Scope
	x, y   *nn.Node
	opt    *nn.Step
	draw   *rng.Source
	order  []int
	at     int
}

func newDigitTrainer(d DigitTraining) (*digitTrainer, error) {
	t := &digitTrainer{DigitTraining: d, draw: rng.Stream(d.Seed, "digitnet", "batches")}
	g := nn.NewGraph(d.Seed)
	s := g.Scope("digitnet")
	err := nn.Try(func() error {
		t.x = g.Input("x", d.Batch, digitSide, digitSide, 1)
		t.y = g.Input("y", d.Batch, digitClasses)
		stages, convs := digitStages()
		t.convs = convs
		cur := t.x
		for _, st := range stages {
			cur = t.stage(s, st, cur)
		}
		t.fc = s.Sub("fc")
		logits := nn.Dense(t.fc, digitFeatures, digitClasses).Forward(nn.Reshape(cur, d.Batch, digitFeatures), nn.Train)
		var err error
		t.opt, err = nn.NewStep(nn.SoftmaxCrossEntropy(logits, t.y), s.Params(), nn.Adam{LR: d.Rate, B1: 0.9, B2: 0.999, Eps: 1e-8})
		return err
	})
	return t, err
}

// stage lays one stage into the training graph.
func (t *digitTrainer) stage(s *nn.Scope, st stage, x *nn.Node) *nn.Node {
	var parts []*nn.Node
	for _, branch := range st.branches {
		cur := x
		for _, stp := range branch {
			cur = t.layer(s, stp, cur)
		}
		parts = append(parts, cur)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return nn.Concat(3, parts...)
}

func (t *digitTrainer) layer(s *nn.Scope, st step, x *nn.Node) *nn.Node {
	switch st.pool {
	case maxHalf:
		return nn.MaxPool2D(x, nn.K(3, 2, 0))
	case maxSame:
		return nn.MaxPool2D(x, nn.K(3, 1, 1))
	case avgSame:
		return nn.AvgPool2D(x, nn.K(3, 1, 1))
	case noPool:
	}
	c := st.convs[0]
	sub := s.Sub(c.name)
	window := nn.Window{KH: c.kh, KW: c.kw, SH: c.stride, SW: c.stride, PH: c.ph, PW: c.pw}
	t.scopes = append(t.scopes, sub)
	x = nn.Conv(sub, c.in, c.out, window, nn.NoBias, nn.WithInit(nn.HeNormal())).Forward(x, nn.Train)
	return nn.ReLU(nn.BatchNorm(sub, c.out).Forward(x, nn.Train))
}

func (t *digitTrainer) step(i int) error {
	x, y := nn.Data(t.x), nn.Data(t.y)
	clear(y)
	const size = digitSide * digitSide
	for b := range t.Batch {
		if t.at == len(t.order) {
			t.order, t.at = t.draw.Perm(t.Train.Len()), 0
		}
		k := t.order[t.at]
		t.at++
		y[b*digitClasses+t.Train.Label(k)] = 1
		dy, dx := t.draw.IntN(2*t.Shift+1)-t.Shift, t.draw.IntN(2*t.Shift+1)-t.Shift
		move(x[b*size:(b+1)*size], t.Train.Row(k), dy, dx)
	}
	t.opt.Rate = (1 + math.Cos(math.Pi*float64(i)/float64(t.Steps))) / 2
	return t.opt.Run()
}

// move shifts a 28 x 28 image; what comes in from outside is black.
func move(dst, src []float32, dy, dx int) {
	for y := range digitSide {
		for x := range digitSide {
			v := float32(-1)
			if sy, sx := y-dy, x-dx; sy >= 0 && sy < digitSide && sx >= 0 && sx < digitSide {
				v = src[sy*digitSide+sx]
			}
			dst[y*digitSide+x] = v
		}
	}
}

// fold gives the weights for evaluation: running statistics folded into filters and biases.
func (t *digitTrainer) fold() Weights {
	w := Weights{}
	for i, c := range t.convs {
		p, st := t.scopes[i].Params(), t.scopes[i].States()
		filters, gamma, beta := nn.Data(p[0]), nn.Data(p[1]), nn.Data(p[2])
		mean, variance := nn.Data(st[0]), nn.Data(st[1])
		fw, fb := make([]float32, len(filters)), make([]float32, c.out)
		for o := range c.out {
			scale := float64(gamma[o]) / math.Sqrt(float64(variance[o])+digitEps)
			fb[o] = float32(float64(beta[o]) - float64(float64(mean[o])*scale))
			for k := o; k < len(fw); k += c.out {
				fw[k] = float32(float64(filters[k]) * scale)
			}
		}
		w[c.name+".w"] = Tensor{[]int{c.kh, c.kw, c.in, c.out}, fw}
		w[c.name+".b"] = Tensor{[]int{c.out}, fb}
	}
	p := t.fc.Params()
	w["fc.w"] = Tensor{[]int{digitFeatures, digitClasses}, slices.Clone(nn.Data(p[0]))}
	w["fc.b"] = Tensor{[]int{digitClasses}, slices.Clone(nn.Data(p[1]))}
	return w
}
