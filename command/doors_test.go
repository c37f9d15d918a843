package command

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/reports"
)

// doorFiles are 12 images in two class folders, with what else may lie between them, in the order of their names; pix are the images' bytes.
func doorFiles(t *testing.T) (files map[string][]byte, pix [][]byte) {
	t.Helper()
	files = map[string][]byte{}
	s := splitmix(8)
	for i := range 12 {
		p := make([]byte, 8*8*3)
		for k := range p {
			p[k] = byte(256 * s.uniform())
		}
		m, err := imaging.FromPix(8, 8, 3, p)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := imaging.EncodePNG(&b, m); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%s/%02d.png", []string{"cat", "dog"}[i/6], i)] = b.Bytes()
		pix = append(pix, p)
	}
	stray := files["cat/00.png"]
	for _, name := range []string{"cat/.ipynb_checkpoints/00-checkpoint.png", "__MACOSX/cat/._00.png", ".hidden.png", "dog/._07.png"} {
		files[name] = stray
	}
	files["cat/Thumbs.db"], files["labels.csv"] = []byte("x"), []byte("x")
	return files, pix
}

// doorHash is the hash that docs/INPUTS.md gives: of the sorted hashes of size and pixels.
func doorHash(pix [][]byte) string {
	var keys [][]byte
	for _, p := range pix {
		var size []byte
		for _, v := range []uint64{8, 8, 3} {
			size = binary.LittleEndian.AppendUint64(size, v)
		}
		k := sha256.Sum256(append(size, p...))
		keys = append(keys, k[:])
	}
	slices.SortFunc(keys, bytes.Compare)
	sum := sha256.Sum256(append([]byte("assay images 1\n"), slices.Concat(keys...)...))
	return hex.EncodeToString(sum[:])
}

// doors writes the set as a folder, a zip, a tar, a tar.gz and an npz. One image of the archives and the folder is a symbolic link, one of the tar is there twice.
func doors(t *testing.T) (paths []string, hash string) {
	t.Helper()
	files, pix := doorFiles(t)
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	const linked, target = "dog/11.png", ".store/11.png"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string, data []byte) {
		p := filepath.Join("set", filepath.FromSlash(name))
		must(errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, data, 0o600)))
	}
	var zipped, tarred, packed bytes.Buffer
	z, w := zip.NewWriter(&zipped), tar.NewWriter(&tarred)
	add := func(name string, data []byte) {
		put(name, data)
		f, err := z.Create(name)
		must(err)
		_, err = f.Write(data)
		must(errors.Join(err, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(data))})))
		_, err = w.Write(data)
		must(err)
	}
	must(w.WriteHeader(&tar.Header{Name: "cat/01.png", Typeflag: tar.TypeReg, Mode: 0o644, Size: 3}))
	_, err := w.Write([]byte("old"))
	must(err)
	for _, n := range names {
		if n != linked {
			add(n, files[n])
		}
	}
	add(target, files[linked])
	must(os.Symlink("../"+target, filepath.Join("set", linked)))
	h := &zip.FileHeader{Name: linked}
	h.SetMode(fs.ModeSymlink | 0o777)
	f, err := z.CreateHeader(h)
	must(err)
	_, err = f.Write([]byte("../" + target))
	must(errors.Join(err, w.WriteHeader(&tar.Header{Name: linked, Typeflag: tar.TypeSymlink, Linkname: "../" + target}), z.Close(), w.Close()))
	g := gzip.NewWriter(&packed)
	_, err = g.Write(tarred.Bytes())
	must(errors.Join(err, g.Close(), os.WriteFile("set.zip", zipped.Bytes(), 0o600), os.WriteFile("set.tar", tarred.Bytes(), 0o600), os.WriteFile("set.TGZ", packed.Bytes(), 0o600)))
	must(featurizer.NPZ{"arr_0": {Shape: []int{12, 8, 8, 3}, Type: "u1", Raw: slices.Concat(pix...)}}.Save("set.NPZ"))
	return []string{"set", "set.zip", "set.tar", "set.TGZ", "set.NPZ"}, doorHash(pix)
}

// TestDoors is the law of inputs: every command sees the same 12 images, by number and content, whichever door they come through.
func TestDoors(t *testing.T) {
	t.Chdir(t.TempDir())
	paths, hash := doors(t)
	const suite = "name: doors\nsamples: 8\nbudget: 2\ndatasets: [{name: folder, test: 4}]\nmodels: [gan-ns]\nfeaturizers: [pixels]\nmetrics: [fd]\n"
	if err := os.WriteFile("suite.yaml", []byte(suite), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		said := func(what string, n int, content string) {
			t.Helper()
			if n != 12 || content != hash {
				t.Errorf("%s of %s: %d images, content %s, want 12 and %s", what, p, n, content, hash)
			}
		}
		var score struct {
			Provenance struct{ Real, Fake inputReport }
		}
		unmarshal(t, &score, "score", "--real", p, "--fake", p, "--featurizer", "pixels", "--metrics", "fd", "--format", "json")
		said("score, real", score.Provenance.Real.N, score.Provenance.Real.Content)
		said("score, fake", score.Provenance.Fake.N, score.Provenance.Fake.Content)
		var stats struct{ Input inputReport }
		unmarshal(t, &stats, "stats", "make", p, "--featurizer", "pixels", "--out", "s.npz", "--format", "json")
		said("stats", stats.Input.N, stats.Input.Content)
		var modes struct{ Inputs map[string]inputReport }
		unmarshal(t, &modes, "modes", "--real", p, "--fake", p, "--featurizer", "pixels", "--format", "json")
		said("modes", modes.Inputs["real"].N, modes.Inputs["real"].Content)
		var explained struct{ Real inputReport }
		unmarshal(t, &explained, "explain", "--a", "pytorch-fid", "--b", "clean-fid", "--featurizer", "inception-random(1)", "--layer", "64", p, p, "--format", "json")
		said("explain", explained.Real.N, explained.Real.Content)

		r := assay("train", "gan-ns", "--dataset", "folder", "--data", p, "--steps", "1", "--out", fmt.Sprint("m", i))
		if want := fmt.Sprintf("12 images, content %s", hash); r.code != 0 || !strings.Contains(r.err, want) {
			t.Errorf("train on %s: exit %d, %s%s, want %q", p, r.code, r.err, r.out, want)
		}
		run := fmt.Sprint("r", i)
		if r := assay("bench", "suite.yaml", "--data", p, "--out", run, "--quiet"); r.code != 0 {
			t.Errorf("bench on %s: %s%s", p, r.err, r.out)
			continue
		}
		b, err := os.ReadFile(filepath.Join(run, "records.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		var rec reports.Record
		if err := json.Unmarshal(b[:bytes.IndexByte(b, '\n')], &rec); err != nil {
			t.Fatal(err)
		}
		said("bench", rec.Provenance.Images, rec.Provenance.Content)
	}
}

// unmarshal runs a command and reads its JSON.
func unmarshal(t *testing.T, to any, args ...string) {
	t.Helper()
	r := assay(args...)
	if r.code != 0 {
		t.Fatalf("assay %s: exit %d: %s", strings.Join(args, " "), r.code, r.err)
	}
	if err := json.Unmarshal([]byte(r.out), to); err != nil {
		t.Fatalf("assay %s: %v: %s", strings.Join(args, " "), err, r.out)
	}
}
