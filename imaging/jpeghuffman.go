package imaging

import "errors"

// fast is the number of bits that one look-up decodes; longer codes are walked.
const fast = 9

// huffman is one table of codes.
type huffman struct {
	look   [1 << fast]uint16 // value and, above it, length of the codes of up to fast bits; 0 for longer ones
	most   [18]int32         // largest code of a length, -1 for none
	offset [17]int32         // place in values of a code of a length, less the smallest code
	values []byte
}

// tables reads Huffman tables.
func (d *jpegDecoder) tables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 || b[0]&15 > 3 || b[0]>>4 > 1 {
			return errors.New("a Huffman table out of range or cut")
		}
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return errors.New("a Huffman table of too many codes")
		}
		t, err := newHuffman(b[1:17], b[17:17+n])
		if err != nil {
			return err
		}
		if b[0]>>4 == 0 {
			d.dc[b[0]&15] = t
		} else {
			d.ac[b[0]&15] = t
		}
		b = b[17+n:]
	}
	return nil
}

func newHuffman(counts, values []byte) (*huffman, error) {
	t := &huffman{values: values}
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		t.offset[length], t.most[length] = k-code, -1
		if code+n > 1<<length {
			return nil, errors.New("a Huffman table of more codes than bits allow")
		}
		for range n {
			if length <= fast {
				shift := fast - length
				for i := range int32(1) << shift {
					t.look[code<<shift|i] = uint16(length)<<8 | uint16(values[k])
				}
			}
			t.most[length] = code
			code, k = code+1, k+1
		}
		code <<= 1
	}
	return t, nil
}

// bitReader reads entropy-coded bits: a stuffed zero after 0xff is none of them, and a marker ends them.
type bitReader struct {
	data []byte
	at   int
	acc  uint32
	n    int
}

// fill makes at least n bits ready, n up to 16; bits behind the end are zeros that no valid file asks for, and ok tells whether they were.
func (r *bitReader) fill(n int) (ok bool) {
	for r.n < n {
		if r.at >= len(r.data) {
			return false
		}
		b := r.data[r.at]
		if b == 0xff {
			if r.at+1 >= len(r.data) || r.data[r.at+1] != 0 {
				return false
			}
			r.at++
		}
		r.at++
		r.acc = r.acc<<8 | uint32(b)
		r.n += 8
	}
	return true
}

func (r *bitReader) bits(n int) (int32, error) {
	if n == 0 {
		return 0, nil
	}
	if !r.fill(n) {
		return 0, errJPEGShort
	}
	r.n -= n
	return int32(r.acc>>r.n) & (1<<n - 1), nil
}

// signed reads n bits as JPEG writes signed values: a leading zero is that of a negative number.
func (r *bitReader) signed(n int) (int32, error) {
	v, err := r.bits(n)
	if n > 0 && v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v, err
}

// symbol decodes one code.
func (r *bitReader) symbol(t *huffman) (byte, error) {
	if t == nil {
		return 0, errors.New("a scan names a Huffman table that is not there")
	}
	if r.fill(fast) {
		if e := t.look[r.acc>>(r.n-fast)&(1<<fast-1)]; e != 0 {
			r.n -= int(e >> 8)
			return byte(e), nil
		}
	}
	code := int32(0)
	for length := 1; length <= 16; length++ {
		b, err := r.bits(1)
		if err != nil {
			return 0, err
		}
		code = code<<1 | b
		if code <= t.most[length] {
			return t.values[t.offset[length]+code], nil
		}
	}
	return 0, errors.New("bits that are no Huffman code")
}
