package tensorfile

import (
	"bufio"
	"errors"
	"io"

	"github.com/assay-gan/assay/internal/fault"
)

// maxField bounds one field of a CSV file, and maxColumns the fields of its first row: a file without separators or line ends is no table.
const (
	maxField   = 1 << 20
	maxColumns = 1 << 20
)

// csvScanner parts the text of a table into fields as RFC 4180 has it: quotes double inside of quotes, rows end in CRLF or LF. encoding/csv reads a whole row
// before it can be bounded and skips empty rows without a word.
type csvScanner struct {
	r      *bufio.Reader
	comma  byte
	line   int    // of the field read last, from 1
	at     int    // where the next byte lies
	field  []byte // valid until the next call
	quoted bool
}

func newCSV(r *bufio.Reader, comma byte) *csvScanner {
	if b, err := r.Peek(3); err == nil && string(b) == "\xef\xbb\xbf" { // the byte order mark that spreadsheets write
		_, _ = r.Discard(3)
	}
	return &csvScanner{r: r, comma: comma, at: 1}
}

// next reads one field and says whether its row ends with it; io.EOF where no field follows.
func (s *csvScanner) next(first bool) (last bool, err error) {
	s.line, s.field, s.quoted = s.at, s.field[:0], false
	c, err := s.r.ReadByte()
	switch {
	case err != nil && (!first || !errors.Is(err, io.EOF)):
		return true, eofIsEnd(err)
	case err != nil:
		return false, err
	case c == '"':
		s.quoted = true
		if err := s.quotes(); err != nil {
			return false, err
		}
		if c, err = s.r.ReadByte(); err != nil {
			return true, eofIsEnd(err)
		}
	}
	for {
		switch {
		case c == s.comma:
			return false, nil
		case c == '\n':
			s.at++
			return true, nil
		case c == '\r':
			if c, err = s.r.ReadByte(); err != nil || c != '\n' {
				return false, fault.Of(ErrArray, "line %d: a carriage return without a line feed: save with lines that end in LF or CRLF", s.line)
			}
			continue
		case c == '"' || s.quoted:
			return false, fault.Of(ErrArray, "line %d: a quotation mark in the middle of a field: double those inside of quotes", s.line)
		}
		if err := s.add(c); err != nil {
			return false, err
		}
		if c, err = s.r.ReadByte(); err != nil {
			return true, eofIsEnd(err)
		}
	}
}

// quotes reads up to the mark that closes a quoted field.
func (s *csvScanner) quotes() error {
	for {
		c, err := s.r.ReadByte()
		if err == nil && c == '"' {
			if after, err := s.r.Peek(1); err != nil || after[0] != '"' {
				return nil
			}
			_, err = s.r.Discard(1)
		}
		if err != nil {
			return fault.Of(ErrArray, "line %d: a quoted field has no end: the file is truncated", s.line)
		}
		if c == '\n' {
			s.at++
		}
		if err := s.add(c); err != nil {
			return err
		}
	}
}

func (s *csvScanner) add(c byte) error {
	if len(s.field) == maxField {
		return fault.Of(ErrArray, "line %d: a field of more than %d bytes: no table of numbers", s.line, maxField)
	}
	s.field = append(s.field, c)
	return nil
}

// eofIsEnd lets a file end without a line end.
func eofIsEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
