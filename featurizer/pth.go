package featurizer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"path"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// storageOf reads a persistent reference ("storage", kind, key, place, size).
func storageOf(v any) (pyStorage, error) {
	bad := fault.Of(ErrWeights, "storage reference: corrupt")
	t, ok := v.(pyTuple)
	if !ok || len(t) < 5 || t[0] != "storage" {
		return pyStorage{}, bad
	}
	kind, ok1 := t[1].(pyGlobal)
	key, ok2 := t[2].(string)
	size, ok3 := t[4].(int64)
	if !ok1 || !ok2 || !ok3 || size < 0 || size > tensorfile.MaxBytes {
		return pyStorage{}, bad
	}
	return pyStorage{kind: strings.TrimPrefix(string(kind), "torch."), key: key, size: int(size)}, nil
}

// tensorOf reads the arguments of a tensor: storage, offset, shape, strides.
func tensorOf(args pyTuple) (*pyTensor, error) {
	bad := fault.Of(ErrWeights, "tensor: corrupt")
	s, ok1 := args[0].(pyStorage)
	off, ok2 := args[1].(int64)
	shape, ok3 := ints(args[2])
	stride, ok4 := ints(args[3])
	if !ok1 || !ok2 || !ok3 || !ok4 || off < 0 || off > int64(s.size) || len(shape) != len(stride) {
		return nil, bad
	}
	n, err := elements(shape, s.size)
	if err != nil {
		return nil, err
	}
	last := int(off)
	for i, d := range shape {
		if d > 1 {
			if stride[i] > tensorfile.MaxBytes/d {
				return nil, bad
			}
			last += (d - 1) * stride[i] // at most nine terms of 2^36
		}
	}
	if n > 0 && last >= s.size {
		return nil, bad
	}
	return &pyTensor{s, int(off), shape, stride}, nil
}

func ints(v any) ([]int, bool) {
	t, ok := v.(pyTuple)
	if !ok || len(t) > 8 {
		return nil, false
	}
	out := make([]int, len(t))
	for i, x := range t {
		n, ok := x.(int64)
		if !ok || n < 0 || n > tensorfile.MaxBytes {
			return nil, false
		}
		out[i] = int(n)
	}
	return out, true
}

// storageType gives the safetensors name of a storage's number format and its width; 0 for a format that is not known.
func storageType(kind string) (string, int) {
	switch kind {
	case "FloatStorage":
		return "F32", 4
	case "DoubleStorage":
		return "F64", 8
	case "HalfStorage":
		return "F16", 2
	case "BFloat16Storage":
		return "BF16", 2
	case "LongStorage":
		return "I64", 8
	case "IntStorage":
		return "I32", 4
	case "ShortStorage":
		return "I16", 2
	case "ByteStorage":
		return "U8", 1
	case "CharStorage":
		return "I8", 1
	case "BoolStorage":
		return "BOOL", 1
	}
	return "", 0
}

