package zoo

import (
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
		PixelRNN{},
		PixelCNN{},
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
		if m.Info().ID == id {
			return m, nil
		}
		known = append(known, m.Info().ID)
	}
	return nil, suggest.Unknown("model", id, known)
}
