package runners

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/metrics"
)

// How fakes find their real images.
const (
	byNames  = "by name"
	byPlaces = "by order"
)

// pairs are images and their reconstructions. Sets of files are decoded pair by pair, because fifty thousand images do not fit into memory as numbers.
type pairs struct {
	real, fake *Side
	at         []int           // the real image of each fake
	files      map[*Side][]int // places of the images of a side that could be used, of sides that are files
	bytes      bool            // both sides are bytes, and values go from 0 to 255; else from -1 to 1
	colour     bool            // some image is in colour, so grey ones become so
	shape      [3]int

	mu  sync.Mutex
	err error // the first one while images were loaded
}

// pairUp gives the metrics images and their reconstructions, where the request says that the fakes are that. Errors: a side without images; names of one side alone;
// images of two sizes; fakes that look more like other images than like their own.
func (s *scorer) pairUp(ctx context.Context, p *metrics.Pair) error {
	if !s.q.Paired {
		return nil
	}
	s.pairs = &pairs{real: s.q.Real, fake: s.q.Fake}
	for _, party := range []struct {
		role string
		side *Side
	}{{"real", s.q.Real}, {"fake", s.q.Fake}} {
		switch side := party.side; {
		case side == nil:
			return fmt.Errorf("pairs need the images of both sides: there are no %s ones", party.role)
		case side.Source == nil && (side.Samples == nil || !side.Samples.IsImage()):
			return fmt.Errorf("%s holds no images: reconstructions are compared with the images themselves, not with their statistics or features", side.Path)
		}
	}
	s.pairs.files = map[*Side][]int{}
	for _, side := range []*Side{s.q.Real, s.q.Fake} {
		if side.Source != nil {
			s.pairs.files[side] = side.usable()
		}
	}
	s.pairs.bytes = len(s.pairs.files) == 2
	s.pairs.colour = s.q.Real.tint() != 1 || s.q.Fake.tint() != 1
	var err error
	if s.pairs.at, s.res.Pairing, err = matched(s.q.Real, s.q.Fake); err != nil {
		return err
	}
	first := s.pairs.image(s.q.Fake, 0)
	if s.pairs.err != nil {
		return s.pairs.err
	}
	s.pairs.shape = [3]int{first.h, first.w, first.c}
	if err := s.pairs.alike(ctx); err != nil {
		return err
	}
	p.Target = s.pairs.images(s.q.Real, s.pairs.at)
	p.Recon = s.pairs.images(s.q.Fake, nil)
	return nil
}

// perceive measures the pairs by LPIPS, where the request brings it and a metric asks.
func (s *scorer) perceive(ctx context.Context, p *metrics.Pair) error {
	if s.q.LPIPS == nil || p.Target == nil || !s.anyNeeds(metrics.NeedPerceptual) {
		return nil
	}
	d, err := s.q.LPIPS.Distances(ctx, p.Target, p.Recon)
	if failed := s.pairs.failed(); failed != nil {
		return failed
	}
	p.Perceptual = d
	return err
}

// matched finds the real image of each fake: by the names without their endings, where both sides have the same ones, else by the order where there are as many.
func matched(real, fake *Side) (at []int, how string, err error) {
	a, b := real.stems(), fake.stems()
	place := map[string]int{}
	for i, name := range a {
		place[name] = i
	}
	common := 0
	for _, name := range b {
		if _, ok := place[name]; ok {
			common++
		}
	}
	n, m := real.pairable(), fake.pairable()
	switch {
	case a == nil || b == nil || common == 0:
		if n != m {
			return nil, "", fault.Of(datasets.ErrShape, "%s has %d images, %s has %d and no name in common: reconstructions are of the same images, one for each", real.Path, n, fake.Path, m)
		}
		at = make([]int, m)
		for i := range at {
			at[i] = i
		}
		return at, byPlaces, nil
	case common < len(b) || len(a) != len(b):
		return nil, "", fault.Of(datasets.ErrShape, "%s: reconstructions are of the same images, one for each: give both sides the same names", missingPair(real, fake, a, b))
	}
	at = make([]int, len(b))
	for i, name := range b {
		at[i] = place[name]
	}
	return at, byNames, nil
}

// missingPair names an image that one side alone has.
func missingPair(real, fake *Side, a, b []string) string {
	for _, s := range []struct {
		of, other  *Side
		have, lack []string
	}{{real, fake, a, b}, {fake, real, b, a}} {
		lacks := map[string]bool{}
		for _, name := range s.lack {
			lacks[name] = true
		}
		for _, name := range s.have {
			if !lacks[name] {
				return fmt.Sprintf("%s has no image for %s of %s", s.other.Path, name, s.of.Path)
			}
		}
	}
	return fmt.Sprintf("%s has %d images, %s %d", real.Path, len(a), fake.Path, len(b))
}

