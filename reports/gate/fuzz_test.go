package gate

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// A baseline is taken only whole and unchanged: what is accepted has the records that its header's sum is of.
func FuzzBaseline(f *testing.F) {
	whole, err := os.ReadFile("../../testdata/gate/baseline.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	head, rest, _ := bytes.Cut(whole, []byte("\n"))
	first, _, _ := bytes.Cut(rest, []byte("\n"))
	f.Add(bytes.Join([][]byte{head, first, nil}, []byte("\n")))
	f.Add([]byte("{\"assay_baseline\":1}\n"))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		b, err := ReadBaseline(bytes.NewReader(data), "name")
		if err != nil {
			if s := err.Error(); !strings.HasPrefix(s, "name:") {
				t.Errorf("the error does not name the file: %q", s)
			}
			return
		}
		_, body, _ := bytes.Cut(data, []byte("\n"))
		if sum(body) != b.Sum {
			t.Error("accepted with another sum")
		}
	})
}
