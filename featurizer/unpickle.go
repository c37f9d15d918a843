package featurizer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// The part of the pickle language that a dictionary of tensors needs. A pickle is a program; this reader knows four harmless calls
// (ordered dictionary, tensor, parameter, storage reference) and refuses every other one by name, so that nothing a file says is executed.

type (
	pyMark   struct{}
	pyGlobal string // module.name
	pyTuple  []any
	pyList   struct{ items []any }
	pyDict   struct{ items []any } // key, value, key, value ...
	// pyStorage is a reference to a run of numbers kept outside the pickle.
	pyStorage struct {
		kind string // FloatStorage ...
		key  string
		size int
	}
	pyTensor struct {
		store         pyStorage
		offset        int
		shape, stride []int
	}
)

// What one pickle may hold: a state dictionary of thousands of tensors needs far less. An operation is a byte, so the bytes bound the operations and,
// but for text, the objects.
const (
	maxPickle     = 64 << 20 // bytes
	maxPickleOps  = 1 << 20
	maxPickleText = 1 << 20 // bytes of one text
)

// unpickler is the machine that a pickle runs on. A container may be put into itself through the memo; so nothing here or behind it walks containers to a
// depth that the file chooses.
type unpickler struct {
	r     *bufio.Reader
	stack []any
	memo  map[int]any
	left  int // bytes of text that may still come

	arrays bool // NumPy's arrays are read too (pklarray.go), whose bytes lie in the pickle itself
}

// unpickle reads one pickle and returns its object.
func unpickle(r *bufio.Reader) (v any, err error) {
	return (&unpickler{r: r, memo: map[int]any{}, left: maxPickle}).run()
}

func (u *unpickler) run() (any, error) {
	for range maxPickleOps {
		op, err := u.r.ReadByte()
		if err != nil {
			return nil, fault.Of(ErrWeights, "pickle: truncated")
		}
		if op == '.' {
			return u.pop()
		}
		if err := u.do(op); err != nil {
			return nil, fmt.Errorf("pickle: %w", err)
		}
	}
	return nil, fault.Of(ErrWeights, "pickle: more than %d operations", maxPickleOps)
}

func (u *unpickler) push(v any) error { u.stack = append(u.stack, v); return nil }

func (u *unpickler) pop() (any, error) {
	if len(u.stack) == 0 {
		return nil, fault.Of(ErrWeights, "stack empty: corrupt")
	}
	v := u.stack[len(u.stack)-1]
	u.stack = u.stack[:len(u.stack)-1]
	return v, nil
}

// popN takes the last n objects; toMark those since the last mark.
func (u *unpickler) popN(n int) ([]any, error) {
	if len(u.stack) < n {
		return nil, fault.Of(ErrWeights, "stack too short: corrupt")
	}
	at := len(u.stack) - n
	v := append([]any(nil), u.stack[at:]...)
	u.stack = u.stack[:at]
	return v, nil
}

func (u *unpickler) toMark() ([]any, error) {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(pyMark); ok {
			v, err := u.popN(len(u.stack) - 1 - i)
			u.stack = u.stack[:i]
			return v, err
		}
	}
	return nil, fault.Of(ErrWeights, "no mark: corrupt")
}