// usable are the places of the images that could be used, as far as that is known.
func (s *Side) usable() []int {
	bad := s.bad()
	var at []int
	for i, it := range s.Source.Items {
		if !bad[it.Name] {
			at = append(at, i)
		}
	}
	return at
}

// pairable counts the images of a side.
func (s *Side) pairable() int {
	if s.Source != nil {
		return len(s.usable())
	}
	return s.Samples.Len()
}

// stems are the names of the usable images without their endings; nil where they have none, or where two are alike.
func (s *Side) stems() []string {
	names := s.sampleNames()
	if names == nil {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, i := range s.usable() {
		stem := strings.TrimSuffix(names[i], path.Ext(names[i]))
		if seen[stem] {
			return nil
		}
		seen[stem] = true
		out = append(out, stem)
	}
	return out
}

// picture is one image as numbers.
type picture struct {
	h, w, c int
	v       []float32
}

// image brings image i of the usable ones of a side.
func (p *pairs) image(s *Side, i int) picture {
	if s.Source == nil {
		sh := s.Samples.Shape
		return picture{sh[0], sh[1], sh[2], s.Samples.Row(i)}
	}
	m, _, err := s.Source.Image(p.files[s][i])
	if err != nil {
		p.fail(err)
		return picture{}
	}
	if p.colour {
		m = m.RGB()
	}
	out := picture{h: m.H, w: m.W, c: m.C}
	if !p.bytes {
		out.v = m.Float(nil)
		return out
	}
	out.v = make([]float32, len(m.Pix))
	for k, v := range m.Pix {
		out.v[k] = float32(v)
	}
	return out
}

func (p *pairs) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

func (p *pairs) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// images is the metrics' view of a side, in the order of the fakes. at is nil for the fakes themselves.
func (p *pairs) images(s *Side, at []int) *metrics.Images {
	h, w, c := p.shape[0], p.shape[1], p.shape[2]
	lo, hi := -1.0, 1.0
	if p.bytes {
		lo, hi = 0, 255
	}
	return &metrics.Images{N: len(p.at), H: h, W: w, C: c, Lo: lo, Hi: hi, Load: func(i int) []float32 {
		if at != nil {
			i = at[i]
		}
		m := p.image(s, i)
		if len(m.v) == h*w*c && m.h == h {
			return m.v
		}
		p.fail(fault.Of(datasets.ErrShape, "%s: image %d is %d x %d x %d, the first reconstruction %d x %d x %d: bring both sides to one size (assay prepare)", s.Path, i, m.h, m.w, m.c, h, w, c))
		return make([]float32, h*w*c)
	}}
}

// What tells pairs from images that only share their names: of so many, spread over the set, at least this share must be nearer to their own image than to any other
// of them, as thumbnails. Reconstructions by a tokenizer that blurs all but the coarsest forms still are.
const (
	alikePairs = 64
	alikeShare = 0.9
	thumbSide  = 8
)

// alike refuses pairs that are none.
func (p *pairs) alike(ctx context.Context) error {
	n := min(alikePairs, len(p.at))
	if n < 2 {
		return nil
	}
	real, fake := make([][]float32, n), make([][]float32, n)
	for k := range n {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		i := k * len(p.at) / n
		for _, side := range []struct {
			of *Side
			at int
			to *[]float32
		}{{p.real, p.at[i], &real[k]}, {p.fake, i, &fake[k]}} {
			thumb, err := thumbnail(p.image(side.of, side.at))
			if p.err != nil {
				return p.err
			}
			if err != nil {
				return err
			}
			*side.to = thumb
		}
	}
	own := 0
	for k := range n {
		if nearestIs(real, fake[k], k) {
			own++
		}
	}
	if float64(own) < alikeShare*float64(n) {
		return fmt.Errorf("%s against %s: of %d reconstructions only %d look more like their own image than like another: the pairs are wrong, or these are no reconstructions; give files the names of their images",
			p.fake.Path, p.real.Path, n, own)
	}
	return nil
}

// thumbnail is an image of a few values a side.
func thumbnail(m picture) ([]float32, error) {
	plan, err := imaging.Area.Plan(m.h, m.w, thumbSide, thumbSide)
	if err != nil {
		return nil, err
	}
	return plan.Float(m.v, m.c)
}

// nearestIs says whether no thumbnail is nearer to x than number k; one that is as near is as good, because a set may hold an image twice.
func nearestIs(all [][]float32, x []float32, k int) bool {
	distance := func(y []float32) float64 {
		d := 0.0
		for i := range min(len(x), len(y)) {
			d += float64(x[i]-y[i]) * float64(x[i]-y[i])
		}
		return d
	}
	mine := distance(all[k])
	return !slices.ContainsFunc(all, func(y []float32) bool { return distance(y) < mine })
}
