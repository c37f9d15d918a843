package reports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func scoreRecord(seed uint64, metric string, v float64) Record {
	return Record{Cell: fmt.Sprintf("cell%d", seed), Model: "mine", Dataset: "cifar", Seed: seed, Metric: metric, Value: v, Status: OK, Better: Lower}
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scores.jsonl")
	add := func(replace bool, recs ...Record) (Appended, error) { return Append(t.Context(), path, recs, replace) }
	must := func(want Appended, replace bool, recs ...Record) {
		t.Helper()
		if got, err := add(replace, recs...); err != nil || got != want {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
	}
	failed := Record{Cell: "cell1", Model: "mine", Dataset: "cifar", Seed: 1, Status: Failed, Error: "out of memory"}
	must(Appended{Added: 2}, false, scoreRecord(1, "fd", 3), scoreRecord(1, "kid", .1))
	must(Appended{Added: 1, Same: 1}, false, scoreRecord(1, "fd", 3), scoreRecord(2, "fd", 4))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, recs := range map[string][]Record{
		"another value":           {scoreRecord(3, "fd", 5), scoreRecord(1, "fd", 3.5)},
		"a failure after a value": {failed},
		"no record":               {{Cell: "x"}},
	} {
		if _, err := add(false, recs...); err == nil || name != "no record" && !errors.Is(err, ErrTaken) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s: refused, and the file changed all the same", name)
		}
	}
	must(Appended{Added: 1, Replaced: 1}, true, scoreRecord(1, "fd", 3.5))
	must(Appended{Added: 1, Replaced: 2}, true, failed) // fd and kid of the cell
	recs, torn, err := ReadFile(path)
	if err != nil || torn != nil || len(recs) != 2 || recs[0].Seed != 2 || !recs[1].CellFailed() {
		t.Errorf("%v, %v, %+v", err, torn, recs)
	}
	must(Appended{Added: 1, Replaced: 1}, true, scoreRecord(1, "fd", 2)) // it was tried again and went well
}

// What kill -9 of another writer leaves behind is dropped and said; lines that stay keep their bytes.
func TestAppendMends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scores.jsonl")
	whole := `{"cell":"a",  "model":"mine","dataset":"d","seed":1,"step":0,"metric":"fd","value":1.50,"status":"ok","cost":{},"provenance":{}}`
	for _, torn := range []string{`{"cell":"b","mod`, ""} {
		if err := os.WriteFile(path, []byte(whole+"\r\n\n"+torn), 0o644); err != nil {
			t.Fatal(err)
		}
		done, err := Append(t.Context(), path, []Record{scoreRecord(7, "fd", 2)}, false)
		if err != nil || (done.Torn != nil) != (torn != "") || done.Added != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(text), whole+"\n{\"cell\":\"cell7\"") || strings.Count(string(text), "\n") != 2 {
			t.Errorf("%v: %s", err, text)
		}
	}
	if err := os.WriteFile(path, []byte("{\"cell\":\"b\",\"future\":1}\n"+whole+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Append(t.Context(), path, []Record{scoreRecord(7, "fd", 2)}, false); !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), "scores.jsonl:1") {
		t.Errorf("a foreign line: %v", err)
	}
}

// Many writers at once lose nothing: each waits for the others, although every write gives the file a new inode.
func TestAppendAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scores.jsonl")
	const writers, each = 8, 5
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				if _, err := Append(t.Context(), path, []Record{scoreRecord(uint64(100*w+i), "fd", 1)}, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if recs, torn, err := ReadFile(path); err != nil || torn != nil || len(recs) != writers*each {
		t.Errorf("%d records of %d, %v, %v", len(recs), writers*each, torn, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"run.json", RecordsFile} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Append(t.Context(), filepath.Join(dir, RecordsFile), []Record{scoreRecord(1, "fd", 1)}, false); err == nil || !strings.Contains(err.Error(), "belongs to a run") {
		t.Errorf("into a run folder: %v", err)
	}
	path := filepath.Join(dir, "own.jsonl")
	lock, err := lockForAppend(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Append(stopped, path, []Record{scoreRecord(1, "fd", 1)}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a lock, interrupted: %v", err)
	}
}
