package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// A TFRecord file is a row of records: length (8 bytes), checksum of the length, data, checksum of the data. Each datum is a tf.train.Example, a
// protocol buffer that maps names to lists; the image is a file under one of the names below, or StyleGAN's "data" of bytes with a "shape" of
// channels x height x width. Labels are not read: they would cost a pass over the whole file.

var recordKeys = []string{"image/encoded", "image", "image_raw", "img", "jpeg", "png"}

// isRecord tells the format by its first checksum, since it has no mark.
func isRecord(head []byte) bool {
	return len(head) >= 12 && tensorfile.MaskedCRC(head[:8]) == binary.LittleEndian.Uint32(head[8:])
}

// recordFile lists a file that stays on disk.
func (s *Set) recordFile(path string) error {
	f, size, err := inputfile.Open(path)
	if err != nil {
		return err
	}
	s.close = append(s.close, f.Close)
	return s.records(path, f, size)
}

// records walks the lengths; data are read, and their checksum compared, when an image is wanted.
func (s *Set) records(path string, r io.ReaderAt, size int64) error {
	s.Kind = "tfrecord"
	var head [12]byte
	for at := int64(0); at < size; {
		if _, err := r.ReadAt(head[:], at); err != nil {
			return fault.Of(ErrSource, "%s: TFRecord %d: truncated", path, len(s.Items))
		}
		n := binary.LittleEndian.Uint64(head[:])
		if !isRecord(head[:]) || n > uint64(size-at) || int64(n) > size-at-16 {
			return fault.Of(ErrSource, "%s: TFRecord %d at byte %d: truncated or corrupt", path, len(s.Items), at)
		}
		name, from, length := number(len(s.Items)), at+12, int64(n)
		s.Items = append(s.Items, Item{Name: name, Label: -1, image: func() (*imaging.Image, error) {
			if length > s.most() {
				return nil, fault.Of(imaging.ErrLimit, "%s: a record of %d bytes", name, length)
			}
			b := make([]byte, length+4)
			if _, err := r.ReadAt(b, from); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if tensorfile.MaskedCRC(b[:length]) != binary.LittleEndian.Uint32(b[length:]) {
				return nil, fault.Of(imaging.ErrFormat, "%s: the record's checksum does not fit: corrupt", name)
			}
			return s.example(b[:length], name)
		}})
		at += length + 16
	}
	return nil
}

// example decodes the image of one tf.train.Example.
func (s *Set) example(b []byte, name string) (*imaging.Image, error) {
	values := map[string][]byte{}
	var names []string
	bad := fields(b, func(id uint64, features []byte) bool {
		return id != 1 || !fields(features, func(_ uint64, entry []byte) bool {
			var key string
			var feature []byte
			ok := !fields(entry, func(id uint64, v []byte) bool {
				if id == 1 {
					key = string(v)
				} else {
					feature = v
				}
				return true
			})
			values[key] = feature
			names = append(names, key)
			return ok
		})
	})
	if bad {
		return nil, fault.Of(imaging.ErrFormat, "%s: no tf.train.Example", name)
	}
	if data, shape := bytesOf(values["data"]), intsOf(values["shape"]); data != nil && len(shape) == 3 {
		return planes(data, shape, name)
	}
	for _, key := range recordKeys {
		if data := bytesOf(values[key]); data != nil {
			m, _, err := s.limits.DecodeBytes(data, name)
			return m, err
		}
	}
	if len(names) > 8 {
		names = names[:8]
	}
	return nil, fault.Of(imaging.ErrFormat, "%s: no image in the record: it holds %q, want one of %q, or data and shape", name, names, recordKeys)
}

// planes is StyleGAN's way: channels x height x width bytes.
func planes(data []byte, shape []int64, name string) (*imaging.Image, error) {
	for _, d := range shape {
		if d < 1 || d > 1<<16 {
			return nil, fault.Of(imaging.ErrFormat, "%s: shape %v", name, shape)
		}
	}
	c, h, w := int(shape[0]), int(shape[1]), int(shape[2])
	if c != 1 && c != 3 || len(data) != c*h*w {
		return nil, fault.Of(imaging.ErrFormat, "%s: shape %v with %d bytes", name, shape, len(data))
	}
	m, err := imaging.New(h, w, c)
	if err != nil {
		return nil, err
	}
	for p := range h * w {
		for k := range c {
			m.Pix[p*c+k] = data[k*h*w+p]
		}
	}
	return m, nil
}

// bytesOf is the first value of a feature's list of bytes (field 1), nil if it has none.
func bytesOf(feature []byte) (out []byte) {
	fields(feature, func(id uint64, list []byte) bool {
		return id != 1 || !fields(list, func(_ uint64, v []byte) bool {
			if out == nil {
				out = bytes.Clone(v)
			}
			return true
		})
	})
	return out
}

// intsOf is a feature's list of whole numbers (field 3), packed or not.
func intsOf(feature []byte) (out []int64) {
	fields(feature, func(id uint64, list []byte) bool {
		if id != 3 {
			return true
		}
		return !fields(list, func(_ uint64, v []byte) bool {
			for len(v) > 0 {
				x, n := binary.Uvarint(v)
				if n <= 0 || len(out) >= 8 {
					return false
				}
				out, v = append(out, int64(x)), v[n:]
			}
			return true
		})
	})
	return out
}

// fields calls f for each field of a protocol buffer message with its number and bytes (of a varint: as written). It returns true if the message is
// malformed or f refused a field.
func fields(b []byte, f func(id uint64, v []byte) bool) (bad bool) {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return true
		}
		b = b[n:]
		size := 0
		switch tag & 7 {
		case 0:
			if _, size = binary.Uvarint(b); size <= 0 {
				return true
			}
		case 1:
			size = 8
		case 5:
			size = 4
		case 2:
			v, n := binary.Uvarint(b)
			if n <= 0 || v > uint64(len(b)-n) {
				return true
			}
			b, size = b[n:], int(v)
		default:
			return true
		}
		if size > len(b) || !f(tag>>3, b[:size]) {
			return true
		}
		b = b[size:]
	}
	return false
}
