package featurizer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
)

// vitNames says what the tensors of a transformer are called in one kind of file; %d is the block.
type vitNames struct {
	prefix              string
	embed, class, place string // patch embedding (with .weight), class token, positions
	registers           string
	pre, norm, project  string
	turned              bool // the projection is stored out x in
	norm1, norm2        string
	qkv                 []string // one packed layer, or queries, keys and values
	packed              bool     // qkv is in_proj_weight and in_proj_bias rather than a layer
	out, up, down       string
	scale1, scale2      string
}

// depth counts the blocks.
func (n vitNames) depth(w Weights) int {
	d := 0
	for ; w[n.prefix+fmt.Sprintf(n.norm1, d)+".weight"].Data != nil; d++ {
	}
	return d
}

// vitReader takes tensors by name and keeps the first error.
type vitReader struct {
	from   fileTensors
	prefix string
	err    error
}

func (r *vitReader) has(name string) bool { return r.from.shape(r.prefix+name) != nil }

func (r *vitReader) take(name string, shape ...int) []float32 {
	if r.err != nil {
		return nil
	}
	x, err := r.from.get(r.prefix+name, shape...)
	r.err = err
	return x
}

func (r *vitReader) normOf(name string, d int) vitNorm {
	return vitNorm{r.take(name+".weight", d), r.take(name+".bias", d)}
}

func (r *vitReader) linear(name string, in, out int) vitLinear {
	return vitLinear{w: r.take(name+".weight", out, in), b: r.take(name+".bias", out)}
}

// vitKind is what distinguishes the families.
type vitKind struct {
	family    string
	eps       float64
	quick     bool
	side      int // of the input; 0: as many patches as the file has positions
	preps     func(side int) []imagePrep
	files     []vitNames
	published string
}

// load recognises the file and builds the network: every size is read off its tensors, heads have 64 values.
func (k vitKind) load(w Weights) (*vit, error) {
	var n vitNames
	i := slices.IndexFunc(k.files, func(f vitNames) bool { return w[f.prefix+f.embed+".weight"].Data != nil })
	if i < 0 {
		return nil, fmt.Errorf("no patch embedding (%s%s.weight) among %d tensors: these are weights of another network; want %s", k.files[0].prefix, k.files[0].embed, len(w), k.published)
	}
	n = k.files[i]
	r := &vitReader{from: fileTensors{w, map[string]bool{}}, prefix: n.prefix}
	size, places := r.from.shape(n.prefix+n.embed+".weight"), r.from.shape(n.prefix+n.place)
	if len(size) != 4 || size[0] < 64 || size[0]%64 != 0 || size[0] > 1<<14 || size[1] != 3 || size[2] != size[3] || size[2] < 1 || size[2] > 64 {
		return nil, fmt.Errorf("tensor %q has shape %v, want width x 3 x patch x patch with a width in steps of 64", n.prefix+n.embed+".weight", size)
	}
	v := &vit{patch: size[2], width: size[0], heads: size[0] / 64, eps: k.eps, quick: k.quick, dim: size[0], extra: 1}
	if len(places) < 2 || places[len(places)-1] != v.width {
		return nil, fmt.Errorf("tensor %q has shape %v, want positions x %d", n.prefix+n.place, places, v.width)
	}
	count := places[len(places)-2] - 1
	grid := int(math.Round(math.Sqrt(float64(max(count, 0)))))
	if grid < 1 || grid*grid != count || grid > 1024 {
		return nil, fmt.Errorf("tensor %q has %d positions, want a square of patches and one for the class", n.prefix+n.place, count+1)
	}
	v.side, v.grid = k.side, k.side/v.patch
	if k.side == 0 {
		v.side, v.grid = grid*v.patch, grid
	}
	if v.grid < 1 || v.grid*v.patch != v.side || v.side > 2048 {
		return nil, fmt.Errorf("patches of %d do not tile an image of %d", v.patch, v.side)
	}
	v.tokensOf(r, n, grid, places)
	for d := range n.depth(w) {
		v.blocks = append(v.blocks, v.block(r, n, d))
	}
	if len(v.blocks) == 0 && r.err == nil {
		return nil, fmt.Errorf("no blocks (%s)", n.prefix+n.norm1)
	}
	v.norm = r.normOf(n.norm, v.width)
	v.projection(r, n)
	if r.err != nil {
		return nil, r.err
	}
	v.layOut()
	return v, nil
}

