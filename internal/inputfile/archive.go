package inputfile

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
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
		return nil, fmt.Errorf("the archive's end mark is missing: cut short: %w", ErrEnd)
	}
	b := make([]byte, 1<<15)
	for {
		n, err := t.c.r.Read(b)
		for _, v := range b[:n] {
			if v != 0 {
				return nil, fmt.Errorf("more follows behind the archive's end mark: two archives in one file? Unpack it yourself: %w", ErrEnd)
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
		f.Close()
		return nil, err
	}
	z.file = f
	return z, nil
}

// NewZip reads the directory of an archive of size bytes. Names that lead out of the archive are no error here.
func NewZip(r io.ReaderAt, size int64) (*Zip, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	return &Zip{Reader: z, size: size}, nil
}

// Close closes the file that OpenZip opened.
func (z *Zip) Close() error { return z.file.Close() }

// Member reads a whole member of at most most bytes. What the archive says of its size is held against the packed bytes before anything is unpacked,
// unpacking ends there, and its checksum is compared. The error leaves the name to the caller.
func (z *Zip) Member(f *zip.File, most int64) ([]byte, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	switch {
	case size > uint64(most):
		return nil, fmt.Errorf("%d bytes, at most %d are read: %w", size, most, ErrSize)
	case packed > uint64(z.size) || f.Method == zip.Store && packed != size:
		return nil, fmt.Errorf("said to be %d bytes, %d as packed, in an archive of %d: %w", size, packed, z.size, ErrEnd)
	}
	if err := Grown(int64(packed), int64(size)); err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Exactly(r, int64(size))
}
