package listing

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// maxMemory bounds what a compressed tar, which cannot be read at random, may unpack to: 4 GiB.
const maxMemory = 1 << 32

// Tar lists a tar archive: plain ones stay on disk until Close and are read at random, gzip-packed ones are held in memory.
func Tar(ctx context.Context, file string, packed bool, o Options) (*List, error) {
	l := newList("tar", o)
	f, err := l.openArchive(file)
	if err != nil {
		return nil, err
	}
	var in io.Reader = f
	if packed {
		if in, err = inputfile.NewGzip(f); err != nil {
			return l.closing(ctx, nil, fault.Of(ErrPlace, "%s: gzip: %w", file, err))
		}
	}
	t := &tarWalk{list: l, file: file, at: f, in: inputfile.NewTar(in), packed: packed, labels: map[string]int{}, members: newMembers(l)}
	return l.closing(ctx, t.labels, t.walk(ctx))
}

// tarWalk is one pass over an archive.
type tarWalk struct {
	list    *List
	file    string
	at      io.ReaderAt
	in      *inputfile.Tar
	packed  bool
	held    int64 // bytes in memory
	images  int
	labels  map[string]int
	members *members
}

func (t *tarWalk) walk(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return fault.Of(ErrPlace, "%s: tar archive after %d images: truncated or corrupt: %w", t.file, t.images, err)
		}
		if err := t.entry(h); err != nil {
			return err
		}
	}
	t.members.files()
	return nil
}

func (t *tarWalk) entry(h *tar.Header) error {
	e := member{name: h.Name}
	switch h.Typeflag {
	case tar.TypeDir:
		e.dir = true
	case tar.TypeSymlink:
		e.link = linkTarget(h.Name, h.Linkname)
	case tar.TypeLink: // a second name of a file that is there already
		e.link = strings.TrimPrefix(h.Linkname, "./")
	case tar.TypeReg:
		if isClassFile(h.Name) {
			b, err := io.ReadAll(io.LimitReader(t.in, maxClassFile+1))
			if !Litter(h.Name) {
				t.labels[Stem(strings.TrimPrefix(h.Name, "./"))] = classOf(b, err)
			}
			return nil
		}
		return t.regular(h, e)
	default:
		return nil
	}
	t.members.put(e)
	return nil
}

func (t *tarWalk) regular(h *tar.Header, e member) error {
	image := imaging.KindOfName(h.Name) != imaging.NoImage
	if image {
		t.images++
	}
	switch {
	case !t.packed:
		at, size := t.in.At(), h.Size
		e.read = func() ([]byte, error) { return t.list.readAll(io.NewSectionReader(t.at, at, size)) }
	case image || Record(h.Name):
		if t.held += h.Size; t.held > maxMemory || h.Size > t.list.most {
			return fault.Of(ErrPlace, "%s: unpacks to more than %d bytes: unpack it into a folder", t.file, int64(maxMemory))
		}
		b, err := t.list.readAll(t.in)
		if err == nil && int64(len(b)) < h.Size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fault.Of(ErrPlace, "%s: %s: truncated or corrupt: %w", t.file, h.Name, err)
		}
		e.read = func() ([]byte, error) { return b, nil }
	}
	t.members.put(e)
	return nil
}
