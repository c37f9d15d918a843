package main

import (
	"fmt"
	"slices"
	"strings"
)

// peer is one program of python/ and what it is compared in.
type peer struct {
	name, script string
	images       bool    // it decodes and resamples images instead of scoring
	needs        string  // a module of Python
	file         string  // of a cloned repository, below the folder of authors; "" for packages
	bound        float64 // the largest difference, relative to 1 and the value, that is called agreement
	why          string  // of the bound
}

// Bounds. Peers compute features and most scores in float32: a sum of 10^5 terms of one sign keeps about five digits.
const (
	float32Digits = 2e-5
	float64Digits = 1e-9
	kernelDigits  = 1e-4 // clean-fid's and torchmetrics' kernel in float32: means of numbers from 1 up, 1e-7 each, whose difference may be 0.003; their rows in float64 are held to the network's digits
	sqrtmDigits   = 2e-3 // scipy's sqrtm of a singular product: pytorch-fid and clean-fid take it with fewer images than features
)

// measuresScript asks the authors of measures, one peer a call.
const measuresScript = "measures_peer.py"

func peers() []peer {
	return []peer{
		{name: "pytorch-fid", script: "pytorch_fid_peer.py", needs: "pytorch_fid", bound: float32Digits, why: "the network runs in float32 on both sides"},
		{name: "torch-fidelity", script: "torch_fidelity_peer.py", needs: "torch_fidelity", bound: float32Digits, why: "the network runs in float32 on both sides"},
		{name: "clean-fid", script: "clean_fid_peer.py", needs: "cleanfid", bound: float32Digits, why: "the network runs in float32 on both sides"},
		{name: "torchmetrics", script: "torchmetrics_peer.py", needs: "torchmetrics", bound: float32Digits, why: "the network runs in float32 on both sides"},
		{name: "features", script: "features_peer.py", needs: "prdc", bound: float64Digits, why: "float64 on both sides"},
		{name: "rke-score", script: measuresScript, needs: "rke_score", bound: float64Digits, why: "float64 on both sides"},
		{name: "vendi-score", script: measuresScript, needs: "vendi_score", bound: float64Digits, why: "float64 on both sides"},
		{name: "pytorchfwd", script: measuresScript, needs: "pytorchfwd", bound: float32Digits, why: "images are float32 there until the transform"},
		{name: "ClippedDensityCoverage", script: measuresScript, needs: "sklearn", file: "ClippedDensityCoverage/ClippedDensityCoverage/metrics/Clipped_Density_Coverage.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "Probablistic_precision_recall", script: measuresScript, needs: "torch, sklearn", file: "Probablistic_precision_recall/metric/pp_pr.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "emergent_asymmetry_pr", script: measuresScript, needs: "torchvision", file: "emergent_asymmetry_pr/manifmetric/manifmetric.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "KEN", script: measuresScript, needs: "torchvision", file: "KEN/KEN/metric/algorithm_utils.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "Rarity-Score", script: measuresScript, needs: "torch, sklearn", file: "Rarity-Score/src/rarity_score.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "dgm-eval", script: measuresScript, needs: "torch, sklearn", file: "dgm-eval/dgm_eval/metrics/authpct.py", bound: float64Digits, why: "float64 on both sides"},
		{name: "pillow", script: "images_peer.py", needs: "PIL", images: true, why: "bytes"},
	}
}

func peerNames() []string {
	var names []string
	for _, p := range peers() {
		names = append(names, p.name)
	}
	return names
}

func peerNamed(name string) (peer, error) {
	all := peers()
	i := slices.IndexFunc(all, func(p peer) bool { return p.name == name })
	if i < 0 {
		return peer{}, fmt.Errorf("no peer %q, have %s", name, strings.Join(peerNames(), ", "))
	}
	return all[i], nil
}
