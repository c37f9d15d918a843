package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// writeNPY stores an array for numpy.load.
func writeNPY[T float32 | float64](dir, name string, data []T, shape ...int) error {
	var a *tensorfile.Array
	switch v := any(data).(type) {
	case []float32:
		a = tensorfile.Float32Array(shape, v)
	case []float64:
		a = tensorfile.Float64Array(shape, v)
	}
	if a.Len() != len(data) {
		return fmt.Errorf("%s: %d values for shape %v", name, len(data), shape)
	}
	return atomicfile.Write(filepath.Join(dir, name+".npy"), func(w io.Writer) error { return a.WriteNPY(w) })
}
