package zoo

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// Inversion says how hard Invert tries.
type Inversion struct {
	Draws int     // latent vectors drawn, of which each descent begins at the one whose sample is nearest
	Steps int     // of Adam down the squared distance
	Rate  float64 // of Adam
}

// DefaultInversion finds what a small generator can do to a few parts in a hundred; more steps find little more.
func DefaultInversion() Inversion { return Inversion{Draws: 1024, Steps: 150, Rate: 0.05} }

// Invert looks for the latent vector that makes each sample, by gradient descent through the generator [lucic2018], and returns the squared distance of the nearest sample
// that was found, summed over the values in the units of the data: an upper bound of how far the model is from making it. Latent vectors are not held to the
// prior. Like Decode it holds what else a model draws from at one draw. A model without a latent vector is an error.
func (s *Session) Invert(ctx context.Context, x *datasets.Samples, o Inversion, seed uint64) ([]float64, error) {
	width := s.LatentWidth()
	if width == 0 {
		return nil, s.noLatent()
	}
	id := s.model.Info().ID
	if x.Dim() != (&datasets.Samples{Shape: s.sampleShape()}).Dim() {
		return nil, fault.Of(datasets.ErrShape, "model %s: samples of shape %v to invert, it makes %v", id, x.Shape, s.sampleShape())
	}
	z, err := s.nearestDraws(ctx, x, o.Draws, width, seed)
	if err != nil {
		return nil, err
	}
	v, err := s.newInverter(x.Dim())
	if err != nil {
		return nil, fmt.Errorf("model %s: inverting: %w", id, err)
	}
	out := make([]float64, x.Len())
	err = s.averaged(func() error {
		for at := 0; at < x.Len(); at += s.build.Batch {
			rows := min(s.build.Batch, x.Len()-at)
			if err := v.descend(ctx, x.Slice(at, at+rows), z[at*width:(at+rows)*width], o, out[at:at+rows]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.samplingError(ctx, err)
	}
	return out, nil
}

// nearestDraws are, for each sample, the one of n latent vectors whose sample is nearest.
func (s *Session) nearestDraws(ctx context.Context, x *datasets.Samples, n, width int, seed uint64) ([]float32, error) {
	drawn, err := s.Latents(max(1, n), seed, 0)
	if err != nil {
		return nil, err
	}
	made, err := s.Decode(ctx, drawn, nil)
	if err != nil {
		return nil, err
	}
	z := make([]float32, x.Len()*width)
	for i := range x.Len() {
		best, least := 0, math.Inf(1)
		for k := range made.Len() {
			if d := rowsApart(x.Row(i), made.Row(k)); d < least {
				best, least = k, d
			}
		}
		copy(z[i*width:(i+1)*width], drawn[best*width:])
	}
	return z, nil
}

func rowsApart(a, b []float32) (sum float64) {
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}

// inverter is the program of the distances of a batch of samples and their gradients by the latent vectors.
type inverter struct {
	s           *Session
	prog        *nn.Program
	target      []float32
	latent      []float32
	apart, down *nn.Node
	draw        *drawing
	stride      int
}

func (s *Session) newInverter(dim int) (v *inverter, err error) {
	v = &inverter{s: s, stride: dim, draw: s.newDrawing(nil, 0)}
	v.draw.hold()
	if v.draw.labels, err = s.asked(s.build.Batch, nil); err != nil {
		return nil, err
	}
	err = nn.Try(func() error {
		var latent *nn.Node
		for _, in := range v.draw.inputs {
			if in.name() == latentInput {
				latent = in.nodes[0]
			}
		}
		out := s.build.sample.out
		s.inversions++
		target := s.build.graph.Input(fmt.Sprintf("inversion-%d", s.inversions), out.Shape()...)
		v.target, v.latent = nn.Data(target), nn.Data(latent)
		v.apart = nn.RowSum(nn.Square(nn.Sub(out, target)))
		v.down = nn.MustGrad(nn.Sum(v.apart), latent)[0]
		v.prog, err = nn.Compile(v.apart, v.down)
		return err
	})
	return v, err
}

// descend fills least with the smallest distance that each sample's descent came to.
func (v *inverter) descend(ctx context.Context, x *datasets.Samples, z []float32, o Inversion, least []float64) error {
	v.draw.batch(0) // every input; the latent vectors are overwritten
	clear(v.target)
	scale := v.s.build.scale
	for i := range x.Len() {
		scale.apply(v.target[i*v.stride:(i+1)*v.stride], x.Row(i))
		least[i] = math.Inf(1)
	}
	clear(v.latent)
	copy(v.latent, z)
	units := float64(scale.scale) * float64(scale.scale)
	m, w := make([]float64, len(v.latent)), make([]float64, len(v.latent))
	const b1, b2 = 0.9, 0.999
	for step := range o.Steps + 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.prog.Run(); err != nil {
			return err
		}
		for i, d := range v.prog.Get(v.apart)[:x.Len()] {
			least[i] = min(least[i], float64(d)*units)
		}
		c1, c2 := 1-math.Pow(b1, float64(step+1)), 1-math.Pow(b2, float64(step+1))
		for k, g := range v.prog.Get(v.down) {
			d := float64(g)
			m[k], w[k] = b1*m[k]+(1-b1)*d, b2*w[k]+(1-b2)*d*d
			v.latent[k] -= float32(o.Rate * (m[k] / c1) / (math.Sqrt(w[k]/c2) + 1e-8))
		}
	}
	return nil
}
