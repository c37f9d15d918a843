package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/assay-gan/assay/internal/seal"
)

// WriteRecords writes records as a records file has them, each on a line, its last member the checksum of the others. Errors: a record that is none wraps ErrRecord, and nothing of it is written; what w
// says.
func WriteRecords(w io.Writer, recs ...Record) error {
	for _, r := range recs {
		line, err := lineOf(r)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// lineOf is a record as its line, with the checksum and without the line end.
func lineOf(r Record) ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("record of cell %.12q, metric %q: %w: %w", r.Cell, r.Metric, ErrRecord, err)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("record of cell %.12q, metric %q: %w", r.Cell, r.Metric, err)
	}
	return seal.Add(line), nil
}

// Writer appends records to a file, one line at a time: a line is written by one call and synced to the disk before Append returns, so that kill -9 loses
// at most the line being written, and Read drops that one. It is safe for concurrent use in one process.
type Writer struct {
	mu   sync.Mutex
	f    *os.File
	size int64
}

// OpenWriter opens or creates a records file for appending. A torn last line is cut off first; a complete last line that lacks only its line end gets it.
func OpenWriter(path string) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f}
	if err := w.mend(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// mend makes the file end with a whole line and moves to its end.
func (w *Writer) mend(path string) error {
	_, torn, err := Read(w.f, path)
	if err != nil {
		return err
	}
	end, err := w.f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	switch {
	case torn != nil:
		end = torn.At
		if err := w.f.Truncate(end); err != nil {
			return fmt.Errorf("%s: cutting the torn line: %w", path, err)
		}
		if _, err := w.f.Seek(end, io.SeekStart); err != nil {
			return err
		}
	case end > 0:
		last := make([]byte, 1)
		if _, err := w.f.ReadAt(last, end-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			if _, err := w.f.Write([]byte("\n")); err != nil {
				return err
			}
			end++
		}
	}
	w.size = end
	return nil
}

// Append writes records, each on a line, and syncs once. All of them are written or none: when the disk is full, the file is cut back to where it was and
// the error says so.
func (w *Writer) Append(recs ...Record) error {
	var b bytes.Buffer
	if err := WriteRecords(&b, recs...); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.f.Write(b.Bytes())
	if err == nil {
		err = w.f.Sync()
	}
	if err != nil {
		err = fmt.Errorf("%s: %d of %d bytes written, cut back: %w", w.f.Name(), n, b.Len(), err)
		if back := w.cutBack(); back != nil {
			err = fmt.Errorf("%w (cutting back failed too: %w)", err, back)
		}
		return err
	}
	w.size += int64(n)
	return nil
}

func (w *Writer) cutBack() error {
	if err := w.f.Truncate(w.size); err != nil {
		return err
	}
	_, err := w.f.Seek(w.size, io.SeekStart)
	return err
}

// Close closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.f.Close()
}
