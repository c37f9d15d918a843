package command

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
)

// writeImages writes the same 30 grey images in every form that score reads: folder, zip, tar.gz, idx.gz.
func writeImages(t *testing.T, seed uint64) (forms []string) {
	t.Helper()
	const n, h, w = 30, 5, 7
	s := splitmix(seed)
	pix := make([]byte, n*h*w)
	for i := range pix {
		pix[i] = byte(256 * s.uniform())
	}
	name := fmt.Sprint("set", seed)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var zipped, tarred, packed bytes.Buffer
	z, gz := zip.NewWriter(&zipped), gzip.NewWriter(&tarred)
	tw := tar.NewWriter(gz)
	must(os.MkdirAll(filepath.Join(name, "a"), 0o755))
	for i := range n {
		m, err := imaging.FromPix(h, w, 1, pix[i*h*w:(i+1)*h*w])
		must(err)
		var b bytes.Buffer
		must(imaging.EncodePNG(&b, m))
		file := fmt.Sprintf("a/%03d.png", i)
		must(os.WriteFile(filepath.Join(name, file), b.Bytes(), 0o644))
		f, err := z.Create(file)
		must(err)
		_, err = f.Write(b.Bytes())
		must(err)
		must(tw.WriteHeader(&tar.Header{Name: file, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(b.Len())}))
		_, err = tw.Write(b.Bytes())
		must(err)
	}
	must(z.Close())
	must(tw.Close())
	must(gz.Close())
	pw := gzip.NewWriter(&packed)
	must(binary.Write(pw, binary.BigEndian, [4]uint32{0x803, n, h, w}))
	_, err := pw.Write(pix)
	must(err)
	must(pw.Close())
	must(os.WriteFile(name+".zip", zipped.Bytes(), 0o644))
	must(os.WriteFile(name+".tar.gz", tarred.Bytes(), 0o644))
	must(os.WriteFile(name+"-idx3-ubyte.gz", packed.Bytes(), 0o644))
	return []string{name, name + ".zip", name + ".tar.gz", name + "-idx3-ubyte.gz"}
}

func TestScoreReadsEveryFormAlike(t *testing.T) {
	t.Chdir(t.TempDir())
	real := writeImages(t, 1)
	var want float64
	for i, fake := range writeImages(t, 2) {
		v := scoreOf(t, "--real", real[i], "--fake", fake, "--featurizer", "pixels", "--metrics", "fd").Metrics["fd"].Value
		if v == nil || *v <= 0 {
			t.Fatalf("%s: %v", fake, v)
		}
		if i == 0 {
			want = *v
		}
		if *v != want {
			t.Errorf("%s: fd is %v, of the folder %v", fake, *v, want)
		}
	}
}

func TestScoreRefusesDamagedImages(t *testing.T) {
	t.Chdir(t.TempDir())
	forms := writeImages(t, 1)
	cut := func(from, to string, keep int) {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b[:len(b)-keep], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cut(forms[1], "cut.zip", 60)
	cut(forms[2], "cut.tar.gz", 60)
	cut(forms[3], "cut-idx3-ubyte.gz", 60)
	cut("set1/a/003.png", "cut/003.png", 20)
	cut("set1/a/003.png", "empty/notes.txt", 0)
	writeImages(t, 2)
	m, err := imaging.New(9, 9, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := imaging.SavePNG("set2/zz.png", m); err != nil {
		t.Fatal(err)
	}
	for fake, want := range map[string]string{
		"cut.zip":           "cut.zip: ",
		"cut.tar.gz":        "cut.tar.gz: ",
		"cut-idx3-ubyte.gz": "cut-idx3-ubyte.gz: ",
		"cut":               "003.png: ",
		"empty":             "empty: no images in it",
		"set2":              "set2",
		"empty/notes.txt":   "empty/notes.txt: ",
	} {
		r := assay("score", "--real", "set1", "--fake", fake, "--featurizer", "pixels")
		if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, want) || r.out != "" {
			t.Errorf("%s: status %d, %swant one line with %s", fake, r.code, r.err, want)
		}
	}
}
