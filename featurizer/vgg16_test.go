package featurizer

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// narrowVGG has VGG16's plan at a size that plain loops can follow.
var narrowVGG = vggSize{64, [5]int{3, 4, 5, 6, 7}, 33}

func (v vggSize) draw(t testing.TB, seed uint64) Weights {
	t.Helper()
	names, shapes := v.shapes()
	w := Weights{}
	for _, name := range names {
		x, err := randomTensors{seed, shapes}.get(name, shapes[name]...)
		if err != nil {
			t.Fatal(err)
		}
		w[name] = Tensor{shapes[name], x}
	}
	return w
}

// naiveVGG follows configuration D of the paper with torchvision's numbering written out by hand.
func naiveVGG(w Weights, x volume) (fc2 []float64) {
	relu := layerSpec{Op: "relu"}
	do := func(l layerSpec) { x = naiveLayer(l, w, []volume{x}) }
	for _, l := range strings.Fields("0 2 P 5 7 P 10 12 14 P 17 19 21 P 24 26 28 P") {
		if l == "P" {
			do(layerSpec{Op: "maxpool", Size: &pair{2, 2}})
			continue
		}
		do(layerSpec{Op: "conv", Name: "features." + l, Padding: &pair{1, 1}})
		do(relu)
	}
	do(layerSpec{Op: "flatten"})
	do(layerSpec{Op: "dense", Name: "classifier.0"})
	do(relu)
	do(layerSpec{Op: "dense", Name: "classifier.3"})
	return x.x
}

func TestVGGAgainstNaive(t *testing.T) {
	kernel.SetThreads(2)
	w := narrowVGG.draw(t, 3)
	if err := narrowVGG.check(w); err != nil {
		t.Fatal(err)
	}
	const n = 2
	size := narrowVGG.side * narrowVGG.side * 3
	x := make([]float32, n*size)
	rng.Stream(5, "test", "vgg").FillUniform(x, -2, 2)
	for _, layer := range vggLayers {
		net, err := buildNet(narrowVGG.spec(layer), fileTensors{w, map[string]bool{}})
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, n*narrowVGG.fc)
		if err := net.forward(x, n, got, nil); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			in := volume{c: 3, h: narrowVGG.side, w: narrowVGG.side}
			for c := range 3 {
				for p := range in.h * in.w {
					in.x = append(in.x, float64(x[i*size+3*p+c]))
				}
			}
			want := naiveVGG(w, in)
			negative := 0
			for k, v := range want {
				if v < 0 {
					negative++
				}
				if layer == "fc2-relu" {
					want[k] = max(v, 0)
				}
			}
			if negative == 0 || negative == len(want) {
				t.Fatal("the case does not tell fc2 from its ReLU")
			}
			closeTo(t, layer, got[i*narrowVGG.fc:(i+1)*narrowVGG.fc], want, vitTol)
		}
	}
}

// TestVGGSize: 13 convolutions and the first two dense layers of VGG16 hold 134 260 544 numbers (138 357 544 of the whole less 4096 x 1000 + 1000), and
// take 15.47 billion multiply-adds (15 346 630 656 of the convolutions, 102 760 448 + 16 777 216 of the dense ones).
func TestVGGSize(t *testing.T) {
	names, shapes := vgg16Size.shapes()
	count := 0
	for _, name := range names {
		n := 1
		for _, d := range shapes[name] {
			n *= d
		}
		count += n
	}
	if len(names) != 30 || count != 134260544 {
		t.Errorf("%d tensors of %d numbers", len(names), count)
	}
	if testing.Short() {
		return
	}
	net, err := buildNet(vgg16Size.spec("fc2"), zeroTensors(shapes))
	if err != nil {
		t.Fatal(err)
	}
	if net.macs != 15346630656+102760448+16777216 {
		t.Errorf("%.0f multiply-adds", net.macs)
	}
}

type zeroTensors map[string][]int

func (z zeroTensors) shape(name string) []int { return z[name] }
func (z zeroTensors) get(_ string, shape ...int) ([]float32, error) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return make([]float32, n), nil
}

