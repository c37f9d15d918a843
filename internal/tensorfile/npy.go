// Package tensorfile reads and writes arrays as other programs do: npy and npz of NumPy, safetensors, halves. It promises that nothing in a file is believed before
// it is checked against the bytes that are there, that no input makes it panic or allocate more than a small multiple of what really arrives, and that the same
// arrays give the same bytes.
package tensorfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// ErrArray is wrapped by every error about the content of an array file.
var ErrArray = errors.New("not a readable array")

// Array is an n-dimensional array as read from an npy or npz file: C order, little endian.
type Array struct {
	Shape []int
	Type  string // numpy's code without byte order: b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8
	Raw   []byte // the elements
}

// MaxBytes bounds one array: 64 GiB, and never more than the file holds.
const MaxBytes = 1 << 36

var (
	npyOrder   = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'`)
	npyAnyType = regexp.MustCompile(`'descr'\s*:\s*([^,}]*)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9L, ]*)\)`) // Python 2 wrote (300L, 16L)
)

// Header describes an array before its elements are read.
type Header struct {
	Shape        []int
	Type         string // as Array.Type
	Width        int    // bytes of an element
	big, fortran bool
}

// Len is the number of elements.
func (h Header) Len() int { return product(h.Shape) }

// Stream reads an array a few items at a time.
type Stream struct {
	Header
	r    io.Reader
	name string
	done int    // items read
	ends bool   // nothing may follow behind the last item
	rest *Array // the whole of a column-major array, whose first item is complete only with its last column
}

// NewStream reads the header of one npy stream of version 1 to 3. Objects are refused: nothing is ever unpickled. The name serves the messages.
func NewStream(r io.Reader, name string) (*Stream, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Stream{Header: h, r: r, name: name}, nil
}

// Next returns the next n items along the first axis, fewer at the end, none behind it (nil). A scalar is one item.
func (s *Stream) Next(n int) (*Array, error) {
	items := 1
	if len(s.Shape) > 0 {
		items = s.Shape[0]
	}
	if n = min(n, items-s.done); n < 1 {
		return nil, nil
	}
	shape := slices.Clone(s.Shape)
	if len(shape) > 0 {
		shape[0] = n
	}
	if s.fortran && len(s.Shape) > 1 {
		return s.columns(shape)
	}
	raw, err := s.elements(product(shape))
	if err != nil {
		return nil, err
	}
	if s.done += n; s.ends && s.done == items {
		if err := End(s.r, s.name); err != nil {
			return nil, err
		}
	}
	return &Array{Shape: shape, Type: s.Type, Raw: raw}, nil
}

// RowMajor says that items lie one after the other, so that Next and Skip need no more memory than what they return.
func (h Header) RowMajor() bool { return !h.fortran || len(h.Shape) < 2 }

// Skip passes over the next n items, without reading them where r can seek.
func (s *Stream) Skip(n int) error {
	if n == 0 {
		return nil
	}
	if len(s.Shape) == 0 || s.done+n > s.Shape[0] {
		return fault.Of(ErrArray, "%s: %d items are not there to pass over", s.name, n)
	}
	s.done += n
	if !s.RowMajor() {
		return nil // what is left is served from the whole
	}
	size := int64(n) * int64(product(s.Shape[1:])) * int64(s.Width)
	if at, ok := s.r.(io.Seeker); ok {
		_, err := at.Seek(size, io.SeekCurrent)
		return err
	}
	if got, err := io.CopyN(io.Discard, s.r, size); err != nil {
		return fault.Of(ErrArray, "%s: npy data: ends after %d of %d bytes: the file is truncated", s.name, got, size)
	}
	return nil
}

// End errors with ErrArray unless r is at its end, behind an array that should be all of it. A checksum that follows the last byte is compared there.
func End(r io.Reader, name string) error {
	var b [1]byte
	switch n, err := io.ReadFull(r, b[:]); {
	case n > 0:
		return fault.Of(ErrArray, "%s: more follows behind the array: two files in one, or corrupt", name)
	case err != io.EOF:
		return fmt.Errorf("%s: %w: %w", name, ErrArray, err)
	}
	return nil
}

