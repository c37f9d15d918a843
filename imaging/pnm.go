package imaging

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
)

// The portable any-map family of Netpbm: a magic of P1 to P6, then width, height and (but for bitmaps) the value of white as decimal numbers, parted by blanks and
// comments, then the values: as decimal numbers (P1 to P3) or as bytes after one blank. Values of a white other than 255 are scaled to 8 bits and rounded half
// to even, as Pillow does; in bitmaps 1 is black.

type pnmHead struct {
	kind          byte // '1' to '6'
	w, h, channel int
	white         int
}

// pnmConfig reads the header alone.
func pnmConfig(r io.Reader) (image.Config, error) {
	h, err := readPNMHead(bufio.NewReader(r))
	model := color.Model(color.GrayModel)
	if h.channel == 3 {
		model = color.RGBAModel
	}
	return image.Config{ColorModel: model, Width: h.w, Height: h.h}, err
}

func readPNMHead(r *bufio.Reader) (h pnmHead, err error) {
	var magic [2]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil || magic[0] != 'P' || magic[1] < '1' || magic[1] > '6' {
		return h, errors.New("no magic of P1 to P6")
	}
	h = pnmHead{kind: magic[1], channel: 1, white: 1}
	if h.kind == '3' || h.kind == '6' {
		h.channel = 3
	}
	fields := []*int{&h.w, &h.h}
	if h.kind != '1' && h.kind != '4' {
		fields = append(fields, &h.white)
	}
	for _, to := range fields {
		if *to, err = pnmNumber(r); err != nil {
			return h, err
		}
	}
	if h.w < 1 || h.h < 1 || h.white < 1 || h.white > 65535 {
		return h, fmt.Errorf("%d x %d pixels with a white of %d", h.h, h.w, h.white)
	}
	return h, nil
}

// pnmNumber reads a decimal number and the one blank behind it.
func pnmNumber(r *bufio.Reader) (v int, err error) {
	for digits := 0; ; {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && digits > 0:
			return v, nil
		case err != nil:
			return 0, io.ErrUnexpectedEOF
		case b == '#':
			if _, err := r.ReadString('\n'); err != nil {
				return 0, io.ErrUnexpectedEOF
			}
			if digits > 0 {
				return v, nil
			}
		case b >= '0' && b <= '9':
			if v = 10*v + int(b-'0'); v > 1<<24 {
				return 0, errors.New("a number of more than 16777216")
			}
			digits++
		case b == ' ' || b >= '\t' && b <= '\r':
			if digits > 0 {
				return v, nil
			}
		default:
			return 0, fmt.Errorf("byte %#02x where a number should be", b)
		}
	}
}

// decodePNM reads one picture; what follows it in the file is left alone.
func decodePNM(in io.Reader) (image.Image, error) {
	r := bufio.NewReader(in)
	h, err := readPNMHead(r)
	if err != nil {
		return nil, err
	}
	out := make([]uint8, 0, h.w*h.h*h.channel)
	for range h.h {
		if out, err = h.row(r, out); err != nil {
			return nil, err
		}
	}
	if h.channel == 1 {
		return &image.Gray{Pix: out, Stride: h.w, Rect: image.Rect(0, 0, h.w, h.h)}, nil
	}
	m := image.NewNRGBA(image.Rect(0, 0, h.w, h.h))
	for i := range h.w * h.h {
		copy(m.Pix[4*i:], out[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m, nil
}

// row appends one row of values of 0 to 255.
func (h pnmHead) row(r *bufio.Reader, out []uint8) ([]uint8, error) {
	n := h.w * h.channel
	if h.kind == '4' {
		return h.bits(r, out)
	}
	for range n {
		v, err := h.value(r)
		if err != nil {
			return nil, err
		}
		if v > h.white && h.kind < '4' {
			return nil, fmt.Errorf("a value of %d over a white of %d", v, h.white)
		}
		switch {
		case h.kind == '1':
			v = 255 * (1 - v)
		case h.white != 255:
			v = min(255, int(math.RoundToEven(float64(v)/float64(h.white)*255)))
		}
		out = append(out, uint8(v))
	}
	return out, nil
}

// value reads one number as it is written.
func (h pnmHead) value(r *bufio.Reader) (int, error) {
	switch {
	case h.kind == '1': // digits need no blanks between them
		for {
			b, err := r.ReadByte()
			if err != nil {
				return 0, io.ErrUnexpectedEOF
			}
			if b == '0' || b == '1' {
				return int(b - '0'), nil
			}
			if b == '#' {
				_, _ = r.ReadString('\n')
			} else if b != ' ' && (b < '\t' || b > '\r') {
				return 0, fmt.Errorf("byte %#02x in a bitmap", b)
			}
		}
	case h.kind < '4':
		return pnmNumber(r)
	}
	hi, err := r.ReadByte()
	if err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	if h.white < 256 {
		return int(hi), nil
	}
	lo, err := r.ReadByte()
	if err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	return int(hi)<<8 | int(lo), nil
}

// bits reads a row of a binary bitmap: eight pixels a byte, the highest bit first, rows at whole bytes.
func (h pnmHead) bits(r *bufio.Reader, out []uint8) ([]uint8, error) {
	var b byte
	for x := range h.w {
		if x%8 == 0 {
			var err error
			if b, err = r.ReadByte(); err != nil {
				return nil, io.ErrUnexpectedEOF
			}
		}
		v := uint8(255)
		if b<<(x%8)&0x80 != 0 {
			v = 0
		}
		out = append(out, v)
	}
	return out, nil
}

// pnmDeep says whether the values have more than 8 bits.
func pnmDeep(data []byte) bool {
	h, err := readPNMHead(bufio.NewReader(bytes.NewReader(data)))
	return err == nil && h.white > 255
}
