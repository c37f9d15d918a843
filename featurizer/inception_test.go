package featurizer

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// goldenTol: the golden values are torch-fidelity's own extractor on the synthetic weights, printed to 7 or 8 digits; float32 sums in another
// order move the seventh.
const goldenTol = 1e-5

// goldenImage is image b of the conformance set: pixel (37x + 61y + 101c + 7xy + 53b) mod 256.
func goldenImage(b, h, w int) *imaging.Image {
	m := &imaging.Image{H: h, W: w, C: 3, Pix: make([]uint8, h*w*3)}
	for y := range h {
		for x := range w {
			for c := range 3 {
				m.Pix[(y*w+x)*3+c] = uint8(37*x + 61*y + 101*c + 7*x*y + 53*b)
			}
		}
	}
	return m
}

func syntheticNet(t testing.TB, q quirks) *inceptionNet {
	t.Helper()
	net, err := newInception(synthetic(0), q, inceptionStage[tap2048])
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestSyntheticWeights(t *testing.T) {
	kernel.SetThreads(2)
	w, err := SyntheticInception(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(w) != 472 {
		t.Errorf("%d tensors, want 94 convolutions x 5 + 2", len(w))
	}
	sum, count := 0.0, 0
	for _, x := range w {
		count += len(x.Data)
		for _, v := range x.Data {
			sum += float64(v)
		}
	}
	if count != 23885392 {
		t.Errorf("%d values, want 23885392", count)
	}
	if math.Abs(sum-34330.22116573286) > 1e-3 {
		t.Errorf("sum %v, want 34330.22116573286", sum)
	}
	if v := w["Conv2d_1a_3x3.conv.weight"].Data[0]; v != float32(-.1688678115606308) {
		t.Errorf("first weight %v", v)
	}
	if v := w["fc.bias"].Data[1007]; v != float32(.0072089130990207195) {
		t.Errorf("last bias %v", v)
	}
}

type inceptionGolden struct {
	tap        int // index of the tap, or one of the two below
	first      [3]float64
	sum0, sum1 float64
	norm       float64
}

const (
	goldenLogits = 10 // without bias
	goldenBiased = 11
)

var (
	golden299 = []inceptionGolden{
		{tap64, [3]float64{1.14877, .6415955, 1.224138}, 55.485755, 55.527573, 8.0789902},
		{tap192, [3]float64{.7887171, 0, 1.751289}, 210.64969, 209.5976, 22.265841},
		{tap768, [3]float64{7.518228, .04904321, .3236974}, 1017.7889, 1013.566, 61.128193},
		{tap2048, [3]float64{1.243426, 1.784949, .7208503}, 3860.7013, 3842.4799, 141.93844},
		{goldenLogits, [3]float64{2.762676, 1.907436, .8717747}, -100.97771, -103.44382, 97.015659},
		{goldenBiased, [3]float64{2.662071, 1.924222, .8317255}, -97.110089, -99.576202, 97.039195},
		{tapSpatial, [3]float64{-2.290922, .5581737, 2.234978}, 784.69697, 786.08543, 82.877803},
	}
	golden32 = []inceptionGolden{
		{tap64, [3]float64{.3553581, .1330006, .3699023}, 19.146592, 19.062733, 3.2791008},
		{tap192, [3]float64{.3382762, 0, .6793684}, 93.312294, 93.0512, 9.6007915},
		{tap768, [3]float64{3.658074, .02134666, .4134374}, 488.02671, 495.57086, 29.119105},
		{tap2048, [3]float64{.7237453, .7756189, .3505988}, 1885.0715, 1918.3375, 69.356511},
		{goldenLogits, [3]float64{1.282645, .6682816, .6380488}, -43.709867, -45.478741, 47.274763},
	}
	goldenUnit299 = []inceptionGolden{
		{tap64, [3]float64{1.154352, .6431034, 1.22379}, 55.653723, 55.693485, 8.1018535},
		{tap2048, [3]float64{1.250274, 1.789574, .7199629}, 3870.9205, 3853.3803, 142.31162},
	}
	goldenUnit32 = []inceptionGolden{
		{tap64, [3]float64{.3559155, .1344041, .3710139}, 19.208111, 19.092197, 3.2823234},
		{tap2048, [3]float64{.7384262, .7754163, .3386894}, 1889.5666, 1912.6245, 69.527557},
	}
)

// TestInceptionGolden is the whole network against torch-fidelity's and pytorch-fid's code, weight-free.
func TestInceptionGolden(t *testing.T) {
	kernel.SetThreads(2)
	net := syntheticNet(t, quirks{})
	tf := preprocess{resampler: imaging.TF1Bilinear, side: inceptionSide}
	unit := preprocess{resampler: imaging.TorchBilinear, unit: true, side: inceptionSide}
	for _, run := range []struct {
		name string
		pre  preprocess
		side int
		want []inceptionGolden
	}{{"tf 299", tf, 299, golden299}, {"tf 32", tf, 32, golden32}, {"pytorch-fid 299", unit, 299, goldenUnit299}, {"pytorch-fid 32", unit, 32, goldenUnit32}} {
		t.Run(run.name, func(t *testing.T) {
			var taps []int
			for _, g := range run.want {
				if !testing.Short() || g.tap <= tap192 {
					taps = append(taps, g.tap)
				}
			}
			r := passes(t, net, run.pre, run.side, 2, taps...)
			for _, g := range run.want[:len(taps)] {
				checkGolden(t, r[0][g.tap], r[1][g.tap], g)
			}
		})
	}
}

// passes runs n golden images and returns each one's row of every tap, and of the logits.
func passes(t testing.TB, net *inceptionNet, pre preprocess, side, n int, taps ...int) []map[int][]float64 {
	t.Helper()
	p := &planner{preprocess: pre}
	const size = inceptionSide * inceptionSide * 3
	result := make([]map[int][]float64, n)
	for b := range n {
		x := make([]float32, size)
		if err := p.apply(x, goldenImage(b, side, side)); err != nil {
			t.Fatal(err)
		}
		var out inceptionOut
		for _, tap := range taps {
			if tap >= goldenLogits {
				out.logits = make([]float32, inceptionClasses)
				continue
			}
			out.taps[tap] = make([]float64, inceptionDims[tap])
		}
		net.forward(x, 1, out)
		result[b] = map[int][]float64{}
		for tap, f := range out.taps {
			result[b][tap] = f
		}
		for i, v := range out.logits {
			result[b][goldenLogits] = append(result[b][goldenLogits], float64(v))
			result[b][goldenBiased] = append(result[b][goldenBiased], float64(v+net.bias[i]))
		}
	}
	return result
}

func sums(x []float64) (sum, norm float64) {
	for _, v := range x {
		sum += v
		norm += v * v
	}
	return sum, math.Sqrt(norm)
}

func checkGolden(t *testing.T, row0, row1 []float64, g inceptionGolden) {
	t.Helper()
	sum0, norm := sums(row0)
	sum1, _ := sums(row1)
	got := []float64{row0[0], row0[1], row0[2], sum0, sum1, norm}
	want := []float64{g.first[0], g.first[1], g.first[2], g.sum0, g.sum1, g.norm}
	for i, v := range got {
		// A sum of signed terms is judged by their size, a single feature also by the row's root mean square.
		scale := max(math.Abs(want[i]), g.norm/math.Sqrt(float64(len(row0))))
		if math.Abs(v-want[i]) > goldenTol*scale {
			t.Errorf("tap %d, value %d: %v, want %v (relative error %.1e)", g.tap, i, v, want[i], math.Abs(v-want[i])/scale)
		}
	}
}

// TestInceptionMistakes makes each usual mistake and finds the figure it is known by: the golden test can tell them apart.
func TestInceptionMistakes(t *testing.T) {
	if testing.Short() || kernel.Name() == "generic" && !testutil.Long() {
		t.Skip("four whole networks: slow without vector kernels; set ASSAY_LONG=1")
	}
	kernel.SetThreads(2)
	tf := preprocess{resampler: imaging.TF1Bilinear, side: inceptionSide}
	for i, tt := range []struct {
		name string
		q    quirks
		sum  float64
	}{
		{"torchvision's pools", quirks{countPadding: true, lastAverage: true}, 3562.2403},
		{"average pools count the padding", quirks{countPadding: true}, 3733.5894},
		{"the last block averages", quirks{lastAverage: true}, 3740.8371},
		{"batch norm's eps is 1e-5", quirks{eps: 1e-5}, 3921.4162},
	} {
		if i > 1 && !testutil.Long() {
			break // each is a network of its own
		}
		sum, _ := sums(passes(t, syntheticNet(t, tt.q), tf, 299, 1, tap2048)[0][tap2048])
		if math.Abs(sum-tt.sum) > goldenTol*tt.sum {
			t.Errorf("%s: sum %v, want %v", tt.name, sum, tt.sum)
		}
	}
}

// macs is the multiply-adds of the convolutions for one 299 x 299 image, counted from the layer table.
func macs() int {
	stages, _ := inceptionStages()
	h, w, c, total := inceptionSide, inceptionSide, 3, 0
	for _, s := range stages {
		for _, branch := range s.branches {
			bh, bw, bc := h, w, c
			for _, st := range branch {
				oh, ow, oc := st.out(bh, bw, bc)
				for _, v := range st.convs {
					total += oh * ow * v.out * v.in * v.kh * v.kw
				}
				bh, bw, bc = oh, ow, oc
			}
		}
		h, w, c = s.out(h, w, c)
	}
	return total
}

func TestInceptionCost(t *testing.T) {
	if m := macs(); m != 5711168096 {
		t.Errorf("%d multiply-adds, want 5711168096", m)
	}
}

// Both layers from one pass are the two layers from two, to the bit.
func TestBothLayers(t *testing.T) {
	x := datasets.Samples{Shape: []int{40, 30, 3}, Data: make([]float32, 2*40*30*3)}
	rng.Stream(5, "both").FillUniform(x.Data, -1, 1)
	run := func(layer string) *Output {
		t.Helper()
		f, err := Open(t.Context(), "inception-random(3,adm,"+layer+")", Env{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Featurize(t.Context(), &x)
		if err != nil {
			t.Fatal(err)
		}
		if _, d := out.Features.Dims(); d != f.Dim() {
			t.Errorf("layer %s: %d features, %d promised", layer, d, f.Dim())
		}
		return out
	}
	pool, spatial, both := run("2048"), run("2023"), run(BothLayers)
	if !mat.Equal(both.Features.Slice(0, 2, 0, 2048), pool.Features) || !mat.Equal(both.Features.Slice(0, 2, 2048, 4071), spatial.Features) {
		t.Error("the features are not those of the layers alone")
	}
	if !mat.Equal(both.Logits, pool.Logits) {
		t.Error("the logits are not those of layer 2048")
	}
}
