package inputfile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := Read(path, 5); string(b) != "12345" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := Read(path, 4); !errors.Is(err, ErrSize) || !strings.HasPrefix(err.Error(), path) {
		t.Error(err)
	}
	for size, want := range map[int64]error{4: ErrEnd, 6: ErrEnd, math.MaxInt64 - 1: ErrSize} {
		if _, err := Exactly(strings.NewReader("12345"), size); !errors.Is(err, want) {
			t.Errorf("5 bytes said to be %d: %v, want %v", size, err, want)
		}
	}
}

// The limits by hand: 64 MiB are free; 128 MiB need 128 MiB / 200 = 671 088.64 bytes.
func TestGrown(t *testing.T) {
	for _, tt := range []struct {
		in, out int64
		ok      bool
	}{{1, 64 << 20, true}, {1, 64<<20 + 200, false}, {671088, 128 << 20, true}, {671087, 128 << 20, false}, {math.MaxInt64, math.MaxInt64, false}} {
		if err := Grown(tt.in, tt.out); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes to %d: %v", tt.in, tt.out, err)
		}
	}
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a")
	if err == nil {
		_, err = f.Write(data)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func member(t *testing.T, archive []byte, most int64) ([]byte, error) {
	t.Helper()
	z, err := NewZip(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return z.Member(z.File[0], most)
}

func TestMember(t *testing.T) {
	whole := zipped(t, bytes.Repeat([]byte("abc"), 1000))
	if b, err := member(t, whole, 3000); len(b) != 3000 || err != nil {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := member(t, whole, 2999); !errors.Is(err, ErrSize) {
		t.Error(err)
	}
	// The central directory's entry begins with PK 1 2; from there the sizes, packed and unpacked, lie at 20 and 24.
	at := bytes.Index(whole, []byte("PK\x01\x02"))
	for name, change := range map[string]func(b []byte){
		"says it is shorter":      func(b []byte) { b[at+24]-- },
		"says it is longer":       func(b []byte) { b[at+24]++ },
		"packed beyond its end":   func(b []byte) { b[at+23] = 0x7f; b[at+27] = 0x7f },
		"a checksum that differs": func(b []byte) { b[at+16]++ },
	} {
		b := bytes.Clone(whole)
		change(b)
		if _, err := member(t, b, math.MaxInt64); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
	renamed := bytes.Clone(whole)
	renamed[at+46] = 'b' // the name in the directory
	if _, err := NewZip(bytes.NewReader(renamed), int64(len(renamed))); !errors.Is(err, ErrEnd) {
		t.Errorf("two names: %v", err)
	}
	if _, err := member(t, zipped(t, make([]byte, 65<<20)), math.MaxInt64); !errors.Is(err, ErrSize) || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("65 MiB of zeros: %v", err)
	}
}

func TestGzip(t *testing.T) {
	pack := func(size int) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(make([]byte, size))
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	read := func(b []byte) (int64, error) {
		g, err := NewGzip(bytes.NewReader(b))
		if err != nil {
			return 0, err
		}
		return io.Copy(io.Discard, g)
	}
	small := pack(1000)
	if n, err := read(small); n != 1000 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if _, err := read(small[:len(small)-1]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut trailer: %v", err)
	}
	small[len(small)-5] ^= 1
	if _, err := read(small); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("wrong checksum: %v", err)
	}
	if n, err := read(pack(300 << 20)); !errors.Is(err, ErrSize) || n > Free+1<<20 {
		t.Errorf("300 MiB of zeros: %d bytes unpacked, %v", n, err)
	}
}

func TestTarEnds(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"a", "b"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 1024, Mode: 0o644, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 1024)); err != nil { // two blocks of zeros, as the end mark is
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for _, tt := range []struct {
		name    string
		data    []byte
		members int
		err     error
	}{
		{"whole", whole, 2, nil},
		{"more zeros behind it", append(bytes.Clone(whole), make([]byte, 700)...), 2, nil},
		{"cut behind the first", whole[:1536], 1, ErrEnd},
		{"without its end mark", whole[:3072], 2, ErrEnd},
		{"with half of its end mark", whole[:3584], 2, ErrEnd},
		{"cut in a header", whole[:1600], 1, io.ErrUnexpectedEOF},
		{"cut in a member", whole[:2100], 2, io.ErrUnexpectedEOF},
		{"two in one file", append(bytes.Clone(whole), whole...), 2, ErrEnd},
		{"nothing", nil, 0, ErrEnd},
	} {
		r, n := NewTar(bytes.NewReader(tt.data)), 0
		for {
			_, err := r.Next()
			if err == nil {
				n++
				continue
			}
			if want := tt.err; n != tt.members || want == nil && !errors.Is(err, io.EOF) || want != nil && !errors.Is(err, want) {
				t.Errorf("%s: %d members, %v", tt.name, n, err)
			}
			break
		}
	}
}
