package zoo_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

// variant is a model with other defaults, so that the laws walk settings that change the computation.
type variant struct {
	zoo.Model
	defaults map[string]string
}

func (v variant) Info() zoo.Info {
	info := v.Model.Info()
	info.Settings = slices.Clone(info.Settings)
	for i, s := range info.Settings {
		if d, ok := v.defaults[s.Name]; ok {
			info.Settings[i].Default, info.Settings[i].ByKind = d, nil
		}
	}
	return info
}

// Updates are those of the model with the settings.
func (v variant) Updates(s zoo.Settings) (dSteps, gSteps int, known bool) {
	return zoo.StepCost(v.Model, s)
}

func TestLawsOfVariants(t *testing.T) {
	all := map[string]variant{
		"every trick": {zoo.Improved{}, map[string]string{"noise": "0.3", "noise_steps": "5", "features": "0.5", "minibatch": "3", "history": "0.1"}},
	}
	if !testing.Short() {
		maps.Copy(all, map[string]variant{
			"joint batches":        {zoo.Improved{}, map[string]string{"batches": "joint", "d_norm": "batch"}},
			"reference batch":      {zoo.Improved{}, map[string]string{"batches": "reference", "d_norm": "batch"}},
			"veegan, log, code":    {zoo.VEEGAN{}, map[string]string{"g_loss": "log", "encoder": "code"}},
			"ali, code":            {zoo.ALI{}, map[string]string{"encoder": "code"}},
			"biggan, no attention": {zoo.BigGAN{}, map[string]string{"attention": "off", "loss": "log"}},
			"wgan-gp, layer norm":  {zoo.WGANGP{}, map[string]string{"d_norm": "layer"}},
			"lsgan, spectral norm": {zoo.LSGAN{}, map[string]string{"d_norm": "spectral"}},
			"ragan, hinge":         {zoo.RaGAN{}, map[string]string{"loss": "hinge"}},
			"ragan, least squares": {zoo.RaGAN{}, map[string]string{"loss": "least-squares"}},
			"sngan, log":           {zoo.SNGAN{}, map[string]string{"loss": "log"}},
			"ebgan, no pull":       {zoo.EBGAN{}, map[string]string{"pull": "0"}},
			"pacgan, 4":            {zoo.PacGAN{}, map[string]string{"m": "4"}},
			"unrolled, 1":          {zoo.Unrolled{}, map[string]string{"k": "1", "eta": "0.3"}},
			"pix2pix, distance":    {zoo.Pix2Pix{}, map[string]string{"adversarial": "0"}},
			"cgan-pairs, mismatch": {zoo.CGAN{Paired: true}, map[string]string{"mismatch": "0.5"}},
			"discogan, skip":       {zoo.DiscoGAN{}, map[string]string{"skip": "on"}},
			"dualgan, no skip":     {zoo.DualGAN{}, map[string]string{"skip": "off"}},
			"regression, l1":       {zoo.Regression{}, map[string]string{"loss": "l1"}},
		})
		for _, d := range []string{"kl", "reverse-kl", "pearson", "hellinger", "tv"} {
			all["fgan, "+d] = variant{zoo.FGAN{}, map[string]string{"divergence": d, "g_loss": "conjugate"}}
		}
	}
	for name, v := range all {
		t.Run(name, func(t *testing.T) { zootest.Laws(t, v) })
	}
}
