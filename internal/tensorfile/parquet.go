package tensorfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// ReadParquet reads a table of the given size: flat columns of whole numbers, float32 or float64, with the columns of names and classes that a CSV file may have. Empty places and numbers that
// are not finite are refused. Errors wrap ErrArray; the name serves them. The library that reads the format trusts a file's words in places, so a panic of its is an
// error about the file too.
func ReadParquet(in io.ReaderAt, size int64, name string) (t *Table, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fault.Of(ErrArray, "parquet: truncated or corrupt: %.100v", p)
		}
		if err != nil {
			t, err = nil, fmt.Errorf("%s: %w", name, err)
		}
	}()
	if err := inputfile.Fits(size); err != nil {
		return nil, fault.Of(ErrArray, "%w", err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(in, 0, size), data); err != nil {
		return nil, fault.Of(ErrArray, "parquet: truncated")
	}
	if err := sound(data); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fault.Of(ErrArray, "parquet: truncated or corrupt: %w", err)
	}
	return readParquet(f, data)
}

func readParquet(f *parquet.File, data []byte) (*Table, error) {
	fields := f.Schema().Fields()
	if len(fields) > maxColumns {
		return nil, fault.Of(ErrArray, "%d columns: no table", len(fields))
	}
	header := make([]string, len(fields))
	for i, c := range fields {
		header[i] = c.Name()
	}
	t := &Table{Values: &Array{Type: "f8"}}
	roles, err := t.roles(header)
	if err != nil {
		return nil, err
	}
	for i, c := range fields {
		if why := unfit(c, roles[i]); why != "" {
			return nil, fault.Of(ErrArray, "column %.60q %s", c.Name(), why)
		}
	}
	rows, err := parquetRows(f, data, len(t.Columns))
	if err != nil {
		return nil, err
	}
	t.Values.Raw = make([]byte, rows*len(t.Columns)*8)
	at := 0
	for i := range fields {
		c := &parquetColumn{table: t, role: roles[i], name: header[i], at: at, rows: rows}
		if err := c.read(f, i); err != nil {
			return nil, err
		}
		if roles[i] == isFeature {
			at++
		}
	}
	return t, t.finish(rows)
}

// parquetRows is the number of rows that the file states, once it is sure that so many can be there: a column of one value is packed into a few bytes.
func parquetRows(f *parquet.File, data []byte, columns int) (int, error) {
	rows, sum, size := f.NumRows(), int64(0), int64(len(data))
	for _, g := range f.Metadata().RowGroups {
		if g.NumRows < 0 || g.NumRows > MaxBytes-sum {
			return 0, fault.Of(ErrArray, "a group of %d rows: corrupt", g.NumRows)
		}
		sum += g.NumRows
		for _, c := range g.Columns {
			if c.MetaData.Codec == format.Lz4Raw || c.MetaData.Codec == format.Lz4 { // the library unpacks a corrupt page into ever more memory
				return 0, fault.Of(ErrArray, "packed by lz4: write it with snappy, gzip or zstd (df.to_parquet(file))")
			}
			if err := soundPages(data, &c.MetaData, g.NumRows); err != nil {
				return 0, err
			}
			if err := inputfile.Grown(size, c.MetaData.TotalUncompressedSize); err != nil || c.MetaData.TotalUncompressedSize < 0 {
				return 0, fault.Of(ErrArray, "a column of %d bytes: %w", c.MetaData.TotalUncompressedSize, err)
			}
		}
	}
	if rows != sum {
		return 0, fault.Of(ErrArray, "%d rows in its groups, it states %d: corrupt", sum, rows)
	}
	bytes := int64(MaxBytes)
	if rows < MaxBytes/8/int64(max(columns, 1)) {
		bytes = 8 * rows * int64(max(columns, 1))
	}
	if err := inputfile.Grown(size, bytes); err != nil {
		return 0, fault.Of(ErrArray, "%d rows of %d columns: %w", rows, columns, err)
	}
	return int(rows), nil
}

