package featurizer

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// netTol: float32 sums of up to a few hundred terms through about ten layers, as a share of the largest value of a row.
const netTol = 2e-5

// volume is one image in the naive evaluation: channels first, float64.
type volume struct {
	c, h, w int
	x       []float64
}

func (v volume) at(c, y, x int) (float64, bool) {
	if y < 0 || x < 0 || y >= v.h || x >= v.w {
		return 0, false
	}
	return v.x[(c*v.h+y)*v.w+x], true
}

// naiveNet evaluates a described network layer by layer from the definitions, batch norms unfolded.
func naiveNet(s netSpec, w Weights, in volume) map[string]volume {
	r := map[string]volume{"input": in}
	before := "input"
	for _, l := range s.Layers {
		var ins []volume
		if len(l.In) == 0 {
			l.In = []string{before}
		}
		for _, n := range l.In {
			ins = append(ins, r[n])
		}
		r[l.Name] = naiveLayer(l, w, ins)
		before = l.Name
	}
	return r
}

func naiveLayer(l layerSpec, w Weights, in []volume) volume {
	x := in[0]
	wt, bias := w[l.Name+".weight"], w[l.Name+".bias"].Data
	both := func(p *pair, d pair) pair {
		if p != nil {
			return *p
		}
		return d
	}
	each := func(f func(v float64) float64) volume {
		y := volume{x.c, x.h, x.w, make([]float64, len(x.x))}
		for i, v := range x.x {
			y.x[i] = f(v)
		}
		return y
	}
	eps := 1e-5
	if l.Eps != nil {
		eps = *l.Eps
	}
	switch l.Op {
	case "conv":
		st, p := both(l.Stride, pair{1, 1}), both(l.Padding, pair{})
		k, kh, kw := wt.Shape[0], wt.Shape[2], wt.Shape[3]
		y := volume{c: k, h: (x.h+2*p[0]-kh)/st[0] + 1, w: (x.w+2*p[1]-kw)/st[1] + 1}
		for o := range k {
			for r := range y.h {
				for c := range y.w {
					sum := 0.0
					if bias != nil {
						sum = float64(bias[o])
					}
					for i := range x.c {
						for a := range kh {
							for b := range kw {
								v, _ := x.at(i, r*st[0]+a-p[0], c*st[1]+b-p[1])
								sum += v * float64(wt.Data[((o*x.c+i)*kh+a)*kw+b])
							}
						}
					}
					y.x = append(y.x, sum)
				}
			}
		}
		return y
	case "dense":
		y := volume{c: wt.Shape[0], h: 1, w: 1}
		for o := range y.c {
			sum := 0.0
			if bias != nil {
				sum = float64(bias[o])
			}
			for i, v := range x.x {
				sum += v * float64(wt.Data[o*len(x.x)+i])
			}
			y.x = append(y.x, sum)
		}
		return y
	case "batchnorm":
		y := each(func(v float64) float64 { return v })
		for i := range y.x {
			c := i / (x.h * x.w)
			m, v := float64(w[l.Name+".running_mean"].Data[c]), float64(w[l.Name+".running_var"].Data[c])
			y.x[i] = (x.x[i]-m)/math.Sqrt(v+eps)*float64(wt.Data[c]) + float64(bias[c])
		}
		return y
	case "layernorm", "softmax":
		y := each(func(v float64) float64 { return v })
		area := x.h * x.w
		for p := range area {
			mean, square, sum := 0.0, 0.0, 0.0
			for c := range x.c {
				mean += x.x[c*area+p] / float64(x.c)
				sum += math.Exp(x.x[c*area+p])
			}
			for c := range x.c {
				square += (x.x[c*area+p] - mean) * (x.x[c*area+p] - mean) / float64(x.c)
			}
			for c := range x.c {
				v := x.x[c*area+p]
				if y.x[c*area+p] = math.Exp(v) / sum; l.Op == "layernorm" {
					y.x[c*area+p] = (v-mean)/math.Sqrt(square+eps)*float64(wt.Data[c]) + float64(bias[c])
				}
			}
		}
		return y
	case "maxpool", "avgpool", "globalavgpool", "globalmaxpool":
		size, p := both(l.Size, pair{x.h, x.w}), both(l.Padding, pair{})
		st := both(l.Stride, size)
		y := volume{c: x.c, h: (x.h+2*p[0]-size[0])/st[0] + 1, w: (x.w+2*p[1]-size[1])/st[1] + 1}
		for c := range x.c {
			for r := range y.h {
				for q := range y.w {
					top, sum, n := math.Inf(-1), 0.0, 0.0
					for a := range size[0] {
						for b := range size[1] {
							if v, ok := x.at(c, r*st[0]+a-p[0], q*st[1]+b-p[1]); ok {
								top, sum, n = max(top, v), sum+v, n+1
							}
						}
					}
					if l.CountPad == nil || *l.CountPad {
						n = float64(size[0] * size[1])
					}
					if strings.Contains(l.Op, "max") {
						y.x = append(y.x, top)
					} else {
						y.x = append(y.x, sum/n)
					}
				}
			}
		}
		return y
	case "relu":
		return each(func(v float64) float64 { return max(v, 0) })
	case "leakyrelu":
		return each(func(v float64) float64 { return max(v, 0) + *l.Slope*min(v, 0) })
	case "tanh":
		return each(math.Tanh)
	case "sigmoid":
		return each(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	case "gelu":
		return each(func(v float64) float64 { return v / 2 * (1 + math.Erf(v/math.Sqrt2)) })
	case "quickgelu":
		return each(func(v float64) float64 { return v / (1 + math.Exp(-1.702*v)) })
	case "flatten":
		y := volume{c: len(x.x), h: 1, w: 1, x: x.x}
		if l.Order == "hwc" {
			y.x = nil
			for p := range x.h * x.w {
				for c := range x.c {
					y.x = append(y.x, x.x[c*x.h*x.w+p])
				}
			}
		}
		return y
	case "concat":
		y := volume{h: x.h, w: x.w}
		for _, t := range in {
			y.c, y.x = y.c+t.c, append(y.x, t.x...)
		}
		return y
	case "add":
		y := each(func(v float64) float64 { return v })
		for _, t := range in[1:] {
			for i, v := range t.x {
				y.x[i] += v
			}
		}
		return y
	}
	panic(l.Op)
}

// netDraw draws a random network: a chain with residual blocks and branches that are laid side by side.
type netDraw struct {
	r       *rng.Source
	s       netSpec
	w       Weights
	h, wd   int
	c       int
	counter int
}

func (d *netDraw) pick(n int) int { return int(d.r.Uint64() % uint64(n)) }

func (d *netDraw) numbers(name string, base, scale float32, shape ...int) {
	n := 1
	for _, v := range shape {
		n *= v
	}
	x := make([]float32, n)
	d.r.FillUniform(x, base-scale, base+scale)
	d.w[name] = Tensor{shape, x}
}

func (d *netDraw) add(op string, set func(l *layerSpec)) string {
	d.counter++
	l := layerSpec{Name: fmt.Sprintf("%s%d", op, d.counter), Op: op}
	if set != nil {
		set(&l)
	}
	d.s.Layers = append(d.s.Layers, l)
	return l.Name
}

func (d *netDraw) last() string {
	if n := len(d.s.Layers); n > 0 {
		return d.s.Layers[n-1].Name
	}
	return "input"
}

func (d *netDraw) conv(from string, in, out, kh, kw, stride, ph, pw int) string {
	return d.add("conv", func(l *layerSpec) {
		l.In, l.Stride, l.Padding = []string{from}, &pair{stride, stride}, &pair{ph, pw}
		d.numbers(l.Name+".weight", 0, 1.5/float32(math.Sqrt(float64(in*kh*kw))), out, in, kh, kw)
		if d.pick(2) == 0 {
			d.numbers(l.Name+".bias", 0, 0.3, out)
		}
	})
}

func (d *netDraw) norm(op string, c int) {
	d.add(op, func(l *layerSpec) {
		d.numbers(l.Name+".weight", 1, 0.4, c)
		d.numbers(l.Name+".bias", 0, 0.4, c)
		if op == "batchnorm" {
			d.numbers(l.Name+".running_mean", 0, 0.4, c)
			d.numbers(l.Name+".running_var", 1, 0.6, c)
			eps := 0.001
			l.Eps = &eps
		}
	})
}

func (d *netDraw) act() {
	ops := []string{"relu", "leakyrelu", "tanh", "sigmoid", "gelu", "quickgelu"}
	d.add(ops[d.pick(len(ops))], func(l *layerSpec) {
		if l.Op == "leakyrelu" {
			slope := 0.2
			l.Slope = &slope
		}
	})
}

func (d *netDraw) step() {
	x := d.last()
	switch d.pick(7) {
	case 0:
		c := 1 + d.pick(9)
		d.conv(x, d.c, c, 1+d.pick(2)*2, 1+d.pick(2)*2, 1+d.pick(2), 1, 1)
		l := d.s.Layers[len(d.s.Layers)-1]
		wt := d.w[l.Name+".weight"].Shape
		d.h, d.wd, d.c = (d.h+2-wt[2])/l.Stride[0]+1, (d.wd+2-wt[3])/l.Stride[1]+1, c
		if d.pick(2) == 0 {
			d.norm("batchnorm", d.c)
		}
		d.act()
	case 1: // residual
		d.norm([]string{"layernorm", "batchnorm"}[d.pick(2)], d.c)
		d.conv(d.last(), d.c, d.c, 3, 1, 1, 1, 0)
		d.act()
		y := d.last()
		d.add("add", func(l *layerSpec) { l.In = []string{x, y} })
	case 2: // branches
		a := d.conv(x, d.c, 3, 1, 1, 1, 0, 0)
		d.conv(x, d.c, 2, 1, 5, 1, 0, 2)
		d.act()
		b := d.last()
		p := d.add("avgpool", func(l *layerSpec) {
			count := d.pick(2) == 0
			l.In, l.Size, l.Stride, l.Padding, l.CountPad = []string{x}, &pair{3, 3}, &pair{1, 1}, &pair{1, 1}, &count
		})
		d.add("concat", func(l *layerSpec) { l.In = []string{a, b, p} })
		d.c += 5
	case 3:
		if d.h > 3 && d.wd > 3 {
			d.add("maxpool", func(l *layerSpec) { l.Size = &pair{2, 3} })
			d.h, d.wd = d.h/2, d.wd/3
		}
	case 4:
		d.norm("layernorm", d.c)
	case 5:
		d.add("softmax", nil)
	case 6:
		d.norm("batchnorm", d.c) // after an activation: stays by itself
		d.act()
	}
}

func drawNet(seed uint64) *netDraw {
	d := &netDraw{r: rng.Stream(seed, "test", "net"), w: Weights{}}
	d.h, d.wd, d.c = 5+d.pick(6), 5+d.pick(6), 1+2*d.pick(2)
	d.s.Input = inputSpec{Shape: []int{d.h, d.wd, d.c}, Range: []float64{-1, 1}, Resampler: "torch-bilinear"}
	for range 2 + d.pick(5) {
		d.step()
	}
	dim := d.c
	switch d.pick(4) {
	case 0:
		d.add("globalavgpool", nil)
	case 1:
		d.add("globalmaxpool", nil)
	default:
		order := []string{"chw", "hwc"}[d.pick(2)]
		d.add("flatten", func(l *layerSpec) { l.Order = order })
		dim = d.c * d.h * d.wd
	}
	d.s.Features = d.last()
	d.s.Logits = d.add("dense", func(l *layerSpec) {
		out := 1 + d.pick(20)
		d.numbers(l.Name+".weight", 0, 1, out, dim)
		d.numbers(l.Name+".bias", 0, 1, out)
	})
	return d
}

func netBytes(t testing.TB, s netSpec, w Weights) []byte {
	t.Helper()
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	meta := map[string]string{"format": netFormat, "input": text(s.Input), "layers": text(s.Layers), "features": s.Features}
	if s.Logits != "" {
		meta["logits"] = s.Logits
	}
	var b bytes.Buffer
	if err := w.writeSafetensors(&b, false, meta); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// closeTo compares a row with the naive evaluation, channel by channel.
func closeTo(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	scale := 1e-3
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tol*scale) {
			t.Fatalf("%s: value %d is %v, want %v (largest %v)", what, i, got[i], v, scale)
		}
	}
}

