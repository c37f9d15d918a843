package datasets

import (
	"context"
	"math"

	"github.com/assay-gan/assay/rng"
)

// The look of a glyph, in pixels of the 28 x 28 image.
const (
	glyphSide    = 28
	glyphBox     = 20.0 // digits fill a box of this edge, as handwritten ones do in the customary layout
	glyphMargin  = 1.5  // and keep this far from the border
	elasticCells = 5    // control points of the elastic field along each edge
	elasticSize  = 1.35 // standard deviation of a control point
)

// Glyphs is ten classes of digits, 28 x 28, white on black: the digits of the Go fonts (twelve faces) under random affine maps, elastic distortion
// [simard2003] and stroke weight, anti-aliased by exact area coverage, scaled into a box of 20 pixels and centred by mass. It is embedded and needs no
// files (a zero is the letter O made narrower, or slashed in the monospaced faces); it stands in for handwritten digits in shape and layout and is its own set, not comparable to any other. Labels are uniform and independent.
type Glyphs struct{}

var _ domainLoader = Glyphs{}

// Info describes the set.
func (Glyphs) Info() Info {
	return Info{
		ID: "glyphs", Title: "digits drawn from the Go fonts with random distortion", Kind: Images, Shape: []int{glyphSide, glyphSide, 1},
		Classes: classNames("", 10), Paper: "simard2003", License: "rendered from the Go fonts (Bigelow & Holmes, BSD-3-Clause)",
		Sizes: Sizes{20_000, 5_000, 5_000},
		Params: []Param{
			{"distortion", 1, 0, 1.5, false, "strength of affine and elastic distortion, 0 for clean type"},
		},
	}
}

// Load renders the splits: about 15 microseconds an image and core.
func (g Glyphs) Load(ctx context.Context, o Options) (*Set, error) { return g.loadDomain(ctx, o, "") }

func (g Glyphs) loadDomain(ctx context.Context, o Options, domain string) (*Set, error) {
	info := g.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	faces, err := loadFaces()
	if err != nil {
		return nil, err
	}
	return render(ctx, info, o, domain, func(dst []float32, src *rng.Source) (int, error) {
		label := src.IntN(10)
		fillShape(dst, glyphSide, distort(faces[src.IntN(len(faces))][label], p["distortion"], src))
		return label, nil
	})
}

// distort makes one digit of an outline: slant, rotation and aspect, elastic field, stroke weight, then size and place.
func distort(digit shape, strength float64, src *rng.Source) shape {
	uniform := func(lo, hi float64) float64 { return lo + (hi-lo)*src.Float64() }
	s := digit.clone()

	angle := strength * 0.16 * src.Normal() // radians: one sigma is 9 degrees
	angle = min(max(angle, -0.4), 0.4)
	shear := strength * min(max(0.22*src.Normal(), -0.55), 0.55)
	aspect := math.Exp(strength * uniform(-0.38, 0.22)) // width to height
	s.each(func(p *[2]float64) {
		x, y := aspect*p[0]+shear*p[1], p[1]
		sin, cos := math.Sincos(angle)
		p[0], p[1] = x*cos-y*sin, x*sin+y*cos
	})
	s.fit(glyphBox * uniform(0.9, 1.02))

	field := newElastic(src, strength*elasticSize)
	s.each(func(p *[2]float64) {
		dx, dy := field.at(p[0], p[1])
		p[0] += dx
		p[1] += dy
	})
	wanted := uniform(1.7, 3.9)
	s.embolden(wanted, 1.1)
	s.fit(min(s.extent(), glyphBox+1))
	s.place(uniform(-0.6, 0.6), uniform(-0.6, 0.6))
	return s
}

// elastic is a smooth random displacement of the plane: normal control points on a square lattice over the image, blended by cubic B-splines.
type elastic struct {
	node [elasticCells + 3][elasticCells + 3][2]float64
}

func newElastic(src *rng.Source, size float64) *elastic {
	e := &elastic{}
	for i := range e.node {
		for j := range e.node[i] {
			e.node[i][j] = [2]float64{size * src.Normal(), size * src.Normal()}
		}
	}
	return e
}

// at is the displacement at a point whose origin is the middle of the image.
func (e *elastic) at(x, y float64) (dx, dy float64) {
	i, wx := bspline(x)
	j, wy := bspline(y)
	for a := range 4 {
		for b := range 4 {
			w := wx[a] * wy[b]
			dx += w * e.node[j+b][i+a][0]
			dy += w * e.node[j+b][i+a][1]
		}
	}
	return dx, dy
}

// bspline is the first of the four control points that matter at a coordinate, and their weights.
func bspline(v float64) (int, [4]float64) {
	t := min(max((v/glyphSide+0.5)*elasticCells, 0), elasticCells-1e-9)
	i := int(t)
	f := t - float64(i)
	g := 1 - f
	return i, [4]float64{g * g * g / 6, (4 - 6*f*f + 3*f*f*f) / 6, (4 - 6*g*g + 3*g*g*g) / 6, f * f * f / 6}
}
