package source

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
)

// Bad is an image that could not be used.
type Bad struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// Report says what became of a source's images.
type Report struct {
	Kind     string         `json:"kind"`
	Images   int            `json:"images"`        // rows made
	Bad      []Bad          `json:"bad,omitempty"` // skipped, by name
	Warnings map[string]int `json:"warnings,omitempty"`
	Labels   []int          `json:"-"` // of the rows; nil without classes
	Names    []string       `json:"-"` // of the rows
}

// Run is how a source is put through a featurizer.
type Run struct {
	Skip     bool                  // leave bad images out and report them; else the first one (by name) ends the run
	Progress func(done, total int) // told after each image; may be nil
}

// Features decodes, resamples and featurizes every image, each on one worker from file to features, so that decoding and the network overlap. Rows
// are in the order of names, whatever the number of threads.
func (r Run) Features(ctx context.Context, s *Set, f featurizer.Featurizer) (*featurizer.Output, *Report, error) {
	c := &collector{set: s, progress: r.Progress, warnings: map[string]int{}, errs: make([]error, len(s.Items))}
	var out *featurizer.Output
	var err error
	if each, ok := f.(featurizer.EachFeaturizer); ok {
		out, err = each.FeaturizeEach(ctx, len(s.Items), c.image)
	} else {
		out, err = c.whole(ctx, f)
	}
	if err != nil {
		return nil, nil, err
	}
	rep := &Report{Kind: s.Kind, Warnings: c.warnings}
	var good []int
	for i, e := range c.errs {
		if e == nil {
			good = append(good, i)
			rep.Names = append(rep.Names, s.Items[i].Name)
			if s.Items[0].Label >= 0 {
				rep.Labels = append(rep.Labels, s.Items[i].Label)
			}
			continue
		}
		if !r.Skip {
			return nil, nil, fmt.Errorf("%s: %w (leave bad images out and list them by Run.Skip)", s.Path, e)
		}
		rep.Bad = append(rep.Bad, Bad{s.Items[i].Name, e.Error()})
	}
	if rep.Images = len(good); rep.Images == 0 {
		return nil, nil, fmt.Errorf("%s: none of %d images can be used, the first: %w", s.Path, len(s.Items), c.errs[0])
	}
	if len(rep.Bad) > 0 && out != nil {
		out = &featurizer.Output{Features: pick(out.Features, good), Logits: pick(out.Logits, good), Probs: pick(out.Probs, good)}
	}
	return out, rep, nil
}

func pick(m *mat.Dense, rows []int) *mat.Dense {
	if m == nil {
		return nil
	}
	_, d := m.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, m.RawRowView(r))
	}
	return out
}

// collector decodes images for a featurizer and keeps what went wrong.
type collector struct {
	set      *Set
	progress func(done, total int)
	done     atomic.Int64

	mu       sync.Mutex
	warnings map[string]int
	errs     []error
}

// image decodes one; a nil image tells the featurizer to leave its row empty.
func (c *collector) image(i int) (*imaging.Image, error) {
	m, warn, err := c.set.Image(i)
	c.mu.Lock()
	for _, w := range warn {
		c.warnings[strings.TrimPrefix(w, c.set.Items[i].Name+": ")]++
	}
	c.errs[i] = err
	done := int(c.done.Add(1))
	if c.progress != nil {
		c.progress(done, len(c.errs))
	}
	c.mu.Unlock()
	if err != nil {
		return nil, nil //nolint:nilnil // the error is kept by position
	}
	return m, nil
}

// whole serves featurizers of equally sized samples. All good images must have one size; grey ones become RGB if any is RGB.
func (c *collector) whole(ctx context.Context, f featurizer.Featurizer) (*featurizer.Output, error) {
	images := make([]*imaging.Image, len(c.errs))
	var first *imaging.Image
	channels := 1
	for i := range images {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, _ := c.image(i)
		if images[i] = m; m == nil {
			continue
		}
		if first == nil {
			first = m
		}
		if m.H != first.H || m.W != first.W {
			return nil, fmt.Errorf("%s: %s is %d x %d, the images before are %d x %d: %s needs one size (the inception featurizers take any): %w",
				c.set.Path, c.set.Items[i].Name, m.H, m.W, first.H, first.W, f.ID(), ErrSource)
		}
		channels = max(channels, m.C)
	}
	if first == nil {
		return nil, nil //nolint:nilnil // no good image: the caller says so
	}
	data := make([]float32, 0, len(images)*first.H*first.W*channels)
	for _, m := range images {
		if m == nil {
			m = first // its row is dropped by the caller
		}
		same, err := m.Channels(channels)
		if err != nil {
			return nil, err
		}
		data = same.Float(data)
	}
	s, err := datasets.NewSamples([]int{first.H, first.W, channels}, data, nil)
	if err != nil {
		return nil, err
	}
	return f.Featurize(ctx, s)
}
