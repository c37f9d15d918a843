package featurizer

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
)

// netBuffers recycles the results of layers that nobody reads any more.
type netBuffers struct{ free [][]float32 }

// take returns the smallest that has room for n values.
func (b *netBuffers) take(n int) []float32 {
	best := -1
	for i, x := range b.free {
		if cap(x) >= n && (best < 0 || cap(x) < cap(b.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]float32, n)
	}
	x := b.free[best]
	b.free = slices.Delete(b.free, best, best+1)
	return x[:n]
}

func (b *netBuffers) give(x []float32) { b.free = append(b.free, x) }

// forward runs n inputs through all layers. features and logits are filled row by row; logits may be empty.
func (net *layerNet) forward(x []float32, n int, features, logits []float32) error {
	return net.run(x, n, func(i int, y tensor) {
		if i == net.features {
			copy(features, y.x)
		}
		if i == net.logits {
			copy(logits, y.x)
		}
	})
}

// run shows the result of every layer as it is made; it is the network's own and is written over afterwards.
func (net *layerNet) run(x []float32, n int, show func(i int, y tensor)) error {
	results := make([]tensor, len(net.ops))
	left := make([]int, len(net.ops))
	pool, _ := net.buffers.Get().(*netBuffers)
	if pool == nil {
		pool = new(netBuffers)
	}
	defer net.buffers.Put(pool)
	for i := range net.ops {
		o := &net.ops[i]
		left[i] = o.uses
		if i == 0 {
			results[0] = tensor{n, o.h, o.w, o.c, x}
			left[0]++ // the caller's: never written, never recycled
			continue
		}
		ins := make([]tensor, len(o.in))
		for k, j := range o.in {
			ins[k] = results[j]
		}
		y := tensor{n: n, h: o.h, w: o.w, c: o.c}
		if o.inPlace() && left[o.in[0]] == 1 {
			y.x = ins[0].x
			left[o.in[0]]++ // lives on as the result
		} else {
			y.x = pool.take(y.rows() * y.c)
		}
		if err := o.run(y, ins); err != nil {
			return fmt.Errorf("layer %q: %w", o.Name, err)
		}
		results[i] = y
		show(i, y)
		for _, j := range o.in {
			if left[j]--; left[j] == 0 {
				pool.give(results[j].x)
			}
		}
		if left[i] == 0 { // a tap that no layer reads
			pool.give(y.x)
		}
	}
	return nil
}

// inPlace says whether a layer may write over its input.
func (o *netOp) inPlace() bool {
	switch o.Op {
	case "relu", "leakyrelu", "tanh", "sigmoid", "gelu", "quickgelu", "softmax", "batchnorm", "layernorm":
		return true
	case "flatten":
		return o.Order == "hwc"
	}
	return false
}

// run computes one layer.
func (o *netOp) run(y tensor, in []tensor) error {
	x := in[0]
	if o.done {
		return nil
	}
	switch o.Op {
	case "conv", "dense":
		o.product(y, x)
	case "batchnorm":
		kernel.RowsAffine(x.rows(), x.c, y.x, x.x, o.weight, o.bias, 0, kernel.ActNone)
	case "layernorm":
		layerNorm(x.rows(), x.c, y.x, x.x, o.weight, o.bias, o.eps())
	case "maxpool", "avgpool":
		k := o.pool
		k.N = x.n
		if o.Op == "maxpool" {
			k.Max(y.x, nil, x.x)
		} else {
			k.Avg(y.x, x.x, o.CountPad == nil || *o.CountPad)
		}
	case "globalavgpool", "globalmaxpool":
		globalPool(y, x, o.Op == "globalmaxpool")
	case "flatten":
		flatten(y, x, o.Order != "hwc")
	case "concat":
		col := 0
		for _, t := range in {
			place(y, col, t.x, t.c)
			col += t.c
		}
	case "add":
		kernel.Add(y.x, x.x, in[1].x)
		for _, t := range in[2:] {
			kernel.Add(y.x, y.x, t.x)
		}
	case "softmax":
		kernel.Softmax(x.rows(), x.c, y.x, x.x)
	default:
		return o.activate(y, x)
	}
	return nil
}

// slope is that of relu and leakyrelu below zero.
func (o *netOp) slope() float32 {
	switch {
	case o.Op == "relu":
		return 0
	case o.Slope != nil:
		return float32(*o.Slope)
	}
	return 0.01 // PyTorch's
}

func (o *netOp) activate(y, x tensor) error {
	switch o.Op {
	case "relu", "leakyrelu":
		kernel.LeakyReLU(y.x, x.x, o.slope())
	case "tanh":
		kernel.Tanh(y.x, x.x)
	case "sigmoid":
		kernel.Sigmoid(y.x, x.x)
	case "gelu":
		copy(y.x, x.x)
		gelu(x.rows(), x.c, y.x)
	case "quickgelu":
		copy(y.x, x.x)
		quickGelu(x.rows(), x.c, y.x)
	default:
		return fault.Of(ErrWeights, "op %q is not known", o.Op)
	}
	return nil
}

// product is a convolution or a dense layer, with the activation that follows where it went along.
func (o *netOp) product(y, x tensor) {
	e := kernel.Epilogue{Bias: o.bias, Act: o.act, Alpha: o.alpha}
	if o.filters == nil {
		kernel.Gemm(false, true, x.n, y.c, x.c, x.x, x.c, o.weight, x.c, y.x, y.c, e)
		return
	}
	o.filters.Forward(x.n, y.x, y.c, x.x, e)
}

func globalPool(y, x tensor, top bool) {
	size := x.h * x.w * x.c
	kernel.Par(x.n, func(n int) {
		in, out := x.x[n*size:(n+1)*size], y.x[n*x.c:(n+1)*x.c]
		if !top {
			sum := make([]float64, x.c)
			means(sum, tensor{1, x.h, x.w, x.c, in})
			for c, v := range sum {
				out[c] = float32(v)
			}
			return
		}
		for c := range out {
			out[c] = float32(math.Inf(-1))
		}
		for p := 0; p < size; p += x.c {
			kernel.MaxOf(out, out, in[p:p+x.c])
		}
	})
}

// flatten turns maps into vectors: PyTorch's order is channel by channel, ours is position by position.
func flatten(y, x tensor, planes bool) {
	if !planes {
		copy(y.x, x.x)
		return
	}
	area, size := x.h*x.w, x.h*x.w*x.c
	kernel.Par(x.n, func(n int) {
		in, out := x.x[n*size:(n+1)*size], y.x[n*size:(n+1)*size]
		for p := range area {
			for c, v := range in[p*x.c : (p+1)*x.c] {
				out[c*area+p] = v
			}
		}
	})
}

// netBatch is how many inputs go together: activations of about 200 MB at most.
func (net *layerNet) netBatch() int {
	return min(max(48<<20/max(net.values, 1), 1), 64)
}
