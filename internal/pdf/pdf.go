// Package pdf writes vector pictures as PDF files of one page: paths and text, the font embedded with the glyphs that are used, and no date, so that the same picture is the same bytes. The text can be
// searched and copied.
package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Colour is red, green and blue, each from 0 to 1.
type Colour [3]float64

// Style says how a path is drawn. A nil colour draws nothing of its kind.
type Style struct {
	Fill, Stroke *Colour
	Width        float64   // of the stroke, in points
	Dash         []float64 // lengths of strokes and gaps; none for a whole line
	Alpha        float64   // opacity of all of it, over 0 to 1
	Round        bool      // ends and corners
}

// Anchor says which part of a text stands at its place.
type Anchor int

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// Page is a picture in the making. Its origin is the upper left corner, y grows downwards, the unit is the point.
type Page struct {
	title  string
	w, h   float64
	body   bytes.Buffer
	alphas []float64
	font   *font
}

// New begins a page of the given size; the title is for who lists files by it. It errors if the font that is built in cannot be read.
func New(title string, w, h float64) (*Page, error) {
	f, err := newFont()
	if err != nil {
		return nil, err
	}
	p := &Page{title: title, w: w, h: h, font: f}
	fmt.Fprintf(&p.body, "1 0 0 -1 0 %s cm\n", num(h))
	return p, nil
}

// num is a number as PDF has it: at most three decimals, never an exponent.
func num(v float64) string {
	s := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 3, 64), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// begin sets the style of what follows, until end.
func (p *Page) begin(s Style) {
	p.body.WriteString("q\n")
	if s.Alpha < 1 {
		at := slices.Index(p.alphas, s.Alpha)
		if at < 0 {
			at, p.alphas = len(p.alphas), append(p.alphas, s.Alpha)
		}
		fmt.Fprintf(&p.body, "/A%d gs\n", at)
	}
	if c := s.Fill; c != nil {
		fmt.Fprintf(&p.body, "%s %s %s rg\n", num(c[0]), num(c[1]), num(c[2]))
	}
	if c := s.Stroke; c != nil {
		fmt.Fprintf(&p.body, "%s %s %s RG %s w\n", num(c[0]), num(c[1]), num(c[2]), num(s.Width))
		if s.Round {
			p.body.WriteString("1 J 1 j\n")
		}
		if len(s.Dash) > 0 {
			p.body.WriteString("[")
			for _, d := range s.Dash {
				p.body.WriteString(num(d) + " ")
			}
			p.body.WriteString("] 0 d\n")
		}
	}
}

func (p *Page) end(s Style) {
	switch {
	case s.Fill != nil && s.Stroke != nil:
		p.body.WriteString("B\nQ\n")
	case s.Fill != nil:
		p.body.WriteString("f\nQ\n")
	case s.Stroke != nil:
		p.body.WriteString("S\nQ\n")
	default:
		p.body.WriteString("n\nQ\n")
	}
}

// Path draws lines through points. pen[i] says whether the line goes on to point i, or begins anew there; closed joins the end to the beginning.
func (p *Page) Path(s Style, x, y []float64, pen []bool, closed bool) {
	p.begin(s)
	for i := range x {
		op := "l"
		if i == 0 || !pen[i] {
			op = "m"
		}
		fmt.Fprintf(&p.body, "%s %s %s\n", num(x[i]), num(y[i]), op)
	}
	if closed {
		p.body.WriteString("h\n")
	}
	p.end(s)
}

// Rect draws a rectangle from its upper left corner.
func (p *Page) Rect(s Style, x, y, w, h float64) {
	p.begin(s)
	fmt.Fprintf(&p.body, "%s %s %s %s re\n", num(x), num(y), num(w), num(h))
	p.end(s)
}

// Circle draws a circle, by four curves that are off by less than three in ten thousand of its radius.
func (p *Page) Circle(s Style, x, y, r float64) {
	const k = 0.5522847498 // 4 (sqrt 2 - 1) / 3
	p.begin(s)
	fmt.Fprintf(&p.body, "%s %s m\n", num(x+r), num(y))
	for _, q := range [][6]float64{{1, k, k, 1, 0, 1}, {-k, 1, -1, k, -1, 0}, {-1, -k, -k, -1, 0, -1}, {k, -1, 1, -k, 1, 0}} {
		for i := 0; i < 6; i += 2 {
			fmt.Fprintf(&p.body, "%s %s ", num(x+r*q[i]), num(y+r*q[i+1]))
		}
		p.body.WriteString("c\n")
	}
	p.body.WriteString("h\n")
	p.end(s)
}

// Text is a line of text.
type Text struct {
	Text   string
	Size   float64 // in points
	Anchor Anchor
	Colour Colour
	Alpha  float64
	Rise   float64 // degrees by which the line rises to the right
}

// Write writes a line of text with its base line at y. Characters that the font lacks are drawn as an empty box.
func (p *Page) Write(t Text, x, y float64) {
	glyphs := p.font.shape(t.Text)
	width := 0.0
	var hex strings.Builder
	for _, g := range glyphs {
		width += p.font.advance(g) * t.Size
		fmt.Fprintf(&hex, "%04X", g)
	}
	sin, cos := math.Sincos(t.Rise * math.Pi / 180)
	switch t.Anchor {
	case Middle:
		x, y = x-cos*width/2, y+sin*width/2
	case End:
		x, y = x-cos*width, y+sin*width
	case Start:
	}
	p.begin(Style{Fill: &t.Colour, Alpha: t.Alpha})
	fmt.Fprintf(&p.body, "BT /F %s Tf %s %s %s %s %s %s Tm <%s> Tj ET\nQ\n", num(t.Size), num(cos), num(-sin), num(-sin), num(-cos), num(x), num(y), hex.String())
}

// WriteTo writes the file.
func (p *Page) WriteTo(w io.Writer) (int64, error) {
	var f file
	f.b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	states := ""
	for i, a := range p.alphas {
		states += fmt.Sprintf("/A%d << /ca %s /CA %s >> ", i, num(a), num(a))
	}
	f.object("<< /Type /Catalog /Pages 2 0 R >>")
	f.object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	f.object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> /ExtGState << %s>> >> >>", num(p.w), num(p.h), states))
	if err := f.stream("", p.body.Bytes()); err != nil {
		return 0, err
	}
	if err := p.font.write(&f); err != nil {
		return 0, err
	}
	info := f.object("<< /Title " + textString(p.title) + " >>")
	at := f.b.Len()
	fmt.Fprintf(&f.b, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, o := range f.at {
		fmt.Fprintf(&f.b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&f.b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(f.at)+1, info, at)
	return f.b.WriteTo(w)
}

// textString is a text as UTF-16 with its mark, in hexadecimal, so that nothing in it can end it.
func textString(s string) string {
	out := "<FEFF"
	for _, u := range utf16.Encode([]rune(s)) {
		out += fmt.Sprintf("%04X", u)
	}
	return out + ">"
}

// file is a PDF file in the making.
type file struct {
	b  bytes.Buffer
	at []int // offset of each object, from object 1
}

func (f *file) object(text string) int {
	f.at = append(f.at, f.b.Len())
	fmt.Fprintf(&f.b, "%d 0 obj\n%s\nendobj\n", len(f.at), text)
	return len(f.at)
}

func (f *file) stream(more string, data []byte) error {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	f.object(fmt.Sprintf("<< /Filter /FlateDecode /Length %d %s>>\nstream\n%s\nendstream", packed.Len(), more, packed.String()))
	return nil
}