// gather copies a tensor of count elements of width bytes out of its storage by strides.
func (t *pyTensor) gather(store []byte, count, width int) []byte {
	out := make([]byte, 0, count*width)
	index := make([]int, len(t.shape))
	for range count {
		at := t.offset
		for d, v := range index {
			at += v * t.stride[d]
		}
		out = append(out, store[at*width:(at+1)*width]...)
		for d := len(index) - 1; d >= 0; d-- {
			if index[d]++; index[d] < t.shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}

// maxNested is how deep a state dictionary may lie in dictionaries under the key "state_dict"; one that holds itself has no end.
const maxNested = 8

// stateOf finds the dictionary of tensors: the top one, or the one that it holds under the key "state_dict".
func stateOf(top any) (*pyDict, error) {
	for range maxNested {
		d, ok := top.(*pyDict)
		if !ok {
			return nil, fault.Of(ErrWeights, "the pickle holds no dictionary of tensors: save model.state_dict()")
		}
		inner := (*pyDict)(nil)
		for i := 0; i+1 < len(d.items) && inner == nil; i += 2 {
			if d.items[i] == "state_dict" {
				inner, _ = d.items[i+1].(*pyDict)
			}
		}
		if inner == nil {
			return d, nil
		}
		top = inner
	}
	return nil, fault.Of(ErrWeights, "state_dict within state_dict more than %d deep: corrupt", maxNested)
}

// torchFile is what torch.save wrote: an object, and the bytes of the storages that its tensors refer to.
type torchFile struct {
	top    any
	size   int // of the file, in bytes
	raw    func(s pyStorage, size int) ([]byte, error)
	stores map[string][]byte
	total  int // bytes of tensors given out
}

// tensor gives a tensor of the file. Many tensors may share one storage, so their sum is bounded by the file too.
func (f *torchFile) tensor(name string, t *pyTensor) (tensorfile.Tensor, error) {
	out := tensorfile.Tensor{Name: name, Shape: t.shape}
	kind, width := storageType(t.store.kind)
	if width == 0 {
		return out, fault.Of(ErrWeights, "tensor %.60q: storage %.60q: want float numbers", name, t.store.kind)
	}
	store, ok := f.stores[t.store.key]
	if !ok {
		var err error
		if store, err = f.raw(t.store, t.store.size*width); err != nil {
			return out, fmt.Errorf("tensor %.60q: %w", name, err)
		}
		f.stores[t.store.key] = store
	}
	if n := len(store) / width; n < t.store.size {
		return out, fault.Of(ErrWeights, "tensor %.60q: %d of %d numbers: truncated", name, n, t.store.size)
	}
	count, err := elements(t.shape, t.store.size)
	if err != nil {
		return out, err
	}
	f.total += max(4, width) * count
	if err := inputfile.Grown(int64(f.size), int64(f.total)); err != nil {
		return out, fault.Of(ErrWeights, "tensor %.60q: %w", name, err)
	}
	out.Type, out.Raw = kind, t.gather(store, count, width)
	return out, nil
}

// weights are the float tensors of a state dictionary. Integer ones, such as the counter num_batches_tracked, are left out.
func (f *torchFile) weights() (Weights, error) {
	d, err := stateOf(f.top)
	if err != nil {
		return nil, err
	}
	w := Weights{}
	for i := 0; i+1 < len(d.items); i += 2 {
		name, _ := d.items[i].(string)
		t, ok := d.items[i+1].(*pyTensor)
		if !ok {
			continue
		}
		if kind, width := storageType(t.store.kind); width > 0 && !strings.Contains(kind, "F") {
			continue
		}
		x, err := f.tensor(name, t)
		if err != nil {
			return nil, err
		}
		data, _ := x.Float32s()
		w[name] = Tensor{Shape: x.Shape, Data: data}
	}
	return w, nil
}

// parseZipWeights reads a .pth of PyTorch 1.6 or later (a zip with data.pkl and a file for each storage), or an npz archive.
func parseZipWeights(data []byte) (Weights, error) {
	z, err := inputfile.NewZip(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("zip: truncated or corrupt: %w: %w", ErrWeights, err)
	}
	f, err := parseTorchZip(z, len(data))
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return npzWeights(z)
	}
	return f.weights()
}

// parseTorchZip reads the object in a zip of n bytes; nil where the zip is none of PyTorch's.
func parseTorchZip(z *inputfile.Zip, n int) (*torchFile, error) {
	files := map[string]*zip.File{}
	var pickle *zip.File
	for _, f := range z.File {
		files[f.Name] = f
		switch path.Base(f.Name) {
		case "data.pkl":
			pickle = f
		case "constants.pkl":
			return nil, fault.Of(ErrWeights, "this is a TorchScript program, not a dictionary of weights: use %s", PublicInception)
		}
	}
	if pickle == nil {
		return nil, nil
	}
	text, err := z.Member(pickle, maxPickle)
	if err != nil {
		return nil, fmt.Errorf("%.60q: %w: %w", pickle.Name, ErrWeights, err)
	}
	top, err := unpickle(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	if f := files[path.Dir(pickle.Name)+"/byteorder"]; f != nil {
		if b, err := z.Member(f, 16); err != nil || string(b) != "little" {
			return nil, fault.Of(ErrWeights, "the numbers are not little-endian: byte order %q", b)
		}
	}
	return &torchFile{top: top, size: n, stores: map[string][]byte{}, raw: func(s pyStorage, size int) ([]byte, error) {
		f := files[path.Dir(pickle.Name)+"/data/"+s.key]
		if f == nil {
			return nil, fault.Of(ErrWeights, "no storage %.60q in the archive: truncated", s.key)
		}
		b, err := z.Member(f, int64(size))
		if err != nil {
			return nil, fmt.Errorf("%.60q: %w: %w", f.Name, ErrWeights, err)
		}
		return b, nil
	}}, nil
}

func npzWeights(z *inputfile.Zip) (Weights, error) {
	w := Weights{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		text, err := z.Member(f, tensorfile.MaxBytes)
		if err != nil {
			return nil, fmt.Errorf("%.60q: %w: %w", f.Name, ErrWeights, err)
		}
		a, err := ReadNPY(bytes.NewReader(text), f.Name)
		if err != nil {
			return nil, fault.Of(ErrWeights, "%w", err)
		}
		if strings.HasPrefix(a.Type, "f") {
			w[name] = Tensor{Shape: a.Shape, Data: a.Float32s()}
		}
	}
	if len(w) == 0 {
		return nil, fault.Of(ErrWeights, "a zip archive without data.pkl (PyTorch) or float arrays (npz)")
	}
	return w, nil
}

// legacyMagic is the ten-byte number that opens .pth files of PyTorch before 1.6.
const legacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"

// parseLegacyPTH reads the older form: four pickles (magic, version, machine, object), the list of storages, then each one's length and numbers.
func parseLegacyPTH(data []byte) (*torchFile, error) {
	in := bytes.NewReader(data)
	r := bufio.NewReader(in)
	var head [5]any
	for i := range head {
		v, err := unpickle(r)
		if err != nil {
			return nil, err
		}
		if head[i] = v; i == 0 && v != legacyMagic {
			return nil, fault.Of(ErrWeights, "a pickle, but not one of PyTorch's")
		}
	}
	keys, ok := head[4].(*pyList)
	if !ok {
		return nil, fault.Of(ErrWeights, "pickle: no list of storages")
	}
	f := &torchFile{top: head[3], size: len(data), stores: map[string][]byte{}}
	widths, err := f.storageWidths()
	if err != nil {
		return nil, err
	}
	stores, err := legacyStores(data[len(data)-r.Buffered()-in.Len():], keys, widths)
	f.raw = func(s pyStorage, _ int) ([]byte, error) { return stores[s.key], nil }
	return f, err
}

// legacyStores cuts the storages out of what follows the pickles, all of it.
func legacyStores(rest []byte, keys *pyList, widths map[string]int) (map[string][]byte, error) {
	stores := map[string][]byte{}
	for _, k := range keys.items {
		key, _ := k.(string)
		if len(rest) < 8 {
			return nil, fault.Of(ErrWeights, "storage %.60q: truncated", key)
		}
		n, width := binary.LittleEndian.Uint64(rest), widths[key]
		rest = rest[8:]
		if width == 0 || n > uint64(len(rest)/width) {
			return nil, fault.Of(ErrWeights, "storage %.60q of %d numbers: truncated or corrupt", key, n)
		}
		stores[key], rest = rest[:int(n)*width], rest[int(n)*width:]
	}
	if len(rest) > 0 {
		return nil, fault.Of(ErrWeights, "%d bytes follow behind the last storage: corrupt", len(rest))
	}
	return stores, nil
}

// storageWidths are the bytes of a number in each storage that the file's tensors refer to.
func (f *torchFile) storageWidths() (map[string]int, error) {
	widths := map[string]int{}
	tensors, err := tensorsOf(f.top)
	for _, t := range tensors {
		_, widths[t.at.store.key] = storageType(t.at.store.kind)
	}
	return widths, err
}

// namedTensor is a tensor under its key.
type namedTensor struct {
	name string
	at   *pyTensor
}

// tensorsOf lists the tensors of an object: itself, under no name, or those of its dictionary.
func tensorsOf(top any) ([]namedTensor, error) {
	if t, ok := top.(*pyTensor); ok {
		return []namedTensor{{at: t}}, nil
	}
	d, err := stateOf(top)
	if err != nil {
		return nil, err
	}
	var all []namedTensor
	for i := 0; i+1 < len(d.items); i += 2 {
		if t, ok := d.items[i+1].(*pyTensor); ok {
			name, _ := d.items[i].(string)
			all = append(all, namedTensor{name, t})
		}
	}
	return all, nil
}
