package imaging

import (
	"bytes"
	"encoding/binary"
)

// jpegOrientation is the EXIF orientation tag (1..8) of a JPEG file, 0 where there is none or the data cannot be followed. It never fails: the
// tag only feeds a warning.
func jpegOrientation(data []byte) int {
	for p := 2; p+4 <= len(data) && data[p] == 0xff; {
		marker, size := data[p+1], int(binary.BigEndian.Uint16(data[p+2:]))
		if marker == 0xda || size < 2 || p+2+size > len(data) { // start of scan: no more headers
			return 0
		}
		body := data[p+4 : p+2+size]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		p += 2 + size
	}
	return 0
}

// tiffDirectory finds the first directory of a TIFF header, which Exif's is too: the byte order and where the directory's count stands; false where the bytes end before.
func tiffDirectory(t []byte) (order binary.ByteOrder, at int64, ok bool) {
	if len(t) < 8 {
		return nil, 0, false
	}
	order = binary.LittleEndian
	if t[0] == 'M' {
		order = binary.BigEndian
	}
	at = int64(order.Uint32(t[4:]))
	return order, at, at+2 <= int64(len(t))
}

// tiffOrientation looks tag 0x0112 up in the first directory of a TIFF header.
func tiffOrientation(t []byte) int {
	order, at, ok := tiffDirectory(t)
	if !ok {
		return 0
	}
	dir := t[at:]
	for i := range int(order.Uint16(dir)) {
		if 2+12*i+12 > len(dir) {
			return 0
		}
		e := dir[2+12*i:]
		if order.Uint16(e) == 0x0112 {
			if v := int(order.Uint16(e[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}
