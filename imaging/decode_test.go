package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodePolicies(t *testing.T) {
	r := image.Rect(0, 0, 2, 1)
	grey := &image.Gray{Pix: []uint8{7, 200}, Stride: 2, Rect: r}
	grey16 := &image.Gray16{Pix: []uint8{7, 255, 200, 0}, Stride: 4, Rect: r}
	rgba := &image.NRGBA{Pix: []uint8{10, 20, 30, 0, 40, 50, 60, 255}, Stride: 8, Rect: r}
	rgba16 := &image.NRGBA64{Pix: []uint8{1, 0xff, 2, 0xff, 3, 0xff, 255, 255, 4, 0, 5, 0, 6, 0, 255, 255}, Stride: 16, Rect: r}
	pal := &image.Paletted{Pix: []uint8{1, 0}, Stride: 2, Rect: r, Palette: color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{9, 8, 7, 128}}}
	tests := []struct {
		name string
		src  image.Image
		want *Image
		warn string
	}{
		{"grey stays one channel", grey, &Image{1, 2, 1, []uint8{7, 200}}, ""},
		{"16 bits keep the high byte: 0x07ff is 7, not 8", grey16, &Image{1, 2, 1, []uint8{7, 200}}, "16 bits"},
		{"alpha is dropped, colours under alpha 0 stay", rgba, &Image{1, 2, 3, []uint8{10, 20, 30, 40, 50, 60}}, "alpha"},
		{"16-bit colour", rgba16, &Image{1, 2, 3, []uint8{1, 2, 3, 4, 5, 6}}, "16 bits"},
		{"palette with a half-transparent entry", pal, &Image{1, 2, 3, []uint8{9, 8, 7, 1, 2, 3}}, "alpha"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, warn, err := Decode(bytes.NewReader(encodePNG(t, tt.src)), "x.png")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if all := strings.Join(warn, "\n"); (tt.warn == "") != (all == "") || !strings.Contains(all, tt.warn) {
				t.Errorf("warnings %q, want one with %q", warn, tt.warn)
			}
		})
	}
}

// bomb is a valid PNG header that promises 100000 x 100000 pixels in 45 bytes.
func bomb() []byte { return promise("\x00\x01\x86\xa0", 8) }

// promise is a valid PNG header of a square of that edge, RGBA of so many bits.
func promise(edge string, bits byte) []byte {
	ihdr := []byte("IHDR" + edge + edge + string(bits) + "\x06\x00\x00\x00")
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestDecodeRefuses(t *testing.T) {
	whole := encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 64, 64)))
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	corrupt := bytes.Clone(whole)
	corrupt[len(corrupt)/2] ^= 0xff
	tests := []struct {
		name string
		data []byte
		want error
		text string
	}{
		{"empty", nil, ErrFormat, "0 bytes"},
		{"text", []byte("hello, world"), ErrFormat, "68 65 6c"},
		{"png magic alone", []byte("\x89PNG\r\n\x1a\n"), ErrFormat, "header"},
		{"truncated png", whole[:len(whole)-20], ErrFormat, "truncated"},
		{"corrupt png", corrupt, ErrFormat, "corrupt"},
		{"truncated jpeg", jpg.Bytes()[:jpg.Len()-20], ErrFormat, "truncated"},
		{"gigapixel png", bomb(), ErrLimit, "100000 x 100000"},
		// 8192 x 8192 is below the limit of pixels, but 256 MiB of them (512 MiB with 16 bits) do not come out of 33 bytes.
		{"png of 256 MiB", promise("\x00\x00\x20\x00", 8), ErrLimit, "8192 x 8192 pixels: 33 bytes that unpack to 256.0 MiB"},
		{"png of 512 MiB", promise("\x00\x00\x20\x00", 16), ErrLimit, "512.0 MiB"},
		{"jpeg of 300 scans", append(jpg.Bytes(), bytes.Repeat([]byte("\xff\xda"), 300)...), ErrLimit, "scans"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _, err := Decode(bytes.NewReader(tt.data), "dir/x.png")
			if m != nil || !errors.Is(err, tt.want) {
				t.Fatalf("image %v, error %v, want %v", m != nil, err, tt.want)
			}
			if s := err.Error(); !strings.Contains(s, tt.text) || !strings.HasPrefix(s, "dir/x.png: ") || strings.Contains(s, "\n") {
				t.Errorf("error %q: want one line naming the file and %q", s, tt.text)
			}
		})
	}
	if _, _, err := (Limits{Bytes: 10}).Decode(bytes.NewReader(whole), "x"); !errors.Is(err, ErrLimit) {
		t.Errorf("byte limit: %v", err)
	}
	if _, _, err := (Limits{Pixels: 64*64 - 1}).DecodeBytes(whole, "x"); !errors.Is(err, ErrLimit) {
		t.Errorf("pixel limit: %v", err)
	}
	if _, _, err := (Limits{Pixels: 64 * 64}).DecodeBytes(whole, "x"); err != nil {
		t.Errorf("exactly the pixel limit: %v", err)
	}
}

