package source

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// Prepared says how the images of a place were made from others: what stands in listing.RecordHead beside them, or in the array of that name of an npz file.
type Prepared struct {
	Assay   string `json:"assay"`   // PreparedForm
	Recipe  string `json:"recipe"`  // its name
	Hash    string `json:"hash"`    // sha256 of the text
	Text    string `json:"text"`    // the recipe in its canonical form
	Program string `json:"program"` // version of the program that carried it out
	Source  string `json:"source"`  // last part of the path that the images were read from
	N       int    `json:"n"`
	Content string `json:"content"` // imaging.Content's hash of the prepared images
	Inputs  string `json:"inputs"`  // sha256 of the list without what came out: which files went in
	List    string `json:"list"`    // sha256 of listing.RecordList: for each image its name, its source's name, the sha256 of both files
}

// PreparedForm is the form of the record, in its field Assay.
const PreparedForm = "prepared images 1"

// PreparedArray is the array of an npz file that holds the record, and ListArray the one that holds the list.
const (
	PreparedArray = "assay_prepared"
	ListArray     = "assay_prepared_list"
)

// maxRecord bounds the record's head.
const maxRecord = 1 << 20

// record reads the one record of a place; nil where it has none, or several, as two prepared folders in one have.
func (s *Set) record(beside []listing.File) error {
	heads := slices.DeleteFunc(slices.Clone(beside), func(f listing.File) bool { return path.Base(f.Name) != listing.RecordHead })
	if len(heads) != 1 {
		return nil
	}
	text, err := heads[0].Read()
	if err != nil {
		return fmt.Errorf("%s: %w", heads[0].Name, err)
	}
	s.Prepared, err = ParsePrepared(text, heads[0].Name)
	return err
}

// ParsePrepared reads a record's head. The name serves messages. It errors with ErrSource on what is none.
func ParsePrepared(text []byte, name string) (*Prepared, error) {
	p := new(Prepared)
	err := error(nil)
	if len(text) > maxRecord {
		err = fmt.Errorf("%d bytes", len(text))
	} else if err = json.Unmarshal(text, p); err == nil && (p.Assay != PreparedForm || p.Hash == "" || p.Content == "" || p.N < 1) {
		err = fmt.Errorf("it is not of the form %q", PreparedForm)
	}
	if err != nil {
		return nil, fault.Of(ErrSource, "%s: no record of a preparation: %w; prepare the images again, or remove the file", name, err)
	}
	return p, nil
}

// arrayRecord reads the record in an npz file, of the arrays of images in it. It returns nil where there is none.
func arrayRecord(place string) (*Prepared, error) {
	file, name := featurizer.ArrayName(place)
	z, err := tensorfile.OpenNPZ(file)
	if err != nil || name != "" && name != "arr_0" {
		return nil, nil //nolint:nilnil,nilerr // another kind of file, or other arrays
	}
	defer func() { _ = z.Close() }() // only read
	if !slices.Contains(z.Names(), PreparedArray) {
		return nil, nil //nolint:nilnil // none
	}
	h, err := z.Header(PreparedArray)
	if err == nil && h.Len() > maxRecord {
		err = fault.Of(ErrSource, "%s: %s: an array of %v is longer than any record", file, PreparedArray, h.Shape)
	}
	if err != nil {
		return nil, err
	}
	a, err := z.Read(PreparedArray)
	if err != nil {
		return nil, err
	}
	return ParsePrepared(a.Raw, file+": "+PreparedArray)
}

// File returns the bytes of item i as they lie in the source, or nil where it is part of an array, which holds pixels. It is safe for concurrent use.
func (s *Set) File(i int) ([]byte, error) {
	it := &s.Items[i]
	if it.bad != nil || it.image != nil {
		return nil, it.bad
	}
	data, err := it.read()
	return data, named(it.Name, err)
}

// Decode decodes bytes that File returned for item i.
func (s *Set) Decode(i int, data []byte) (*imaging.Image, []string, error) {
	return s.limits.DecodeBytes(data, s.Items[i].Name)
}
