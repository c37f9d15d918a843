package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/testutil"
)

// picture is a 2 x 3 RGB image that carries a number.
func picture(v uint8) *imaging.Image {
	m := &imaging.Image{H: 2, W: 3, C: 3, Pix: make([]uint8, 18)}
	for i := range m.Pix {
		m.Pix[i] = v + uint8(i)
	}
	return m
}

func pngOf(t testing.TB, m *imaging.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := imaging.EncodePNG(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string, o Options) *Set {
	t.Helper()
	s, err := Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// seen lists name, label and the number that each image carries; -1 for a bad one.
func seen(t testing.TB, s *Set) [][3]any {
	t.Helper()
	var out [][3]any
	for i, it := range s.Items {
		m, _, err := s.Image(i)
		v := -1
		if err == nil {
			v = int(m.Pix[0])
		}
		out = append(out, [3]any{it.Name, it.Label, v})
	}
	return out
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cat", "b.png"), pngOf(t, picture(2)))
	write(t, filepath.Join(dir, "cat", "a.PNG"), pngOf(t, picture(1)))
	write(t, filepath.Join(dir, "ant", "deep", "c.png"), pngOf(t, picture(3)))
	write(t, filepath.Join(dir, "cat", "notes.txt"), []byte("x"))
	write(t, filepath.Join(dir, "ant", "broken.png"), []byte("\x89PNG\r\n\x1a\n"))
	write(t, filepath.Join(dir, "ant", "empty.jpg"), nil)
	for from, to := range map[string]string{"ant/loop": "..", "cat/gone.png": "nowhere.png", "cat/link.png": "a.PNG"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, Options{})
	want := [][3]any{{"ant/broken.png", 0, -1}, {"ant/deep/c.png", 0, 3}, {"ant/empty.jpg", 0, -1}, {"cat/a.PNG", 1, 1}, {"cat/b.png", 1, 2}, {"cat/gone.png", 1, -1}, {"cat/link.png", 1, 1}}
	if d := cmp.Diff(want, seen(t, s)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]listing.Left{{Name: "ant/loop", Why: listing.Loop}, {Name: "cat/notes.txt", Why: listing.NoImage}}, s.Left); d != "" {
		t.Error(d)
	}
	flat := open(t, filepath.Join(dir, "ant"), Options{Flat: true})
	if len(flat.Items) != 2 || flat.Items[0].Label != -1 {
		t.Errorf("flat: %v", seen(t, flat))
	}
}

func zipOf(t testing.TB, files map[string][]byte, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range order {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, files map[string][]byte, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range order {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(files[name])), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchives(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"x/2.png": pngOf(t, picture(2)), "x/1.png": pngOf(t, picture(1)), "../3.png": pngOf(t, picture(3)), "x/1.cls": []byte("7\n"), "x/2.cls": []byte("4")}
	order := []string{"x/2.png", "x/2.cls", "x/1.png", "../3.png", "x/1.cls"}
	write(t, filepath.Join(dir, "a.zip"), zipOf(t, files, order...))
	write(t, filepath.Join(dir, "a.tar"), tarOf(t, files, order...))
	write(t, filepath.Join(dir, "a.tar.gz"), gz(t, tarOf(t, files, order...)))
	for _, name := range []string{"a.zip", "a.tar", "a.tar.gz"} {
		s := open(t, filepath.Join(dir, name), Options{})
		want := [][3]any{{"../3.png", -1, -1}, {"x/1.png", 7, 1}, {"x/2.png", 4, 2}}
		if d := cmp.Diff(want, seen(t, s)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if _, _, err := s.Image(0); !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), "leads out") {
			t.Errorf("%s: path traversal: %v", name, err)
		}
		whole, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(dir, "cut-"+name)
		write(t, cut, whole[:len(whole)/2])
		if _, err := Open(context.Background(), cut, Options{}); !errors.Is(err, ErrSource) {
			t.Errorf("%s cut in half: %v", name, err)
		}
	}
	bomb := zipOf(t, map[string][]byte{"z.png": make([]byte, 1<<20)}, "z.png")
	write(t, filepath.Join(dir, "bomb.zip"), bomb)
	s := open(t, filepath.Join(dir, "bomb.zip"), Options{Limits: imaging.Limits{Bytes: 1 << 16}})
	if _, _, err := s.Image(0); !errors.Is(err, imaging.ErrLimit) {
		t.Errorf("a file that unpacks over the limit: %v", err)
	}
}

func TestArrays(t *testing.T) {
	dir := t.TempDir()
	pix := make([]byte, 2*2*3*3)
	for i := range pix {
		pix[i] = byte(i)
	}
	if err := (featurizer.NPZ{"arr_0": {Shape: []int{2, 2, 3, 3}, Type: "u1", Raw: pix}, "arr_1": {Shape: []int{2}, Type: "i8", Raw: make([]byte, 16)}}).Save(filepath.Join(dir, "a.npz")); err != nil {
		t.Fatal(err)
	}
	idx := append([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3}, pix[:12]...)
	write(t, filepath.Join(dir, "images-idx3-ubyte.gz"), gz(t, idx))
	write(t, filepath.Join(dir, "cut-idx"), idx[:20])
	cifar := make([]byte, 2*cifarRecord)
	cifar[0], cifar[1], cifar[cifarRecord] = 3, 99, 5
	write(t, filepath.Join(dir, "data_batch_1.bin"), cifar)
	for name, want := range map[string][][3]any{
		"a.npz":                {{"00000000", -1, 0}, {"00000001", -1, 18}},
		"images-idx3-ubyte.gz": {{"00000000", -1, 0}, {"00000001", -1, 6}},
		"data_batch_1.bin":     {{"00000000", 3, 99}, {"00000001", 5, 0}},
	} {
		if d := cmp.Diff(want, seen(t, open(t, filepath.Join(dir, name), Options{}))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if err := (featurizer.NPZ{"arr_0": featurizer.Float32Array([]int{1, 1, 1, 3}, make([]float32, 3))}).Save(filepath.Join(dir, "f.npz")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "text"), []byte("hello"))
	write(t, filepath.Join(dir, "nothing"), nil)
	for name, text := range map[string]string{"cut-idx": "truncated", "f.npz": "astype", "text": "no zip", "nothing": "0 bytes", ".": ""} {
		if name == "." {
			continue
		}
		if _, err := Open(context.Background(), filepath.Join(dir, name), Options{}); !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q", name, err, text)
		}
	}
	if _, err := Open(context.Background(), filepath.Join(dir, "absent"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	files := map[string][]byte{"x/1.png": pngOf(f, picture(1)), "x/1.cls": []byte("7\n")}
	f.Add(zipOf(f, files, "x/1.png", "x/1.cls"))
	f.Add(tarOf(f, files, "x/1.png", "x/1.cls"))
	f.Add(gz(f, tarOf(f, files, "x/1.png")))
	f.Add([]byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6})
	f.Add(make([]byte, cifarRecord))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		path := filepath.Join(dir, "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), path, Options{Limits: imaging.Limits{Pixels: 1 << 16, Bytes: 1 << 20}})
		if err != nil {
			return
		}
		defer s.Close()
		for i := range min(len(s.Items), 4) {
			_, _, _ = s.Image(i)
		}
	})
}

// An archive that was cut between two blocks, whose checksum is wrong or that goes on behind its end gives an error with the number of images read, not
// fewer images; so does every other file with an end that can be seen.
func TestHalfReadIsNotWhole(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"x/1.png": pngOf(t, picture(1)), "x/2.png": pngOf(t, picture(2)), "x/3.png": pngOf(t, picture(3))}
	order := []string{"x/1.png", "x/2.png", "x/3.png"}
	whole := tarOf(t, files, order...)
	second := 512 + (len(files["x/1.png"])+511)/512*512 // where the second header begins
	packed := gz(t, whole)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	idx := append([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, 1, 2, 3, 4)
	for name, tt := range map[string]struct {
		data []byte
		text string
	}{
		"cut behind one.tar":            {whole[:second], "after 1 images"},
		"no end.tar":                    {whole[:len(whole)-1024], "after 3 images"},
		"half an end.tar":               {whole[:len(whole)-512], "after 3 images"},
		"two.tar":                       {append(bytes.Clone(whole), whole...), "after 3 images"},
		"cut behind one.tar.gz":         {gz(t, whole[:second]), "after 1 images"},
		"wrong checksum.tar.gz":         {damaged, "after 3 images"},
		"cut trailer.tar.gz":            {packed[:len(packed)-3], "after 3 images"},
		"no trailer.tar.gz":             {packed[:len(packed)-8], "after 3 images"},
		"wrong checksum, no name":       {damaged, "checksum"},
		"idx cut in its trailer.gz":     {gz(t, idx)[:len(gz(t, idx))-1], "truncated"},
		"idx of more":                   {append(bytes.Clone(idx), 5, 6), "truncated or corrupt"},
		"idx of less":                   {idx[:18], "truncated or corrupt"},
		"cifar of more":                 {make([]byte, cifarRecord+1), "no zip"},
		"zip without its directory.zip": {zipOf(t, files, order...)[:200], "truncated"},
	} {
		path := filepath.Join(dir, name)
		write(t, path, tt.data)
		_, err := Open(context.Background(), path, Options{})
		if !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, tt.text)
		}
	}
}

// A bomb is refused before it is unpacked; an image that is a pipe is a bad image, not waited for.
func TestBombs(t *testing.T) {
	dir := t.TempDir()
	zeros := make([]byte, 300<<20)
	copy(zeros, "\x00\x00\x08\x03")
	write(t, filepath.Join(dir, "idx.gz"), gz(t, zeros))
	if _, err := Open(context.Background(), filepath.Join(dir, "idx.gz"), Options{}); !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("300 MB of IDX in 300 KB: %v", err)
	}
	write(t, filepath.Join(dir, "a.zip"), zipOf(t, map[string][]byte{"a.png": zeros}, "a.png"))
	if _, _, err := open(t, filepath.Join(dir, "a.zip"), Options{}).Image(0); !errors.Is(err, imaging.ErrLimit) || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("300 MB of image in 300 KB: %v", err)
	}
}
