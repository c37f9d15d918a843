package runners

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
)

// rawImages writes n images of different sizes in two class folders.
func rawImages(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "raw")
	for i := range n {
		h, w := 9+i%5, 8+i%7
		pix := make([]byte, h*w*3)
		for k := range pix {
			pix[k] = byte(k*7 + i*31)
		}
		m, err := imaging.FromPix(h, w, 3, pix)
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, []string{"ant", "bee"}[i%2])
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		savePNG(t, filepath.Join(at, string(rune('a'+i))+".png"), m)
	}
	return dir
}

const smallRecipe = "recipe: small\nchannels: rgb\nsteps:\n  - resize: 6x5\n    filter: pillow-bicubic\nsize: 6x5\n"

func preparation(t *testing.T, src, out, recipe string) Preparation {
	t.Helper()
	r, err := ParseRecipe("r.yaml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	set, err := source.Open(t.Context(), src, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = set.Close() })
	return Preparation{Recipe: r, Source: set, Out: out, Version: "v1"}
}

func prepared(t *testing.T, src, out, recipe string) *PreparedSet {
	t.Helper()
	p, err := Prepare(t.Context(), preparation(t, src, out, recipe))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tree is every file below a folder with its bytes.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		name, _ := filepath.Rel(dir, p)
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameTree(t *testing.T, a, b map[string]string) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%d files against %d", len(a), len(b))
	}
	for name, text := range a {
		if b[name] != text {
			t.Errorf("%s differs", name)
		}
	}
}