// TestRandomTensors: He's rule is a variance of 2/fan; the sample variance of n uniform numbers is off by about sqrt(0.8/n).
func TestRandomTensors(t *testing.T) {
	_, shapes := vgg16Size.shapes()
	r := randomTensors{7, shapes}
	x, err := r.get("features.5.weight", shapes["features.5.weight"]...)
	if err != nil {
		t.Fatal(err)
	}
	square := 0.0
	for _, v := range x {
		square += float64(v) * float64(v) / float64(len(x))
	}
	if want := 2.0 / (64 * 9); math.Abs(square/want-1) > 4*math.Sqrt(0.8/float64(len(x))) {
		t.Errorf("variance %v, want %v", square, want)
	}
	if y, _ := (randomTensors{8, shapes}).get("features.5.weight", shapes["features.5.weight"]...); y[0] == x[0] {
		t.Error("two seeds draw the same")
	}
}

// torchNets runs the reference networks with PyTorch's own layers, weights and inputs from an npz archive.
const torchNets = `
import sys, numpy as np, torch, torch.nn.functional as F
torch.set_num_threads(2)
d = sys.argv[1] + "/"
def load(f): return {k.replace("|", "/"): torch.from_numpy(v) for k, v in np.load(d + f).items()}
def vgg(f, out):
    w = load(f); x = w["x"].permute(0, 3, 1, 2)
    for l in "0 2 P 5 7 P 10 12 14 P 17 19 21 P 24 26 28 P".split():
        x = F.max_pool2d(x, 2) if l == "P" else F.relu(F.conv2d(x, w["features.%s.weight" % l], w["features.%s.bias" % l], padding=1))
    x = F.relu(F.linear(x.flatten(1), w["classifier.0.weight"], w["classifier.0.bias"]))
    np.save(d + out, F.linear(x, w["classifier.3.weight"], w["classifier.3.bias"]).numpy())
class Block(torch.nn.Module):
    def __init__(s, w, p, names, eps, quick):
        super().__init__()
        s.w, s.p, s.n, s.eps, s.quick = w, p, names, eps, quick
    def ln(s, x, i): return F.layer_norm(x, x.shape[-1:], s.w[s.p + s.n[i] + ".weight"], s.w[s.p + s.n[i] + ".bias"], s.eps)
    def fc(s, x, i): return F.linear(x, s.w[s.p + s.n[i] + ".weight"], s.w[s.p + s.n[i] + ".bias"])
    def forward(s, x):
        D = x.shape[-1]
        a, _ = F.multi_head_attention_forward(*[s.ln(x, 0).transpose(0, 1)] * 3, D, D // 64, s.w[s.p + s.n[1]], s.w[s.p + s.n[2]], None, None, False, 0.0,
            s.w[s.p + s.n[3] + ".weight"], s.w[s.p + s.n[3] + ".bias"], training=False, need_weights=False)
        a = a.transpose(0, 1)
        x = x + (a * s.w[s.p + "ls1.gamma"] if s.p + "ls1.gamma" in s.w else a)
        h = s.fc(s.ln(x, 4), 5)
        h = s.fc(h * torch.sigmoid(1.702 * h) if s.quick else F.gelu(h), 6)
        return x + (h * s.w[s.p + "ls2.gamma"] if s.p + "ls2.gamma" in s.w else h)
def dino(f, out):
    w = load(f); x = w["x"].permute(0, 3, 1, 2); p = w["patch_embed.proj.weight"].shape[-1]
    t = F.conv2d(x, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=p)
    side, D = t.shape[-1], t.shape[1]
    t = t.flatten(2).transpose(1, 2)
    pos = w["pos_embed"]; n = int(round((pos.shape[1] - 1) ** 0.5)); grid = pos[:, 1:].reshape(1, n, n, D).permute(0, 3, 1, 2)
    reg = "register_tokens" in w
    if n != side and reg: grid = F.interpolate(grid, size=(side, side), mode="bicubic", antialias=True)
    elif n != side: grid = F.interpolate(grid, scale_factor=((side + 0.1) / n, (side + 0.1) / n), mode="bicubic")
    pos = torch.cat([pos[:, :1], grid.permute(0, 2, 3, 1).reshape(1, -1, D)], 1)
    t = torch.cat([w["cls_token"].expand(len(t), -1, -1), t], 1) + pos
    if reg: t = torch.cat([t[:, :1], w["register_tokens"].expand(len(t), -1, -1), t[:, 1:]], 1)
    i = 0
    while "blocks.%d.norm1.weight" % i in w:
        t = Block(w, "blocks.%d." % i, ["norm1", "attn.qkv.weight", "attn.qkv.bias", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2"], 1e-6, False)(t); i += 1
    np.save(d + out, F.layer_norm(t[:, 0], (D,), w["norm.weight"], w["norm.bias"], 1e-6).numpy())
def clip(f, out):
    w = {k[7:]: v for k, v in load(f).items() if k.startswith("visual.") or k == "x"} ; w["x"] = load(f)["x"]
    x = w["x"].permute(0, 3, 1, 2); p = w["conv1.weight"].shape[-1]
    t = F.conv2d(x, w["conv1.weight"], stride=p).flatten(2).transpose(1, 2); D = t.shape[-1]
    t = torch.cat([w["class_embedding"].expand(len(t), 1, -1), t], 1) + w["positional_embedding"]
    t = F.layer_norm(t, (D,), w["ln_pre.weight"], w["ln_pre.bias"])
    i = 0
    while "transformer.resblocks.%d.ln_1.weight" % i in w:
        t = Block(w, "transformer.resblocks.%d." % i, ["ln_1", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"], 1e-5, True)(t); i += 1
    np.save(d + out, (F.layer_norm(t[:, 0], (D,), w["ln_post.weight"], w["ln_post.bias"]) @ w["proj"]).numpy())
with torch.no_grad():
    for job in sys.argv[2:]: globals()[job.split("-")[0]](job + ".npz", job + ".npy")
`

