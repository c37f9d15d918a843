package nn

import (
	"fmt"
	"io"

	"github.com/assay-gan/assay/internal/tensorfile"
)

// Tensor is a named array, row-major.
type Tensor struct {
	Name string
	Dims []int
	Data []float32
}

// ErrFormat marks a file that is not valid safetensors, or not of floats.
var ErrFormat = tensorfile.ErrSafetensors

// EncodeTensors writes tensors as safetensors in the order given, as float32, or as float16 if half is set (rounded to nearest even). Equal arguments give
// equal bytes.
func EncodeTensors(w io.Writer, tensors []Tensor, meta map[string]string, half bool) error {
	values := make([]tensorfile.Values, len(tensors))
	for i, t := range tensors {
		values[i] = tensorfile.Values{Name: t.Name, Shape: t.Dims, Data: t.Data}
	}
	if err := tensorfile.WriteSafetensors(w, values, meta, half); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	return nil
}

// DecodeTensors reads a whole safetensors file of F32, F16 or BF16 tensors, in the order of their bytes, and its metadata. Every length and offset is checked.
// Errors wrap ErrFormat.
func DecodeTensors(b []byte) ([]Tensor, map[string]string, error) {
	raw, meta, err := tensorfile.ParseSafetensors(b)
	if err != nil {
		return nil, nil, fmt.Errorf("nn: %w", err)
	}
	var tensors []Tensor
	for _, r := range raw {
		x, ok := r.Float32s()
		if !ok || r.Type == "F64" { // a checkpoint that lost digits would not go on to the bit
			return nil, nil, fmt.Errorf("nn: %w: tensor %q has type %q, can read F32, F16 and BF16", ErrFormat, r.Name, r.Type)
		}
		tensors = append(tensors, Tensor{Name: r.Name, Dims: append([]int{}, r.Shape...), Data: x})
	}
	return tensors, meta, nil
}
