package nn

import "slices"

// Mode says what a layer is run for.
type Mode uint8

// Train uses batch statistics and dropout and moves states; Eval uses what was learned.
const (
	Train Mode = iota
	Eval
)

// Layer is a differentiable function with parameters of its own. Its parameters are made once, by its constructor; Forward may be called any
// number of times.
type Layer interface {
	Forward(x *Node, m Mode) *Node
}

type sequential []Layer

// Seq runs layers one after the other.
func Seq(layers ...Layer) Layer { return sequential(slices.Clone(layers)) }

// Forward implements Layer.
func (s sequential) Forward(x *Node, m Mode) *Node {
	for _, l := range s {
		x = l.Forward(x, m)
	}
	return x
}

// LayerOptions is how a layer with weights is made.
type LayerOptions struct {
	NoBias       bool // leave out the bias
	SpectralNorm bool // divide the weight by its largest singular value
	Weight, Bias Init // how the two are filled
}

// Option changes how a layer is made.
type Option func(*LayerOptions)

// NoBias leaves out the bias, as before a batch norm.
func NoBias(o *LayerOptions) { o.NoBias = true }

// SpectralNorm divides the weight by its largest singular value, estimated by one power iteration a step [miyato2018].
func SpectralNorm(o *LayerOptions) { o.SpectralNorm = true }

// WithInit sets how the weight is filled; the default is GlorotUniform.
func WithInit(i Init) Option { return func(o *LayerOptions) { o.Weight = i } }

// WithBias sets how the bias is filled; the default is Zeros.
func WithBias(i Init) Option { return func(o *LayerOptions) { o.Bias = i } }

// weights are the parameters of dense and convolutional layers.
type weights struct {
	w, b     *Node
	spectral *spectralNorm
}

func newWeights(s *Scope, opts []Option, fanIn, fanOut, channels int, dims ...int) weights {
	o := LayerOptions{Weight: GlorotUniform(), Bias: Zeros()}
	if s.fill != nil {
		o.Weight = *s.fill
	}
	for _, f := range opts {
		f(&o)
	}
	var l weights
	l.w = s.param("w", o.Weight, fanIn, fanOut, dims)
	if !o.NoBias {
		l.b = s.param("b", o.Bias, fanIn, fanOut, []int{channels})
	}
	if o.SpectralNorm {
		l.spectral = newSpectralNorm(s, l.w)
	}
	return l
}

func (l weights) weight(m Mode) *Node {
	if l.spectral != nil {
		return l.spectral.weight(m)
	}
	return l.w
}

type dense struct{ weights }

// Dense maps [N, in] to [N, out]: x w + b.
func Dense(s *Scope, in, out int, opts ...Option) Layer {
	return dense{newWeights(s, opts, in, out, out, in, out)}
}

// Forward implements Layer.
func (l dense) Forward(x *Node, m Mode) *Node { return Linear(x, l.weight(m), l.b) }

type convolution struct {
	weights
	k Window
}

// Conv maps [N,H,W,in] to [N,H',W',out], H' = (H + 2 p - k) / s + 1.
func Conv(s *Scope, in, out int, k Window, opts ...Option) Layer {
	a := k.KH * k.KW
	return convolution{newWeights(s, opts, a*in, a*out, out, k.KH, k.KW, in, out), k}
}

// Forward implements Layer.
func (l convolution) Forward(x *Node, m Mode) *Node { return Conv2D(x, l.weight(m), l.b, l.k) }

type transposed struct{ convolution }

// ConvTranspose maps [N,H,W,in] to [N,H',W',out], H' = (H - 1) s - 2 p + k.
func ConvTranspose(s *Scope, in, out int, k Window, opts ...Option) Layer {
	a := k.KH * k.KW
	return transposed{convolution{newWeights(s, opts, max(1, a/(k.SH*k.SW))*in, a*out, out, k.KH, k.KW, out, in), k}}
}

// Forward implements Layer.
func (l transposed) Forward(x *Node, m Mode) *Node { return ConvTranspose2D(x, l.weight(m), l.b, l.k) }

type embedding struct{ table *Node }

// Embedding maps indices [N], whole numbers 0..n-1 carried as float32, to learned vectors [N, d], drawn from N(0, 1).
func Embedding(s *Scope, n, d int) Layer { return embedding{s.Param("table", Normal(1), n, d)} }

// Forward implements Layer.
func (l embedding) Forward(index *Node, _ Mode) *Node { return Gather(l.table, index) }

// To reshapes each sample: [N, ...] to [N, dims...].
func To(dims ...int) Layer {
	return Func(func(x *Node) *Node {
		n, _ := rowsOf("reshape", x)
		return Reshape(x, append([]int{n}, dims...)...)
	})
}

// Flatten makes each sample a vector: [N, ...] to [N, L].
var Flatten Func = func(x *Node) *Node {
	n, l := rowsOf("flatten", x)
	return Reshape(x, n, l)
}

// Upsample repeats each pixel f times in both directions.
func Upsample(f int) Layer { return Func(func(x *Node) *Node { return Upsample2D(x, f) }) }

// AvgPool averages windows.
func AvgPool(k Window) Layer { return Func(func(x *Node) *Node { return AvgPool2D(x, k) }) }

// MaxPool takes the largest value of windows.
func MaxPool(k Window) Layer { return Func(func(x *Node) *Node { return MaxPool2D(x, k) }) }

// GlobalAvgPool averages each channel over the image.
var GlobalAvgPool Func = GlobalAvgPool2D
