package datasets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/inputfile"
)

// maxFile bounds what is read of one file, after decompression: a small gzip can promise anything.
const maxFile = 4 << 30

// openData opens a file, through gzip where its first bytes say so, whatever its name. Reads stop when the context does.
func openData(ctx context.Context, path string) (io.Reader, io.Closer, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	r, err := unzip(&contextReader{ctx, f})
	if err != nil {
		_ = f.Close() // only read
		return nil, nil, err
	}
	return r, f, nil
}

// unzip looks through gzip where the first two bytes are gzip's.
func unzip(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if head, err := buffered.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		z, err := inputfile.NewGzip(buffered)
		if err != nil {
			return nil, err
		}
		return io.LimitReader(z, maxFile), nil
	}
	return io.LimitReader(buffered, maxFile), nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// readUpTo reads at most n bytes and grows as they come, so that a header's promise alone costs no memory. A clean end before n is no error.
func readUpTo(r io.Reader, n int64) ([]byte, error) {
	var buf bytes.Buffer
	_, err := io.Copy(&buf, io.LimitReader(r, n))
	if errors.Is(err, io.ErrUnexpectedEOF) { // a gzip cut short
		err = nil
	}
	return buf.Bytes(), err
}

// findFile is the first of the names that exists in one of the folders, in order of the folders; "" if none does.
func findFile(dirs, names []string) string {
	for _, d := range dirs {
		for _, n := range names {
			p := filepath.Join(d, n)
			if st, err := os.Stat(p); err == nil && !st.IsDir() { // what is no regular file is refused by name when it is opened
				return p
			}
		}
	}
	return ""
}

// cut tells a damaged stream (as opposed to a cancelled or unreadable one) and says how.
func cut(err error) string {
	switch {
	case err == nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return "the file ends early"
	case errors.Is(err, gzip.ErrChecksum):
		return "the gzip checksum is wrong"
	case errors.Is(err, gzip.ErrHeader):
		return "the gzip header is damaged"
	}
	return reason(err).Error()
}

// stopped is the context's error where that is why a read failed.
func stopped(ctx context.Context, err error) bool { return err != nil && ctx.Err() != nil }
