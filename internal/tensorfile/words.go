package tensorfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// Words is a table whose fields are kept as text.
type Words struct {
	Columns []string
	Rows    [][]string // without blanks around the fields
	Lines   []int      // of the file, for messages
}

// ReadWords reads a table of RFC 4180 with a header of different names. Errors wrap ErrArray; the name serves them.
func ReadWords(in io.Reader, comma byte, name string) (*Words, error) {
	w, err := readWords(newCSV(bufio.NewReaderSize(in, 1<<16), comma))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return w, nil
}

func readWords(s *csvScanner) (*Words, error) {
	header, err := s.header()
	if err != nil {
		return nil, err
	}
	w, seen := &Words{}, map[string]bool{}
	for _, h := range header {
		h = strings.TrimSpace(h)
		if seen[h] {
			return nil, fault.Of(ErrArray, "line 1: two columns are called %.60q", h)
		}
		seen[h] = true
		w.Columns = append(w.Columns, h)
	}
	for {
		row, line, err := s.words(len(header))
		switch {
		case errors.Is(err, io.EOF) && len(w.Rows) == 0:
			return nil, fault.Of(ErrArray, "a header and no rows")
		case errors.Is(err, io.EOF):
			return w, nil
		case err != nil:
			return nil, err
		}
		w.Rows, w.Lines = append(w.Rows, row), append(w.Lines, line)
	}
}

// words reads one row of so many fields. Empty lines at the end of the file are no rows.
func (s *csvScanner) words(columns int) (row []string, line int, err error) {
	for last := false; !last; {
		if last, err = s.next(len(row) == 0); err != nil {
			return nil, 0, err
		}
		if len(row) == 0 {
			line = s.line
		}
		if last && len(row) == 0 && len(s.field) == 0 && !s.quoted && columns > 1 {
			return s.blank(columns, line)
		}
		if len(row) == columns {
			return nil, 0, fault.Of(ErrArray, "line %d: more than the %d fields of the header", line, columns)
		}
		row = append(row, strings.TrimSpace(string(s.field)))
	}
	if len(row) < columns {
		return nil, 0, fault.Of(ErrArray, "line %d: %d fields, the header has %d", line, len(row), columns)
	}
	return row, line, nil
}

// blank goes on behind an empty line, which nothing may follow.
func (s *csvScanner) blank(columns, line int) ([]string, int, error) {
	_, _, err := s.words(columns)
	if err == nil {
		err = fault.Of(ErrArray, "line %d: empty: drop the line, or fill in its row", line)
	}
	return nil, 0, err
}