// rectifiedNet has rectifiers after layers that nobody else sees, that another layer reads, and that are tapped.
func rectifiedNet(seed uint64) *netDraw {
	d := &netDraw{r: rng.Stream(seed, "test", "rectified"), w: Weights{}}
	rectify := func(op, name string) string {
		return d.add(op, func(l *layerSpec) {
			if l.In = []string{name}; op == "leakyrelu" {
				slope := 0.2
				l.Slope = &slope
			}
		})
	}
	dense := func(name string, in, out int) string {
		return d.add("dense", func(l *layerSpec) {
			l.In = []string{name}
			d.numbers(l.Name+".weight", 0, 1, out, in)
			d.numbers(l.Name+".bias", 0, 1, out)
		})
	}
	d.s.Input = inputSpec{Shape: []int{6, 7, 3}, Range: []float64{-1, 1}, Resampler: "torch-bilinear"}
	own := rectify("leakyrelu", d.conv("input", 3, 5, 3, 3, 1, 1, 1))
	shared := d.conv(own, 5, 4, 3, 3, 1, 1, 1)
	one := rectify("relu", shared)
	two := rectify("leakyrelu", shared)
	d.add("add", func(l *layerSpec) { l.In = []string{shared, one, two} })
	wide := rectify("relu", dense(d.add("globalavgpool", nil), 4, 12))
	few := rectify("leakyrelu", dense(wide, 12, 5))
	d.s.Features = dense(few, 5, 9)
	d.s.Logits = rectify("relu", d.s.Features)
	return d
}

