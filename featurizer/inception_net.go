package featurizer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// The layers whose means are features, by their length, and the spatial one of sFID.
const (
	tap64 = iota
	tap192
	tap768
	tap2048
	tapSpatial
)

// inceptionDims are the lengths of the taps; inceptionStage is the index of the stage whose result each reads.
var (
	inceptionDims  = []int{64, 192, 768, 2048, 2023}
	inceptionStage = []int{0, 1, 9, 12, 7}
)

const (
	inceptionSide    = 299
	inceptionClasses = 1008
	spatialChannels  = 7
)

// quirks are the usual mistakes of ports, switched on by the self-test alone, so that it can name the one it sees.
type quirks struct {
	countPadding bool    // average pools divide by 9 everywhere
	lastAverage  bool    // the last block pools by the mean
	eps          float64 // of batch norm; 0 means 0.001
}

// inceptionNet is the network with its weights folded and laid out for the kernels. It is read-only and safe for concurrent use.
type inceptionNet struct {
	stages  []stage
	quirk   quirks
	spatial []float32 // 768 x 7: the first filters of Mixed_6d.branch1x1 without batch norm
	fc      []float32 // 2048 x 1008
	bias    []float32
	scratch sync.Pool
}

// source gives the tensor of a key in the weights file's layout (filters out x in x height x width).
type source func(key string, shape ...int) ([]float32, error)

