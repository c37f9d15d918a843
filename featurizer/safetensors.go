package featurizer

import (
	"io"
	"maps"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// parseSafetensors reads a whole safetensors file. F16, BF16, F32 and F64 become float32, I64 is left out.
func parseSafetensors(data []byte) (Weights, error) {
	tensors, _, err := tensorfile.ParseSafetensors(data)
	if err != nil {
		return nil, fault.Of(ErrWeights, "%w", err)
	}
	w := Weights{}
	for _, t := range tensors {
		if t.Type == "I64" { // a counter or a list of positions that PyTorch keeps among the weights
			continue
		}
		x, ok := t.Float32s()
		if !ok {
			return nil, fault.Of(ErrWeights, "safetensors tensor %q: type %q, want F16, BF16, F32 or F64", t.Name, t.Type)
		}
		w[t.Name] = Tensor{Shape: t.Shape, Data: x}
	}
	return w, nil
}

// elements multiplies a shape, refusing more than limit.
func elements(shape []int, limit int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > limit/d {
			return 0, fault.Of(ErrWeights, "shape %v is larger than the file: truncated or corrupt", shape)
		}
		n *= d
	}
	return n, nil
}

// WriteSafetensors writes the weights in the order of their names, as F32, or as F16 (rounded to nearest even) where half is set.
func (w Weights) WriteSafetensors(out io.Writer, half bool) error {
	return w.writeSafetensors(out, half, nil)
}

func (w Weights) writeSafetensors(out io.Writer, half bool, meta map[string]string) error {
	var v []tensorfile.Values
	for _, name := range slices.Sorted(maps.Keys(w)) {
		v = append(v, tensorfile.Values{Name: name, Shape: w[name].Shape, Data: w[name].Data})
	}
	return tensorfile.WriteSafetensors(out, v, meta, half)
}