// withTorch returns a python that has PyTorch, or skips.
func withTorch(t testing.TB) string {
	t.Helper()
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)").Run() == nil {
			return p
		}
	}
	t.Skip("no python3 with torch: apt-get install python3-torch")
	return ""
}

func writeNPZ(t testing.TB, path string, w Weights) {
	t.Helper()
	z := NPZ{}
	for name, x := range w {
		z[name] = Float32Array(x.Shape, x.Data)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := z.Write(f); err != nil {
		t.Fatal(err)
	}
}

// TestNetsAgainstTorch holds VGG16's plan, narrow and at its full size, and the transformers to PyTorch's own layers. More positions than the naive
// test has: registers with interpolation, enlarged and reduced grids.
func TestNetsAgainstTorch(t *testing.T) {
	if !testutil.Long() {
		t.Skip("VGG16 at its full size, in PyTorch too: set ASSAY_LONG=1")
	}
	exe := withTorch(t)
	kernel.SetThreads(2)
	dir := t.TempDir()
	type job struct {
		forward func(x []float32, n int, features, logits []float32) error
		x       []float32
		dim     int
	}
	jobs, names := map[string]job{}, []string{dir}
	const n = 2
	add := func(name string, w Weights, side, dim int, forward func(x []float32, n int, features, logits []float32) error) {
		x := make([]float32, n*side*side*3)
		rng.Stream(6, "test", name).FillUniform(x, -2, 2)
		w["x"] = Tensor{[]int{n, side, side, 3}, x}
		writeNPZ(t, filepath.Join(dir, name+".npz"), w)
		jobs[name], names = job{forward, x, dim}, append(names, name)
	}
	for name, v := range map[string]vggSize{"vgg-narrow": narrowVGG, "vgg-full": vgg16Size} {
		w := v.draw(t, 9)
		net, err := buildNet(v.spec("fc2"), fileTensors{w, map[string]bool{}})
		if err != nil {
			t.Fatal(err)
		}
		add(name, w, v.side, v.fc, net.forward)
	}
	for name, c := range map[string]struct {
		d    *vitDraw
		kind vitKind
		side int
	}{
		"dino-plain":     {drawDINO(128, 2, 14, 5, 0), dinov2Kind(), 70},
		"dino-reduced":   {drawDINO(64, 1, 6, 9, 0), dinov2Kind(), 24},
		"dino-enlarged":  {drawDINO(64, 1, 6, 3, 0), dinov2Kind(), 42},
		"dino-registers": {drawDINO(64, 1, 6, 9, 4), dinov2Kind(), 24},
		"dino-regs-up":   {drawDINO(64, 1, 6, 3, 4), dinov2Kind(), 42},
		"clip-b":         {drawCLIP(192, 3, 16, 4, 48), clipKind(), 64},
	} {
		if c.kind.side != 0 {
			c.kind.side = c.side
		}
		v, err := c.kind.load(c.d.w)
		if err != nil {
			t.Fatal(err)
		}
		add(name, c.d.w, c.side, v.dim, v.forward)
	}
	if out, err := exec.Command(exe, append([]string{"-c", torchNets}, names...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, j := range jobs {
		got := make([]float32, n*j.dim)
		if err := j.forward(j.x, n, got, nil); err != nil {
			t.Fatal(err)
		}
		a, err := ReadArray(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for _, v := range a.Float32s() {
			want = append(want, float64(v))
		}
		closeTo(t, name, got, want, 2*vitTol) // both sides are float32
	}
}

// torchPrep is torchvision's classic transform with Pillow, and the quantisers as their tools write them.
const torchPrep = `
import sys, numpy as np, torch
from PIL import Image
d = sys.argv[1] + "/"
def prep(m, short, crop, bicubic, mean, std):
    im = Image.fromarray(m); w, h = im.size
    nw, nh = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    im = im.resize((nw, nh), Image.BICUBIC if bicubic else Image.BILINEAR)
    top, left = int(round((nh - crop) / 2.0)), int(round((nw - crop) / 2.0))
    x = torch.from_numpy(np.array(im.crop((left, top, left + crop, top + crop)))).permute(2, 0, 1).float().div(255)
    return ((x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)).permute(1, 2, 0).numpy().copy()
for i in range(int(sys.argv[2])):
    m = np.load(d + "m%d.npy" % i)
    np.save(d + "clip%d.npy" % i, prep(m, 224, 224, True, (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)))
    np.save(d + "meta%d.npy" % i, prep(m, 256, 224, True, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    np.save(d + "vgg%d.npy" % i, prep(m, 256, 224, False, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
x = torch.from_numpy(np.load(d + "q.npy"))
np.save(d + "q128.npy", (x * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy())
np.save(d + "qhalf.npy", (((x + 1) / 2).clamp(0, 1) * 255).byte().numpy())
`

// TestPrepAgainstTorch: preparations to the bit, for images wider and taller than square; quantisers to the bit at every grey level and around it.
func TestPrepAgainstTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	exe := withTorch(t)
	if exec.Command(exe, "-c", "import PIL").Run() != nil {
		t.Skip("no Pillow: apt-get install python3-pil")
	}
	dir := t.TempDir()
	save := func(name string, a *Array) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := a.WriteNPY(f); err != nil {
			t.Fatal(err)
		}
	}
	var images []*imaging.Image
	for i, s := range [][2]int{{40, 57}, {301, 200}, {225, 225}, {32, 32}} {
		m := goldenImage(i, s[0], s[1])
		images = append(images, m)
		save(fmt.Sprintf("m%d.npy", i), &Array{Shape: []int{m.H, m.W, 3}, Type: "u1", Raw: m.Pix})
	}
	var q []float32
	for i := range 256 {
		for _, v := range []float32{float32(float64(i)/127.5 - 1), float32(i)/127.5 - 1, (float32(i) - 128) / 127.5, float32(i)/255*2 - 1} {
			q = append(q, math.Nextafter32(v, -2), v, math.Nextafter32(v, 2))
		}
	}
	r := make([]float32, 20000)
	rng.Stream(7, "test", "quantise").FillUniform(r, -1.1, 1.1)
	q = append(q, r...)
	save("q.npy", Float32Array([]int{len(q)}, q))
	if out, err := exec.Command(exe, "-c", torchPrep, dir, fmt.Sprint(len(images))).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, p := range map[string]imagePrep{"clip": clipPreps(224)[0], "meta": dinov2Preps(224)[1], "vgg": vggPreps()[1]} {
		for i, m := range images {
			a, err := ReadArray(filepath.Join(dir, fmt.Sprintf("%s%d.npy", name, i)))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]float32, 224*224*3)
			if err := (&fitter{imagePrep: p}).apply(got, m); err != nil {
				t.Fatal(err)
			}
			for k, v := range a.Float32s() {
				if got[k] != v {
					t.Fatalf("%s, image %d: value %d is %v, want %v", name, i, k, got[k], v)
				}
			}
		}
	}
	for name, rule := range map[string]imaging.Quantiser{"q128": imaging.Trunc128, "qhalf": imaging.TruncHalf} {
		a, err := ReadArray(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for k, v := range a.Raw {
			if got := rule.Value(q[k]); got != v {
				if bad++; bad < 4 {
					t.Errorf("%s: %v becomes %d, want %d", rule, q[k], got, v)
				}
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d of %d differ", rule, bad, len(q))
		}
	}
}
