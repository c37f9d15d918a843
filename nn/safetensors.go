package nn

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
)

// The safetensors format: the length of the header in 8 bytes, a JSON header with type, shape and byte range of each tensor, then raw
// little-endian values.

// Tensor is a named array, row-major.
type Tensor struct {
	Name string
	Dims []int
	Data []float32
}

// ErrFormat marks a file that is not valid safetensors.
var ErrFormat = errors.New("not a valid safetensors file")

const (
	maxHeader   = 16 << 20
	maxElements = 1 << 40
)

type tensorHeader struct {
	Dtype   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

func malformed(format string, a ...any) error {
	return fmt.Errorf("nn: %w: %s", ErrFormat, fmt.Sprintf(format, a...))
}

// EncodeTensors writes tensors in the order given, as float32, or as float16 if half is set (rounded to nearest even). Equal arguments give
// equal bytes.
func EncodeTensors(w io.Writer, tensors []Tensor, meta map[string]string, half bool) error {
	header := map[string]any{}
	if len(meta) > 0 {
		header["__metadata__"] = meta
	}
	width, dtype := int64(4), "F32"
	if half {
		width, dtype = 2, "F16"
	}
	at := int64(0)
	for _, t := range tensors {
		if size(t.Dims) != len(t.Data) {
			return fmt.Errorf("nn: tensor %s: %d values for shape %v", t.Name, len(t.Data), t.Dims)
		}
		if _, twice := header[t.Name]; twice || t.Name == "__metadata__" {
			return fmt.Errorf("nn: tensor %s: the name is taken", t.Name)
		}
		h := tensorHeader{Dtype: dtype, Shape: []int64{}, Offsets: [2]int64{at, at + width*int64(len(t.Data))}}
		for _, d := range t.Dims {
			h.Shape = append(h.Shape, int64(d))
		}
		header[t.Name], at = h, h.Offsets[1]
	}
	b, err := json.Marshal(header) // keys sorted
	if err != nil {
		return err
	}
	if n := len(b) % 8; n != 0 {
		b = append(b, strings.Repeat(" ", 8-n)...) // values start aligned
	}
	if len(b) > maxHeader {
		return fmt.Errorf("nn: safetensors header of %d bytes, at most %d", len(b), maxHeader)
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...)); err != nil {
		return err
	}
	for _, t := range tensors {
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
				b = binary.LittleEndian.AppendUint16(b, toHalf(f))
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

// DecodeTensors reads a whole safetensors file of F32, F16 or BF16 tensors, in the order of their bytes. Every length and offset is checked:
// ranges inside the data, of the size the shape asks for, without overlap or hole. Errors wrap ErrFormat.
func DecodeTensors(b []byte) ([]Tensor, map[string]string, error) {
	header, data, err := splitHeader(b)
	if err != nil {
		return nil, nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return nil, nil, malformed("header: %v", err)
	}
	var meta map[string]string
	if m, ok := raw["__metadata__"]; ok {
		if err := json.Unmarshal(m, &meta); err != nil {
			return nil, nil, malformed("metadata: %v", err)
		}
		delete(raw, "__metadata__")
	}
	heads := map[string]tensorHeader{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		var h tensorHeader
		if err := json.Unmarshal(raw[name], &h); err != nil {
			return nil, nil, malformed("tensor %q: %v", name, err)
		}
		heads[name] = h
	}
	names := slices.SortedFunc(maps.Keys(heads), func(a, b string) int {
		x, y := heads[a].Offsets, heads[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), strings.Compare(a, b))
	})
	var tensors []Tensor
	at := int64(0)
	for _, name := range names {
		t, err := decodeTensor(name, heads[name], data, at)
		if err != nil {
			return nil, nil, err
		}
		tensors, at = append(tensors, t), heads[name].Offsets[1]
	}
	if at != int64(len(data)) {
		return nil, nil, malformed("%d bytes of values, the header describes %d", len(data), at)
	}
	return tensors, meta, nil
}

func splitHeader(b []byte) (header, data []byte, err error) {
	if len(b) < 8 {
		return nil, nil, malformed("%d bytes", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, nil, malformed("a header of %d bytes in a file of %d", n, len(b))
	}
	return b[8 : 8+n], b[8+n:], nil
}

func decodeTensor(name string, h tensorHeader, data []byte, at int64) (Tensor, error) {
	width := map[string]int64{"F32": 4, "F16": 2, "BF16": 2}[h.Dtype]
	if width == 0 {
		return Tensor{}, malformed("tensor %q has type %q, can read F32, F16 and BF16", name, h.Dtype)
	}
	t := Tensor{Name: name, Dims: make([]int, len(h.Shape))}
	n := int64(1)
	for i, d := range h.Shape {
		if d < 0 || d > maxElements || (d > 0 && n > maxElements/d) {
			return Tensor{}, malformed("tensor %q has shape %v", name, h.Shape)
		}
		n *= d
		t.Dims[i] = int(d)
	}
	lo, hi := h.Offsets[0], h.Offsets[1]
	if lo != at || hi < lo || hi > int64(len(data)) || hi-lo != n*width {
		return Tensor{}, malformed("tensor %q: bytes %d to %d of %d for shape %v of %s, expected to start at %d", name, lo, hi, len(data), h.Shape, h.Dtype, at)
	}
	t.Data = make([]float32, n)
	b := data[lo:hi]
	for i := range t.Data {
		switch h.Dtype {
		case "F32":
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		case "BF16":
			t.Data[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		default:
			t.Data[i] = fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
		}
	}
	return t, nil
}
