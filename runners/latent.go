package runners

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/suggest"
)

// Sweep is a grid of latent vectors: two dimensions take Steps values each from -Range to Range, all others stay where they are in From (the lecture's traversal
// fixes eight of ten). Row after row: the second dimension changes along a row.
type Sweep struct {
	From  []float64 // of the latent width; nil means the middle, 0
	Dims  [2]int
	Range float64
	Steps int
}

// Latents are the grid's vectors of the given width.
func (w Sweep) Latents(width int) ([]float32, error) {
	for _, d := range w.Dims {
		if d < 0 || d >= width {
			return nil, fmt.Errorf("sweep: dimension %d is not one of the %d of the latent vector, 0 to %d", d, width, width-1)
		}
	}
	if w.Dims[0] == w.Dims[1] {
		return nil, fmt.Errorf("sweep: dimension %d is named twice", w.Dims[0])
	}
	if w.Steps < 2 || !(w.Range > 0) || math.IsInf(w.Range, 0) || w.From != nil && len(w.From) != width {
		return nil, fmt.Errorf("sweep: want at least 2 steps, a positive range and a start of %d values", width)
	}
	var z []float32
	at := func(i int) float32 { return float32(w.Range * (2*float64(i)/float64(w.Steps-1) - 1)) }
	for i := range w.Steps {
		for j := range w.Steps {
			row := make([]float32, width)
			for k, v := range w.From {
				row[k] = float32(v)
			}
			row[w.Dims[0]], row[w.Dims[1]] = at(i), at(j)
			z = append(z, row...)
		}
	}
	return z, nil
}

// Paths are the ways between two latent vectors.
var Paths = []string{"linear", "slerp"}

// Path gives steps latent vectors from a to b, both included, at equal steps t:
//
//	linear  (1 - t) a + t b
//	slerp   along the great circle, the length going evenly from |a| to |b|  [shoemake1985]
//
// Latent vectors of many dimensions have nearly all the same length, which the straight line leaves in the middle and slerp keeps. Vectors on one line (or zero) have
// no circle: slerp is then linear.
func Path(how string, a, b []float32, steps int) ([]float32, error) {
	if !slices.Contains(Paths, how) {
		return nil, suggest.Unknown("path", how, Paths)
	}
	if len(a) != len(b) || steps < 2 {
		return nil, fmt.Errorf("path: want two vectors of one width, not %d and %d, and at least 2 steps", len(a), len(b))
	}
	dot, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	la, lb := math.Sqrt(aa), math.Sqrt(bb)
	angle := math.Acos(max(-1, min(1, dot/(la*lb))))
	var z []float32
	for s := range steps {
		t := float64(s) / float64(steps-1)
		u, v := 1-t, t
		if how == "slerp" && onCircle(angle) {
			length := (1-t)*la + t*lb
			u, v = arc(angle, t)
			u, v = length*u/la, length*v/lb
		}
		for i := range a {
			z = append(z, float32(u*float64(a[i])+v*float64(b[i])))
		}
	}
	return z, nil
}

// Validity says of each sample whether it could be of the data set.
type Validity struct {
	By      string    `json:"by"`      // what judged: a classifier, or the known modes
	Score   []float64 `json:"score"`   // the largest class probability; or 1 inside and 0 outside of three standard deviations of a mode
	Nearest []int     `json:"nearest"` // the class or mode
}

// Mean of the scores.
func (v *Validity) Mean() float64 {
	sum := 0.0
	for _, s := range v.Score {
		sum += s
	}
	return sum / float64(len(v.Score))
}

// Validity asks the known modes of a set of points, or a classifier of images by its specification. It is nil where nothing can judge: points without known modes,
// or no classifier named.
func (m *Model) Validity(ctx context.Context, kit Kit, classifier string, env featurizer.Env, x *datasets.Samples) (*Validity, error) {
	if !x.IsImage() {
		if m.Set.Truth == nil {
			return nil, nil
		}
		return inModes(m.Set.Truth, x), nil
	}
	if classifier == "" {
		return nil, nil
	}
	f, err := kit.open(ctx, classifier, m.Set, env)
	if err != nil {
		return nil, err
	}
	out, err := f.Featurize(ctx, x)
	if err != nil {
		return nil, err
	}
	if out.Probs == nil {
		return nil, fmt.Errorf("%s is no classifier: it gives features only", f.ID())
	}
	v := &Validity{By: f.ID()}
	for i := range x.Len() {
		row := out.Probs.RawRowView(i)
		best := slices.Max(row)
		v.Score, v.Nearest = append(v.Score, best), append(v.Nearest, slices.Index(row, best))
	}
	return v, nil
}

func inModes(truth *datasets.Mixture, x *datasets.Samples) *Validity {
	v := &Validity{By: "modes"}
	for i := range x.Len() {
		mode, far := truth.Nearest(x.Row(i))
		score := 0.0
		if far <= 3 {
			score = 1
		}
		v.Score, v.Nearest = append(v.Score, score), append(v.Nearest, mode)
	}
	return v
}
