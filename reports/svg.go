package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// svg builds a static picture. Its colours are CSS classes and currentColor, so that it follows the page's theme and prints in black on white. What it is made of is kept beside the text of
// the page, so that a file of another kind shows the same.
type svg struct {
	w, h  float64
	b     strings.Builder
	marks []mark
}

// shape is what a mark is.
type shape int

const (
	lineShape shape = iota // through the points, broken where one is not finite
	areaShape              // the same, closed
	rectShape              // upper left corner, and its size
	circleShape
	dotsShape // a round dot at every point, as wide as the class's stroke
	textShape
	slantShape // a text that rises at 45 degrees
)

// mark is one thing drawn.
type mark struct {
	shape shape
	class string
	x, y  []float64
	r     float64
	text  string
}

// noCharacters replaces what XML forbids besides control characters.
var noCharacters = strings.NewReplacer("\ufffe", "\ufffd", "\uffff", "\ufffd")

// svgText makes a text, of whatever origin, stand in an SVG. XML has no way to write most control characters: one in a name would make the file unreadable.
func svgText(s string) string {
	return html.EscapeString(noCharacters.Replace(quote.Terminal(s)))
}

func (s *svg) mark(m mark) { s.marks = append(s.marks, m) }

func newSVG(w, h float64) *svg { return &svg{w: w, h: h} }

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.mark(mark{shape: lineShape, class: class, x: []float64{x1, x2}, y: []float64{y1, y2}})
	fmt.Fprintf(&s.b, `<path class="%s" d="M%s %sL%s %s"/>`, class, px(x1), px(y1), px(x2), px(y2))
}

func (s *svg) rect(class string, x, y, w, h float64) {
	s.mark(mark{shape: rectShape, class: class, x: []float64{x, max(w, 0)}, y: []float64{y, max(h, 0)}})
	fmt.Fprintf(&s.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="2"/>`, class, px(x), px(y), px(max(w, 0)), px(max(h, 0)))
}

// circle draws a circle, with a hover text if there is one.
func (s *svg) circle(class string, x, y, r float64, title string) {
	s.mark(mark{shape: circleShape, class: class, x: []float64{x}, y: []float64{y}, r: r})
	fmt.Fprintf(&s.b, `<circle class="%s" cx="%s" cy="%s" r="%s"`, class, px(x), px(y), px(r))
	if title == "" {
		s.b.WriteString("/>")
		return
	}
	fmt.Fprintf(&s.b, "><title>%s</title></circle>", svgText(title))
}

func (s *svg) text(class string, x, y float64, text string) {
	s.mark(mark{shape: textShape, class: class, x: []float64{x}, y: []float64{y}, text: text})
	fmt.Fprintf(&s.b, `<text class="%s" x="%s" y="%s">%s</text>`, class, px(x), px(y), svgText(text))
}

// slanted writes a text that rises from its place.
func (s *svg) slanted(class string, x, y float64, text string) {
	s.mark(mark{shape: slantShape, class: class, x: []float64{x}, y: []float64{y}, text: text})
	fmt.Fprintf(&s.b, `<text class="%s" transform="translate(%s %s) rotate(-45)">%s</text>`, class, px(x), px(y), svgText(text))
}

// path draws a line through points; a point that is not finite breaks it.
func (s *svg) path(class string, x, y []float64) {
	s.mark(mark{shape: lineShape, class: class, x: x, y: y})
	var d strings.Builder
	pen := "M"
	for i := range x {
		if math.IsNaN(y[i]) || math.IsInf(y[i], 0) {
			pen = "M"
			continue
		}
		d.WriteString(pen + px(x[i]) + " " + px(y[i]))
		pen = "L"
	}
	if d.Len() > 0 {
		fmt.Fprintf(&s.b, `<path class="%s" d="%s"/>`, class, d.String())
	}
}

// area fills what lies between two lines over the same places.
func (s *svg) area(class string, x, lo, hi []float64) {
	back, top := slices.Clone(x), slices.Clone(hi)
	slices.Reverse(back)
	slices.Reverse(top)
	s.mark(mark{shape: areaShape, class: class, x: slices.Concat(x, back), y: slices.Concat(lo, top)})
	var d strings.Builder
	for i := range x {
		d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + px(x[i]) + " " + px(lo[i]))
	}
	for i := len(x) - 1; i >= 0; i-- {
		d.WriteString("L" + px(x[i]) + " " + px(hi[i]))
	}
	if d.Len() > 0 {
		fmt.Fprintf(&s.b, `<path class="%s" d="%sZ"/>`, class, d.String())
	}
}

// diamond draws a square on its point.
func (s *svg) diamond(class string, x, y, r float64) {
	s.mark(mark{shape: areaShape, class: class, x: []float64{x - r, x, x + r, x}, y: []float64{y, y - r, y, y + r}})
	fmt.Fprintf(&s.b, `<path class="%s" d="M%s %sL%s %sL%s %sL%s %sZ"/>`, class, px(x-r), px(y), px(x), px(y-r), px(x+r), px(y), px(x), px(y+r))
}

// dots draws many points as one path of round caps: ten bytes each instead of fifty.
func (s *svg) dots(class string, x, y []float64) {
	s.mark(mark{shape: dotsShape, class: class, x: x, y: y})
	var d strings.Builder
	for i := range x {
		d.WriteString("M" + px(x[i]) + " " + px(y[i]) + "h0")
	}
	fmt.Fprintf(&s.b, `<path class="%s" d="%s"/>`, class, d.String())
}

// html closes the picture; label is what a screen reader says.
func (s *svg) html(label string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %s %s" role="img" aria-label="%s">%s</svg>`, px(s.w), px(s.h), svgText(label), s.b.String())) //nolint:gosec // every text in it is escaped
}

