// Package source lists the images of a folder, an archive or an array file and hands them out one by one, of any and mixed sizes.
//
// It promises that the order depends on names alone, that nothing is written to disk, that no image is dropped in silence, and that no file
// can make it allocate more than its limits.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/inputfile"
)

// ErrSource is wrapped by every error about the place that images come from, as opposed to one image in it.
var ErrSource = errors.New("no image source")

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
	Path    string
	Kind    string   // folder, zip, tar, npy, npz, idx, cifar, tfrecord
	Classes []string // names of the labels, where sub-folders or files give any
	Items   []Item   // sorted by name
	Ignored []string // files that are no images by their name

	limits imaging.Limits
	close  []func() error
}

// Open lists a folder (flat or with sub-folders; a first level of sub-folders alone gives classes), a zip or tar archive (plain or gz; WebDataset's
// .cls files give labels), an npy or npz array of N x H x W (x C) bytes, an IDX file of images, a CIFAR binary
// batch or a TFRecord file (each plain or gz; TFRecord's labels are not read).
// Symbolic links are followed, loops of them cut.
func Open(ctx context.Context, path string, o Options) (*Set, error) {
	info, err := os.Stat(path)
	file := path
	if i := strings.LastIndex(path, ".npz:"); err != nil && i >= 0 {
		file = path[:i+4]
		info, err = os.Stat(file)
	}
	if err != nil {
		return nil, err
	}
	s := &Set{Path: path, limits: o.Limits}
	switch {
	case info.IsDir():
		err = s.folder(ctx, path, o)
	case strings.HasSuffix(file, ".npy") || strings.HasSuffix(file, ".npz"):
		err = s.array(path)
	default:
		err = s.file(ctx, path)
	}
	if err == nil && len(s.Items) == 0 {
		err = fmt.Errorf("%s: no images in it (%d other files): %w", path, len(s.Ignored), ErrSource)
	}
	if err != nil {
		_ = s.Close() // only read
		return nil, err
	}
	s.finish()
	return s, nil
}

// file tells an archive or a binary file by its first bytes.
func (s *Set) file(ctx context.Context, path string) error {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return err
	}
	head := make([]byte, 512)
	n, _ := f.Read(head)
	_ = f.Close() // only read
	head = head[:n]
	switch {
	case n == 0:
		return fmt.Errorf("%s: the file is empty (0 bytes): %w", path, ErrSource)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return s.zip(path)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return s.tar(ctx, path, false)
	case isRecord(head):
		return s.recordFile(path)
	}
	return s.binary(ctx, path, bytes.HasPrefix(head, []byte("\x1f\x8b")))
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
		return nil, nil, fmt.Errorf("%s: %w", it.Name, err)
	}
	return s.limits.DecodeBytes(data, it.Name)
}

// finish sorts by name and gives labels by sub-folder where every image lies in one and no label is known yet.
func (s *Set) finish() {
	slices.SortStableFunc(s.Items, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(s.Ignored)
	if s.Kind != "folder" && s.Kind != "zip" && s.Kind != "tar" {
		return
	}
	var classes []string
	for _, it := range s.Items {
		class, _, ok := strings.Cut(it.Name, "/")
		if !ok || it.Label >= 0 {
			return
		}
		if !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
	}
	slices.Sort(classes)
	if len(classes) < 2 { // one folder around everything says nothing
		return
	}
	s.Classes = classes
	for i := range s.Items {
		class, _, _ := strings.Cut(s.Items[i].Name, "/")
		s.Items[i].Label = slices.Index(classes, class)
	}
}

// isImage goes by the name's ending, as every tool does.
func isImage(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif":
		return true
	}
	return false
}
