package runners

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// rowFile is a npy file of N x D features of which no more is in memory than the rows that are in work.
type rowFile struct {
	path string
	n, d int
}

// OpenRows opens the features of a npy file without reading them, so that files larger than memory can be worked on: statistics go through them block by block, Take picks
// its rows from them, and Load reads all. ok is false, without an error, where path is something else: OpenSide opens it.
func OpenRows(path string) (s *Side, ok bool, err error) {
	if !featurizer.IsArrayFile(path) || !strings.EqualFold(filepath.Ext(path), ".npy") {
		return nil, false, nil
	}
	f, err := (&rowFile{path: path}).open()
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = f.Close() }()
	if len(f.Shape) != 2 || f.Shape[0] < 1 || f.Shape[1] < 1 || !f.RowMajor() {
		return nil, false, nil
	}
	return &Side{Path: path, file: &rowFile{path, f.Shape[0], f.Shape[1]}}, true, nil
}

// Load reads the features of a side that OpenRows opened; other sides have what they have.
func (s *Side) Load() error {
	if s.file == nil {
		return nil
	}
	a, err := featurizer.ReadArray(s.Path)
	if err != nil {
		return err
	}
	if s.Features, err = a.Matrix(); err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	s.file = nil
	return nil
}

// openFile is an open rowFile.
type openFile struct {
	*tensorfile.Stream
	*os.File
}

func (r *rowFile) open() (openFile, error) {
	f, _, err := inputfile.Open(r.path)
	if err != nil {
		return openFile{}, err
	}
	s, err := tensorfile.NewStream(f, r.path)
	if err != nil {
		return openFile{}, errors.Join(err, f.Close())
	}
	return openFile{s, f}, nil
}

// blocks hands on the rows lo to hi-1, so many at a time, with the number of the first.
func (r *rowFile) blocks(lo, hi, size int, each func(at int, x *mat.Dense) error) (err error) {
	f, err := r.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if len(f.Shape) != 2 || f.Shape[0] != r.n || f.Shape[1] != r.d {
		return fmt.Errorf("%s changed while it was read: it had the shape %d x %d and has %v", r.path, r.n, r.d, f.Shape)
	}
	if err := f.Skip(lo); err != nil {
		return err
	}
	for at := lo; at < hi; at += size {
		a, err := f.Next(min(size, hi-at))
		if err != nil {
			return err
		}
		x, err := (*featurizer.Array)(a).MatrixFrom(at)
		if err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		if err := each(at, x); err != nil {
			return err
		}
	}
	if hi == r.n {
		return tensorfile.End(f.File, r.path)
	}
	return nil
}

// pick reads the rows of ascending numbers alone.
func (r *rowFile) pick(rows []int) (*mat.Dense, error) {
	out, next := mat.NewDense(len(rows), r.d, nil), 0
	err := r.blocks(0, r.n, statisticsBlock, func(at int, x *mat.Dense) error {
		m, _ := x.Dims()
		for ; next < len(rows) && rows[next] < at+m; next++ {
			copy(out.RawRowView(next), x.RawRowView(rows[next]-at))
		}
		return nil
	})
	return out, err
}
