package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// ErrSource is wrapped by every error about the place that images come from, as opposed to one image in it.
var ErrSource = listing.ErrPlace

// Options say how to look for images.
type Options struct {
	Flat   bool           // folders: do not look into sub-folders
	Limits imaging.Limits // of one image
}

// Item is one image before it is decoded.
type Item struct {
	Name  string // path within the source
	Label int    // class, or -1
	read  func() ([]byte, error)
	image func() (*imaging.Image, error) // for arrays, which hold pixels
	bad   error                          // known before reading, e.g. an unsafe name
}

// Set is an opened source. Items may be decoded concurrently.
type Set struct {
	Path     string
	Kind     string         // folder, zip, tar, npy, npz, idx, cifar, tfrecord
	Classes  []string       // names of the labels, where sub-folders or files give any
	Items    []Item         // sorted by name
	Left     []listing.Left // files of a folder or an archive that are no part of the set
	Prepared *Prepared      // how the images were made from others, where the place says so; what it says is not yet held against the images
	NoClass  string         // why .cls files that are there give no classes, "" otherwise

	limits imaging.Limits
	close  []func() error
}

// Open lists a folder (flat or with sub-folders; a first level of sub-folders alone gives classes), a zip or tar archive (plain or gz; WebDataset's
// .cls files give labels), an npy or npz array of N x H x W (x C) bytes, an IDX file of images, a CIFAR binary
// batch or a TFRecord file (each plain or gz; TFRecord's labels are not read).
func Open(ctx context.Context, path string, o Options) (*Set, error) {
	file, _ := featurizer.ArrayName(path)
	place, err := listing.Look(file)
	if err != nil {
		return nil, err
	}
	s := &Set{Path: path, limits: o.Limits}
	ending := strings.ToLower(filepath.Ext(file))
	switch {
	case place == listing.IsFolder || place != listing.IsOther && ending != ".npz":
		err = s.list(listing.Open(ctx, path, listing.Options{Flat: o.Flat, Bytes: o.Limits.Bytes}))
	case ending == ".npy" || ending == ".npz":
		err = s.array(path)
	default:
		err = s.file(path)
	}
	if err == nil && len(s.Items) == 0 {
		left := ""
		if l := listing.LeftOut(s.Left); l != "" {
			left = " (" + l + ")"
		}
		err = fault.Of(ErrSource, "%s: no images in it%s", path, left)
	}
	if err != nil {
		_ = s.Close() // only read
		return nil, err
	}
	return s, nil
}

// list takes the files of a folder or an archive for items.
func (s *Set) list(l *listing.List, err error) error {
	if err != nil {
		return err
	}
	s.Kind, s.Left, s.Classes, s.NoClass = l.Kind, l.Left, l.Classes, l.NoClass
	s.close = append(s.close, l.Close)
	for _, f := range l.Files {
		it := Item{Name: f.Name, Label: -1, bad: f.Bad, read: f.Read}
		if v, ok := l.Labels[f.Name]; ok {
			it.Label = v
		}
		s.Items = append(s.Items, it)
	}
	return s.record(l.Beside)
}

// file tells TFRecords, which stay on disk, from files that are held in memory.
func (s *Set) file(path string) error {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return err
	}
	head := make([]byte, 12)
	_, err = io.ReadFull(f, head)
	_ = f.Close() // only read
	if err == nil && isRecord(head) {
		return s.recordFile(path)
	}
	return s.binary(path, head[0] == 0x1f && head[1] == 0x8b)
}

// Close releases the archive.
func (s *Set) Close() error {
	var errs []error
	for _, f := range s.close {
		errs = append(errs, f())
	}
	s.close = nil
	return errors.Join(errs...)
}

// Image decodes item i and returns its warnings. It is safe for concurrent use.
func (s *Set) Image(i int) (*imaging.Image, []string, error) {
	it := &s.Items[i]
	if it.bad != nil {
		return nil, nil, it.bad
	}
	if it.image != nil {
		m, err := it.image()
		return m, nil, err
	}
	data, err := it.read()
	if err != nil {
		return nil, nil, named(it.Name, err)
	}
	return s.limits.DecodeBytes(data, it.Name)
}

// named puts an image's name before its error, once.
func named(name string, err error) error {
	if err != nil && !strings.HasPrefix(err.Error(), name) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}
