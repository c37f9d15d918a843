package listing_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
)

// entry is a file of the fixture; link is the goal of a symbolic link.
type entry struct{ name, data, link string }

// fixture is a set with all that may lie between its images. Six are of the set: 1 to 4, the link and the one that is written twice.
func fixture() []entry {
	return []entry{
		{name: "cat/1.png", data: "1"}, {name: "cat/2.JPG", data: "2"}, {name: "dog/deep/3.tiff", data: "3"}, {name: "dog/4.PPM", data: "4"},
		{name: "dog/5.png", link: "../cat/1.png"},
		{name: "cat/.ipynb_checkpoints/1-checkpoint.png", data: "x"}, {name: "__MACOSX/cat/._1.png", data: "x"}, {name: "cat/._2.jpg", data: "x"},
		{name: ".DS_Store", data: "x"}, {name: "cat/Thumbs.db", data: "x"}, {name: "dog/desktop.ini", data: "x"}, {name: ".hidden/6.png", data: "x"},
		{name: "labels.csv", data: "x"},
	}
}

var wantNames = []string{"cat/1.png", "cat/2.JPG", "dog/4.PPM", "dog/5.png", "dog/deep/3.tiff"}

func asFolder(t *testing.T, dir string, entries []entry) string {
	t.Helper()
	for _, e := range entries {
		p := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		err := os.WriteFile(p, []byte(e.data), 0o600)
		if e.link != "" {
			err = errors.Join(os.Remove(p), os.Symlink(e.link, p))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func asZip(t *testing.T, file string, entries []entry) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name}
		h.SetMode(0o644)
		data := e.data
		if e.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			data = e.link
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return save(t, file, &b, z.Close())
}

func asTar(t *testing.T, file string, entries []entry, packed bool) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.data)), Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !packed {
		return save(t, file, &b, nil)
	}
	var g bytes.Buffer
	z := gzip.NewWriter(&g)
	_, err := z.Write(b.Bytes())
	return save(t, file, &g, errors.Join(err, z.Close()))
}

