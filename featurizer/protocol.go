package featurizer

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/suggest"
)

// Protocol is the row of choices by which one public tool scores images. Two numbers can be compared only if their rows agree.
type Protocol struct {
	Name  string // in configurations
	Title string // the tool
	Paper string // bib label, "" where there is none

	Resampler imaging.Resampler // to 299 x 299
	Range     string            // unit: resample x/255, then 2x - 1; byte: resample x, then (x - 128)/128
	Quantiser imaging.Quantiser // from a generator's [-1, 1] to bytes
	Layer     string            // the features of the headline score
	DDOF      int               // of the covariance: 1 divides by N - 1, 0 by N
	DropLast  int               // batch size whose incomplete rest is dropped; 0 keeps all

	ISSplits            int    // groups of the Inception Score; 0 where the tool has none
	ISRule              string // how samples fall into groups
	ISShuffle           string // order before the split
	ISDDOF              int    // of the deviation between groups
	Bias                bool   // logits with the last layer's bias
	KIDSubsets, KIDSize int    // of the kernel distance; 0 where the tool has none
}

// The two ranges.
const (
	RangeUnit = "unit"
	RangeByte = "byte"
)

// Protocols lists the tools whose numbers can be reproduced.
func Protocols() []Protocol {
	split := "i*N/S rounded down"
	return []Protocol{
		{Name: "tf-ttur", Title: "the original FID code", Paper: "heusel2017", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1, DropLast: 50, ISSplits: 10, ISRule: split, ISShuffle: "none"},
		{Name: "pytorch-fid", Title: "pytorch-fid", Paper: "seitzer2020", Resampler: imaging.TorchBilinear, Range: RangeUnit,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1},
		{Name: "torch-fidelity", Title: "torch-fidelity", Paper: "obukhov2020", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1, ISSplits: 10, ISRule: split, ISShuffle: "seeded", KIDSubsets: 100, KIDSize: 1000},
		{Name: "clean-fid", Title: "clean-fid, mode clean", Paper: "parmar2022", Resampler: imaging.PillowBicubicFloat, Range: RangeByte,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1, KIDSubsets: 100, KIDSize: 1000},
		{Name: "torchmetrics", Title: "torchmetrics with antialiasing, its default since pull request 3177", Resampler: imaging.TorchBilinearAA, Range: RangeByte,
			Quantiser: imaging.TruncHalf, Layer: "2048", DDOF: 1, ISSplits: 10, ISRule: "chunks of N/S rounded up", ISShuffle: "seeded", ISDDOF: 1, KIDSubsets: 100, KIDSize: 1000},
		{Name: "stylegan2-ada", Title: "StyleGAN2-ADA", Paper: "karras2020", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.Trunc128, Layer: "2048", DDOF: 0, ISSplits: 10, ISRule: split, ISShuffle: "none", KIDSubsets: 100, KIDSize: 1000},
		{Name: "adm", Title: "the guided-diffusion evaluator", Paper: "dhariwal2021", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1, ISSplits: 0, ISRule: "groups of 5000", ISShuffle: "none"},
		{Name: "dgm", Title: "dgm-eval with its Inception encoder", Paper: "stein2023", Resampler: imaging.TorchBilinear, Range: RangeUnit,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1, ISSplits: 10, ISRule: split, ISShuffle: "none", KIDSubsets: 100, KIDSize: 1000},
		{Name: "rfid", Title: "reconstruction FID as of ADM's evaluator: the same images on both sides", Paper: "dhariwal2021", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.RoundHalfUp, Layer: "2048", DDOF: 1},
		{Name: "edm2", Title: "EDM2's evaluation (its FD-DINOv2 by featurizer dinov2)", Paper: "karras2024", Resampler: imaging.TF1Bilinear, Range: RangeByte,
			Quantiser: imaging.Trunc128, Layer: "2048", DDOF: 1},
	}
}

// toolNames are what else the tools are called, by their modes and packages.
var toolNames = map[string]string{
	"clean": "clean-fid", "cleanfid": "clean-fid", "pytorchfid": "pytorch-fid", "torchfidelity": "torch-fidelity", "fidelity": "torch-fidelity", "ttur": "tf-ttur",
	"guided-diffusion": "adm", "dgm-eval": "dgm", "stylegan2-ada-pytorch": "stylegan2-ada",
}

// LookupProtocol finds a protocol by name, or by another name of its tool: pytorch_fid and clean are pytorch-fid and clean-fid, in any case. The error lists the known ones and the nearest.
func LookupProtocol(name string) (Protocol, error) {
	var names []string
	word := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	word = cmp.Or(toolNames[word], word)
	for _, p := range Protocols() {
		if p.Name == word {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Protocol{}, suggest.Unknown("protocol", name, names)
}

// Differences lists the fields in which two protocols differ, as "field: a, b", in the order in which they act.
func (p Protocol) Differences(q Protocol) []string {
	var d []string
	for _, f := range [][3]string{
		{"quantiser", string(p.Quantiser), string(q.Quantiser)},
		{"resampler", string(p.Resampler), string(q.Resampler)},
		{"range", p.Range, q.Range},
		{"layer", p.Layer, q.Layer},
		{"dropped batch", fmt.Sprint(p.DropLast), fmt.Sprint(q.DropLast)},
		{"ddof", fmt.Sprint(p.DDOF), fmt.Sprint(q.DDOF)},
		{"is bias", fmt.Sprint(p.Bias), fmt.Sprint(q.Bias)},
		{"is splits", fmt.Sprint(p.ISSplits), fmt.Sprint(q.ISSplits)},
		{"is rule", p.ISRule, q.ISRule},
		{"is shuffle", p.ISShuffle, q.ISShuffle},
		{"is ddof", fmt.Sprint(p.ISDDOF), fmt.Sprint(q.ISDDOF)},
		{"kid subsets", fmt.Sprintf("%d x %d", p.KIDSubsets, p.KIDSize), fmt.Sprintf("%d x %d", q.KIDSubsets, q.KIDSize)},
	} {
		if f[1] != f[2] {
			d = append(d, fmt.Sprintf("%s: %s, %s", f[0], f[1], f[2]))
		}
	}
	return d
}

// Prepared is a featurizer that prepares images under a protocol of a tool.
type Prepared interface {
	Featurizer
	Protocol() Protocol
}

var _ Prepared = (*Inception)(nil)
