package pdf

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	imagefont "golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// font is Go Regular with the glyphs that a page uses, under their own numbers.
type font struct {
	face *sfnt.Font
	buf  sfnt.Buffer
	em   float64
	used map[uint16]rune // 0 for a glyph that stands for no character
}

func newFont() (*font, error) {
	face, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("pdf: font: %w", err)
	}
	return &font{face: face, em: float64(face.UnitsPerEm()), used: map[uint16]rune{0: 0}}, nil
}

// likeness are characters that the font lacks, and what is drawn in their place.
var likeness = map[rune]rune{'✕': '×', '✓': '√'}

// shape is the glyphs of a text; number 0 is the empty box.
func (f *font) shape(text string) (glyphs []uint16) {
	for _, r := range text {
		if other, ok := likeness[r]; ok {
			r = other
		}
		g, err := f.face.GlyphIndex(&f.buf, r)
		if err != nil {
			g = 0
		}
		if g != 0 {
			f.used[uint16(g)] = r
		}
		glyphs = append(glyphs, uint16(g))
	}
	return glyphs
}

// advance is the width of a glyph at size 1.
func (f *font) advance(g uint16) float64 {
	w, err := f.face.GlyphAdvance(&f.buf, sfnt.GlyphIndex(g), fixed.Int26_6(f.em), hinting)
	if err != nil {
		return 0
	}
	return float64(w) / f.em
}

// hinting would round widths to whole pixels.
const hinting = imagefont.HintingNone

// write adds the font's objects, of which the first is the font itself.
func (f *font) write(out *file) error {
	first := len(out.at) + 1
	glyphs := slices.Sorted(maps.Keys(f.used))
	var widths, names strings.Builder
	for _, g := range glyphs {
		fmt.Fprintf(&widths, "%d [%s] ", g, num(1000*f.advance(g)))
		if r := f.used[g]; r != 0 {
			fmt.Fprintf(&names, "1 beginbfchar\n<%04X> %s\nendbfchar\n", g, strings.Replace(textString(string(r)), "FEFF", "", 1))
		}
	}
	const name = "ASSAYA+GoRegular" // six letters and a plus: a part of a font
	out.object(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, first+1, first+4))
	out.object(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [%s] >>", name, first+2, widths.String()))
	out.object(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-440 -432 1485 1127] /ItalicAngle 0 /Ascent 935 /Descent -211 /CapHeight 723 /StemV 86 /FontFile2 %d 0 R >>", name, first+3))
	part, err := subset(goregular.TTF, glyphs)
	if err != nil {
		return err
	}
	if err := out.stream(fmt.Sprintf("/Length1 %d ", len(part)), part); err != nil {
		return err
	}
	return out.stream("", []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"+
		names.String()+"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"))
}

// subset is a TrueType font with the outlines of some glyphs, and of those that they are put together from; the others keep their numbers and are empty.
func subset(ttf []byte, glyphs []uint16) ([]byte, error) {
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		d := ttf[12+16*i:]
		at, n := binary.BigEndian.Uint32(d[8:]), binary.BigEndian.Uint32(d[12:])
		tables[string(d[:4])] = ttf[at : at+n]
	}
	if len(tables["head"]) < 54 || len(tables["maxp"]) < 6 || tables["glyf"] == nil || tables["loca"] == nil {
		return nil, fmt.Errorf("pdf: font: no TrueType outlines")
	}
	offset := func(g int) int {
		if binary.BigEndian.Uint16(tables["head"][50:]) == 0 {
			return 2 * int(binary.BigEndian.Uint16(tables["loca"][2*g:]))
		}
		return int(binary.BigEndian.Uint32(tables["loca"][4*g:]))
	}
	keep := map[int]bool{}
	for _, g := range glyphs {
		addGlyph(keep, int(g), func(g int) []byte { return tables["glyf"][offset(g):offset(g+1)] })
	}
	var glyf, loca []byte
	n := int(binary.BigEndian.Uint16(tables["maxp"][4:]))
	for g := range n {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if keep[g] {
			glyf = append(glyf, tables["glyf"][offset(g):offset(g+1)]...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	clear(head[8:12])                        // the sum over the whole file, which readers of embedded fonts do not ask for
	tables["glyf"], tables["loca"], tables["head"] = glyf, loca, head
	return assembled(tables, "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"), nil
}

// addGlyph keeps a glyph and its parts.
func addGlyph(keep map[int]bool, g int, outline func(int) []byte) {
	data := outline(g)
	if keep[g] {
		return
	}
	keep[g] = true
	if len(data) < 10 || int16(binary.BigEndian.Uint16(data)) >= 0 {
		return
	}
	const words, scale, more, twoScales, matrix = 1, 8, 32, 64, 128
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(data[at:])
		addGlyph(keep, int(binary.BigEndian.Uint16(data[at+2:])), outline)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// assembled is a font file of the tables.
func assembled(tables map[string][]byte, names ...string) []byte {
	names = slices.DeleteFunc(names, func(n string) bool { return tables[n] == nil })
	n, power, log := len(names), 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 * power, log, 16 * (n - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at := 12 + 16*n
	var body []byte
	for _, name := range names {
		t := slices.Clone(tables[name])
		for len(t)%4 != 0 {
			t = append(t, 0)
		}
		sum := uint32(0)
		for i := 0; i < len(t); i += 4 {
			sum += binary.BigEndian.Uint32(t[i:])
		}
		out = append(out, name...)
		for _, v := range []uint32{sum, uint32(at + len(body)), uint32(len(tables[name]))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, t...)
	}
	return append(out, body...)
}
