package featurizer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// The endings of files that hold arrays; in those with several arrays one is named as FILE:NAME.
var (
	arrayEndings = []string{".npy", ".npz", ".csv", ".tsv", ".parquet", ".arrow", ".feather", ".pt", ".pth", ".safetensors", ".pkl"}
	manyEndings  = []string{".npz", ".pt", ".pth", ".safetensors", ".pkl"}
)

// ArrayName parts FILE:NAME, where FILE ends as one of several arrays does, in any case, and no file has the whole name.
func ArrayName(path string) (file, name string) {
	if i := strings.LastIndexByte(path, ':'); i >= 0 && slices.Contains(manyEndings, strings.ToLower(filepath.Ext(path[:i]))) {
		if _, err := os.Stat(path); err != nil {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

// IsArrayFile says whether a path, by its ending, is meant as a file of arrays or one array of it, and not as a folder.
func IsArrayFile(path string) bool {
	file, name := ArrayName(path)
	st, err := os.Stat(file)
	return name != "" || (err != nil || !st.IsDir()) && slices.Contains(arrayEndings, strings.ToLower(filepath.Ext(file)))
}

// ReadArray reads one array. The ending says that a file counts as one, its first bytes say which: npy; an npz archive; tensors saved by PyTorch, which are read
// and never run; safetensors; a table (see ReadTable), of which the array is the numbers. Of several arrays "FILE:NAME" names one, else it is the only one, in an npz also the one
// called arr_0. Other arrays are not read.
func ReadArray(path string) (*Array, error) {
	file, name := ArrayName(path)
	if IsTable(file) {
		t, err := ReadTable(file)
		if err != nil {
			return nil, err
		}
		return t.Values, nil
	}
	f, size, err := inputfile.Open(file)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	n, _ := f.Read(head)
	if err := f.Close(); err != nil {
		return nil, err
	}
	var a *tensorfile.Array
	switch ending := strings.ToLower(filepath.Ext(file)); {
	case ending == ".arrow" || ending == ".feather":
		return nil, fault.Of(ErrArray, "%s: Arrow is not read: save it as parquet (pandas: read_feather(f).to_parquet(g)) or CSV", file)
	case ending == ".npy" || ending == ".npz" || bytes.HasPrefix(head[:n], []byte("\x93NUMPY")):
		a, err = tensorfile.ReadFile(path)
	default:
		a, err = readTensor(file, name, size)
	}
	return (*Array)(a), err
}

// readTensor reads one tensor of a file that may hold several.
func readTensor(file, name string, size int64) (*tensorfile.Array, error) {
	data, err := inputfile.Read(file, min(size, tensorfile.MaxBytes))
	if err != nil {
		return nil, err
	}
	a, err := parseTensor(data, file, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return a, nil
}

func parseTensor(data []byte, file, name string) (*tensorfile.Array, error) {
	var names []string
	var take func(i int) (tensorfile.Tensor, error)
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || isPickle(data) {
		f, err := parseTorch(data)
		if err != nil {
			return nil, asArray(err)
		}
		all, err := tensorsOf(f.top)
		if err != nil {
			return nil, asArray(err)
		}
		for _, t := range all {
			names = append(names, t.name)
		}
		take = func(i int) (tensorfile.Tensor, error) { return f.tensor(names[i], all[i].at) }
	} else {
		all, _, err := tensorfile.ParseSafetensors(data)
		if err != nil {
			return nil, asArray(err)
		}
		for _, t := range all {
			names = append(names, t.Name)
		}
		take = func(i int) (tensorfile.Tensor, error) { return all[i], nil }
	}
	i, err := oneOf(names, file, name)
	if err != nil {
		return nil, err
	}
	t, err := take(i)
	if err != nil {
		return nil, asArray(err)
	}
	return t.Array()
}

// asArray says of an error about weights that it is one about an array.
func asArray(err error) error {
	if errors.Is(err, ErrArray) {
		return err
	}
	return fault.Of(ErrArray, "%w", err)
}

// isPickle tells a bare pickle, which begins with the byte 0x80, from a safetensors file whose length of the header happens to: the header itself begins with a brace.
func isPickle(data []byte) bool {
	return len(data) > 0 && data[0] == 0x80 && (len(data) <= 8 || data[8] != '{')
}

func parseTorch(data []byte) (*torchFile, error) {
	if isPickle(data) {
		return parseLegacyPTH(data)
	}
	z, err := inputfile.NewZip(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("zip: truncated or corrupt: %w: %w", ErrWeights, err)
	}
	f, err := parseTorchZip(z, len(data))
	if err == nil && f == nil {
		err = fault.Of(ErrWeights, "a zip archive without data.pkl, so none of PyTorch's: name it .npz or .zip for what it is")
	}
	return f, err
}

// oneOf finds the tensor that is meant: the named one, or the only one.
func oneOf(names []string, file, name string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	if len(names) == 1 && name == "" {
		return 0, nil
	}
	list := fmt.Sprintf("%.60q", names[:min(len(names), 8)])
	switch {
	case len(names) == 0:
		return 0, fault.Of(ErrArray, "no tensors in it")
	case len(names) > 8:
		list += fmt.Sprintf(" and %d more", len(names)-8)
	}
	if name == "" {
		return 0, fault.Of(ErrArray, "%d tensors %s: name one as %s:NAME", len(names), list, file)
	}
	return 0, fault.Of(ErrArray, "no tensor %.60q, have %s", name, list)
}

// Table is rows of numbers with a name over each column.
type Table struct {
	Columns []string // of the numbers
	Names   []string // what a row is called; nil without a column of names
	Classes []string // the class of a row, as the file writes it; nil without
	Notes   []string // which columns are no features, and as what they were taken
	Values  *Array   // f8, rows x columns
}

// IsTable says whether a file, by its ending, is a table: .csv, .tsv or .parquet.
func IsTable(file string) bool {
	ending := strings.ToLower(filepath.Ext(file))
	return ending == ".csv" || ending == ".tsv" || ending == ".parquet"
}

// ReadTable reads a table of RFC 4180 with a header, fields parted by commas (.csv) or tabulators (.tsv). The column name, filename, file, path or image names the rows, class or
// label gives their classes, a first column without a name is pandas' row numbers; all others are features and must be finite numbers, which are read to the last
// bit. Without a header every column is a feature. A parquet file is the same with columns of whole numbers, float32 or float64, of words for names, and of either for classes. Errors name file, line and column and wrap ErrArray.
func ReadTable(path string) (*Table, error) {
	f, size, err := inputfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		var t *tensorfile.Table
		if t, err = tensorfile.ReadParquet(f, size, path); err != nil {
			return nil, err
		}
		return tableOf(t), nil
	}
	if err := inputfile.Fits(4 * size); err != nil { // a number of one digit and a comma becomes eight bytes
		return nil, fault.Of(ErrArray, "%s: %w", path, err)
	}
	comma := byte(',')
	if strings.EqualFold(filepath.Ext(path), ".tsv") {
		comma = '\t'
	}
	t, err := tensorfile.ReadCSV(bufio.NewReader(f), comma, path)
	if err != nil {
		return nil, err
	}
	return tableOf(t), nil
}

func tableOf(t *tensorfile.Table) *Table {
	return &Table{Columns: t.Columns, Names: t.Names, Classes: t.Classes, Notes: t.Notes, Values: (*Array)(t.Values)}
}
