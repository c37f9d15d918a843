package zoo

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// palette is the list of colours that a pixel can take: classes instead of intensities, so that a model may hesitate between red and green without painting
// brown [oord2016].
type palette struct {
	colours [][]float32 // one value for each channel, in [-1, 1]
	known   map[colour]int
}

type colour [4]float32

// maxChannels is the length of a colour.
const maxChannels = len(colour{})

func colourOf(v []float32) (c colour) {
	copy(c[:], v)
	return c
}

// palette is that of the data set where it has one; else the colours of the training images where there are no more than the setting colors; else that many, even
// levels for grey images, the centres of clusters for others. It depends on the data and the setting, not on the seed.
func (b *Builder) palette() (*palette, error) {
	channels, most := b.Shape[2], b.Settings.Int("colors")
	if channels > maxChannels {
		return nil, fmt.Errorf("images of %d channels: a palette has colours of at most %d", channels, maxChannels)
	}
	p := &palette{known: map[colour]int{}}
	if t := b.set.Tokens; t != nil && channels == 3 {
		for _, rgb := range t.Palette {
			p.add([]float32{level(rgb[0]), level(rgb[1]), level(rgb[2])})
		}
		return p, nil
	}
	if found := coloursOf(b.set.Train.Data, channels, most); found != nil {
		for _, c := range found {
			p.add(c[:channels])
		}
		return p, nil
	}
	if channels == 1 {
		for k := range most {
			p.add([]float32{float32(2*float64(k)/float64(most-1) - 1)})
		}
		return p, nil
	}
	if b.Measuring() {
		for k := range most {
			p.add([]float32{float32(k), 0, 0, 0}[:channels])
		}
		return p, nil
	}
	return p, p.cluster(b.set.Train.Data, channels, most)
}

func level(v uint8) float32 { return float32(float64(v)/127.5 - 1) }

// coloursOf are the different colours in order, nil if there are more than most.
func coloursOf(data []float32, channels, most int) []colour {
	seen := map[colour]bool{}
	for ; len(data) > 0; data = data[channels:] {
		if seen[colourOf(data[:channels])] = true; len(seen) > most {
			return nil
		}
	}
	var all []colour
	for c := range seen {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b colour) int { return slices.Compare(a[:], b[:]) })
	return all
}

// clusterPixels bounds the pixels that the colours are found from.
const clusterPixels = 20000

func (p *palette) cluster(data []float32, channels, most int) error {
	pixels := len(data) / channels
	stride := max(1, pixels/clusterPixels)
	n := pixels / stride
	if n < most {
		return fault.Of(ErrSetting, "%d pixels for %d colours: set colors lower", n, most)
	}
	x := mat.NewDense(n, channels, nil)
	for i := range n {
		for j := range channels {
			x.Set(i, j, float64(data[i*stride*channels+j]))
		}
	}
	c, err := numeric.KMeans{K: most, Iters: 30}.Fit(context.Background(), x, rng.Stream(0, "palette"))
	if err != nil {
		return fmt.Errorf("palette: %w", err)
	}
	for k := range most {
		v := make([]float32, channels)
		for j := range v {
			v[j] = float32(min(1, max(-1, c.Centers.At(k, j))))
		}
		p.add(v)
	}
	return nil
}

// add appends a colour; one that is there twice keeps the first place.
func (p *palette) add(v []float32) {
	if _, twice := p.known[colourOf(v)]; !twice {
		p.known[colourOf(v)] = len(p.colours)
	}
	p.colours = append(p.colours, v)
}

// index is the nearest colour's place, the first of equals.
func (p *palette) index(v []float32) int {
	if i, ok := p.known[colourOf(v)]; ok {
		return i
	}
	best, least := 0, math.Inf(1)
	for i, c := range p.colours {
		d := 0.0
		for j, x := range c {
			d += float64(x-v[j]) * float64(x-v[j])
		}
		if d < least {
			best, least = i, d
		}
	}
	return best
}

// exact says whether an image holds colours of the palette alone, so that nothing is lost by it.
func (p *palette) exact(image []float32, channels int) bool {
	for ; len(image) > 0; image = image[channels:] {
		if _, ok := p.known[colourOf(image[:channels])]; !ok {
			return false
		}
	}
	return true
}
