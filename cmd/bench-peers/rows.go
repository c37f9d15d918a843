package main

import (
	"fmt"
	"maps"
	"slices"
)

// peer is one way in which the other side does a row's work.
type peer struct{ variant, label string }

// row is one comparison: the same work on both sides.
type row struct {
	id, group, title string
	job              string
	args             args
	quick            args // what -quick changes of them
	long             bool // -quick leaves it out unless -only names it
	peers            []peer
	threads          int     // 0: every thread count asked for
	limit            float64 // how far the values may differ, relative
	slow             bool    // one repetition a turn, fewer rounds
	flop             float64 // of one repetition
	images           float64 // of one repetition
}

// reduced says whether a quick run does less work than the title says.
func (r row) reduced(quick bool) bool { return quick && len(r.quick) > 0 }

// in returns the row's parameters for a quick or a full run.
func (r row) in(quick bool) args {
	a := maps.Clone(r.args)
	if quick {
		maps.Copy(a, r.quick)
	}
	return a
}

// The groups, in the order of the page.
const (
	groupStep   = "Training steps"
	groupSmall  = "Small nets, and nets in sequence"
	groupGemm   = "Matrix product"
	groupConv   = "Convolution layers of DCGAN, batch 64, float32"
	groupMetric = "Metric arithmetic"
	groupNet    = "Featurizer"
	groupFolder = "Folders of images"
	groupRun    = "Whole runs"
)

var (
	torchPlain = peer{"eager", "PyTorch eager"}
	frozen     = peer{"frozen", "PyTorch, critic frozen in the G step"}
	compiled   = peer{"compile", "PyTorch, torch.compile, frozen"}
	whole      = peer{"compile", "PyTorch, torch.compile"}
	gorgonian  = peer{"gorgonia", "Gorgonia, its own operators"}
	onTape     = peer{"tape", "our operators on Gorgonia's tape machine"}
	mkl        = peer{"mkl", "MKL, its own interface"}
)

// inceptionFlop is what the convolutions of one 299 x 299 image cost, two to a multiply-add.
const inceptionFlop = 11.42e9

func rows() []row {
	return slices.Concat(stepRows(), smallRows(), kernelRows(), metricRows(), forwardRows(), folderRows())
}

// forwardRows are the networks of featurizers, from bytes to features.
func forwardRows() []row {
	engines := []peer{torchPlain, {"channels_last", "PyTorch, channels_last"}, {"compile", "PyTorch, torch.compile"}, {"onnxruntime", "onnxruntime"}, {"openvino", "OpenVINO"}}
	plain := slices.DeleteFunc(slices.Clone(engines), func(p peer) bool { return p.variant == "channels_last" })
	vit := func(id, kind, title string, width, patch int, norm [2][]float64) row {
		return row{
			id: id, group: groupNet, title: title, job: "vit", long: true, slow: true, images: 8, flop: 8 * vitFlop(width, 12, patch), peers: plain,
			args:  args{"n": 8, "kind": kind, "width": width, "depth": 12, "patch": patch, "mean": norm[0], "std": norm[1]},
			quick: args{"n": 2, "depth": 2},
		}
	}
	return []row{
		{
			id: "inception", group: groupNet, title: "Inception-2015, 16 images of 299x299 to 2048 features", job: "inception",
			args: args{"n": 16}, quick: args{"n": 2}, long: true, slow: true, flop: 16 * inceptionFlop, images: 16, peers: engines,
		},
		{
			id: "vgg16", group: groupNet, title: "VGG16 to fc2, 4 images of 224x224 to 4096 features", job: "vgg", long: true, slow: true, flop: 4 * vggFlop(), images: 4, peers: engines,
			args: args{"n": 4, "mean": imagenet[0], "std": imagenet[1]}, quick: args{"n": 1},
		},
		vit("dinov2", "dinov2", "DINOv2 ViT-S/14, 8 images of 224x224", 384, 14, imagenet),
		vit("clip", "clip", "CLIP ViT-B/32, 8 images of 224x224", 768, 32, clipNorm),
	}
}

