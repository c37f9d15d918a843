package zoo

import (
	"encoding"
	"fmt"
	"math"
	"strconv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// feed fills one or more inputs of the graph before a turn runs. Its position is a short text, so that a checkpoint can say where it stood.
type feed interface {
	name() string
	fill()
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}

// counted is a feed of training data other than batches: it says how many samples the last fill brought, for the session's account.
type counted interface{ samplesRead() int }

// batches walks a data set in epochs: every sample once, in an order drawn afresh for each epoch from the seed and the epoch's number alone.
type batches struct {
	id     string
	from   *datasets.Samples
	scale  scaling
	into   []float32 // batch rows
	onehot []float32 // batch x classes, or nil
	labels []int     // labels of the current batch
	beside *partners // of the same places in another set, or nil
	seed   uint64
	epoch  int
	at     int
	perm   []int
}

// partners is the other side of pairs: sample i belongs to sample i of the feed.
type partners struct {
	from  *datasets.Samples
	scale scaling
	into  []float32
}

func (b *batches) name() string { return b.id }

func (b *batches) next() int {
	if b.perm == nil {
		b.perm = rng.Stream(b.seed, "epoch", b.id, strconv.Itoa(b.epoch)).Perm(b.from.Len())
	}
	i := b.perm[b.at]
	if b.at++; b.at == len(b.perm) {
		b.epoch, b.at, b.perm = b.epoch+1, 0, nil
	}
	return i
}

func (b *batches) fill() {
	d := b.from.Dim()
	clear(b.onehot)
	for r := range b.labels {
		i := b.next()
		b.scale.apply(b.into[r*d:(r+1)*d], b.from.Row(i))
		b.labels[r] = b.from.Label(i)
		if p := b.beside; p != nil {
			k := p.from.Dim()
			p.scale.apply(p.into[r*k:(r+1)*k], p.from.Row(i))
		}
		if b.onehot != nil {
			b.onehot[r*(len(b.onehot)/len(b.labels))+b.labels[r]] = 1
		}
	}
}

// MarshalText gives the position.
func (b *batches) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "epoch %d sample %d", b.epoch, b.at), nil
}

// UnmarshalText moves to a position written by MarshalText.
func (b *batches) UnmarshalText(text []byte) error {
	var epoch, at int
	if _, err := fmt.Sscanf(string(text), "epoch %d sample %d", &epoch, &at); err != nil || epoch < 0 || at < 0 || at >= b.from.Len() {
		return fmt.Errorf("%q is no position in %d training samples", text, b.from.Len())
	}
	b.epoch, b.at, b.perm = epoch, at, nil
	return nil
}

// noise fills an input with random numbers of a fixed distribution from its own stream.
type noise struct {
	id     string
	into   []float32
	draw   func(dst []float32, from *rng.Source)
	stream *rng.Source
}

func (f *noise) name() string { return f.id }
func (f *noise) fill()        { f.draw(f.into, f.stream) }

// MarshalText gives the stream's position.
func (f *noise) MarshalText() ([]byte, error) { return f.stream.MarshalText() }

// UnmarshalText moves to a position written by MarshalText.
func (f *noise) UnmarshalText(text []byte) error { return f.stream.UnmarshalText(text) }

// drawFunc fills memory with random numbers of a distribution.
type drawFunc = func(dst []float32, from *rng.Source)

func normal(dst []float32, from *rng.Source) { from.FillNormal(dst) }

func uniform(lo, hi float32) func([]float32, *rng.Source) {
	return func(dst []float32, from *rng.Source) { from.FillUniform(dst, lo, hi) }
}

// classes draws one-hot rows of uniformly random classes.
func classes(n int) func([]float32, *rng.Source) {
	return func(dst []float32, from *rng.Source) {
		clear(dst)
		for r := 0; r < len(dst); r += n {
			dst[r+from.IntN(n)] = 1
		}
	}
}

// otherThan draws one-hot rows of classes that differ from those of the batch just filled: the mismatched pairs of a matching-aware critic [reed2016].
func otherThan(b *batches, n int) func([]float32, *rng.Source) {
	return func(dst []float32, from *rng.Source) {
		clear(dst)
		for r, l := range b.labels {
			c := from.IntN(n - 1)
			if c >= l {
				c++
			}
			dst[r*n+c] = 1
		}
	}
}

// scaling brings points to mean 0 and root mean square 1 with one factor for all coordinates, so that shapes stay shapes and one set of defaults serves
// rings of radius 1 and grids of width 8; images pass unchanged.
type scaling struct {
	shift []float32 // per coordinate; nil for images
	scale float32
}

func newScaling(s *datasets.Samples) scaling {
	if s.IsImage() || s.Len() == 0 {
		return scaling{scale: 1}
	}
	d := s.Dim()
	mean := make([]float64, d)
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			mean[j] += float64(v)
		}
	}
	z := scaling{shift: make([]float32, d), scale: 1}
	for j := range mean {
		mean[j] /= float64(s.Len())
		z.shift[j] = float32(mean[j])
	}
	square := 0.0
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			square += (float64(v) - mean[j]) * (float64(v) - mean[j])
		}
	}
	if rms := float32(sqrt(square / float64(s.Len()*d))); rms > 0 {
		z.scale = rms
	}
	return z
}

func (z scaling) apply(dst, src []float32) {
	if z.shift == nil {
		copy(dst, src)
		return
	}
	for j, v := range src {
		dst[j] = (v - z.shift[j]) / z.scale
	}
}

func (z scaling) undo(row []float32) {
	for j := range z.shift {
		row[j] = row[j]*z.scale + z.shift[j]
	}
}

// logVolume is what log-densities of scaled samples of d values lack to those of samples in the data's own units.
func (z scaling) logVolume(d int) float64 {
	if z.shift == nil {
		return 0
	}
	return -float64(d) * math.Log(float64(z.scale))
}
