package featurizer

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// maxHeader bounds a safetensors header, as the format's own library does.
const maxHeader = 100 << 20

type safeEntry struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// parseSafetensors reads a whole safetensors file: 8 bytes of header length, a JSON header, the tensors. F16, BF16, F32 and F64 become float32, I64 is
// left out.
// Every offset is checked against the file, and tensors must not overlap.
func parseSafetensors(data []byte) (Weights, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("safetensors of %d bytes: truncated: %w", len(data), ErrWeights)
	}
	size := binary.LittleEndian.Uint64(data)
	if size > maxHeader || size > uint64(len(data)-8) {
		return nil, fmt.Errorf("safetensors header of %d bytes in a file of %d: truncated or no safetensors: %w", size, len(data), ErrWeights)
	}
	var head map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+size], &head); err != nil {
		return nil, fmt.Errorf("safetensors header: %w: %w", ErrWeights, err)
	}
	body := data[8+size:]
	w := Weights{}
	used := 0
	for _, name := range slices.Sorted(maps.Keys(head)) {
		if name == "__metadata__" {
			continue
		}
		var e safeEntry
		if err := json.Unmarshal(head[name], &e); err != nil {
			return nil, fmt.Errorf("safetensors tensor %q: %w: %w", name, ErrWeights, err)
		}
		if e.Type == "I64" { // a counter or a list of positions that PyTorch keeps among the weights
			continue
		}
		t, err := e.read(body)
		if err != nil {
			return nil, fmt.Errorf("safetensors tensor %q: %w", name, err)
		}
		if used += e.Offsets[1] - e.Offsets[0]; used > len(body) {
			return nil, fmt.Errorf("safetensors tensor %q overlaps another: %w", name, ErrWeights)
		}
		w[name] = t
	}
	return w, nil
}

func (e safeEntry) read(body []byte) (Tensor, error) {
	width := map[string]int{"F16": 2, "BF16": 2, "F32": 4, "F64": 8}[e.Type]
	if width == 0 {
		return Tensor{}, fmt.Errorf("type %q, want F16, BF16, F32 or F64: %w", e.Type, ErrWeights)
	}
	n, err := elements(e.Shape, len(body)/width)
	if err != nil {
		return Tensor{}, err
	}
	lo, hi := e.Offsets[0], e.Offsets[1]
	if lo < 0 || hi < lo || hi > len(body) || hi-lo != n*width {
		return Tensor{}, fmt.Errorf("bytes %d to %d of %d for shape %v of %s: truncated or corrupt: %w", lo, hi, len(body), e.Shape, e.Type, ErrWeights)
	}
	return Tensor{Shape: e.Shape, Data: decodeFloats(e.Type, body[lo:hi])}, nil
}

// elements multiplies a shape, refusing more than limit.
func elements(shape []int, limit int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > limit/d {
			return 0, fmt.Errorf("shape %v is larger than the file: truncated or corrupt: %w", shape, ErrWeights)
		}
		n *= d
	}
	return n, nil
}

func decodeFloats(kind string, b []byte) []float32 {
	le := binary.LittleEndian
	var x []float32
	switch kind {
	case "F16":
		for ; len(b) >= 2; b = b[2:] {
			x = append(x, halfToFloat(le.Uint16(b)))
		}
	case "BF16":
		for ; len(b) >= 2; b = b[2:] {
			x = append(x, math.Float32frombits(uint32(le.Uint16(b))<<16))
		}
	case "F32":
		x = make([]float32, 0, len(b)/4)
		for ; len(b) >= 4; b = b[4:] {
			x = append(x, math.Float32frombits(le.Uint32(b)))
		}
	case "F64":
		for ; len(b) >= 8; b = b[8:] {
			x = append(x, float32(math.Float64frombits(le.Uint64(b))))
		}
	}
	return x
}

// WriteSafetensors writes the weights in the order of their names, as F32, or as F16 (rounded to nearest even) where half is set.
func (w Weights) WriteSafetensors(out io.Writer, half bool) error {
	return w.writeSafetensors(out, half, nil)
}

func (w Weights) writeSafetensors(out io.Writer, half bool, meta map[string]string) error {
	kind, width := "F32", 4
	if half {
		kind, width = "F16", 2
	}
	head, at := map[string]any{}, 0
	if meta != nil {
		head["__metadata__"] = meta
	}
	names := slices.Sorted(maps.Keys(w))
	for _, name := range names {
		size := width * len(w[name].Data)
		head[name] = safeEntry{Type: kind, Shape: w[name].Shape, Offsets: [2]int{at, at + size}}
		at += size
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 { // the format asks for aligned data
		text = append(text, ' ')
	}
	if _, err := out.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)); err != nil {
		return err
	}
	for _, name := range names {
		b := make([]byte, 0, width*len(w[name].Data))
		for _, v := range w[name].Data {
			if half {
				b = binary.LittleEndian.AppendUint16(b, floatToHalf(v))
				continue
			}
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}