// columns serves items of an array that is stored column by column.
func (s *Stream) columns(shape []int) (*Array, error) {
	if s.rest == nil {
		raw, err := s.elements(s.Len())
		if err == nil && s.ends {
			err = End(s.r, s.name)
		}
		if err != nil {
			return nil, err
		}
		s.rest = &Array{Shape: s.Shape, Type: s.Type, Raw: toC(raw, s.Shape, s.Width)}
	}
	size := product(s.Shape[1:]) * s.Width
	raw := s.rest.Raw[s.done*size : (s.done+shape[0])*size]
	s.done += shape[0]
	return &Array{Shape: shape, Type: s.Type, Raw: raw}, nil
}

// elements reads n elements and turns them to little endian.
func (s *Stream) elements(n int) ([]byte, error) {
	size := int64(n) * int64(s.Width)
	var b bytes.Buffer // grows with what really arrives: a false shape cannot make it allocate
	b.Grow(int(min(size, 1<<20)) + bytes.MinRead)
	got, err := io.Copy(&b, io.LimitReader(s.r, size))
	if err != nil {
		return nil, fmt.Errorf("%s: npy data: %w: %w", s.name, ErrArray, err)
	}
	if got < size {
		return nil, fault.Of(ErrArray, "%s: npy data: %d bytes, shape %v of %s needs %d: the file is truncated", s.name, got, s.Shape, s.Type, size)
	}
	if s.big {
		swap(b.Bytes(), s.Width)
	}
	return b.Bytes(), nil
}

// ReadNPY reads one npy stream whole, see NewStream.
func ReadNPY(r io.Reader, name string) (*Array, error) {
	s, err := NewStream(r, name)
	if err != nil {
		return nil, err
	}
	raw, err := s.elements(s.Len())
	if err != nil {
		return nil, err
	}
	if s.fortran && len(s.Shape) > 1 {
		raw = toC(raw, s.Shape, s.Width)
	}
	return &Array{Shape: s.Shape, Type: s.Type, Raw: raw}, nil
}

// readHeader reads the magic, the version and the dictionary.
func readHeader(r io.Reader) (h Header, err error) {
	head := make([]byte, 10)
	if _, err := io.ReadFull(r, head); err != nil {
		return h, fault.Of(ErrArray, "npy header: the file is truncated")
	}
	if string(head[:6]) != "\x93NUMPY" {
		return h, fault.Of(ErrArray, "begins with % x, which is no npy", head[:6])
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		more := make([]byte, 2)
		if _, err := io.ReadFull(r, more); err != nil {
			return h, fault.Of(ErrArray, "npy header: the file is truncated")
		}
		size |= int(binary.LittleEndian.Uint16(more)) << 16
	}
	if head[6] < 1 || head[6] > 3 || size > 1<<20 {
		return h, fault.Of(ErrArray, "npy version %d with a header of %d bytes", head[6], size)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, fault.Of(ErrArray, "npy header: the file is truncated")
	}
	return parseHeader(string(text))
}

func parseHeader(text string) (h Header, err error) {
	d, o, s := npyDescr.FindStringSubmatch(text), npyOrder.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if d == nil || !strings.Contains(" b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8 ", " "+d[2]+d[3]+" ") {
		kind := "missing"
		if m := npyAnyType.FindStringSubmatch(text); m != nil {
			kind = strings.TrimSpace(m[1])
		}
		return h, fault.Of(ErrArray, "npy type %s: want numbers of 1 to 8 bytes (save with arr.astype(\"float32\"))", kind)
	}
	if o == nil || s == nil {
		return h, fault.Of(ErrArray, "npy header %.80q: order or shape missing", text)
	}
	h.Type, h.big, h.fortran = d[2]+d[3], d[1] == ">", o[1] == "True"
	h.Width = int(d[3][0] - '0')
	total := h.Width
	for _, f := range strings.Split(s[1], ",") {
		if f = strings.TrimSuffix(strings.TrimSpace(f), "L"); f == "" {
			continue
		}
		v, err := strconv.Atoi(f)
		if err != nil || v < 0 || v > 0 && total > MaxBytes/v {
			return h, fault.Of(ErrArray, "npy shape (%s) cannot be read", s[1])
		}
		total *= v
		h.Shape = append(h.Shape, v)
	}
	return h, nil
}

func swap(b []byte, width int) {
	for i := 0; i+width <= len(b); i += width {
		for j := range width / 2 {
			b[i+j], b[i+width-1-j] = b[i+width-1-j], b[i+j]
		}
	}
}

