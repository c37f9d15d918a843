package featurizer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/metrics"
)

// LPIPS measures pairs of images by the learned perceptual distance [zhang2018lpips] in VGG16 [simonyan2015], version 0.1: images from -1 to 1 are shifted and scaled by
// channel, the features after five ReLUs are scaled to unit length over channels, and
//
//	d(a, b) = sum over the five layers of the mean over places of sum_c w_c (a_c - b_c)^2
//
// with the published weights w. Images keep their size, at least 16 x 16; grey ones become three equal channels. Both files are the user's: torchvision's VGG16
// (vgg16-397923af.pth) and the linear layers (vgg.pth of the package lpips). Agrees with that package to float32.
type LPIPS struct {
	vgg    netTensors
	linear [5][]float64
}

// Where the five layers end, and the shift and scale of channels.
var (
	lpipsTaps  = []string{"features.3", "features.8", "features.15", "features.22", "features.29"}
	lpipsShift = [3]float32{-.030, -.088, -.188}
	lpipsScale = [3]float32{.458, .448, .450}
)

const lpipsLeast = 16 // pixels a side: four halvings

// OpenLPIPS reads the weights of VGG16 and of the linear layers. The error names the file and the tensor that does not fit.
func OpenLPIPS(vgg, linear string) (*LPIPS, error) {
	w, _, err := LoadWeights(vgg)
	if err != nil {
		return nil, err
	}
	names, shapes := vgg16Size.shapes()
	for _, name := range names {
		if len(shapes[name]) == 2 || name[0] == 'c' {
			continue // the classifier has no part in it
		}
		if t, ok := w[name]; !ok || !slices.Equal(t.Shape, shapes[name]) {
			return nil, fault.Of(ErrWeights, "%s: no tensor %q of shape %v: want torchvision's VGG16 (vgg16-397923af.pth)", vgg, name, shapes[name])
		}
	}
	lin, _, err := LoadWeights(linear)
	if err != nil {
		return nil, err
	}
	l, err := newLPIPS(fileTensors{w, map[string]bool{}}, fileTensors{lin, map[string]bool{}})
	if err != nil {
		return nil, fault.Of(ErrWeights, "%s: %w: want the linear layers of LPIPS for VGG, vgg.pth of the package lpips", linear, err)
	}
	return l, nil
}

func newLPIPS(vgg, linear netTensors) (*LPIPS, error) {
	l := &LPIPS{vgg: vgg}
	for k, c := range vgg16Size.widths {
		w, err := linear.get(fmt.Sprintf("lin%d.model.1.weight", k), 1, c, 1, 1)
		if err != nil {
			return nil, err
		}
		for _, v := range w {
			if v < 0 {
				return nil, fmt.Errorf("a weight of layer %d is %v, below 0", k, v)
			}
			l.linear[k] = append(l.linear[k], float64(v))
		}
	}
	return l, nil
}

// Distances returns the distance of every image of b from the image of a in the same place. Both must be of one size and range, which Lo and Hi give.
func (l *LPIPS) Distances(ctx context.Context, a, b *metrics.Images) ([]float64, error) {
	if a.N != b.N || a.H != b.H || a.W != b.W || a.C != b.C || a.C != 1 && a.C != 3 {
		return nil, fault.Of(ErrShape, "lpips: pairs of %d x %d x %d x %d and %d x %d x %d x %d, want images of one size with 1 or 3 channels", a.N, a.H, a.W, a.C, b.N, b.H, b.W, b.C)
	}
	if min(a.H, a.W) < lpipsLeast {
		return nil, fault.Of(ErrShape, "lpips: images of %d x %d: the network halves them four times and wants at least %d a side", a.H, a.W, lpipsLeast)
	}
	net, taps, err := l.net(a.H, a.W)
	if err != nil {
		return nil, fmt.Errorf("lpips: %w", err)
	}
	size := a.H * a.W * 3
	x, out := make([]float32, 2*size), make([]float64, a.N)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fillLPIPS(x[:size], a, i)
		fillLPIPS(x[size:], b, i)
		err := net.run(x, 2, func(at int, y tensor) {
			if k := slices.Index(taps, at); k >= 0 {
				out[i] += unitDifference(y, l.linear[k])
			}
		})
		if err != nil {
			return nil, fmt.Errorf("lpips: %w", err)
		}
	}
	return out, nil
}

// net is VGG16's convolutions for images of a size, with the places of the five layers.
func (l *LPIPS) net(h, w int) (*layerNet, []int, error) {
	s := vgg16Size.spec("fc2")
	end := slices.IndexFunc(s.Layers, func(o layerSpec) bool { return o.Name == lpipsTaps[4] })
	s.Input.Shape = []int{h, w, 3}
	s.Layers = append(slices.Clone(s.Layers[:end+1]), layerSpec{Name: "end", Op: "globalavgpool"})
	s.Features = "end"
	net, err := buildNet(s, l.vgg)
	if err != nil {
		return nil, nil, err
	}
	var taps []int
	for _, name := range lpipsTaps {
		taps = append(taps, slices.IndexFunc(net.ops, func(o netOp) bool { return o.Name == name }))
	}
	return net, taps, nil
}

// fillLPIPS brings image i to the network's range.
func fillLPIPS(dst []float32, m *metrics.Images, i int) {
	pix, scale := m.At(i), 2/(m.Hi-m.Lo)
	for p := range m.H * m.W {
		for c := range 3 {
			v := float32((float64(pix[p*m.C+c%m.C])-m.Lo)*scale - 1)
			dst[3*p+c] = (v - lpipsShift[c]) / lpipsScale[c]
		}
	}
}

// unitDifference is the weighed squared difference of two maps of unit length over channels, averaged over places.
func unitDifference(y tensor, w []float64) float64 {
	const least = 1e-10 // of the authors' code, beside the length
	places := y.h * y.w
	parts := make([]float64, places)
	kernel.Par(places, func(p int) {
		a, b := y.x[p*y.c:(p+1)*y.c], y.x[(places+p)*y.c:(places+p+1)*y.c]
		var na, nb float64
		for c := range a {
			na += float64(a[c]) * float64(a[c])
			nb += float64(b[c]) * float64(b[c])
		}
		na, nb = math.Sqrt(na)+least, math.Sqrt(nb)+least
		for c := range a {
			d := float64(a[c])/na - float64(b[c])/nb
			parts[p] += w[c] * d * d
		}
	})
	sum := 0.0
	for _, v := range parts {
		sum += v
	}
	return sum / float64(places)
}