// The folder, its zip and the array hold one set: one content, one record, whatever the number of workers.
func TestPrepareForms(t *testing.T) {
	src, dir := rawImages(t, 14), t.TempDir()
	p := prepared(t, src, filepath.Join(dir, "a"), smallRecipe)
	was := runtime.GOMAXPROCS(1)
	again := prepared(t, src, filepath.Join(dir, "b"), smallRecipe)
	runtime.GOMAXPROCS(was)
	sameTree(t, tree(t, filepath.Join(dir, "a")), tree(t, filepath.Join(dir, "b")))
	if p.N != 14 || p.Prepared != again.Prepared {
		t.Errorf("%+v and %+v", p.Prepared, again.Prepared)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	for _, form := range []string{"a", "c.zip", "c.npz"} {
		if form != "a" {
			p = prepared(t, src, filepath.Join(dir, form), smallRecipe)
		}
		side, err := OpenSide(t.Context(), filepath.Join(dir, form), 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if side.Source.Left != nil || side.Source.Prepared == nil || *side.Source.Prepared != p.Prepared {
			t.Errorf("%s: left out %v, record %+v", form, side.Source.Left, side.Source.Prepared)
		}
		if got, err := side.Content(t.Context()); err != nil || got != again.Content {
			t.Errorf("%s: content %s, %v, want %s", form, got, err, again.Content)
		}
	}
	first := tree(t, dir)["c.zip"]
	prepared(t, src, filepath.Join(dir, "d.zip"), smallRecipe)
	if tree(t, dir)["d.zip"] != first {
		t.Error("two zips of one set differ")
	}
	labels, err := ReadLabels(filepath.Join(dir, "c.npz") + ":labels")
	if err != nil || len(labels) != 14 || labels[0] != 0 || labels[13] != 1 {
		t.Errorf("labels %v, %v", labels, err)
	}
}

// The pixels are the recipe's, and the record lists the files that are there.
func TestPreparePixels(t *testing.T) {
	src, dir := rawImages(t, 3), filepath.Join(t.TempDir(), "o")
	q := preparation(t, src, dir, smallRecipe)
	prepared(t, src, dir, smallRecipe)
	raw, _, err := q.Source.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	want, err := q.Recipe.Apply(raw)
	if err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	got, _, err := imaging.Limits{}.DecodeBytes([]byte(files["ant/a.png"]), "a")
	if err != nil || !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("pixels %v %v, want %v", got, err, want)
	}
	in, err := os.ReadFile(filepath.Join(src, "ant", "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	line := "ant/a.png\tant/a.png\t" + hexSum(in) + "\t" + hexSum([]byte(files["ant/a.png"])) + "\n"
	if !strings.Contains(files["assay-prepared.tsv"], line) {
		t.Errorf("list %q lacks %q", files["assay-prepared.tsv"], line)
	}
}

// An interrupted preparation goes on: what was made is not made again unless the file that went in, or what came out, is another now.
func TestPrepareResumes(t *testing.T) {
	src, dir := rawImages(t, 9), t.TempDir()
	whole := filepath.Join(dir, "whole")
	prepared(t, src, whole, smallRecipe)
	ctx, stop := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	q := preparation(t, src, filepath.Join(dir, "cut"), smallRecipe)
	q.Progress = func(_ string, done, _ int) {
		if done == 5 {
			stop(stopped)
		}
	}
	if _, err := Prepare(ctx, q); !errors.Is(err, stopped) {
		t.Fatalf("interrupted: %v", err)
	}
	if _, err := os.Stat(q.Out); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("half a set has the name: %v", err)
	}
	work, _ := filepath.Glob(filepath.Join(dir, ".cut.prepare-*"))
	made, _ := filepath.Glob(filepath.Join(work[0], "ant", "*.png"))
	if err := os.WriteFile(made[0], []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(work[0], "stranger.png"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := prepared(t, src, q.Out, smallRecipe)
	if p.Resumed < 3 || p.Resumed > 8 {
		t.Errorf("%d images were there", p.Resumed)
	}
	sameTree(t, tree(t, whole), tree(t, q.Out))
	if p = prepared(t, src, q.Out, smallRecipe); !p.Already {
		t.Error("done again")
	}
}

// Nothing that is there is written over, and every refusal is one line with a remedy.
func TestPrepareRefuses(t *testing.T) {
	src, dir := rawImages(t, 4), t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "notes.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "mine")
	prepared(t, src, mine, smallRecipe)
	prepared(t, src, mine+".npz", smallRecipe)
	twins := rawImages(t, 2)
	a, err := os.ReadFile(filepath.Join(twins, "ant", "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(twins, "ant", "a.bmp"), a, 0o644); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(smallRecipe, "bicubic", "box", 1)
	for _, c := range []struct{ src, out, recipe, want string }{
		{src, foreign, smallRecipe, "there is something else already"},
		{src, mine, other, "there is something else already"},
		{src, mine + ".npz", other, "there is something else already"},
		{rawImages(t, 3), mine, smallRecipe, "from other images"},
		{rawImages(t, 3), mine + ".npz", smallRecipe, "from other images"},
		{src, filepath.Join(src, "ant", "out"), smallRecipe, "choose a place outside of it"},
		{src, filepath.Join(dir, "x.tar"), smallRecipe, "a folder of PNG files"},
		{src, filepath.Join(dir, "x.zip"), smallRecipe + "format: npz\n", "choose the ending"},
		{src, filepath.Join(dir, "x.npz"), "recipe: raw\n", "an npz holds images of one size"},
		{src, filepath.Join(dir, "x"), smallRecipe + "split: val\n", "no images below the folder val"},
		{src, filepath.Join(dir, "x"), "recipe: cut\nsteps:\n  - crop: 99x99\n    round: down\n", "ant/a.png: image of 9 x 8: a crop of 99 x 99 is larger"},
		{twins, filepath.Join(dir, "x"), smallRecipe, "would both become ant/a.png"},
	} {
		before := tree(t, mine)
		_, err := Prepare(t.Context(), preparation(t, c.src, c.out, c.recipe))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", c.out, err, c.want)
		}
		sameTree(t, before, tree(t, mine))
	}
	if b, err := os.ReadFile(filepath.Join(foreign, "notes.txt")); err != nil || string(b) != "mine" {
		t.Errorf("the foreign folder: %q %v", b, err)
	}
}

// Limit, order and split choose images; with Skip a broken one is left out and listed.
func TestPrepareChooses(t *testing.T) {
	src, dir := rawImages(t, 10), t.TempDir()
	p := prepared(t, src, filepath.Join(dir, "bee"), smallRecipe+"split: bee\nlimit: 3\n")
	if files := tree(t, filepath.Join(dir, "bee")); p.N != 3 || len(files) != 5 || files["b.png"] == "" || files["f.png"] == "" {
		t.Errorf("%d images in %d files", p.N, len(files))
	}
	a := prepared(t, src, filepath.Join(dir, "s1"), smallRecipe+"order: shuffled\nseed: 1\nlimit: 4\n")
	b := prepared(t, src, filepath.Join(dir, "s2"), smallRecipe+"order: shuffled\nseed: 2\nlimit: 4\n")
	if a.Content == b.Content || a.N != 4 {
		t.Error("two seeds take the same images")
	}
	if err := os.WriteFile(filepath.Join(src, "ant", "a.png"), []byte("\x89PNG broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	q := preparation(t, src, filepath.Join(dir, "skip"), smallRecipe)
	if _, err := Prepare(t.Context(), q); err == nil || !strings.Contains(err.Error(), "ant/a.png") {
		t.Errorf("a broken image: %v", err)
	}
	q.Skip = true
	p, err := Prepare(t.Context(), q)
	if err != nil || p.N != 9 || len(p.Bad) != 1 || p.Bad[0].Name != "ant/a.png" {
		t.Errorf("%+v, %v", p, err)
	}
}

// A score names the recipe only where the images still are those of the record.
func TestPreparedSide(t *testing.T) {
	src, dir := rawImages(t, 8), filepath.Join(t.TempDir(), "o")
	p := prepared(t, src, dir, smallRecipe)
	by := "small " + p.Hash[:12]
	look := func(n int) *Side {
		side, err := OpenSide(t.Context(), dir, 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			if err := side.Take(n, 1); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := side.samples(t.Context(), Feeding{}); err != nil {
			t.Fatal(err)
		}
		return side
	}
	if s := look(0); s.PreparedBy() != by || len(s.Warnings) != 0 {
		t.Errorf("%q, warnings %v", s.PreparedBy(), s.Warnings)
	}
	if s := look(3); s.PreparedBy() != by+" part" {
		t.Errorf("a part: %q", s.PreparedBy())
	}
	if err := os.Remove(filepath.Join(dir, "ant", "a.png")); err != nil {
		t.Fatal(err)
	}
	if s := look(0); s.PreparedBy() != "" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "are not those") {
		t.Errorf("changed: %q, warnings %v", s.PreparedBy(), s.Warnings)
	}
	if err := os.WriteFile(filepath.Join(dir, "assay-prepared.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSide(t.Context(), dir, 0, 0, source.Options{}); err == nil || !strings.Contains(err.Error(), "no record of a preparation") {
		t.Errorf("a broken record: %v", err)
	}
}
