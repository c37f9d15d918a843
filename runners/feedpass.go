package runners

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/internal/numeric"
)

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
		out = &featurizer.Output{Features: numeric.Pick(out.Features, good), Logits: numeric.Pick(out.Logits, good), Probs: numeric.Pick(out.Probs, good)}
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