// TestNetAgainstNaive holds random networks to the definitions in float64, and rows to themselves in other batches and on other threads.
func TestNetAgainstNaive(t *testing.T) {
	count := 150
	if testing.Short() {
		count = 30
	}
	kernel.SetThreads(2)
	for seed := range uint64(count) {
		d := drawNet(seed)
		if seed%10 == 0 {
			d = rectifiedNet(seed)
		}
		f, err := netOf(netBytes(t, d.s, d.w))
		if err != nil {
			t.Fatalf("net %d: %v", seed, err)
		}
		const n = 3
		x := make([]float32, n*f.size)
		d.r.FillUniform(x, -1, 1)
		features, logits := make([]float32, n*f.dim), make([]float32, n*f.classes)
		if err := f.forward(x, n, features, logits); err != nil {
			t.Fatalf("net %d: %v", seed, err)
		}
		for i := range n {
			in := volume{c: d.s.Input.Shape[2], h: d.s.Input.Shape[0], w: d.s.Input.Shape[1]}
			for c := range in.c {
				for p := range in.h * in.w {
					in.x = append(in.x, float64(x[i*f.size+p*in.c+c]))
				}
			}
			r := naiveNet(d.s, d.w, in)
			what := fmt.Sprintf("net %d, input %d, ", seed, i)
			closeTo(t, what+"features", features[i*f.dim:(i+1)*f.dim], r[d.s.Features].x, netTol)
			closeTo(t, what+"logits", logits[i*f.classes:(i+1)*f.classes], r[d.s.Logits].x, netTol)
			one, two := make([]float32, f.dim), make([]float32, f.classes)
			kernel.SetThreads(1)
			if err := f.forward(x[i*f.size:(i+1)*f.size], 1, one, two); err != nil {
				t.Fatal(err)
			}
			kernel.SetThreads(2)
			for k, v := range append(one, two...) {
				if w := append(features[i*f.dim:(i+1)*f.dim:(i+1)*f.dim], logits[i*f.classes:(i+1)*f.classes]...)[k]; math.Float32bits(v) != math.Float32bits(w) {
					t.Fatalf("%svalue %d: %v alone, %v among %d", what, k, v, w, n)
				}
			}
		}
	}
}

