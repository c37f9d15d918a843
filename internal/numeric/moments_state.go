package numeric

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// ErrState is wrapped by errors about serialised moments that cannot be read.
var ErrState = errors.New("not the state of an accumulator")

const momentsMagic = "assaymom1\n"

// MarshalBinary writes the accumulator so that another process can merge it: magic, widths, nodes, raw spans, CRC-32. Little-endian float64.
func (m *Moments) MarshalBinary() ([]byte, error) {
	b := []byte(momentsMagic)
	put := func(v int) { b = binary.LittleEndian.AppendUint64(b, uint64(v)) }
	floats := func(x []float64) {
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	put(m.d)
	put(m.next)
	put(Leaf)
	put(len(m.nodes))
	put(len(m.spans))
	for _, v := range m.nodes {
		put(v.start)
		put(v.rows)
		floats(v.mean)
		floats(v.co)
	}
	for _, s := range m.spans {
		put(s.start)
		put(len(s.data) / m.d)
		floats(s.data)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)), nil
}

// UnmarshalBinary replaces the accumulator by one that MarshalBinary wrote. It returns ErrState if the bytes are not one, are cut or are damaged.
func (m *Moments) UnmarshalBinary(b []byte) error {
	if len(b) < len(momentsMagic)+4 || string(b[:len(momentsMagic)]) != momentsMagic {
		return fault.Of(ErrState, "moments: not the state of an accumulator")
	}
	body := b[:len(b)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return fault.Of(ErrState, "moments: checksum is wrong, the file is cut or damaged")
	}
	r := stateReader{b: body[len(momentsMagic):]}
	const most = 1 << 40 // rows; keeps every product below in range
	t := Moments{d: r.count(1 << 20), next: r.count(most)}
	if leaf := r.count(most); leaf != Leaf && !r.bad {
		return fault.Of(ErrState, "moments: leaves of %d rows, this version uses %d", leaf, Leaf)
	}
	nodes, spans := r.count(64*64), r.count(1<<20)
	if r.bad || t.d < 1 {
		return fault.Of(ErrState, "moments: impossible header")
	}
	for range nodes {
		v := node{start: r.count(most), rows: r.count(most), mean: r.floats(t.d), co: r.floats(packedLen(t.d))}
		if r.bad || v.rows < Leaf || v.rows&(v.rows-1) != 0 || v.start%v.rows != 0 || t.insertNode(v) != nil {
			return fault.Of(ErrState, "moments: impossible node")
		}
	}
	for range spans {
		s := span{start: r.count(most)}
		n := r.count(Leaf)
		s.data = r.floats(n * t.d)
		if r.bad || n < 1 || s.start%Leaf+n > Leaf || t.insertSpan(s) != nil {
			return fault.Of(ErrState, "moments: impossible rows")
		}
	}
	if len(r.b) != 0 {
		return fault.Of(ErrState, "moments: %d bytes too many", len(r.b))
	}
	*m = t
	return nil
}

// stateReader takes numbers off a byte slice and remembers whether one was missing or out of range.
type stateReader struct {
	b   []byte
	bad bool
}

func (r *stateReader) count(most int) int {
	if len(r.b) < 8 {
		r.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	if v > uint64(most) {
		r.bad = true
		return 0
	}
	return int(v)
}

func (r *stateReader) floats(n int) []float64 {
	if r.bad || len(r.b)/8 < n {
		r.bad = true
		return nil
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(r.b[8*i:]))
		if x[i]-x[i] != 0 {
			r.bad = true
		}
	}
	r.b = r.b[8*n:]
	return x
}
