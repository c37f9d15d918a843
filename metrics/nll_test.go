package metrics

import (
	"context"
	"errors"
	"math"
	"testing"
)

// Samples of 1, 2 and 6 nats over 4 sites: 3 nats, 3/(4 ln 2) bits; the standard error is sqrt(7/3).
func TestNLL(t *testing.T) {
	r, err := NLL{}.Compute(context.Background(), Pair{Likelihood: &LogLikelihood{Nats: []float64{-1, -2, -6}, Sites: 4, Discrete: true}})
	if err != nil {
		t.Fatal(err)
	}
	nll, _ := r.Get("nll")
	bits, _ := r.Get("bits_per_site")
	near(t, "nll", nll.Value, 3, exact)
	near(t, "bits", bits.Value, 3/(4*math.Ln2), exact)
	near(t, "width", nll.Interval.Hi-nll.Interval.Lo, 2*z95*math.Sqrt(7./3), exact)
	if r.Convention["likelihood"] == "exact" || r.Convention["of"] != "a probability" {
		t.Errorf("convention %v", r.Convention)
	}
	for want, l := range map[error]*LogLikelihood{ErrMissing: nil, ErrTooFew: {Nats: []float64{1}, Sites: 1}, ErrValue: {Nats: []float64{1, math.NaN()}, Sites: 1}} {
		if _, err := (NLL{}).Compute(context.Background(), Pair{Likelihood: l}); !errors.Is(err, want) {
			t.Errorf("%+v: %v, want %v", l, err, want)
		}
	}
}

// An estimate without bias is neither exact nor a bound, and says the standard error of its mean: sqrt(0.3^2 + 0.4^2) / 2.
func TestEstimatedNLL(t *testing.T) {
	l := &LogLikelihood{Nats: []float64{-1, -3}, Errors: []float64{0.3, 0.4}, Sites: 1, Estimated: true}
	r, err := NLL{}.Compute(context.Background(), Pair{Likelihood: l})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Convention["likelihood"], "estimated without bias, standard error 0.25 nats in the mean"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.Errors = l.Errors[:1]
	if _, err := (NLL{}).Compute(context.Background(), Pair{Likelihood: l}); !errors.Is(err, ErrValue) {
		t.Errorf("one error for two samples: %v", err)
	}
}