// px is a coordinate with one decimal.
func px(v float64) string {
	t := fmt.Sprintf("%.1f", v)
	return strings.TrimSuffix(t, ".0")
}

// scale maps values to pixels, linearly or by logarithm.
type scale struct {
	lo, hi, from, to float64
	log              bool
}

// What a scale can show: numbers that differ by less than a share of narrowest are one, as ticks between them would have no digits to differ in, and none is farther out than farthest, so that the
// width of a scale is a number.
const (
	narrowest = 1e-9
	farthest  = math.MaxFloat64 / 4
)

// newScale covers the finite values with some air. It is logarithmic when all are positive and span more than a factor of 30.
func newScale(from, to float64, values ...float64) scale {
	s := scale{lo: math.Inf(1), hi: math.Inf(-1), from: from, to: to}
	for _, v := range values {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
	}
	if s.lo > s.hi {
		s.lo, s.hi = 0, 1
	}
	s.lo, s.hi = min(max(s.lo, -farthest), farthest), min(max(s.hi, -farthest), farthest)
	if s.log = s.lo > 0 && s.hi/s.lo > 30; s.log {
		s.lo, s.hi = s.lo/1.3, s.hi*1.3
		return s
	}
	air := (s.hi - s.lo) * .05
	if most := max(math.Abs(s.lo), math.Abs(s.hi)); s.hi-s.lo <= narrowest*most {
		air = max(most*.05, 1e-3)
	}
	if s.lo >= 0 && s.lo-air < 0 {
		s.lo = air // a value without negatives gets an axis without them
	}
	s.lo, s.hi = s.lo-air, s.hi+air
	return s
}

func (s scale) at(v float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(v)
	}
	return s.from + (v-lo)/(hi-lo)*(s.to-s.from)
}

// mostTicks bounds the ticks of a scale.
const mostTicks = 20

