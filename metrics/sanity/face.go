package sanity

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
)

// Face is what a value claims to measure, which decides the shapes that a check wants of it.
type Face string

// The faces. Both is of distances and of whatever falls when either fidelity or diversity is lost.
const (
	Fidelity  Face = "fidelity"
	Diversity Face = "diversity"
	Both      Face = "both"
	Novelty   Face = "novelty"
)

// faces are the values whose face their names do not tell.
var faces = map[string]Face{
	"density": Fidelity, "realism": Fidelity, "prd_f1_8": Fidelity, "clipped_density": Fidelity,
	"coverage": Diversity, "prd_f8": Diversity, "clipped_coverage": Diversity, "vendi": Diversity, "vendi_ratio": Diversity, "birthday": Diversity, "birthday_ratio": Diversity,
	"rke": Diversity, "rke_ratio": Diversity, "duplicates": Diversity, "duplicates_largest": Diversity, "duplicates_train": Novelty, "mifid": Novelty, "mifid_distance": Novelty,
}

// FaceOf is the face of a metric's value: by its name, novelty where the metric looks at a training set, else Both.
func FaceOf(info metrics.Info, value string) Face {
	if f, ok := faces[value]; ok {
		return f
	}
	words := strings.Split(value, "_")
	switch {
	case slices.Contains(info.Needs, metrics.NeedTrain):
		return Novelty
	case slices.Contains(words, "precision"):
		return Fidelity
	case slices.Contains(words, "recall"):
		return Diversity
	}
	return Both
}

// OnUnitScale says whether a value claims the scale of the published criteria: 1 for sets of one law, 0 for sets that share nothing. Density does, though nothing keeps it
// below 1. All other values are judged on their own curves.
func OnUnitScale(info metrics.Info, value string, better metrics.Direction) bool {
	if value == "density" {
		return true
	}
	return FaceOf(info, value) != Novelty && better == metrics.Higher && info.Ideal == 1 && info.Lo == 0 && info.Hi == 1 && value != "realism"
}

// Takes says whether the checks can be run on a metric: it needs features, of a training set too perhaps, and nothing else.
func Takes(info metrics.Info) bool {
	features := false
	for _, n := range info.Needs {
		switch n {
		case metrics.NeedFeatures, metrics.NeedMoments:
			features = true
		case metrics.NeedTrain:
		default:
			return false
		}
	}
	return features
}

// Ideal is the best value of a metric's value: the metric's for its headline, else what real against real has.
func Ideal(info metrics.Info, value string, null metrics.Null) float64 {
	if len(info.Values) > 0 && info.Values[0] == value && !math.IsInf(info.Ideal, 0) {
		return info.Ideal
	}
	return null.Mean
}
