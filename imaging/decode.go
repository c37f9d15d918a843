package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Limits bound what one image may cost. The header is read first: a picture over the limit is refused before its pixels are allocated.
type Limits struct {
	Pixels int   // height times width; 0 means DefaultPixels
	Bytes  int64 // size of the file; 0 means DefaultBytes
}

// The default limits: 134 million pixels (11585 x 11585) and 512 MiB of file.
const (
	DefaultPixels = 1 << 27
	DefaultBytes  = 1 << 29
)

// codec is one file format, found by its first bytes.
type codec struct {
	name   string
	magic  string // '?' matches any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func codecs() []codec {
	return []codec{
		{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
		{"JPEG", "\xff\xd8\xff", jpegConfig, decodeJPEG},
		{"WebP", "RIFF????WEBP", webp.DecodeConfig, webp.Decode},
		{"BMP", "BM", bmp.DecodeConfig, bmp.Decode},
		{"GIF", "GIF8?a", gif.DecodeConfig, decodeGIF},
		{"TIFF", "II*\x00", tiff.DecodeConfig, decodeTIFF},
		{"TIFF", "MM\x00*", tiff.DecodeConfig, decodeTIFF},
		{"PNM", "P1", pnmConfig, decodePNM},
		{"PNM", "P2", pnmConfig, decodePNM},
		{"PNM", "P3", pnmConfig, decodePNM},
		{"PNM", "P4", pnmConfig, decodePNM},
		{"PNM", "P5", pnmConfig, decodePNM},
		{"PNM", "P6", pnmConfig, decodePNM},
	}
}

// Decode reads one PNG, JPEG, WebP, BMP, GIF, TIFF, PPM, PGM or PBM under the default limits. The name only serves the messages. See DecodeBytes for the policies.
func Decode(r io.Reader, name string) (*Image, []string, error) { return Limits{}.Decode(r, name) }

// DecodeFile reads one image file under the default limits.
func DecodeFile(path string) (*Image, []string, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return Decode(f, path)
}

// Decode reads one image under these limits.
func (l Limits) Decode(r io.Reader, name string) (*Image, []string, error) {
	max := l.Bytes
	if max <= 0 {
		max = DefaultBytes
	}
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > max {
		return nil, nil, fault.Of(ErrLimit, "%s: more than %d bytes", name, max)
	}
	return l.DecodeBytes(data, name)
}

// DecodeBytes decodes a whole image file held in memory. The policies, each told in a warning where it took effect:
//
//   - grey stays one channel; everything else becomes RGB;
//   - palettes are expanded; alpha is dropped, not blended: the stored colours are kept, as Pillow's convert("RGB") does;
//   - 16 bits a channel keep the high byte, as libpng's strip-16 and Pillow do for RGB;
//   - CMYK becomes (255 - ink)(255 - key)/255, its inks taken for stored upside down as Adobe does; no colour profile is ever applied;
//   - the EXIF orientation is not applied: pixels stay as stored, which is what every peer scores;
//   - TIFF gives its first picture; one with an orientation, or with colours multiplied by alpha, is refused, because other tools change those;
//   - PPM, PGM and PBM of another white than 255 are scaled to it and rounded half to even;
//   - GIF gives its first frame on a black canvas; animated WebP is refused;
//   - JPEG and lossy WebP are read with a warning: they are no exact metric input.
//
// It errors with ErrFormat on empty, unknown, truncated or corrupt data and with ErrLimit on images over the limits.
func (l Limits) DecodeBytes(data []byte, name string) (*Image, []string, error) {
	if len(data) == 0 {
		return nil, nil, fault.Of(ErrFormat, "%s: the file is empty (0 bytes)", name)
	}
	c, ok := sniff(data)
	if !ok {
		return nil, nil, fault.Of(ErrFormat, "%s: begins with % x, which is no PNG, JPEG, WebP, BMP, GIF, TIFF, PPM, PGM or PBM", name, data[:min(8, len(data))])
	}
	cfg, err := c.config(bytes.NewReader(data))
	if err != nil {
		return nil, nil, fault.Of(ErrFormat, "%s: %s header (%d bytes): %w", name, c.name, len(data), err)
	}
	if cfg.Width < 1 || cfg.Height < 1 {
		return nil, nil, fault.Of(ErrFormat, "%s: %s of %d x %d pixels", name, c.name, cfg.Height, cfg.Width)
	}
	limit := l.Pixels
	if limit <= 0 {
		limit = DefaultPixels
	}
	if cfg.Width > limit/cfg.Height {
		return nil, nil, fault.Of(ErrLimit, "%s: %s of %d x %d pixels, the limit is %d pixels in all", name, c.name, cfg.Height, cfg.Width, limit)
	}
	if err := plausible(cfg, c.name, data); err != nil {
		return nil, nil, fault.Of(ErrLimit, "%s: %s of %d x %d pixels: %w", name, c.name, cfg.Height, cfg.Width, err)
	}
	src, err := c.decode(bytes.NewReader(data))
	if err != nil {
		return nil, nil, fault.Of(ErrFormat, "%s: %s data (%d bytes, truncated or corrupt): %w", name, c.name, len(data), err)
	}
	b := src.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 {
		return nil, nil, fault.Of(ErrFormat, "%s: %s without pixels", name, c.name)
	}
	rgb := color.YCbCrToRGB
	if c.name == "WebP" {
		rgb = studioRGB
	}
	img, warn := convert(src, rgb)
	if c.name == "JPEG" && jpegInks(data) {
		warn = append(warn, "CMYK is converted without a colour profile")
	}
	warn = append(formatWarnings(c.name, data), warn...)
	for i, w := range warn {
		warn[i] = name + ": " + w
	}
	return img, warn, nil
}

// maxScans bounds the passes over all pixels that a progressive JPEG may ask for; encoders use about ten.
const maxScans = 200

// plausible refuses a file whose pixels would take memory or time out of proportion to its bytes. The header alone is known of it: a decoder makes room for
// all pixels before it finds that they are not there.
func plausible(cfg image.Config, format string, data []byte) error {
	if n := bytes.Count(data, []byte("\xff\xda")); format == "JPEG" && n > maxScans {
		return fmt.Errorf("%d scans, at most %d are read", n, maxScans)
	}
	deep := int64(4) // bytes of a decoded pixel; palettes and GIF get a canvas
	switch cfg.ColorModel {
	case color.GrayModel:
		deep = 1
	case color.Gray16Model:
		deep = 2
	case color.RGBA64Model, color.NRGBA64Model:
		deep = 8
	}
	return inputfile.Grown(int64(len(data)), int64(cfg.Width)*int64(cfg.Height)*deep)
}

func sniff(data []byte) (codec, bool) {
next:
	for _, c := range codecs() {
		if len(data) < len(c.magic) {
			continue
		}
		for i := range len(c.magic) {
			if m := c.magic[i]; m != '?' && m != data[i] {
				continue next
			}
		}
		return c, true
	}
	return codec{}, false
}

// formatWarnings says what the container alone implies.
func formatWarnings(format string, data []byte) []string {
	var w []string
	switch format {
	case "JPEG":
		w = append(w, "JPEG is lossy: use PNG for scores to publish (the pixels are those of Pillow, to the bit)")
		if o := jpegOrientation(data); o > 1 {
			w = append(w, fmt.Sprintf("EXIF orientation %d is not applied: pixels are taken as stored, as other tools do", o))
		}
	case "WebP":
		if len(data) < 16 || !bytes.Contains(data[:min(len(data), 1<<16)], []byte("VP8L")) {
			w = append(w, "lossy WebP: use PNG for scores to publish (chroma is not smoothed as libwebp does: up to 30 grey levels apart at coloured edges)")
		}
	case "TIFF":
		if tiffPages(data) > 1 {
			w = append(w, "TIFF of several pictures: first one only")
		}
	case "PNM":
		if pnmDeep(data) {
			w = append(w, "16 bits a channel: scaled to 8 bits")
		}
	case "GIF":
		w = append(w, "GIF: first frame only, at most 256 colours")
	}
	return w
}

// decodeGIF puts the first frame on a black canvas of the logical screen's size, so that frames cut to their changed part keep their place.
func decodeGIF(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	cfg, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, cfg.Width, cfg.Height)
	if frame.Bounds() == screen {
		return frame, nil
	}
	out := image.NewNRGBA(screen)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	b := frame.Bounds().Intersect(screen)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.Set(x, y, frame.At(x, y))
		}
	}
	return out, nil
}
