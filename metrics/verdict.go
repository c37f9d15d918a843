package metrics

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/numeric"
)

// Word is a verdict on a set of samples.
type Word string

// The words, the gravest first; a verdict's headline is its gravest finding.
const (
	Memorised  Word = "memorised"  // samples are training rows, or sit on them closer than unseen data do
	Collapsed  Word = "collapsed"  // a few points, or a few of many modes
	OffData    Word = "off-data"   // most samples lie where no data are, so that modes and classes say nothing of them
	Dropped    Word = "dropped"    // some modes or classes are missing
	Permuted   Word = "permuted"   // all modes are there, but not where they should come from
	Imbalanced Word = "imbalanced" // all modes are there, in wrong proportions
	Repeated   Word = "repeated"   // samples repeat one another more than the data do
	Shrunk     Word = "shrunk"     // modes are narrower than they should be
	Noisy      Word = "noisy"      // images have noise that the data do not have
	Blurred    Word = "blurred"    // samples lie off the data: wide modes, bridges between them, soft images
	Unclear    Word = "unclear"    // too few samples, or something is off that no finding names
	Healthy    Word = "healthy"
)

// Thresholds are the limits behind a verdict. Each is far outside what a perfect generator shows at MinRows samples or more, so that the false alarm
// rate is set by the limits and not by chance.
type Thresholds struct {
	Lost     float64 // a mode with less than this part of its fair share is dropped
	Thin     float64 // a mode with less than this part (and at least Lost) is under-represented
	LostMass float64 // dropped or thin modes count once they should hold this share of the samples
	KL       float64 // divergence of the shares of modes, nats, from which they are out of proportion
	Modes    float64 // effective modes, exp of the entropy over modes, at or below this part of what they should be: collapsed
	Repeats  float64 // share of repeated samples, above that of the data, from which the set is collapsed
	Narrow   float64 // spread within modes over the true one below which modes are shrunk
	Wide     float64 // the same above which they are blurred
	Off      float64 // shortfall of high-quality samples (or of precision) from which samples lie off the data
	Far      float64 // precision below this part of that of held-out data: most samples are off the data
	Huddled  float64 // spread of all fakes over that of the data, off the data, below which they have collapsed
	Gone     float64 // a class or a cell with at most this part of its share is missing, if it surely has less than half
	Bare     float64 // regions that hold at most this part of their share together are missing, others are under-represented
	Again    float64 // surplus of repeats over the data from which samples repeat one another, if it is sure
	Soft     float64 // sharpness, or energy of a band, over that of the data below which images are soft; above its inverse they are noisy
	Isolated float64 // surplus of pixels that stand alone from which images are noisy
	Grain    float64 // surplus of the noise in smooth places, as a part of the range, from which images are noisy
	Told     float64 // a nearest neighbour tells fakes from held-out data this often, with nothing found: unclear
	Alpha    float64 // level of each of the tests
	Copy     float64 // authentic share below this part of that of held-out data: memorised, if the spread is right
	Right    float64 // spread within modes over the true one from which it is right enough to read the authentic share
	Near     float64 // surplus of near-copies over held-out data from which the set is memorised
	Few      float64 // the same where the spread is right and the surplus is sure
	Order    float64 // share of fakes on the mode their label names below which modes are permuted
	Doubt    float64 // coverage below this part of real-versus-real, with nothing found: unclear
	MinRows  int     // fewer samples: unclear
}

// DefaultThresholds returns the limits calibrated on planted failures and on perfect generators: docs/VERDICTS.md.
func DefaultThresholds() Thresholds {
	return Thresholds{Lost: .05, Thin: 1. / 3, LostMass: .03, KL: .1, Modes: .25, Repeats: .5, Narrow: .7, Wide: 1.3, Off: .03, Copy: .5, Right: .97, Near: .05, Few: .01, Order: .9, Doubt: .9,
		MinRows: 200, Far: .5, Huddled: .2, Gone: .2, Bare: .1, Again: .002, Soft: .75, Isolated: .002, Grain: .004, Told: .6, Alpha: 1e-3}
}

// Finding is one failure with the number that shows it.
type Finding struct {
	Word      Word    `json:"word"`
	Name      string  `json:"name"` // of the statistic
	Value     float64 `json:"value"`
	Reference float64 `json:"reference"` // what a perfect generator or real data show
	Limit     float64 `json:"limit"`
	Line      string  `json:"line"`
}

// Reading is a statistic that was looked at, beside its reference.
type Reading struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Reference float64 `json:"reference"`
}

// Verdict says whether samples collapsed, dropped modes, or copied, and why.
type Verdict struct {
	Word     Word      `json:"word"`
	Findings []Finding `json:"findings"` // gravest first; none if healthy
	Readings []Reading `json:"readings"` // everything looked at
	Warnings []string  `json:"warnings"` // what could not be looked at, with the remedy
	Route    string    `json:"route"`    // modes: known modes; features: clusters of the real data

	Sees      []Visible    `json:"sees"`                 // what could have been seen with so many samples
	DecidesAt int          `json:"decides_at,omitempty"` // fakes with which an unclear verdict would be clear; 0: no number would do
	Classes   []ClassShare `json:"classes,omitempty"`    // shares of classes, where the real samples have classes

	Missing  []Part `json:"missing,omitempty"`  // what the fakes lack, by real samples; see Parts: Judge itself leaves them out
	Invented []Part `json:"invented,omitempty"` // what the data lack, by fakes
}

