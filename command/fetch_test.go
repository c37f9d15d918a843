package command

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// mirror serves one file on loopback; cut ends the first answer early.
type mirror struct {
	content []byte
	cut     int
	asked   []string // host and range of each request
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked = append(m.asked, r.Host+" "+r.Header.Get("Range"))
	if cut := m.cut; cut > 0 {
		m.cut = 0
		w.Header().Set("Content-Length", fmt.Sprint(len(m.content)))
		_, _ = w.Write(m.content[:cut])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler) // the connection breaks
	}
	http.ServeContent(w, r, "w.pth", time.Time{}, bytes.NewReader(m.content))
}

func TestFetch(t *testing.T) {
	t.Chdir(t.TempDir())
	m := &mirror{content: bytes.Repeat([]byte("weights "), 9000)}
	server := httptest.NewServer(m)
	defer server.Close()
	sum := fmt.Sprintf("%x", sha256.Sum256(m.content))
	base := "fetch inception --quiet --url " + server.URL + "/w.pth "
	same := func(path string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, m.content) {
			t.Errorf("%s: %d bytes, %v", path, len(b), err)
		}
	}
	r := assay(fields(base + "--to a/")...) // of the published digits, which this file has not
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "want 6726825d...: not the published file, removed") {
		t.Errorf("a wrong file: status %d, %s", r.code, r.err)
	}
	if left, _ := os.ReadDir("a"); len(left) != 0 {
		t.Errorf("a wrong file left %v", left)
	}
	m.cut = 30000
	good := base + "--sha256 " + sum[:12] + " "
	r = assay(fields(good + "--to b/mine.pth")...)
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "run it again to continue") {
		t.Errorf("a broken download: status %d, %s", r.code, r.err)
	}
	if _, err := os.Stat("b/mine.pth"); err == nil {
		t.Error("half a file has the name of a whole one")
	}
	ok(t, good+"--to b/mine.pth")
	same("b/mine.pth")
	if last := m.asked[len(m.asked)-1]; !strings.HasSuffix(last, "bytes=30000-") {
		t.Errorf("the second attempt asked for %q, not for the rest", last)
	}
	t.Setenv("ASSAY_CACHE", "cache")
	var got struct{ Path string }
	if err := json.Unmarshal([]byte(ok(t, good+"--format json")), &got); err != nil {
		t.Fatal(err)
	}
	same(got.Path)
	asked := len(m.asked)
	ok(t, good)
	if len(m.asked) != asked {
		t.Error("a file that is there was fetched again")
	}
}

// The proxy variables are obeyed: the request for a host that does not exist reaches the proxy. (Proxies are read once a process: it needs its own.)
func TestFetchThroughProxy(t *testing.T) {
	dir := t.TempDir()
	m := &mirror{content: []byte("behind a proxy")}
	proxy := httptest.NewServer(m)
	defer proxy.Close()
	sum := fmt.Sprintf("%x", sha256.Sum256(m.content))
	c := command(t, dir, "fetch", "inception", "--url", "http://weights.invalid/w.pth", "--sha256", sum, "--to", "p/")
	c.Env = append(c.Env, "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(m.asked) != 1 || m.asked[0] != "weights.invalid " {
		t.Errorf("the proxy was asked for %q", m.asked)
	}
}
