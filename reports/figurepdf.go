package reports

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/pdf"
	"github.com/assay-gan/assay/internal/quote"
)

// PDF writes the figure as a vector file of one page, its font embedded, in the light colours of the page. The bytes are the same each time.
func (f Figure) PDF(w io.Writer) error {
	text, err := figureText()
	if err != nil {
		return err
	}
	rules := parseStyle(text)
	page, err := pdf.New(quote.Line(f.Title), f.pic.w+2*margin, f.pic.h+2*margin)
	if err != nil {
		return err
	}
	for _, m := range f.pic.marks {
		drawMark(page, m, rules.of(m))
	}
	_, err = page.WriteTo(w)
	return err
}

func drawMark(page *pdf.Page, m mark, s styled) {
	x, y := shifted(m.x), shifted(m.y)
	switch m.shape {
	case textShape, slantShape:
		if s.Fill != nil {
			t := pdf.Text{Text: quote.Line(m.text), Size: s.size, Anchor: s.anchor, Colour: *s.Fill, Alpha: s.Alpha}
			if m.shape == slantShape {
				t.Rise = 45
			}
			page.Write(t, x[0], y[0])
		}
	case rectShape:
		page.Rect(s.Style, x[0], y[0], m.x[1], m.y[1])
	case circleShape:
		page.Circle(s.Style, x[0], y[0], m.r)
	case dotsShape:
		for i := range x {
			page.Circle(pdf.Style{Fill: s.Stroke, Alpha: s.Alpha}, x[i], y[i], s.Width/2)
		}
	case lineShape, areaShape:
		var px, py []float64
		var pen []bool
		down := false
		for i := range x {
			if math.IsNaN(y[i]) || math.IsInf(y[i], 0) {
				down = false
				continue
			}
			px, py, pen = append(px, x[i]), append(py, y[i]), append(pen, down)
			down = true
		}
		if len(px) > 0 {
			page.Path(s.Style, px, py, pen, m.shape == areaShape)
		}
	}
}

func shifted(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] + margin
	}
	return out
}

// styled is what the style sheet says of a mark.
type styled struct {
	pdf.Style
	size   float64
	anchor pdf.Anchor
}

// styleRule is a rule of the figures' style sheet: svg .class, svg .one.two, svg text or .class, and what it sets.
type styleRule struct {
	names []string // of the classes that a mark must all have; text for texts
	set   [][2]string
}

type styleRules []styleRule

var ruleText = regexp.MustCompile(`([^{}]*)\{([^}]*)\}`)

func parseStyle(text string) (rules styleRules) {
	for _, m := range ruleText.FindAllStringSubmatch(text, -1) {
		var set [][2]string
		for one := range strings.SplitSeq(m[2], ";") {
			if key, value, ok := strings.Cut(one, ":"); ok {
				set = append(set, [2]string{strings.TrimSpace(key), strings.TrimSpace(value)})
			}
		}
		for selector := range strings.SplitSeq(m[1], ",") {
			name := strings.TrimPrefix(strings.TrimSpace(selector), "svg ")
			rules = append(rules, styleRule{strings.FieldsFunc(name, func(r rune) bool { return r == '.' }), set})
		}
	}
	return rules
}

// ink is what currentColor stands for without a class that says so.
var ink = pdf.Colour{0x1c / 255.0, 0x1d / 255.0, 0x22 / 255.0}

// of is the style of a mark: what SVG has without any, then the rules that meet it in their order.
func (rules styleRules) of(m mark) styled {
	classes := strings.Fields(m.class)
	if m.shape == textShape || m.shape == slantShape {
		classes = append([]string{"text"}, classes...)
	}
	met := func(r styleRule) bool {
		return len(r.names) > 0 && !slices.ContainsFunc(r.names, func(n string) bool { return !slices.Contains(classes, n) })
	}
	current := ink
	for _, r := range rules {
		for _, kv := range r.set {
			if met(r) && kv[0] == "color" {
				if c := colourOf(kv[1], current); c != nil {
					current = *c
				}
			}
		}
	}
	s := styled{Style: pdf.Style{Fill: &pdf.Colour{}, Width: 1, Alpha: 1}, size: 11}
	for _, r := range rules {
		if met(r) {
			for _, kv := range r.set {
				s.apply(kv[0], kv[1], current)
			}
		}
	}
	if m.shape == lineShape {
		s.Fill = nil // a line encloses nothing
	}
	return s
}

func (s *styled) apply(key, value string, current pdf.Colour) {
	number := func() float64 {
		v, err := strconv.ParseFloat(strings.TrimSuffix(strings.Fields(value + " 0")[0], "px"), 64)
		if err != nil {
			return 0
		}
		return v
	}
	switch key {
	case "fill":
		s.Fill = colourOf(value, current)
	case "stroke":
		s.Stroke = colourOf(value, current)
	case "stroke-width":
		s.Width = number()
	case "opacity":
		s.Alpha = number()
	case "stroke-dasharray":
		for _, d := range strings.Fields(value) {
			if v, err := strconv.ParseFloat(d, 64); err == nil {
				s.Dash = append(s.Dash, v)
			}
		}
	case "stroke-linecap", "stroke-linejoin":
		s.Round = s.Round || value == "round"
	case "font", "font-size":
		s.size = number()
	case "text-anchor":
		s.anchor = map[string]pdf.Anchor{"middle": pdf.Middle, "end": pdf.End}[value]
	}
}

func colourOf(value string, current pdf.Colour) *pdf.Colour {
	switch value {
	case "none", "transparent":
		return nil
	case "currentColor":
		return &current
	}
	var r, g, b int
	if len(value) == 4 {
		value = fmt.Sprintf("#%[1]c%[1]c%[2]c%[2]c%[3]c%[3]c", value[1], value[2], value[3])
	}
	if _, err := fmt.Sscanf(value, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return &current
	}
	return &pdf.Colour{float64(r) / 255, float64(g) / 255, float64(b) / 255}
}
