package tensorfile

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"

	"github.com/assay-gan/assay/internal/fault"
)

// The library that reads parquet makes room for what a file states before it looks whether so much is there. Here the file's own words are held against its bytes
// first: the thrift (compact protocol) of its footer, and of the heads of its pages.

// thrift walks one value after the other. A list has no more elements than bytes are left, for each takes at least one.
type thrift struct {
	b     []byte
	at    int
	field func(path [2]int, v int64) // told the whole numbers of the outermost structure and of those in it; may be nil
}

// maxThrift bounds the depth of structures.
const maxThrift = 32

func (t *thrift) byte() (byte, error) {
	if t.at >= len(t.b) {
		return 0, fault.Of(ErrArray, "parquet: truncated")
	}
	t.at++
	return t.b[t.at-1], nil
}

func (t *thrift) varint() (uint64, error) {
	v, n := binary.Uvarint(t.b[min(t.at, len(t.b)):])
	if n <= 0 {
		return 0, fault.Of(ErrArray, "parquet: truncated or corrupt number")
	}
	t.at += n
	return v, nil
}

// size reads a length and holds it against what is left.
func (t *thrift) size(v uint64, err error) (int, error) {
	if err == nil && v > uint64(len(t.b)-t.at) {
		err = fault.Of(ErrArray, "parquet: %d elements in %d bytes: corrupt", v, len(t.b)-t.at)
	}
	return int(v), err
}

func (t *thrift) structure(depth, parent int) error {
	if depth > maxThrift {
		return fault.Of(ErrArray, "parquet: structures %d deep: corrupt", depth)
	}
	for id := 0; ; {
		head, err := t.byte()
		if err != nil || head == 0 {
			return err
		}
		if delta := int(head >> 4); delta != 0 {
			id += delta
		} else {
			v, err := t.varint()
			if err != nil {
				return err
			}
			id = int(int16(v>>1) ^ -int16(v&1))
		}
		kind := head & 15
		if kind == 1 || kind == 2 { // the value of a truth lies in its kind
			continue
		}
		if err := t.value(kind, depth, parent, id); err != nil {
			return err
		}
	}
}

func (t *thrift) value(kind byte, depth, parent, id int) error {
	switch kind {
	case 1, 2, 3:
		_, err := t.byte()
		return err
	case 4, 5, 6:
		v, err := t.varint()
		if err == nil && t.field != nil && depth <= 1 {
			path := [2]int{id, 0}
			if depth == 1 {
				path = [2]int{parent, id}
			}
			t.field(path, int64(v>>1)^-int64(v&1))
		}
		return err
	case 7:
		n, err := t.size(8, nil)
		t.at += n
		return err
	case 8:
		n, err := t.size(t.varint())
		if err == nil {
			t.at += n
		}
		return err
	case 9, 10:
		return t.list(depth, id)
	case 12:
		return t.structure(depth+1, id)
	}
	return fault.Of(ErrArray, "parquet: a value of kind %d: corrupt", kind)
}

func (t *thrift) list(depth, id int) error {
	head, err := t.byte()
	if err != nil {
		return err
	}
	n := int(head >> 4)
	if n == 15 {
		n, err = t.size(t.varint())
	} else {
		n, err = t.size(uint64(n), nil)
	}
	for range n {
		if err != nil {
			return err
		}
		err = t.value(head&15, max(depth+1, 2), id, 0)
	}
	return err
}

// sound holds the footer of a file against its bytes.
func sound(data []byte) error {
	if len(data) < 12 || string(data[len(data)-4:]) != "PAR1" {
		return fault.Of(ErrArray, "parquet: no footer: truncated, or another format")
	}
	size := int64(binary.LittleEndian.Uint32(data[len(data)-8:]))
	if size > int64(len(data)-12) {
		return fault.Of(ErrArray, "parquet: a footer of %d bytes in a file of %d: truncated or corrupt", size, len(data))
	}
	t := &thrift{b: data[int64(len(data))-8-size : len(data)-8]}
	return t.structure(0, 0)
}

// soundPages holds the heads of a column's pages against the column: no page is larger than the whole unpacked, or of more values than its group has rows.
func soundPages(data []byte, c *format.ColumnMetaData, rows int64) error {
	at := c.DataPageOffset
	if d := c.DictionaryPageOffset; d > 0 && d < at {
		at = d
	}
	if at < 4 || c.TotalCompressedSize < 0 || at > int64(len(data)) || c.TotalCompressedSize > int64(len(data))-at {
		return fault.Of(ErrArray, "parquet: a column of %d bytes at %d in a file of %d: truncated or corrupt", c.TotalCompressedSize, at, len(data))
	}
	for rest := data[at : at+c.TotalCompressedSize]; len(rest) > 0; {
		whole, packed, values := int64(-1), int64(-1), int64(0)
		t := &thrift{b: rest, field: func(path [2]int, v int64) {
			switch path {
			case [2]int{2, 0}:
				whole = v
			case [2]int{3, 0}:
				packed = v
			case [2]int{5, 1}, [2]int{7, 1}, [2]int{8, 1}: // of a page of data, of a dictionary, of data in the second form
				values = max(values, v)
				if v < 0 {
					whole = -1
				}
			}
		}}
		if err := t.structure(0, 0); err != nil {
			return err
		}
		if whole < 0 || whole > c.TotalUncompressedSize || packed < 0 || packed > int64(len(rest)-t.at) || values > rows {
			return fault.Of(ErrArray, "parquet: a page of %d bytes and %d values in a column of %d and %d: corrupt", whole, values, c.TotalUncompressedSize, rows)
		}
		rest = rest[int64(t.at)+packed:]
	}
	return nil
}
