package featurizer

import (
	"fmt"
	"maps"
	"math"
	"slices"

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
	pool    kernel.Pool
	uses    int // layers that read the result
}

// layerNet is a network of layers. Its ops are in the order of the file without the batch norms that went into the layer before.
type layerNet struct {
	ops              []netOp
	features, logits int // indices of ops, logits -1 for none
	macs             float64
	values           int // of all results for one image
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
	return b.net, err
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

// filters is the shape of a layer's weight, which has rank sizes; its first one is the number of outputs.
func (b *netBuilder) filters(o *netOp, rank int) ([]int, error) {
	size := b.from.shape(o.Name + ".weight")
	if size == nil {
		return nil, fmt.Errorf("no tensor %q", o.Name+".weight")
	}
	if len(size) != rank {
		return nil, fmt.Errorf("tensor %q has shape %v, want %d sizes", o.Name+".weight", size, rank)
	}
	for _, d := range size {
		if d < 1 || d > maxNetValues {
			return nil, fmt.Errorf("tensor %q has shape %v", o.Name+".weight", size)
		}
	}
	return size, nil
}

// loadBias takes a layer's bias, zeros where it has none.
func (b *netBuilder) loadBias(o *netOp) error {
	if b.from.shape(o.Name+".bias") == nil {
		o.bias = make([]float32, o.c)
		return nil
	}
	bias, err := b.from.get(o.Name+".bias", o.c)
	o.bias = slices.Clone(bias) // a batch norm may change it
	return err
}

func (b *netBuilder) loadConv(o, x *netOp) error {
	if x.flat {
		return fmt.Errorf("its input is a vector, want a map")
	}
	size, err := b.filters(o, 4)
	if err != nil {
		return err
	}
	out, kh, kw := size[0], size[2], size[3]
	raw, err := b.from.get(o.Name+".weight", out, x.c, kh, kw)
	if err != nil {
		return err
	}
	st, p := pair{1, 1}, pair{}
	if o.Stride != nil {
		st = *o.Stride
	}
	if o.Padding != nil {
		p = *o.Padding
	}
	if o.conv, err = kernel.NewConv(1, x.h, x.w, x.c, out, kh, kw, st[0], st[1], p[0], p[1]); err != nil {
		return err
	}
	o.h, o.w, o.c = o.conv.OH, o.conv.OW, out
	b.net.macs += float64(o.h*o.w) * float64(len(raw))
	o.weight = make([]float32, len(raw))
	area := kh * kw
	for k := range out {
		for i := range x.c {
			for t := range area {
				o.weight[(t*x.c+i)*out+k] = raw[(k*x.c+i)*area+t]
			}
		}
	}
	return b.loadBias(o)
}

func (b *netBuilder) loadDense(o, x *netOp) error {
	if x.h*x.w != 1 {
		return fmt.Errorf("its input is a map of %d x %d x %d: flatten it or pool it first", x.h, x.w, x.c)
	}
	size, err := b.filters(o, 2)
	if err != nil {
		return err
	}
	if o.weight, err = b.from.get(o.Name+".weight", size[0], x.c); err != nil {
		return err
	}
	o.c, o.flat = size[0], true
	b.net.macs += float64(len(o.weight))
	return b.loadBias(o)
}

// affine loads a scale and a shift for each of c channels.
func (b *netBuilder) affine(o *netOp, c int) (err error) {
	if o.weight, err = b.from.get(o.Name+".weight", c); err == nil {
		o.bias, err = b.from.get(o.Name+".bias", c)
	}
	return err
}

// loadBatchNorm turns the running statistics into a scale and a shift, and multiplies them into a convolution or dense layer before it:
//
//	w' = w g/sqrt(var + eps), b' = (b - mean) g/sqrt(var + eps) + beta
func (b *netBuilder) loadBatchNorm(o, x *netOp) (bool, error) {
	if err := b.affine(o, x.c); err != nil {
		return false, err
	}
	mean, err := b.from.get(o.Name+".running_mean", x.c)
	if err != nil {
		return false, err
	}
	variance, err := b.from.get(o.Name+".running_var", x.c)
	if err != nil {
		return false, err
	}
	eps := o.eps()
	scale, shift := make([]float64, x.c), make([]float64, x.c)
	for k := range scale {
		if !(float64(variance[k])+eps > 0) {
			return false, fmt.Errorf("running_var %d is %v", k, variance[k])
		}
		scale[k] = float64(o.weight[k]) / math.Sqrt(float64(variance[k])+eps)
		shift[k] = float64(o.bias[k]) - float64(float64(mean[k])*scale[k])
	}
	from := &b.net.ops[o.in[0]]
	if b.uses[o.In[0]] == 1 && !b.tapped[o.In[0]] && from.uses == 0 && (from.Op == "conv" || from.Op == "dense") {
		from.rescale(scale, shift)
		return true, nil
	}
	o.weight, o.bias = make([]float32, x.c), make([]float32, x.c)
	for k := range scale {
		o.weight[k], o.bias[k] = float32(scale[k]), float32(shift[k])
	}
	return false, nil
}

// rescale multiplies a scale and a shift of each output into a layer's numbers.
func (o *netOp) rescale(scale, shift []float64) {
	o.weight = slices.Clone(o.weight)
	per := len(o.weight) / o.c
	for k := range o.c {
		o.bias[k] = float32(float64(float64(o.bias[k])*scale[k]) + shift[k])
		for i := range per {
			j := i*o.c + k // a convolution's filters lie side by side
			if o.Op == "dense" {
				j = k*per + i
			}
			o.weight[j] = float32(float64(o.weight[j]) * scale[k])
		}
	}
}

func (o *netOp) eps() float64 {
	if o.Eps != nil {
		return *o.Eps
	}
	return 1e-5 // PyTorch's
}

// netTensors hands out tensors by name.
type netTensors interface {
	// shape is nil for a tensor that does not exist.
	shape(name string) []int
	// get refuses another shape than the one it is asked for.
	get(name string, shape ...int) ([]float32, error)
}

// fileTensors are those of a file; it remembers which were asked for.
type fileTensors struct {
	w    Weights
	used map[string]bool
}

func (t fileTensors) shape(name string) []int { return t.w[name].Shape }

func (t fileTensors) get(name string, shape ...int) ([]float32, error) {
	x, ok := t.w[name]
	if !ok {
		return nil, fmt.Errorf("no tensor %q", name)
	}
	t.used[name] = true
	if !slices.Equal(x.Shape, shape) {
		return nil, fmt.Errorf("tensor %q has shape %v, want %v", name, x.Shape, shape)
	}
	if i := kernel.FirstNonFinite(x.Data); i >= 0 {
		return nil, fmt.Errorf("tensor %q: value %d is %v", name, i, x.Data[i])
	}
	return x.Data, nil
}

// unused names a tensor that no layer asked for, "" if there is none.
func (t fileTensors) unused() string {
	for _, name := range slices.Sorted(maps.Keys(t.w)) {
		if !t.used[name] {
			return name
		}
	}
	return ""
}
