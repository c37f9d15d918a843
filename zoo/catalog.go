package zoo

import (
	"fmt"
	"strings"

	"github.com/assay-gan/assay/internal/suggest"
)

// All lists every model. A new model is a file, its test, and a line here.
func All() []Model {
	return []Model{
		GAN{Saturating: true},
		GAN{},
		LSGAN{},
		WGAN{},
		WGANGP{},
		DRAGAN{},
		R1{},
		R3GAN{},
		SNGAN{},
		BEGAN{},
		EBGAN{},
		FGAN{},
		RaGAN{},
		PacGAN{},
		Unrolled{},
		ALI{},
		VEEGAN{},
		Improved{},
		InfoGAN{},
		CGAN{},
		ACGAN{},
		Projection{},
		BigGAN{},
		CGAN{Paired: true},
		CycleGAN{},
		DiscoGAN{},
		DualGAN{},
		StarGAN{},
		Pix2Pix{},
		Regression{},
		VAE{},
		VAE{Conditional: true},
		VAE{Paired: true},
		IWAE{},
		WAE{},
		TwoStageVAE{},
		VQVAE{},
		RealNVP{},
		PixelRNN{},
		PixelCNN{},
		FlowMatching{},
		DDPM{},
		EDM{},
		DDGAN{},
		AE{},
		DAlone{},
		SeqGAN{},
		GumbelGAN{},
		SentenceVAE{},
	}
}

// Lookup finds a model by its id; the error of an unknown one lists what there is.
func Lookup(id string) (Model, error) { return Find(All(), id) }

// Find is Lookup in a catalog of one's own.
func Find(catalog []Model, id string) (Model, error) {
	var known []string
	for _, m := range catalog {
		have := m.Info().ID // works out every default
		if have == id {
			return m, nil
		}
		known = append(known, have)
	}
	if here, ok := elsewhere[strings.ToLower(id)]; ok {
		return nil, fmt.Errorf("no model is called %q: %s", id, here)
	}
	return nil, suggest.Unknown("model", id, known)
}

// elsewhere is what other tools call a model, in the words of this zoo.
var elsewhere = map[string]string{
	"dcgan": "DCGAN is gan-ns on images, whose networks are DCGAN's strided convolutions with its rates",
	"gan":   "the first GAN is gan-mm (minimax loss) and gan-ns (non-saturating loss)",
}
