package featurizer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/program"
)

// execBlock is the number of samples handed to the program at a time.
const execBlock = 256

// external is a featurizer in another process: any framework's encoder behind a pipe.
type external struct {
	*program.Program
	version string
}

var _ Featurizer = (*external)(nil)

// execMaker lists the form among the others; the colon keeps command lines out of the specifications' grammar, so Open sees them first.
func execMaker() Maker {
	return Maker{
		Name: "exec", Usage: "exec:PROGRAM ARGUMENTS, exec@VERSION:PROGRAM ARGUMENTS", Title: "any program that reads npy blocks of samples and writes npy blocks of features", Needs: "a program",
		Open: func(context.Context, Spec, Env) (Featurizer, error) {
			return nil, fmt.Errorf("exec featurizer: write exec:PROGRAM ARGUMENTS, e.g. \"exec:python3 encode.py\"")
		},
	}
}

// NewExec returns the featurizer of a command, split at blanks. Nothing runs before Featurize, which starts the program once; it reads npy arrays from its
// standard input, one after the other up to its end, each of up to 256 samples as float32 (N x H x W x C images in [-1, 1], or N x D), and writes
// for each an npy array of N x D float features to its standard output. A program that neither reads nor writes for ten minutes (ASSAY_EXEC_SILENCE) is
// killed. The fingerprint holds the hash of the command, of every file named in it and of the version. What else the program reads, its weights first
// of all, cannot be known: so nothing that it made is kept (see Keeps) unless version, the user's word that the same version gives the same features, is not
// empty. Whether it is deterministic is the program's affair.
func NewExec(command, version string) (Featurizer, error) {
	p, err := program.Find(command)
	if err != nil {
		return nil, fmt.Errorf("exec featurizer: %w", err)
	}
	if version != "" {
		sum := sha256.Sum256([]byte(version + "\n" + p.Hash))
		p.Hash = hex.EncodeToString(sum[:])
	}
	return &external{p, version}, nil
}

func (p *external) ID() string          { return "exec(" + p.Hash[:8] + ")" }
func (p *external) Fingerprint() string { return p.ID() + "@" + p.Hash[:16] }
func (p *external) Dim() int            { return 0 }
func (p *external) unkept() bool        { return p.version == "" }

// Featurize pipes the samples through the program.
func (p *external) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if err := accept(ctx, p.ID(), s); err != nil {
		return nil, err
	}
	var m *mat.Dense
	err := p.Run(ctx, func(w io.Writer) error { return feed(w, s) }, func(r *bufio.Reader) (err error) {
		m, err = collectBlocks(r, s.Len())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Output{Features: m}, nil
}

func feed(w io.Writer, s *datasets.Samples) error {
	for lo := 0; lo < s.Len(); lo += execBlock {
		part := s.Slice(lo, min(lo+execBlock, s.Len()))
		if err := Float32Array(append([]int{part.Len()}, s.Shape...), part.Data).WriteNPY(w); err != nil {
			return err
		}
	}
	return nil
}

func collectBlocks(r *bufio.Reader, n int) (*mat.Dense, error) {
	var data []float64
	d := 0
	for lo := 0; lo < n; lo += execBlock {
		want := min(execBlock, n-lo)
		a, err := ReadNPY(r, "output")
		if err != nil {
			return nil, err
		}
		m, err := a.Matrix()
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
		rows, cols := m.Dims()
		if rows != want || d != 0 && cols != d {
			return nil, fault.Of(ErrShape, "output of %d x %d for %d samples (before: %d features)", rows, cols, want, d)
		}
		d = cols
		data = append(data, m.RawMatrix().Data...)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, fault.Of(ErrArray, "output goes on after the last array: print nothing else to standard output")
	}
	return mat.NewDense(n, d, data), nil
}
