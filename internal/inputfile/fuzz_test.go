package inputfile

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// Whatever the bytes are: an archive is read to its end, or an error; members are as long as they say.
func FuzzTar(f *testing.F) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a", Size: 3, Mode: 0o644}); err != nil {
		f.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:1024])
	f.Add(make([]byte, 1024))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		r := NewTar(bytes.NewReader(data))
		for n := 0; ; n++ {
			h, err := r.Next()
			if errors.Is(err, io.EOF) && (len(data) < 1024 || !bytes.Equal(data[len(data)-1024:], make([]byte, 1024))) {
				t.Fatal("an end without its mark")
			}
			if err != nil {
				return
			}
			if got, err := io.Copy(io.Discard, r); err == nil && got != h.Size && h.Typeflag == tar.TypeReg {
				t.Fatalf("%d bytes of %d", got, h.Size)
			}
			if n > len(data) {
				t.Fatal("more members than bytes")
			}
		}
	})
}

func FuzzZip(f *testing.F) {
	f.Add(zipped(f, []byte("abc")))
	f.Add(zipped(f, bytes.Repeat([]byte("abc"), 1000)))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := NewZip(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, m := range z.File[:min(len(z.File), 4)] {
			done := testutil.Bound(t, len(data))
			b, err := z.Member(m, 1<<30)
			if done(); err == nil && uint64(len(b)) != m.UncompressedSize64 {
				t.Fatalf("%d bytes of %d", len(b), m.UncompressedSize64)
			}
		}
	})
}
