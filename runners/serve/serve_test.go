package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
)

// hostileName is a model name that would act in a page that takes it for markup.
const hostileName = `<img src=x onerror=window.broken=1>`

// cells are n cells of three models on two data sets; every ninth failed.
func cells(n int) []reports.Record {
	s := rng.Stream(5, "serve test")
	var recs []reports.Record
	for i := range n {
		r := reports.Record{Cell: fmt.Sprintf("%020x", 104729*i+3), Model: []string{"gan", "vae", hostileName}[i%3], Dataset: []string{"ring", "grid"}[i/3%2], Seed: uint64(i), Step: 100, Status: reports.OK,
			Metric: "fd", Value: 1 + s.Float64(), Better: reports.Lower, N: 100, Cost: reports.Cost{WallSeconds: 2, CPUSeconds: 1}}
		if i%9 == 8 {
			r.Status, r.Metric, r.Value, r.Error, r.Cause = reports.Failed, "", 0, "step 3: the loss is NaN", reports.NotANumber
		}
		recs = append(recs, r)
	}
	return recs
}

// runFolder writes a run of which some cells have ended, and one is at work.
func runFolder(t testing.TB, all []reports.Record, ended int) string {
	t.Helper()
	dir := t.TempDir()
	type line struct {
		Hash    string `json:"hash"`
		Model   string `json:"model"`
		Dataset string `json:"dataset"`
		Seed    uint64 `json:"seed"`
	}
	plan := map[string]any{"suite": "tiny"}
	var lines []line
	for _, r := range all {
		lines = append(lines, line{r.Cell, r.Model, r.Dataset, r.Seed})
	}
	plan["cells"] = lines
	text, err := json.Marshal(plan)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "run.json"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	add(t, dir, all[:ended])
	if ended < len(all) {
		var beats strings.Builder
		for step := range 300 {
			fmt.Fprintf(&beats, "{\"t\":%d,\"step\":%d,\"of\":400,\"losses\":{\"loss_d\":%v,\"loss_g\":null,\"lr\":1}}\n", time.Now().Unix()-300+int64(step), step, 1/float64(step+1))
		}
		if err := errors.Join(os.Mkdir(filepath.Join(dir, "running"), 0o755), os.WriteFile(filepath.Join(dir, "running", all[ended].Cell+".jsonl"), []byte(beats.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func add(t testing.TB, dir string, recs []reports.Record) {
	t.Helper()
	w, err := reports.OpenWriter(filepath.Join(dir, reports.RecordsFile))
	if err == nil {
		err = errors.Join(w.Append(recs...), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// hold takes the lock of a run as its process does.
func hold(t testing.TB, dir string) *runners.Folder {
	t.Helper()
	f, err := runners.OpenFolder(dir, runners.Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func server(t testing.TB, dir string) *httptest.Server {
	t.Helper()
	s, err := New(t.Context(), dir, Options{Every: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	h := httptest.NewServer(s.Handler(ctx))
	t.Cleanup(h.Close)
	t.Cleanup(stop)
	return h
}

// events reads the events of a page until one satisfies; it fails the test where none does.
func events(t *testing.T, url string, until func(name string, data []byte) bool) (bytes int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	name := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("the events end before what was waited for: %v", err)
		}
		bytes += len(line)
		if n, ok := strings.CutPrefix(line, "event: "); ok {
			name = strings.TrimSpace(n)
		}
		if d, ok := strings.CutPrefix(line, "data: "); ok && until(name, []byte(d)) {
			return bytes
		}
	}
}

// The events say what the folder holds, and follow it while it grows; a process that is killed makes the run a stopped one.
func TestEventsFollowTheRun(t *testing.T) {
	all := cells(40)
	dir := runFolder(t, all, 10)
	h := server(t, dir)
	var status runners.Status
	at := func(ended int, state string) func(string, []byte) bool {
		return func(name string, data []byte) bool {
			if name != "status" {
				return false
			}
			status = runners.Status{}
			if err := json.Unmarshal([]byte(strings.ReplaceAll(string(data), `"left_s":null`, `"left_s":0`)), &status); err != nil {
				t.Fatal(err)
			}
			return status.Ended == ended && status.State == state
		}
	}
	events(t, h.URL, at(10, runners.Stopped))
	if status.Cells != 40 || status.Failed != 1 || status.Causes[0].Cause != reports.NotANumber {
		t.Errorf("%+v", status)
	}
	f := hold(t, dir)
	events(t, h.URL, at(10, runners.Running))
	var atWork []work
	events(t, h.URL, func(name string, data []byte) bool {
		if name != "work" || json.Unmarshal([]byte(strings.ReplaceAll(string(data), "null", "0")), &atWork) != nil {
			return false
		}
		return len(atWork) == 1
	})
	if w := atWork[0]; w.Cell != all[10].Cell || w.Step != 299 || w.Of != 400 || len(w.Curves) != 1 || w.Curves[0].Name != "loss_d" || len(w.Curves[0].X) != mostKnots || w.Curves[0].X[mostKnots-1] != 299 {
		t.Errorf("at work: %+v", w)
	}
	add(t, dir, all[10:39])
	events(t, h.URL, at(39, runners.Running))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	events(t, h.URL, at(39, runners.Stopped))
	add(t, dir, all[39:])
	events(t, h.URL, at(40, runners.Finished))
}

// Scores are medians with failures as the worst values, and the best so far: three runs of 3, 1, 2 and a failure have the median 2.5 and the bests 3, 1.
func TestScores(t *testing.T) {
	var all []reports.Record
	for i, v := range []float64{3, 1, 2} {
		all = append(all, reports.Record{Cell: fmt.Sprint("c", i), Model: "gan", Dataset: "ring", Seed: uint64(i), Metric: "fd", Value: v, Better: reports.Lower, Status: reports.OK})
	}
	all = append(all, reports.Record{Cell: "c3", Model: "gan", Dataset: "ring", Seed: 3, Status: reports.Failed, Error: "e"})
	h := server(t, runFolder(t, all, 4))
	var got scores
	events(t, h.URL, func(name string, data []byte) bool { return name == "scores" && json.Unmarshal(data, &got) == nil })
	if len(got.Rows) != 1 || got.Metric != "fd" || got.Rows[0].Median != 2.5 || got.Rows[0].Best != 1 || got.Rows[0].Failed != 1 || got.Rows[0].Runs != 4 {
		t.Errorf("%+v", got)
	}
	if c := got.Curves[0]; len(c.Y) != 2 || c.X[0] != 1 || c.X[1] != 2 || c.Y[0] != 3 || c.Y[1] != 1 {
		t.Errorf("curve %+v", got.Curves)
	}
}

// The page, its files and nothing else is served, to this machine, with a policy that admits no other source.
func TestOnlyThePage(t *testing.T) {
	dir := runFolder(t, cells(5), 2)
	picture := reports.SamplesPath(dir, "abc")
	if err := errors.Join(os.MkdirAll(filepath.Dir(picture), 0o755), os.WriteFile(picture, []byte("png"), 0o644)); err != nil {
		t.Fatal(err)
	}
	h := server(t, dir)
	for _, tt := range []struct {
		method, path, host string
		code               int
	}{
		{"GET", "/", "", 200}, {"GET", "/live.js", "", 200}, {"GET", "/live.css", "", 200}, {"GET", "/samples/abc", "", 200}, {"HEAD", "/", "", 200},
		{"GET", "/", "evil.example", 403}, {"GET", "/events", "evil.example:80", 403}, {"GET", "/", "localhost:1", 200}, {"GET", "/", "[::1]:9", 200},
		{"POST", "/", "", 405}, {"DELETE", "/samples/abc", "", 405}, {"GET", "/run.json", "", 404}, {"GET", "/samples/..%2f..%2frun.json", "", 404},
		{"GET", "/samples/none", "", 404}, {"GET", "/page/live.js", "", 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, h.URL+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.host != "" {
			req.Host = tt.host
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if p := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != tt.code || !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s %s of %q: status %d, want %d; policy %s", tt.method, tt.path, tt.host, resp.StatusCode, tt.code, p)
		}
	}
}

// What a finished run has at the same address is its report.
func TestFinishedRunIsItsReport(t *testing.T) {
	all := cells(12)
	h := server(t, runFolder(t, all, 12))
	resp, err := http.Get(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), `<p class="kicker">Assay report</p>`) {
		t.Errorf("%v, %.300s", err, text)
	}
}

func TestListen(t *testing.T) {
	l, loopback, err := Listen(":0")
	if err != nil || !loopback {
		t.Fatalf("an address without a host: %v, %v", loopback, err)
	}
	defer l.Close()
	if _, _, err := Listen(l.Addr().String()); err == nil || !strings.Contains(err.Error(), "address already in use; choose another port") || strings.Contains(err.Error(), "\n") {
		t.Errorf("in use: %v", err)
	}
	for _, bad := range []string{"8080", "127.0.0.1", "127.0.0.1:http:1", "127.0.0.1:999999"} {
		if _, _, err := Listen(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	open, loopback, err := Listen("0.0.0.0:0")
	if err != nil || loopback {
		t.Fatalf("every network: %v, %v", loopback, err)
	}
	_ = open.Close()
}

// Serve ends with its context, though a page is open.
func TestServeEnds(t *testing.T) {
	s, err := New(t.Context(), runFolder(t, cells(3), 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, _, err := Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	events(t, "http://"+l.Addr().String(), func(name string, _ []byte) bool { return name == "status" })
	resp, err := http.Get("http://" + l.Addr().String() + "/events") // stays open
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

// A run of very many cells is a page of bounded size: everything that is sent at the beginning stays far below 3 MB.
func TestManyCells(t *testing.T) {
	n := 3000
	if testutil.Long() {
		n = 100_000
	}
	all := cells(n)
	h := server(t, runFolder(t, all, n-1))
	seen := map[string]bool{}
	size := events(t, h.URL, func(name string, _ []byte) bool {
		seen[name] = true
		return seen["newest"] && seen["scores"] && seen["status"] && seen["work"]
	})
	if size > 200_000 {
		t.Errorf("%d bytes for %d cells", size, n)
	}
	t.Logf("%d cells: %d bytes of events", n, size)
}
