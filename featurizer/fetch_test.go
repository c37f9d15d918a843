package featurizer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server serves one file on loopback and can misbehave.
type server struct {
	content []byte
	cut     int  // end the first answer after so many bytes
	plain   bool // ignore ranges
	status  int
	ranges  []string // asked for
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.ranges = append(s.ranges, r.Header.Get("Range"))
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	if s.plain {
		r.Header.Del("Range")
	}
	if cut := s.cut; cut > 0 {
		s.cut = 0
		w.Header().Set("Content-Length", fmt.Sprint(len(s.content)))
		_, _ = w.Write(s.content[:cut])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler) // the connection breaks
	}
	http.ServeContent(w, r, "net.bin", time.Time{}, bytes.NewReader(s.content))
}

func TestDownload(t *testing.T) {
	content := bytes.Repeat([]byte("weights "), 5000)
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	start := func(s *server) (Download, string) {
		t.Helper()
		s.content = content
		h := httptest.NewServer(s)
		t.Cleanup(h.Close)
		return Download{URL: h.URL + "/net.bin", SHA256: sum[:8], Bytes: 1 << 20}, t.TempDir()
	}
	whole := func(path string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes, want %d (%v)", len(got), len(content), err)
		}
	}
	ctx := context.Background()

	s := &server{}
	d, dir := start(s)
	var last int64
	path, err := d.To(ctx, dir, func(done, total int64) {
		if last = done; total != int64(len(content)) {
			t.Errorf("total %d", total)
		}
	})
	whole(path, err)
	whole(d.To(ctx, dir, nil))
	if len(s.ranges) != 1 || last != int64(len(content)) {
		t.Errorf("%d requests, want one: the second call finds the file (progress ended at %d)", len(s.ranges), last)
	}

	for _, plain := range []bool{false, true} { // broken off, then continued, or started again by a server without ranges
		s = &server{cut: 1000, plain: plain}
		d, dir = start(s)
		if _, err := d.To(ctx, dir, nil); !errors.Is(err, ErrFetch) || !strings.Contains(err.Error(), "run it again") {
			t.Fatalf("truncated: %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "net.bin")); err == nil {
			t.Error("a truncated file appeared under its name")
		}
		whole(d.To(ctx, dir, nil))
		if len(s.ranges) != 2 || s.ranges[1] != "bytes=1000-" {
			t.Errorf("ranges %q", s.ranges)
		}
	}

	d, dir = start(&server{})
	d.SHA256 = "00000000"
	if _, err := d.To(ctx, dir, nil); !errors.Is(err, ErrFetch) || !strings.Contains(err.Error(), "sha256") {
		t.Errorf("wrong hash: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a wrong file was left: %v", left)
	}
	d.SHA256, d.Bytes = sum, 100
	if _, err := d.To(ctx, dir, nil); !errors.Is(err, ErrFetch) || !strings.Contains(err.Error(), "at most 100") {
		t.Errorf("too large: %v", err)
	}
	d, dir = start(&server{status: http.StatusNotFound})
	if _, err := d.To(ctx, dir, nil); !errors.Is(err, ErrFetch) || !strings.Contains(err.Error(), "404") {
		t.Errorf("absent: %v", err)
	}
	if p := InceptionDownload(); !strings.HasSuffix(p.URL, "-"+p.SHA256+".pth") {
		t.Errorf("%+v", p)
	}
}
