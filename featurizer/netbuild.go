package featurizer

import (
	"fmt"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// netOp is a layer ready to run: its inputs are results of earlier ones, 0 being the network's input.
type netOp struct {
	layerSpec
	in      []int
	h, w, c int
	flat    bool // a vector rather than a map of 1 x 1
	weight  []float32
	bias    []float32
	conv    kernel.Conv
	filters *kernel.Filters // weight laid out
	act     kernel.Act      // of the layer that follows, which is then done
	alpha   float32
	done    bool // by the layer before
	pool    kernel.Pool
	uses    int // layers that read the result
}

// layerNet is a network of layers. Its ops are in the order of the file without the batch norms that went into the layer before.
type layerNet struct {
	ops              []netOp
	features, logits int // indices of ops, logits -1 for none
	macs             float64
	values           int // of all results for one image
	buffers          sync.Pool
}

// netBuilder knows the names while a network is put together.
type netBuilder struct {
	net    *layerNet
	from   netTensors
	index  map[string]int // of the op that holds a layer's result
	uses   map[string]int
	tapped map[string]bool
}

// buildNet checks a description against its tensors, which from hands out, and prepares it. Every error names its layer.
func buildNet(s netSpec, from netTensors) (*layerNet, error) {
	b := &netBuilder{net: &layerNet{logits: -1}, from: from, index: map[string]int{"input": 0}, uses: map[string]int{}}
	b.tapped = map[string]bool{s.Features: true, s.Logits: true}
	input := netOp{layerSpec: layerSpec{Name: "input"}, h: 1, w: 1, c: s.Input.Shape[0], flat: true}
	if len(s.Input.Shape) == 3 {
		input = netOp{layerSpec: input.layerSpec, h: s.Input.Shape[0], w: s.Input.Shape[1], c: s.Input.Shape[2]}
	}
	b.net.ops = []netOp{input}
	before := "input"
	for i := range s.Layers {
		l := &s.Layers[i]
		if len(l.In) == 0 {
			l.In = []string{before}
		}
		for _, name := range l.In {
			b.uses[name]++
		}
		before = l.Name
	}
	for i, l := range s.Layers {
		if err := b.add(l); err != nil {
			return nil, fmt.Errorf("layer %d %q (%s): %w", i, l.Name, l.Op, err)
		}
		if b.uses[l.Name] == 0 && !b.tapped[l.Name] {
			return nil, fmt.Errorf("layer %d %q (%s): nothing uses it, and it gives neither features nor logits", i, l.Name, l.Op)
		}
	}
	var err error
	if b.net.features, err = b.tap("features", s.Features); err == nil && s.Logits != "" {
		b.net.logits, err = b.tap("logits", s.Logits)
	}
	if err != nil {
		return nil, err
	}
	b.net.fuse()
	b.net.layOut()
	return b.net, nil
}

// fuse lets convolutions and dense layers rectify what they write, where nobody sees it before.
func (net *layerNet) fuse() {
	for i := range net.ops {
		o := &net.ops[i]
		if o.Op != "relu" && o.Op != "leakyrelu" {
			continue
		}
		from := &net.ops[o.in[0]]
		if (from.Op == "conv" || from.Op == "dense") && from.uses == 1 && o.in[0] != net.features && o.in[0] != net.logits {
			from.act, from.alpha, o.done = kernel.ActLeakyReLU, o.slope(), true
		}
	}
}

// denseLeast is the number of outputs from which on a dense layer's weights are laid out; fewer are columns of products, which read them as they are.
const denseLeast = 8

// layOut brings weights into the form that the kernels read, once for all passes, and lets go of them as they were.
func (net *layerNet) layOut() {
	for i := range net.ops {
		switch o := &net.ops[i]; {
		case o.Op == "conv":
			o.filters, o.weight = o.conv.Filters(o.weight), nil
		case o.Op == "dense" && o.c >= denseLeast:
			o.filters, o.weight = kernel.DenseFilters(net.ops[o.in[0]].c, o.c, o.weight, true), nil
		}
	}
}

func (b *netBuilder) tap(role, name string) (int, error) {
	i, ok := b.index[name]
	if !ok || i == 0 {
		return 0, fmt.Errorf("%s: no layer is called %q", role, name)
	}
	if o := b.net.ops[i]; o.h*o.w != 1 {
		return 0, fmt.Errorf("%s: layer %q gives %d x %d x %d: add a globalavgpool or a flatten", role, name, o.h, o.w, o.c)
	}
	return i, nil
}

func (b *netBuilder) add(l layerSpec) error {
	if _, twice := b.index[l.Name]; twice {
		return fmt.Errorf("the name is taken")
	}
	o := netOp{layerSpec: l}
	for _, name := range l.In {
		i, ok := b.index[name]
		if !ok {
			return fmt.Errorf("its input %q is no earlier layer", name)
		}
		o.in = append(o.in, i)
	}
	x := b.net.ops[o.in[0]]
	if len(o.in) != 1 && l.Op != "concat" && l.Op != "add" || len(o.in) < 2 && (l.Op == "concat" || l.Op == "add") {
		return fmt.Errorf("%d inputs: concat and add take two or more, every other op one", len(o.in))
	}
	o.h, o.w, o.c, o.flat = x.h, x.w, x.c, x.flat
	fold, err := b.shape(&o, &x)
	if err != nil {
		return err
	}
	if fold { // into the layer before, whose result nobody else reads
		b.index[l.Name] = o.in[0]
		return nil
	}
	if o.c > maxNetValues/(o.h*o.w) {
		return fmt.Errorf("a result of %d x %d x %d: at most %d values", o.h, o.w, o.c, maxNetValues)
	}
	if b.net.values += o.h * o.w * o.c; b.net.macs > maxNetMACs {
		return fmt.Errorf("over %d multiply-adds for one image", int64(maxNetMACs))
	}
	for _, i := range o.in {
		b.net.ops[i].uses++
	}
	b.index[l.Name] = len(b.net.ops)
	b.net.ops = append(b.net.ops, o)
	return nil
}

// shape sets the size of o's result and loads its numbers. It returns true where the layer disappears into its input x.
func (b *netBuilder) shape(o, x *netOp) (bool, error) {
	switch o.Op {
	case "conv":
		return false, b.loadConv(o, x)
	case "dense":
		return false, b.loadDense(o, x)
	case "batchnorm":
		return b.loadBatchNorm(o, x)
	case "layernorm":
		return false, b.affine(o, x.c)
	case "maxpool", "avgpool":
		if o.Size == nil {
			return false, fmt.Errorf("size is missing")
		}
		s, st, p := *o.Size, *o.Size, pair{}
		if o.Stride != nil {
			st = *o.Stride
		}
		if o.Padding != nil {
			p = *o.Padding
		}
		var err error
		o.pool, err = kernel.NewPool(1, x.h, x.w, x.c, s[0], s[1], st[0], st[1], p[0], p[1])
		o.h, o.w = o.pool.OH, o.pool.OW
		return false, err
	case "globalavgpool", "globalmaxpool":
		o.h, o.w, o.flat = 1, 1, true
	case "flatten":
		if o.Order != "" && o.Order != "chw" && o.Order != "hwc" {
			return false, fmt.Errorf("order %q, have chw (PyTorch's, the default) and hwc", o.Order)
		}
		o.h, o.w, o.c, o.flat = 1, 1, x.h*x.w*x.c, true
	case "concat", "add":
		return false, b.join(o)
	}
	return false, nil
}

func (b *netBuilder) join(o *netOp) error {
	wide := 0
	for _, i := range o.in {
		y := b.net.ops[i]
		if wide += y.c; y.h != o.h || y.w != o.w || o.Op == "add" && y.c != o.c {
			return fmt.Errorf("inputs of %d x %d x %d and %d x %d x %d do not fit", o.h, o.w, o.c, y.h, y.w, y.c)
		}
	}
	if o.Op == "concat" {
		o.c = wide
	}
	return nil
}
