package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// LogLikelihood is what a model says about held-out samples: log p(x), or a lower bound of it, in nats a sample.
type LogLikelihood struct {
	Nats     []float64
	Exact    bool // log p(x) itself, not a bound
	Discrete bool // of a probability, not a density
	Sites    int  // what a sample's nats are spread over: pixels or values

	// Estimated says that the numbers are log p(x) but for a random error without bias, such as that of a divergence in random directions. Errors are its standard
	// errors, sample by sample; nil where nobody knows them.
	Estimated bool
	Errors    []float64
}

func checkLikelihood(l *LogLikelihood) error {
	if l == nil {
		return fault.Of(ErrMissing, "no log likelihoods given")
	}
	if len(l.Nats) < 2 {
		return fault.Of(ErrTooFew, "log likelihoods of %d sample(s), want at least 2", len(l.Nats))
	}
	if l.Sites < 1 {
		return fault.Of(ErrValue, "log likelihoods are spread over %d sites, want at least 1", l.Sites)
	}
	if l.Errors != nil && len(l.Errors) != len(l.Nats) {
		return fault.Of(ErrValue, "%d standard errors for the log likelihoods of %d samples", len(l.Errors), len(l.Nats))
	}
	for i, v := range l.Nats {
		if v-v != 0 || math.Abs(v) > largest {
			return fault.Of(ErrValue, "the log likelihood of sample %d is %v", i, v)
		}
	}
	return nil
}

// kind says what the numbers are.
func (l *LogLikelihood) kind() string {
	switch {
	case l.Exact:
		return "exact"
	case !l.Estimated:
		return "a bound: the truth is lower"
	}
	square := 0.0
	for _, e := range l.Errors {
		square += e * e
	}
	if square == 0 {
		return "estimated without bias"
	}
	return fmt.Sprintf("estimated without bias, standard error %.2g nats in the mean", math.Sqrt(square)/float64(len(l.Errors)))
}

// NLL returns the negative log likelihood of held-out samples under the model [theis2016]:
//
//	nll           mean of -log p(x), nats a sample
//	bits_per_site nll / (Sites ln 2)
//
// Where the model gives a lower bound of log p(x) these are upper bounds, and where it estimates log p(x) they have its error too; the convention says so. The interval holds that error. Values of densities depend on the units of the
// data and compare with densities of the same data only; a good likelihood is no proof of good samples. N >= 2; intervals are over samples.
type NLL struct{}

var _ Metric = NLL{}

// With refuses every name: there are no options.
func (m NLL) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m NLL) Info() Info {
	return Info{ID: "nll", Domain: fixed("natural logarithms of densities or probabilities"), Title: "likelihood of held-out samples", Values: []string{"nll", "bits_per_site"}, Better: Lower, Ideal: math.Inf(-1), Lo: math.Inf(-1),
		Hi: math.Inf(1), Needs: []Need{NeedLikelihood}, Paper: "theis2016"}
}

// Compute implements Metric.
func (m NLL) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	l := p.Likelihood
	mean, se := meanSE(l.Nats)
	bits := 1 / (float64(l.Sites) * math.Ln2)
	at := func(name, unit string, scale float64) Value {
		return value(name, -mean*scale, Lower).in(unit).withinOr(around(-mean*scale, se*scale, math.Inf(-1), math.Inf(1), "normal"), "its variance is beyond the range of numbers")
	}
	r := newResult(nil, at("nll", "nats", 1), at("bits_per_site", "bits", bits))
	r.convention("likelihood", "%s", l.kind())
	r.convention("of", "%s", map[bool]string{true: "a probability", false: "a density"}[l.Discrete])
	r.convention("sites", "%d", l.Sites)
	return r, nil
}
