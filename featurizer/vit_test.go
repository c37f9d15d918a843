package featurizer

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// vitTol: float32 through a few blocks, as a share of the largest feature.
const vitTol = 2e-5

// vitDraw is a narrow transformer's shape and synthetic weights under the original names.
type vitDraw struct {
	width, depth, patch, grid, hidden int
	registers                         int
	w                                 Weights
	r                                 *rng.Source
}

func (d *vitDraw) put(name string, base, scale float32, shape ...int) {
	n := 1
	for _, v := range shape {
		n *= v
	}
	x := make([]float32, n)
	d.r.FillUniform(x, base-scale, base+scale)
	d.w[name] = Tensor{shape, x}
}

func (d *vitDraw) dense(name string, in, out int) {
	d.put(name+".weight", 0, 1.7/float32(math.Sqrt(float64(in))), out, in)
	d.put(name+".bias", 0, 0.3, out)
}

func (d *vitDraw) norm(name string) {
	d.put(name+".weight", 1, 0.5, d.width)
	d.put(name+".bias", 0, 0.3, d.width)
}

func drawDINO(width, depth, patch, grid, registers int) *vitDraw {
	d := &vitDraw{width, depth, patch, grid, 4 * width, registers, Weights{}, rng.Stream(1, "test", "dinov2")}
	d.put("cls_token", 0, 1, 1, 1, width)
	d.put("pos_embed", 0, 1, 1, grid*grid+1, width)
	d.put("mask_token", 0, 1, 1, width)
	if registers > 0 {
		d.put("register_tokens", 0, 1, 1, registers, width)
	}
	d.put("patch_embed.proj.weight", 0, 0.1, width, 3, patch, patch)
	d.put("patch_embed.proj.bias", 0, 0.3, width)
	for i := range depth {
		p := fmt.Sprintf("blocks.%d.", i)
		d.norm(p + "norm1")
		d.dense(p+"attn.qkv", width, 3*width)
		d.dense(p+"attn.proj", width, width)
		d.put(p+"ls1.gamma", 0.5, 0.4, width)
		d.norm(p + "norm2")
		d.dense(p+"mlp.fc1", width, d.hidden)
		d.dense(p+"mlp.fc2", d.hidden, width)
		d.put(p+"ls2.gamma", 0.5, 0.4, width)
	}
	d.norm("norm")
	return d
}

func drawCLIP(width, depth, patch, grid, dim int) *vitDraw {
	d := &vitDraw{width, depth, patch, grid, 4 * width, 0, Weights{}, rng.Stream(2, "test", "clip")}
	d.put("visual.class_embedding", 0, 1, width)
	d.put("visual.positional_embedding", 0, 1, grid*grid+1, width)
	d.put("visual.conv1.weight", 0, 0.1, width, 3, patch, patch)
	d.norm("visual.ln_pre")
	for i := range depth {
		p := fmt.Sprintf("visual.transformer.resblocks.%d.", i)
		d.norm(p + "ln_1")
		d.put(p+"attn.in_proj_weight", 0, 1.7/float32(math.Sqrt(float64(width))), 3*width, width)
		d.put(p+"attn.in_proj_bias", 0, 0.3, 3*width)
		d.dense(p+"attn.out_proj", width, width)
		d.norm(p + "ln_2")
		d.dense(p+"mlp.c_fc", width, d.hidden)
		d.dense(p+"mlp.c_proj", d.hidden, width)
	}
	d.norm("visual.ln_post")
	d.put("visual.proj", 0, 0.3, width, dim)
	d.put("transformer.resblocks.0.ln_1.weight", 0, 1, 8) // the text half, which is left alone
	return d
}

