package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/rng"
)

// Fault is a disturbance of real samples, at strengths that grow.
type Fault struct {
	ID, Title string
	Unit      string // of the strengths
	Strengths []float64
	Images    bool   // images alone have it
	Labels    bool   // it is of classes that come with the samples
	Other     bool   // it takes samples of another set
	Kind      string // Quality, Variety, Copying or Classes
	Fewer     bool   // the strength is the share of samples that are other ones again, so that values spread as over fewer
	plant     func(p planting) (*datasets.Samples, error)
}

// The kinds of faults: what is lost.
const (
	Quality = "quality" // samples that no longer look like the data
	Variety = "variety" // good samples of a part of the data
	Copying = "copying" // training samples given as new ones
	Classes = "classes" // samples under wrong labels
)

// planting is what a fault works on. The samples of clean are a copy that it may change.
type planting struct {
	clean, train, other *datasets.Samples
	spare               *datasets.Samples // real samples that are in neither; modes are drawn from them too, so that few samples repeat
	mode, spareMode     []int             // of each sample, 0 to modes-1
	modes               int
	spread              []float64 // standard deviation of each number over the real samples
	strength            float64
	src                 *rng.Source
}

// levels is how many strengths every fault has; they are matched by being as easy or hard to see for a person, not by a number.
const levels = 4

// Faults lists what can be planted: in pixels, in the set as a whole, by copies, in labels.
func Faults() []Fault {
	return []Fault{
		{ID: "noise", Title: "noise", Unit: "of the spread", Strengths: []float64{.1, .25, .5, 1}, Kind: Quality, plant: noise},
		{ID: "blur", Title: "blur", Unit: "pixels", Strengths: []float64{.5, .8, 1.2, 2}, Images: true, Kind: Quality, plant: blur},
		{ID: "rectangle", Title: "black rectangles", Unit: "of the area", Strengths: []float64{.03, .08, .2, .4}, Images: true, Kind: Quality, plant: rectangle},
		{ID: "swirl", Title: "swirl", Unit: "radians", Strengths: []float64{.4, .8, 1.6, 3.2}, Images: true, Kind: Quality, plant: swirl},
		{ID: "salt", Title: "salt and pepper", Unit: "of the pixels", Strengths: []float64{.01, .03, .1, .3}, Images: true, Kind: Quality, plant: salt},
		{ID: "jpeg", Title: "JPEG", Unit: "points of quality lost", Strengths: []float64{10, 40, 70, 90}, Images: true, Kind: Quality, plant: jpegged},
		{ID: "resampler", Title: "another resampler", Unit: "of the size lost", Strengths: []float64{.1, .25, .4, .6}, Images: true, Kind: Quality, plant: resampled},
		{ID: "contamination", Title: "samples of another set", Unit: "of the samples", Strengths: []float64{.02, .05, .15, .4}, Other: true, Kind: Quality, plant: contaminated},
		{ID: "dropping", Title: "modes dropped", Unit: "of the modes", Strengths: []float64{.1, .25, .5, .8}, Kind: Variety, plant: dropped},
		{ID: "imbalance", Title: "half of the modes made rarer", Unit: "of their weight", Strengths: []float64{.3, .5, .8, .95}, Kind: Variety, plant: imbalanced},
		{ID: "shrinking", Title: "shrunk towards the mode", Unit: "of the way", Strengths: []float64{.1, .25, .5, .9}, Kind: Variety, plant: shrunk},
		{ID: "repeats", Title: "repeats among the fakes", Unit: "of the samples", Strengths: []float64{.05, .2, .5, .9}, Kind: Variety, Fewer: true, plant: repeatedRows},
		{ID: "copies", Title: "copies of training samples", Unit: "of the samples", Strengths: []float64{.05, .2, .5, 1}, Kind: Copying, plant: copied},
		{ID: "near-copies", Title: "near copies of training samples", Unit: "of the samples", Strengths: []float64{.05, .2, .5, 1}, Kind: Copying, plant: nearCopied},
		{ID: "labels", Title: "labels swapped", Unit: "of the labels", Strengths: []float64{.05, .2, .5, 1}, Labels: true, Kind: Classes, plant: relabelled},
	}
}

