package main

import (
	_ "embed"

	"github.com/assay-gan/assay/runners"
)

// sources is the bibliography behind the Paper fields of this module's parts.
//
//go:embed sources.bib
var sources string

// kit is everything that ships and the parts of this module.
func kit() runners.Kit {
	k := runners.DefaultKit()
	k.Models = append(k.Models, softmaxGAN{})
	k.Metrics = append(k.Metrics, kolmogorov{})
	k.Datasets = append(k.Datasets, spirals{})
	k.Featurizers = append(k.Featurizers, polarMaker())
	k.Formats = append(k.Formats, ranking())
	k.Bibliography = sources
	k.Version = "external-1.0"
	return k
}