func (u *unpickler) bytes(n uint64) ([]byte, error) {
	if n > maxPickleText && !u.arrays {
		return nil, fault.Of(ErrWeights, "text of %d bytes: corrupt", n)
	}
	if u.left -= int(min(n, tensorfile.MaxBytes)); u.left < 0 {
		return nil, fault.Of(ErrWeights, "more than %d bytes of text: no dictionary of weights", maxPickle)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(u.r, b); err != nil {
		return nil, fault.Of(ErrWeights, "truncated")
	}
	return b, nil
}

// uint reads a little-endian number of n bytes.
func (u *unpickler) uint(n int) (uint64, error) {
	b, err := u.bytes(uint64(n))
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(append(b, make([]byte, 8-n)...)), nil
}

func (u *unpickler) line() (string, error) {
	s, err := u.r.ReadSlice('\n')
	if err != nil {
		return "", fault.Of(ErrWeights, "truncated")
	}
	return strings.TrimSuffix(string(s), "\n"), nil
}

// do carries out one operation.
func (u *unpickler) do(op byte) error {
	switch op {
	case 0x80: // protocol
		_, err := u.uint(1)
		return err
	case 0x95: // frame
		_, err := u.uint(8)
		return err
	case '(':
		return u.push(pyMark{})
	case '0':
		_, err := u.pop()
		return err
	case 'N':
		return u.push(nil)
	case 0x88, 0x89:
		return u.push(op == 0x88)
	case '}':
		return u.push(&pyDict{})
	case ']':
		return u.push(&pyList{})
	case ')':
		return u.push(pyTuple(nil))
	case 'q', 'r', 0x94, 'h', 'j':
		return u.memory(op)
	case 'K', 'M', 'J', 0x8a, 'G', 'I', 'L':
		return u.number(op)
	case 'X', 0x8c, 'U', 'T', 'B', 'C':
		return u.text(op)
	case 0x8e, 0x96: // bytes, and an array of bytes
		if u.arrays {
			return u.text(op)
		}
	case 'c', 0x93:
		return u.global(op)
	case 't', 0x85, 0x86, 0x87:
		return u.tuple(op)
	case 'a', 'e', 's', 'u':
		return u.fill(op)
	case 'Q', 'R', 'b':
		return u.call(op)
	}
	return fault.Of(ErrWeights, "operation 0x%02x is not part of a dictionary of tensors: save model.state_dict()", op)
}

func (u *unpickler) memory(op byte) error {
	key := uint64(len(u.memo))
	if op != 0x94 {
		width := 1
		if op == 'r' || op == 'j' {
			width = 4
		}
		var err error
		if key, err = u.uint(width); err != nil {
			return err
		}
	}
	if op == 'h' || op == 'j' {
		v, ok := u.memo[int(key)]
		if !ok {
			return fault.Of(ErrWeights, "memo %d is empty: corrupt", key)
		}
		return u.push(v)
	}
	v, err := u.pop()
	if err != nil {
		return err
	}
	u.memo[int(key)] = v
	return u.push(v)
}

func (u *unpickler) number(op byte) error {
	switch op {
	case 'I', 'L':
		s, err := u.line()
		if err != nil {
			return err
		}
		v, err := strconv.ParseInt(strings.TrimSuffix(s, "L"), 10, 64)
		if err != nil {
			return fault.Of(ErrWeights, "number %.20q cannot be read", s)
		}
		return u.push(v)
	case 0x8a: // a long of n bytes; the magic number of legacy files has ten, so it is kept as text
		n, err := u.uint(1)
		if err != nil {
			return err
		}
		b, err := u.bytes(n)
		if err != nil {
			return err
		}
		if n > 8 {
			return u.push(string(b))
		}
		v := int64(0)
		for i := len(b) - 1; i >= 0; i-- {
			v = v<<8 | int64(b[i])
		}
		if n > 0 && n < 8 && b[n-1] >= 0x80 {
			v -= 1 << (8 * n)
		}
		return u.push(v)
	case 'G':
		b, err := u.bytes(8)
		if err != nil {
			return err
		}
		return u.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	width := map[byte]int{'K': 1, 'M': 2, 'J': 4}[op]
	v, err := u.uint(width)
	if op == 'J' {
		v = uint64(int64(int32(v)))
	}
	if err != nil {
		return err
	}
	return u.push(int64(v))
}

func (u *unpickler) text(op byte) error {
	width := 1
	switch op {
	case 'X', 'T', 'B':
		width = 4
	case 0x8e, 0x96:
		width = 8
	}
	n, err := u.uint(width)
	if err != nil {
		return err
	}
	b, err := u.bytes(n)
	if err != nil {
		return err
	}
	return u.push(string(b))
}

func (u *unpickler) global(op byte) error {
	var module, name string
	var err error
	if op == 'c' {
		if module, err = u.line(); err != nil {
			return err
		}
		if name, err = u.line(); err != nil {
			return err
		}
	} else {
		v, err := u.popN(2)
		if err != nil {
			return err
		}
		module, _ = v[0].(string)
		name, _ = v[1].(string)
	}
	return u.push(pyGlobal(module + "." + name))
}

func (u *unpickler) tuple(op byte) error {
	var v []any
	var err error
	if op == 't' {
		v, err = u.toMark()
	} else {
		v, err = u.popN(int(op-0x85) + 1)
	}
	if err != nil {
		return err
	}
	return u.push(pyTuple(v))
}

// fill adds to a list or a dictionary.
func (u *unpickler) fill(op byte) error {
	var v []any
	var err error
	switch op {
	case 'a':
		v, err = u.popN(1)
	case 's':
		v, err = u.popN(2)
	default:
		v, err = u.toMark()
	}
	if err != nil {
		return err
	}
	if len(u.stack) == 0 {
		return fault.Of(ErrWeights, "stack empty: corrupt")
	}
	switch c := u.stack[len(u.stack)-1].(type) {
	case *pyList:
		c.items = append(c.items, v...)
	case *pyDict:
		if len(v)%2 != 0 {
			return fault.Of(ErrWeights, "a key without value: corrupt")
		}
		c.items = append(c.items, v...)
	default:
		return fault.Of(ErrWeights, "items for no container: corrupt")
	}
	return nil
}

// call answers persistent references, calls and object states.
func (u *unpickler) call(op byte) error {
	if op == 'Q' {
		v, err := u.pop()
		if err != nil {
			return err
		}
		s, err := storageOf(v)
		if err != nil {
			return err
		}
		return u.push(s)
	}
	v, err := u.popN(2)
	if err != nil {
		return err
	}
	if u.arrays {
		if a, err := numpyCall(op, v); a != nil || err != nil {
			return errors.Join(err, u.push(a))
		}
	}
	if op == 'b' { // the state of an object: an ordered dictionary's attributes, nothing of use
		if _, ok := v[0].(*pyDict); !ok {
			return fault.Of(ErrWeights, "state for an object that is no dictionary: save model.state_dict(), not the model")
		}
		return u.push(v[0])
	}
	f, _ := v[0].(pyGlobal)
	args, _ := v[1].(pyTuple)
	switch {
	case f == "collections.OrderedDict":
		d, err := orderedDict(args)
		if err != nil {
			return err
		}
		return u.push(d)
	case f == "torch._utils._rebuild_tensor_v2" && len(args) >= 4:
		t, err := tensorOf(args)
		if err != nil {
			return err
		}
		return u.push(t)
	case f == "torch._utils._rebuild_parameter" && len(args) >= 1:
		return u.push(args[0])
	}
	return fault.Of(ErrWeights, "it calls %.60q: refused, nothing in a weights file is executed; save a state_dict of tensors", string(f))
}

// orderedDict is an OrderedDict, empty or of a list of pairs, as Python 2 writes it.
func orderedDict(args pyTuple) (*pyDict, error) {
	d := &pyDict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*pyList)
	if !ok {
		return nil, fault.Of(ErrWeights, "pickle: an OrderedDict of something else than pairs")
	}
	for _, p := range pairs.items {
		pair, ok := p.(*pyList)
		if !ok || len(pair.items) != 2 {
			return nil, fault.Of(ErrWeights, "pickle: an OrderedDict of something else than pairs")
		}
		d.items = append(d.items, pair.items...)
	}
	return d, nil
}
