package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/inputfile"
)

// ErrRecord is wrapped by every error about a line that is not a record.
var ErrRecord = errors.New("not a record")

// maxLine bounds one line: a file without line ends is refused before it fills the memory.
const maxLine = 16 << 20

// Torn describes a last line that was cut short when the writer was killed. It is dropped: its cell counts as unfinished.
type Torn struct {
	Line  int   `json:"line"`
	At    int64 `json:"at"` // offset of its first byte
	Bytes int   `json:"bytes"`
}

// String says what was dropped.
func (t *Torn) String() string {
	return fmt.Sprintf("line %d is cut short (%d bytes): dropped, its cell counts as unfinished", t.Line, t.Bytes)
}

// Read returns the records of JSON lines in their order. A last line without a line end that does not parse is what kill -9 leaves behind: it is dropped
// and reported as Torn. Every other line that is not a record is an error that wraps ErrRecord and names file and line, and so is one that contradicts an
// earlier line. Blank lines are skipped.
func Read(r io.Reader, name string) ([]Record, *Torn, error) {
	var recs []Record
	in := bufio.NewReaderSize(r, 1<<16)
	var at int64
	said := claims{}
	for line := 1; ; line++ {
		text, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if body := bytes.TrimSpace(text); len(body) > 0 {
			rec, bad := parse(body)
			if bad == nil {
				bad = said.add(rec, line)
			}
			switch {
			case bad == nil:
				recs = append(recs, rec)
			case errors.Is(err, io.EOF) && !errors.Is(bad, errContradiction):
				return recs, &Torn{Line: line, At: at, Bytes: len(text)}, nil
			default:
				return nil, nil, fmt.Errorf("%s:%d: %w: %w; repair or delete the line", name, line, ErrRecord, bad)
			}
		}
		if errors.Is(err, io.EOF) {
			return recs, nil, nil
		}
		at += int64(len(text))
	}
}

// ReadFile reads a records file.
func ReadFile(path string) ([]Record, *Torn, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return Read(f, path)
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrRecord, maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func parse(line []byte) (Record, error) {
	var r Record
	if !utf8.Valid(line) { // decoding would put other characters in the place of broken ones, and two names could become one
		return r, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if _, err := d.Token(); err != io.EOF {
		return r, errors.New("more than one value on the line")
	}
	if err := r.Check(); err != nil {
		return r, err
	}
	return r, hasValue(line, r)
}

// hasValue refuses a record without its number: left out or null would read as 0, which is a score.
func hasValue(line []byte, r Record) error {
	var v struct{ Value *float64 }
	if r.Status == Failed {
		return nil
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return err
	}
	if v.Value == nil {
		return fmt.Errorf(`field "value" of %q is missing or null: write the number, or a failure with its reason`, r.Metric)
	}
	return nil
}
