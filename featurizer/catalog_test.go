package featurizer

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

func TestParseSpec(t *testing.T) {
	s, err := ParseSpec("pca(64,pca(70,pixels))")
	if err != nil {
		t.Fatal(err)
	}
	want := Spec{"pca", []Spec{{Name: "64"}, {"pca", []Spec{{Name: "70"}, {Name: "pixels"}}}}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	if s.String() != "pca(64,pca(70,pixels))" {
		t.Error(s.String())
	}
	for text, at := range map[string]string{"": "character 1", "pca(": "character 5", "pca(64": "character 7", "pca(64,)": "character 8", "pixels)": "character 7", "Pixels": "character 1", "pca(64, pixels)": "character 8"} {
		if _, err := ParseSpec(text); err == nil || !strings.Contains(err.Error(), at) {
			t.Errorf("%q: error %v, want %s", text, err, at)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"pixel":          `did you mean "pixels"`,
		"zzzzzz":         "have none pixels pca(k,inner)",
		"pca(64,pixel)":  `did you mean "pixels"`,
		"pca(x,pixels)":  `k is "x"`,
		"pca(0,pixels)":  `k is "0"`,
		"pca(64)":        "1 arguments, want pca(k,inner)",
		"pca(64,pixels)": "no reference set",
		"pixels(3)":      "1 arguments",
	} {
		if _, err := Open(context.Background(), spec, Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", spec, err, want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	f.Add("pca(64,pixels)")
	f.Fuzz(func(t *testing.T, text string) {
		defer testutil.Bound(t, len(text))()
		if s, err := ParseSpec(text); err == nil && s.String() != text {
			t.Fatalf("%q becomes %q", text, s)
		}
	})
}
