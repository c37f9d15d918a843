package zoo

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// latentInput is the name of the feed that Builder.Latent makes.
const latentInput = "latent"

// LatentWidth is the number of values in a latent vector that samples are made from; 0 for models whose samples come from none, such as translations.
func (s *Session) LatentWidth() int {
	if s.sampler == nil {
		return 0
	}
	for _, in := range s.build.feeds {
		if in.name() == latentInput && in.draw != nil && s.sampler.Get(in.nodes[0]) != nil {
			return in.nodes[0].Shape()[1]
		}
	}
	return 0
}

// Latents are the latent vectors, row after row, that Sample(n) is made from with this seed: N(0, I). A truncation t > 0 draws every value outside [-t, t] again
// [brock2019]: less variety for more quality; 0 truncates nothing.
func (s *Session) Latents(n int, seed uint64, truncation float64) ([]float32, error) {
	width := s.LatentWidth()
	if width == 0 {
		return nil, s.noLatent()
	}
	draw, err := truncated(truncation)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", s.model.Info().ID, err)
	}
	z, stream := make([]float32, n*width), s.sampleStream(seed, latentInput)
	for i := range n {
		draw(z[i*width:(i+1)*width], stream)
	}
	return z, nil
}

func (s *Session) noLatent() error {
	return fmt.Errorf("model %s makes samples from no latent vector: choose one that does, such as gan-ns or vae", s.model.Info().ID)
}

func (s *Session) sampleStream(seed uint64, input string) *rng.Source {
	return rng.Stream(seed, "sample", s.model.Info().ID, input)
}

// truncated draws from N(0, 1) given [-t, t] by rejection, or, where that would reject nearly all, from U(-t, t), which it then is but for a share of t^2 / 2.
func truncated(t float64) (func([]float32, *rng.Source), error) {
	const flat = 1e-3
	switch {
	case t == 0 || t > math.MaxFloat32:
		return normal, nil
	case !(t > 0):
		return nil, fault.Of(ErrSetting, "truncation = %g: want a positive number, or 0 for none", t)
	case t < flat:
		return uniform(-float32(t), float32(t)), nil
	}
	bound := float32(t)
	return func(dst []float32, from *rng.Source) {
		from.FillNormal(dst)
		for i := range dst {
			for dst[i] > bound || dst[i] < -bound {
				dst[i] = float32(from.Normal())
			}
		}
	}, nil
}

// SampleTruncated is Sample with the latent vectors truncated, see Latents.
func (s *Session) SampleTruncated(ctx context.Context, n int, labels []int, seed uint64, truncation float64) (*datasets.Samples, error) {
	labels, err := s.asked(n, labels)
	if err != nil {
		return nil, err
	}
	z, err := s.Latents(n, seed, truncation)
	if err != nil {
		return nil, err
	}
	draw := s.newDrawing(labels, seed)
	draw.replace(latentInput, z)
	return s.drawn(ctx, draw, n)
}

// Decode makes one sample of each latent vector: z holds whole rows of LatentWidth values, labels a class for each row of a conditional model (nil asks for every
// class in turn). What else a model draws from, such as InfoGAN's codes, is held at one draw for all rows, so that samples differ by z (and class) alone. A
// sample does not depend on the other rows.
func (s *Session) Decode(ctx context.Context, z []float32, labels []int) (*datasets.Samples, error) {
	width := s.LatentWidth()
	if width == 0 {
		return nil, s.noLatent()
	}
	if len(z)%width != 0 {
		return nil, fault.Of(datasets.ErrShape, "model %s: %d numbers are not whole latent vectors of %d", s.model.Info().ID, len(z), width)
	}
	n := len(z) / width
	labels, err := s.asked(n, labels)
	if err != nil {
		return nil, err
	}
	draw := s.newDrawing(labels, 0)
	draw.hold()
	draw.replace(latentInput, z)
	return s.drawn(ctx, draw, n)
}

// replace lets an input take its rows from given values, in order; what is missing to a full batch is zeros.
func (d *drawing) replace(name string, rows []float32) {
	for k := range d.inputs {
		if d.inputs[k].name() == name {
			d.inputs[k].draw = func(dst []float32, _ *rng.Source) {
				n := copy(dst, rows)
				clear(dst[n:])
				rows = rows[n:]
			}
		}
	}
}

// hold lets every random input repeat its first row.
func (d *drawing) hold() {
	for k := range d.inputs {
		var first []float32
		if draw := d.inputs[k].draw; draw != nil {
			d.inputs[k].draw = func(dst []float32, from *rng.Source) {
				if first == nil {
					first = make([]float32, len(dst))
					draw(first, from)
				}
				copy(dst, first)
			}
		}
	}
}

// Codes hands in the node that holds the latent vectors [Batch, latent] that an encoder gives the batch Real or RealLabelled, in evaluation mode and without noise:
// what the sample program decodes where Latent is.
func (b *Builder) Codes(z *nn.Node) { b.sample.codes = z }

// CanEncode says whether the model gives data a latent vector.
func (s *Session) CanEncode() bool { return s.build.sample.codes != nil }

// Encode gives each sample the latent vector that Decode makes something like it from: rows of LatentWidth values, without noise (for a VAE, the mean of q(z|x)).
// A conditional model reads the samples' labels. Samples must have the shape of the training data.
func (s *Session) Encode(ctx context.Context, x *datasets.Samples) ([]float32, error) {
	id := s.model.Info().ID
	if !s.CanEncode() {
		return nil, fmt.Errorf("model %s has no encoder: choose one that has, such as vae, ae or ali", id)
	}
	if x.Dim() != (&datasets.Samples{Shape: s.build.Shape}).Dim() {
		return nil, fault.Of(datasets.ErrShape, "model %s: samples of shape %v, trained on %v", id, x.Shape, s.build.Shape)
	}
	prog, err := nn.Compile(s.build.sample.codes)
	if err != nil {
		return nil, fmt.Errorf("model %s: encoding: %w", id, err)
	}
	var z []float32
	width := s.build.sample.codes.Shape()[1]
	for at := 0; at < x.Len(); at += s.build.Batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(s.build.Batch, x.Len()-at)
		if err := s.present(prog, x.Slice(at, at+rows)); err != nil {
			return nil, err
		}
		if err := prog.Run(); err != nil {
			return nil, fmt.Errorf("model %s: encoding: %w", id, err)
		}
		z = append(z, prog.Get(s.build.sample.codes)[:rows*width]...)
	}
	return z, nil
}

// present fills the inputs of training data that a program reads with given samples and their classes.
func (s *Session) present(prog *nn.Program, x *datasets.Samples) error {
	for _, in := range s.build.feeds {
		if _, data := in.feed.(*batches); !data {
			continue
		}
		for _, n := range in.nodes {
			if prog.Get(n) == nil {
				continue
			}
			dst := nn.Data(n)
			width := len(dst) / s.build.Batch
			clear(dst)
			for i := range x.Len() {
				row := dst[i*width : (i+1)*width]
				if n == in.nodes[0] {
					s.build.scale.apply(row, x.Row(i))
					continue
				}
				l := x.Label(i)
				if l < 0 || l >= s.build.Classes {
					return fmt.Errorf("model %s encodes samples with their class: label %d of sample %d is not one of the %d classes", s.model.Info().ID, l, i, s.build.Classes)
				}
				row[l] = 1
			}
		}
	}
	return nil
}