// unfit says why a column cannot serve, "" where it can.
func unfit(c parquet.Field, role columnRole) string {
	if !c.Leaf() || c.Repeated() {
		return "is nested: write one number a column"
	}
	if role == isIndex {
		return ""
	}
	kind, text := c.Type().Kind(), ""
	if l := c.Type().LogicalType(); l != nil {
		text = l.String()
	}
	number := kind == parquet.Int32 || kind == parquet.Int64 || kind == parquet.Float || kind == parquet.Double
	switch {
	case number && (text == "" || strings.HasPrefix(text, "INT")):
		return ""
	case kind == parquet.ByteArray && role != isFeature && (text == "" || text == "STRING"):
		return ""
	case role == isFeature && kind == parquet.ByteArray:
		return fmt.Sprintf("holds words (columns of names are called %s, of classes %s)", strings.Join(nameColumns, " "), strings.Join(classColumns, " "))
	}
	return fmt.Sprintf("is of type %s %s: save it as float64", kind, text)
}

// parquetColumn is one column on its way into the table.
type parquetColumn struct {
	table *Table
	role  columnRole
	name  string
	at    int // its place among the features
	row   int
	rows  int
}

func (c *parquetColumn) read(f *parquet.File, i int) error {
	if c.role == isIndex {
		return nil
	}
	for _, g := range f.RowGroups() {
		pages := g.ColumnChunks()[i].Pages()
		err := c.pages(pages)
		if closing := pages.Close(); err == nil {
			err = closing
		}
		if err != nil {
			if !errors.Is(err, ErrArray) {
				err = fault.Of(ErrArray, "parquet: truncated or corrupt: %w", err)
			}
			return fmt.Errorf("column %.60q: %w", c.name, err)
		}
	}
	if c.row != c.rows {
		return fault.Of(ErrArray, "column %.60q: %d values for %d rows: truncated or corrupt", c.name, c.row, c.rows)
	}
	return nil
}

func (c *parquetColumn) pages(pages parquet.Pages) error {
	values := make([]parquet.Value, 1024)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for in := page.Values(); err == nil; {
			var n int
			n, err = in.ReadValues(values)
			for _, v := range values[:n] {
				if adding := c.add(v); adding != nil {
					return adding
				}
			}
			if n == 0 && err == nil {
				err = io.ErrNoProgress
			}
		}
		parquet.Release(page)
		if !errors.Is(err, io.EOF) {
			return err
		}
	}
}

// add takes one value.
func (c *parquetColumn) add(v parquet.Value) error {
	c.row++
	if c.row > c.rows {
		return fault.Of(ErrArray, "more values than %d rows: corrupt", c.rows)
	}
	if v.IsNull() {
		return fault.Of(ErrArray, "row %d: empty: fill it or drop the row", c.row)
	}
	switch c.role {
	case isName:
		c.table.Names = append(c.table.Names, parquetWord(v))
	case isClass:
		c.table.Classes = append(c.table.Classes, parquetWord(v))
	case isFeature:
		x := parquetNumber(v)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fault.Of(ErrArray, "row %d: %v: drop the row", c.row, x)
		}
		place := (c.row-1)*len(c.table.Columns) + c.at
		binary.LittleEndian.PutUint64(c.table.Values.Raw[8*place:], math.Float64bits(x))
	case isIndex: // not read
	}
	return nil
}

func parquetNumber(v parquet.Value) float64 {
	switch v.Kind() {
	case parquet.Int32:
		return float64(v.Int32())
	case parquet.Int64:
		return float64(v.Int64())
	case parquet.Float:
		return float64(v.Float())
	case parquet.Double:
		return v.Double()
	default:
		return math.NaN()
	}
}

// parquetWord is a name or a class as a CSV file would have it.
func parquetWord(v parquet.Value) string {
	switch v.Kind() {
	case parquet.ByteArray:
		return strings.TrimSpace(string(v.ByteArray()))
	case parquet.Int32, parquet.Int64:
		return strconv.FormatFloat(parquetNumber(v), 'f', -1, 64)
	default:
		return strconv.FormatFloat(parquetNumber(v), 'g', -1, 64)
	}
}