// vitFlop is what the products of a vision transformer cost for an image of 224 x 224: patches, queries, keys and values, scores, means and outputs, and the layers of 4 times the width.
func vitFlop(width, depth, patch int) float64 {
	w, t := float64(width), float64(vitSide/patch*vitSide/patch)
	embed := 2 * t * w * float64(3*patch*patch)
	t++
	return embed + float64(depth)*(24*t*w*w+4*t*t*w)
}

// vggFlop is what the convolutions and the two dense layers of VGG16 cost for an image of 224 x 224, two to a multiply-add.
func vggFlop() float64 {
	total := 2.0 * (7*7*512*4096 + 4096*4096)
	side, in := vitSide, 3
	for g, depth := range vggDepths {
		for range depth {
			total += 2 * float64(side*side) * float64(9*in*vggWidths[g])
			in = vggWidths[g]
		}
		side /= 2
	}
	return total
}

// folderRows are whole scores of PNG files, from the command line to the table, beside tools of the same protocol.
func folderRows() []row {
	score := func(id, what, metrics, protocol string, limit float64, p peer) row {
		return row{
			id: id, group: groupFolder, title: what + " of 128 against 128 PNG files of 32x32", job: "folder", threads: 2, limit: limit, long: true, slow: true, images: 256,
			args: args{"n": 128, "side": 32, "subset": 100, "protocol": protocol, "metrics": metrics}, quick: args{"n": 16, "subset": 8}, peers: []peer{p},
		}
	}
	return []row{
		score("folder", "FID and KID", "fd,kid", "torch-fidelity", 1e-3, peer{"torch-fidelity", "torch-fidelity, its own code and network"}),
		score("folder-clean", "FID, resized as clean-fid does,", "fd", "clean-fid", 1e-3, peer{"clean-fid", "clean-fid, its own code; the network of pytorch-fid"}),
		score("folder-prdc", "Precision, recall, density and coverage", "prdc", "pytorch-fid", 2e-2, peer{"prdc", "features by pytorch-fid, then prdc, their own code"}), // a tie that falls otherwise is 1/128
	}
}

func stepRows() []row {
	last := peer{"channels_last", "PyTorch, frozen and channels_last"}
	step := func(net, title string, peers ...peer) row {
		return row{id: net, group: groupStep, title: title, job: "step", args: args{"net": net}, peers: peers, long: net == "cyclegan" || net == "infogan"}
	}
	return []row{
		step("mlp", "MLP GAN, 2-128-128, batch 512", torchPlain, frozen, compiled, gorgonian, onTape),
		step("dcgan", "DCGAN, 28x28, batch 64", torchPlain, frozen, last, compiled, onTape),
		step("wgangp", "WGAN-GP, the same nets", torchPlain, frozen, last, compiled),
		step("vae", "VAE, 784-400-20, batch 128", torchPlain, compiled),
		step("cyclegan", "CycleGAN, 28x28, batch 32", torchPlain, frozen, last, compiled),
		step("infogan", "InfoGAN's nets, 32x32x3, batch 64, critic of 8.5 M parameters", torchPlain, frozen, last, compiled),
	}
}

// smallRows are steps of a few operators of little arithmetic each, where dispatch is what takes long.
func smallRows() []row {
	step := func(net, title string, peers ...peer) row {
		return row{id: net, group: groupSmall, title: title, job: "step", args: args{"net": net}, peers: append([]peer{torchPlain}, peers...), long: true}
	}
	return []row{
		step("small-64", "MLP GAN, 2-64-64, batch 64", frozen, compiled, gorgonian, onTape),
		step("small-128", "MLP GAN, 2-64-64, batch 128", frozen, compiled),
		step("unet", "U-Net of 16 channels, 28x28, batch 32", whole),
		step("lstm-words", "LSTM of 32 units, 20 places, batch 64", whole),
		step("lstm-pixels", "LSTM of 64 units, 28 places, batch 16", whole),
	}
}