// tokensOf loads what the patches become and what stands before them.
func (v *vit) tokensOf(r *vitReader, n vitNames, grid int, places []int) {
	d := v.width
	v.embed.w = r.take(n.embed+".weight", d, 3, v.patch, v.patch)
	if v.embed.b = make([]float32, d); r.has(n.embed + ".bias") {
		v.embed.b = r.take(n.embed+".bias", d)
	}
	class := r.take(n.class, r.from.shape(r.prefix+n.class)...)
	table := r.take(n.place, places...)
	if r.err == nil && len(class) != d {
		r.err = fmt.Errorf("tensor %q has %d values, want %d", r.prefix+n.class, len(class), d)
	}
	if r.err != nil {
		return
	}
	v.head = make([]float32, d)
	for c := range d {
		v.head[c] = class[c] + table[c]
	}
	offset := 0.1 // as the code published with the weights
	if n.registers != "" && r.has(n.registers) {
		offset = 0
		shape := r.from.shape(r.prefix + n.registers)
		regs := r.take(n.registers, shape...)
		if len(regs)%d != 0 || len(regs) > 64*d {
			r.err = fmt.Errorf("tensor %q has shape %v, want up to 64 tokens of %d", r.prefix+n.registers, shape, d)
			return
		}
		v.head, v.extra = append(v.head, regs...), 1+len(regs)/d // registers have no position
	}
	v.position = positions(table[d:], grid, v.grid, d, offset, v.extra > 1)
	if n.pre != "" {
		pre := r.normOf(n.pre, d)
		v.pre = &pre
	}
}

func (v *vit) block(r *vitReader, n vitNames, i int) vitBlock {
	d := v.width
	name := func(pattern string) string { return fmt.Sprintf(pattern, i) }
	b := vitBlock{norm1: r.normOf(name(n.norm1), d), norm2: r.normOf(name(n.norm2), d), out: r.linear(name(n.out), d, d)}
	if up := r.from.shape(r.prefix + name(n.up) + ".weight"); len(up) == 2 && up[0] <= 1<<16 {
		if v.hidden == 0 {
			v.hidden = up[0]
		}
	} else if r.err == nil {
		r.err = fmt.Errorf("no tensor %q: another kind of block (SwiGLU, of the giant model, is not read)", r.prefix+name(n.up)+".weight")
	}
	b.up, b.down = r.linear(name(n.up), d, v.hidden), r.linear(name(n.down), v.hidden, d)
	switch {
	case n.packed:
		b.qkv = vitLinear{w: r.take(name(n.qkv[0])+"_weight", 3*d, d), b: r.take(name(n.qkv[0])+"_bias", 3*d)}
	case len(n.qkv) == 1:
		b.qkv = r.linear(name(n.qkv[0]), d, 3*d)
	default:
		for _, part := range n.qkv {
			l := r.linear(name(part), d, d)
			b.qkv.w, b.qkv.b = append(b.qkv.w, l.w...), append(b.qkv.b, l.b...)
		}
	}
	if r.err != nil {
		return b
	}
	// Heads have 64 values: the factor 1/8 is exact.
	b.qkv = vitLinear{w: slices.Clone(b.qkv.w), b: slices.Clone(b.qkv.b)}
	for k := range b.qkv.w[:d*d] {
		b.qkv.w[k] /= 8
	}
	for k := range b.qkv.b[:d] {
		b.qkv.b[k] /= 8
	}
	if n.scale1 != "" && r.has(name(n.scale1)) {
		b.out = b.out.scaled(r.take(name(n.scale1), d))
		b.down = b.down.scaled(r.take(name(n.scale2), d))
	}
	return b
}

