package runners

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// values measures a cell: once, or for every step of somebody's training whose samples are there.
func (e *execution) values(ctx context.Context, c Cell, out *outcome) ([]reports.Record, error) {
	if c.Own == nil {
		return e.valuesOf(ctx, c, out)
	}
	if c.Own.Command != "" {
		return e.ownProgram(ctx, c, out)
	}
	var all []reports.Record
	for _, f := range c.Own.Files {
		now, err := hashPlace(f.Path)
		if err == nil && now != f.Content {
			err = fmt.Errorf("%s changed after the suite was planned: run it again", f.Path)
		}
		if err != nil {
			return nil, err
		}
		out.step = f.Step
		recs, err := e.ownValues(ctx, c, out, f)
		if err != nil {
			return nil, err
		}
		all = append(all, recs...)
	}
	if len(c.Own.Files) > 1 {
		out.curves = curvesOf(all)
	}
	return all, nil
}

func (e *execution) valuesOf(ctx context.Context, c Cell, out *outcome) ([]reports.Record, error) {
	e.clock.enter(scoring)
	if err := out.inside.measureDistances(ctx, c, out.set, out.samples); err != nil {
		return nil, err
	}
	recs, err := e.measure(ctx, c, out)
	if err == nil {
		recs, err = e.oracle(ctx, c, out, recs)
	}
	return recs, err
}

// ownValues measures the samples of one place.
func (e *execution) ownValues(ctx context.Context, c Cell, out *outcome, f OwnFile) ([]reports.Record, error) {
	out.verdict = nil // of the step before
	var notes []string
	var err error
	if out.samples, out.groups, notes, err = ownSamples(ctx, c, out.set, f); err != nil {
		return nil, err
	}
	recs, err := e.valuesOf(ctx, c, out)
	for i := range recs {
		recs[i].Warnings = append(slices.Clone(notes), recs[i].Warnings...)
		recs[i].Provenance.SamplesHash = f.Content
	}
	return recs, err
}

// curvesOf are the values over the steps, one curve for each way of measuring.
func curvesOf(recs []reports.Record) (curves []zoo.Curve) {
	for _, r := range recs {
		if r.Status == reports.Failed {
			continue
		}
		name := r.Metric
		if r.Featurizer != "" {
			name += " (" + r.Featurizer + ")"
		}
		if r.Reference != "" {
			name += " against " + r.Reference
		}
		at := slices.IndexFunc(curves, func(c zoo.Curve) bool { return c.Name == name })
		if at < 0 {
			at, curves = len(curves), append(curves, zoo.Curve{Name: name})
		}
		curves[at].Steps, curves[at].Values = append(curves[at].Steps, r.Step), append(curves[at].Values, r.Value)
	}
	return curves
}

// ownSamples reads the samples of one place as samples of the data set: of its shape, with its classes where both have some. notes say what is to be known
// of them.
func ownSamples(ctx context.Context, c Cell, set loaded, f OwnFile) (s *datasets.Samples, groups []int, notes []string, err error) {
	path := f.Path
	like, err := set.split(c.References[0])
	if err != nil {
		return nil, nil, nil, err
	}
	lo, hi := 0.0, 0.0
	if len(c.Own.Range) == 2 {
		lo, hi = c.Own.Range[0], c.Own.Range[1]
	}
	side, err := OpenSide(ctx, path, lo, hi, source.Options{})
	if err != nil {
		return nil, nil, nil, reworded(err, "to OpenSide, such as 0,1 or 0,255", "in the suite, such as range: [0, 1] or range: [0, 255]")
	}
	if side.Source != nil {
		defer func() { err = errors.Join(err, side.Source.Close()) }()
		if left := listing.LeftOut(side.Source.Left); left != "" {
			notes = append(notes, left)
		}
	}
	if side.Stats != nil {
		return nil, nil, nil, fmt.Errorf("%s holds statistics: a cell needs the samples themselves", path)
	}
	o := &ownSet{path: path, side: side, like: like, classes: set.Info.Classes}
	more, err := o.readLabels(f.Labels)
	if err != nil {
		return nil, nil, nil, err
	}
	n := side.Len()
	if n < 2 {
		return nil, nil, nil, fault.Of(datasets.ErrShape, "%s holds %d samples: want at least 2", path, n)
	}
	pick := firstN(n)
	if n > c.Samples {
		pick = rng.Stream(c.Seed, "own", c.Dataset).Perm(n)[:c.Samples]
		slices.Sort(pick)
	} else if n < c.Samples {
		more = append(more, fmt.Sprintf("%d samples were asked for and %d are there: values of other numbers of samples are not comparable", c.Samples, n))
	}
	if groups, err = ownGroups(side, f.Groups, n, pick); err != nil {
		return nil, nil, nil, err
	}
	s, err = o.read(ctx, pick)
	return s, groups, append(notes, more...), err
}

// ownGroups are the groups of the picked samples of a side, nil where no file says any.
func ownGroups(side *Side, file string, n int, pick []int) ([]int, error) {
	if file == "" {
		return nil, nil
	}
	names, err := side.ReadGroups(file)
	if err != nil {
		return nil, err
	}
	if len(names) != n {
		return nil, fault.Of(datasets.ErrShape, "%s has groups of %d samples, and %s holds %d: give one for each", file, len(names), side.Path, n)
	}
	if len(distinct(names)) < 2 {
		return nil, fault.Of(datasets.ErrShape, "%s: all %d samples are of one group: an interval needs two at least; give finer groups, or none", file, n)
	}
	return groupNumbers(picked(names, pick))[0], nil
}

