package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/rng"
)

// forward is a task that runs a featurizer on images which its resampler leaves as they are, so that the network alone is timed. The peer finds the bytes of the images, the
// weights by their names and the first image's features in dir.
func forward(f featurizer.Featurizer, w featurizer.Weights, n, side int, dir string) (task, error) {
	net, ok := f.(featurizer.ImageFeaturizer)
	if !ok {
		return nil, fmt.Errorf("%s takes no images: %w", f.ID(), errAbsent)
	}
	for key, t := range w {
		if err := writeNPY(dir, "w."+key, t.Data, t.Shape...); err != nil {
			return nil, err
		}
	}
	pictures := make([]*imaging.Image, n)
	pixels := make([]float32, 0, n*side*side*3)
	r := rng.Stream(1, "peers", "pictures")
	for i := range pictures {
		pix := make([]uint8, side*side*3)
		for j := range pix { // a gradient with noise on it
			pix[j] = uint8((j/(3*side)+j%(3*side)/3)*(i+1)%200 + r.IntN(56))
			pixels = append(pixels, float32(pix[j]))
		}
		var err error
		if pictures[i], err = imaging.FromPix(side, side, 3, pix); err != nil {
			return nil, err
		}
	}
	if err := writeNPY(dir, "pixels", pixels, n, side, side, 3); err != nil {
		return nil, err
	}
	out, err := net.FeaturizeImages(context.Background(), pictures)
	if err != nil {
		return nil, err
	}
	if err := writeNPY(dir, "features", out.Features.RawRowView(0), 1, f.Dim()); err != nil {
		return nil, err
	}
	return &numbers{f: func() ([]float64, error) {
		_, err := net.FeaturizeImages(context.Background(), pictures)
		return nil, err
	}}, nil
}

// openInception runs the FID network from 8-bit pixels to 2048 features.
func openInception(a args, dir string) (task, error) {
	f, err := featurizer.Open(context.Background(), "inception-random(1,pytorch-fid,2048)", featurizer.Env{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAbsent, err)
	}
	w, err := featurizer.SyntheticInception(1)
	if err != nil {
		return nil, err
	}
	return forward(f, w, a.int("n"), 299, dir)
}

// What the two families subtract and divide by.
var (
	imagenet = [2][]float64{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}
	clipNorm = [2][]float64{{0.48145466, 0.4578275, 0.40821073}, {0.26862954, 0.26130258, 0.27577711}}
)

// vitSide is the side of both networks' images.
const vitSide = 224

// openViT runs a vision transformer with drawn weights by the names of the files published with it.
func openViT(a args, dir string) (task, error) {
	kind, prep := a.str("kind"), "dgm"
	w := drawViT(kind == "clip", a.int("width"), a.int("depth"), a.int("patch"))
	if kind == "clip" {
		prep = "openai"
	}
	return published(fmt.Sprintf("%s(%s)", kind, prep), w, a.int("n"), dir)
}

// published is a forward task through a file of weights, of a network whose images have vitSide pixels a side.
func published(id string, w featurizer.Weights, n int, dir string) (task, error) {
	var b bytes.Buffer
	if err := w.WriteSafetensors(&b, false); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "weights.safetensors")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		return nil, err
	}
	f, err := featurizer.Open(context.Background(), id, featurizer.Env{Weights: file})
	if err != nil {
		return nil, err
	}
	return forward(f, w, n, vitSide, dir)
}

// VGG16's five groups of convolutions, and the outputs of its two dense layers that features come from [simonyan2015].
var (
	vggDepths = []int{2, 2, 3, 3, 3}
	vggWidths = []int{64, 128, 256, 512, 512}
)

const vggDense = 4096

// openVGG runs VGG16 with drawn weights by torchvision's names, up to the ReLU of its second dense layer.
func openVGG(a args, dir string) (task, error) {
	return published("vgg16(torch-fidelity,fc2-relu)", drawVGG(), a.int("n"), dir)
}