// scaled multiplies LayerScale into a layer's outputs.
func (l vitLinear) scaled(g []float32) vitLinear {
	s := vitLinear{w: slices.Clone(l.w), b: slices.Clone(l.b)}
	for o, k := range g {
		s.b[o] *= k
		for i := range len(l.w) / len(g) {
			s.w[o*len(l.w)/len(g)+i] *= k
		}
	}
	return s
}

// projection loads CLIP's last product, in x out.
func (v *vit) projection(r *vitReader, n vitNames) {
	if n.project == "" || r.err != nil {
		return
	}
	name := strings.TrimPrefix(n.project, "/") // a slash: outside the prefix
	if name != n.project {
		r.prefix = ""
	}
	shape := r.from.shape(r.prefix + name)
	if len(shape) != 2 || shape[0]*shape[1] < 1 {
		r.err = fmt.Errorf("no tensor %q: a CLIP model without its projection", r.prefix+name)
		return
	}
	d := v.width
	if !n.turned {
		v.dim = shape[1]
		v.project = r.take(name, d, v.dim)
		return
	}
	v.dim = shape[0]
	raw := r.take(name, v.dim, d)
	v.project = make([]float32, len(raw))
	for o := range len(raw) / d {
		for i := range d {
			v.project[i*v.dim+o] = raw[o*d+i]
		}
	}
}

// name is the architecture in specifications, e.g. vit-b-32 or vit-l-14-336.
func (v *vit) name() string {
	letter := map[int]string{384: "s", 768: "b", 1024: "l", 1280: "h"}[v.width]
	if letter == "" {
		letter = fmt.Sprintf("w%d", v.width)
	}
	s := fmt.Sprintf("vit-%s-%d", letter, v.patch)
	if v.side != 224 {
		s += fmt.Sprintf("-%d", v.side)
	}
	if v.extra > 1 {
		s += fmt.Sprintf("-reg%d", v.extra-1)
	}
	return s
}

// vitBatch images go together: enough rows for the products, and activations of about 60 MB at ViT-B.
const vitBatch = 8

// open makes the featurizer of a specification family(architecture,preparation); both may be left out.
func (k vitKind) open(s Spec, env Env) (Featurizer, error) {
	if err := s.args(0, 2, k.family+"(architecture,preparation)"); err != nil {
		return nil, err
	}
	w, sum, err := env.weightsFor(s, k.published)
	if err != nil {
		return nil, err
	}
	v, err := k.load(w)
	if err != nil {
		return nil, fault.Of(ErrWeights, "%s: %s: %w", env.Weights, k.family, err)
	}
	rows := k.preps(v.side)
	p := rows[0]
	for i, a := range s.Args {
		name := a.String()
		if name == v.name() && i == 0 {
			continue
		}
		if i == 0 && strings.HasPrefix(name, "vit-") {
			return nil, fault.Of(ErrWeights, "featurizer %s: %s is %s", s, env.Weights, v.name())
		}
		if p, err = lookupPrep(rows, name); err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", s, err)
		}
	}
	return &batchNet{
		id: fmt.Sprintf("%s(%s,%s)", k.family, v.name(), p.name), hash: sum[:16], prep: &fitter{imagePrep: p}, rule: imaging.RoundHalfUp,
		size: v.side * v.side * 3, dim: v.dim, batch: vitBatch, forward: v.forward,
	}, nil
}

// square gives every row the input's size.
func square(side int, rows []imagePrep) []imagePrep {
	for i := range rows {
		rows[i].h, rows[i].w, rows[i].c = side, side, 3
	}
	return rows
}