func TestJPEGWarnsOfOrientation(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 16)), nil); err != nil {
		t.Fatal(err)
	}
	tiff := "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	exif := "\xff\xe1\x00\x22Exif\x00\x00" + tiff
	data := append([]byte("\xff\xd8"+exif), b.Bytes()[2:]...)
	m, warn, err := Decode(bytes.NewReader(data), "x.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if m.H != 16 || m.W != 8 {
		t.Errorf("%d x %d, want the stored 16 x 8", m.H, m.W)
	}
	if len(warn) != 2 || !strings.Contains(warn[0], "lossy") || !strings.Contains(warn[1], "orientation 6") {
		t.Errorf("warnings %q", warn)
	}
}

func TestGIFFirstFrameOnCanvas(t *testing.T) {
	p := color.Palette{color.NRGBA{200, 100, 50, 255}, color.NRGBA{1, 2, 3, 255}}
	first := image.NewPaletted(image.Rect(1, 1, 2, 2), p) // one pixel of colour 0 at (1, 1) of a 3 x 2 screen
	second := image.NewPaletted(image.Rect(0, 0, 3, 2), p)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{0, 0}, Config: image.Config{Width: 3, Height: 2, ColorModel: p}}); err != nil {
		t.Fatal(err)
	}
	m, _, err := Decode(&b, "x.gif")
	if err != nil {
		t.Fatal(err)
	}
	want := &Image{H: 2, W: 3, C: 3, Pix: make([]uint8, 18)}
	copy(want.Pix[12:], []uint8{200, 100, 50})
	if d := cmp.Diff(want, m); d != "" {
		t.Error(d)
	}
}

func TestQuantisers(t *testing.T) {
	tests := []struct {
		x                   float32
		half, t128, trunchf uint8
	}{
		{-1, 0, 0, 0},          // 127.5 (-1) + 128 = 0.5
		{0, 128, 128, 127},     // 127.5 rounds up; truncates down
		{1, 255, 255, 255},     // 255.5 clamps
		{2, 255, 255, 255},     // out of range clamps
		{-9, 0, 0, 0},          //
		{0.5, 191, 191, 191},   // 191.25; 191.75; 191.25
		{0.502, 192, 192, 191}, // 191.505 rounds up; 192.005; 191.505 truncates
		// x is the float32 just below -127/127.5: in float32 127.5 x rounds to -127, so 1 where exact arithmetic says 0.99999997.
		{-127 / 127.5, 0, 1, 0},
	}
	for _, tt := range tests {
		got := [3]uint8{Quantise(tt.x), Trunc128.Value(tt.x), TruncHalf.Value(tt.x)}
		if got != [3]uint8{tt.half, tt.t128, tt.trunchf} {
			t.Errorf("%v: got %v, want %v", tt.x, got, tt)
		}
	}
	all, err := New(16, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all.Pix {
		all.Pix[i] = uint8(i)
	}
	back, err := FromFloat(16, 16, 1, all.Float(nil))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(all, back); d != "" {
		t.Error("float and back:", d)
	}
	if _, err := FromFloat(2, 2, 1, make([]float32, 3)); !errors.Is(err, ErrShape) {
		t.Errorf("wrong size: %v", err)
	}
}

func TestContactSheet(t *testing.T) {
	a := &Image{1, 1, 1, []uint8{10}}
	b := &Image{1, 1, 3, []uint8{1, 2, 3}}
	s, err := ContactSheet([]*Image{a, b, a}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s.H != 5 || s.W != 5 || s.C != 3 {
		t.Fatalf("sheet %d x %d x %d, want 5 x 5 x 3", s.H, s.W, s.C)
	}
	at := func(y, x int) [3]uint8 { return [3]uint8(s.Pix[3*(5*y+x):]) }
	got := [][3]uint8{at(1, 1), at(1, 3), at(3, 1), at(3, 3), at(0, 0)}
	want := [][3]uint8{{10, 10, 10}, {1, 2, 3}, {10, 10, 10}, {255, 255, 255}, {255, 255, 255}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := ContactSheet(nil, 2, 1); !errors.Is(err, ErrShape) {
		t.Errorf("empty sheet: %v", err)
	}
}

func TestSavePNGIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	m := &Image{2, 1, 3, []uint8{1, 2, 3, 4, 5, 6}}
	if err := SavePNG(path, m); err != nil {
		t.Fatal(err)
	}
	got, warn, err := DecodeFile(path)
	if err != nil || len(warn) > 0 {
		t.Fatal(err, warn)
	}
	if d := cmp.Diff(m, got); d != "" {
		t.Error(d)
	}
	if err = SavePNG(path, &Image{2, 1, 3, nil}); err == nil {
		t.Error("an image without pixels was written")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files left after a failed write, want the old one alone (%v)", len(left), err)
	}
	if _, _, err := DecodeFile(path); err != nil {
		t.Errorf("the old file is damaged: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encodePNG(f, image.NewNRGBA(image.Rect(0, 0, 3, 3))))
	f.Add(encodePNG(f, image.NewGray16(image.Rect(0, 0, 3, 3))))
	f.Add(bomb())
	f.Add([]byte("RIFF\x24\x00\x00\x00WEBPVP8L"))
	f.Add([]byte("GIF89a"))
	f.Add([]byte("BM"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		m, _, err := (Limits{Pixels: 1 << 16}).DecodeBytes(data, "x")
		if err == nil && (m.H*m.W > 1<<16 || len(m.Pix) != m.H*m.W*m.C) {
			t.Fatalf("%d x %d x %d with %d values", m.H, m.W, m.C, len(m.Pix))
		}
	})
}
