package tensorfile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Archive is an open npz file, whose arrays are read one by one: what is not asked for is not unpacked. Nothing is written to disk, so names in it cannot lead
// anywhere.
type Archive struct {
	path  string
	zip   *inputfile.Zip
	files map[string]*zip.File
}

// OpenNPZ opens an npz archive and reads its directory. It errors with ErrArray where there is none, or no array in it.
func OpenNPZ(path string) (*Archive, error) {
	z, err := inputfile.OpenZip(path)
	if err != nil {
		return nil, fmt.Errorf("%s: npz archive: %w: %w", path, ErrArray, err)
	}
	a := &Archive{path: path, zip: z, files: map[string]*zip.File{}}
	for _, f := range z.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			a.files[name] = f
		}
	}
	if len(a.files) == 0 {
		_ = z.Close() // only read
		return nil, fault.Of(ErrArray, "%s: no arrays in the archive", path)
	}
	return a, nil
}

// Names are the arrays, in order.
func (a *Archive) Names() []string { return slices.Sorted(maps.Keys(a.files)) }

// Read reads one array whole.
func (a *Archive) Read(name string) (*Array, error) {
	f, err := a.file(name)
	if err != nil {
		return nil, err
	}
	b, err := a.zip.Member(f, MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w: %w", a.path, f.Name, ErrArray, err)
	}
	in, name := bytes.NewReader(b), a.path+": "+f.Name
	out, err := ReadNPY(in, name)
	if err == nil {
		err = End(in, name)
	}
	return out, err
}

// Header reads the header of one array and none of its elements.
func (a *Archive) Header(name string) (Header, error) {
	s, done, err := a.Open(name)
	if err != nil {
		return Header{}, err
	}
	return s.Header, done.Close()
}

// Open begins to read one array; the caller closes what it is read from.
func (a *Archive) Open(name string) (*Stream, io.Closer, error) {
	f, err := a.file(name)
	if err != nil {
		return nil, nil, err
	}
	r, err := a.zip.OpenMember(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s: %w: %w", a.path, f.Name, ErrArray, err)
	}
	s, err := NewStream(bufio.NewReaderSize(r, 1<<16), a.path+": "+f.Name)
	if err != nil {
		_ = r.Close() // the other error says why
		return nil, nil, err
	}
	s.ends = true
	return s, r, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.zip.Close() }

func (a *Archive) file(name string) (*zip.File, error) {
	if f := a.files[name]; f != nil {
		return f, nil
	}
	return nil, fault.Of(ErrArray, "%s: no array %q, have %s: name one as %s:NAME", a.path, name, strings.Join(a.Names(), " "), a.path)
}

// Default is the array that is meant where none is named: the only one, or arr_0.
func (a *Archive) Default() string {
	if names := a.Names(); len(names) == 1 {
		return names[0]
	}
	return "arr_0"
}

// ReadFile reads one array from an npy file, or from an npz archive: its only array, the one called arr_0, or "file.npz:name". Endings count in any case.
func ReadFile(path string) (*Array, error) {
	file, key := path, ""
	if i := strings.LastIndex(strings.ToLower(path), ".npz:"); i >= 0 {
		file, key = path[:i+4], path[i+5:]
	}
	if strings.HasSuffix(strings.ToLower(file), ".npz") {
		z, err := OpenNPZ(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = z.Close() }() // only read
		if key == "" {
			key = z.Default()
		}
		return z.Read(key)
	}
	f, size, err := inputfile.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if err := inputfile.Fits(size); err != nil {
		return nil, fault.Of(ErrArray, "%s: %w", file, err)
	}
	in := bufio.NewReaderSize(f, 1<<20)
	a, err := ReadNPY(in, file)
	if err == nil {
		err = End(in, file)
	}
	return a, err
}

// ReadNPZ reads all arrays of an npz archive by name, without the .npy ending.
func ReadNPZ(path string) (map[string]*Array, error) {
	a, err := OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	out := map[string]*Array{}
	for name := range a.files {
		if out[name], err = a.Read(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// WriteNPZ writes an archive, names in order, uncompressed and without times: the same arrays give the same bytes.
func WriteNPZ(w io.Writer, arrays map[string]*Array) error {
	out := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		f, err := out.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := arrays[name].WriteNPY(f); err != nil {
			return err
		}
	}
	return out.Close()
}
