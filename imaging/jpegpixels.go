package imaging

import "image"

// The inverse cosine transform of libjpeg (jidctint, "islow") after Loeffler, Ligtenberg and Moschytz with 13 bits of fraction: columns first, with 2 bits kept
// between the passes.
const (
	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

// inverse makes samples of the coefficients.
func (c *jpegComponent) inverse() {
	stride := 8 * c.across
	c.plane = make([]uint8, stride*8*c.down)
	var b [64]int32
	for y := range c.down {
		for x := range c.across {
			coefs := c.coefs[64*(y*c.across+x):]
			for i := range b {
				b[i] = int32(coefs[i]) * int32(c.quant[i])
			}
			for i := range 8 {
				idct8(b[i:], 8, 11)
			}
			for i := range 8 {
				idct8(b[8*i:], 1, 18)
			}
			at := 8*y*stride + 8*x
			for i, v := range b {
				c.plane[at+i/8*stride+i%8] = clamp(v + 128)
			}
		}
	}
	c.coefs = nil
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// idct8 transforms eight values that lie step apart, and shifts the fraction off, rounded.
func idct8(b []int32, step int, shift uint) {
	x := [8]int32{b[0], b[step], b[2*step], b[3*step], b[4*step], b[5*step], b[6*step], b[7*step]}
	z1 := (x[2] + x[6]) * fix0541196100
	t2, t3 := z1-x[6]*fix1847759065, z1+x[2]*fix0765366865
	t0, t1 := (x[0]+x[4])<<13, (x[0]-x[4])<<13
	t10, t13, t11, t12 := t0+t3, t0-t3, t1+t2, t1-t2

	t0, t1, t2, t3 = x[7], x[5], x[3], x[1]
	z1, z2, z3, z4 := t0+t3, t1+t2, t0+t2, t1+t3
	z5 := (z3 + z4) * fix1175875602
	t0, t1, t2, t3 = t0*fix0298631336, t1*fix2053119869, t2*fix3072711026, t3*fix1501321110
	z1, z2, z3, z4 = -z1*fix0899976223, -z2*fix2562915447, z5-z3*fix1961570560, z5-z4*fix0390180644
	t0, t1, t2, t3 = t0+z1+z3, t1+z2+z4, t2+z2+z3, t3+z1+z4

	half := int32(1) << (shift - 1)
	b[0], b[7*step] = (t10+t3+half)>>shift, (t10-t3+half)>>shift
	b[step], b[6*step] = (t11+t2+half)>>shift, (t11-t2+half)>>shift
	b[2*step], b[5*step] = (t12+t1+half)>>shift, (t12-t1+half)>>shift
	b[3*step], b[4*step] = (t13+t0+half)>>shift, (t13-t0+half)>>shift
}

// row writes row y of the full picture, upsampled from the component's plane, as libjpeg chooses: a triangle filter where chroma has half the samples across, down
// or both, repetition otherwise.
func (c *jpegComponent) row(dst []uint8, y, hmax, vmax int) {
	stride, fx, fy := 8*c.across, hmax/c.h, vmax/c.v
	line := func(r int) []uint8 {
		r = min(max(r, 0), c.rows-1)
		return c.plane[r*stride : r*stride+c.w]
	}
	near := line(y / fy)
	other := line(y/fy - 1 + 2*(y%fy)) // with two rows for one: the one above for the upper, the one below for the lower
	switch {
	case fx == 1 && fy == 1:
		copy(dst, near)
	case fx == 2 && fy == 1 && c.w > 2:
		upAcross(dst, near)
	case fx == 1 && fy == 2:
		bias := 1 + y%2
		for x := range dst {
			dst[x] = uint8((3*int(near[x]) + int(other[x]) + bias) >> 2)
		}
	case fx == 2 && fy == 2 && c.w > 2:
		upBoth(dst, near, other)
	default:
		for x := range dst {
			dst[x] = near[x/fx]
		}
	}
}

// upAcross doubles a row: each new sample is three parts the nearer and one part the farther one.
func upAcross(dst, in []uint8) {
	last := len(in) - 1
	for x := range dst {
		i := x / 2
		switch v := 3 * int(in[i]); {
		case x == 0 || x == 2*last+1:
			dst[x] = in[i]
		case x%2 == 0:
			dst[x] = uint8((v + int(in[i-1]) + 1) >> 2)
		default:
			dst[x] = uint8((v + int(in[i+1]) + 2) >> 2)
		}
	}
}

// upBoth doubles a row that lies between two, in the same parts both ways.
func upBoth(dst, near, other []uint8) {
	sum := func(i int) int { return 3*int(near[i]) + int(other[i]) }
	last := len(near) - 1
	for x := range dst {
		i := x / 2
		this := sum(i)
		switch {
		case x == 0:
			dst[x] = uint8((4*this + 8) >> 4)
		case x == 2*last+1:
			dst[x] = uint8((4*this + 7) >> 4)
		case x%2 == 0:
			dst[x] = uint8((3*this + sum(i-1) + 8) >> 4)
		default:
			dst[x] = uint8((3*this + sum(i+1) + 7) >> 4)
		}
	}
}

// colours says what the components mean, as libjpeg guesses it: whether three of them are luma and chroma, and for four whether the first three are.
func (d *jpegDecoder) chroma() bool {
	switch {
	case len(d.comps) == 4:
		return d.adobe > 0
	case d.jfif:
		return true
	case d.adobe >= 0:
		return d.adobe != 0
	}
	return d.comps[0].id != 'R' || d.comps[1].id != 'G' || d.comps[2].id != 'B'
}

// picture upsamples the planes and converts the colours.
func (d *jpegDecoder) picture() image.Image {
	rect := image.Rect(0, 0, d.w, d.h)
	if len(d.comps) == 1 {
		m := image.NewGray(rect)
		for y := range d.h {
			d.comps[0].row(m.Pix[y*m.Stride:y*m.Stride+d.w], y, d.hmax, d.vmax)
		}
		return m
	}
	m := image.NewNRGBA(rect)
	rows := make([][]uint8, len(d.comps))
	for i := range rows {
		rows[i] = make([]uint8, d.w)
	}
	chroma := d.chroma()
	for y := range d.h {
		for i := range d.comps {
			d.comps[i].row(rows[i], y, d.hmax, d.vmax)
		}
		for x := range d.w {
			p := m.Pix[y*m.Stride+4*x : y*m.Stride+4*x+4]
			p[0], p[1], p[2], p[3] = rows[0][x], rows[1][x], rows[2][x], 255
			if chroma {
				p[0], p[1], p[2] = fullRGB(p[0], p[1], p[2])
			}
			if len(rows) == 4 {
				inks(p, rows[3][x], chroma)
			}
		}
	}
	return m
}

// fullRGB converts luma and chroma of the full range in 16 bits of fraction, as libjpeg does.
func fullRGB(y, cb, cr uint8) (r, g, b uint8) {
	l, u, v := int32(y), int32(cb)-128, int32(cr)-128
	const half = 1 << 15
	return clamp(l + (91881*v+half)>>16), clamp(l + (-22554*u+half-46802*v)>>16), clamp(l + (116130*u+half)>>16)
}

// inks converts four inks to RGB, as Pillow does: it takes them for stored upside down, as Adobe writes them, whether the file says so or not. Of luma and chroma the
// colours are those of the inks' complement.
func inks(p []uint8, key uint8, chroma bool) {
	for i := range 3 {
		ink := int32(255 - p[i]) // turned back up
		if chroma {
			ink = int32(p[i])
		}
		part := ink*int32(key) + 128
		p[i] = clamp(int32(key) - (part>>8+part)>>8)
	}
}
