package imaging

import (
	"errors"

	"github.com/assay-gan/assay/internal/fault"
)

// Sentinels wrapped by the errors of this package.
var (
	ErrFormat = errors.New("not a readable image")  // unknown format, truncated or corrupt data
	ErrLimit  = errors.New("image over the limit")  // more pixels or bytes than allowed
	ErrShape  = errors.New("image shape not valid") // sizes that do not fit together
)

// Image is one picture, H x W x C, 8 bits a channel, row after row, channels last. C is 1 (grey) or 3 (RGB).
type Image struct {
	H, W, C int
	Pix     []uint8
}

// New returns a black image. It errors with ErrShape if a size is below 1 or C is neither 1 nor 3.
func New(h, w, c int) (*Image, error) {
	if h < 1 || w < 1 || (c != 1 && c != 3) {
		return nil, fault.Of(ErrShape, "image of %d x %d x %d: want positive sizes and 1 or 3 channels", h, w, c)
	}
	return &Image{H: h, W: w, C: c, Pix: make([]uint8, h*w*c)}, nil
}

// FromPix wraps pixels without copying. It errors with ErrShape if they are not h*w*c values.
func FromPix(h, w, c int, pix []uint8) (*Image, error) {
	if h < 1 || w < 1 || (c != 1 && c != 3) || len(pix) != h*w*c {
		return nil, fault.Of(ErrShape, "image of %d x %d x %d from %d values", h, w, c, len(pix))
	}
	return &Image{H: h, W: w, C: c, Pix: pix}, nil
}

// RGB returns the image with three channels: itself, or grey replicated, as Pillow's convert("RGB") does.
func (m *Image) RGB() *Image {
	if m.C == 3 {
		return m
	}
	out := &Image{H: m.H, W: m.W, C: 3, Pix: make([]uint8, 3*len(m.Pix))}
	for i, v := range m.Pix {
		out.Pix[3*i], out.Pix[3*i+1], out.Pix[3*i+2] = v, v, v
	}
	return out
}

// Grey returns the image with one channel: itself, or luma by the integer rule of ITU-R 601 that Pillow's convert("L") uses,
//
//	L = (19595 R + 38470 G + 7471 B + 32768) >> 16
func (m *Image) Grey() *Image {
	if m.C == 1 {
		return m
	}
	out := &Image{H: m.H, W: m.W, C: 1, Pix: make([]uint8, m.H*m.W)}
	for i := range out.Pix {
		p := m.Pix[3*i : 3*i+3]
		out.Pix[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 32768) >> 16)
	}
	return out
}

// Channels returns the image with 1 or 3 channels, converting by RGB or Grey.
func (m *Image) Channels(c int) (*Image, error) {
	switch c {
	case 1:
		return m.Grey(), nil
	case 3:
		return m.RGB(), nil
	}
	return nil, fault.Of(ErrShape, "%d channels wanted, have 1 and 3", c)
}
