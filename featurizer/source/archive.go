package source

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
)

// maxMemory bounds what a compressed tar, which cannot be read at random, may unpack to: 4 GiB.
const maxMemory = 1 << 32

// add lists one file of an archive. Names that leave the archive's root are bad items: nothing is unpacked, but such an archive is not to be
// trusted in silence.
func (s *Set) add(name string, read func() ([]byte, error)) {
	it := Item{Name: name, Label: -1, read: read}
	if path.IsAbs(name) || strings.Contains(name, `\`) || path.Clean("/"+name) != "/"+strings.TrimPrefix(name, "./") {
		it.bad = fmt.Errorf("%s: the name leads out of the archive: %w", name, ErrSource)
	}
	it.Name = strings.TrimPrefix(name, "./")
	if !isImage(name) {
		s.Ignored = append(s.Ignored, it.Name)
		return
	}
	s.Items = append(s.Items, it)
}

func (s *Set) zip(file string) error {
	s.Kind = "zip"
	z, err := inputfile.OpenZip(file)
	if err != nil {
		return fmt.Errorf("%s: zip archive: truncated or corrupt: %w: %w", file, ErrSource, err)
	}
	s.close = append(s.close, z.Close)
	for _, f := range z.File {
		if f.FileInfo().IsDir() || path.Base(path.Dir(f.Name)) == "__MACOSX" {
			continue
		}
		s.add(f.Name, func() ([]byte, error) { return limited(z.Member(f, s.most())) })
	}
	return nil
}

// tar lists a tar archive: plain ones stay on disk and are read at random, compressed ones are held in memory.
func (s *Set) tar(ctx context.Context, file string, packed bool) error {
	s.Kind = "tar"
	f, _, err := inputfile.Open(file)
	if err != nil {
		return err
	}
	s.close = append(s.close, f.Close)
	var in io.Reader = f
	if packed {
		if in, err = inputfile.NewGzip(f); err != nil {
			return fmt.Errorf("%s: gzip: %w: %w", file, ErrSource, err)
		}
	}
	t := inputfile.NewTar(in)
	labels, total := map[string]int{}, int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return fmt.Errorf("%s: tar archive after %d images: truncated or corrupt: %w: %w", file, len(s.Items), ErrSource, err)
		}
		switch {
		case h.Typeflag != tar.TypeReg:
			continue
		case strings.HasSuffix(h.Name, ".cls"):
			b, err := io.ReadAll(io.LimitReader(t, 64))
			if v, err2 := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && err2 == nil && v >= 0 {
				labels[stem(h.Name)] = v
			}
		case !packed:
			at, size := t.At(), h.Size
			s.add(h.Name, func() ([]byte, error) { return s.readAll(io.NewSectionReader(f, at, size)) })
		case !isImage(h.Name):
			s.add(h.Name, nil)
		default:
			if total += h.Size; total > maxMemory || h.Size > s.most() {
				return fmt.Errorf("%s: unpacks to more than %d bytes: unpack it into a folder: %w", file, int64(maxMemory), ErrSource)
			}
			b, err := s.readAll(t)
			s.add(h.Name, func() ([]byte, error) { return b, err })
		}
	}
	for i := range s.Items {
		if v, ok := labels[stem(s.Items[i].Name)]; ok {
			s.Items[i].Label = v
		}
	}
	return nil
}

// stem is WebDataset's key: the path up to the first dot of the file's name.
func stem(name string) string {
	name = strings.TrimPrefix(name, "./")
	base, _, _ := strings.Cut(path.Base(name), ".")
	return path.Join(path.Dir(name), base)
}
