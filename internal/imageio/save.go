package imageio

import (
	"bufio"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
)

// EncodePNG writes the image as 8-bit grey or RGB PNG.
func EncodePNG(w io.Writer, m *Image) error {
	if m == nil || m.H < 1 || m.W < 1 || (m.C != 1 && m.C != 3) || len(m.Pix) != m.H*m.W*m.C {
		return fmt.Errorf("encode PNG: %w", ErrShape)
	}
	if m.C == 1 {
		return png.Encode(w, &image.Gray{Pix: m.Pix, Stride: m.W, Rect: image.Rect(0, 0, m.W, m.H)})
	}
	n := image.NewNRGBA(image.Rect(0, 0, m.W, m.H))
	for i := range m.H * m.W {
		copy(n.Pix[4*i:4*i+3], m.Pix[3*i:3*i+3])
		n.Pix[4*i+3] = 255
	}
	return png.Encode(w, n)
}

// SavePNG writes the image to a file, atomically: see WriteFileAtomic.
func SavePNG(path string, m *Image) error {
	return WriteFileAtomic(path, func(w io.Writer) error { return EncodePNG(w, m) })
}

// WriteFileAtomic writes a file through a temporary one beside it, synced and renamed at the end: after a crash, a full disk or an error of
// write, the path holds either the old content or the whole new one.
func WriteFileAtomic(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // closing twice is harmless
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
