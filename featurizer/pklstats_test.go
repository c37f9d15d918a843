package featurizer

import (
	"bytes"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

const edm2Dir = "testdata/edm2/"

// What numpy wrote comes back to the bit, whichever protocol it was pickled in.
func TestEDM2References(t *testing.T) {
	fid := []float64{0.38273770540337615, 1.1929084235805627, 2.1907261736917745, 2.674380277393692, 3.856143358241392}
	dino := []float64{-0.14798873010217067, 0.9498891938894711, 2.1159891303841065}
	for _, file := range []string{"p2.pkl", "p3.pkl", "p4.pkl", "p5.pkl"} {
		s, err := ReadStatistics(edm2Dir + file)
		if err != nil {
			t.Fatal(err)
		}
		if s.N != 40 || s.Part != "fid" || !slices.Equal(s.Mean, fid) || len(s.Others) != 1 || !slices.Equal(s.Others[0].Mean, dino) {
			t.Errorf("%s: %+v", file, s)
		}
		if math.Abs(mat.Trace(s.Cov)-4.622501472727328) > 1e-14 || math.Abs(mat.Sum(s.Cov)-5.034921534492332) > 1e-14 || s.Cov.At(0, 1) != -0.045513943126111074 {
			t.Errorf("%s: sigma %v", file, s.Cov)
		}
		part, err := ReadStatistics(edm2Dir + file + ":fd_dinov2")
		if err != nil || part.N != 40 || part.Others != nil || part.Cov.At(0, 1) != -0.14779506637931691 || part.Made["featurizer"] != "dinov2(vit-l-14,edm2)" {
			t.Errorf("%s: fd_dinov2 %+v, %v", file, part, err)
		}
	}
	single, err := ReadStatistics(edm2Dir + "f32.pkl")
	if err != nil || single.Mean[0] != float64(float32(fid[0])) {
		t.Errorf("float32: %+v, %v", single, err)
	}
}

// A pickle is read and never run; what is none of these statistics, or is cut short anywhere, is one error.
func TestEDM2Refused(t *testing.T) {
	whole, err := os.ReadFile(edm2Dir + "p4.pkl")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if _, err := parsePickleStatistics(whole[:n]); !errors.Is(err, ErrArray) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	evil, err := os.ReadFile(edm2Dir + "evil.pkl")
	if err != nil {
		t.Fatal(err)
	}
	size := []byte("\x8e\xff\xff\xff\xff\xff\xff\xff\x7f")
	for want, data := range map[string][]byte{
		`it calls "posix.system": refused`: evil,
		"neither fid nor fd_dinov2":        []byte("}X\n\x00\x00\x00num_imagesK(s."),
		"num_images is <nil>":              []byte("}."),
		"no dictionary of statistics":      []byte("]."),
		"text: no dictionary":              append([]byte("\x80\x04"), append(size, '.')...),
		"in 8 bytes":                       bytes.Replace(whole, []byte("K\x05\x85"), []byte("K\x01\x85"), 1),
		"no covariance":                    bytes.Replace(whole, []byte{0x3f}, []byte{0xbf}, 60),
	} {
		_, err := parsePickleStatistics(data)
		if want == "in 8 bytes" {
			want = "shape [1] of f8"
		}
		if !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q: %v", want, err)
		}
	}
	if _, err := ReadStatistics(edm2Dir + "p4.pkl:kid"); err == nil || !strings.Contains(err.Error(), "have fid fd_dinov2") {
		t.Errorf("an unknown part: %v", err)
	}
	if _, _, err := LoadWeights(edm2Dir + "p4.pkl"); !errors.Is(err, ErrWeights) {
		t.Errorf("statistics as weights: %v", err)
	}
}

func FuzzPickleStatistics(f *testing.F) {
	for _, file := range []string{"p2.pkl", "p4.pkl", "p5.pkl", "evil.pkl"} {
		data, err := os.ReadFile(edm2Dir + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := parsePickleStatistics(data); err != nil && !errors.Is(err, ErrArray) {
			t.Errorf("%v", err)
		}
	})
}
