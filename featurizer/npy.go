package featurizer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// ErrArray is wrapped by every error about the content of an array file.
var ErrArray = errors.New("not a readable array")

// Array is an n-dimensional array as read from an npy or npz file: C order, little endian.
type Array struct {
	Shape []int
	Type  string // numpy's code without byte order: b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8
	Raw   []byte // the elements
}

// maxArray bounds the bytes of one array: 64 GiB, and never more than the file holds.
const maxArray = 1 << 36

var (
	npyOrder   = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'`)
	npyAnyType = regexp.MustCompile(`'descr'\s*:\s*([^,}]*)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9, ]*)\)`)
)

// ReadNPY reads one npy stream of version 1 to 3. Objects are refused: nothing is ever unpickled. The name serves the messages.
func ReadNPY(r io.Reader, name string) (*Array, error) {
	a, err := readNPY(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func readNPY(r io.Reader) (*Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	a := &Array{Shape: h.shape, Type: h.kind}
	size := a.Len() * h.width
	var b bytes.Buffer // grows with what really arrives: a false shape cannot make it allocate
	n, err := io.Copy(&b, io.LimitReader(r, int64(size)))
	if err != nil {
		return nil, fmt.Errorf("npy data: %w: %w", ErrArray, err)
	}
	if n < int64(size) {
		return nil, fmt.Errorf("npy data: %d bytes, shape %v of %s needs %d: the file is truncated: %w", n, h.shape, h.kind, size, ErrArray)
	}
	a.Raw = b.Bytes()
	if h.big {
		swap(a.Raw, h.width)
	}
	if h.fortran && len(h.shape) > 1 {
		a.Raw = toC(a.Raw, h.shape, h.width)
	}
	return a, nil
}

type npyHeader struct {
	shape        []int
	kind         string
	width        int
	big, fortran bool
}

// readNPYHeader reads the magic, the version and the dictionary.
func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	head := make([]byte, 10)
	if _, err := io.ReadFull(r, head); err != nil {
		return h, fmt.Errorf("npy header: the file is truncated: %w", ErrArray)
	}
	if string(head[:6]) != "\x93NUMPY" {
		return h, fmt.Errorf("begins with % x, which is no npy: %w", head[:6], ErrArray)
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		more := make([]byte, 2)
		if _, err := io.ReadFull(r, more); err != nil {
			return h, fmt.Errorf("npy header: the file is truncated: %w", ErrArray)
		}
		size |= int(binary.LittleEndian.Uint16(more)) << 16
	}
	if head[6] < 1 || head[6] > 3 || size > 1<<20 {
		return h, fmt.Errorf("npy version %d with a header of %d bytes: %w", head[6], size, ErrArray)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, fmt.Errorf("npy header: the file is truncated: %w", ErrArray)
	}
	return parseNPYHeader(string(text))
}

func parseNPYHeader(text string) (h npyHeader, err error) {
	d, o, s := npyDescr.FindStringSubmatch(text), npyOrder.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if d == nil || !strings.Contains(" b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8 ", " "+d[2]+d[3]+" ") {
		kind := "missing"
		if m := npyAnyType.FindStringSubmatch(text); m != nil {
			kind = strings.TrimSpace(m[1])
		}
		return h, fmt.Errorf("npy type %s: want numbers of 1 to 8 bytes (save with arr.astype(\"float32\")): %w", kind, ErrArray)
	}
	if o == nil || s == nil {
		return h, fmt.Errorf("npy header %.80q: order or shape missing: %w", text, ErrArray)
	}
	h.kind, h.big, h.fortran = d[2]+d[3], d[1] == ">", o[1] == "True"
	h.width = int(d[3][0] - '0')
	total := h.width
	for _, f := range strings.Split(s[1], ",") {
		if f = strings.TrimSpace(f); f == "" {
			continue
		}
		v, err := strconv.Atoi(f)
		if err != nil || v < 0 || v > 0 && total > maxArray/v {
			return h, fmt.Errorf("npy shape (%s): %w", s[1], ErrArray)
		}
		total *= v
		h.shape = append(h.shape, v)
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
func (a *Array) Len() int {
	n := 1
	for _, v := range a.Shape {
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
		return float64(halfToFloat(le.Uint16(a.Raw[2*i:])))
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

// Matrix is a two-dimensional array as features: rows are samples. It errors with ErrShape on other shapes and on values that are not finite.
func (a *Array) Matrix() (*mat.Dense, error) {
	if len(a.Shape) != 2 || a.Len() == 0 {
		return nil, fmt.Errorf("array of shape %v: want N rows of D features, both at least 1: %w", a.Shape, ErrShape)
	}
	f := a.Float64s()
	for i, v := range f {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("row %d, column %d is %v: %w", i/a.Shape[1], i%a.Shape[1], v, ErrArray)
		}
	}
	return mat.NewDense(a.Shape[0], a.Shape[1], f), nil
}

// ReadArray reads an array from an npy file, or from an npz archive: its only array, the one called arr_0, or "file.npz:name".
func ReadArray(path string) (*Array, error) {
	file, key := path, ""
	if i := strings.LastIndex(path, ".npz:"); i >= 0 {
		file, key = path[:i+4], path[i+5:]
	}
	if strings.HasSuffix(file, ".npz") {
		z, err := ReadNPZ(file)
		if err != nil {
			return nil, err
		}
		return z.pick(file, key)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadNPY(bufio.NewReaderSize(f, 1<<20), file)
}
