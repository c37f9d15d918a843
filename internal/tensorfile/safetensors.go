package tensorfile

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// The safetensors format: the length of the header in 8 bytes, a JSON header with type, shape and byte range of each tensor, then raw little-endian values.

// ErrSafetensors is wrapped by every error about a file that is not valid safetensors.
var ErrSafetensors = errors.New("not a valid safetensors file")

const (
	maxHeader = 100 << 20 // as the format's own library has it
	metaKey   = "__metadata__"
)

// widths are the bytes of an element of the types that the format knows.
var widths = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}

// Tensor is a named array in row-major order, as a safetensors file has it.
type Tensor struct {
	Name  string
	Shape []int // nil for a scalar
	Type  string
	Raw   []byte // a part of the file, not a copy
}

type safeEntry struct {
	Type    string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %w", ErrSafetensors, fmt.Errorf(format, a...))
}

// ParseSafetensors reads a whole safetensors file, in the order of its bytes, and its metadata. Every length and offset is checked: ranges inside the data, of the
// size that the shape asks for, without overlap or hole. Errors wrap ErrSafetensors.
func ParseSafetensors(b []byte) ([]Tensor, map[string]string, error) {
	header, data, err := splitHeader(b)
	if err != nil {
		return nil, nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return nil, nil, malformed("header: %w", err)
	}
	var meta map[string]string
	if m, ok := raw[metaKey]; ok {
		if err := json.Unmarshal(m, &meta); err != nil {
			return nil, nil, malformed("metadata: %w", err)
		}
		delete(raw, metaKey)
	}
	entries := map[string]safeEntry{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		var e safeEntry
		if err := json.Unmarshal(raw[name], &e); err != nil {
			return nil, nil, malformed("tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	var tensors []Tensor
	at := int64(0)
	for _, name := range inOrder(entries) {
		t, err := entries[name].cut(name, data, at)
		if err != nil {
			return nil, nil, err
		}
		tensors, at = append(tensors, t), entries[name].Offsets[1]
	}
	if at != int64(len(data)) {
		return nil, nil, malformed("%d bytes of values, the header describes %d: truncated or corrupt", len(data), at)
	}
	return tensors, meta, nil
}

func splitHeader(b []byte) (header, data []byte, err error) {
	if len(b) < 8 {
		return nil, nil, malformed("%d bytes: truncated", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, nil, malformed("a header of %d bytes in a file of %d: truncated or no safetensors", n, len(b))
	}
	return b[8 : 8+n], b[8+n:], nil
}

// inOrder are the names in the order of their bytes.
func inOrder(entries map[string]safeEntry) []string {
	return slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		x, y := entries[a].Offsets, entries[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), strings.Compare(a, b))
	})
}

// cut takes the entry's bytes, which begin at at, out of the data.
func (e safeEntry) cut(name string, data []byte, at int64) (Tensor, error) {
	width := widths[e.Type]
	if width == 0 {
		return Tensor{}, malformed("tensor %q has type %q, which the format does not know", name, e.Type)
	}
	t := Tensor{Name: name, Type: e.Type}
	n, limit := int64(1), int64(len(data))/width
	for _, d := range e.Shape {
		if d < 0 || d > 0 && n > limit/d {
			return Tensor{}, malformed("tensor %q of shape %v is larger than the file: truncated or corrupt", name, e.Shape)
		}
		n *= d
		t.Shape = append(t.Shape, int(d))
	}
	lo, hi := e.Offsets[0], e.Offsets[1]
	if lo != at || hi < lo || hi > int64(len(data)) || hi-lo != n*width {
		return Tensor{}, malformed("tensor %q: bytes %d to %d of %d for shape %v of %s, expected to start at %d: truncated or corrupt", name, lo, hi, len(data), e.Shape, e.Type, at)
	}
	t.Raw = data[lo:hi]
	return t, nil
}

// Float32s are the values of a tensor of F32, F16, BF16 or F64 (rounded), and whether it is of one of these types.
func (t Tensor) Float32s() ([]float32, bool) { return Floats(t.Type, t.Raw) }

// Floats decodes little-endian values of type F32, F16, BF16 or F64 (rounded), and says whether the type is one of these. Bytes left over are no value.
func Floats(kind string, b []byte) ([]float32, bool) {
	le := binary.LittleEndian
	var value func(b []byte) float32
	switch kind {
	case "F16":
		value = func(b []byte) float32 { return FromHalf(le.Uint16(b)) }
	case "BF16":
		value = func(b []byte) float32 { return math.Float32frombits(uint32(le.Uint16(b)) << 16) }
	case "F32":
		value = func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
	case "F64":
		value = func(b []byte) float32 { return float32(math.Float64frombits(le.Uint64(b))) }
	default:
		return nil, false
	}
	w := int(widths[kind])
	x := make([]float32, len(b)/w)
	for i := range x {
		x[i] = value(b[i*w:])
	}
	return x, true
}

// Values is a named array to be written.
type Values struct {
	Name  string
	Shape []int
	Data  []float32
}

// WriteSafetensors writes arrays in the order given, as float32, or as float16 if half is set (rounded to nearest even). Equal arguments give equal bytes.
func WriteSafetensors(w io.Writer, arrays []Values, meta map[string]string, half bool) error {
	header := map[string]any{}
	if len(meta) > 0 {
		header[metaKey] = meta
	}
	kind := "F32"
	if half {
		kind = "F16"
	}
	at := int64(0)
	for _, t := range arrays {
		if product(t.Shape) != len(t.Data) {
			return fmt.Errorf("tensor %s: %d values for shape %v", t.Name, len(t.Data), t.Shape)
		}
		if _, twice := header[t.Name]; twice || t.Name == metaKey {
			return fmt.Errorf("tensor %s: the name is taken", t.Name)
		}
		e := safeEntry{Type: kind, Shape: []int64{}, Offsets: [2]int64{at, at + widths[kind]*int64(len(t.Data))}}
		for _, d := range t.Shape {
			e.Shape = append(e.Shape, int64(d))
		}
		header[t.Name], at = e, e.Offsets[1]
	}
	b, err := json.Marshal(header) // keys sorted
	if err != nil {
		return err
	}
	if n := len(b) % 8; n != 0 {
		b = append(b, strings.Repeat(" ", 8-n)...) // values start aligned
	}
	if len(b) > maxHeader {
		return fmt.Errorf("safetensors header of %d bytes, at most %d", len(b), maxHeader)
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...)); err != nil {
		return err
	}
	for _, t := range arrays {
		if err := writeValues(w, t.Data, half); err != nil {
			return err
		}
	}
	return nil
}

