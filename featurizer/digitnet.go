package featurizer

import (
	"context"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// The digit classifier: a small relative of Inception for 28 x 28 grey images. A 3 x 3 stem, two blocks of 1 x 1, 3 x 3, 5 x 5 and pooled
// branches with halving maximum pools between (28, 13, 6, 2), a 2 x 2 convolution to 64 features, and a linear layer to 10 classes.
const (
	digitSide     = 28
	digitFeatures = 64
	digitClasses  = 10
	digitChunk    = 16 // images a worker takes at a time
)

var k2v = shape{2, 2, 1, 0, 0}

// digitStages is the network without weights: the one description that training and evaluation share.
func digitStages() ([]stage, []*conv) {
	b := &builder{}
	block := func(name string, in, one, three3, three, five5, five, pool int) stage {
		return stage{name, [][]step{
			b.chain(name, in, link{"1x1", one, k1}),
			b.chain(name, in, link{"3x3a", three3, k1}, link{"3x3b", three, k3}),
			b.chain(name, in, link{"5x5a", five5, k1}, link{"5x5b", five, k5}),
			b.pooled(name, in, pool, avgSame),
		}}
	}
	return []stage{
		{"stem.", [][]step{append(b.chain("stem.", 1, link{"3x3", 16, k3}), pools[maxHalf])}},
		block("a.", 16, 16, 16, 24, 8, 12, 12),
		{"half.", [][]step{{pools[maxHalf]}}},
		block("b.", 64, 24, 32, 40, 12, 16, 16),
		{"top.", [][]step{append([]step{pools[maxHalf]}, b.chain("top.", 96, link{"2x2", digitFeatures, k2v})...)}},
	}, b.convs
}

// digitNet is the trained classifier with batch norm folded in. It is read-only and safe for concurrent use.
type digitNet struct {
	id, hash string
	stages   []stage
	fc, bias []float32
	scratch  sync.Pool
}

var _ Featurizer = (*digitNet)(nil)

// newDigitNet lays the folded weights out: NAME.w (kh x kw x in x out) and NAME.b for each convolution, fc.w (64 x 10) and fc.b.
func newDigitNet(id, hash string, w Weights) (*digitNet, error) {
	stages, convs := digitStages()
	net := &digitNet{id: id, hash: hash, stages: stages}
	net.scratch.New = func() any { return new(workspace) }
	get := func(name string, shape ...int) ([]float32, error) {
		if t, ok := w[name]; ok && slices.Equal(t.Shape, shape) {
			return t.Data, nil
		}
		return nil, fault.Of(ErrWeights, "%s: no tensor %q of shape %v: these are weights of another network", id, name, shape)
	}
	fit(stages, digitSide, digitSide)
	var err error
	for _, c := range convs {
		if c.w, err = get(c.name+".w", c.kh, c.kw, c.in, c.out); err != nil {
			return nil, err
		}
		if c.b, err = get(c.name+".b", c.out); err != nil {
			return nil, err
		}
		if err = c.layOut(); err != nil {
			return nil, err
		}
	}
	if net.fc, err = get("fc.w", digitFeatures, digitClasses); err != nil {
		return nil, err
	}
	net.bias, err = get("fc.b", digitClasses)
	return net, err
}

func (d *digitNet) ID() string          { return d.id }
func (d *digitNet) Fingerprint() string { return d.id + "@" + d.hash }
func (d *digitNet) Dim() int            { return digitFeatures }

// Featurize returns 64 features (the non-negative outputs below the last layer), 10 logits and their softmax for 28 x 28 x 1 images.
func (d *digitNet) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if s != nil && !slices.Equal(s.Shape, []int{digitSide, digitSide, 1}) {
		return nil, fault.Of(ErrShape, "%s: samples of shape %v, want 28 x 28 x 1 images", d.id, s.Shape)
	}
	if err := accept(ctx, d.id, s); err != nil {
		return nil, err
	}
	n := s.Len()
	features, logits := make([]float32, n*digitFeatures), make([]float32, n*digitClasses)
	chunks := (n + digitChunk - 1) / digitChunk
	errs := make([]error, chunks)
	kernel.Par(chunks, func(i int) {
		lo, hi := i*digitChunk, min((i+1)*digitChunk, n)
		if errs[i] = ctx.Err(); errs[i] == nil {
			d.forward(features[lo*digitFeatures:hi*digitFeatures], logits[lo*digitClasses:hi*digitClasses], s.Slice(lo, hi).Data, hi-lo)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	l := toDense(n, digitClasses, logits)
	return &Output{Features: toDense(n, digitFeatures, features), Logits: l, Probs: numeric.SoftmaxRows(l)}, nil
}

func (d *digitNet) forward(features, logits, x []float32, n int) {
	ws := d.scratch.Get().(*workspace)
	defer d.scratch.Put(ws)
	last := runStages(d.stages, tensor{n, digitSide, digitSide, 1, x}, ws, quirks{}, nil, nil)
	copy(features, last.x)
	kernel.Gemm(false, false, n, digitClasses, digitFeatures, features, digitFeatures, d.fc, digitClasses, logits, digitClasses, kernel.Epilogue{Bias: d.bias})
}

// runStages runs stages one after the other; seen, if not nil, is shown each stage's input first. The last result goes to end, which may be nil.
func runStages(stages []stage, cur tensor, ws *workspace, q quirks, seen func(i int, in tensor), end []float32) tensor {
	for i, s := range stages {
		if seen != nil {
			seen(i, cur)
		}
		h, w, c := s.out(cur.h, cur.w, cur.c)
		next := tensor{cur.n, h, w, c, end}
		if i < len(stages)-1 || end == nil {
			ar := &ws.result[i%2]
			ar.used = 0
			next.x = ar.take(cur.n * h * w * c)
		}
		s.run(next, cur, ws, q)
		cur = next
	}
	return cur
}

func toDense(n, d int, x []float32) *mat.Dense {
	f := make([]float64, len(x))
	for i, v := range x {
		f[i] = float64(v)
	}
	return mat.NewDense(n, d, f)
}
