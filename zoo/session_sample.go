package zoo

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// Sample draws n samples with the networks in evaluation mode. labels gives the class of each for conditional models; nil asks for every class in turn. The samples
// depend on the weights, n, labels and seed, not on the batch size. A translation model translates n samples of its source domain's test split.
func (s *Session) Sample(ctx context.Context, n int, labels []int, seed uint64) (*datasets.Samples, error) {
	labels, err := s.asked(n, labels)
	if err != nil {
		return nil, err
	}
	d := s.build.sample.drawer
	if d == nil {
		return s.drawn(ctx, s.newDrawing(labels, seed), n)
	}
	return s.made(ctx, n, labels, func(out *datasets.Samples) error { return s.fillBy(ctx, d.Draw, out, "sample", seed) })
}

// drawn runs the sample program until there are n samples.
func (s *Session) drawn(ctx context.Context, draw *drawing, n int) (*datasets.Samples, error) {
	if s.sampler == nil {
		return nil, fault.Of(ErrHook, "model %s draws its samples step by step, not from one latent vector", s.model.Info().ID)
	}
	return s.made(ctx, n, draw.labels, func(out *datasets.Samples) error { return s.fillByGraph(ctx, draw, out) })
}

// made lets fill make n samples with the averaged weights, and brings them to the units of the data.
func (s *Session) made(ctx context.Context, n int, labels []int, fill func(out *datasets.Samples) error) (*datasets.Samples, error) {
	out := &datasets.Samples{Shape: s.sampleShape(), Labels: labels}
	s.evaluated, s.drew = 0, n
	out.Data = make([]float32, n*out.Dim())
	if err := s.averaged(func() error { return fill(out) }); err != nil {
		return nil, s.samplingError(ctx, err)
	}
	for i := range n {
		s.build.scale.undo(out.Row(i))
	}
	return datasets.NewSamples(out.Shape, out.Data, labels)
}

// Evaluations is how often the model's network was evaluated for a sample, in the mean over those drawn last: 1 for samples that are one pass, the steps of a solver for flows and
// diffusion. It is 0 before samples are drawn, and for models that make them in another way.
func (s *Session) Evaluations() float64 {
	if s.drew == 0 {
		return 0
	}
	return float64(s.evaluated) / float64(s.drew)
}

// Set changes a setting that concerns the drawing of samples alone, such as a temperature, on a session trained or restored with another value.
func (s *Session) Set(name, value string) error {
	info := s.model.Info()
	var can []string
	for _, p := range info.Settings {
		if !p.Drawing {
			continue
		}
		can = append(can, p.Name)
		if p.Name == name {
			v, err := p.check(value)
			if err != nil {
				return fmt.Errorf("model %s: %w", info.ID, err)
			}
			before := s.settings[name]
			s.settings[name] = v
			if c, ok := s.build.sample.drawer.(checker); ok {
				if err := c.check(); err != nil {
					s.settings[name] = before
					return fmt.Errorf("model %s: %w", info.ID, err)
				}
			}
			return nil
		}
	}
	return fault.Of(ErrSetting, "model %s: %q cannot be changed on a trained model, only %v can", info.ID, name, can)
}

// asked checks the number and the classes of samples, and gives every class in turn to a conditional model that was asked for none.
func (s *Session) asked(n int, labels []int) ([]int, error) {
	info := s.model.Info()
	if n < 1 {
		return nil, fmt.Errorf("model %s: asked for %d samples", info.ID, n)
	}
	one := datasets.Samples{Shape: s.sampleShape()}
	if err := machine.Holds(4 * float64(n) * float64(one.Dim())); err != nil {
		return nil, fmt.Errorf("model %s: %d samples of shape %v: it %w; draw fewer at a time", info.ID, n, s.sampleShape(), err)
	}
	if labels != nil && (!info.Conditional || len(labels) != n) {
		return nil, fmt.Errorf("model %s: %d labels given for %d samples of a model with conditional=%t", info.ID, len(labels), n, info.Conditional)
	}
	for i, l := range labels {
		if l < 0 || l >= s.build.Classes {
			return nil, fmt.Errorf("model %s: label %d of sample %d is not one of the %d classes", info.ID, l, i, s.build.Classes)
		}
	}
	if info.Conditional && labels == nil {
		labels = make([]int, n)
		for i := range labels {
			labels[i] = i % s.build.Classes
		}
	}
	return labels, nil
}