// Has says whether a failure is among the findings.
func (v Verdict) Has(w Word) bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Word == w })
}

// String is the verdict and its evidence, one line each.
func (v Verdict) String() string {
	lines := []string{string(v.Word)}
	for _, f := range v.Findings {
		lines = append(lines, fmt.Sprintf("%s: %s", f.Word, f.Line))
	}
	lines = append(lines, v.Warnings...)
	if line := v.Seen(); line != "" {
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Judge looks at fakes with the smallest set of detectors that sees every failure of the catalogue. No single score does: a Frechet distance and the Inception
// Score are blind to most of them [borji2019].
//
// With Modes and Sigma it reads the fakes against the known modes: shares and their divergence, quality, spread; and with FakeLabels asks whether each fake
// reaches the mode that its label names. Without, it reads them against the real rows, by clusters, by many small regions, and by precision, coverage and
// nearest neighbours beside those of held-out real rows; with RealLabels also by a classifier of the real rows, which gives the shares of classes. Images
// (RealImages, FakeImages) are looked at themselves, for blur and noise that features do not see. Train is needed to see memorisation, with Real held out from
// it, and TrainImages to see copies that were moved; without Train the reference is one half of Real and the yardstick the other, by whole groups where RealGroups say which rows belong together. A generator whose samples
// repeat training rows is memorised even where it also repeats itself.
//
// Warnings say what was not looked at, and Sees how small a failure would have been found.
func Judge(ctx context.Context, p Pair, t Thresholds) (Verdict, error) {
	j := &judge{ctx: ctx, t: t, v: Verdict{Findings: []Finding{}, Readings: []Reading{}, Warnings: []string{}, Sees: []Visible{}}}
	if err := j.check(p); err != nil {
		return Verdict{}, fmt.Errorf("verdict: %w", err)
	}
	if err := p.checkGroups(); err != nil {
		return Verdict{}, fmt.Errorf("verdict: %w", err)
	}
	p.RealGroups = together(p.RealGroups)
	p = inOrder(p) // halves, clusters and what is drawn must not depend on the order of files
	steps := []func(Pair) error{j.repeats, j.pictures, j.features, j.copies, j.movedCopies}
	j.v.Route = "features"
	if p.Modes != nil {
		steps[2] = j.modes
		j.v.Route = "modes"
	}
	for _, step := range steps {
		if err := step(p); err != nil {
			return Verdict{}, fmt.Errorf("verdict: %w", err)
		}
	}
	return j.conclude(rows(p.Fake)), nil
}

type judge struct {
	ctx    context.Context
	t      Thresholds
	v      Verdict
	doubts []string
	width  float64 // spread within modes over the true one; 0 if not known
	far    bool    // most fakes lie in no ball of the reference

	drowned bool               // noise hides what the images show
	real    numeric.Neighbours // nearest two training rows of the real rows, once needed
}

func (j *judge) check(p Pair) error {
	if p.Modes != nil {
		if err := checkNeed(NeedModes, p); err != nil {
			return err
		}
	}
	if p.Modes == nil || p.Real != nil {
		if err := checkNeed(NeedFeatures, p); err != nil {
			return err
		}
	}
	if p.Train != nil {
		return checkNeed(NeedTrain, p)
	}
	return nil
}

func (j *judge) read(name string, v, reference float64) {
	j.v.Readings = append(j.v.Readings, Reading{name, v, reference})
}

func (j *judge) find(w Word, name string, v, reference, limit float64, line string, args ...any) {
	j.v.Findings = append(j.v.Findings, Finding{w, name, v, reference, limit, fmt.Sprintf(line, args...)})
}

func (j *judge) warn(line string, args ...any) {
	j.v.Warnings = append(j.v.Warnings, fmt.Sprintf(line, args...))
}

var gravity = []Word{Memorised, Collapsed, OffData, Dropped, Permuted, Imbalanced, Repeated, Shrunk, Noisy, Blurred}

func (j *judge) conclude(n int) Verdict {
	slices.SortStableFunc(j.v.Findings, func(a, b Finding) int { return slices.Index(gravity, a.Word) - slices.Index(gravity, b.Word) })
	switch {
	case n < j.t.MinRows:
		j.v.Word = Unclear
		j.v.DecidesAt = max(j.v.DecidesAt, j.t.MinRows)
		j.warn("%d fakes are too few to judge: draw at least %d", n, j.t.MinRows)
	case len(j.v.Findings) > 0:
		j.v.Word = j.v.Findings[0].Word
	case len(j.doubts) > 0:
		j.v.Word = Unclear
		j.v.Warnings = append(j.v.Warnings, j.doubts...)
	default:
		j.v.Word = Healthy
	}
	return j.v
}
