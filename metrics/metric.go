package metrics

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/mat"
)

// Sentinels wrapped by the errors of every metric.
var (
	ErrShape   = errors.New("shapes do not fit")
	ErrTooFew  = errors.New("too few samples")
	ErrValue   = errors.New("value not allowed")
	ErrMissing = errors.New("input missing")
)

// Pair is what a metric may look at. Roles are named fields so that real and fake can never be swapped by position. A metric reads only what its
// Info.Needs lists. Rows are samples. No field is ever changed.
type Pair struct {
	Real, Fake *mat.Dense // features
	Train      *mat.Dense // features of the set the generator was trained on, for memorisation; nil if unknown

	RealProbs, FakeProbs *mat.Dense // class probabilities, rows sum to 1
	FakeLogits           *mat.Dense // unnormalised class scores, where the caller has them
	RealLabels           []int
	FakeLabels           []int // asked-for or given classes of the fakes

	RealGroups, FakeGroups []int // which rows belong together (patient, prompt, clip): equal numbers; nil where each stands for itself. See InGroups.

	RealStats, FakeStats Stats // first two moments, where features themselves are not at hand

	Modes *mat.Dense // known mode centres, one a row (mode statistics)
	Sigma float64    // their standard deviation

	RealImages, FakeImages       *Images        // the pixels themselves, for metrics of images
	TrainImages                  *Images        // the same of the training set, for copies that were moved
	Target, Recon                *Images        // row i of Recon should equal row i of Target: reconstructions, round trips of a cycle
	Perceptual                   []float64      // of row i of Recon from row i of Target, by LPIPS
	Answers                      *Answers       // all that row i of Recon may be, where a task leaves a choice
	RealSentences, FakeSentences Sentences      // token sequences
	Terms                        *LogTerms      // log densities per sample, for likelihoods
	Likelihood                   *LogLikelihood // of held-out samples under the model
	Distances                    *Distances     // from a known manifold, and from the model's own
	Path                         *LatentPath    // features along segments of the latent space

	Seed uint64 // of subset choices, projections and bootstraps

	Shared *Shared // what scores against the same real or training rows have in common; nil: every score computes all of it. No value depends on it.
}

// Stats is the mean and covariance of features, with the count behind them.
type Stats struct {
	N    int
	Mean []float64
	Cov  *mat.SymDense // ddof 1
}

// Direction says which way a value is better.
type Direction string

// The directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
	Near   Direction = "near" // best near Info's Ideal
	None   Direction = "none" // descriptive
)

// Status says how far a value can be trusted.
type Status string

// The states of a result.
const (
	OK         Status = "ok"
	Degenerate Status = "degenerate" // defined by convention only, e.g. identical inputs or constant features
	Unreliable Status = "unreliable" // computed, but a warning says why not to lean on it
	Failed     Status = "failed"     // no value; Error says why
)

// Interval is a confidence interval at the given level, with the method that made it.
type Interval struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Level  float64 `json:"level"`
	Method string  `json:"method"`

	// Centre is what the interval was built around where that is not the value: the value with the sampling bias of its estimator taken off. It may lie below the range of
	// the value, where the interval is cut. nil where the interval is of the value itself. Records do not keep it.
	Centre *float64 `json:"-"`
}

// Value is one number of a result.
type Value struct {
	Name     string    `json:"name"` // equals the metric's id for its headline value
	Value    float64   `json:"value"`
	Unit     string    `json:"unit,omitempty"`
	Better   Direction `json:"better"`
	Interval *Interval `json:"interval,omitempty"`

	NoInterval string `json:"no_interval,omitempty"` // why a value with a direction has none
}

// Result is what a metric found: values, doubts, and the convention used.
type Result struct {
	Values     []Value           `json:"values"`
	Status     Status            `json:"status"`
	Warnings   []string          `json:"warnings"`
	Convention map[string]string `json:"convention,omitempty"` // e.g. ddof: 1, route: gram
}

// Info is a metric's claims about itself; metrictest checks them.
type Info struct {
	ID        string // name in configurations and records: [a-z0-9_]
	Title     string
	Values    []string // names of all values Compute can return
	Better    Direction
	Ideal     float64 // the best value (0 for a distance)
	Lo, Hi    float64 // range of the headline value (math.Inf allowed)
	Needs     []Need
	Domain    Domain // on what numbers it is defined
	Symmetric bool   // exchanging real and fake leaves the value
	Equality  bool   // it asks of two rows only whether they are equal, so that rows of names (tokens) will do
	Paper     string // bib label
	Options   []Option
	Table     func(Extent) Table // what Compute makes beside its input; nil where that grows no faster than the input
}

// Option is one convention or constant that can be set, as "id.name=value" on the command line.
type Option struct {
	Name    string
	Default string
	Doc     string
}

// Metric computes one family of numbers. A Metric value holds its options; With returns a copy with one option changed.
type Metric interface {
	Info() Info
	Compute(ctx context.Context, p Pair) (Result, error)
	With(option, value string) (Metric, error)
}