// averaged runs f with the averaged weights in place, where an average is kept.
func (s *Session) averaged(f func() error) error {
	if s.ema != nil {
		s.ema.Swap()
		defer s.ema.Swap()
	}
	return f()
}

// samplingError names the model, unless somebody wanted to stop.
func (s *Session) samplingError(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && errors.Is(err, cause) {
		return cause
	}
	return fmt.Errorf("model %s: sampling: %w", s.model.Info().ID, err)
}

// fillByGraph runs the sample program batch by batch.
func (s *Session) fillByGraph(ctx context.Context, draw *drawing, out *datasets.Samples) error {
	for at := 0; at < out.Len(); at += s.build.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		draw.batch(at)
		if err := s.sampler.Run(); err != nil {
			return err
		}
		copy(out.Data[at*out.Dim():], s.sampler.Get(s.build.sample.out))
		s.evaluated += min(s.build.Batch, out.Len()-at)
	}
	return nil
}

// fillBy hands the rows of out to a drawer's method batch by batch, each row with a stream named after the purpose and its number.
func (s *Session) fillBy(ctx context.Context, make func(context.Context, Draft) error, out *datasets.Samples, purpose string, seed uint64) error {
	for at := 0; at < out.Len(); at += s.build.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := Draft{}
		for i := at; i < min(at+s.build.Batch, out.Len()); i++ {
			d.Rows = append(d.Rows, out.Row(i))
			d.Random = append(d.Random, rng.Stream(seed, purpose, s.model.Info().ID, strconv.Itoa(i)))
			d.Evaluations = append(d.Evaluations, 0)
			if out.Labels != nil {
				d.Labels = append(d.Labels, out.Labels[i])
			}
		}
		if err := make(ctx, d); err != nil {
			return err
		}
		for _, n := range d.Evaluations {
			s.evaluated += n
		}
	}
	return nil
}

func (s *Session) sampleShape() []int {
	if s.set.Target != nil && s.model.Info().Family == Translation {
		return s.set.Target.Train.Shape
	}
	return s.set.Train.Shape
}

// drawing fills the inputs of the sample program, row by row from streams of its own, so that neither training nor the batch size has a say.
type drawing struct {
	inputs  []input
	streams []*rng.Source
	session *Session
	labels  []int
}

func (s *Session) newDrawing(labels []int, seed uint64) *drawing {
	d := &drawing{session: s, labels: labels}
	for _, in := range s.build.feeds {
		if s.sampler != nil && s.sampler.Get(in.nodes[0]) != nil {
			d.inputs = append(d.inputs, in)
			d.streams = append(d.streams, rng.Stream(seed, "sample", s.model.Info().ID, in.name()))
		}
	}
	return d
}

func (d *drawing) batch(from int) {
	size := d.session.build.Batch
	for k, in := range d.inputs {
		dst := nn.Data(in.nodes[0])
		width := len(dst) / size
		for r := range size {
			row := dst[r*width : (r+1)*width]
			switch {
			case in.label:
				clear(row)
				if i := from + r; i < len(d.labels) {
					row[d.labels[i]] = 1
				}
			case in.read:
				test := d.session.set.Test
				d.session.build.source.apply(row, test.Row((from+r)%test.Len()))
			default:
				in.draw(row, d.streams[k])
			}
		}
	}
}

// Sources are the samples of the source domain that Sample(n) of a translation model translates, in order; nil for other models.
func (s *Session) Sources(n int) *datasets.Samples {
	if s.model.Info().Family != Translation {
		return nil
	}
	index := make([]int, n)
	for i := range index {
		index[i] = i % s.set.Test.Len()
	}
	return s.set.Test.Select(index)
}
