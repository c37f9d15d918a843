package featurizer

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/kernel"
)

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
	o.conv.Fast = true
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