// tinyNet is a network whose answers can be said by hand: the mean of each channel, and one class.
func tinyNet() (netSpec, Weights) {
	s := netSpec{Input: inputSpec{Shape: []int{2, 2, 1}, Range: []float64{0, 1}, Resampler: "pillow-box"}, Features: "pool", Logits: "fc"}
	s.Layers = []layerSpec{{Name: "c", Op: "conv"}, {Name: "pool", Op: "globalavgpool"}, {Name: "fc", Op: "dense"}}
	return s, Weights{"c.weight": {[]int{2, 1, 1, 1}, []float32{1, -2}}, "fc.weight": {[]int{1, 2}, []float32{1, 1}}, "fc.bias": {[]int{1}, []float32{0.5}}}
}

func TestNetFile(t *testing.T) {
	s, w := tinyNet()
	path := filepath.Join(t.TempDir(), "tiny.safetensors")
	if err := os.WriteFile(path, netBytes(t, s, w), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(context.Background(), "net:"+path, Env{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(context.Background(), f.ID(), Env{Weights: path})
	if err != nil || again.Fingerprint() != f.Fingerprint() {
		t.Errorf("by its id: %v", err)
	}
	// The mean of 0, 51, 102 and 255 is 102 = 0.4 of 255; nil is a skipped image.
	images := []*imaging.Image{{H: 2, W: 2, C: 1, Pix: []uint8{0, 51, 102, 255}}, nil}
	out, err := f.(EachFeaturizer).FeaturizeImages(context.Background(), images)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "features", []float32{float32(out.Features.At(0, 0)), float32(out.Features.At(0, 1))}, []float64{0.4, -0.8}, 1e-6)
	if v := out.Logits.At(0, 0); math.Abs(v-0.1) > 1e-6 {
		t.Errorf("logit %v, want 0.4 - 0.8 + 0.5", v)
	}
	if out.Features.At(1, 0) != 0 || out.Logits.At(1, 0) != 0 {
		t.Error("a skipped image has a row")
	}
	w["c.weight"].Data[0] = 1.5
	if err := os.WriteFile(path, netBytes(t, s, w), 0o600); err != nil {
		t.Fatal(err)
	}
	if g, err := OpenNet(path); err != nil || g.Fingerprint() == f.Fingerprint() {
		t.Errorf("other weights, the same fingerprint: %v", err)
	}
}

// TestNetErrors: every mistake is told with its layer.
func TestNetErrors(t *testing.T) {
	for want, change := range map[string]func(s *netSpec, w Weights){
		`layer 0 "c": unknown op "convolution", have add, avgpool`: func(s *netSpec, _ Weights) { s.Layers[0].Op = "convolution" },
		`layer 1 "pool": globalavgpool has no field "stride"`:      func(s *netSpec, _ Weights) { s.Layers[1].Stride = &pair{2, 2} },
		`layer 0 "c" (conv): no tensor "c.weight"`:                 func(_ *netSpec, w Weights) { delete(w, "c.weight") },
		`tensor "c.weight" has shape [2 1 1], want 4 sizes`:        func(_ *netSpec, w Weights) { w["c.weight"] = Tensor{[]int{2, 1, 1}, []float32{1, 2}} },
		`shape [1 2 1 1], want [1 1 1 1]`:                          func(_ *netSpec, w Weights) { w["c.weight"] = Tensor{[]int{1, 2, 1, 1}, []float32{1, 2}} },
		`tensor "fc.weight": value 1 is NaN`:                       func(_ *netSpec, w Weights) { w["fc.weight"].Data[1] = float32(math.NaN()) },
		`tensor "extra" belongs to no layer`:                       func(_ *netSpec, w Weights) { w["extra"] = Tensor{[]int{1}, []float32{1}} },
		`layer 2 "fc" (dense): its input "later" is no earlier`:    func(s *netSpec, _ Weights) { s.Layers[2].In = []string{"later"} },
		`layer 1 "c" (globalavgpool): the name is taken`:           func(s *netSpec, _ Weights) { s.Layers[1].Name = "c" },
		`layer 2 "fc" (dense): nothing uses it`:                    func(s *netSpec, _ Weights) { s.Logits = "" },
		`features: layer "c" gives 2 x 2 x 2`:                      func(s *netSpec, _ Weights) { s.Features = "c" },
		`features: no layer is called "neck"`:                      func(s *netSpec, _ Weights) { s.Features, s.Logits = "neck", "fc" },
		`flatten it or pool it first`:                              func(s *netSpec, _ Weights) { s.Layers[1].Op = "relu" },
		`take two or more`:                                         func(s *netSpec, _ Weights) { s.Layers[1].Op = "concat" },
		`resampler "cubic", have`:                                  func(s *netSpec, _ Weights) { s.Input.Resampler = "cubic" },
		`want range, or mean and std of 1 values`:                  func(s *netSpec, _ Weights) { s.Input.Range = nil },
		`stride 0x1`: func(s *netSpec, _ Weights) { s.Layers[0].Stride = &pair{0, 1} },
		`at most 67108864 values`: func(s *netSpec, w Weights) {
			s.Input.Shape = []int{3000, 3000, 1}
			w["c.weight"] = Tensor{[]int{100, 1, 1, 1}, make([]float32, 100)}
		},
	} {
		s, w := tinyNet()
		change(&s, w)
		if _, err := netOf(netBytes(t, s, w)); err == nil || !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := netOf(safetensorsBytes(t, Weights{"a": {[]int{1}, []float32{1}}}, false)); err == nil || !strings.Contains(err.Error(), "without metadata") {
		t.Errorf("no metadata: %v", err)
	}
}

// TestGELU against erf, inside the polynomial's range and far out.
func TestGELU(t *testing.T) {
	var x []float32
	for i := -2000; i <= 2000; i++ {
		x = append(x, float32(i)*0.00517)
	}
	y := append([]float32(nil), x...)
	gelu(1, len(y), y)
	for i, v := range x {
		want := float64(v) * math.Erfc(-float64(v)/math.Sqrt2) / 2
		if math.Abs(float64(y[i])-want) > 1e-7+1.3e-7*math.Abs(want) {
			t.Fatalf("gelu(%v) = %v, want %v", v, y[i], want)
		}
	}
	edge := []float32{float32(math.NaN()), float32(math.Inf(1)), -100}
	gelu(1, 3, edge)
	if edge[0] == edge[0] || !math.IsInf(float64(edge[1]), 1) || math.Abs(float64(edge[2])) > 2e-7 {
		t.Errorf("at the edges: %v", edge)
	}
}

// FuzzNet changes the header of a network file; whatever still opens must run.
func FuzzNet(f *testing.F) {
	s, w := tinyNet() // small: Go's fuzzer shortens what it finds, byte by byte, for a minute
	for _, ops := range [][]layerSpec{
		nil,
		{{Name: "f", Op: "flatten"}, {Name: "s", Op: "softmax"}, {Name: "g", Op: "gelu", In: []string{"f"}}, {Name: "t", Op: "add", In: []string{"s", "g"}}, {Name: "pool", Op: "tanh"}},
		{{Name: "m", Op: "maxpool", Size: &pair{2, 1}, Padding: &pair{1, 0}}, {Name: "k", Op: "concat", In: []string{"m", "m"}}, {Name: "pool", Op: "globalmaxpool"}},
	} {
		t := s
		if ops != nil {
			t.Layers, t.Features, t.Logits = append(s.Layers[:1:1], ops...), "pool", ""
			delete(w, "fc.weight")
			delete(w, "fc.bias")
		}
		data := netBytes(f, t, w)
		if _, err := netOf(data); err != nil {
			f.Fatal(err)
		}
		f.Add(data[8 : 8+binary.LittleEndian.Uint64(data)])
	}
	body := make([]byte, 1<<14)
	f.Fuzz(func(t *testing.T, head []byte) {
		defer testutil.Bound(t, len(head))()
		data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...)
		n, err := netOf(append(data, body...))
		if err != nil {
			return
		}
		if n.size > 1<<16 || n.dim > 1<<16 || n.classes > 1<<16 || n.batch < 16 { // too large to try
			return
		}
		if err := n.forward(make([]float32, n.size), 1, make([]float32, n.dim), make([]float32, n.classes)); err != nil {
			t.Fatal(err)
		}
	})
}
