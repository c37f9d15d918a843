package inputfile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Gzip unpacks a gzip stream and stops where Grown says so. The stream's checksum and length are compared at its end: read it to io.EOF.
type Gzip struct {
	in  *counter
	z   *gzip.Reader
	out int64
}

// NewGzip reads the header.
func NewGzip(r io.Reader) (*Gzip, error) {
	in := &counter{r: r}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return &Gzip{in: in, z: z}, nil
}

// Read unpacks the next bytes.
func (g *Gzip) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	before := g.out / Free
	g.out += int64(n)
	if g.out/Free != before || g.out > Free && g.out/Ratio > g.in.n { // the machine is asked once in 64 MiB
		if bad := Grown(g.in.n, g.out); bad != nil {
			return n, bad
		}
	}
	return n, err
}

// Tar reads a tar archive. Its end is an end only behind the two blocks of zeros that close an archive and nothing but zeros behind them, so a file that
// was cut between two members is told from a whole one.
type Tar struct {
	c      *counter
	t      *tar.Reader
	marked int64 // where the last member's bytes end
}

// NewTar reads from r, which must not be read by others.
func NewTar(r io.Reader) *Tar {
	c := &counter{r: r}
	return &Tar{c: c, t: tar.NewReader(c)}
}

// Next goes to the next member; io.EOF behind the last one of a whole archive, ErrEnd (wrapped) where the archive is cut or goes on.
func (t *Tar) Next() (*tar.Header, error) {
	if _, err := io.Copy(io.Discard, t.t); err != nil {
		return nil, err
	}
	t.marked = (t.c.n + 511) / 512 * 512
	h, err := t.t.Next()
	if err != io.EOF {
		return h, err
	}
	if t.c.n < t.marked+1024 {
		return nil, fault.Of(ErrEnd, "the archive's end mark is missing: cut short")
	}
	b := make([]byte, 1<<15)
	for {
		n, err := t.c.r.Read(b)
		for _, v := range b[:n] {
			if v != 0 {
				return nil, fault.Of(ErrEnd, "more follows behind the archive's end mark: two archives in one file? Unpack it yourself")
			}
		}
		if err != nil {
			return nil, err // io.EOF, or what a gzip's trailer says
		}
	}
}

// Read reads the present member.
func (t *Tar) Read(p []byte) (int, error) { return t.t.Read(p) }

// At is the place in the archive that is read next.
func (t *Tar) At() int64 { return t.c.n }

// Zip is an open zip archive.
type Zip struct {
	*zip.Reader
	size int64
	file *os.File
}

// OpenZip opens a zip archive that is a regular file.
func OpenZip(path string) (*Zip, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	z, err := NewZip(f, size)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	z.file = f
	return z, nil
}

// NewZip reads the directory of an archive of size bytes. A name stands in the directory and before the member; where the two differ the archive is refused,
// since no checksum covers them. Names that lead out of the archive are no error here.
func NewZip(r io.ReaderAt, size int64) (*Zip, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	for _, f := range z.File {
		if f.Mode().IsDir() != strings.HasSuffix(f.Name, "/") {
			return nil, fault.Of(ErrEnd, "%q is a folder by its name or by its attributes alone: corrupt", f.Name)
		}
		if err := sameName(r, f); err != nil {
			return nil, err
		}
	}
	return &Zip{Reader: z, size: size}, nil
}

// The header before a member: signature, ..., length of the name at 26 and of what else there is at 28, both at 30.
const (
	localMark = "PK\x03\x04"
	localHead = 30
	localMore = 1 << 10 // of what else there is, as far as it is looked through
)

// sameName compares a member's own name with the directory's. The directory's place of the header is not given out, so it is sought before the member's bytes.
func sameName(r io.ReaderAt, f *zip.File) error {
	at, err := f.DataOffset()
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	b := make([]byte, min(at, int64(localHead+len(f.Name)+localMore)))
	if _, err := r.ReadAt(b, at-int64(len(b))); err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	found := false
	for i := bytes.LastIndex(b, []byte(localMark)); i >= 0; i = bytes.LastIndex(b[:i], []byte(localMark)) {
		h := b[i:]
		if len(h) < localHead {
			continue
		}
		n, more := int(binary.LittleEndian.Uint16(h[26:])), int(binary.LittleEndian.Uint16(h[28:]))
		if len(h) != localHead+n+more {
			continue
		}
		if string(h[localHead:localHead+n]) == f.Name {
			return nil
		}
		found = true
	}
	if found {
		return fault.Of(ErrEnd, "%q is another name in the directory than before its bytes: corrupt", f.Name)
	}
	return nil // more lies between than was looked through
}

// Close closes the file that OpenZip opened.
func (z *Zip) Close() error { return z.file.Close() }

// Member reads a whole member of at most most bytes, as OpenMember does; unpacking ends where the archive says. The error leaves the name to the caller.
func (z *Zip) Member(f *zip.File, most int64) ([]byte, error) {
	if size := f.UncompressedSize64; size > uint64(most) {
		return nil, fault.Of(ErrSize, "%d bytes, at most %d are read", size, most)
	}
	r, err := z.OpenMember(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Exactly(r, int64(f.UncompressedSize64))
}

// OpenMember opens a member to be read bit by bit, up to io.EOF, where its checksum is compared. What the archive says of its size is held against the packed
// bytes first.
func (z *Zip) OpenMember(f *zip.File) (io.ReadCloser, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	if packed > uint64(z.size) || size > 1<<62 || f.Method == zip.Store && packed != size {
		return nil, fault.Of(ErrEnd, "said to be %d bytes, %d as packed, in an archive of %d", size, packed, z.size)
	}
	if err := Grown(int64(packed), int64(size)); err != nil {
		return nil, err
	}
	return f.Open()
}
