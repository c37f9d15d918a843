package tensorfile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// Whole files, pieces and what fuzzing makes of them are a table or one error.
// Run it with -fuzzminimizetime 100x, as fuzz/run.sh does: Go spends a minute on making each new input smaller, in which it tries no other.
func FuzzParquet(f *testing.F) {
	for _, file := range []string{"doors/plain.parquet", "doors/named.parquet", "doors/index.parquet", "parquet/list.parquet"} {
		data, err := os.ReadFile("../../featurizer/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := ReadParquet(bytes.NewReader(data), int64(len(data)), "x.parquet")
		if err != nil && (!errors.Is(err, ErrArray) || !strings.HasPrefix(err.Error(), "x.parquet: ")) {
			t.Errorf("%v", err)
		}
		if err == nil && len(x.Values.Raw) != 8*x.Values.Len() {
			t.Errorf("%v in %d bytes", x.Values.Shape, len(x.Values.Raw))
		}
	})
}

// A corrupt page of lz4 takes all memory in the library that reads it, so none is unpacked.
func TestParquetLZ4(t *testing.T) {
	data, err := os.ReadFile("../../featurizer/testdata/parquet/lz4.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = ReadParquet(bytes.NewReader(data), int64(len(data)), "x"); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), "packed by lz4: write it with snappy") {
		t.Error(err)
	}
}

// Every bit of a small file turned, one at a time.
func TestParquetBits(t *testing.T) {
	whole, err := os.ReadFile("../../featurizer/testdata/doors/plain.parquet")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := 0; at < len(whole); at += 3 {
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << (at % 8)
		if _, err := ReadParquet(bytes.NewReader(bad), int64(len(bad)), "x"); err != nil {
			refused++
			if !errors.Is(err, ErrArray) || strings.Contains(err.Error(), "\n") {
				t.Errorf("byte %d: %v", at, err)
			}
		}
	}
	if refused < 300 {
		t.Errorf("%d of %d refused", refused, len(whole)/3)
	}
}

// What a file states is held against its bytes before room is made for it.
func TestParquetAbsurdCounts(t *testing.T) {
	footer := func(body string) []byte {
		return []byte("PAR1" + body + string([]byte{byte(len(body)), 0, 0, 0}) + "PAR1")
	}
	for want, data := range map[string][]byte{
		"1073741824 elements in 0 bytes":   footer("\x29\xfc\x80\x80\x80\x80\x04"), // field 2, a list of 2^30 structures
		"1073741824 elements in 1 bytes":   footer("\x18\x80\x80\x80\x80\x04x"),    // field 1, a text of 2^30 bytes
		"structures 33 deep":               footer(strings.Repeat("\x1c", 40)),
		"a footer of 2147483647 bytes":     []byte("PAR1\xff\xff\xff\x7fPAR1"),
		"no footer: truncated, or another": []byte("PAR1 and no end"),
		"a value of kind 13":               footer("\x1d\x00"),
		"truncated or corrupt number":      footer("\x16\xff\xff"),
	} {
		_, err := ReadParquet(bytes.NewReader(data), int64(len(data)), "x")
		if !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	whole, err := os.ReadFile("../../featurizer/testdata/doors/plain.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if string(whole[4:6]) != "\x15\x06" || whole[6] != 0x15 { // a page of data in the second form, then its unpacked size
		t.Fatalf("the first page begins with % x", whole[4:12])
	}
	bad := append(bytes.Clone(whole[:7]), 0xfe, 0xff) // two bytes in place of the size's: another number, far larger
	bad = append(bad, whole[9:]...)
	if _, err := ReadParquet(bytes.NewReader(bad), int64(len(bad)), "x"); !errors.Is(err, ErrArray) {
		t.Errorf("a page of another size: %v", err)
	}
}
