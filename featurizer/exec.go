package featurizer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
)

// execBlock is the number of samples handed to the program at a time.
const execBlock = 256

// program is a featurizer in another process: any framework's encoder behind a pipe.
type program struct {
	argv []string
	hash string
}

var _ Featurizer = (*program)(nil)

// execPrefix marks a command line in Open.
const execPrefix = "exec:"

// execMaker lists the form among the others; the colon keeps command lines out of the specifications' grammar, so Open sees them first.
func execMaker() Maker {
	return Maker{
		Name: "exec", Usage: "exec:PROGRAM ARGUMENTS", Title: "any program that reads npy blocks of samples and writes npy blocks of features", Needs: "a program",
		Open: func(context.Context, Spec, Env) (Featurizer, error) {
			return nil, fmt.Errorf("exec featurizer: write exec:PROGRAM ARGUMENTS, e.g. \"exec:python3 encode.py\"")
		},
	}
}

// NewExec returns the featurizer of a command, split at blanks. For each call the program is started once; it reads npy arrays from its
// standard input, one after the other up to its end, each of up to 256 samples as float32 (N x H x W x C images in [-1, 1], or N x D), and writes
// for each an npy array of N x D float features to its standard output. The fingerprint holds the hash of the command and of every file named in
// it. Whether it is deterministic is the program's affair.
func NewExec(command string) (Featurizer, error) {
	argv := strings.Fields(command)
	if len(argv) == 0 {
		return nil, fmt.Errorf("exec featurizer: no command: write exec:PROGRAM ARGUMENTS")
	}
	file, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, fmt.Errorf("exec featurizer: %w", err)
	}
	h := sha256.New()
	for i, a := range argv {
		fmt.Fprintf(h, "%d %s\n", len(a), a)
		if i == 0 {
			a = file
		}
		if err := hashFile(h, a); err != nil {
			return nil, fmt.Errorf("exec featurizer: %s: %w", a, err)
		}
	}
	return &program{argv: argv, hash: hex.EncodeToString(h.Sum(nil))[:16]}, nil
}

// hashFile adds a file's bytes to h; an argument that is no file adds none.
func hashFile(h io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	_, err = io.Copy(h, f)
	return err
}

func (p *program) ID() string          { return "exec(" + p.hash[:8] + ")" }
func (p *program) Fingerprint() string { return p.ID() + "@" + p.hash }
func (p *program) Dim() int            { return 0 }

// Featurize pipes the samples through the program.
func (p *program) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if err := accept(ctx, p.ID(), s); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.argv[0], p.argv[1:]...)
	var errs tail
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.argv[0], err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.argv[0], err)
	}
	if err = cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.argv[0], err)
	}
	fed := make(chan error, 1)
	go func() { fed <- feed(in, s) }() // beside the reading, or two full pipes wait for each other
	m, err := collectBlocks(bufio.NewReaderSize(out, 1<<16), s.Len())
	if err != nil {
		cancel() // the program may hang in its next write
	}
	feedErr := <-fed
	waitErr := cmd.Wait()
	switch {
	case err == nil && waitErr == nil && feedErr == nil:
		return &Output{Features: m}, nil
	case err == nil:
		err = waitErr
		if err == nil {
			err = feedErr
		}
	}
	return nil, fmt.Errorf("%s: %w%s", strings.Join(p.argv, " "), err, errs.text())
}

func feed(w io.WriteCloser, s *datasets.Samples) error {
	defer w.Close()
	b := bufio.NewWriterSize(w, 1<<16)
	for lo := 0; lo < s.Len(); lo += execBlock {
		part := s.Slice(lo, min(lo+execBlock, s.Len()))
		if err := Float32Array(append([]int{part.Len()}, s.Shape...), part.Data).WriteNPY(b); err != nil {
			return err
		}
		if err := b.Flush(); err != nil {
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
			return nil, fmt.Errorf("output of %d x %d for %d samples (before: %d features): %w", rows, cols, want, d, ErrShape)
		}
		d = cols
		data = append(data, m.RawMatrix().Data...)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("output goes on after the last array: print nothing else to standard output: %w", ErrArray)
	}
	return mat.NewDense(n, d, data), nil
}

// tail keeps the end of what a program wrote to its standard error.
type tail struct{ b bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if extra := t.b.Len() - 1000; extra > 0 {
		t.b.Next(extra)
	}
	return len(p), nil
}

// text is the last line, for a message of one line.
func (t *tail) text() string {
	lines := strings.Split(strings.TrimSpace(t.b.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}
