package imaging

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// JPEG as libjpeg-turbo decodes it under Pillow, to the bit: its accurate integer inverse cosine transform, its "fancy" upsampling of chroma and its fixed-point
// colours. Go's own decoder rounds otherwise and repeats chroma samples, which on strongly compressed 4:2:0 files moves a Frechet distance. Sequential and progressive
// Huffman coding are read; arithmetic and lossless coding, 12 bits, and samplings that are no whole multiples of each other are refused.

// jpegComponent is one plane of a frame.
type jpegComponent struct {
	id, h, v, table int
	w, rows         int // samples of the plane that belong to the picture
	across, down    int // blocks in memory, whole MCUs
	coefs           []int16
	quant           *[64]uint16 // as it was when the component's first scan came
	plane           []uint8     // 8*across samples a row
}

type jpegDecoder struct {
	data        []byte
	at          int
	w, h        int
	hmax, vmax  int
	progressive bool
	comps       []jpegComponent
	quant       [4]*[64]uint16
	dc, ac      [4]*huffman
	restart     int
	jfif        bool
	adobe       int // transform of the Adobe marker, -1 without
	scans       int
	eobrun      int
}

var errJPEGShort = errors.New("the data end early")

// jpegConfig reads the header.
func jpegConfig(r io.Reader) (image.Config, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return image.Config{}, err
	}
	d := &jpegDecoder{data: data, adobe: -1}
	if err := d.markers(true); err != nil {
		return image.Config{}, err
	}
	model := color.Model(color.YCbCrModel)
	if len(d.comps) == 1 {
		model = color.GrayModel
	}
	return image.Config{ColorModel: model, Width: d.w, Height: d.h}, nil
}

// jpegInks says whether a picture has four components.
func jpegInks(data []byte) bool {
	d := &jpegDecoder{data: data, adobe: -1}
	return d.markers(true) == nil && len(d.comps) == 4
}

// decodeJPEG reads a picture: grey, or RGB (also of CMYK, which Pillow converts so).
func decodeJPEG(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	d := &jpegDecoder{data: data, adobe: -1}
	if err := d.markers(false); err != nil {
		return nil, err
	}
	for i := range d.comps {
		if d.comps[i].quant == nil {
			return nil, fmt.Errorf("component %d has no scan: %w", i, errJPEGShort)
		}
		d.comps[i].inverse()
	}
	return d.picture(), nil
}

// markers walks the segments up to the end of the picture, or up to its frame.
func (d *jpegDecoder) markers(headerOnly bool) error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != 0xd8 {
		return errors.New("no start of image")
	}
	d.at = 2
	for {
		m, err := d.nextMarker()
		if err != nil {
			return err
		}
		switch {
		case m == 0xd9:
			if d.comps == nil {
				return errors.New("no frame")
			}
			return nil
		case m >= 0xd0 && m <= 0xd7 || m == 0x01: // stray restarts stand alone
			continue
		}
		if d.at+2 > len(d.data) {
			return errJPEGShort
		}
		size := int(binary.BigEndian.Uint16(d.data[d.at:]))
		if size < 2 || d.at+size > len(d.data) {
			return errJPEGShort
		}
		body := d.data[d.at+2 : d.at+size]
		d.at += size
		if err := d.segment(m, body); err != nil {
			return err
		}
		if headerOnly && d.comps != nil {
			return nil
		}
	}
}

// nextMarker goes to the next marker, over what entropy coding may have left.
func (d *jpegDecoder) nextMarker() (byte, error) {
	for ; d.at+1 < len(d.data); d.at++ {
		if m := d.data[d.at+1]; d.data[d.at] == 0xff && m != 0 && m != 0xff {
			d.at += 2
			return m, nil
		}
	}
	return 0, errJPEGShort
}

func (d *jpegDecoder) segment(m byte, b []byte) error {
	switch m {
	case 0xc0, 0xc1, 0xc2:
		d.progressive = m == 0xc2
		return d.frame(b)
	case 0xc4:
		return d.tables(b)
	case 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xcc:
		return errors.New("arithmetic coding is not read: save as PNG")
	case 0xc3, 0xc5, 0xc6, 0xc7:
		return errors.New("lossless or hierarchical coding is not read: save as PNG")
	case 0xda:
		return d.scan(b)
	case 0xdb:
		return d.quantisers(b)
	case 0xdd:
		if len(b) < 2 {
			return errJPEGShort
		}
		d.restart = int(binary.BigEndian.Uint16(b))
	case 0xe0:
		d.jfif = d.jfif || len(b) >= 5 && string(b[:5]) == "JFIF\x00"
	case 0xee:
		if len(b) >= 12 && string(b[:5]) == "Adobe" {
			d.adobe = int(b[11])
		}
	}
	return nil
}

// frame reads the sizes and makes room for the coefficients.
func (d *jpegDecoder) frame(b []byte) error {
	if d.comps != nil {
		return errors.New("two frames")
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return errors.New("frame of a wrong length")
	}
	if b[0] != 8 {
		return fmt.Errorf("%d bits a sample are not read: save as PNG", b[0])
	}
	d.h, d.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if n := b[5]; d.h == 0 || d.w == 0 || n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("%d x %d pixels of %d components: save as PNG", d.h, d.w, n)
	}
	comps := make([]jpegComponent, b[5])
	for i := range comps {
		p := b[6+3*i:]
		c := jpegComponent{id: int(p[0]), h: int(p[1] >> 4), v: int(p[1] & 15), table: int(p[2])}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.table > 3 {
			return errors.New("sampling or table out of range")
		}
		for _, o := range comps[:i] {
			if o.id == c.id {
				return errors.New("two components of one name")
			}
		}
		d.hmax, d.vmax = max(d.hmax, c.h), max(d.vmax, c.v)
		comps[i] = c
	}
	for i := range comps {
		c := &comps[i]
		if d.hmax%c.h != 0 || d.vmax%c.v != 0 {
			return fmt.Errorf("sampling %dx%d against %dx%d is not read: save as PNG", c.h, c.v, d.hmax, d.vmax)
		}
		c.w, c.rows = ceilDiv(d.w*c.h, d.hmax), ceilDiv(d.h*c.v, d.vmax)
		c.across, c.down = ceilDiv(d.w, 8*d.hmax)*c.h, ceilDiv(d.h, 8*d.vmax)*c.v
	}
	d.comps = comps
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// quantisers reads tables in zigzag order.
func (d *jpegDecoder) quantisers(b []byte) error {
	for len(b) > 0 {
		wide, id := b[0]>>4, b[0]&15
		size := 64 << min(wide, 1)
		if wide > 1 || id > 3 || len(b) < 1+size {
			return errors.New("quantisation table out of range or cut")
		}
		t := &[64]uint16{}
		for k := range 64 {
			if wide == 0 {
				t[zigzag[k]] = uint16(b[1+k])
			} else {
				t[zigzag[k]] = binary.BigEndian.Uint16(b[1+2*k:])
			}
		}
		d.quant[id] = t
		b = b[1+size:]
	}
	return nil
}

// zigzag is the place in a block, row after row, of each coefficient in the order of the file.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}
