package featurizer

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/suggest"
)

// ImageFeaturizer is a featurizer that also takes 8-bit images of any and mixed sizes, as they come from files.
type ImageFeaturizer interface {
	Featurizer
	// FeaturizeImages gives one row for each image, in order.
	FeaturizeImages(ctx context.Context, images []*imaging.Image) (*Output, error)
}

// EachFeaturizer is an image featurizer that fetches its images one by one, on the worker that featurizes them: decoding and the network overlap,
// and a whole folder never lies in memory.
type EachFeaturizer interface {
	ImageFeaturizer
	// FeaturizeEach gives n rows. image is called once for each index, concurrently; a nil image leaves its row at zero.
	FeaturizeEach(ctx context.Context, n int, image func(i int) (*imaging.Image, error)) (*Output, error)
}

// Inception is the 2015 network under one protocol's way to prepare images, cut at one layer.
type Inception struct {
	net      *inceptionNet
	protocol Protocol
	layer    inceptionLayer
	prepare  planner
	id, hash string
	stem     string // the id up to the protocol
}

var _ EachFeaturizer = (*Inception)(nil)

// inceptionLayer is what a specification can ask for: one tap, or two whose features stand one after the other.
type inceptionLayer struct {
	name string
	taps []int
}

// BothLayers names the pooled features followed by the spatial ones, from one pass: what a statistics file of the ADM evaluator [dhariwal2021] holds.
const BothLayers = "2048-2023"

// inceptionLayers are named by their feature lengths; 2023 is the spatial layer of sFID [nash2021].
var inceptionLayers = []inceptionLayer{
	{"64", []int{tap64}}, {"192", []int{tap192}}, {"768", []int{tap768}}, {"2048", []int{tap2048}}, {"2023", []int{tapSpatial}},
	{BothLayers, []int{tap2048, tapSpatial}},
}

func inceptionLayerNames() string {
	names := make([]string, len(inceptionLayers))
	for i, l := range inceptionLayers {
		names[i] = l.name
	}
	return strings.Join(names, " ")
}

// dim is the number of features.
func (l inceptionLayer) dim() int {
	d := 0
	for _, t := range l.taps {
		d += inceptionDims[t]
	}
	return d
}

// last is the deepest stage that the layer needs.
func (l inceptionLayer) last() int {
	last := 0
	for _, t := range l.taps {
		last = max(last, inceptionStage[t])
	}
	return last
}

// classifies says whether the pass reaches the logits.
func (l inceptionLayer) classifies() bool { return slices.Contains(l.taps, tap2048) }

const inceptionDefaults = "pytorch-fid,2048"

func inceptionMaker() Maker {
	return Maker{
		Name: "inception", Usage: "inception(protocol,layer)", Title: "the FID network under a tool's protocol; layer 64, 192, 768, 2048, 2023 (sFID) or 2048-2023 (both); default " + inceptionDefaults,
		Needs: "Weights: the file " + PublicInception, Paper: "szegedy2016",
		Open: func(_ context.Context, s Spec, env Env) (Featurizer, error) {
			if env.Weights == "" { // a fetched file serves too
				if dir, err := env.CachePath(); err == nil {
					env.Weights = filepath.Join(dir, PublicInception)
				}
				if _, err := os.Stat(env.Weights); err != nil {
					return nil, fmt.Errorf("featurizer %s: no weights: fetch %s (assay fetch inception) or give the file (Env.Weights), or use inception-random(1)", s, PublicInception)
				}
			}
			w, sum, err := LoadWeights(env.Weights)
			if err != nil {
				return nil, err
			}
			f, err := inceptionOf(s, s.Args, "inception", fromWeights(w))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", env.Weights, err)
			}
			f.hash = sum[:16]
			return f, nil
		},
	}
}

func inceptionRandomMaker() Maker {
	return Maker{
		Name: "inception-random", Usage: "inception-random(seed,protocol,layer)", Title: "the same network with seeded synthetic weights, for relative comparisons without files",
		Paper: "szegedy2016", Trial: "inception-random(1,pytorch-fid,64)",
		Open: func(_ context.Context, s Spec, _ Env) (Featurizer, error) {
			if err := s.args(1, 3, "inception-random(seed) or inception-random(seed,protocol,layer)"); err != nil {
				return nil, err
			}
			seed, err := s.integer(0, "seed", 0, math.MaxUint64)
			if err != nil {
				return nil, err
			}
			return inceptionOf(s, s.Args[1:], fmt.Sprintf("inception-random(%d,", seed), synthetic(seed))
		},
	}
}

