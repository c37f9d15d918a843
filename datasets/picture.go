package datasets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
)

// picture is an image file in memory, of a folder or an archive.
type picture struct {
	name  string // for messages
	bytes []byte
	label int
}

// pictureLimits: one training image of more than 64 million pixels is a mistake, not data.
var pictureLimits = imaging.Limits{Pixels: 1 << 26, Bytes: 1 << 28}

// decodePicture decodes one file; the error names it.
func decodePicture(p picture) (*imaging.Image, []string, error) {
	m, warnings, err := pictureLimits.DecodeBytes(p.bytes, p.name)
	if err != nil {
		return nil, nil, corrupt("%v: repair or remove the file", err)
	}
	return m, warnings, nil
}

// toShape brings an image to size x size by cropping the middle square and resampling with anti-aliasing (Pillow's bilinear). The number of channels
// follows.
func toShape(m *imaging.Image, size, channels int) (*imaging.Image, error) {
	if size > 0 && (m.H != size || m.W != size) {
		m = middleSquare(m)
		plan, err := imaging.PillowBilinear.Plan(m.H, m.W, size, size)
		if err != nil {
			return nil, err
		}
		if m, err = plan.Image(m); err != nil {
			return nil, err
		}
	}
	if channels == 0 {
		return m, nil
	}
	return m.Channels(channels)
}

func middleSquare(m *imaging.Image) *imaging.Image {
	s := min(m.H, m.W)
	top, left := (m.H-s)/2, (m.W-s)/2
	out := &imaging.Image{H: s, W: s, C: m.C, Pix: make([]uint8, 0, s*s*m.C)}
	for y := top; y < top+s; y++ {
		out.Pix = append(out.Pix, m.Pix[(y*m.W+left)*m.C:(y*m.W+left+s)*m.C]...)
	}
	return out
}

// stack decodes n pictures in parallel into rows of one shape. size 0 wants all images equal; channels 0 takes grey only if all are. read(i) fetches picture i.
// The warnings of the decoder are counted, one line for each kind.
func stack(ctx context.Context, id string, n, size, channels int, read func(i int) (picture, error)) (*raw, []string, error) {
	images, names, warnings := make([]*imaging.Image, n), make([]string, n), make([][]string, n)
	labels, keys := make([]int, n), make([]imaging.Key, n)
	err := parallel(ctx, n, func(lo, hi int) error {
		for i := lo; i < hi; i++ {
			p, err := read(i)
			if err != nil {
				return err
			}
			m, w, err := decodePicture(p)
			if err != nil {
				return err
			}
			keys[i] = m.Key()
			if m, err = toShape(m, size, channels); err != nil {
				return corrupt("%s: %v", p.name, err)
			}
			images[i], names[i], labels[i], warnings[i] = m, p.name, p.label, w
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	first := images[0]
	for i, m := range images {
		if m.H != first.H || m.W != first.W {
			return nil, nil, corrupt("%s is %dx%d but %s is %dx%d: set the parameter size to crop and resize, or make the files equal", names[0], first.H, first.W, names[i], m.H, m.W)
		}
		channels = max(channels, m.C)
	}
	r := &raw{shape: []int{first.H, first.W, channels}, labels: labels, keys: keys}
	if err := fits(id, n, r.shape); err != nil {
		return nil, nil, err
	}
	r.pix = make([]uint8, 0, n*r.dim())
	for i, m := range images {
		if m, err = m.Channels(channels); err != nil {
			return nil, nil, corrupt("%s: %v", names[i], err)
		}
		r.pix = append(r.pix, m.Pix...)
	}
	return r, summarise(id, names, warnings), nil
}

// summarise turns warnings about single files into one line for each kind, with a count and the first file.
func summarise(id string, names []string, warnings [][]string) []string {
	type kind struct {
		text, first string
		n           int
	}
	var kinds []*kind
	for i, list := range warnings {
		for _, w := range list {
			w = strings.TrimPrefix(w, names[i]+": ")
			at := slices.IndexFunc(kinds, func(k *kind) bool { return k.text == w })
			if at < 0 {
				at = len(kinds)
				kinds = append(kinds, &kind{text: w, first: names[i]})
			}
			kinds[at].n++
		}
	}
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s: %d of %d images (first: %s): %s", id, k.n, len(names), strings.TrimPrefix(k.first, id+": "), k.text))
	}
	return out
}
