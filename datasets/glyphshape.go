package datasets

import (
	"math"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// shape is a set of closed polygons, y down. Outer contours have positive signed area, holes negative: what winds a positive number of times is ink.
type shape [][][2]float64

const (
	firstMono = 8    // the faces from here on are monospaced, with slab serifs and a slashed zero
	zeroWidth = 0.75 // of a letter O that stands for a zero
)

// loadFaces reads the outlines of 0 to 9 from the embedded fonts.
func loadFaces() ([][10]shape, error) {
	fonts := [][]byte{
		goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomedium.TTF, gomediumitalic.TTF, gosmallcaps.TTF, gosmallcapsitalic.TTF,
		gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF,
	}
	faces := make([][10]shape, len(fonts))
	for i, ttf := range fonts {
		font, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, corrupt("glyphs: embedded font %d: %v", i, err)
		}
		var buf sfnt.Buffer
		for d := range 10 {
			char := rune('0' + d)
			if d == 0 && i < firstMono {
				char = 'O' // every zero of these fonts is slashed: most of the class is plain, as in handwriting
			}
			index, err := font.GlyphIndex(&buf, char)
			if err != nil || index == 0 {
				return nil, corrupt("glyphs: embedded font %d has no digit %d: %v", i, d, err)
			}
			segments, err := font.LoadGlyph(&buf, index, fixed.I(1000), nil)
			if err != nil {
				return nil, corrupt("glyphs: embedded font %d, digit %d: %v", i, d, err)
			}
			s := flatten(segments)
			if char == 'O' {
				s.each(func(p *[2]float64) { p[0] *= zeroWidth })
			}
			faces[i][d] = s
		}
	}
	return faces, nil
}

// flatten turns a font's curves into polygons with points close enough (1/24 of the height) that bending them bends the outline.
func flatten(segments sfnt.Segments) shape {
	var s shape
	var pen [2]float64
	point := func(p fixed.Point26_6) [2]float64 { return [2]float64{float64(p.X) / 64, float64(p.Y) / 64} }
	step := 700.0 / 24
	curve := func(to [2]float64, at func(t float64) [2]float64) {
		n := max(1, int(math.Ceil(math.Hypot(to[0]-pen[0], to[1]-pen[1])/step)))
		for k := 1; k <= n; k++ {
			s[len(s)-1] = append(s[len(s)-1], at(float64(k)/float64(n)))
		}
		pen = to
	}
	line := func(to [2]float64) {
		from := pen
		curve(to, func(t float64) [2]float64 {
			return [2]float64{from[0] + t*(to[0]-from[0]), from[1] + t*(to[1]-from[1])}
		})
	}
	closeLast := func() {
		if len(s) > 0 {
			if c := s[len(s)-1]; pen != c[0] {
				line(c[0])
			}
			c := s[len(s)-1]
			s[len(s)-1] = c[:len(c)-1] // the first point again
		}
	}
	for _, g := range segments {
		switch g.Op {
		case sfnt.SegmentOpMoveTo:
			closeLast()
			pen = point(g.Args[0])
			s = append(s, [][2]float64{pen})
		case sfnt.SegmentOpLineTo:
			line(point(g.Args[0]))
		case sfnt.SegmentOpQuadTo:
			a, b, c := pen, point(g.Args[0]), point(g.Args[1])
			curve(c, func(t float64) (p [2]float64) {
				for k := range p {
					p[k] = (1-t)*(1-t)*a[k] + 2*t*(1-t)*b[k] + t*t*c[k]
				}
				return p
			})
		case sfnt.SegmentOpCubeTo:
			a, b, c, d := pen, point(g.Args[0]), point(g.Args[1]), point(g.Args[2])
			curve(d, func(t float64) (p [2]float64) {
				u := 1 - t
				for k := range p {
					p[k] = u*u*u*a[k] + 3*u*u*t*b[k] + 3*u*t*t*c[k] + t*t*t*d[k]
				}
				return p
			})
		}
	}
	closeLast()
	if area, _ := s.mass(); area < 0 {
		for _, c := range s {
			for i, j := 0, len(c)-1; i < j; i, j = i+1, j-1 {
				c[i], c[j] = c[j], c[i]
			}
		}
	}
	return s
}

func (s shape) clone() shape {
	out := make(shape, len(s))
	for i, c := range s {
		out[i] = append([][2]float64(nil), c...)
	}
	return out
}

func (s shape) each(f func(p *[2]float64)) {
	for _, c := range s {
		for i := range c {
			f(&c[i])
		}
	}
}

// mass is the signed area and the centre of mass.
func (s shape) mass() (area float64, c [2]float64) {
	for _, contour := range s {
		a, m := centroid(contour)
		if a == 0 {
			continue
		}
		area += a
		c[0] += a * m[0]
		c[1] += a * m[1]
	}
	return area, [2]float64{c[0] / area, c[1] / area}
}

func (s shape) bounds() (lo, hi [2]float64) {
	lo, hi = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	s.each(func(p *[2]float64) {
		for k := range 2 {
			lo[k], hi[k] = min(lo[k], p[k]), max(hi[k], p[k])
		}
	})
	return lo, hi
}

// extent is the longer edge of the bounding box.
func (s shape) extent() float64 {
	lo, hi := s.bounds()
	return max(hi[0]-lo[0], hi[1]-lo[1])
}

// fit scales to the given extent and moves the middle of the bounding box to the origin.
func (s shape) fit(size float64) {
	lo, hi := s.bounds()
	f := size / max(hi[0]-lo[0], hi[1]-lo[1])
	s.each(func(p *[2]float64) {
		for k := range 2 {
			p[k] = (p[k] - (lo[k]+hi[k])/2) * f
		}
	})
}

// place moves the centre of mass to the middle of the image plus a jitter, but never nearer to the border than the margin.
func (s shape) place(dx, dy float64) {
	_, m := s.mass()
	lo, hi := s.bounds()
	var move [2]float64
	for k, j := range [2]float64{dx, dy} {
		move[k] = min(max(glyphSide/2+j-m[k], glyphMargin-lo[k]), glyphSide-glyphMargin-hi[k])
	}
	s.each(func(p *[2]float64) {
		p[0] += move[0]
		p[1] += move[1]
	})
}

// embolden moves the outline along its normals until strokes are about the wanted width; the mean width of a stroke-like shape is twice its area over its
// outline. Growth is limited, for holes must stay open. Where a thin part turns inside out it winds negatively and is no ink.
func (s shape) embolden(wanted, growth float64) {
	area, _ := s.mass()
	var length float64
	for _, c := range s {
		for i := range c {
			j := (i + 1) % len(c)
			length += math.Hypot(c[j][0]-c[i][0], c[j][1]-c[i][1])
		}
	}
	offset := min((wanted-2*area/length)/2, growth/2)
	for i, c := range s {
		moved := make([][2]float64, len(c))
		for k, p := range c {
			a, b := c[(k+len(c)-1)%len(c)], c[(k+1)%len(c)]
			// With positive area and y down the outside lies on the side (dy, -dx) of the direction of travel.
			nx, ny := b[1]-a[1], a[0]-b[0]
			if l := math.Hypot(nx, ny); l > 0 {
				p[0] += offset * nx / l
				p[1] += offset * ny / l
			}
			moved[k] = p
		}
		s[i] = moved
	}
}
