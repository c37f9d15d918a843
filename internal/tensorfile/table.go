package tensorfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/fault"
)

// Table is rows of numbers with a name over each column, as CSV and parquet files hold them.
type Table struct {
	Columns []string // of the numbers
	Names   []string // what a row is called; nil without a column of names
	Classes []string // the class of a row, as the file writes it; nil without
	Notes   []string // which columns are no features, and as what they were taken
	Values  *Array   // f8, rows x columns
}

// The columns that are no features, by their names in any case. A name that is not listed here is a feature, so a column of words under it is refused.
var (
	nameColumns  = []string{"name", "filename", "file", "path", "image"}
	classColumns = []string{"class", "label"}
	indexColumns = []string{"", "unnamed: 0", "__index_level_0__"} // what pandas calls its row numbers
)

type columnRole byte

const (
	isFeature columnRole = iota
	isName
	isClass
	isIndex
)

// roles says what each column is.
func (t *Table) roles(header []string) ([]columnRole, error) {
	roles, seen := make([]columnRole, len(header)), map[string]bool{}
	var name, class string
	for i, h := range header {
		low := strings.ToLower(strings.TrimSpace(h))
		if seen[h] {
			return nil, fault.Of(ErrArray, "two columns are called %.60q", h)
		}
		seen[h] = true
		switch {
		case slices.Contains(nameColumns, low):
			if name != "" {
				return nil, fault.Of(ErrArray, "columns %.60q and %.60q both name the rows: keep one", name, h)
			}
			name, roles[i] = h, isName
			t.Notes = append(t.Notes, fmt.Sprintf("column %q names the rows", h))
		case slices.Contains(classColumns, low):
			if class != "" {
				return nil, fault.Of(ErrArray, "columns %.60q and %.60q both give classes: keep one", class, h)
			}
			class, roles[i] = h, isClass
			t.Notes = append(t.Notes, fmt.Sprintf("column %q gives the classes", h))
		case i == 0 && slices.Contains(indexColumns, low) || low == "__index_level_0__":
			roles[i] = isIndex
			t.Notes = append(t.Notes, "the column without a name is row numbers and no feature")
		default:
			t.Columns = append(t.Columns, h)
		}
	}
	if len(t.Columns) == 0 && class == "" {
		return nil, fault.Of(ErrArray, "no column of numbers")
	}
	return roles, nil
}

// add takes one field. The row counts from 1 behind the header.
func (t *Table) add(role columnRole, column string, text []byte) error {
	s := strings.TrimSpace(string(text))
	switch role {
	case isName:
		t.Names = append(t.Names, s)
	case isClass:
		t.Classes = append(t.Classes, s)
	case isFeature:
		v, err := strconv.ParseFloat(s, 64)
		switch {
		case s == "":
			return fault.Of(ErrArray, "column %.60q: empty: fill it or drop the row", column)
		case err != nil || strings.ContainsAny(s, "xX_"): // only numbers that every tool reads alike
			return fault.Of(ErrArray, "column %.60q: %.60q is no number (columns of names are called %s, of classes %s)", column, s, strings.Join(nameColumns, " "), strings.Join(classColumns, " "))
		case math.IsNaN(v) || math.IsInf(v, 0):
			return fault.Of(ErrArray, "column %.60q is %s: drop the row", column, s)
		}
		t.Values.Raw = binary.LittleEndian.AppendUint64(t.Values.Raw, math.Float64bits(v))
	case isIndex: // numbers rows, holds nothing
	}
	return nil
}

// finish checks what was read as a whole.
func (t *Table) finish(rows int) error {
	if rows == 0 {
		return fault.Of(ErrArray, "a header and no rows")
	}
	t.Values.Shape = []int{rows, len(t.Columns)}
	seen := map[string]int{}
	for i, n := range t.Names {
		if n == "" {
			return fault.Of(ErrArray, "row %d has no name", i+1)
		}
		if at, ok := seen[n]; ok {
			return fault.Of(ErrArray, "rows %d and %d are both called %.60q", at+1, i+1, n)
		}
		seen[n] = i
	}
	if i := slices.Index(t.Classes, ""); i >= 0 {
		return fault.Of(ErrArray, "row %d has no class", i+1)
	}
	return nil
}