// inceptionOf builds the network for the protocol and layer named by args.
func inceptionOf(s Spec, args []Spec, stem string, weights source) (*Inception, error) {
	names := strings.Split(inceptionDefaults, ",")
	if len(args) > 2 {
		return nil, fmt.Errorf("featurizer %s: too many arguments, want protocol and layer", s)
	}
	for i, a := range args {
		names[i] = a.String()
	}
	p, err := LookupProtocol(names[0])
	if err != nil {
		return nil, fmt.Errorf("featurizer %s: %w", s, err)
	}
	at := slices.IndexFunc(inceptionLayers, func(l inceptionLayer) bool { return l.name == names[1] })
	if at < 0 {
		return nil, fmt.Errorf("featurizer %s: %w", s, suggest.Unknown("layer", names[1], strings.Fields(inceptionLayerNames())))
	}
	f := &Inception{protocol: p, layer: inceptionLayers[at]}
	if !strings.Contains(stem, "(") {
		stem += "("
	}
	f.stem = stem
	last := inceptionStage[tap2048] // a file is checked whole, synthetic weights are drawn as far as needed
	if stem != "inception(" {
		last = f.layer.last()
	}
	if f.net, err = newInception(weights, quirks{}, last); err != nil {
		return nil, fault.Of(ErrWeights, "%w", err)
	}
	return f.Under(p), nil
}

// ID names network, protocol and layer.
func (f *Inception) ID() string { return f.id }

// Fingerprint adds the beginning of the weights file's sha256; synthetic weights are named by the ID alone.
func (f *Inception) Fingerprint() string {
	if f.hash == "" {
		return f.id
	}
	return f.id + "@" + f.hash
}

// Dim is the length of the layer.
func (f *Inception) Dim() int { return f.layer.dim() }

// Protocol is the row of choices under which images are prepared.
func (f *Inception) Protocol() Protocol { return f.protocol }

// Featurize quantises samples of [-1, 1] by the protocol's rule and runs the network. Logits and probabilities come with layer 2048.
func (f *Inception) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if s != nil && (!s.IsImage() || s.Shape[2] != 1 && s.Shape[2] != 3) {
		return nil, fault.Of(ErrShape, "%s: samples of shape %v, want images of 1 or 3 channels", f.id, s.Shape)
	}
	if err := accept(ctx, f.id, s); err != nil {
		return nil, err
	}
	return f.FeaturizeEach(ctx, s.Len(), func(i int) (*imaging.Image, error) {
		return f.protocol.Quantiser.Image(s.Shape[0], s.Shape[1], s.Shape[2], s.Row(i))
	})
}

// FeaturizeImages runs the network on images of any sizes.
func (f *Inception) FeaturizeImages(ctx context.Context, images []*imaging.Image) (*Output, error) {
	return f.FeaturizeEach(ctx, len(images), func(i int) (*imaging.Image, error) { return images[i], nil })
}

// inceptionGroup is how many images a worker takes through the network together at most: enough to use the weights, which come from memory, several times.
const inceptionGroup = 8

// FeaturizeEach takes a few images at a time to one worker: the prepared images and all activations stay in that core's cache, and no row depends on its
// neighbours.
func (f *Inception) FeaturizeEach(ctx context.Context, n int, image func(i int) (*imaging.Image, error)) (*Output, error) {
	if n < 1 {
		return nil, fault.Of(ErrShape, "%s: no images", f.id)
	}
	dim := f.Dim()
	features, errs := make([]float64, n*dim), make([]error, n)
	var logits []float32
	if f.layer.classifies() {
		logits = make([]float32, n*inceptionClasses)
	}
	th := kernel.Threads()
	rounds := (n + inceptionGroup*th - 1) / (inceptionGroup * th)
	group := (n + rounds*th - 1) / (rounds * th) // so that all workers end at about the same time
	kernel.Par((n+group-1)/group, func(i int) {
		if ctx.Err() != nil {
			return
		}
		lo := i * group
		hi := min(n, lo+group)
		f.some(lo, image, features[lo*dim:hi*dim], logits, errs[lo:hi])
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s: image %d: %w", f.id, i, err)
		}
	}
	out := &Output{Features: mat.NewDense(n, dim, features)}
	if logits != nil {
		if f.protocol.Bias {
			kernel.AddRow(n, inceptionClasses, logits, logits, f.net.bias)
		}
		out.Logits = toDense(n, inceptionClasses, logits)
		out.Probs = numeric.SoftmaxRows(out.Logits)
	}
	return out, nil
}

// some runs images lo, lo+1, ... together, as many as there are errors; those that fail or are nil leave their rows at zero.
func (f *Inception) some(lo int, image func(i int) (*imaging.Image, error), features []float64, logits []float32, errs []error) {
	const size = inceptionSide * inceptionSide * 3
	x, have := make([]float32, len(errs)*size), make([]int, 0, len(errs))
	for i := range errs {
		m, err := image(lo + i)
		if err == nil && m != nil {
			if err = f.prepare.apply(x[len(have)*size:][:size], m); err == nil {
				have = append(have, i)
			}
		}
		errs[i] = err
	}
	n := len(have)
	if n == 0 {
		return
	}
	var out inceptionOut
	for _, t := range f.layer.taps {
		out.taps[t] = make([]float64, n*inceptionDims[t])
	}
	if logits != nil {
		out.logits = make([]float32, n*inceptionClasses)
	}
	f.net.forward(x, n, out)
	dim := f.Dim()
	for k, i := range have {
		row := features[i*dim : (i+1)*dim]
		for _, t := range f.layer.taps {
			d := inceptionDims[t]
			row = row[copy(row, out.taps[t][k*d:(k+1)*d]):]
		}
		if logits != nil {
			copy(logits[(lo+i)*inceptionClasses:], out.logits[k*inceptionClasses:(k+1)*inceptionClasses])
		}
	}
}
