package imaging

import (
	"image"
	"image/png"
	"io"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/fault"
)

// EncodePNG writes the image as 8-bit grey or RGB PNG.
func EncodePNG(w io.Writer, m *Image) error {
	if m == nil || m.H < 1 || m.W < 1 || (m.C != 1 && m.C != 3) || len(m.Pix) != m.H*m.W*m.C {
		return fault.Of(ErrShape, "encode PNG")
	}
	if m.C == 1 {
		return png.Encode(w, &image.Gray{Pix: m.Pix, Stride: m.W, Rect: image.Rect(0, 0, m.W, m.H)})
	}
	n := image.NewNRGBA(image.Rect(0, 0, m.W, m.H))
	for i := range m.H * m.W {
		copy(n.Pix[4*i:4*i+3], m.Pix[3*i:3*i+3])
		n.Pix[4*i+3] = 255
	}
	return png.Encode(w, n)
}

// SavePNG writes the image to a file, whole or not at all.
func SavePNG(path string, m *Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return EncodePNG(w, m) })
}
