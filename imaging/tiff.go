package imaging

import (
	"bytes"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/tiff"
)

// decodeTIFF reads the first picture of a TIFF file. What Pillow would read otherwise than as stored pixels is refused.
func decodeTIFF(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if o := tiffOrientation(data); o > 1 {
		return nil, fmt.Errorf("orientation %d: other tools turn such a picture: save as PNG", o)
	}
	m, err := tiff.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: save as PNG", err)
	}
	if p, ok := m.(*image.RGBA); ok && !p.Opaque() {
		return nil, fmt.Errorf("colours multiplied by alpha: save as PNG")
	}
	return m, nil
}

// tiffPages counts the pictures of a TIFF file, up to 2.
func tiffPages(t []byte) int {
	order, at, ok := tiffDirectory(t)
	if !ok {
		return 0
	}
	next := at + 2 + 12*int64(order.Uint16(t[at:]))
	if next+4 > int64(len(t)) || order.Uint32(t[next:]) == 0 {
		return 1
	}
	return 2
}
