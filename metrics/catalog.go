package metrics

import "fmt"

// All lists every metric with its default options: a new metric is a new file and one line here.
func All() []Metric {
	return []Metric{
		// Distances of distributions.
		FD{},
		FDClass{},
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
		Wasserstein{},
		C2ST1NN{},
		C2ST{},

		// Fidelity and diversity.
		PRDC{},
		PRD{},
		AlphaPrecision{},
		MSSSIM{},
		Sharpness{},
		Distinct{},
		SelfBLEU{},
		Vendi{},

		// Classifier-based.
		IS{},
		ModeScore{},
		AMScore{},
		MIS{},
		ClassEntropy{},
		GANTrain{},

		// Memorisation.
		AuthPct{},
		CT{},
		MiFID{},
		Duplicates{},
		NNRatio{},
		Birthday{},

		// Modes.
		Modes{},
		NDB{},
		NSDC{},
		Betti0{},

		// Translation, reconstruction, likelihood, latent.
		PSNR{},
		SSIM{},
		CycleError{},
		Correspondence{},
		JointValidity{},
		ELBO{},
		NLL{},
		PPL{},
		Interpolation{},
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