// unfit says why a fault cannot be planted into samples; "" where it can.
func (f Fault) unfit(real, other *datasets.Samples) string {
	switch {
	case f.Images && !real.IsImage():
		return "it is of images, and these samples are points"
	case f.Labels && real.Labels == nil:
		return "these samples have no labels: give folders of classes, or a data set that has them"
	case f.Other && other == nil:
		return "it needs another set: give it as DataRequest.Other"
	}
	return ""
}

// chosenFaults are those asked for by name, which must fit, or all that fit, with why the others do not.
func chosenFaults(names []string, real, other *datasets.Samples) (fit []Fault, left map[string]string, err error) {
	var can []string
	for _, f := range Faults() {
		if f.unfit(real, other) == "" {
			can = append(can, f.ID)
		}
	}
	if err := knownFaults(names); err != nil {
		return nil, nil, err
	}
	left = map[string]string{}
	for _, f := range Faults() {
		why := f.unfit(real, other)
		switch {
		case len(names) > 0 && !slices.Contains(names, f.ID):
		case why == "":
			fit = append(fit, f)
		case len(names) > 0:
			return nil, nil, fmt.Errorf("disturbance %s: %s (what fits: %s)", f.ID, why, joined(can))
		default:
			left[f.ID] = why
		}
	}
	return fit, left, nil
}

// knownFaults refuses names that there are not.
func knownFaults(names []string) error {
	var ids []string
	for _, f := range Faults() {
		ids = append(ids, f.ID)
	}
	for _, n := range names {
		if !slices.Contains(ids, n) {
			return suggest.Unknown("disturbance", n, ids)
		}
	}
	return nil
}

// some are k of n places at random.
func (p planting) some(share float64) []int {
	n := p.clean.Len()
	return p.src.Perm(n)[:int(math.Round(share*float64(n)))]
}

// noise adds normal noise in units of each number's own spread, at least a hundredth of the greatest one so that it reaches constant corners of images too.
func noise(p planting) (*datasets.Samples, error) {
	top := slices.Max(p.spread)
	d := p.clean.Dim()
	for i := range p.clean.Data {
		scale := max(p.spread[i%d], top/100)
		if p.clean.IsImage() {
			scale = top // one scale for all pixels, as cameras have it
		}
		p.clean.Data[i] += float32(p.strength * scale * p.src.Normal())
	}
	return p.bounded(), nil
}

// bounded keeps images within -1 and 1.
func (p planting) bounded() *datasets.Samples {
	if p.clean.IsImage() {
		for i, v := range p.clean.Data {
			p.clean.Data[i] = min(1, max(-1, v))
		}
	}
	return p.clean
}

// contaminated puts rows of another set in place of some.
func contaminated(p planting) (*datasets.Samples, error) {
	order := p.src.Perm(p.other.Len())
	for k, i := range p.some(p.strength) {
		copy(p.clean.Row(i), p.other.Row(order[k%len(order)]))
	}
	return p.clean, nil
}

// thinned draws as many samples as there are clean ones with the modes weighted anew. Samples repeat only where a mode has too few spare ones.
func (p planting) thinned(weight func(mode int) float64) *datasets.Samples {
	n := p.clean.Len()
	all := &datasets.Samples{Shape: p.clean.Shape, Data: slices.Concat(p.clean.Data, p.spare.Data)}
	if p.clean.Labels != nil {
		all.Labels = slices.Concat(p.clean.Labels, p.spare.Labels)
	}
	byMode, counts, total := make([][]int, p.modes), make([]float64, p.modes), 0.0
	for i, m := range slices.Concat(p.mode, p.spareMode) {
		if byMode[m] = append(byMode[m], i); i < n {
			counts[m] += weight(m)
			total += weight(m)
		}
	}
	var at []int
	for m, k := range apportioned(counts, n, total) {
		for i := range k {
			at = append(at, byMode[m][i%len(byMode[m])])
		}
	}
	return all.Select(at)
}

