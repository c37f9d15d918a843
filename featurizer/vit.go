package featurizer

import (
	"math"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// A vision transformer [dosovitskiy2021] with layer norm before each half of a block, as CLIP and DINOv2 have it:
//
//	x = tokens(patches) + positions
//	x = x + attention(norm1(x)), x = x + mlp(norm2(x))   in every block
//	feature = norm(x)[class token], times a projection where there is one

// vitLinear is a dense layer as PyTorch keeps it: weights out x in. layOut brings them into the kernels' form and lets go of w.
type vitLinear struct {
	w, b []float32
	f    *kernel.Filters
}

func (l *vitLinear) layOut() {
	out := len(l.b)
	l.f, l.w = kernel.DenseFilters(len(l.w)/out, out, l.w, true), nil
}

// vitNorm is a layer norm's scale and shift.
type vitNorm struct{ scale, shift []float32 }

type vitBlock struct {
	norm1, norm2       vitNorm
	qkv, out, up, down vitLinear // LayerScale is multiplied into out and down, 1/sqrt(d/heads) into the queries
}

// vit is a network ready to run.
type vit struct {
	side, patch, grid int
	width, heads      int
	hidden            int
	extra             int // tokens before the patches: the class and the registers
	eps               float64
	quick             bool // QuickGELU
	embed             vitLinear
	head              []float32 // extra x width: the first tokens, with the class's position added
	position          []float32 // grid*grid x width
	pre               *vitNorm  // before the first block (CLIP)
	blocks            []vitBlock
	norm              vitNorm
	project           []float32 // width x dim, nil for none
	dim               int
	scratch           sync.Pool // of vitScratch
}

// vitScratch is what one forward pass needs.
type vitScratch struct{ s, y, wide, scores, cut []float32 }

// layOut brings all layers into the form that the kernels read.
func (v *vit) layOut() {
	v.scratch.New = func() any { return new(vitScratch) }
	v.embed.layOut()
	for i := range v.blocks {
		b := &v.blocks[i]
		for _, l := range []*vitLinear{&b.qkv, &b.out, &b.up, &b.down} {
			l.layOut()
		}
	}
}

// tokens is the length of the sequence.
func (v *vit) tokens() int { return v.extra + v.grid*v.grid }

// forward runs n prepared images (side x side x 3 each): each worker takes its share of them through the whole network where the shares are alike, so that nobody waits.
func (v *vit) forward(x []float32, n int, features, _ []float32) error {
	th := min(kernel.Threads(), n)
	if n%th != 0 && n < 4*th {
		th = 1
	}
	kernel.Par(th, func(i int) {
		lo, hi := i*n/th, (i+1)*n/th
		v.pass(x[lo*v.side*v.side*3:], hi-lo, features[lo*v.dim:hi*v.dim])
	})
	return nil
}

// pass runs n images together.
func (v *vit) pass(x []float32, n int, features []float32) {
	w := v.scratch.Get().(*vitScratch)
	defer v.scratch.Put(w)
	d, t := v.width, v.tokens()
	rows := n * t
	s, y, wide := enough(&w.s, rows*d), enough(&w.y, rows*d), enough(&w.wide, rows*max(3*d, v.hidden))
	v.embedPatches(s, x, n)
	if v.pre != nil {
		layerNorm(rows, d, s, s, v.pre.scale, v.pre.shift, v.eps)
	}
	act := kernel.ActGELU
	if v.quick {
		act = kernel.ActQuickGELU
	}
	for i := range v.blocks {
		b := &v.blocks[i]
		layerNorm(rows, d, y, s, b.norm1.scale, b.norm1.shift, v.eps)
		b.qkv.run(wide, y, rows, false, kernel.ActNone)
		v.attend(y, wide, n)
		b.out.run(s, y, rows, true, kernel.ActNone)
		layerNorm(rows, d, y, s, b.norm2.scale, b.norm2.shift, v.eps)
		b.up.run(wide, y, rows, false, act)
		b.down.run(s, wide, rows, true, kernel.ActNone)
	}
	for i := range n { // the class token alone goes on
		copy(y[i*d:(i+1)*d], s[i*t*d:])
	}
	if v.project == nil {
		layerNorm(n, d, features, y, v.norm.scale, v.norm.shift, v.eps)
		return
	}
	layerNorm(n, d, y, y, v.norm.scale, v.norm.shift, v.eps)
	kernel.Gemm(false, false, n, v.dim, d, y, d, v.project, v.dim, features, v.dim, kernel.Epilogue{})
}

// enough returns n floats of *p, which is enlarged if needed.
func enough(p *[]float32, n int) []float32 {
	if cap(*p) < n {
		*p = make([]float32, n)
	}
	return (*p)[:n]
}

// run sets y = act(x w' + b), or adds that to y.
func (l *vitLinear) run(y, x []float32, rows int, add bool, act kernel.Act) {
	l.f.Forward(rows, y, len(l.b), x, kernel.Epilogue{Bias: l.b, Add: add, Act: act})
}

// embedPatches cuts each image into patches, channel by channel as the weights expect them, multiplies, and puts the first tokens in front.
func (v *vit) embedPatches(s, x []float32, n int) {
	d, t, p := v.width, v.tokens(), v.patch
	area, count := 3*p*p, v.grid*v.grid
	kernel.Par(n, func(i int) {
		w := v.scratch.Get().(*vitScratch)
		defer v.scratch.Put(w)
		image, own := x[i*v.side*v.side*3:], s[i*t*d:(i+1)*t*d]
		cut := enough(&w.cut, count*area)
		for g := range count {
			top, left := g/v.grid*p, g%v.grid*p
			row := cut[g*area : (g+1)*area]
			for a := range p {
				src := image[((top+a)*v.side+left)*3:][:3*p]
				for b := range p {
					row[a*p+b], row[(p+a)*p+b], row[(2*p+a)*p+b] = src[3*b], src[3*b+1], src[3*b+2]
				}
			}
		}
		copy(own, v.head)
		patches := own[v.extra*d:]
		v.embed.run(patches, cut, count, false, kernel.ActNone)
		kernel.Add(patches, patches, v.position)
	})
}

// attend sets y to softmax(q k') v, head by head; a row of qkv holds the queries, keys and values of all heads.
func (v *vit) attend(y, qkv []float32, n int) {
	d, t := v.width, v.tokens()
	size := d / v.heads
	kernel.Par(n*v.heads, func(i int) {
		w := v.scratch.Get().(*vitScratch)
		defer v.scratch.Put(w)
		image, head := i/v.heads, i%v.heads
		base := qkv[image*t*3*d+head*size:]
		a := enough(&w.scores, t*t)
		kernel.Gemm(false, true, t, t, size, base, 3*d, base[d:], 3*d, a, t, kernel.Epilogue{})
		kernel.Softmax(t, t, a, a)
		kernel.Gemm(false, false, t, size, t, a, t, base[2*d:], 3*d, y[image*t*d+head*size:], d, kernel.Epilogue{})
	})
}

// positions brings the positions of the patches from a grid of in x in to out x out as PyTorch's bicubic interpolation does, offset being what the
// code of DINOv2 adds to the new side before it takes the ratio: source = (i + 1/2) in/(out + offset) - 1/2. Without antialias the cubic has
// a = -0.75 and edges are repeated; with it a = -0.5, widened by the ratio when shrinking, over the cells inside.
func positions(table []float32, in, out, d int, offset float64, antialias bool) []float32 {
	if in == out {
		return table
	}
	weights := make([][]float64, out)
	for i := range weights {
		weights[i] = positionRow(i, in, float64(in)/(float64(out)+offset), antialias)
	}
	y := make([]float32, out*out*d)
	kernel.Par(out*out, func(p int) {
		sum := make([]float64, d)
		for a, wa := range weights[p/out] {
			for b, wb := range weights[p%out] {
				if k := wa * wb; k != 0 {
					for c, v := range table[(a*in+b)*d : (a*in+b+1)*d] {
						sum[c] += float64(k * float64(v))
					}
				}
			}
		}
		for c, v := range sum {
			y[p*d+c] = float32(v)
		}
	})
	return y
}

// positionRow is the share of each of in cells in cell i, ratio being the size of a new cell in old ones.
func positionRow(i, in int, ratio float64, antialias bool) []float64 {
	w := make([]float64, in)
	if !antialias {
		at := (float64(i)+0.5)*ratio - 0.5
		first := math.Floor(at)
		for k := -1; k <= 2; k++ {
			j := min(max(int(first)+k, 0), in-1)
			w[j] += cubicAt(at-first-float64(k), -0.75)
		}
		return w
	}
	centre, scale, sum := (float64(i)+0.5)*ratio, max(ratio, 1), 0.0
	lo, hi := max(int(centre-2*scale+0.5), 0), min(int(centre+2*scale+0.5), in)
	for j := lo; j < hi; j++ {
		w[j] = cubicAt((float64(j)-centre+0.5)/scale, -0.5)
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

// cubicAt is the cubic convolution kernel with parameter a.
func cubicAt(x, a float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((x-5)*x+8)*x*a - 4*a
	}
	return 0
}
