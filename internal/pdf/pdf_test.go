package pdf

import (
	"bytes"
	"compress/zlib"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

func drawn(t *testing.T) []byte {
	t.Helper()
	p, err := New("A (title) \\ with ü", 200, 100)
	if err != nil {
		t.Fatal(err)
	}
	red := &Colour{1, 0, 0}
	p.Rect(Style{Fill: red, Alpha: .5}, 10, 10, 30, 20)
	p.Circle(Style{Stroke: red, Width: 2, Dash: []float64{4, 3}, Alpha: 1}, 60, 40, 1e-7)
	p.Path(Style{Stroke: red, Width: 1, Alpha: .5, Round: true}, []float64{0, 10, 20, 30}, []float64{0, 10, 20, 30}, []bool{false, true, false, true}, false)
	p.Write(Text{Text: "Fréchet ≈ 0.5 ✕ 模", Size: 12, Anchor: End, Alpha: 1}, 100, 50)
	p.Write(Text{Text: "ab", Size: 10, Rise: 45, Anchor: Middle, Alpha: 1}, 50, 50)
	var b bytes.Buffer
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// streams are the unpacked streams of a file.
func streams(t *testing.T, file []byte) (all [][]byte) {
	t.Helper()
	for _, m := range regexp.MustCompile(`/Length (\d+) `).FindAllSubmatchIndex(file, -1) {
		n, _ := strconv.Atoi(string(file[m[2]:m[3]]))
		from := m[1] + bytes.Index(file[m[1]:], []byte("stream\n")) + len("stream\n")
		z, err := zlib.NewReader(bytes.NewReader(file[from : from+n]))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(file[from+n:], []byte("\nendstream")) {
			t.Error("a stream does not end where its length says")
		}
		all = append(all, b)
	}
	return all
}

func TestFileIsWellFormed(t *testing.T) {
	file := drawn(t)
	if !bytes.Equal(file, drawn(t)) {
		t.Error("the same picture has other bytes")
	}
	at := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(file)
	start, _ := strconv.Atoi(string(at[1]))
	if !bytes.HasPrefix(file[start:], []byte("xref\n")) {
		t.Fatal("startxref does not lead to the table")
	}
	for i, m := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(file[start:], -1) {
		o, _ := strconv.Atoi(string(m[1]))
		if !bytes.HasPrefix(file[o:], []byte(strconv.Itoa(i+1)+" 0 obj\n")) {
			t.Errorf("object %d is not at %d", i+1, o)
		}
	}
	for _, want := range []string{"/MediaBox [0 0 200 100]", "/A0 << /ca 0.5 /CA 0.5 >>", "/Title <FEFF0041", "/FontFile2"} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	if bytes.Contains(file, []byte("/CreationDate")) {
		t.Error("a date makes the bytes others each time")
	}
}

func TestBody(t *testing.T) {
	body := string(streams(t, drawn(t))[0])
	for _, want := range []string{"1 0 0 -1 0 100 cm", "q\n/A0 gs\n1 0 0 rg\n10 10 30 20 re\nf\nQ", "[4 3 ] 0 d", "0 0 m\n10 10 l\n20 20 m\n30 30 l\nS"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if strings.ContainsAny(body, "eE") && regexp.MustCompile(`\d[eE][-+]?\d`).MatchString(body) {
		t.Error("a number with an exponent, which the format does not know")
	}
	// The text ends at 100: its beginning and its width by the font's own advances.
	m := regexp.MustCompile(`/F 12 Tf 1 0 0 -1 ([\d.]+) 50 Tm <([0-9A-F]+)> Tj`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no text in\n%s", body)
	}
	from, _ := strconv.ParseFloat(m[1], 64)
	face, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	width := 0.0
	for i := 0; i < len(m[2]); i += 4 {
		g, _ := strconv.ParseUint(m[2][i:i+4], 16, 16)
		a, err := face.GlyphAdvance(nil, sfnt.GlyphIndex(g), fixed.I(2048), 0)
		if err != nil {
			t.Fatal(err)
		}
		width += float64(a) / 64 / 2048 * 12
	}
	if math.Abs(from+width-100) > .05 {
		t.Errorf("the text reaches from %v over %v", from, width)
	}
	if !strings.Contains(body, "0.707 -0.707 -0.707 -0.707") {
		t.Errorf("the rising text does not rise:\n%s", body)
	}
}

// The embedded font keeps the outlines of what is written, at their places, and those alone; what the font lacks is the empty box.
func TestFontHoldsWhatIsWritten(t *testing.T) {
	all := streams(t, drawn(t))
	part := all[1]
	if len(part) > len(goregular.TTF)/3 {
		t.Errorf("%d bytes of %d", len(part), len(goregular.TTF))
	}
	whole, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	index := func(r rune) int {
		g, failed := whole.GlyphIndex(nil, r)
		if failed != nil {
			t.Fatal(failed)
		}
		return int(g)
	}
	outline := func(ttf []byte, g int) []byte {
		var glyf, loca []byte
		long := false
		for i := range int(ttf[4])<<8 | int(ttf[5]) {
			d := ttf[12+16*i:]
			at, n := int(d[8])<<24|int(d[9])<<16|int(d[10])<<8|int(d[11]), int(d[12])<<24|int(d[13])<<16|int(d[14])<<8|int(d[15])
			switch string(d[:4]) {
			case "glyf":
				glyf = ttf[at : at+n]
			case "loca":
				loca = ttf[at : at+n]
			case "head":
				long = ttf[at+51] == 1
			}
		}
		offset := func(g int) int {
			if long {
				return int(loca[4*g])<<24 | int(loca[4*g+1])<<16 | int(loca[4*g+2])<<8 | int(loca[4*g+3])
			}
			return 2 * (int(loca[2*g])<<8 | int(loca[2*g+1]))
		}
		return glyf[offset(g):offset(g+1)]
	}
	for _, r := range "Fréchet≈×ab" {
		if want := outline(goregular.TTF, index(r)); len(want) == 0 || !bytes.HasPrefix(outline(part, index(r)), want) {
			t.Errorf("%c has another outline", r)
		}
	}
	if len(outline(part, index('Z'))) != 0 {
		t.Error("Z is there and was not written")
	}
	names := string(all[2])
	if !strings.Contains(names, "<00E9>") || !strings.Contains(names, "<2248>") {
		t.Errorf("the text cannot be copied:\n%s", names)
	}
	p, err := New("", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if g := p.font.shape("模"); len(g) != 1 || g[0] != 0 {
		t.Errorf("a character that the font lacks is glyph %v", g)
	}
}
