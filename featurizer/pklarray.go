package featurizer

import (
	"bufio"
	"bytes"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// What NumPy's arrays are in a pickle: calls of a few constructors, whose results are built here. Nothing is executed, and any other call is refused by its name.

type (
	pyType  struct{ name string } // a number format in NumPy's letters: f8
	pyArray struct {
		shape []int
		kind  string
		raw   []byte
	}
)

// numpyCall answers the calls that make arrays; nil for any other.
func numpyCall(op byte, v []any) (any, error) {
	if op == 'b' {
		return numpyState(v[0], v[1])
	}
	f, _ := v[0].(pyGlobal)
	args, _ := v[1].(pyTuple)
	name := strings.Replace(string(f), "numpy._core.", "numpy.core.", 1) // NumPy 2 moved them
	switch {
	case name == "numpy.dtype" && len(args) >= 1:
		kind, ok := args[0].(string)
		if !ok {
			return nil, badArray("a number format that is no text")
		}
		return &pyType{kind}, nil
	case name == "numpy.core.multiarray._reconstruct" && len(args) == 3:
		return &pyArray{}, nil
	case name == "numpy.core.numeric._frombuffer" && len(args) == 4:
		return arrayFrom(args[0], args[1], args[2], args[3] == "F")
	case name == "_codecs.encode" && len(args) == 2 && args[1] == "latin1":
		return latin1(args[0])
	}
	return nil, nil
}

func badArray(format string, a ...any) error {
	return fault.Of(ErrArray, "array: corrupt: "+format, a...)
}

// numpyState is the state of a number format or an array.
func numpyState(of, state any) (any, error) {
	s, _ := state.(pyTuple)
	switch o := of.(type) {
	case *pyType:
		if len(s) < 2 || s[1] == ">" {
			return nil, badArray("numbers of big byte order, or no order")
		}
		return o, nil
	case *pyArray:
		if len(s) != 5 {
			return nil, badArray("a state of %d parts", len(s))
		}
		a, err := arrayFrom(s[4], s[2], s[1], s[3] == true)
		if err != nil {
			return nil, err
		}
		*o = *a // the memo may hold it already
		return o, nil
	}
	return nil, nil //nolint:nilnil // another object
}

// latin1 gives the bytes that old protocols write as text.
func latin1(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, badArray("encoded text that is none")
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 255 {
			return nil, badArray("encoded text that is no latin1")
		}
		b = append(b, byte(r))
	}
	return string(b), nil
}

// arrayFrom holds bytes, format and shape against each other.
func arrayFrom(data, kind, shape any, fortran bool) (*pyArray, error) {
	raw, ok1 := data.(string)
	t, ok2 := kind.(*pyType)
	dims, ok3 := ints(shape)
	if !ok1 || !ok2 || !ok3 {
		return nil, badArray("bytes, format or shape are of another kind")
	}
	width := map[string]int{"f8": 8, "f4": 4, "f2": 2, "i8": 8, "i4": 4, "u1": 1}[t.name]
	if width == 0 {
		return nil, badArray("numbers of format %.20q: want f8 or f4", t.name)
	}
	n := 1
	for _, d := range dims {
		if d > 0 && n > tensorfile.MaxBytes/d {
			return nil, badArray("shape %v", dims)
		}
		n *= d
	}
	if n*width != len(raw) {
		return nil, badArray("shape %v of %s in %d bytes", dims, t.name, len(raw))
	}
	if fortran && len(dims) > 1 {
		return nil, badArray("columns first: save np.ascontiguousarray(arr)")
	}
	return &pyArray{dims, t.name, []byte(raw)}, nil
}

// get is the value of a dictionary's key; nil without.
func (d *pyDict) get(key string) any {
	for i := 0; i+1 < len(d.items); i += 2 {
		if d.items[i] == key {
			return d.items[i+1]
		}
	}
	return nil
}

// readPickle reads the one object of a pickle of dictionaries, numbers and arrays.
func readPickle(data []byte) (any, error) {
	u := &unpickler{r: bufio.NewReader(bytes.NewReader(data)), memo: map[int]any{}, left: len(data), arrays: true}
	return u.run()
}
