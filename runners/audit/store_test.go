package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/assay-gan/assay/threads"
)

func TestKeptPiecesAreMadeOnce(t *testing.T) {
	s := store{filepath.Join(t.TempDir(), "pieces")}
	made := 0
	get := func(key string) int {
		v, err := kept(s, key, func() (int, error) { made++; return 40 + made, nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if a, b, c := get("x"), get("x"), get("y"); a != 41 || b != 41 || c != 42 {
		t.Errorf("%d %d %d, want 41 41 42", a, b, c)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files { // cut short, and one that was made for another key
		if err := os.WriteFile(f, []byte(`{"key":"z","value":7}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if a := get("x"); a != 43 {
		t.Errorf("a piece of another key is taken: %d", a)
	}
	if err := os.WriteFile(files[0], []byte(`{"key":"x","val`), 0o644); err != nil {
		t.Fatal(err)
	}
	if a, b := get("x"), get("y"); a+b < 87 {
		t.Errorf("a damaged piece is taken: %d %d", a, b)
	}
	if _, err := kept(s, "bad", func() (int, error) { return 0, errors.New("no") }); err == nil || err.Error() != "no" {
		t.Errorf("error %v", err)
	}
	if v, err := kept(store{}, "x", func() (int, error) { return 5, nil }); v != 5 || err != nil {
		t.Errorf("without a folder: %d %v", v, err)
	}
}

func TestAtOnceTellsAndStops(t *testing.T) {
	var last Progress
	var ran atomic.Int32
	err := atOnce(context.Background(), 9, func(p Progress) { last = p }, func(_ context.Context, i int, tell func(string, float64)) error {
		ran.Add(1)
		tell("piece", .5)
		return nil
	})
	if err != nil || last.Done != 9 || last.Total != 9 || ran.Load() != 9 {
		t.Errorf("%v %+v %d", err, last, ran.Load())
	}
	ran.Store(0)
	fault := errors.New("fault")
	err = atOnce(context.Background(), 1000, nil, func(ctx context.Context, i int, _ func(string, float64)) error {
		if ran.Add(1); i == 3 {
			return fault
		}
		if i > 3 {
			<-ctx.Done() // begun before the fault was known, at the most
		}
		return nil
	})
	if !errors.Is(err, fault) || ran.Load() > 4+int32(threads.Count()) {
		t.Errorf("%v after %d pieces", err, ran.Load())
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := atOnce(ctx, 3, nil, func(context.Context, int, func(string, float64)) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled audit: %v", err)
	}
}
