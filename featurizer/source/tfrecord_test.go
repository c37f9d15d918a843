package source

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/internal/testutil"
)

// field writes a length-delimited field of a protocol buffer.
func field(id byte, v []byte) []byte {
	return append(binary.AppendUvarint([]byte{id<<3 | 2}, uint64(len(v))), v...)
}

// entry is one name of a tf.train.Example with a list: kind 1 of bytes, 3 of whole numbers.
func entry(name string, kind byte, value []byte) []byte {
	list := field(1, value)
	return field(1, append(field(1, []byte(name)), field(2, field(kind, list))...))
}

func example(entries ...[]byte) []byte {
	var all []byte
	for _, e := range entries {
		all = append(all, e...)
	}
	return field(1, all)
}

// record frames data. The mask is checked against a published value: the CRC-32C of "123456789" is 0xe3069283.
func record(data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, tensorfile.MaskedCRC(b))
	return binary.LittleEndian.AppendUint32(append(b, data...), tensorfile.MaskedCRC(data))
}

func TestTFRecord(t *testing.T) {
	if tensorfile.MaskedCRC([]byte("123456789")) != 0xc78ab0e5 {
		// (0xe3069283 >> 15 | 0xe3069283 << 17) + 0xa282ead8 = 0x2507c60d + 0xa282ead8.
		t.Fatalf("masked %x", tensorfile.MaskedCRC([]byte("123456789")))
	}
	dir := t.TempDir()
	first := record(example(entry("image/class/label", 3, []byte{7}), entry("image/encoded", 1, pngOf(t, picture(40)))))
	// StyleGAN: 3 x 2 x 3 bytes, plane by plane; the first pixel of picture(50) is 50 51 52.
	var planar []byte
	for c := range 3 {
		for p := range 6 {
			planar = append(planar, uint8(50+3*p+c))
		}
	}
	second := record(example(entry("shape", 3, []byte{3, 2, 3}), entry("data", 1, planar)))
	whole := append(append([]byte{}, first...), second...)
	write(t, filepath.Join(dir, "a.tfrecords"), whole)
	write(t, filepath.Join(dir, "a.tfrecords.gz"), gz(t, whole))
	for _, name := range []string{"a.tfrecords", "a.tfrecords.gz"} {
		s := open(t, filepath.Join(dir, name), Options{})
		if s.Kind != "tfrecord" || len(s.Items) != 2 {
			t.Fatalf("%s: %s of %d", name, s.Kind, len(s.Items))
		}
		for i, v := range []uint8{40, 50} {
			m, _, err := s.Image(i)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(picture(v), m); d != "" {
				t.Errorf("%s, image %d: %s", name, i, d)
			}
		}
	}
	flipped := append([]byte{}, whole...)
	flipped[40] ^= 1
	write(t, filepath.Join(dir, "flipped"), flipped)
	s := open(t, filepath.Join(dir, "flipped"), Options{})
	if _, _, err := s.Image(0); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a flipped bit: %v", err)
	}
	if _, _, err := s.Image(1); err != nil {
		t.Errorf("its neighbour: %v", err)
	}
	write(t, filepath.Join(dir, "cut"), whole[:len(whole)-3])
	if _, err := Open(context.Background(), filepath.Join(dir, "cut"), Options{}); !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), "TFRecord 1 at byte") {
		t.Errorf("cut short: %v", err)
	}
	write(t, filepath.Join(dir, "text"), record(example(entry("caption", 1, []byte("a cat")))))
	if _, _, err := open(t, filepath.Join(dir, "text"), Options{}).Image(0); err == nil || !strings.Contains(err.Error(), `it holds ["caption"]`) {
		t.Errorf("no image: %v", err)
	}
}

// FuzzExample: any bytes as a record's content.
func FuzzExample(f *testing.F) {
	f.Add(example(entry("image/encoded", 1, pngOf(f, picture(1)))))
	f.Add(example(entry("shape", 3, []byte{1, 2, 3}), entry("data", 1, make([]byte, 6))))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		s := &Set{}
		if m, err := s.example(data, "fuzz"); err == nil && len(m.Pix) != m.H*m.W*m.C {
			t.Fatal("pixels do not fit")
		}
	})
}