// rename gives the same weights Hugging Face's names: packed queries, keys and values are cut apart.
func (d *vitDraw) rename(clip bool) Weights {
	h := Weights{}
	pairs := []string{"blocks.", "encoder.layer.", ".attn.proj.", ".attention.output.dense.", ".ls1.gamma", ".layer_scale1.lambda1", ".ls2.gamma", ".layer_scale2.lambda1",
		"patch_embed.proj", "embeddings.patch_embeddings.projection", "cls_token", "embeddings.cls_token", "pos_embed", "embeddings.position_embeddings",
		"register_tokens", "embeddings.register_tokens", "mask_token", "embeddings.mask_token"}
	qkv, parts := ".attn.qkv.", []string{".attention.attention.query.", ".attention.attention.key.", ".attention.attention.value."}
	if clip {
		pairs = []string{"visual.transformer.resblocks.", "vision_model.encoder.layers.", ".ln_1.", ".layer_norm1.", ".ln_2.", ".layer_norm2.", ".attn.out_proj", ".self_attn.out_proj", ".c_fc.", ".fc1.", ".c_proj.", ".fc2.",
			"visual.class_embedding", "vision_model.embeddings.class_embedding", "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight",
			"visual.conv1.", "vision_model.embeddings.patch_embedding.", "visual.ln_pre.", "vision_model.pre_layrnorm.", "visual.ln_post.", "vision_model.post_layernorm."}
		qkv, parts = ".attn.in_proj_", []string{".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."}
	}
	to := strings.NewReplacer(pairs...)
	for name, x := range d.w {
		switch {
		case name == "visual.proj":
			y := Tensor{[]int{x.Shape[1], x.Shape[0]}, make([]float32, len(x.Data))}
			for i, v := range x.Data {
				y.Data[i%x.Shape[1]*x.Shape[0]+i/x.Shape[1]] = v
			}
			h["visual_projection.weight"] = y
		case strings.HasPrefix(name, "norm."):
			h["layernorm."+strings.TrimPrefix(name, "norm.")] = x
		case strings.Contains(name, qkv):
			for i, part := range parts {
				n := len(x.Data) / 3
				shape := slices.Clone(x.Shape)
				shape[0] /= 3
				h[to.Replace(strings.Replace(name, qkv, part, 1))] = Tensor{shape, x.Data[i*n : (i+1)*n]}
			}
		default:
			h[to.Replace(name)] = x
		}
	}
	return h
}

// naiveVit is the definition in float64, one image of side x side x 3 given channels last. Positions are those of out x out patches.
type naiveVit struct {
	d         *vitDraw
	clip      bool
	positions [][]float64 // class first
	out       int         // patches a side
}

func (v naiveVit) t(name string) []float32 {
	x, ok := v.d.w[name]
	if !ok {
		panic(name)
	}
	return x.Data
}