func drawVGG() featurizer.Weights {
	w, r := featurizer.Weights{}, rng.Stream(1, "peers", "vgg")
	layer := func(name string, out, fan int, shape ...int) {
		x, b := make([]float32, out*fan), make([]float32, out)
		s := float32(math.Sqrt(6 / float64(fan))) // He's rule
		r.FillUniform(x, -s, s)
		r.FillUniform(b, -0.1, 0.1)
		w[name+".weight"], w[name+".bias"] = featurizer.Tensor{Shape: shape, Data: x}, featurizer.Tensor{Shape: []int{out}, Data: b}
	}
	in, at := 3, 0
	for g, depth := range vggDepths {
		for range depth {
			layer(fmt.Sprintf("features.%d", at), vggWidths[g], 9*in, vggWidths[g], in, 3, 3)
			in, at = vggWidths[g], at+2 // torchvision numbers ReLUs and pools along
		}
		at++
	}
	flat := in * (vitSide / 32) * (vitSide / 32)
	layer("classifier.0", vggDense, flat, vggDense, flat)
	layer("classifier.3", vggDense, vggDense, vggDense, vggDense)
	return w
}

// drawViT draws the weights of DINOv2's network, or of the image half of CLIP's, of a scale that keeps activations near 1.
func drawViT(clip bool, width, depth, patch int) featurizer.Weights {
	w, r := featurizer.Weights{}, rng.Stream(1, "peers", "transformer")
	put := func(name string, base, scale float64, shape ...int) {
		n := 1
		for _, s := range shape {
			n *= s
		}
		x := make([]float32, n)
		r.FillUniform(x, float32(base-scale), float32(base+scale))
		w[name] = featurizer.Tensor{Shape: shape, Data: x}
	}
	layer := func(weight, bias string, in, out int) {
		put(weight, 0, 1.7/math.Sqrt(float64(in)), out, in)
		put(bias, 0, 0.3, out)
	}
	dense := func(name string, in, out int) { layer(name+".weight", name+".bias", in, out) }
	norm := func(name string) {
		put(name+".weight", 1, 0.5, width)
		put(name+".bias", 0, 0.3, width)
	}
	places := vitSide/patch*vitSide/patch + 1
	if clip {
		put("visual.class_embedding", 0, 1, width)
		put("visual.positional_embedding", 0, 1, places, width)
		put("visual.conv1.weight", 0, 0.1, width, 3, patch, patch)
		norm("visual.ln_pre")
		norm("visual.ln_post")
		put("visual.proj", 0, 0.06, width, 512)
	} else {
		put("cls_token", 0, 1, 1, 1, width)
		put("pos_embed", 0, 1, 1, places, width)
		put("patch_embed.proj.weight", 0, 0.1, width, 3, patch, patch)
		put("patch_embed.proj.bias", 0, 0.3, width)
		norm("norm")
	}
	for i := range depth {
		if p := fmt.Sprintf("visual.transformer.resblocks.%d.", i); clip {
			norm(p + "ln_1")
			layer(p+"attn.in_proj_weight", p+"attn.in_proj_bias", width, 3*width)
			dense(p+"attn.out_proj", width, width)
			norm(p + "ln_2")
			dense(p+"mlp.c_fc", width, 4*width)
			dense(p+"mlp.c_proj", 4*width, width)
			continue
		}
		p := fmt.Sprintf("blocks.%d.", i)
		norm(p + "norm1")
		dense(p+"attn.qkv", width, 3*width)
		dense(p+"attn.proj", width, width)
		put(p+"ls1.gamma", 0.5, 0.4, width)
		norm(p + "norm2")
		dense(p+"mlp.fc1", width, 4*width)
		dense(p+"mlp.fc2", 4*width, width)
		put(p+"ls2.gamma", 0.5, 0.4, width)
	}
	return w
}