// toC reorders column-major elements.
func toC(raw []byte, shape []int, width int) []byte {
	out := make([]byte, len(raw))
	index := make([]int, len(shape))
	for at := 0; at < len(out); at += width {
		from, stride := 0, 1
		for d, i := range index {
			from += i * stride
			stride *= shape[d]
		}
		copy(out[at:at+width], raw[from*width:])
		for d := len(index) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}

// Len is the number of elements.
func (a *Array) Len() int { return product(a.Shape) }

func product(shape []int) int {
	n := 1
	for _, v := range shape {
		n *= v
	}
	return n
}

// At is element i in C order as float64.
func (a *Array) At(i int) float64 {
	le := binary.LittleEndian
	switch a.Type {
	case "f8":
		return math.Float64frombits(le.Uint64(a.Raw[8*i:]))
	case "f4":
		return float64(math.Float32frombits(le.Uint32(a.Raw[4*i:])))
	case "f2":
		return float64(FromHalf(le.Uint16(a.Raw[2*i:])))
	case "i1":
		return float64(int8(a.Raw[i]))
	case "i2":
		return float64(int16(le.Uint16(a.Raw[2*i:])))
	case "i4":
		return float64(int32(le.Uint32(a.Raw[4*i:])))
	case "i8":
		return float64(int64(le.Uint64(a.Raw[8*i:])))
	case "u2":
		return float64(le.Uint16(a.Raw[2*i:]))
	case "u4":
		return float64(le.Uint32(a.Raw[4*i:]))
	case "u8":
		return float64(le.Uint64(a.Raw[8*i:]))
	}
	return float64(a.Raw[i])
}

// Float64s are all elements.
func (a *Array) Float64s() []float64 {
	f := make([]float64, a.Len())
	for i := range f {
		f[i] = a.At(i)
	}
	return f
}

// Float32s are all elements, rounded where they have more digits.
func (a *Array) Float32s() []float32 {
	f := make([]float32, a.Len())
	for i := range f {
		f[i] = float32(a.At(i))
	}
	return f
}

// Bytes are all elements where they can only be meant as 0 to 255: bytes by their type, or all whole, none outside, and more than 0 and 1 among them. ok
// says whether they can.
func (a *Array) Bytes() (b []byte, ok bool) {
	if a.Type == "u1" {
		return a.Raw, true
	}
	b = make([]byte, a.Len())
	most := byte(0)
	for i := range b {
		v := a.At(i)
		if b[i] = byte(v); !(v >= 0 && v <= 255) || float64(b[i]) != v {
			return nil, false
		}
		most = max(most, b[i])
	}
	return b, most > 1
}

// Float64Array wraps values as an f8 array.
func Float64Array(shape []int, values []float64) *Array {
	a := &Array{Shape: slices.Clone(shape), Type: "f8", Raw: make([]byte, 0, 8*len(values))}
	for _, v := range values {
		a.Raw = binary.LittleEndian.AppendUint64(a.Raw, math.Float64bits(v))
	}
	return a
}

// Float32Array wraps values as an f4 array.
func Float32Array(shape []int, values []float32) *Array {
	a := &Array{Shape: slices.Clone(shape), Type: "f4", Raw: make([]byte, 0, 4*len(values))}
	for _, v := range values {
		a.Raw = binary.LittleEndian.AppendUint32(a.Raw, math.Float32bits(v))
	}
	return a
}

// WriteNPY writes the array as npy version 1.
func (a *Array) WriteNPY(w io.Writer) error {
	if err := WriteHead(w, a.Type, a.Shape); err != nil {
		return err
	}
	_, err := w.Write(a.Raw)
	return err
}

// WriteHead writes what stands before the elements of an array in npy version 1; whoever calls it writes those.
func WriteHead(w io.Writer, kind string, shape []int) error {
	dims := make([]string, len(shape))
	for i, v := range shape {
		dims[i] = fmt.Sprint(v) + ","
	}
	order := "<"
	if kind[1:] == "1" {
		order = "|"
	}
	head := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, kind, strings.Join(dims, " "))
	head += strings.Repeat(" ", 63-(len(head)+10)%64) + "\n" // data begin at a multiple of 64
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	_, err := w.Write(append(b, head...))
	return err
}
