package runners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
)

// defaultBatch is the number of images between two writes to the cache; the cores share them out.
const defaultBatch = 64

// Feeding says how a side's images go through a featurizer. Nothing in it changes a bit of the result.
type Feeding struct {
	Skip     bool                               // leave images out that cannot be used, and report them; else the first one ends the work
	Batch    int                                // images in work at a time, 0 for the default; only for featurizers that take images one by one
	Cache    string                             // folder of cached features, see FeatureCache; "" for none
	Progress func(path string, done, total int) // told after each image; may be nil
}

// stream is the one way of images to features: decoded, prepared and featurized, each on one worker from file to features, with the cache between. It hands on
// the rows, in order and without those of unusable images, block by block. What became of the images is in the side's Report afterwards. Probabilities that
// follow from logits are left to the caller.
func (s *Side) stream(ctx context.Context, f featurizer.Featurizer, w Feeding, each func(*featurizer.Output) error) error {
	one, takesEach := f.(featurizer.EachFeaturizer)
	image, names, ok := s.images(f)
	if !ok || !takesEach {
		out, err := s.whole(ctx, f, w)
		if err != nil {
			return err
		}
		return each(out)
	}
	p := newPass(w, s, image, names)
	p.f = one
	if featurizer.Keeps(f) {
		p.cache = openRows(w.Cache, f.Fingerprint())
	}
	defer p.cache.close()
	batch := w.Batch
	if batch < 1 {
		batch = defaultBatch
	}
	for lo := 0; lo < len(names); lo += batch {
		out, err := p.block(ctx, lo, min(lo+batch, len(names)))
		if err != nil {
			return err
		}
		if out == nil {
			continue
		}
		if err := each(out); err != nil {
			return err
		}
	}
	return p.end(s)
}

// Featurize puts the side's samples through a featurizer: one row each, in order, without those that cannot be used. Report and Warnings say what became of
// them. It errors on the first image that cannot be used unless Feeding.Skip is set, and where the featurizer wants other samples.
func (s *Side) Featurize(ctx context.Context, f featurizer.Featurizer, w Feeding) (*featurizer.Output, error) {
	g := gathered{n: s.Len()}
	if err := s.stream(ctx, f, w, g.add); err != nil {
		return nil, err
	}
	return g.output(), nil
}

// images is the side as single 8-bit images: files as they are, floats as the featurizer's protocol makes them bytes. Not ok where neither applies.
func (s *Side) images(f featurizer.Featurizer) (image func(i int) (*imaging.Image, []string, error), names []string, ok bool) {
	if s.Source != nil {
		names = make([]string, len(s.Source.Items))
		for i, it := range s.Source.Items {
			names[i] = it.Name
		}
		return s.Source.Image, names, true
	}
	under, ok := f.(featurizer.Prepared)
	if !ok || s.Samples == nil || !s.Samples.IsImage() {
		return nil, nil, false
	}
	h, w, c := s.Samples.Shape[0], s.Samples.Shape[1], s.Samples.Shape[2]
	names = make([]string, s.Samples.Len())
	for i := range names {
		names[i] = fmt.Sprintf("%s, image %d", s.Path, i)
	}
	return func(i int) (*imaging.Image, []string, error) {
		m, err := under.Protocol().Quantiser.Image(h, w, c, s.Samples.Row(i))
		return m, nil, err
	}, names, true
}

// whole serves featurizers that see all samples at once.
func (s *Side) whole(ctx context.Context, f featurizer.Featurizer, w Feeding) (*featurizer.Output, error) {
	samples, err := s.samples(ctx, w)
	if err != nil {
		return nil, err
	}
	if w.Cache != "" {
		f = featurizer.Cached(f, w.Cache)
	}
	return f.Featurize(ctx, samples)
}

// samples are the side's images as one set, decoded once; nil where the side has none. All usable images must have one size; grey ones become colour if any is.
func (s *Side) samples(ctx context.Context, w Feeding) (*datasets.Samples, error) {
	if s == nil || s.Samples != nil || s.Source == nil {
		if s == nil {
			return nil, nil //nolint:nilnil // no side, no samples
		}
		return s.Samples, nil
	}
	image, names, _ := s.images(nil)
	p := newPass(w, s, image, names)
	images := make([]*imaging.Image, 0, len(names))
	for lo := 0; lo < len(names); lo += defaultBatch {
		some, err := p.decode(ctx, lo, min(lo+defaultBatch, len(names)))
		if err != nil {
			return nil, err
		}
		images = append(images, some...)
	}
	if err := p.end(s); err != nil {
		return nil, err
	}
	samples, err := stacked(images, p.report.Names)
	if err != nil {
		return nil, err
	}
	s.Samples = samples
	return samples, nil
}

// stacked makes samples of images that must have one size.
func stacked(images []*imaging.Image, names []string) (*datasets.Samples, error) {
	h, w, c := images[0].H, images[0].W, 1
	for i, m := range images {
		if m.H != h || m.W != w {
			return nil, fault.Of(datasets.ErrShape, "%s is %d x %d, the images before are %d x %d: bring all to one size first (the inception featurizers take any)", names[i], m.H, m.W, h, w)
		}
		c = max(c, m.C)
	}
	data := make([]float32, 0, len(images)*h*w*c)
	for _, m := range images {
		same, err := m.Channels(c)
		if err != nil {
			return nil, err
		}
		data = same.Float(data)
	}
	return datasets.NewSamples([]int{h, w, c}, data, nil)
}

// note makes warnings for people of the report.
func (s *Side) note() {
	for _, b := range s.Report.Bad {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: left out: %s", b.Name, strings.TrimPrefix(b.Error, b.Name+": ")))
	}
	for _, w := range slices.Sorted(maps.Keys(s.Report.Warnings)) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s (%d images)", s.Path, w, s.Report.Warnings[w]))
	}
}