// apportioned deals n among shares of a total by largest remainders: a set of another size would move values that depend on it.
func apportioned(shares []float64, n int, total float64) []int {
	out, left, order := make([]int, len(shares)), n, make([]int, len(shares))
	rest := make([]float64, len(shares))
	for m, s := range shares {
		exact := s * float64(n) / total
		out[m], order[m] = int(exact), m
		rest[m] = exact - float64(out[m])
		left -= out[m]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, m := range order[:left] {
		out[m]++
	}
	return out
}

// dropped removes whole modes, at least one and never all.
func dropped(p planting) (*datasets.Samples, error) {
	gone := min(p.modes-1, max(1, int(math.Round(p.strength*float64(p.modes)))))
	var there []int // a small set may lack a mode, and what is not there cannot be dropped
	for _, m := range p.src.Perm(p.modes) {
		if slices.Contains(p.mode, m) {
			there = append(there, m)
		}
	}
	out := there[:min(gone, len(there)-1)]
	return p.thinned(func(m int) float64 {
		if slices.Contains(out, m) {
			return 0
		}
		return 1
	}), nil
}

// imbalanced makes half of the modes rarer.
func imbalanced(p planting) (*datasets.Samples, error) {
	rare := p.src.Perm(p.modes)[:max(1, p.modes/2)]
	return p.thinned(func(m int) float64 {
		if slices.Contains(rare, m) {
			return 1 - p.strength
		}
		return 1
	}), nil
}

// shrunk moves every sample towards the mean of its mode.
func shrunk(p planting) (*datasets.Samples, error) {
	d := p.clean.Dim()
	means, counts := make([]float64, p.modes*d), make([]float64, p.modes)
	for i, m := range p.mode {
		counts[m]++
		for j, v := range p.clean.Row(i) {
			means[m*d+j] += float64(v)
		}
	}
	for i, m := range p.mode {
		row := p.clean.Row(i)
		for j, v := range row {
			row[j] = float32(float64(v) + p.strength*(means[m*d+j]/counts[m]-float64(v)))
		}
	}
	return p.clean, nil
}

// repeatedRows replaces some samples by others of the same set.
func repeatedRows(p planting) (*datasets.Samples, error) {
	n := p.clean.Len()
	order := p.src.Perm(n)
	k := int(math.Round(p.strength * float64(n)))
	for i, at := range order[:k] {
		copy(p.clean.Row(at), p.clean.Row(order[k+i%max(n-k, 1)]))
		p.relabel(at, order[k+i%max(n-k, 1)], p.clean)
	}
	return p.clean, nil
}

// relabel gives a sample the class of the one that took its place.
func (p planting) relabel(at, from int, of *datasets.Samples) {
	if p.clean.Labels != nil && of.Labels != nil {
		p.clean.Labels[at] = of.Labels[from]
	}
}

// copied puts training samples in place of some.
func copied(p planting) (*datasets.Samples, error) {
	order := p.src.Perm(p.train.Len())
	for k, i := range p.some(p.strength) {
		from := order[k%len(order)]
		copy(p.clean.Row(i), p.train.Row(from))
		p.relabel(i, from, p.train)
	}
	return p.clean, nil
}

// nearCopied is copied with every copy moved a little: an image by a pixel to the right, a point by a fiftieth of the spread.
func nearCopied(p planting) (*datasets.Samples, error) {
	const little = .02
	order := p.src.Perm(p.train.Len())
	for k, i := range p.some(p.strength) {
		from := order[k%len(order)]
		p.relabel(i, from, p.train)
		row, source := p.clean.Row(i), p.train.Row(from)
		if p.clean.IsImage() {
			shifted(row, source, p.clean.Shape[1], p.clean.Shape[2])
			continue
		}
		for j, v := range source {
			row[j] = v + float32(little*p.spread[j]*p.src.Normal())
		}
	}
	return p.clean, nil
}

// relabelled gives some samples the label of another one.
func relabelled(p planting) (*datasets.Samples, error) {
	at := p.some(p.strength)
	labels := slices.Clone(p.clean.Labels)
	for k, i := range at {
		p.clean.Labels[i] = labels[at[(k+1)%len(at)]]
	}
	return p.clean, nil
}
