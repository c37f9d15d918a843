package metrics

import (
	"fmt"
	"strings"
)

// All lists every metric with its default options: a new metric is a new file and one line here.
func All() []Metric {
	return []Metric{
		// Distances of distributions.
		FD{DDof: 1, Route: "auto", Interval: "delta"},
		FDClass{DDof: 1},
		FDDiag{DDof: 1},
		FDInf{Points: 15, DDof: 1, Order: "random"},
		KID{Subsets: 100, Size: 1000, Degree: 3, Coef: 1, Sampling: "random", Estimator: "unbiased"},
		KIDFull{Degree: 3, Coef: 1, Estimator: "unbiased"},
		MMDRBF{Estimator: "unbiased"},
		CMMD{Sigma: 10, Scale: 1000, Normalize: true},
		EnergyDistance{Estimator: "unbiased"},
		SWD{Directions: 1000, P: 2, Root: true},
		MIND{Directions: 1000},
		ASW{},
		Wasserstein{P: 1, Max: 1000, Sample: true},
		C2ST1NN{},
		C2ST{Folds: 5, Steps: 200, Width: 256, Ridge: 1e-3},

		// Fidelity and diversity.
		PRDC{K: 5, Compare: "lt", Values: strings.Join(prdcValues, ","), Interval: "parts"},
		PRD{Clusters: 20, Angles: 1001, Repeats: 10, Init: 1, Beta: 8},
		AlphaPrecision{Levels: 30},
		MSSSIM{Pairs: 1000},
		Sharpness{},
		Distinct{N: 2},
		SelfBLEU{N: 3, Sentences: 500},
		Vendi{Order: "1", Kernel: "cosine", Rows: 2000, Normalize: true},

		// Classifier-based.
		IS{Splits: 1, Rule: "cover"},
		ModeScore{},
		AMScore{},
		MIS{},
		ClassEntropy{},
		GANTrain{Classifier: "logistic", Steps: 300, Ridge: 1e-4},

		// Memorisation.
		AuthPct{},
		CT{Cells: 3, Min: 20, Init: 1},
		MiFID{Tau: 0.1},
		Duplicates{},
		NNRatio{},
		Birthday{Eps: 0.1},

		// Modes.
		Modes{Radius: 3, Share: 1. / 3},
		NDB{K: 100, Init: 1, Alpha: 0.05, MaxDim: 1000},
		NSDC{Alpha: 0.05},
		Betti0{Rows: 500, Subsets: 10},

		// Translation, reconstruction, likelihood, latent.
		PSNR{},
		SSIM{},
		CycleError{},
		Correspondence{Radius: 3},
		JointValidity{},
		ELBO{},
		NLL{},
		PPL{Lower: 1, Upper: 99},
		Interpolation{K: 3},
	}
}

// Lookup returns the metric of an id; the error names the nearest one and lists all.
func Lookup(id string) (Metric, error) {
	all := All()
	names := make([]string, len(all))
	for i, m := range all {
		if names[i] = m.Info().ID; names[i] == id {
			return m, nil
		}
	}
	return nil, fmt.Errorf("unknown metric %q%s", id, haveNames(id, names))
}
