package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/suggest"
)

// All lists every metric with its default options: a new metric is a new file and one line here.
func All() []Metric {
	return []Metric{
		// Distances of distributions.
		FD{},
		FDClass{},
		FJD{},
		CFID{},
		FDDiag{},
		FDInf{},
		KID{},
		KIDFull{},
		MMDRBF{},
		CMMD{},
		EnergyDistance{},
		SWD{},
		MIND{},
		ASW{},
		FWD{},
		Wasserstein{},
		C2ST1NN{},
		C2ST{},
		PQMass{},

		// Fidelity and diversity.
		PRDC{},
		PRD{},
		AlphaPrecision{},
		Clipped{},
		PPrecision{},
		SymPrecision{},
		CoverPrecision{},
		Rarity{},
		MSSSIM{},
		Sharpness{},
		Distinct{},
		SelfBLEU{},
		Vendi{},
		RKE{},

		// Novelty: what one set has that the other lacks.
		KEN{},
		FINC{},

		// Classifier-based.
		IS{},
		ModeScore{},
		AMScore{},
		MIS{},
		ClassEntropy{},
		ClassModes{},
		GANTrain{},

		// Memorisation.
		AuthPct{},
		DCR{},
		CT{},
		FLD{},
		Palate{},
		MiFID{},
		Duplicates{},
		NNRatio{},
		Birthday{},

		// Modes.
		Modes{},
		NDB{},
		NSDC{},
		Polygon{},
		Betti0{},

		// Translation, reconstruction, likelihood, latent.
		PSNR{},
		SSIM{},
		LPIPS{},
		CycleError{},
		Correspondence{},
		JointValidity{},
		ELBO{},
		NLL{},
		PPL{},
		Interpolation{},
	}
}

// Lookup returns the metric of an id, or the values of one by their names; see Find.
func Lookup(name string) (Metric, error) { return Find(All(), name) }

// Find returns the metric of a catalog that a name means: its id, or the name of one of its values, which is then all it shows ("precision" is prdc with
// its precision alone). The error names what is near, and for a word of other tools what it is called here.
func Find(catalog []Metric, name string) (Metric, error) {
	ids, names := make([]string, len(catalog)), []string{}
	for i, m := range catalog {
		if ids[i] = m.Info().ID; ids[i] == name {
			return m, nil
		}
	}
	for _, m := range catalog {
		if slices.Contains(m.Info().Values, name) {
			return Only(m, name), nil
		}
		names = append(names, m.Info().Values...)
	}
	if here, ok := elsewhere[strings.ToLower(strings.ReplaceAll(name, "-", "_"))]; ok {
		return nil, fmt.Errorf("no metric is called %q: %s", name, here)
	}
	if all := slices.Concat(ids, names); !slices.Contains(ids, suggest.Nearest(name, all)) { // a value is nearer than every metric
		ids = all
	}
	return nil, suggest.Unknown("metric", name, ids)
}

// elsewhere is what other tools call something, in the words of this one.
var elsewhere = map[string]string{
	"fid":                       "FID is fd in the features of the Inception network: ask for fd under a protocol such as pytorch-fid (assay list protocols, assay fetch inception)",
	"sfid":                      "sFID is fd in the spatial features of the Inception network: ask for fd under protocol adm with layer 2023",
	"clean_fid":                 "ask for fd under protocol clean-fid",
	"fid_inf":                   "ask for fd_inf under a protocol such as pytorch-fid",
	"clip_fid":                  "ask for fd with a CLIP featurizer (assay list featurizers)",
	"isc":                       "the Inception Score is is",
	"inception_score":           "the Inception Score is is",
	"kernel_inception_distance": "ask for kid under a protocol such as pytorch-fid",
	"mmd":                       "ask for mmd_rbf, kid or cmmd: MMD under three kernels",
	"emd":                       "the earth mover's distance is wasserstein",
	"f8":                        "ask for prd_f8",
	"msssim":                    "ask for ms_ssim",
}
