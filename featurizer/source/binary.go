package source

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// maxMemory bounds what a file that must be held as a whole may unpack to: 4 GiB.
const maxMemory = 1 << 32

const cifarRecord = 1 + 3*32*32

// binary reads an IDX file of images, a CIFAR batch or TFRecords, plain or gz.
func (s *Set) binary(file string, packed bool) error {
	data, err := bytesOfFile(file, packed)
	if err != nil {
		return err
	}
	switch {
	case isRecord(data):
		return s.records(file, bytes.NewReader(data), int64(len(data)))
	case bytes.HasPrefix(data, []byte{0, 0, 8, 3}):
		return s.idx(file, data)
	case len(data) > 0 && len(data)%cifarRecord == 0:
		s.cifar(data)
		return nil
	}
	return fault.Of(ErrSource, "%s: no zip, tar, npy, npz, IDX of images, CIFAR batch or TFRecord", file)
}

// bytesOfFile reads a whole file, unpacked where packed says that it is gzip.
func bytesOfFile(file string, packed bool) ([]byte, error) {
	if !packed {
		data, err := inputfile.Read(file, maxMemory)
		if errors.Is(err, inputfile.ErrSize) || errors.Is(err, inputfile.ErrEnd) {
			err = fault.Of(ErrSource, "%w", err)
		}
		return data, err
	}
	f, _, err := inputfile.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := inputfile.NewGzip(f)
	if err != nil {
		return nil, fmt.Errorf("%s: gzip: %w: %w", file, ErrSource, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxMemory+1))
	if err != nil {
		return nil, fmt.Errorf("%s: truncated or corrupt: %w: %w", file, ErrSource, err)
	}
	if len(data) > maxMemory {
		return nil, fault.Of(ErrSource, "%s: more than %d bytes", file, int64(maxMemory))
	}
	return data, nil
}

func (s *Set) idx(file string, data []byte) error {
	s.Kind = "idx"
	if len(data) < 16 {
		return fault.Of(ErrSource, "%s: IDX header: the file is truncated", file)
	}
	n, h, w := int(binary.BigEndian.Uint32(data[4:])), int(binary.BigEndian.Uint32(data[8:])), int(binary.BigEndian.Uint32(data[12:]))
	if h < 1 || w < 1 || h > 1<<16 || w > 1<<16 || n != (len(data)-16)/(h*w) || (len(data)-16)%(h*w) != 0 {
		return fault.Of(ErrSource, "%s: IDX of %d images of %d x %d in %d bytes: truncated or corrupt", file, n, h, w, len(data))
	}
	s.pixels(n, h, w, 1, data[16:])
	return nil
}

// cifar reads records of a label and three 32 x 32 planes.
func (s *Set) cifar(data []byte) {
	s.Kind = "cifar"
	for i := range len(data) / cifarRecord {
		r := data[i*cifarRecord : (i+1)*cifarRecord]
		s.Items = append(s.Items, Item{Name: number(i), Label: int(r[0]), image: func() (*imaging.Image, error) {
			m, err := imaging.New(32, 32, 3)
			if err != nil {
				return nil, err
			}
			for p := range 1024 {
				m.Pix[3*p], m.Pix[3*p+1], m.Pix[3*p+2] = r[1+p], r[1025+p], r[2049+p]
			}
			return m, nil
		}})
	}
}

func number(i int) string { return fmt.Sprintf("%08d", i) }

// pixels lists n channels-last images.
func (s *Set) pixels(n, h, w, c int, data []byte) {
	size := h * w * c
	for i := range n {
		s.Items = append(s.Items, Item{Name: number(i), Label: -1, image: func() (*imaging.Image, error) {
			return imaging.FromPix(h, w, c, data[i*size:(i+1)*size])
		}})
	}
}

// array lists the images of an npy or npz file (arr_0, as the ADM evaluator writes it): bytes, or whole numbers of 0 to 255, of N x H x W or N x H x W x C.
func (s *Set) array(path string) error {
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return err
	}
	return s.fromArray(path, a)
}

func (s *Set) fromArray(path string, a *featurizer.Array) error {
	file, _ := featurizer.ArrayName(path)
	s.Kind = strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	if len(a.Shape) < 3 {
		return fault.Of(ErrSource, "%s: array of shape %v: want N x H x W or N x H x W x C images", path, a.Shape)
	}
	shape, err := imaging.ArrayShape(a.Shape)
	if err != nil {
		return fault.Of(ErrSource, "%s: %w", path, err)
	}
	pix, ok := a.Bytes()
	if !ok {
		return fault.Of(ErrSource, "%s: images of type %s: want bytes 0..255 (save ((x + 1) * 127.5 + 0.5).clip(0, 255).astype(\"uint8\"))", path, a.Type)
	}
	if len(pix) == 0 {
		return fault.Of(ErrSource, "%s: array of shape %v: no images in it", path, a.Shape)
	}
	s.pixels(a.Shape[0], shape[0], shape[1], shape[2], pix)
	if s.Kind == "npz" {
		s.Prepared, err = arrayRecord(path)
	}
	return err
}

// OfArray is the images of an array that was read already; path serves the messages. It errors with ErrSource where the array holds no bytes or whole numbers of
// 0 to 255, or is of another shape than N x H x W or N x H x W x C.
func OfArray(path string, a *featurizer.Array) (*Set, error) {
	s := &Set{Path: path}
	return s, s.fromArray(path, a)
}

// most is the number of bytes an image file may have.
func (s *Set) most() int64 { return cmp.Or(s.limits.Bytes, imaging.DefaultBytes) }
