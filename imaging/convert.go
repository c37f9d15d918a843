package imaging

import (
	"image"
	"image/color"
)

const warn16 = "16 bits a channel: the high byte is kept"

// convert copies a decoded picture into 8-bit grey or RGB and tells what it dropped; rgb is the meaning of luma and chroma without alpha.
func convert(src image.Image, rgb func(y, cb, cr uint8) (r, g, b uint8)) (*Image, []string) {
	b := src.Bounds()
	h, w := b.Dy(), b.Dx()
	switch s := src.(type) {
	case *image.Gray:
		m := &Image{H: h, W: w, C: 1, Pix: make([]uint8, h*w)}
		for y := range h {
			copy(m.Pix[y*w:(y+1)*w], s.Pix[y*s.Stride:])
		}
		return m, nil
	case *image.Gray16:
		m := &Image{H: h, W: w, C: 1, Pix: make([]uint8, h*w)}
		for y := range h {
			for x := range w {
				m.Pix[y*w+x] = s.Pix[y*s.Stride+2*x]
			}
		}
		return m, []string{warn16}
	}
	m := &Image{H: h, W: w, C: 3, Pix: make([]uint8, 3*h*w)}
	switch s := src.(type) {
	case *image.NRGBA:
		return m, alphaWarning(interleaved(m, s.Pix, s.Stride, 4, 1))
	case *image.RGBA: // made by decoders of opaque formats only, where premultiplied and stored colours agree
		return m, alphaWarning(interleaved(m, s.Pix, s.Stride, 4, 1))
	case *image.NRGBA64:
		return m, append([]string{warn16}, alphaWarning(interleaved(m, s.Pix, s.Stride, 8, 2))...)
	case *image.RGBA64:
		return m, append([]string{warn16}, alphaWarning(interleaved(m, s.Pix, s.Stride, 8, 2))...)
	case *image.Paletted:
		return m, paletted(m, s)
	case *image.CMYK:
		for y := range h {
			for x := range w {
				p := s.Pix[y*s.Stride+4*x:]
				d := m.Pix[3*(y*w+x):]
				d[0], d[1], d[2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
			}
		}
		return m, []string{"CMYK is converted without a colour profile"}
	case *image.NYCbCrA: // only WebP makes these
		ycbcr(m, &s.YCbCr, studioRGB)
		opaque := true
		for _, a := range s.A {
			opaque = opaque && a == 255
		}
		return m, alphaWarning(opaque)
	case *image.YCbCr:
		ycbcr(m, s, rgb)
		return m, nil
	}
	opaque := true
	for y := range h {
		for x := range w {
			c := color.NRGBAModel.Convert(src.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			d := m.Pix[3*(y*w+x):]
			d[0], d[1], d[2] = c.R, c.G, c.B
			opaque = opaque && c.A == 255
		}
	}
	return m, alphaWarning(opaque)
}

// interleaved copies red, green and blue out of pixels of the given size, whose channels lie step bytes apart, and says whether all are opaque.
func interleaved(m *Image, pix []uint8, stride, size, step int) (opaque bool) {
	opaque = true
	for y := range m.H {
		row := pix[y*stride:]
		d := m.Pix[3*y*m.W:]
		for x := range m.W {
			p := row[size*x : size*x+size]
			d[3*x], d[3*x+1], d[3*x+2] = p[0], p[step], p[2*step]
			opaque = opaque && p[3*step] == 255
		}
	}
	return opaque
}

// studioRGB converts the video range of ITU-R 601 (black 16, white 235), which VP8 stores and Go's image package takes for the full range of JPEG.
func studioRGB(y, cb, cr uint8) (r, g, b uint8) {
	l, u, v := 255.0/219*(float64(y)-16), 255.0/224*(float64(cb)-128), 255.0/224*(float64(cr)-128)
	clip := func(x float64) uint8 { return uint8(min(max(x+0.5, 0), 255)) }
	return clip(l + float64(1.402*v)), clip(l - float64(0.344136*u) - float64(0.714136*v)), clip(l + float64(1.772*u))
}

func ycbcr(m *Image, s *image.YCbCr, rgb func(y, cb, cr uint8) (r, g, b uint8)) {
	b := s.Bounds()
	for y := range m.H {
		for x := range m.W {
			yi, ci := s.YOffset(b.Min.X+x, b.Min.Y+y), s.COffset(b.Min.X+x, b.Min.Y+y)
			d := m.Pix[3*(y*m.W+x):]
			d[0], d[1], d[2] = rgb(s.Y[yi], s.Cb[ci], s.Cr[ci])
		}
	}
}

func paletted(m *Image, s *image.Paletted) []string {
	table := make([]color.NRGBA, 256) // an index past the palette is black, as in Pillow
	for i, c := range s.Palette {
		table[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	for i := len(s.Palette); i < len(table); i++ {
		table[i].A = 255
	}
	opaque := true
	for y := range m.H {
		for x := range m.W {
			c := table[s.Pix[y*s.Stride+x]]
			d := m.Pix[3*(y*m.W+x):]
			d[0], d[1], d[2] = c.R, c.G, c.B
			opaque = opaque && c.A == 255
		}
	}
	return alphaWarning(opaque)
}

func alphaWarning(opaque bool) []string {
	if opaque {
		return nil
	}
	return []string{"alpha is dropped: the stored colours are kept unblended"}
}
