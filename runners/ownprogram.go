package runners

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/program"
	"github.com/assay-gan/assay/reports"
)

// ownProgram runs the program of a cell and measures what it leaves: in the folder {out} where its command line names that, else on its standard output.
func (e *execution) ownProgram(ctx context.Context, c Cell, out *outcome) ([]reports.Record, error) {
	dir, err := os.MkdirTemp("", "assay-samples-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	values := map[string]string{"dataset": c.Dataset, "n": strconv.Itoa(c.Samples), "seed": strconv.FormatUint(c.Seed, 10), "out": dir}
	run, err := program.Find(c.Own.Command)
	if err != nil {
		return nil, err
	}
	for i := range run.Args { // after the split: the folder's name may have blanks
		run.Args[i] = filled(run.Args[i], values)
	}
	place := dir
	err = run.Run(ctx, func(io.Writer) error { return nil }, func(r *bufio.Reader) error {
		if holds(c.Own.Command, "out") {
			_, failed := io.Copy(io.Discard, r)
			return failed
		}
		place, err = keepOutput(r, dir)
		return err
	})
	switch {
	case err != nil:
	case place == "":
		err = fmt.Errorf("%s: printed nothing: print an npy or npz file, or write to the folder {out}", c.Own.Command)
	case place == dir:
		place, err = only(dir)
	}
	if err != nil {
		return nil, hideDir(err, dir)
	}
	content, err := hashPlace(place)
	if err != nil {
		return nil, hideDir(err, dir)
	}
	recs, err := e.ownValues(ctx, c, out, OwnFile{Path: place, Content: content})
	return recs, hideDir(err, dir)
}

// keepOutput writes what a program prints to a file whose ending says what it is; "" where that is nothing.
func keepOutput(r *bufio.Reader, dir string) (string, error) {
	head, err := r.Peek(6)
	ending := ".npy"
	switch {
	case len(head) == 0:
		return "", nil // its exit says why, if it can
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		ending = ".zip"
	case !bytes.HasPrefix(head, []byte("\x93NUMPY")):
		return "", fmt.Errorf("printed %q, which is no npy or npz file: messages belong to the standard error", string(head))
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "output"+ending)
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil || ending == ".npy" {
		return path, err
	}
	z, err := inputfile.OpenZip(path)
	if err != nil {
		return "", fmt.Errorf("printed an archive: %w", err)
	}
	defer z.Close()
	for _, m := range z.File {
		if strings.HasSuffix(m.Name, ".npy") {
			as := filepath.Join(dir, "output.npz")
			return as, os.Rename(path, as)
		}
	}
	return path, nil
}

// only is the one file of arrays or the one archive in a folder; the folder itself where images lie in it.
func only(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) == 0 {
		return "", errors.New("left nothing in {out}")
	}
	if len(entries) == 1 && !entries[0].IsDir() {
		switch strings.ToLower(filepath.Ext(entries[0].Name())) {
		case ".npy", ".npz", ".zip", ".tar", ".gz", ".tgz":
			return filepath.Join(dir, entries[0].Name()), nil
		}
	}
	return dir, nil
}

// hideDir takes the name of a folder that is gone, and is another in every run, out of an error that is recorded.
func hideDir(err error, dir string) error { return reworded(err, dir, "{out}") }

// reworded is an error with a part of its text replaced.
func reworded(err error, old, now string) error {
	if err == nil || !strings.Contains(err.Error(), old) {
		return err
	}
	return &otherWords{err, strings.ReplaceAll(err.Error(), old, now)}
}

type otherWords struct {
	error
	text string
}

func (o *otherWords) Error() string { return o.text }
func (o *otherWords) Unwrap() error { return o.error }
