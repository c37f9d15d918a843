package featurizer

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// NPZ is the arrays of an npz archive by name, without the .npy ending.
type NPZ map[string]*Array

// ReadNPZ reads all arrays of an npz archive. Nothing is written to disk, so names in it cannot lead anywhere.
func ReadNPZ(path string) (NPZ, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: npz archive: %w: %w", path, ErrArray, err)
	}
	defer z.Close()
	out := NPZ{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".npy") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w: %w", path, f.Name, ErrArray, err)
		}
		a, err := ReadNPY(r, path+": "+f.Name)
		_ = r.Close() // the reader has checked the sum at the end
		if err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(f.Name, ".npy")] = a
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no arrays in the archive: %w", path, ErrArray)
	}
	return out, nil
}

// pick finds the array meant by an optional key.
func (z NPZ) pick(path, key string) (*Array, error) {
	names := slices.Sorted(maps.Keys(z))
	if key == "" {
		key = "arr_0"
		if len(names) == 1 {
			key = names[0]
		}
	}
	if a := z[key]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%s: no array %q, have %s: name one as %s:NAME: %w", path, key, strings.Join(names, " "), path, ErrArray)
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
	dims := make([]string, len(a.Shape))
	for i, v := range a.Shape {
		dims[i] = fmt.Sprint(v) + ","
	}
	order := "<"
	if a.Type[1:] == "1" {
		order = "|"
	}
	head := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, a.Type, strings.Join(dims, " "))
	head += strings.Repeat(" ", 63-(len(head)+10)%64) + "\n" // data begin at a multiple of 64
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	if _, err := w.Write(append(b, head...)); err != nil {
		return err
	}
	_, err := w.Write(a.Raw)
	return err
}

// Write writes the archive, names in order, uncompressed and without times: the same arrays give the same bytes.
func (z NPZ) Write(w io.Writer) error {
	out := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(z)) {
		f, err := out.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := z[name].WriteNPY(f); err != nil {
			return err
		}
	}
	return out.Close()
}

// Save writes the archive to a file, atomically.
func (z NPZ) Save(path string) error { return atomicfile.Write(path, z.Write) }
