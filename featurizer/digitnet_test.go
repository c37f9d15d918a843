package featurizer

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/testutil"
)

func glyphs(t testing.TB, seed uint64, n int) *datasets.Samples {
	t.Helper()
	set, err := datasets.Glyphs{}.Load(context.Background(), datasets.Options{Seed: seed, Train: 1, Test: n, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	return set.Test
}

// TestGlyphNetAccuracy: 2000 glyphs that the embedded weights have never seen; the recorded accuracy is on 10 000 others.
func TestGlyphNetAccuracy(t *testing.T) {
	f, err := Open(context.Background(), "glyphnet", Env{})
	if err != nil {
		t.Fatal(err)
	}
	acc, err := f.(*digitNet).accuracy(context.Background(), glyphs(t, 77, 2000))
	if err != nil {
		t.Fatal(err)
	}
	text, err := embedded.ReadFile("weights/glyphnet.json")
	if err != nil {
		t.Fatal(err)
	}
	var c Card
	if err = json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if acc < 0.99 || c.Accuracy < 0.99 {
		t.Errorf("accuracy %v here, %v recorded on %d glyphs: want 0.99", acc, c.Accuracy, c.TestImages)
	}
	data, err := embedded.ReadFile(glyphnetFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 1<<20 {
		t.Errorf("%d bytes of weights, want less than 1 MiB", len(data))
	}
	data[len(data)-1] ^= 1
	if _, err := pinned("glyphnet", data, glyphnetSHA256); !errors.Is(err, ErrWeights) {
		t.Errorf("altered weights: %v", err)
	}
}

// TestDigitTraining: a few steps already separate ten digits, and the same settings give the same bits for one thread and two.
func TestDigitTraining(t *testing.T) {
	set, err := datasets.Glyphs{}.Load(context.Background(), datasets.Options{Seed: 5, Train: 2000, Test: 500, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	d := DigitTraining{Train: set.Train, Test: set.Test, Seed: 9, Steps: 40, Batch: 50, Rate: 3e-3, Shift: 1}
	if testing.Short() {
		d.Steps = 3
	}
	kernel.SetThreads(2)
	shares := 0
	w, acc, err := d.Run(context.Background(), func(float64) { shares++ })
	if err != nil {
		t.Fatal(err)
	}
	if !testing.Short() && acc < 0.8 || shares == 0 {
		t.Errorf("accuracy %v after %d steps, %d reports", acc, d.Steps, shares)
	}
	d.Steps = 2
	var runs [2]Weights
	for i := range runs {
		kernel.SetThreads(1 + i)
		if runs[i], _, err = d.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
	}
	kernel.SetThreads(2)
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Error("one thread and two differ")
	}
	count := 0
	for _, x := range w {
		count += len(x.Data)
	}
	// stem 9*16+16; a: 16*16+16, 16*16+16, 9*16*24+24, 16*8+8, 25*8*12+12, 16*12+12; b: 64*24+24, 64*32+32, 9*32*40+40, 64*12+12,
	// 25*12*16+16, 64*16+16; top: 4*96*64+64; fc: 64*10+10.
	if want := 160 + 272 + 272 + 3480 + 136 + 2412 + 204 + 1560 + 2080 + 11560 + 780 + 4816 + 1040 + 24640 + 650; count != want {
		t.Errorf("%d parameters, want %d", count, want)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := d.Run(cancelled, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	d.Batch = 5000
	if _, _, err := d.Run(context.Background(), nil); !errors.Is(err, ErrShape) {
		t.Errorf("batch over the set: %v", err)
	}
}

// TestFoldIsEval holds the folded network to an independent evaluation, loop by loop in float64, on random weights.
func TestFoldIsEval(t *testing.T) {
	_, convs := digitStages()
	w := Weights{}
	s := syntheticStream(3, "fold")
	draw := func(name string, scale float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(s.gauss() * scale)
		}
		w[name] = Tensor{shape, x}
	}
	for _, c := range convs {
		draw(c.name+".w", 0.3, c.kh, c.kw, c.in, c.out)
		draw(c.name+".b", 0.1, c.out)
	}
	draw("fc.w", 0.2, digitFeatures, digitClasses)
	draw("fc.b", 0.1, digitClasses)
	net, err := newDigitNet("x", "", w)
	if err != nil {
		t.Fatal(err)
	}
	in := glyphs(t, 6, 3)
	out, err := net.Featurize(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.Len() {
		f, l := naiveDigit(w, in.Row(i))
		for j, v := range f {
			if d := out.Features.At(i, j) - v; d > 1e-4*(1+v) || d < -1e-4*(1+v) {
				t.Fatalf("image %d, feature %d: %v, want %v", i, j, out.Features.At(i, j), v)
			}
		}
		for j, v := range l {
			if d := out.Logits.At(i, j) - v; d > 1e-3 || d < -1e-3 {
				t.Fatalf("image %d, logit %d: %v, want %v", i, j, out.Logits.At(i, j), v)
			}
		}
	}
}

// plane is an image in float64 for the naive evaluation.
type plane struct {
	h, w, c int
	x       []float64
}

func (p plane) at(y, x, c int) (float64, bool) {
	if y < 0 || x < 0 || y >= p.h || x >= p.w {
		return 0, false
	}
	return p.x[(y*p.w+x)*p.c+c], true
}

func naiveConv(in plane, w, b Tensor, pad int) plane {
	kh, kw, out := w.Shape[0], w.Shape[1], w.Shape[3]
	r := plane{in.h + 2*pad - kh + 1, in.w + 2*pad - kw + 1, out, nil}
	for y := range r.h {
		for x := range r.w {
			for o := range out {
				v := float64(b.Data[o])
				for i := range kh {
					for j := range kw {
						for c := range in.c {
							p, _ := in.at(y+i-pad, x+j-pad, c)
							v += p * float64(w.Data[((i*kw+j)*in.c+c)*out+o])
						}
					}
				}
				r.x = append(r.x, max(v, 0))
			}
		}
	}
	return r
}

func naivePool(in plane, stride, pad int, mean bool) plane {
	r := plane{(in.h+2*pad-3)/stride + 1, (in.w+2*pad-3)/stride + 1, in.c, nil}
	for y := range r.h {
		for x := range r.w {
			for c := range in.c {
				top, sum, n := -1e300, 0.0, 0.0
				for i := range 3 {
					for j := range 3 {
						if p, ok := in.at(y*stride+i-pad, x*stride+j-pad, c); ok {
							top, sum, n = max(top, p), sum+p, n+1
						}
					}
				}
				if mean {
					top = sum / n
				}
				r.x = append(r.x, top)
			}
		}
	}
	return r
}

func naiveDigit(w Weights, img []float32) (features, logits []float64) {
	x := plane{28, 28, 1, nil}
	for _, v := range img {
		x.x = append(x.x, float64(v))
	}
	conv := func(in plane, name string, pad int) plane { return naiveConv(in, w[name+".w"], w[name+".b"], pad) }
	block := func(in plane, n string) plane {
		parts := []plane{conv(in, n+"1x1", 0), conv(conv(in, n+"3x3a", 0), n+"3x3b", 1), conv(conv(in, n+"5x5a", 0), n+"5x5b", 2), conv(naivePool(in, 1, 1, true), n+"branch_pool", 0)}
		r := plane{h: in.h, w: in.w}
		for p := range in.h * in.w {
			for _, q := range parts {
				r.x = append(r.x, q.x[p*q.c:(p+1)*q.c]...)
			}
		}
		r.c = len(r.x) / (in.h * in.w)
		return r
	}
	x = naivePool(conv(x, "stem.3x3", 1), 2, 0, false)
	x = naivePool(block(x, "a."), 2, 0, false)
	x = naivePool(block(x, "b."), 2, 0, false)
	features = conv(x, "top.2x2", 0).x
	for o := range 10 {
		v := float64(w["fc.b"].Data[o])
		for i, f := range features {
			v += f * float64(w["fc.w"].Data[i*10+o])
		}
		logits = append(logits, v)
	}
	return features, logits
}

func TestMove(t *testing.T) {
	src, dst := make([]float32, 784), make([]float32, 784)
	src[3*28+5] = 1
	move(dst, src, 2, -1)
	for i, v := range dst {
		want := float32(0)
		if y, x := i/28, i%28; y < 2 || x == 27 {
			want = -1 // came in from outside
		} else if y == 5 && x == 4 {
			want = 1
		}
		if v != want {
			t.Fatalf("pixel %d, %d is %v, want %v", i/28, i%28, v, want)
		}
	}
}

// TestMNISTNet trains on the real files once (ASSAY_LONG=1) and finds the cached weights the second time.
func TestMNISTNet(t *testing.T) {
	if _, err := Open(context.Background(), "mnistnet", Env{DataDir: t.TempDir(), CacheDir: t.TempDir()}); err == nil || !strings.HasPrefix(err.Error(), "mnistnet: ") {
		t.Errorf("without files: %v", err)
	}
	if !testutil.Long() {
		t.Skip("trains for minutes: set ASSAY_LONG=1")
	}
	dir := testutil.DataDir(t, "mnist")
	kernel.SetThreads(2)
	env := Env{DataDir: dir, CacheDir: t.TempDir(), Progress: func(stage string, share float64) { t.Logf("%s %.0f %%", stage, 100*share) }}
	f, err := Open(context.Background(), "mnistnet", env)
	if err != nil {
		t.Fatal(err)
	}
	env.Progress = func(string, float64) { t.Error("the cached weights are not used") }
	again, err := Open(context.Background(), "mnistnet", env)
	if err != nil {
		t.Fatal(err)
	}
	if f.Fingerprint() != again.Fingerprint() {
		t.Errorf("%s, then %s", f.Fingerprint(), again.Fingerprint())
	}
	cards, err := filepath.Glob(filepath.Join(env.CacheDir, "*.json"))
	if err != nil || len(cards) != 1 {
		t.Fatal(cards, err)
	}
	text, err := os.ReadFile(cards[0])
	if err != nil {
		t.Fatal(err)
	}
	var c Card
	if err := json.Unmarshal(text, &c); err != nil || c.Accuracy < 0.99 {
		t.Errorf("accuracy %v (%v), want 0.99", c.Accuracy, err)
	}
	t.Logf("%s", text)
}
