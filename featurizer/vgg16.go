package featurizer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// VGG16 [simonyan2015] up to its second fully connected layer, fc2 with 4096 features: the space of classic precision and recall
// [kynkaanniemi2019]. Weights carry torchvision's names, features.0 to features.28 and classifier.0, classifier.3; the classifier's last layer is
// not read.

// vggSize is the shape of a network of VGG16's plan; tests use a narrow one.
type vggSize struct {
	side   int
	widths [5]int // of the five groups of 2, 2, 3, 3, 3 convolutions
	fc     int
}

var vgg16Size = vggSize{224, [5]int{64, 128, 256, 512, 512}, 4096}

// vggLayers are the taps in specifications. torch-fidelity takes fc2 after its ReLU, and so does this package by default.
var vggLayers = []string{"fc2-relu", "fc2"}

// vggPreps lists how tools bring images to VGG16. The code of [kynkaanniemi2019] hands bytes of any size to a network file whose graph prepares
// them, so its arithmetic cannot be read off; torch-fidelity is the public tool whose can.
func vggPreps() []imagePrep {
	rows := []imagePrep{
		{name: "torch-fidelity", title: "TensorFlow 1 bilinear to 224 x 224 on bytes, ImageNet normalisation on the scale of bytes", resampler: imaging.TF1Bilinear, mean: imagenetMean, std: imagenetStd, scaled: true},
		{name: "torchvision", title: "Pillow bilinear to a shorter side of 256, centre crop, ImageNet normalisation", resampler: imaging.PillowBilinear, short: 256, mean: imagenetMean, std: imagenetStd},
		{name: "caffe", title: "PyTorch bilinear to 224 x 224 on bytes, blue-green-red minus the means: for the authors' own weights", resampler: imaging.TorchBilinear, bgr: true, scaled: true,
			mean: []float64{103.939 / 255, 116.779 / 255, 123.68 / 255}, std: []float64{1.0 / 255, 1.0 / 255, 1.0 / 255}},
	}
	for i := range rows {
		rows[i].h, rows[i].w, rows[i].c = 224, 224, 3
	}
	return rows
}

// spec is the network as a list of layers: the features after the ReLU of fc2, or before it.
func (v vggSize) spec(layer string) netSpec {
	s := netSpec{Input: inputSpec{Shape: []int{v.side, v.side, 3}}, Features: layer}
	add := func(l layerSpec) { s.Layers = append(s.Layers, l) }
	at := 0 // torchvision numbers convolutions, ReLUs and pools alike
	for _, depth := range []int{2, 2, 3, 3, 3} {
		for range depth {
			add(layerSpec{Name: fmt.Sprintf("features.%d", at), Op: "conv", Padding: &pair{1, 1}})
			add(layerSpec{Name: fmt.Sprintf("features.%d", at+1), Op: "relu"})
			at += 2
		}
		add(layerSpec{Name: fmt.Sprintf("features.%d", at), Op: "maxpool", Size: &pair{2, 2}})
		at++
	}
	add(layerSpec{Name: "flatten", Op: "flatten"})
	add(layerSpec{Name: "classifier.0", Op: "dense"})
	add(layerSpec{Name: "classifier.1", Op: "relu"})
	add(layerSpec{Name: "classifier.3", Op: "dense"})
	if layer == "fc2" {
		s.Features = "classifier.3"
		return s
	}
	add(layerSpec{Name: "classifier.4", Op: "relu"})
	s.Features = "classifier.4"
	return s
}

// shapes of the tensors by name, in order.
func (v vggSize) shapes() (names []string, shapes map[string][]int) {
	shapes = map[string][]int{}
	add := func(name string, shape ...int) {
		names = append(names, name+".weight", name+".bias")
		shapes[name+".weight"], shapes[name+".bias"] = shape, shape[:1]
	}
	in, at := 3, 0
	for g, depth := range []int{2, 2, 3, 3, 3} {
		for range depth {
			add(fmt.Sprintf("features.%d", at), v.widths[g], in, 3, 3)
			in = v.widths[g]
			at += 2
		}
		at++
	}
	rest := v.side / 32
	add("classifier.0", v.fc, in*rest*rest)
	add("classifier.3", v.fc, v.fc)
	return names, shapes
}

