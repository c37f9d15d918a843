package listing

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Place is what kind of place a path is.
type Place string

// The kinds of places.
const (
	IsFolder Place = "folder"
	IsZip    Place = "zip"
	IsTar    Place = "tar"
	IsTarGz  Place = "tar.gz"
	IsOther  Place = "" // a file of another kind
)

// Look tells by a file's first bytes what it is; of a tar without the mark of POSIX the name decides. An empty file, or what is neither a folder nor a regular
// file, is an error.
func Look(path string) (Place, error) {
	if info, err := inputfile.Stat(path); err != nil || info.IsDir() {
		return IsFolder, err
	}
	f, _, err := inputfile.Open(path)
	if err != nil {
		return IsOther, err
	}
	defer func() { _ = f.Close() }() // only read
	head := firstBytes(f)
	name := strings.ToLower(path)
	switch {
	case len(head) == 0:
		return IsOther, fault.Of(ErrPlace, "%s: the file is empty (0 bytes)", path)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return IsZip, nil
	case isTar(head) || strings.HasSuffix(name, ".tar"):
		return IsTar, nil
	case !bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return IsOther, nil
	case strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz"):
		return IsTarGz, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return IsOther, err
	}
	if z, err := gzip.NewReader(f); err == nil && isTar(firstBytes(z)) {
		return IsTarGz, nil
	}
	return IsOther, nil
}

func firstBytes(r io.Reader) []byte {
	head := make([]byte, 512)
	n, _ := io.ReadFull(r, head)
	return head[:n]
}

func isTar(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }

// Open lists a folder, a zip or a tar archive (plain or gz). It errors with ErrPlace on files of another kind.
func Open(ctx context.Context, path string, o Options) (*List, error) {
	place, err := Look(path)
	if err != nil {
		return nil, err
	}
	switch place {
	case IsFolder:
		return Folder(ctx, path, o)
	case IsZip:
		return Zip(ctx, path, o)
	case IsTar, IsTarGz:
		return Tar(ctx, path, place == IsTarGz, o)
	default:
		return nil, fault.Of(ErrPlace, "%s: neither a folder nor a zip or tar archive", path)
	}
}
