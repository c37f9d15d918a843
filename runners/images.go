package runners

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/imageio"
)

// maxEntry bounds one file of an archive, and maxValues the values of all images together (4 GiB of float32): a hostile header cannot fill the memory.
const (
	maxEntry  = 256 << 20
	maxValues = 1 << 30
)

// openImages reads images from a folder (all levels, in the order of their paths), a zip or tar archive (tar.gz and tgz too), or an IDX file. All must have
// one size and the same channels: a resize would be a hidden part of the score.
func openImages(ctx context.Context, path string) (*datasets.Samples, []string, error) {
	c := &collector{ctx: ctx, path: path}
	var err error
	switch name := strings.ToLower(path); {
	case isFolder(path):
		err = c.folder()
	case strings.HasSuffix(name, ".zip"):
		err = c.zip()
	case strings.HasSuffix(name, ".tar"), strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		err = c.tar()
	case strings.Contains(filepath.Base(name), "idx"):
		return c.idx()
	default:
		return nil, nil, fmt.Errorf("%s: want .npy, .npz, a folder of images, a .zip, .tar or .tar.gz of images, or an IDX file (idx in its name)", path)
	}
	if err != nil {
		return nil, nil, err
	}
	if c.n == 0 {
		return nil, nil, fmt.Errorf("%s: no images in it (looked for %s)", path, strings.Join(imageEndings, " "))
	}
	s, err := datasets.NewSamples(c.shape, c.data, nil)
	return s, c.warnings, err
}

var imageEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}

func isImageName(name string) bool {
	return slices.Contains(imageEndings, strings.ToLower(filepath.Ext(name))) && !strings.HasPrefix(filepath.Base(name), ".")
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// collector gathers decoded images of one shape.
type collector struct {
	ctx      context.Context
	path     string
	shape    []int
	data     []float32
	n        int
	first    string
	warnings []string
}

func (c *collector) add(r io.Reader, name string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	m, warnings, err := imageio.Decode(r, name)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		if len(c.warnings) == 0 { // one of a kind: ten thousand JPEGs have ten thousand equal doubts
			c.warnings = append(c.warnings, w)
		}
	}
	shape := []int{m.H, m.W, m.C}
	if c.shape == nil {
		c.shape, c.first = shape, name
	}
	if !slices.Equal(shape, c.shape) {
		return fmt.Errorf("%s: %d x %d with %d channels, but %s is %d x %d with %d: bring all images to one size first", name, m.H, m.W, m.C, c.first, c.shape[0], c.shape[1], c.shape[2])
	}
	if len(c.data) > maxValues {
		return fmt.Errorf("%s: more than %d values in all: score a part", c.path, maxValues)
	}
	c.data = m.Float(c.data)
	c.n++
	return nil
}

func (c *collector) folder() error {
	var names []string
	err := filepath.WalkDir(c.path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isImageName(p) {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = c.add(f, name)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) zip() error {
	z, err := zip.OpenReader(c.path)
	if err != nil {
		return fmt.Errorf("%s: %w", c.path, err)
	}
	defer z.Close()
	files := slices.DeleteFunc(slices.Clone(z.File), func(f *zip.File) bool { return !isImageName(f.Name) })
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", c.path, f.Name, err)
		}
		err = c.add(io.LimitReader(r, maxEntry), c.path+": "+f.Name)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// tar takes the images in the order of the archive.
func (c *collector) tar() error {
	f, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := unzipped(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.path, err)
	}
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: after %d images: %w", c.path, c.n, err)
		}
		if h.Typeflag != tar.TypeReg || !isImageName(h.Name) {
			continue
		}
		if err := c.add(io.LimitReader(t, maxEntry), c.path+": "+h.Name); err != nil {
			return err
		}
	}
}

// unzipped looks for gzip's magic and unpacks if it is there.
func unzipped(f io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(f, 1<<20)
	if head, err := b.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}

// idx reads an IDX file of grey images: 00 00 08 03, three sizes, bytes [lecun1998].
func (c *collector) idx() (*datasets.Samples, []string, error) {
	f, err := os.Open(c.path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	in, err := unzipped(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.path, err)
	}
	var head [4]uint32
	if err := binary.Read(in, binary.BigEndian, &head); err != nil {
		return nil, nil, fmt.Errorf("%s: IDX header: the file is truncated", c.path)
	}
	n, h, w := int(head[1]), int(head[2]), int(head[3])
	if head[0] != 0x803 || n < 1 || h < 1 || w < 1 || h > 4096 || w > 4096 || n > maxValues/(h*w) {
		return nil, nil, fmt.Errorf("%s: begins with %08x %d %d %d: an IDX file of images begins with 00000803 and three sizes", c.path, head[0], n, h, w)
	}
	pix, err := io.ReadAll(io.LimitReader(in, int64(n)*int64(h*w)))
	if err != nil || len(pix) < n*h*w {
		return nil, nil, fmt.Errorf("%s: %d images promised, the file ends in image %d: download it again", c.path, n, len(pix)/(h*w))
	}
	m := &imageio.Image{H: n * h, W: w, C: 1, Pix: pix}
	s, err := datasets.NewSamples([]int{h, w, 1}, m.Float(make([]float32, 0, len(pix))), nil)
	return s, nil, err
}
