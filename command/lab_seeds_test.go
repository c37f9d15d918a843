//go:build linux

package command

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// labSeeds are the fuzz targets by the reader whose files they begin with.
var labSeeds = map[string][]string{
	"internal/tensorfile/FuzzNPY":     {"npy"},
	"internal/tensorfile/FuzzNPZ":     {"npz"},
	"internal/tensorfile/FuzzCSV":     {"csv"},
	"internal/tensorfile/FuzzParquet": {"parquet"},
	"internal/inputfile/FuzzZip":      {"zip of images", "npz"},
	"internal/inputfile/FuzzTar":      {"tar of images"},
	"featurizer/source/FuzzOpen":      {"zip of images", "tar of images", "tar.gz of images", "IDX", "IDX.gz", "TFRecord"},
	"featurizer/FuzzWeights":          {"pth, zip", "pth, legacy", "safetensors"},
	"featurizer/FuzzArrayFile":        {"pt", "safetensors of features"},
	"imaging/FuzzDecode":              {"PNG", "JPEG", "GIF", "BMP", "WebP", "TIFF", "PNM"},
	"runners/FuzzParseConfig":         {"suite"},
}

// TestFuzzSeeds: the whole files of the laboratory, and what was made against the reader of pickles, lie in testdata/fuzz, where every test run reads them and every
// fuzzing starts. UPDATE_GOLDEN=1 writes them.
func TestFuzzSeeds(t *testing.T) {
	for target, readers := range labSeeds {
		seeds := map[string][]byte{}
		for _, name := range readers {
			i := slices.IndexFunc(labReaders(), func(r labReader) bool { return r.name == name })
			if i < 0 {
				t.Fatalf("no reader %q", name)
			}
			seeds["whole "+name] = labReaders()[i].whole(t, t.TempDir())
		}
		if target == "featurizer/FuzzWeights" {
			for name, p := range labPickles() {
				if len(p[1]) < 1<<12 {
					seeds["zip with "+name], seeds["legacy with "+name] = labTorch(t, p[1]), labOld(p[1])
				}
			}
		}
		for name, data := range seeds {
			file := filepath.Join(here, "..", filepath.Dir(target), "testdata", "fuzz", filepath.Base(target), regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-"))
			if !testutil.UpdateGolden() { // the bytes may differ: compressors change with Go's releases
				if _, err := os.Stat(file); err != nil {
					t.Errorf("%v: UPDATE_GOLDEN=1 writes it", err)
				}
				continue
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
