package runners

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/crew"
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
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: left out: %s", b.Name, b.Error))
	}
	for _, w := range slices.Sorted(maps.Keys(s.Report.Warnings)) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s (%d images)", s.Path, w, s.Report.Warnings[w]))
	}
}

// pass is one side on its way through a featurizer, or to samples.
type pass struct {
	Feeding
	f       featurizer.EachFeaturizer
	image   func(i int) (*imaging.Image, []string, error)
	names   []string
	path    string
	report  *source.Report
	content imaging.Content
	cache   *rowCache

	mu   sync.Mutex
	done int
}

func newPass(w Feeding, s *Side, image func(i int) (*imaging.Image, []string, error), names []string) *pass {
	p := &pass{Feeding: w, image: image, names: names, path: s.Path, report: &source.Report{Warnings: map[string]int{}}}
	if s.Source != nil {
		p.report.Kind = s.Source.Kind
	}
	return p
}

// end leaves what became of the images with the side.
func (p *pass) end(s *Side) error {
	if p.report.Images == 0 {
		return p.nothing()
	}
	if s.Source != nil {
		p.report.Content = p.content.Hash()
	}
	if s.Report == nil { // a second look at the same images has nothing new to say
		s.Report = p.report
		s.note()
		s.holdAgainstRecord()
	}
	return nil
}

// nothing is the error where no image can be used.
func (p *pass) nothing() error {
	return fmt.Errorf("none of %d images can be used, the first: %s", len(p.names), p.report.Bad[0].Error)
}

// one decodes image i, and counts it.
func (p *pass) one(i int) (*imaging.Image, error) {
	m, warn, err := p.image(i)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range warn {
		p.report.Warnings[strings.TrimPrefix(w, p.names[i]+": ")]++
	}
	if err == nil && m.C == 1 {
		p.report.Grey++
	}
	p.done++
	if p.Progress != nil {
		p.Progress(p.path, p.done, len(p.names))
	}
	return m, err
}

// decode reads images lo to hi, those that can be used.
func (p *pass) decode(ctx context.Context, lo, hi int) ([]*imaging.Image, error) {
	images, errs, keys := make([]*imaging.Image, hi-lo), make([]error, hi-lo), make([]imaging.Key, hi-lo)
	var wait crew.Group
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range images {
		room <- struct{}{}
		wait.Go(func() {
			defer func() { <-room }()
			if images[i], errs[i] = p.one(lo + i); errs[i] == nil {
				keys[i] = images[i].Key()
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	good, err := p.sort(lo, errs, keys)
	if err != nil {
		return nil, err
	}
	out := make([]*imaging.Image, len(good))
	for k, i := range good {
		out[k] = images[i]
	}
	return out, nil
}

// block featurizes images lo to hi. Only the part of the images that the cache lacks meets the network. It returns nil if none can be used.
func (p *pass) block(ctx context.Context, lo, hi int) (*featurizer.Output, error) {
	n := hi - lo
	keys, errs, hit := make([]imaging.Key, n), make([]error, n), make([]bool, n)
	out, err := p.f.FeaturizeEach(ctx, n, func(i int) (*imaging.Image, error) {
		m, err := p.one(lo + i)
		if errs[i] = err; err != nil {
			return nil, nil //nolint:nilnil // an empty row: dropped
		}
		keys[i] = m.Key()
		if hit[i] = p.cache.has(keys[i]); hit[i] {
			return nil, nil //nolint:nilnil // an empty row: filled from the cache
		}
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	good, err := p.sort(lo, errs, keys)
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
func (p *pass) sort(lo int, errs []error, keys []imaging.Key) (good []int, err error) {
	for i, e := range errs {
		if e == nil {
			good = append(good, i)
			p.content.Add(keys[i])
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
