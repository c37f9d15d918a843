package command

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
)

// tolerance is what the golden values promise: 1e-12 relative.
const tolerance = 1e-12

// splitmix is the generator of the golden sets: 64-bit words, uniform numbers of 53 bits, and sums of twelve minus six as normal ones. No library function is
// involved, so that every machine and language gets the same bits.
type splitmix uint64

func (s *splitmix) uniform() float64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) * 0x1p-53
}

func (s *splitmix) normals(n int, scale, shift float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		sum := 0.0
		for range 12 {
			sum += s.uniform()
		}
		out[i] = float64(scale*(sum-6)) + shift
	}
	return out
}

func saveGolden(t *testing.T, path string, rows, cols int, seed uint64, scale, shift float64) []float64 {
	t.Helper()
	s := splitmix(seed)
	v := s.normals(rows*cols, scale, shift)
	var b bytes.Buffer
	if err := featurizer.Float64Array([]int{rows, cols}, v).WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return v
}

func writeNPY(t *testing.T, path, kind string, shape []int, raw []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := (&featurizer.Array{Shape: shape, Type: kind, Raw: raw}).WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scored is the JSON that score prints.
type scored struct {
	Metrics map[string]struct {
		Value    *float64
		Status   string
		Warnings []string
		Error    string
	}
	Provenance map[string]any
	Skipped    map[string]string
}

func scoreOf(t *testing.T, args ...string) scored {
	t.Helper()
	r := assay(append([]string{"score", "--format", "json"}, args...)...)
	var s scored
	if err := json.Unmarshal([]byte(r.out), &s); err != nil || r.code != 0 {
		t.Fatalf("score %v: status %d, %s, %v", args, r.code, r.err, err)
	}
	return s
}

func near(got *float64, want float64) bool {
	return got != nil && math.Abs(*got-want) <= tolerance*math.Abs(want)
}

// The golden values: sets made by splitmix64, values by several independent programs. FD(C,E) has fewer rows than features.
func TestScoreGoldenValues(t *testing.T) {
	t.Chdir(t.TempDir())
	a := saveGolden(t, "A.npy", 500, 16, 1, 1, 0)
	saveGolden(t, "B.npy", 400, 16, 2, 1.1, 0.3)
	saveGolden(t, "C.npy", 50, 64, 3, 1, 0)
	saveGolden(t, "E.npy", 40, 64, 4, 1.2, 0.1)
	saveGolden(t, "L.npy", 1000, 10, 5, 3, 0)
	if a[0] != 1.4243480905156511 || a[len(a)-1] != -1.5814200945810306 {
		t.Fatalf("the golden set itself is wrong: %v ... %v", a[0], a[len(a)-1])
	}
	for _, c := range []struct {
		args   string
		metric string
		want   float64
	}{
		{"--real A.npy --fake B.npy --featurizer none --metrics fd", "fd", 1.996794139006930},
		{"--real A.npy --fake B.npy --featurizer none --metrics fd --set fd.ddof=0", "fd", 1.995042596529216},
		{"--real C.npy --fake E.npy --featurizer none --metrics fd", "fd", 61.562688971168702},
		{"--logits L.npy --metrics is --set is.splits=10", "is", 3.849159504494719},
		{"--logits L.npy --metrics is --set is.splits=1", "is", 3.9144256853380104},
		{"--real A.npy --fake B.npy --metrics prdc --set prdc.k=3", "precision", 0.5875},
		{"--real A.npy --fake B.npy --metrics prdc --set prdc.k=3", "recall", 0.856},
	} {
		s := scoreOf(t, fields(c.args)...)
		v := s.Metrics[c.metric]
		fewRows := strings.Contains(c.args, "C.npy") // fewer rows than features: right to the last digit, and still mostly bias
		if !near(v.Value, c.want) || (v.Status == "unreliable") != fewRows || v.Warnings == nil {
			got := "nothing"
			if v.Value != nil {
				got = fmt.Sprintf("%.16g", *v.Value)
			}
			t.Errorf("score %s: %s is %s (%s %v), want %.16g", c.args, c.metric, got, v.Status, v.Warnings, c.want)
		}
		if s.Provenance["kernel"] == nil || s.Provenance["version"] == nil || s.Provenance["cpu"] == nil {
			t.Errorf("provenance: %v", s.Provenance)
		}
	}
}

func fields(s string) []string {
	var out []string
	for _, f := range bytes.Fields([]byte(s)) {
		out = append(out, string(f))
	}
	return out
}

func TestScoreAllSaysWhatItLeftOut(t *testing.T) {
	t.Chdir(t.TempDir())
	saveGolden(t, "A.npy", 300, 4, 1, 1, 0)
	saveGolden(t, "B.npy", 300, 4, 2, 1.1, 0.3)
	s := scoreOf(t, "--real", "A.npy", "--fake", "B.npy", "--metrics", "all")
	if s.Metrics["fd"].Value == nil || s.Metrics["precision"].Value == nil {
		t.Errorf("metrics: %v", s.Metrics)
	}
	if s.Skipped["is"] != "needs fake class probabilities or logits" || s.Skipped["auth_pct"] != "needs features and train features" {
		t.Errorf("skipped: %v", s.Skipped)
	}
	if s = scoreOf(t, "--real", "A.npy", "--fake", "B.npy", "--train", "A.npy", "--metrics", "auth_pct"); s.Metrics["auth_pct"].Value == nil {
		t.Errorf("with --train: %v", s.Metrics)
	}
}

// Images of bytes, and the same as floats of a stated range, are the same images.
func TestScoreImageArrays(t *testing.T) {
	t.Chdir(t.TempDir())
	raw := make([]byte, 40*6*6)
	s := splitmix(3)
	for i := range raw {
		raw[i] = byte(256 * s.uniform())
	}
	writeNPY(t, "bytes.npy", "u1", []int{40, 6, 6}, raw)
	var floats []byte
	for _, v := range raw {
		floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(float32(v)/255))
	}
	writeNPY(t, "floats.npy", "f4", []int{40, 6, 6, 1}, floats)
	got := scoreOf(t, "--real", "bytes.npy", "--fake", "floats.npy", "--range", "0,1", "--featurizer", "pca(4,pixels)", "--metrics", "prdc")
	if v := got.Metrics["coverage"].Value; v == nil || *v < 0.99 {
		t.Errorf("coverage of a set by itself: %+v", got.Metrics["coverage"])
	}
}
