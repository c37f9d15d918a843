package imaging

import (
	"github.com/assay-gan/assay/internal/fault"
)

// ContactSheet lays images out row by row on white, cols to a row, with pad pixels around and between. Cells have the size of the largest
// image, smaller ones are centred; the sheet is RGB if any image is. It errors with ErrShape without images, for cols < 1 or pad < 0.
func ContactSheet(images []*Image, cols, pad int) (*Image, error) {
	if len(images) == 0 || cols < 1 || pad < 0 {
		return nil, fault.Of(ErrShape, "contact sheet of %d images in %d columns with padding %d", len(images), cols, pad)
	}
	ch, cw, c := 1, 1, 1
	for _, m := range images {
		ch, cw, c = max(ch, m.H), max(cw, m.W), max(c, m.C)
	}
	cols = min(cols, len(images))
	rows := (len(images) + cols - 1) / cols
	sheet, err := New(rows*(ch+pad)+pad, cols*(cw+pad)+pad, c)
	if err != nil {
		return nil, err
	}
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for i, m := range images {
		if m, err = m.Channels(c); err != nil {
			return nil, err
		}
		top := pad + i/cols*(ch+pad) + (ch-m.H)/2
		left := pad + i%cols*(cw+pad) + (cw-m.W)/2
		for y := range m.H {
			copy(sheet.Pix[((top+y)*sheet.W+left)*c:], m.Pix[y*m.W*c:(y+1)*m.W*c])
		}
	}
	return sheet, nil
}
