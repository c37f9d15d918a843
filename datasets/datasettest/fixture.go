package datasettest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FixtureTrain and FixtureTest are the sizes of the parts of every fixture; sets that come in one body have both together.
const (
	FixtureTrain = 60
	FixtureTest  = 40
)

// Fixture writes small files of a data set's format, filled with noise, into a fresh folder. It fails the test for a file set it does not know:
// then add it here.
func Fixture(t *testing.T, id string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := &SplitMix{uint64(len(id))}
	switch id {
	case "mnist", "mnist-inverted", "stacked-mnist":
		for part, n := range map[string]int{"train": FixtureTrain, "t10k": FixtureTest} {
			Write(t, filepath.Join(dir, part+"-images-idx3-ubyte.gz"), Gzip(IDX(s, n, 28, 28)))
			Write(t, filepath.Join(dir, part+"-labels-idx1-ubyte"), IDXLabels(s, n))
		}
	case "cifar10":
		Write(t, filepath.Join(dir, "data_batch_1.bin"), CIFARBatch(s, FixtureTrain/2))
		Write(t, filepath.Join(dir, "data_batch_2.bin"), CIFARBatch(s, FixtureTrain/2))
		Write(t, filepath.Join(dir, "test_batch.bin"), CIFARBatch(s, FixtureTest))
	case "folder":
		for i := range FixtureTrain + FixtureTest {
			Write(t, filepath.Join(dir, []string{"ant", "bee"}[i%2], fmt.Sprintf("%03d.png", i)), PNG(s, 8, 6))
		}
	case "pokemon":
		Write(t, filepath.Join(dir, "colormap.txt"), []byte("255 255 255\n0 0 0\n200 10 30"))
		Write(t, filepath.Join(dir, "pixel_color.txt.gz"), Gzip(TokenRows(s, FixtureTrain+FixtureTest, 3)))
	case "text":
		Write(t, filepath.Join(dir, "sentences.txt"), Sentences(s, FixtureTrain+FixtureTest))
	default:
		t.Fatalf("no fixture for the file set %q: add one to datasettest", id)
	}
	return dir
}

// Write writes a file and the folders above it.
func Write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Gzip compresses.
func Gzip(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// IDX is an IDX file of n grey images of noise.
func IDX(s *SplitMix, n, h, w int) []byte {
	b := []byte{0, 0, 8, 3}
	for _, v := range []int{n, h, w} {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return noise(s, b, n*h*w)
}

// IDXLabels is an IDX file of n labels 0 to 9.
func IDXLabels(s *SplitMix, n int) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
	for range n {
		b = append(b, byte(s.Uint64()%10))
	}
	return b
}

// CIFARBatch is n records of the CIFAR-10 binary format.
func CIFARBatch(s *SplitMix, n int) []byte {
	var b []byte
	for range n {
		b = noise(s, append(b, byte(s.Uint64()%10)), 3072)
	}
	return b
}

// PNG is a colour image of noise.
func PNG(s *SplitMix, h, w int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := s.Uint64()
			m.Set(x, y, color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), 255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // a bytes.Buffer takes everything
	return b.Bytes()
}

// File is a member of an archive.
type File struct {
	Name string
	Data []byte
}

// Tar packs files.
func Tar(files ...File) []byte {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, f := range files {
		_ = t.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o644, Size: int64(len(f.Data)), Typeflag: tar.TypeReg})
		_, _ = t.Write(f.Data)
	}
	_ = t.Close()
	return b.Bytes()
}

// TokenRows is n rows of 400 colour numbers below the given one.
func TokenRows(s *SplitMix, n, colours int) []byte {
	var b strings.Builder
	for range n {
		for j := range 400 {
			if j > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprint(&b, s.Uint64()%uint64(colours))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// Sentences is n lines of three to eight words.
func Sentences(s *SplitMix, n int) []byte {
	var b strings.Builder
	for range n {
		for range 3 + s.Uint64()%6 {
			fmt.Fprintf(&b, "w%d ", s.Uint64()%50)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func noise(s *SplitMix, b []byte, n int) []byte {
	for range n {
		b = append(b, byte(s.Uint64()>>40))
	}
	return b
}