// newInception folds batch norm (eps 0.001) into the convolutions of the stages up to last:
//
//	w' = w g / sqrt(v + eps),  b' = beta - m g / sqrt(v + eps)
//
// get is called concurrently.
func newInception(get source, quirk quirks, last int) (*inceptionNet, error) {
	stages, _ := inceptionStages()
	net := &inceptionNet{stages: stages, quirk: quirk}
	net.scratch.New = func() any { return new(workspace) }
	if quirk.lastAverage {
		net.stages[12].branches[3][0] = pools[avgSame]
	}
	fit(stages, inceptionSide, inceptionSide)
	var convs []*conv
	for _, s := range stages[:last+1] {
		for _, branch := range s.branches {
			for _, st := range branch {
				convs = append(convs, st.convs...)
			}
		}
	}
	errs := make([]error, len(convs))
	kernel.Par(len(convs), func(i int) { errs[i] = net.load(convs[i], get) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if last < inceptionStage[tap2048] {
		// sFID reads the next stage's first filters.
		if last == inceptionStage[tapSpatial] {
			return net, net.loadSpatial(get)
		}
		return net, nil
	}
	w, err := get("fc.weight", inceptionClasses, 2048)
	if err != nil {
		return nil, err
	}
	net.fc = make([]float32, len(w))
	for o := range inceptionClasses {
		for i := range 2048 {
			net.fc[i*inceptionClasses+o] = w[o*2048+i]
		}
	}
	if net.bias, err = get("fc.bias", inceptionClasses); err != nil {
		return nil, err
	}
	return net, net.loadSpatial(get)
}

// loadSpatial takes the filters of sFID as they are, without batch norm.
func (net *inceptionNet) loadSpatial(get source) error {
	raw, err := get("Mixed_6d.branch1x1.conv.weight", 192, 768, 1, 1)
	if err != nil {
		return err
	}
	net.spatial = make([]float32, 768*spatialChannels)
	for o := range spatialChannels {
		for i := range 768 {
			net.spatial[i*spatialChannels+o] = raw[o*768+i]
		}
	}
	return nil
}

func (net *inceptionNet) load(c *conv, get source) error {
	raw, err := get(c.name+".conv.weight", c.out, c.in, c.kh, c.kw)
	if err != nil {
		return err
	}
	eps := net.quirk.eps
	if eps == 0 {
		eps = 0.001
	}
	if err := c.fold(get, raw, eps); err != nil {
		return err
	}
	return c.layOut()
}

func (c *conv) fold(get source, raw []float32, eps float64) error {
	var bn [4][]float32
	for i, part := range []string{"weight", "bias", "running_mean", "running_var"} {
		var err error
		if bn[i], err = get(c.name+".bn."+part, c.out); err != nil {
			return err
		}
	}
	c.w, c.b = make([]float32, len(raw)), make([]float32, c.out)
	area := c.kh * c.kw
	for o := range c.out {
		scale := float64(bn[0][o]) / math.Sqrt(float64(bn[3][o])+eps)
		c.b[o] = float32(float64(bn[1][o]) - float64(float64(bn[2][o])*scale))
		for i := range c.in {
			for k := range area {
				c.w[(k*c.in+i)*c.out+o] = float32(float64(raw[(o*c.in+i)*area+k]) * scale)
			}
		}
	}
	return nil
}

// inceptionOut takes what one pass computes: rows of features of the taps that are not nil, and of logits without bias where wanted.
type inceptionOut struct {
	taps   [5][]float64
	logits []float32
}

// last is the index of the last stage that has to run.
func (o inceptionOut) last() int {
	last := -1
	for tap, dst := range o.taps {
		if dst != nil {
			last = max(last, inceptionStage[tap])
		}
	}
	if o.logits != nil {
		last = inceptionStage[tap2048]
	}
	return last
}

// inceptionBatches are how many images go together up to a stage: of 35 x 35 pixels and more activations fill the cache, of 8 x 8 the weights do.
var inceptionBatches = []struct{ upto, images int }{{5, 1}, {11, 4}, {13, inceptionGroup}}

// forward runs n prepared images (299 x 299 x 3 each). The bits of a row do not depend on its neighbours.
func (net *inceptionNet) forward(x []float32, n int, out inceptionOut) {
	ws := net.scratch.Get().(*workspace)
	defer net.scratch.Put(ws)
	upto, first := net.stages[:out.last()+1], 0
	cur := tensor{n, inceptionSide, inceptionSide, 3, x}
	for k, b := range inceptionBatches {
		if first < len(upto) {
			last := min(b.upto, len(upto))
			ar := &ws.between[k%2]
			ar.used = 0
			cur = net.batches(upto[first:last], first, b.images, cur, ws, ar, out)
			first = last
		}
	}
	net.taps(out, len(upto), 0, cur, ws)
	if out.logits != nil {
		net.classify(out.logits, cur)
	}
}

// batches runs stages, the first of which has the number from, some images at a time; the result comes from ar.
func (net *inceptionNet) batches(stages []stage, from, some int, x tensor, ws *workspace, ar *arena, out inceptionOut) tensor {
	y := tensor{x.n, x.h, x.w, x.c, nil}
	for _, s := range stages {
		y.h, y.w, y.c = s.out(y.h, y.w, y.c)
	}
	y.x = ar.take(y.rows() * y.c)
	for i := 0; i < x.n; i += some {
		runStages(stages, x.images(i, i+some), ws, net.quirk, func(k int, t tensor) { net.taps(out, from+k, i, t, ws) }, y.images(i, i+some).x)
	}
	return y
}

// taps reads the features of images from on, t being what stage i-1 gave and stage i reads.
func (net *inceptionNet) taps(out inceptionOut, i, from int, t tensor, ws *workspace) {
	for tap, dst := range out.taps {
		if dst == nil || i != inceptionStage[tap]+1 {
			continue
		}
		dst = dst[from*inceptionDims[tap]:]
		if tap == tapSpatial {
			net.spatialFeatures(dst, t, ws)
		} else {
			means(dst, t)
		}
	}
}

func (net *inceptionNet) classify(logits []float32, last tensor) {
	f := make([]float64, last.n*last.c)
	means(f, last)
	x := make([]float32, len(f))
	for i, v := range f {
		x[i] = float32(v)
	}
	kernel.Gemm(false, false, last.n, inceptionClasses, last.c, x, last.c, net.fc, inceptionClasses, logits, inceptionClasses, kernel.Epilogue{})
}

// means are the averages over all positions, summed in float64 in a fixed order.
func means(dst []float64, t tensor) {
	for n := range t.n {
		d := dst[n*t.c : (n+1)*t.c]
		clear(d)
		for p := range t.h * t.w {
			for c, v := range t.x[(n*t.h*t.w+p)*t.c:][:t.c] {
				d[c] += float64(v)
			}
		}
		for c := range d {
			d[c] /= float64(t.h * t.w)
		}
	}
}

func (net *inceptionNet) spatialFeatures(dst []float64, t tensor, ws *workspace) {
	ws.inner.used = 0
	y := ws.inner.take(t.rows() * spatialChannels)
	kernel.Gemm(false, false, t.rows(), spatialChannels, t.c, t.x, t.c, net.spatial, spatialChannels, y, spatialChannels, kernel.Epilogue{})
	for i, v := range y {
		dst[i] = float64(v)
	}
}

// fromWeights checks a file's tensors against the network and hands them out by key.
func fromWeights(w Weights) source {
	return func(key string, shape ...int) ([]float32, error) {
		t, ok := w[key]
		if !ok {
			return nil, fmt.Errorf("no tensor %q among %d: these are weights of another network; the FID network is published as %s", key, len(w), PublicInception)
		}
		if !slices.Equal(t.Shape, shape) {
			hint := ""
			if strings.HasPrefix(key, "fc.") && len(t.Shape) > 0 && t.Shape[0] == 1000 {
				hint = " (1000 classes: this is torchvision's network, not the FID one)"
			}
			return nil, fmt.Errorf("tensor %q has shape %v, want %v%s", key, t.Shape, shape, hint)
		}
		for i, v := range t.Data {
			if v-v != 0 {
				return nil, fmt.Errorf("tensor %q: value %d is %v", key, i, v)
			}
		}
		return t.Data, nil
	}
}
