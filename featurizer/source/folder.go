package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/inputfile"
)

// folder lists a directory and, unless flat, those below it. A directory that is reached a second time on the way down (by a link to a
// parent) is not entered again.
func (s *Set) folder(ctx context.Context, root string, o Options) error {
	s.Kind = "folder"
	return s.walk(ctx, root, "", o, nil)
}

func (s *Set) walk(ctx context.Context, root, rel string, o Options, above []os.FileInfo) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Join(root, rel)
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	for _, a := range above {
		if os.SameFile(a, info) {
			s.Ignored = append(s.Ignored, rel+" (a link to a folder above it)")
			return nil
		}
	}
	above = append(above, info)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		target, err := os.Stat(filepath.Join(root, name))
		switch {
		case err != nil && isImage(name):
			s.Items = append(s.Items, Item{Name: name, Label: -1, bad: err}) // a dangling link or no permission
		case err != nil:
			s.Ignored = append(s.Ignored, name)
		case target.IsDir() && !o.Flat:
			if err := s.walk(ctx, root, name, o, above[:len(above):len(above)]); err != nil {
				return err
			}
		case target.IsDir() || !isImage(name):
			s.Ignored = append(s.Ignored, name)
		default:
			file := filepath.Join(root, name)
			s.Items = append(s.Items, Item{Name: name, Label: -1, read: func() ([]byte, error) { return s.readFile(file) }})
		}
	}
	return nil
}

// most is the number of bytes an image file may have.
func (s *Set) most() int64 {
	if s.limits.Bytes > 0 {
		return s.limits.Bytes
	}
	return imaging.DefaultBytes
}

func (s *Set) readFile(file string) ([]byte, error) {
	return limited(inputfile.Read(file, s.most()))
}

// limited marks the error of an image that is too large as the imaging package does.
func limited(b []byte, err error) ([]byte, error) {
	if errors.Is(err, inputfile.ErrSize) {
		err = fmt.Errorf("%w: %w", err, imaging.ErrLimit)
	}
	return b, err
}

func (s *Set) readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, s.most()+1))
	if err == nil && int64(len(b)) > s.most() {
		return nil, fmt.Errorf("more than %d bytes: %w", s.most(), imaging.ErrLimit)
	}
	return b, err
}