func save(t *testing.T, file string, b *bytes.Buffer, err error) string {
	t.Helper()
	if err := errors.Join(err, os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

func open(t *testing.T, path string, o listing.Options) *listing.List {
	t.Helper()
	l, err := listing.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func names(l *listing.List) (out []string) {
	for _, f := range l.Files {
		out = append(out, f.Name)
	}
	return out
}

// TestOneSet: the same images, classes and contents whichever door the set comes through, and every file that is none of it is counted and named.
func TestOneSet(t *testing.T) {
	dir := t.TempDir()
	var around []entry
	for _, e := range fixture() {
		e.name = "set/" + e.name
		around = append(around, e)
	}
	twice := append([]entry{{name: "cat/1.png", data: "old"}}, fixture()...)
	for door, path := range map[string]string{
		"folder": asFolder(t, filepath.Join(dir, "set"), fixture()), "zip": asZip(t, filepath.Join(dir, "a.ZIP"), fixture()), "tar": asTar(t, filepath.Join(dir, "a.tar"), fixture(), false),
		"tar.gz": asTar(t, filepath.Join(dir, "a.TAR.GZ"), fixture(), true), "gz by its bytes": asTar(t, filepath.Join(dir, "noname"), fixture(), true),
		"in a folder": asZip(t, filepath.Join(dir, "around.zip"), around), "twice": asTar(t, filepath.Join(dir, "twice.tar"), twice, false),
	} {
		t.Run(door, func(t *testing.T) {
			l := open(t, path, listing.Options{})
			var got []string
			for i := range l.Files {
				f := &l.Files[i]
				got = append(got, strings.TrimPrefix(f.Name, "set/"))
				data, err := f.Read()
				if want := map[string]string{"cat/1.png": "1", "cat/2.JPG": "2", "dog/deep/3.tiff": "3", "dog/4.PPM": "4", "dog/5.png": "1"}[got[i]]; err != nil || string(data) != want {
					t.Errorf("%s holds %q (%v), want %q", f.Name, data, err, want)
				}
				if want := map[string]int{"c": 0, "d": 1}[got[i][:1]]; l.Labels[f.Name] != want {
					t.Errorf("%s is of class %d, want %d", f.Name, l.Labels[f.Name], want)
				}
			}
			if d := cmp.Diff(wantNames, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"cat", "dog"}, l.Classes); d != "" {
				t.Error(d)
			}
			said := listing.LeftOut(l.Left)
			count := map[listing.Reason]int{}
			for _, left := range l.Left {
				count[left.Why]++
			}
			// A folder that is hidden or litter is counted by the images in it; an archive by its members.
			if count[listing.Hidden] != 7 || count[listing.NoImage] != 1 || !strings.Contains(said, "labels.csv") || (door == "twice") != (count[listing.Twice] == 1) {
				t.Errorf("left out %v: %s", l.Left, said)
			}
		})
	}
}

// TestLinks: links that lead nowhere, out of the place or round in a circle are bad files or cut, never silence and never a file from elsewhere.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	entries := []entry{{name: "a/1.png", data: "1"}, {name: "a/out.png", link: "../../../etc/passwd"}, {name: "a/gone.png", link: "nowhere.png"}, {name: "a/ring.png", link: "ring2.png"}, {name: "a/ring2.png", link: "ring.png"}, {name: "b", link: "a"}}
	for door, path := range map[string]string{"zip": asZip(t, filepath.Join(dir, "a.zip"), entries), "tar": asTar(t, filepath.Join(dir, "a.tar"), entries, false)} {
		l := open(t, path, listing.Options{})
		if d := cmp.Diff([]string{"a/1.png", "a/gone.png", "a/out.png", "a/ring.png", "a/ring2.png", "b"}, names(l)); d != "" {
			t.Errorf("%s: %s", door, d)
		}
		for i := range l.Files[1:] {
			if data, err := l.Files[1+i].Read(); !errors.Is(err, listing.ErrPlace) || !strings.Contains(err.Error(), "dereference") {
				t.Errorf("%s: %s: %q, %v", door, l.Files[1+i].Name, data, err)
			}
		}
	}
	at := asFolder(t, filepath.Join(dir, "folder"), append(entries[:1:1], entry{name: "a/gone.png", link: "nowhere.png"}, entry{name: "b", link: "a"}, entry{name: "a/loop", link: ".."}))
	l := open(t, at, listing.Options{})
	if d := cmp.Diff([]string{"a/1.png", "a/gone.png", "b/1.png", "b/gone.png"}, names(l)); d != "" {
		t.Errorf("folder: %s", d)
	}
	if !slices.Contains(l.Left, listing.Left{Name: "a/loop", Why: listing.Loop}) {
		t.Errorf("folder: left out %v", l.Left)
	}
}

// TestUnreadable: a picture in a format that is not read is a bad file with the remedy, not one that is passed over; --flat says what lies deeper.
func TestUnreadable(t *testing.T) {
	at := asFolder(t, t.TempDir(), []entry{{name: "1.png", data: "1"}, {name: "2.avif", data: "2"}, {name: "sub/3.png", data: "3"}})
	l := open(t, at, listing.Options{Flat: true})
	if d := cmp.Diff([]string{"1.png", "2.avif"}, names(l)); d != "" {
		t.Fatal(d)
	}
	if _, err := l.Files[1].Read(); !errors.Is(err, imaging.ErrFormat) || !strings.Contains(err.Error(), "AVIF is a format that is not read: save as PNG") {
		t.Errorf("avif: %v", err)
	}
	if d := cmp.Diff([]listing.Left{{Name: "sub/3.png", Why: listing.Deeper}}, l.Left); d != "" {
		t.Error(d)
	}
}

// WebDataset's .cls files give classes where every image has one; of a part of them none is taken, and the images without are named.
func TestClassFiles(t *testing.T) {
	all := []entry{{name: "a/1.png", data: "1"}, {name: "a/1.cls", data: "7\n"}, {name: "b/2.png", data: "2"}, {name: "b/2.cls", data: "4"}}
	for _, tt := range []struct {
		entries []entry
		labels  map[string]int
		why     string
	}{
		{all, map[string]int{"a/1.png": 7, "b/2.png": 4}, ""},
		{all[:3], nil, "1 of 2 images have no .cls file with a whole number from 0 (b/2.png)"},
		{append(all[:3:3], entry{name: "b/2.cls", data: "dog"}), nil, "1 of 2 images have no .cls file with a whole number from 0 (b/2.png)"},
		{append(all[:3:3], entry{name: "b/2.cls", data: "-1"}), nil, "1 of 2"},
		{[]entry{all[0], all[2]}, map[string]int{"a/1.png": 0, "b/2.png": 1}, ""}, // no .cls files: the sub-folders
	} {
		dir := t.TempDir()
		for _, at := range []string{asTar(t, filepath.Join(dir, "w.tar"), tt.entries, false), asTar(t, filepath.Join(dir, "w.tar.gz"), tt.entries, true),
			asZip(t, filepath.Join(dir, "w.zip"), tt.entries), asFolder(t, filepath.Join(dir, "w"), tt.entries)} {
			l := open(t, at, listing.Options{})
			if d := cmp.Diff(tt.labels, l.Labels); d != "" || !strings.HasPrefix(l.NoClass, tt.why) || (l.NoClass == "") != (tt.why == "") {
				t.Errorf("%s of %v: %s, %q", filepath.Base(at), tt.entries, d, l.NoClass)
			}
		}
	}
}

// A .cls file of a folder that lies beside no image is no class of one: LaTeX has such files.
func TestForeignClassFiles(t *testing.T) {
	l := open(t, asFolder(t, t.TempDir(), []entry{{name: "a/1.png", data: "1"}, {name: "b/2.png", data: "2"}, {name: "paper.cls", data: `\\ProvidesClass`}}), listing.Options{})
	if d := cmp.Diff(map[string]int{"a/1.png": 0, "b/2.png": 1}, l.Labels); d != "" || l.NoClass != "" {
		t.Errorf("%s, %q", d, l.NoClass)
	}
	if d := cmp.Diff([]listing.Left{{Name: "paper.cls", Why: listing.NoImage}}, l.Left); d != "" {
		t.Error(d)
	}
}