// ticks returns about n round values inside the scale.
func (s scale) ticks(n int) []float64 {
	var out []float64
	if s.log {
		for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
			out = out[:0]
			for e := math.Floor(math.Log10(s.lo)); e <= math.Log10(s.hi); e++ {
				for _, m := range steps {
					if v := m * math.Pow(10, e); v >= s.lo && v <= s.hi {
						out = append(out, v)
					}
				}
			}
			if len(out) <= n+1 {
				break
			}
		}
		if every := (len(out) + mostTicks - 1) / mostTicks; every > 1 { // hundreds of decades
			for i := range (len(out) + every - 1) / every {
				out[i] = out[i*every]
			}
			out = out[:(len(out)+every-1)/every]
		}
		return out
	}
	step := math.Pow(10, math.Floor(math.Log10((s.hi-s.lo)/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (s.hi-s.lo)/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	for k := math.Ceil(s.lo / step); k*step <= s.hi; k++ {
		out = append(out, k*step)
	}
	return out
}

// tick formats an axis label: short, without trailing zeros.
func tick(v float64) string {
	if math.Abs(v) < 1e-12 {
		return "0"
	}
	if a := math.Abs(v); a >= 10000 {
		return compact(v/1000) + "k"
	} else if a < 1e-3 {
		return fmt.Sprintf("%.0e", v)
	}
	return compact(v)
}

// palette is how many model colours the page has; further models start again, with another shape of dot and another dash of line.
const palette = 10

// colour is the class of the i-th model: its colour, and past the palette's end how its lines are dashed.
func colour(i int) string {
	if round := i / palette; round > 0 {
		return fmt.Sprintf("c%d k%d", i%palette, min(round, len(dashes)-1))
	}
	return fmt.Sprintf("c%d", i%palette)
}

// lossColours is how many colours the page has for what training logs: none of them is a model's, and each is dashed in its own way.
const lossColours = 6

func lossColour(i int) string { return fmt.Sprintf("l%d", i%lossColours) }

// dashes are the lines of the models by rounds of the palette, and of the logged series in their order: dash and gap in pixels. The style sheet says the same.
var dashes = [][]float64{{1, 0}, {7, 3}, {2, 2.5}, {9, 3, 2, 3}, {4, 2}, {1, 2}}

// shapes are the dots of models by rounds of the palette, by the names of the chart programs.
var shapes = []string{"circle", "square", "triangle-up", "diamond"}

// marker draws the dot of the i-th model, with a hover text.
func (s *svg) marker(class string, i int, x, y, r float64, title string) {
	var d string
	corners := func(at ...float64) { // x and y in turn, in shares of the radius
		m := mark{shape: areaShape, class: class}
		for k := 0; k < len(at); k += 2 {
			m.x, m.y = append(m.x, x+r*at[k]), append(m.y, y+r*at[k+1])
		}
		s.mark(m)
	}
	switch shapes[min(max(i, 0)/palette, len(shapes)-1)] {
	case "square":
		corners(-.9, -.9, .9, -.9, .9, .9, -.9, .9)
		d = fmt.Sprintf("M%s %sh%sv%sh-%sz", px(x-r*.9), px(y-r*.9), px(r*1.8), px(r*1.8), px(r*1.8))
	case "triangle-up":
		corners(0, -1.2, 1.15, .8, -1.15, .8)
		d = fmt.Sprintf("M%s %sl%s %sh-%sz", px(x), px(y-r*1.2), px(r*1.15), px(r*2), px(r*2.3))
	case "diamond":
		corners(0, -1.3, 1.2, 0, 0, 1.3, -1.2, 0)
		d = fmt.Sprintf("M%s %sl%s %sl-%s %sl-%s -%sz", px(x), px(y-r*1.3), px(r*1.2), px(r*1.3), px(r*1.2), px(r*1.3), px(r*1.2), px(r*1.3))
	default:
		s.circle(class, x, y, r, title)
		return
	}
	fmt.Fprintf(&s.b, `<path class="%s" d="%s"><title>%s</title></path>`, class, d, svgText(title))
}
