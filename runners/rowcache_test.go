package runners

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/assay-gan/assay/imaging"
)

func testKey(t *testing.T, b byte) imaging.Key {
	t.Helper()
	m, err := imaging.FromPix(1, 1, 1, []byte{b})
	if err != nil {
		t.Fatal(err)
	}
	return m.Key()
}

// What was put is got again, to the bit, by the next process; damage, another width and a second process cost the record and never give a wrong one.
func TestRowCache(t *testing.T) {
	dir := t.TempDir()
	a, b := testKey(t, 1), testKey(t, 2)
	features, logits := []float64{1.0 / 3, -2e-300}, []float64{0.5, float64(float32(0.1)), 7}
	open := func() *rowCache {
		t.Helper()
		c := openRows(dir, "net@1")
		if c == nil {
			t.Fatal("no cache")
		}
		return c
	}
	same := func(c *rowCache, k imaging.Key) bool {
		t.Helper()
		f, l := make([]float64, 2), make([]float64, 3)
		return c.get(k, f, l) && slices.Equal(f, features) && slices.Equal(l, logits)
	}
	c := open()
	c.fit(2, 3)
	c.put(a, features, logits)
	c.put(b, features, []float64{0.1, 0, 0}) // no float32: not kept
	c.put(b, features, logits)
	if openRows(dir, "net@1") != nil {
		t.Error("two processes at once share a file")
	}
	c.close()

	c = open()
	if !c.has(a) || !c.has(b) || !same(c, a) || !same(c, b) || c.has(testKey(t, 3)) {
		t.Error("what was put is not got")
	}
	if other := openRows(dir, "net@2"); other.has(a) {
		t.Error("another fingerprint has the row")
	} else {
		other.close()
	}
	c.close()

	path := filepath.Join(dir, "x")
	files, _ := filepath.Glob(filepath.Join(dir, "*.rows"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Size() > rowHead {
			path = f
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(whole)
	damaged[int(rowHead)+40] ^= 1 // in the first record's features
	write := func(content []byte) {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(damaged)
	c = open()
	if same(c, a) || c.has(a) || !same(c, b) {
		t.Error("a damaged record is not told from a good one")
	}
	c.close()
	write(whole[:len(whole)-5]) // torn by a crash
	c = open()
	c.fit(2, 3)
	if !same(c, a) || c.has(b) {
		t.Error("a torn record is not left out")
	}
	c.put(b, features, logits)
	c.close()
	c = open()
	if !same(c, a) || !same(c, b) {
		t.Error("a torn record is not written over")
	}
	c.fit(3, 3) // another network under the same name
	if c.has(a) {
		t.Error("rows of another width are kept")
	}
	c.close()
	write([]byte("no such file"))
	c = open()
	c.fit(2, 3)
	c.put(a, features, logits)
	if !same(c, a) {
		t.Error("a foreign file is not begun anew")
	}
	c.close()
	var none *rowCache
	none.fit(1, 1)
	none.put(a, features, logits)
	none.close()
	if none.has(a) || none.get(a, nil, nil) {
		t.Error("no cache has a row")
	}
}

// What a killed process left beside the rows goes when they are opened; what may still be written stays.
func TestRowCacheIsSwept(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, ".a.npz.tmp-1"), filepath.Join(dir, ".b.npz.tmp-2")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	c := openRows(dir, "net@1")
	if c == nil {
		t.Fatal("no cache")
	}
	c.close()
	for path, stays := range map[string]bool{old: false, young: true} {
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v, want it to stay: %v", filepath.Base(path), err, stays)
		}
	}
}