// ReadCSV reads a table of RFC 4180 with a header, fields parted by comma. A first row of numbers alone is data, unless it is pandas' numbering 0, 1, 2 ... of at least four
// columns. Errors wrap ErrArray and say line and column; the name serves them.
func ReadCSV(in io.Reader, comma byte, name string) (*Table, error) {
	t, err := readCSV(newCSV(bufio.NewReaderSize(in, 1<<16), comma))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func readCSV(s *csvScanner) (*Table, error) {
	first, err := s.header()
	if err != nil {
		return nil, err
	}
	t := &Table{Values: &Array{Type: "f8"}}
	header, data, err := namesOf(first)
	if err != nil {
		return nil, err
	}
	roles, err := t.roles(header)
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	rows := 0
	if data {
		for i, f := range first {
			if err := t.add(isFeature, header[i], []byte(f)); err != nil {
				return nil, fmt.Errorf("line 1: %w", err)
			}
		}
		rows++
	}
	for blank := 0; ; {
		line, empty, err := t.row(s, header, roles)
		switch {
		case errors.Is(err, io.EOF):
			return t, t.finish(rows)
		case err != nil:
			return nil, err
		case empty:
			blank = line
			continue
		case blank > 0:
			return nil, fault.Of(ErrArray, "line %d: empty: drop the line, or fill in its row", blank)
		}
		rows++
	}
}

// header reads the first row.
func (s *csvScanner) header() ([]string, error) {
	var first []string
	for last := false; !last; {
		var err error
		if last, err = s.next(len(first) == 0); err != nil {
			if errors.Is(err, io.EOF) {
				return nil, fault.Of(ErrArray, "the file is empty")
			}
			return nil, err
		}
		if len(first) == maxColumns {
			return nil, fault.Of(ErrArray, "line 1: more than %d columns: no table", maxColumns)
		}
		if err := s.text(); err != nil {
			return nil, err
		}
		first = append(first, string(s.field))
	}
	return first, nil
}

// text refuses a field that is not UTF-8: it would reach tables and pages as another name.
func (s *csvScanner) text() error {
	if utf8.Valid(s.field) {
		return nil
	}
	return fault.Of(ErrArray, "line %d: %.30q is not UTF-8: save the table as UTF-8", s.line, s.field)
}

// namesOf tells a header from a row of numbers, which gets the names 0, 1, 2 ...
func namesOf(first []string) (header []string, data bool, err error) {
	counted := true
	names := make([]string, len(first))
	for i, f := range first {
		names[i] = strconv.Itoa(i)
		if _, err := strconv.ParseFloat(strings.TrimSpace(f), 64); err != nil {
			return first, false, nil
		}
		counted = counted && f == names[i]
	}
	switch {
	case !counted:
		return names, true, nil
	case len(first) >= 4:
		return first, false, nil
	}
	return nil, false, fault.Of(ErrArray, "line 1: %s may be a header or a row: give the columns names, such as f0", strings.Join(first, ","))
}

// row reads one row, and says where a line was empty.
func (t *Table) row(s *csvScanner, header []string, roles []columnRole) (line int, empty bool, err error) {
	for i := 0; ; i++ {
		last, err := s.next(i == 0)
		if err != nil {
			return line, false, err
		}
		if i == 0 {
			line = s.line
		}
		if last && i == 0 && len(s.field) == 0 && !s.quoted {
			return line, true, nil
		}
		if i == len(header) || last && i < len(header)-1 {
			return line, false, fault.Of(ErrArray, "line %d: %d fields, the header has %d", line, i+1, len(header))
		}
		if err := s.text(); err != nil {
			return line, false, err
		}
		if err := t.add(roles[i], header[i], s.field); err != nil {
			return line, false, fmt.Errorf("line %d, %w", line, err)
		}
		if last {
			return line, false, nil
		}
	}
}