func (v naiveVit) normed(x []float64, name string) []float64 {
	eps := 1e-6
	if v.clip {
		eps = 1e-5
	}
	mean, square := 0.0, 0.0
	for _, a := range x {
		mean += a / float64(len(x))
	}
	for _, a := range x {
		square += (a - mean) * (a - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, a := range x {
		y[i] = (a-mean)/math.Sqrt(square+eps)*float64(v.t(name + ".weight")[i]) + float64(v.t(name + ".bias")[i])
	}
	return y
}

func affineRow(x []float64, w, b []float32) []float64 {
	y := make([]float64, len(w)/len(x))
	for o := range y {
		for i, a := range x {
			y[o] += a * float64(w[o*len(x)+i])
		}
		if b != nil {
			y[o] += float64(b[o])
		}
	}
	return y
}

func (v naiveVit) run(image []float32) []float64 {
	d, p := v.d, v.d.patch
	names := map[bool][]string{
		false: {"patch_embed.proj", "cls_token", "blocks.%d.", "norm1", "attn.qkv.weight", "attn.qkv.bias", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2", "norm"},
		true:  {"visual.conv1", "visual.class_embedding", "visual.transformer.resblocks.%d.", "ln_1", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj", "ln_2", "mlp.c_fc", "mlp.c_proj", "visual.ln_post"},
	}[v.clip]
	var seq [][]float64
	class := make([]float64, d.width)
	for i, a := range v.t(names[1]) {
		class[i] = float64(a) + v.positions[0][i]
	}
	seq = append(seq, class)
	for r := range d.registers {
		row := make([]float64, d.width)
		for i := range row {
			row[i] = float64(v.t("register_tokens")[r*d.width+i])
		}
		seq = append(seq, row)
	}
	side := v.out * p
	for g := range v.out * v.out {
		row := make([]float64, d.width)
		for o := range row {
			if !v.clip {
				row[o] = float64(v.t("patch_embed.proj.bias")[o])
			}
			for c := range 3 {
				for a := range p {
					for b := range p {
						row[o] += float64(image[((g/v.out*p+a)*side+g%v.out*p+b)*3+c]) * float64(v.t(names[0] + ".weight")[((o*3+c)*p+a)*p+b])
					}
				}
			}
			row[o] += v.positions[1+g][o]
		}
		seq = append(seq, row)
	}
	if v.clip {
		for i := range seq {
			seq[i] = v.normed(seq[i], "visual.ln_pre")
		}
	}
	for i := range d.depth {
		n := func(k int) string { return fmt.Sprintf(names[2], i) + names[k] }
		var qkv [][]float64
		for _, x := range seq {
			qkv = append(qkv, affineRow(v.normed(x, n(3)), v.t(n(4)), v.t(n(5))))
		}
		for q := range seq {
			mixed := make([]float64, d.width)
			for h := 0; h < d.width; h += 64 {
				weight, total := make([]float64, len(seq)), 0.0
				for k := range seq {
					for c := h; c < h+64; c++ {
						weight[k] += qkv[q][c] * qkv[k][d.width+c]
					}
					weight[k] = math.Exp(weight[k] / math.Sqrt(64))
					total += weight[k]
				}
				for k := range seq {
					for c := h; c < h+64; c++ {
						mixed[c] += weight[k] / total * qkv[k][2*d.width+c]
					}
				}
			}
			for c, a := range affineRow(mixed, v.t(n(6)+".weight"), v.t(n(6)+".bias")) {
				if !v.clip {
					a *= float64(v.t(fmt.Sprintf("blocks.%d.ls1.gamma", i))[c])
				}
				seq[q][c] += a
			}
		}
		for q := range seq {
			up := affineRow(v.normed(seq[q], n(7)), v.t(n(8)+".weight"), v.t(n(8)+".bias"))
			for c, a := range up {
				if up[c] = a * math.Erfc(-a/math.Sqrt2) / 2; v.clip {
					up[c] = a / (1 + math.Exp(-1.702*a))
				}
			}
			for c, a := range affineRow(up, v.t(n(9)+".weight"), v.t(n(9)+".bias")) {
				if !v.clip {
					a *= float64(v.t(fmt.Sprintf("blocks.%d.ls2.gamma", i))[c])
				}
				seq[q][c] += a
			}
		}
	}
	y := v.normed(seq[0], names[10])
	if !v.clip {
		return y
	}
	proj, z := v.t("visual.proj"), make([]float64, v.d.w["visual.proj"].Shape[1])
	for i, a := range y {
		for o := range z {
			z[o] += a * float64(proj[i*len(z)+o])
		}
	}
	return z
}

// keysInterpolated is bicubic interpolation of positions written from its definition in two dimensions: sixteen neighbours, cubic with a = -0.75.
func keysInterpolated(table []float32, in, out, d int, ratio float64) [][]float64 {
	k := func(s float64) float64 {
		s = math.Abs(s)
		if s <= 1 {
			return 1.25*s*s*s - 2.25*s*s + 1
		}
		if s < 2 {
			return -0.75*s*s*s + 3.75*s*s - 6*s + 3
		}
		return 0
	}
	var rows [][]float64
	for p := range out * out {
		y, x := (float64(p/out)+0.5)*ratio-0.5, (float64(p%out)+0.5)*ratio-0.5
		row := make([]float64, d)
		for j := int(math.Floor(y)) - 1; j <= int(math.Floor(y))+2; j++ {
			for i := int(math.Floor(x)) - 1; i <= int(math.Floor(x))+2; i++ {
				cell := min(max(j, 0), in-1)*in + min(max(i, 0), in-1)
				for c := range row {
					row[c] += k(y-float64(j)) * k(x-float64(i)) * float64(table[cell*d+c])
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func tokenRows(x []float32, d int) (rows [][]float64) {
	for ; len(x) >= d; x = x[d:] {
		var r []float64
		for _, v := range x[:d] {
			r = append(r, float64(v))
		}
		rows = append(rows, r)
	}
	return rows
}

// vitCases are the shapes under test: DINOv2 with interpolated positions, with registers, and CLIP.
func vitCases() map[string]struct {
	d    *vitDraw
	kind vitKind
} {
	small := func(k vitKind, side int) vitKind { k.side = side; return k }
	return map[string]struct {
		d    *vitDraw
		kind vitKind
	}{
		"dinov2":           {drawDINO(128, 2, 5, 7, 0), small(dinov2Kind(), 20)}, // 7 x 7 positions to 4 x 4 patches
		"dinov2 registers": {drawDINO(64, 2, 4, 3, 2), small(dinov2Kind(), 12)},
		"clip":             {drawCLIP(128, 3, 4, 3, 40), clipKind()},
	}
}

// TestVitAgainstNaive: original names against the definition, Hugging Face's names against the original ones to the bit, rows to the bit in other
// batches and on other threads.
func TestVitAgainstNaive(t *testing.T) {
	kernel.SetThreads(2)
	for name, c := range vitCases() {
		v, err := c.kind.load(c.d.w)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		const n = 3
		x := make([]float32, n*v.side*v.side*3)
		rng.Stream(4, "test", name).FillUniform(x, -2, 2)
		got := make([]float32, n*v.dim)
		if err := v.forward(x, n, got, nil); err != nil {
			t.Fatal(err)
		}
		clip := strings.HasPrefix(name, "clip")
		table := c.d.w["pos_embed"].Data
		if clip {
			table = c.d.w["visual.positional_embedding"].Data
		}
		ref := naiveVit{d: c.d, clip: clip, positions: tokenRows(table, v.width), out: v.grid}
		if v.grid != c.d.grid {
			ref.positions = append(ref.positions[:1:1], keysInterpolated(table[v.width:], c.d.grid, v.grid, v.width, float64(c.d.grid)/(float64(v.grid)+0.1))...)
		}
		size := v.side * v.side * 3
		for i := range n {
			closeTo(t, name, got[i*v.dim:(i+1)*v.dim], ref.run(x[i*size:(i+1)*size]), vitTol)
		}
		other, err := c.kind.load(c.d.rename(clip))
		if err != nil {
			t.Errorf("%s: Hugging Face's names: %v", name, err)
			continue
		}
		for _, th := range []int{1, 3, 7} { // three share the images, two and seven the products
			kernel.SetThreads(th)
			again := make([]float32, len(got))
			if err := v.forward(x, n, again, nil); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(again, got) {
				t.Errorf("%s: %d threads: other features than on two", name, th)
			}
		}
		kernel.SetThreads(1)
		one := make([]float32, v.dim)
		for i := range n {
			if err := other.forward(x[i*size:(i+1)*size], 1, one, nil); err != nil {
				t.Fatal(err)
			}
			for k, y := range one {
				if math.Float32bits(y) != math.Float32bits(got[i*v.dim+k]) {
					t.Fatalf("%s: feature %d of image %d: %v by itself under other names, %v among %d", name, k, i, y, got[i*v.dim+k], n)
				}
			}
		}
		kernel.SetThreads(2)
	}
}

func writeWeights(t testing.TB, w Weights) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.WriteSafetensors(&b, false); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVitFiles: the catalog's way in, ids that open again, and the mistakes.
func TestVitFiles(t *testing.T) {
	d := drawCLIP(64, 1, 32, 7, 16)
	env := Env{Weights: writeWeights(t, d.w)}
	f, err := Open(context.Background(), "clip", env)
	if err != nil {
		t.Fatal(err)
	}
	if f.ID() != "clip(vit-w64-32,openai)" || f.Dim() != 16 {
		t.Errorf("id %s, dim %d", f.ID(), f.Dim())
	}
	for _, spec := range []string{f.ID(), "clip(openai)", "clip(vit-w64-32)"} {
		if g, err := Open(context.Background(), spec, env); err != nil || g.Fingerprint() != f.Fingerprint() {
			t.Errorf("%s: %v", spec, err)
		}
	}
	m := goldenImage(0, 60, 90)
	out, err := f.(EachFeaturizer).FeaturizeImages(context.Background(), []*imaging.Image{m, nil, m})
	if err != nil {
		t.Fatal(err)
	}
	if out.Features.At(0, 3) != out.Features.At(2, 3) || out.Features.At(1, 3) != 0 || out.Probs != nil {
		t.Error("rows of equal images differ, or a skipped one is not zero, or there are classes")
	}
	swiglu := drawDINO(64, 1, 14, 2, 0)
	delete(swiglu.w, "blocks.0.mlp.fc1.weight")
	for spec, c := range map[string]struct{ weights, want string }{
		"clip(vit-b-32)": {env.Weights, "is vit-w64-32"},
		"clip(bilinear)": {env.Weights, "have openai, torch-fidelity"},
		"dinov2":         {env.Weights, "another network"},
		"dinov2(meta)":   {writeWeights(t, swiglu.w), "SwiGLU"},
		"vgg16":          {env.Weights, "vgg16-397923af.pth"},
		"vgg16(caffe)":   {"", "give the file (Env.Weights)"},
	} {
		if _, err := Open(context.Background(), spec, Env{Weights: c.weights}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", spec, err, c.want)
		}
	}
}

// TestImagePrep on cases that can be done by hand.
func TestImagePrep(t *testing.T) {
	// 3 x 5 with a shorter side of 3: nothing is resized, the middle three columns stay. Grey becomes colour.
	p := &fitter{imagePrep: imagePrep{resampler: imaging.PillowBicubic, h: 3, w: 3, c: 3, short: 3, mean: []float64{0, 0.2, 0.4}, std: []float64{1, 0.5, 0.25}}}
	m := &imaging.Image{H: 3, W: 5, C: 1, Pix: make([]uint8, 15)}
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 17)
	}
	x := make([]float32, 27)
	if err := p.apply(x, m); err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		unit := float64((i/9*5+1+i/3%3)*17) / 255
		want := (unit - p.mean[i%3]) / p.std[i%3]
		if math.Abs(float64(v)-want) > 1e-6 {
			t.Errorf("value %d: %v, want %v", i, v, want)
		}
	}
	// Caffe's order: a red image has its 255 in the last channel, minus 123.68.
	rows := vggPreps()
	q := &fitter{imagePrep: rows[2]}
	q.h, q.w = 2, 2
	y := make([]float32, 12)
	if err := q.apply(y, &imaging.Image{H: 1, W: 1, C: 3, Pix: []uint8{255, 0, 0}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-103.939, -116.779, 255 - 123.68} {
		if math.Abs(float64(y[i])-want) > 1e-4 {
			t.Errorf("channel %d: %v, want %v", i, y[i], want)
		}
	}
	// torchvision rounds halves to even: rests of 1, 3 and 5 begin at 0, 2 and 2.
	for rest, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 2, 5: 2} {
		if got := cropStart(224+rest, 224); got != want {
			t.Errorf("a rest of %d: the crop begins at %d, want %d", rest, got, want)
		}
	}
	if err := (&fitter{imagePrep: clipPreps(224)[0]}).apply(nil, &imaging.Image{H: 1, W: 3_000_000, C: 1, Pix: make([]uint8, 3_000_000)}); err == nil {
		t.Error("a line of three million pixels is blown up to 224 rows")
	}
}
