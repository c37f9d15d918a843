package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/serve"
)

// storeFaults are what happens to the folder of a run between two kills of it.
var storeFaults = []struct {
	name string
	do   func(t *testing.T, dir string, s *rng.Source)
}{
	{"nothing but the kill", func(*testing.T, string, *rng.Source) {}},
	{"a bit flipped in the records", func(t *testing.T, dir string, s *rng.Source) { flipBit(t, filepath.Join(dir, reports.RecordsFile), s) }},
	{"a line cut in the records", func(t *testing.T, dir string, s *rng.Source) { cutLine(t, filepath.Join(dir, reports.RecordsFile), s) }},
	{"a bit flipped in a cell", func(t *testing.T, dir string, s *rng.Source) { flipBit(t, anyOf(t, filepath.Join(dir, "cells"), s), s) }},
	{"the index flipped", func(t *testing.T, dir string, s *rng.Source) { flipBit(t, filepath.Join(dir, index.File), s) }},
	{"the index deleted", func(t *testing.T, dir string, _ *rng.Source) {
		if err := os.Remove(filepath.Join(dir, index.File)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}},
}

// anyOf is a file of a folder, "" where there is none.
func anyOf(t *testing.T, dir string, s *rng.Source) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[s.IntN(len(names))]
}

// flipBit flips one bit of a file in its place, as a disk does.
func flipBit(t *testing.T, path string, s *rng.Source) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return // not there yet
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return
	}
	at, b := int64(s.IntN(int(info.Size()))), make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Error(err)
	}
	b[0] ^= 1 << s.IntN(8)
	if _, err := f.WriteAt(b, at); err != nil {
		t.Error(err)
	}
}

// cutLine takes a piece out of the middle of a line.
func cutLine(t *testing.T, path string, s *rng.Source) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || len(text) < 200 {
		return
	}
	at := s.IntN(len(text) - 100)
	if err := os.WriteFile(path, append(text[:at:at], text[at+60:]...), 0o644); err != nil {
		t.Error(err)
	}
}

// A run that is killed by SIGKILL again and again, its folder damaged between, while a page looks at it all the time, ends in the records of one that nobody
// disturbed. The page never stops, and never shows more cells than there are.
func TestStoreFaults(t *testing.T) {
	if !testutil.Long() {
		t.Skip("minutes: ASSAY_LONG=1")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	bench := func(out string) []string {
		return []string{"bench", "./tiny.yaml", "--quiet", "--workers", "1", "--out", out}
	}
	began := time.Now()
	if text, err := command(t, dir, bench("straight")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	took := time.Since(began)
	want := timeless(t, filepath.Join(dir, "straight"))
	s := rng.Stream(11, "store faults")
	for _, fault := range storeFaults {
		out := strings.ReplaceAll(fault.name, " ", "-")
		run := filepath.Join(dir, out)
		kills, shown := 0, func() int { return 0 }
		for ended := false; !ended && kills < 30; {
			c := command(t, dir, bench(out)...)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- c.Wait() }()
			select {
			case err := <-done:
				if ended = true; err != nil {
					t.Fatalf("%s: after %d kills: %v", fault.name, kills, err)
				}
			case <-time.After(took/3 + time.Duration(s.IntN(int(took)))/4):
				_ = c.Process.Kill() // it may just have ended
				<-done
				kills++
			}
			if _, err := os.Stat(filepath.Join(run, "run.json")); err == nil && kills == 1 {
				shown = look(t, run)
			}
			if !ended {
				fault.do(t, run, s)
			}
		}
		if kills == 0 {
			t.Errorf("%s: it was never killed", fault.name)
		}
		if text, err := command(t, dir, bench(out)...).CombinedOutput(); err != nil { // what the last fault left is mended by a start
			t.Errorf("%s: %v: %s", fault.name, err, text)
		}
		if d := cmp.Diff(want, timeless(t, run)); d != "" {
			t.Errorf("%s, %d kills (-undisturbed +disturbed):\n%s", fault.name, kills, d)
		}
		st, err := runners.ReadStatus(t.Context(), run)
		if err != nil || st.State != runners.Finished || st.Ended != st.Cells {
			t.Errorf("%s: %+v, %v", fault.name, st, err)
		}
		t.Logf("%s: %d kills, the page showed %d states", fault.name, kills, shown())
	}
}

// look opens the page of a run and reads its events until the test ends; shown says how many states came.
func look(t *testing.T, run string) (shown func() int) {
	t.Helper()
	s, err := serve.New(t.Context(), run, serve.Options{Every: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	l, _, err := serve.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	count := make(chan int, 1)
	go func() {
		n, name := 0, ""
		in := bufio.NewScanner(resp.Body)
		in.Buffer(nil, 16<<20)
		for in.Scan() {
			if v, ok := strings.CutPrefix(in.Text(), "event: "); ok {
				name = v
			}
			data, ok := strings.CutPrefix(in.Text(), "data: ")
			var st struct{ Cells, Ended, Failed int }
			if ok && name == "status" && json.Unmarshal([]byte(data), &st) == nil {
				if n++; st.Ended > st.Cells || st.Failed > 0 {
					t.Errorf("the page shows %+v", st)
				}
			}
		}
		count <- n
	}()
	n := -1
	return func() int {
		if n < 0 {
			stop()
			if err := <-served; err != nil {
				t.Error(err)
			}
			n = <-count
			_ = resp.Body.Close()
		}
		return n
	}
}
