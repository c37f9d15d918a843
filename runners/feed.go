package runners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
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

// stream puts a side through a featurizer and hands on the rows, in order and without those of unusable images, block by block. What became of the
// images is in the side's Report afterwards. Probabilities that follow from logits are left to the caller.
func (s *Side) stream(ctx context.Context, f featurizer.Featurizer, w Feeding, each func(*featurizer.Output) error) error {
	image, names, ok := s.images(f)
	one, takesEach := f.(featurizer.EachFeaturizer)
	if !ok || !takesEach {
		out, err := s.whole(ctx, f, w)
		if err != nil {
			return err
		}
		return each(out)
	}
	p := &pass{Feeding: w, f: one, image: image, names: names, path: s.Path, report: &source.Report{Warnings: map[string]int{}}}
	p.cache = openRows(w.Cache, f.Fingerprint())
	defer p.cache.close()
	if s.Source != nil {
		p.report.Kind = s.Source.Kind
	}
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
	s.Report = p.report
	if p.report.Images == 0 {
		return fmt.Errorf("none of %d images can be used, the first: %s", len(names), p.report.Bad[0].Error)
	}
	s.note()
	return nil
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
	if w.Cache != "" {
		f = featurizer.Cached(f, w.Cache)
	}
	if s.Source == nil {
		return f.Featurize(ctx, s.Samples)
	}
	run := source.Run{Skip: w.Skip}
	if w.Progress != nil {
		run.Progress = func(done, total int) { w.Progress(s.Path, done, total) }
	}
	out, rep, err := run.Features(ctx, s.Source, f)
	if err != nil {
		return nil, err
	}
	s.Report = rep
	s.note()
	return out, nil
}

// note makes warnings for people of the report.
func (s *Side) note() {
	for _, b := range s.Report.Bad {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: left out: %s", b.Name, b.Error))
	}
	for _, w := range slices.Sorted(maps.Keys(s.Report.Warnings)) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s (%d images)", s.Path, w, s.Report.Warnings[w]))
	}
}

// pass is one side on its way through a featurizer.
type pass struct {
	Feeding
	f      featurizer.EachFeaturizer
	image  func(i int) (*imaging.Image, []string, error)
	names  []string
	path   string
	report *source.Report
	cache  *rowCache
}

// block featurizes images lo to hi. Only the part of the images that the cache lacks meets the network. It returns nil if none can be used.
func (p *pass) block(ctx context.Context, lo, hi int) (*featurizer.Output, error) {
	n := hi - lo
	keys, errs, hit := make([]imaging.Key, n), make([]error, n), make([]bool, n)
	var mu sync.Mutex
	out, err := p.f.FeaturizeEach(ctx, n, func(i int) (*imaging.Image, error) {
		m, warn, err := p.image(lo + i)
		if err == nil && p.cache != nil {
			keys[i] = m.Key()
			hit[i] = p.cache.has(keys[i])
		}
		mu.Lock()
		defer mu.Unlock()
		for _, w := range warn {
			p.report.Warnings[strings.TrimPrefix(w, p.names[lo+i]+": ")]++
		}
		if p.Progress != nil {
			p.Progress(p.path, lo+i+1, len(p.names))
		}
		if errs[i] = err; err != nil || hit[i] {
			return nil, nil //nolint:nilnil // an empty row: dropped, or filled from the cache
		}
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	good, err := p.sort(lo, errs)
	if err != nil {
		return nil, err
	}
	if err := p.remember(ctx, lo, out, keys, hit, good); err != nil {
		return nil, err
	}
	if len(good) == 0 {
		return nil, nil //nolint:nilnil // nothing in this block
	}
	if len(good) < n {
		out = &featurizer.Output{Features: rowsOf(out.Features, good), Logits: rowsOf(out.Logits, good), Probs: rowsOf(out.Probs, good)}
	}
	if out.Logits != nil {
		out.Probs = nil // they follow from the logits, and rows from the cache have none
	}
	return out, nil
}

// sort reports the bad images of a block and lists the good ones.
func (p *pass) sort(lo int, errs []error) (good []int, err error) {
	for i, e := range errs {
		if e == nil {
			good = append(good, i)
			p.report.Names = append(p.report.Names, p.names[lo+i])
			continue
		}
		if !p.Skip {
			return nil, fmt.Errorf("%w (leave bad images out and list them by Feeding.Skip)", e)
		}
		p.report.Bad = append(p.report.Bad, source.Bad{Name: p.names[lo+i], Error: e.Error()})
	}
	p.report.Images += len(good)
	return good, nil
}

// remember fills the rows that the cache holds and stores the others. A damaged record is computed again.
func (p *pass) remember(ctx context.Context, lo int, out *featurizer.Output, keys []imaging.Key, hit []bool, good []int) error {
	if p.cache == nil {
		return nil
	}
	row := func(m *mat.Dense, i int) []float64 {
		if m == nil {
			return nil
		}
		return m.RawRowView(i)
	}
	_, d := out.Features.Dims()
	classes := 0
	if out.Logits != nil {
		_, classes = out.Logits.Dims()
	}
	p.cache.fit(d, classes)
	for _, i := range good {
		if hit[i] && !p.cache.get(keys[i], row(out.Features, i), row(out.Logits, i)) {
			again, err := p.f.FeaturizeEach(ctx, 1, func(int) (*imaging.Image, error) {
				m, _, err := p.image(lo + i)
				return m, err
			})
			if err != nil {
				return err
			}
			copy(row(out.Features, i), again.Features.RawRowView(0))
			copy(row(out.Logits, i), row(again.Logits, 0))
		}
		p.cache.put(keys[i], row(out.Features, i), row(out.Logits, i))
	}
	return nil
}

func rowsOf(m *mat.Dense, rows []int) *mat.Dense {
	if m == nil || len(rows) == 0 {
		return nil
	}
	_, d := m.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, m.RawRowView(r))
	}
	return out
}

// gathered collects the blocks of a stream.
type gathered struct {
	n                       int // rows expected
	features, logits, probs []float64
	rows                    int
}

func (g *gathered) add(o *featurizer.Output) error {
	for _, part := range []struct {
		to   *[]float64
		from *mat.Dense
	}{{&g.features, o.Features}, {&g.logits, o.Logits}, {&g.probs, o.Probs}} {
		if part.from == nil {
			continue
		}
		_, d := part.from.Dims()
		if *part.to == nil {
			*part.to = make([]float64, 0, max(g.n, part.from.RawMatrix().Rows)*d)
		}
		*part.to = append(*part.to, part.from.RawMatrix().Data...)
	}
	g.rows += o.Features.RawMatrix().Rows
	return nil
}

// output is all rows.
func (g *gathered) output() *featurizer.Output {
	dense := func(x []float64) *mat.Dense {
		if x == nil {
			return nil
		}
		return mat.NewDense(g.rows, len(x)/g.rows, x)
	}
	return &featurizer.Output{Features: dense(g.features), Logits: dense(g.logits), Probs: dense(g.probs)}
}