func kernelRows() (out []row) {
	product := func(name, job, kind string, n int, peers ...peer) row {
		return row{
			id: fmt.Sprintf("%s-%d", name, n), group: groupGemm, title: fmt.Sprintf("%d x %d x %d, %s", n, n, n, kind), job: job,
			args: args{"n": n}, long: n != 1024, flop: 2 * float64(n) * float64(n) * float64(n), peers: peers,
		}
	}
	for _, n := range []int{512, 1024, 2048, 4096} {
		out = append(out, product("sgemm", "gemm", "float32", n, peer{"numpy", "numpy (OpenBLAS)"}, peer{"torch", "PyTorch"}, mkl))
	}
	for _, n := range []int{1024, 2048} {
		out = append(out, product("dgemm", "gemm64", "float64", n, peer{"numpy", "numpy (OpenBLAS)"}, mkl))
	}
	for _, c := range []struct{ c, k, h int }{{1, 64, 28}, {64, 128, 14}} {
		for _, pass := range []string{"forward", "input", "weight"} {
			o := c.h / 2
			title := map[string]string{"forward": "forward", "input": "input gradient", "weight": "weight gradient"}[pass]
			out = append(out, row{
				id: fmt.Sprintf("conv-%d-%s", c.c, pass), group: groupConv, job: "conv",
				title: fmt.Sprintf("%d>%d, 4x4 stride 2, %dx%d, %s", c.c, c.k, c.h, c.h, title),
				args:  args{"n": 64, "h": c.h, "c": c.c, "k": c.k, "kh": 4, "s": 2, "p": 1, "pass": pass}, long: c.c == 1,
				flop:  2 * 64 * float64(o*o*16) * float64(c.c*c.k),
				peers: []peer{{"channels_last", "PyTorch (oneDNN), channels_last"}, {"contiguous", "PyTorch (oneDNN)"}},
			})
		}
	}
	return out
}

func metricRows() []row {
	full := args{"n": 10000, "d": 2048}
	subsets := args{"n": 10000, "d": 2048, "subsets": 100, "size": 1000}
	few := args{"n": 1000, "d": 256}
	fewSubsets := args{"n": 1000, "d": 256, "subsets": 10, "size": 200}
	prdc := []peer{{"float64", "numpy, as prdc, float64"}, {"float32", "numpy, as prdc, float32"}, {"package", "prdc itself, float64, whole matrices"}}
	return []row{
		{id: "frechet", group: groupMetric, title: "Frechet distance from two covariances, d = 2048", job: "frechet", args: full, quick: few, threads: 2, limit: 1e-5, slow: true,
			peers: []peer{{"sqrtm", "scipy sqrtm, as pytorch-fid"}, {"eigvals", "numpy eigvals, as torch-fidelity"}, {"torch", "PyTorch (MKL) eigvals, as torchmetrics"}, {"eigh", "numpy, two symmetric problems"}, {"svdvals", "scipy, Cholesky and singular values"}}},
		{id: "fd", group: groupMetric, title: "FD from 10 000 features a side, d = 2048", job: "fd", args: full, quick: few, threads: 2, limit: 1e-5, slow: true,
			peers: []peer{{"eigvals", "numpy, as torch-fidelity"}}},
		{id: "cov", group: groupMetric, title: "mean and covariance, 10 000 x 2048", job: "cov", args: full, quick: few, threads: 2, limit: 1e-9, slow: true,
			peers: []peer{{"numpy", "numpy mean and cov"}}},
		{id: "kid", group: groupMetric, title: "KID, 100 subsets of 1000, d = 2048", job: "kid", args: subsets, quick: fewSubsets, threads: 2, slow: true,
			peers: []peer{{"float32", "numpy, as torch-fidelity, float32"}, {"float64", "numpy, float64"}, {"torch", "PyTorch (MKL), as torchmetrics, float32"}}},
		{id: "prdc", group: groupMetric, title: "PRDC, k = 5, 10 000 x 10 000 x 2048, without intervals", job: "prdc", args: full, quick: few, threads: 2, limit: 2e-3, slow: true, peers: prdc},
		{id: "knn", group: groupMetric, title: "5th nearest of 10 000 rows among each other, d = 2048", job: "knn", args: full, quick: few, threads: 2, limit: 1e-4, slow: true,
			peers: []peer{{"faiss", "faiss, exact search, float32"}, {"sklearn", "scikit-learn, brute force, float32"}}},
		{id: "bundle", group: groupMetric, title: "FD, KID and PRDC together from 10 000 features a side, without intervals", job: "bundle", args: subsets, quick: fewSubsets, threads: 2, limit: 2e-3, slow: true,
			peers: []peer{{"numpy", "numpy: eigvals, KID and PRDC in float32"}}},
	}
}
