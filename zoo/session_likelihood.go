package zoo

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/rng"
)

// Density is what a model says about given samples: its log-likelihood, or a lower bound of it. A model hands it to Builder.Likelihood.
type Density struct {
	Exact     bool // log p(x) itself; otherwise a bound that is never above it, but for the noise of the codes drawn
	Discrete  bool // the logarithm of a probability; otherwise of a density, which changes with the units of the data
	Sites     int  // what one sample's nats are spread over, pixels or values: nats / (-Sites log 2) is bits per site
	Estimated bool // log p(x) but for a random error without bias, which Evidence.Errors tells
	Parts     bool // LogP can count some of the values alone, see Session.LogConditional
	Codes     int  // codes a sample that the bound is taken over unless another number is asked for; 0 where there are none
	Terms     bool // LogP can tell the densities that each code's part of the bound is made of, see Session.Terms

	// Symbols are what a Discrete density is the probability of: a number below Alphabet for each site of a sample, such as places in a palette. Different samples of
	// the same symbols have one probability.
	Symbols  func(row []float32) []int
	Alphabet int

	// LogP fills the evidence's nats. It may panic as programs of the graph do.
	LogP func(ctx context.Context, e Evidence) error
}

// Evidence is a batch of samples whose likelihood is asked for: at most Builder.Batch rows, in the data's own units. Nothing may depend on the other rows of the batch.
type Evidence struct {
	Rows   [][]float32
	Labels []int         // nil unless the model is conditional
	Random []*rng.Source // a stream for each row
	Codes  int           // codes to draw for each row
	Known  []bool        // values to leave out of the count, a mark for each value of a row; nil counts all
	Nats   []float64     // to fill
	Errors []float64     // to fill where the density is Estimated: the standard error of each number; zeros otherwise
	Terms  *Terms        // to fill as well; nil where nobody asks
}

// Likelihood hands in what the model says about given samples.
func (b *Builder) Likelihood(d Density) { b.density = &d }

// Density describes the likelihood that LogLikelihood gives; false if the model has none. Its LogP is the session's business.
func (s *Session) Density() (Density, bool) {
	if s.build.density == nil {
		return Density{}, false
	}
	d := *s.build.density
	d.LogP = nil
	return d, true
}

// LogLikelihood is log p(x) of each sample in nats, summed over its values, and whether that is exact or a lower bound [kingma2014] [burda2016]. It is an error
// wrapping ErrHook if the model has none. Conditional models read the samples' labels. The numbers depend on the weights (averaged as those that draw samples), the
// samples and the session's seed, not on the batch size. Density tells the units.
func (s *Session) LogLikelihood(ctx context.Context, x *datasets.Samples) (nats []float64, exact bool, err error) {
	return s.Bound(ctx, x, 0, s.seed)
}

// Bound is LogLikelihood with a number of codes drawn for each sample, from streams of the seed: the importance-weighted bound, which rises with the codes towards
// log p(x) [burda2016]. 0 codes means the model's own number. Exact likelihoods have no codes and do not change.
func (s *Session) Bound(ctx context.Context, x *datasets.Samples, codes int, seed uint64) (nats []float64, exact bool, err error) {
	if codes < 0 {
		return nil, false, fmt.Errorf("model %s: a bound over %d codes: want 0 for the model's own number, or more", s.model.Info().ID, codes)
	}
	if err := s.likely(x); err != nil {
		return nil, false, err
	}
	nats, err = s.evidence(ctx, x, Evidence{Codes: codes}, seed)
	return nats, s.build.density.Exact, err
}

// Estimate is LogLikelihood with the standard error of each number that comes from what the model draws to estimate it (random directions of a divergence). The errors are
// 0 of models whose density is not Estimated, and where one direction was drawn, which tells nothing of its error.
func (s *Session) Estimate(ctx context.Context, x *datasets.Samples) (nats, errors []float64, exact bool, err error) {
	if err := s.likely(x); err != nil {
		return nil, nil, false, err
	}
	errors = make([]float64, x.Len())
	nats, err = s.evidence(ctx, x, Evidence{Errors: errors}, s.seed)
	return nats, errors, s.build.density.Exact, err
}

// Terms are what a lower bound is made of: for each sample, one after another, and each of its codes z ~ q(z|x) the logarithms of three densities in nats. The mean of
// PX + PZ - QZ is the evidence lower bound [kingma2014], the logarithm of the mean of its exponential the importance-weighted one [burda2016].
type Terms struct {
	Codes int
	PX    []float64 // log p(x|z), in the data's own units
	PZ    []float64 // log p(z)
	QZ    []float64 // log q(z|x)
}

