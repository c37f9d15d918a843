package tensorfile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// Whole files, pieces and what fuzzing makes of them are a table or one error.
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