func firstN(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}

// ownSet is samples made elsewhere on their way to samples of a data set.
type ownSet struct {
	path    string
	side    *Side
	like    *datasets.Samples // of the data set
	classes []string          // of the data set, nil without
	labels  []int             // one a sample of the side; nil without
}

// readLabels takes the classes of the samples from a file, from the npz archive that holds the samples, or from the sub-folders. Where the data set has none
// they say nothing and are left alone.
func (o *ownSet) readLabels(file string) (notes []string, err error) {
	from := file
	switch {
	case file != "":
		before := len(o.side.Warnings)
		if o.labels, err = o.side.ReadLabels(file); err != nil {
			return nil, err
		}
		notes = o.side.Warnings[before:]
	case strings.EqualFold(filepath.Ext(o.path), ".npz"):
		if from, err = labelArray(o.path); err != nil || from == "" {
			return nil, err
		}
		if o.labels, err = ReadLabels(from); err != nil {
			return nil, err
		}
	case o.side.Source != nil && o.side.Source.Items[0].Label >= 0:
		from = o.path
		if note := o.classLabels(); note != "" {
			return []string{note}, nil
		}
	}
	if o.labels == nil {
		return nil, nil
	}
	if o.like.Labels == nil {
		o.labels = nil
		return []string{fmt.Sprintf("the classes of %s are not used: the data set has none", from)}, nil
	}
	if len(o.labels) != o.side.Len() {
		return nil, fault.Of(datasets.ErrShape, "%s: %d labels for %d samples", from, len(o.labels), o.side.Len())
	}
	for i, l := range o.labels {
		if n := len(o.classes); l < 0 || n > 0 && l >= n {
			return nil, fmt.Errorf("%s: label %d is %d: the data set's classes are 0 to %d", from, i, l, n-1)
		}
	}
	return notes, nil
}

// labelArray names the array of labels in an archive, as FILE.npz:NAME: labels, or as others call it y, or beside arr_0 arr_1; "" where there is none.
func labelArray(path string) (string, error) {
	z, err := tensorfile.OpenNPZ(path)
	if err != nil {
		return "", err
	}
	defer z.Close()
	names := z.Names()
	for _, name := range []string{"labels", "y", "arr_1"} {
		if slices.Contains(names, name) {
			return path + ":" + name, nil
		}
	}
	return "", nil
}

// classLabels are the classes that the source gives, by the data set's names for them. note says why they cannot be used.
func (o *ownSet) classLabels() (note string) {
	names := o.side.Source.Classes
	place := make([]int, len(names))
	for i, name := range names {
		if place[i] = slices.Index(o.classes, name); place[i] < 0 {
			return fmt.Sprintf("sub-folders are not used as classes: the data set has no class %q", name)
		}
	}
	for _, it := range o.side.Source.Items {
		l := it.Label
		if names != nil && l >= 0 && l < len(place) {
			l = place[l]
		}
		o.labels = append(o.labels, l)
	}
	return ""
}

// read takes the samples of the given places.
func (o *ownSet) read(ctx context.Context, pick []int) (*datasets.Samples, error) {
	var data []float32
	switch {
	case o.side.Source != nil:
		if !o.like.IsImage() {
			return nil, fault.Of(datasets.ErrShape, "%s holds images, and the data set's samples have the shape %v: save an array of N x %d numbers", o.path, o.like.Shape, o.like.Dim())
		}
		for _, i := range pick {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			m, err := o.image(i)
			if err != nil {
				return nil, err
			}
			data = m.Float(data)
		}
	case o.side.Samples != nil:
		if !slices.Equal(o.side.Samples.Shape, o.like.Shape) {
			return nil, o.misshapen(o.side.Samples.Shape)
		}
		data = o.side.Samples.Select(pick).Data
	default:
		if _, d := o.side.Features.Dims(); o.like.IsImage() || d != o.like.Dim() {
			return nil, o.misshapen([]int{d})
		}
		for _, i := range pick {
			for _, v := range o.side.Features.RawRowView(i) {
				data = append(data, float32(v))
			}
		}
	}
	var labels []int
	for _, i := range pick {
		if o.labels != nil {
			labels = append(labels, o.labels[i])
		}
	}
	s, err := datasets.NewSamples(o.like.Shape, data, labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.path, err)
	}
	return s, nil
}

func (o *ownSet) misshapen(shape []int) error {
	return fault.Of(datasets.ErrShape, "%s: samples of shape %v, and the data set's have %v: save them in that shape", o.path, shape, o.like.Shape)
}

// image is one image in the data set's shape. Grey that was saved as colour, as torchvision does, is grey again; true colour is no grey image.
func (o *ownSet) image(i int) (*imaging.Image, error) {
	m, _, err := o.side.Source.Image(i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.path, err)
	}
	h, w, channels := o.like.Shape[0], o.like.Shape[1], o.like.Shape[2]
	name := filepath.Join(o.path, o.side.Source.Items[i].Name)
	if m.H != h || m.W != w {
		return nil, fault.Of(datasets.ErrShape, "%s is %d x %d, and the data set's images are %d x %d", name, m.H, m.W, h, w)
	}
	if channels == 1 && m.C == 3 {
		for p := 0; p < len(m.Pix); p += 3 {
			if m.Pix[p] != m.Pix[p+1] || m.Pix[p] != m.Pix[p+2] {
				return nil, fault.Of(datasets.ErrShape, "%s is in colour, and the data set's images are grey", name)
			}
		}
	}
	return m.Channels(channels)
}