// rows are the terms of samples from lo to hi, sharing memory.
func (t *Terms) rows(lo, hi int) *Terms {
	if t == nil {
		return nil
	}
	lo, hi = lo*t.Codes, hi*t.Codes
	return &Terms{Codes: t.Codes, PX: t.PX[lo:hi], PZ: t.PZ[lo:hi], QZ: t.QZ[lo:hi]}
}

// Terms draws so many codes for each sample, as Bound does from the same seed, and keeps what each says. Models without codes, or whose densities are one number, wrap
// ErrHook.
func (s *Session) Terms(ctx context.Context, x *datasets.Samples, codes int, seed uint64) (*Terms, error) {
	if codes < 1 {
		return nil, fmt.Errorf("model %s: terms of %d codes: want at least 1", s.model.Info().ID, codes)
	}
	if err := s.likely(x); err != nil {
		return nil, err
	}
	if !s.build.density.Terms {
		return nil, fault.Of(ErrHook, "model %s gives no densities of codes: choose a variational model", s.model.Info().ID)
	}
	n := x.Len() * codes
	t := &Terms{Codes: codes, PX: make([]float64, n), PZ: make([]float64, n), QZ: make([]float64, n)}
	_, err := s.evidence(ctx, x, Evidence{Codes: codes, Terms: t}, seed)
	return t, err
}

// LogConditional is, for each sample, the sum over its unknown values of log p(value | all values before it in the model's order), in nats. Where the known values are the first
// ones, as with KnownRows, that is the log-probability of the rest given them. Models that have none wrap ErrHook.
func (s *Session) LogConditional(ctx context.Context, x *datasets.Samples, known []bool) ([]float64, error) {
	if err := s.likely(x); err != nil {
		return nil, err
	}
	if !s.build.density.Parts {
		return nil, fault.Of(ErrHook, "model %s gives no probabilities of parts of a sample: choose one that draws pixel by pixel", s.model.Info().ID)
	}
	if len(known) != x.Dim() {
		return nil, fault.Of(datasets.ErrShape, "model %s: %d marks for samples of %d values", s.model.Info().ID, len(known), x.Dim())
	}
	return s.evidence(ctx, x, Evidence{Known: known}, s.seed)
}

// likely says why the likelihood of the samples cannot be asked for.
func (s *Session) likely(x *datasets.Samples) error {
	info := s.model.Info()
	switch {
	case s.build.density == nil:
		return fault.Of(ErrHook, "model %s says nothing about the likelihood of given samples: choose one that does, such as vae, iwae or flow-matching", info.ID)
	case x == nil || !slices.Equal(x.Shape, s.set.Train.Shape):
		return fault.Of(datasets.ErrShape, "model %s: likelihood: want samples of shape %v", info.ID, s.set.Train.Shape)
	case info.Conditional && x.Labels == nil:
		return fault.Of(datasets.ErrShape, "model %s: likelihood: the samples have no labels", info.ID)
	}
	for i, l := range x.Labels {
		if info.Conditional && (l < 0 || l >= s.build.Classes) {
			return fmt.Errorf("model %s: likelihood: label %d of sample %d is not one of the %d classes", info.ID, l, i, s.build.Classes)
		}
	}
	return nil
}

// evidence asks batch by batch; how gives codes and known values.
func (s *Session) evidence(ctx context.Context, x *datasets.Samples, how Evidence, seed uint64) ([]float64, error) {
	info, d := s.model.Info(), s.build.density
	if how.Codes == 0 {
		how.Codes = max(1, d.Codes)
	}
	nats := make([]float64, x.Len())
	err := s.averaged(func() error {
		for at := 0; at < x.Len(); at += s.build.Batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			e := how
			e.Nats = nats[at:min(at+s.build.Batch, x.Len())]
			if how.Errors != nil {
				e.Errors = how.Errors[at : at+len(e.Nats)]
			}
			e.Terms = how.Terms.rows(at, at+len(e.Nats))
			for i := at; i < at+len(e.Nats); i++ {
				e.Rows = append(e.Rows, x.Row(i))
				e.Random = append(e.Random, rng.Stream(seed, "likelihood", info.ID, strconv.Itoa(i)))
				if info.Conditional {
					e.Labels = append(e.Labels, x.Labels[i])
				}
			}
			if err := d.LogP(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nats, nil
	}
	if cause := ctx.Err(); cause != nil {
		return nil, cause
	}
	return nil, fmt.Errorf("model %s: likelihood: %w", info.ID, err)
}
