package runners

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/kernel"
)

// numbered is a 2 x 3 RGB image that carries a number.
func numbered(v uint8) *imaging.Image {
	m := &imaging.Image{H: 2, W: 3, C: 3, Pix: make([]uint8, 18)}
	for i := range m.Pix {
		m.Pix[i] = v + uint8(i)
	}
	return m
}

// rowsOfFolder puts a folder through a featurizer.
func rowsOfFolder(t *testing.T, dir string, f featurizer.Featurizer, w Feeding) (*featurizer.Output, *Side, error) {
	t.Helper()
	s := openSide(t, dir)
	out, err := s.Featurize(t.Context(), f, w)
	return out, s, err
}

// A bad image stops the run or is listed, and the rows of the others are unchanged, for every number of threads.
func TestStream(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		savePNG(t, filepath.Join(dir, string(rune('a'+i))+".png"), numbered(uint8(10*i)))
	}
	for name, data := range map[string]string{"b2.png": "no image", "c2.png": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := featurizer.Open(t.Context(), "pixels", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = rowsOfFolder(t, dir, f, Feeding{}); err == nil || !strings.Contains(err.Error(), "b2.png: begins with") {
		t.Errorf("fail: error %v", err)
	}
	calls := 0
	out, side, err := rowsOfFolder(t, dir, f, Feeding{Skip: true, Progress: func(string, int, int) { calls++ }})
	if err != nil {
		t.Fatal(err)
	}
	rep := side.Report
	if d := cmp.Diff([]string{"a.png", "b.png", "c.png", "d.png"}, rep.Names); d != "" || rep.Images != 4 || len(rep.Bad) != 2 || rep.Bad[0].Name != "b2.png" || calls != 6 {
		t.Errorf("report %+v, %d calls", rep, calls)
	}
	for i := range 4 {
		if got, want := out.Features.At(i, 0), float64(10*i)/127.5-1; got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("row %d begins with %v, want %v", i, got, want)
		}
	}
	// Mixed sizes are refused by pixels and welcome to Inception.
	savePNG(t, filepath.Join(dir, "e.png"), &imaging.Image{H: 5, W: 5, C: 1, Pix: make([]uint8, 25)})
	if _, _, err = rowsOfFolder(t, dir, f, Feeding{Skip: true}); !errors.Is(err, datasets.ErrShape) || !strings.Contains(err.Error(), "e.png is 5 x 5") {
		t.Errorf("mixed sizes: %v", err)
	}
	net, err := featurizer.Open(t.Context(), "inception-random(1,clean-fid,64)", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer kernel.SetThreads(kernel.Threads())
	var rows [2][]float64
	for i := range rows {
		kernel.SetThreads(1 + i)
		out, side, err := rowsOfFolder(t, dir, net, Feeding{Skip: true})
		if err != nil {
			t.Fatal(err)
		}
		if side.Report.Images != 5 || len(side.Report.Bad) != 2 {
			t.Errorf("report %+v", side.Report)
		}
		rows[i] = out.Features.RawMatrix().Data
	}
	if d := cmp.Diff(rows[0], rows[1]); d != "" {
		t.Error("one thread and two differ")
	}
}

// Grey files beside coloured ones are one set for every featurizer and every metric: the grey ones become colour, whoever asks first.
func TestGreyBesideColour(t *testing.T) {
	dir := t.TempDir()
	savePNG(t, filepath.Join(dir, "a.png"), &imaging.Image{H: 2, W: 3, C: 1, Pix: []uint8{0, 51, 102, 153, 204, 255}})
	savePNG(t, filepath.Join(dir, "b.png"), numbered(7))
	samples, err := openSide(t, dir).samples(t.Context(), Feeding{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{2, 3, 3}, samples.Shape); d != "" {
		t.Error(d)
	}
	for i, want := range []float32{-1, -1, -1, -0.6, -0.6, -0.6} { // 51 is a fifth of 255
		if got := samples.Row(0)[i]; got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("value %d of the grey image is %v, want %v", i, got, want)
		}
	}
}

// A program's weights may lie in a file that its command line does not name: nothing that it made comes again, unless its version is stated.
func TestProgramsAreNotKept(t *testing.T) {
	dir := t.TempDir()
	script, weights := filepath.Join(dir, "enc.sh"), filepath.Join(dir, "weights.npy")
	put := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(script, "#!/bin/sh\ncat >/dev/null\ncat "+weights+"\n")
	array := func(v byte) string { // a 1 x 1 array of one byte
		head := "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }"
		head += strings.Repeat(" ", 117-len(head)) + "\n"
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(head)), 0}) + head + string([]byte{v})
	}
	set := filepath.Join(dir, "set")
	savePNG(t, filepath.Join(set, "a.png"), numbered(1))
	for _, tt := range []struct {
		spec string
		want float64 // after the weights have changed from 1 to 2
	}{{"exec:sh " + script, 2}, {"exec@v1:sh " + script, 1}, {"exec@v2:sh " + script, 2}} {
		put(weights, array(1))
		if strings.HasPrefix(tt.spec, "exec@v2") { // another version is another featurizer
			put(weights, array(2))
		}
		w := Feeding{Cache: filepath.Join(dir, "kept")}
		var got float64
		for range 2 {
			f, err := featurizer.Open(t.Context(), tt.spec, featurizer.Env{})
			if err != nil {
				t.Fatal(err)
			}
			out, _, err := rowsOfFolder(t, set, f, w)
			if err != nil {
				t.Fatal(err)
			}
			got = out.Features.At(0, 0)
			put(weights, array(2))
		}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.spec, got, tt.want)
		}
	}
}

func openSide(t *testing.T, path string) *Side {
	t.Helper()
	s, err := OpenSide(t.Context(), path, 0, 0, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func savePNG(t *testing.T, path string, m *imaging.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := imaging.SavePNG(path, m); err != nil {
		t.Fatal(err)
	}
}
