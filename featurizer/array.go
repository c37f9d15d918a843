package featurizer

import (
	"io"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// ErrArray is wrapped by every error about the content of an array file.
var ErrArray = tensorfile.ErrArray

// Array is an n-dimensional array as npy and npz files have it: C order, little endian.
type Array struct {
	Shape []int
	Type  string // numpy's code without byte order: b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8
	Raw   []byte // the elements
}

func (a *Array) plain() *tensorfile.Array { return (*tensorfile.Array)(a) }

// Float64Array wraps values as an f8 array.
func Float64Array(shape []int, values []float64) *Array {
	return (*Array)(tensorfile.Float64Array(shape, values))
}

// Float32Array wraps values as an f4 array.
func Float32Array(shape []int, values []float32) *Array {
	return (*Array)(tensorfile.Float32Array(shape, values))
}

// ReadNPY reads one npy stream of version 1 to 3. Objects are refused: nothing is ever unpickled. The name serves the messages.
func ReadNPY(r io.Reader, name string) (*Array, error) {
	a, err := tensorfile.ReadNPY(r, name)
	return (*Array)(a), err
}

// WriteNPY writes the array as npy version 1.
func (a *Array) WriteNPY(w io.Writer) error { return a.plain().WriteNPY(w) }

// Len is the number of elements.
func (a *Array) Len() int { return a.plain().Len() }

// At is element i in C order as float64.
func (a *Array) At(i int) float64 { return a.plain().At(i) }

// Float64s are all elements.
func (a *Array) Float64s() []float64 { return a.plain().Float64s() }

// Float32s are all elements, rounded where they have more digits.
func (a *Array) Float32s() []float32 { return a.plain().Float32s() }

// Bytes are all elements where they can only be meant as 0 to 255: bytes by their type, or all whole, none outside, and more than 0 and 1 among them. ok
// says whether they can.
func (a *Array) Bytes() (b []byte, ok bool) { return a.plain().Bytes() }

// Matrix is a two-dimensional array as features: rows are samples. It errors with ErrShape on other shapes and on values that are not finite.
func (a *Array) Matrix() (*mat.Dense, error) { return a.MatrixFrom(0) }

// MatrixFrom is Matrix of a part of a larger array, whose first row has the number first in messages.
func (a *Array) MatrixFrom(first int) (*mat.Dense, error) {
	if len(a.Shape) != 2 || a.Len() == 0 {
		return nil, fault.Of(ErrShape, "array of shape %v: want N rows of D features, both at least 1", a.Shape)
	}
	f := a.Float64s()
	for i, v := range f {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fault.Of(ErrArray, "row %d, column %d is %v", first+i/a.Shape[1], i%a.Shape[1], v)
		}
	}
	return mat.NewDense(a.Shape[0], a.Shape[1], f), nil
}

// NPZ is the arrays of an npz archive by name, without the .npy ending.
type NPZ map[string]*Array

// ReadNPZ reads all arrays of an npz archive. Nothing is written to disk, so names in it cannot lead anywhere.
func ReadNPZ(path string) (NPZ, error) {
	arrays, err := tensorfile.ReadNPZ(path)
	if err != nil {
		return nil, err
	}
	z := NPZ{}
	for name, a := range arrays {
		z[name] = (*Array)(a)
	}
	return z, nil
}

// Write writes the archive, names in order, uncompressed and without times: the same arrays give the same bytes.
func (z NPZ) Write(w io.Writer) error {
	arrays := map[string]*tensorfile.Array{}
	for name, a := range z {
		arrays[name] = a.plain()
	}
	return tensorfile.WriteNPZ(w, arrays)
}

// Save writes the archive to a file, atomically.
func (z NPZ) Save(path string) error { return atomicfile.Write(path, z.Write) }