// check makes sure that a file is VGG16's before any layer is built, so that the error speaks of the network.
func (v vggSize) check(w Weights) error {
	names, shapes := v.shapes()
	for _, name := range names {
		t, ok := w[name]
		if !ok {
			hint := ""
			if _, bn := w["features.1.running_mean"]; bn {
				hint = " (with batch norm: this is vgg16_bn)"
			}
			return fault.Of(ErrWeights, "no tensor %q among %d: these are weights of another network%s; torchvision publishes VGG16 as vgg16-397923af.pth", name, len(w), hint)
		}
		if !slices.Equal(t.Shape, shapes[name]) {
			return fault.Of(ErrWeights, "tensor %q has shape %v, want %v: these are weights of another network", name, t.Shape, shapes[name])
		}
	}
	return nil
}

// randomTensors are synthetic weights: uniform by He's rule, small biases, drawn from the seed and the tensor's name alone.
type randomTensors struct {
	seed   uint64
	shapes map[string][]int
}

func (r randomTensors) shape(name string) []int { return r.shapes[name] }

func (r randomTensors) get(name string, shape ...int) ([]float32, error) {
	n, fan := 1, 1
	for i, d := range shape {
		if n *= d; i > 0 {
			fan *= d
		}
	}
	scale := math.Sqrt(6 / float64(fan)) // variance 2/fan
	if strings.HasSuffix(name, ".bias") {
		scale = 0.1
	}
	s := syntheticStream(r.seed, name)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(float64(2*s.uniform()-1) * scale)
	}
	return x, nil
}

// vggOf builds the featurizer of args (preparation, layer) under the id stem(...).
func vggOf(s Spec, args []Spec, stem string, from netTensors) (*batchNet, error) {
	names := []string{vggPreps()[0].name, vggLayers[0]}
	for i, a := range args {
		names[i] = a.String()
	}
	p, err := lookupPrep(vggPreps(), names[0])
	if err != nil {
		return nil, fmt.Errorf("featurizer %s: %w", s, err)
	}
	if !slices.Contains(vggLayers, names[1]) {
		return nil, fmt.Errorf("featurizer %s: %w", s, suggest.Unknown("layer", names[1], vggLayers))
	}
	net, err := buildNet(vgg16Size.spec(names[1]), from)
	if err != nil {
		return nil, fault.Of(ErrWeights, "%w", err)
	}
	f := &batchNet{id: stem + strings.Join(names, ",") + ")", prep: &fitter{imagePrep: p}, rule: imaging.RoundHalfUp}
	f.attach(net)
	return f, nil
}

func vgg16Maker() Maker {
	const usage = "vgg16(preparation,layer)"
	return Maker{
		Name: "vgg16", Usage: usage, Title: "VGG16's fc2, 4096 features, for classic precision and recall; preparation torch-fidelity, torchvision or caffe; layer fc2-relu or fc2",
		Needs: "Weights: torchvision's VGG16 file (vgg16-397923af.pth)", Paper: "simonyan2015",
		Open: func(_ context.Context, s Spec, env Env) (Featurizer, error) {
			if err := s.args(0, 2, usage); err != nil {
				return nil, err
			}
			w, sum, err := env.weightsFor(s, "torchvision's vgg16-397923af.pth, or use vgg16-random(1)")
			if err != nil {
				return nil, err
			}
			if err = vgg16Size.check(w); err != nil {
				return nil, fmt.Errorf("%s: %w", env.Weights, err)
			}
			f, err := vggOf(s, s.Args, "vgg16(", fileTensors{w, map[string]bool{}})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", env.Weights, err)
			}
			f.hash = sum[:16]
			return f, nil
		},
	}
}

func vgg16RandomMaker() Maker {
	const usage = "vgg16-random(seed,preparation,layer)"
	return Maker{
		Name: "vgg16-random", Usage: usage, Title: "the same network with seeded synthetic weights, for relative comparisons without files",
		Paper: "simonyan2015", Trial: "vgg16-random(1,torch-fidelity,fc2-relu)", Slow: true,
		Open: func(_ context.Context, s Spec, _ Env) (Featurizer, error) {
			if err := s.args(1, 3, usage); err != nil {
				return nil, err
			}
			seed, err := s.integer(0, "seed", 0, math.MaxUint64)
			if err != nil {
				return nil, err
			}
			_, shapes := vgg16Size.shapes()
			return vggOf(s, s.Args[1:], fmt.Sprintf("vgg16-random(%d,", seed), randomTensors{seed, shapes})
		},
	}
}

// weightsFor loads the weights file that a featurizer needs.
func (e Env) weightsFor(s Spec, which string) (Weights, string, error) {
	if e.Weights == "" {
		return nil, "", fmt.Errorf("featurizer %s: no weights: give the file (Env.Weights): %s", s, which)
	}
	return LoadWeights(e.Weights)
}
