package datasets

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Limits of an IDX header, above everything real: 100 million items, 4096 pixels an edge, 4 GiB in all.
const (
	maxItems = 100_000_000
	maxEdge  = 4096
)

// idx is a file of the IDX format: big-endian magic 0x00 0x00 type rank, then rank sizes of 32 bits, then the values, last index fastest [lecun1998].
type idx struct {
	dims []int
	data []uint8
}

// readIDX reads an IDX file of unsigned bytes. rank is 3 for images and 1 for labels; name is for messages, which say where the file departs from the
// format. The sizes are checked before anything is allocated for them.
func readIDX(r io.Reader, name string, rank int) (*idx, error) {
	what := "labels"
	if rank == 3 {
		what = "images"
	}
	head := make([]byte, 4+4*rank)
	if n, err := io.ReadFull(r, head); err != nil {
		return nil, corrupt("%s: %s inside the header (byte %d of %d): download it again", name, cut(err), n, len(head))
	}
	if magic := binary.BigEndian.Uint32(head); magic != 0x800|uint32(rank) {
		return nil, corrupt("%s: magic number %08x, an IDX file of %s begins with %08x: %s", name, magic, what, 0x800|rank, magicHint(magic, rank))
	}
	x := &idx{dims: make([]int, rank)}
	item := int64(1)
	for i := range x.dims {
		v := binary.BigEndian.Uint32(head[4+4*i:])
		limit := uint32(maxEdge)
		if i == 0 {
			limit = maxItems
		}
		if v < 1 || v > limit {
			return nil, corrupt("%s: the header gives %d as size %d, allowed is 1 to %d: download it again", name, v, i, limit)
		}
		x.dims[i] = int(v)
		if i > 0 {
			item *= int64(v)
		}
	}
	total := item * int64(x.dims[0])
	if total > maxFile {
		return nil, corrupt("%s: the header promises %d bytes, more than %d: download it again", name, total, int64(maxFile))
	}
	var err error
	if x.data, err = readUpTo(r, total); err != nil {
		return nil, corrupt("%s: %s at byte %d of the values: download it again", name, cut(err), len(x.data))
	}
	if int64(len(x.data)) < total {
		return nil, corrupt("%s: %d %s promised, file ends in %s %d: download it again", name, x.dims[0], what, what[:len(what)-1], int64(len(x.data))/item)
	}
	// Reading on to the end also makes gzip check its checksum.
	if extra, err := io.Copy(io.Discard, io.LimitReader(r, 1<<20)); err != nil {
		return nil, corrupt("%s: %s after the last %s: download it again", name, cut(err), what[:len(what)-1])
	} else if extra > 0 {
		return nil, corrupt("%s: %d %s promised, but more bytes follow: download it again", name, x.dims[0], what)
	}
	return x, nil
}

func magicHint(magic uint32, rank int) string {
	switch {
	case magic == 0x801 && rank == 3:
		return "this is a file of labels"
	case magic == 0x803 && rank == 1:
		return "this is a file of images"
	case magic>>16 == 0 && magic&0xff00 != 0x800 && magic&0xff00 >= 0x900 && magic&0xff00 <= 0xe00:
		return fmt.Sprintf("only unsigned bytes (type 08) are read, this one has type %02x", magic>>8)
	}
	return "is it another file, or still compressed?"
}