func writeValues(w io.Writer, x []float32, half bool) error {
	const chunk = 1 << 14
	b := make([]byte, 0, 4*chunk)
	for v := range slices.Chunk(x, chunk) {
		b = b[:0]
		for _, f := range v {
			if half {
				b = binary.LittleEndian.AppendUint16(b, ToHalf(f))
			} else {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
			}
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// codes are numpy's names of the types that it has too.
var codes = map[string]string{
	"BOOL": "b1", "U8": "u1", "I8": "i1", "U16": "u2", "I16": "i2", "F16": "f2", "U32": "u4", "I32": "i4", "F32": "f4", "U64": "u8", "I64": "i8", "F64": "f8",
}

// Array is the tensor as NumPy would hold it; BF16 becomes f4, which holds it exactly. It errors with ErrArray on types that NumPy has not.
func (t Tensor) Array() (*Array, error) {
	if t.Type == "BF16" {
		x, _ := t.Float32s()
		return Float32Array(t.Shape, x), nil
	}
	code, ok := codes[t.Type]
	if !ok {
		return nil, fault.Of(ErrArray, "tensor %.60q: type %.20q: save it as float32", t.Name, t.Type)
	}
	return &Array{Shape: t.Shape, Type: code, Raw: t.Raw}, nil
}
