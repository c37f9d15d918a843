//go:build linux

package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
)

// scaleBook is where the measurements are written down, from which the table of docs/STUDIES.md is made.
const scaleBook = "../../docs/results/scale.json"

type scaleRow struct {
	Workers int     `json:"workers"`
	Cells   int     `json:"cells"`
	Pause   float64 `json:"pause_s"` // what a cell takes
	Seconds float64 `json:"seconds"` // from the end of the first cell to the last record on the disk, and a pause: how long the workers were at it
	Rate    float64 `json:"cells_per_second"`
	HeapMB  float64 `json:"heap_mb"` // most that the coordinator, with the server inside, used
}

type scale struct {
	Machine string     `json:"machine"`
	Load    string     `json:"load"` // of the machine at the start and the end: what else it had to do
	Rows    []scaleRow `json:"rows"`
}

// simulate is a process of simulated workers: URL N PAUSE.
func simulate(args []string) {
	a, err := queue.ParseAddress(args[0], queue.Secrets{})
	var n int
	var pause time.Duration
	if err == nil {
		_, err = fmt.Sscan(args[1], &n)
	}
	if err == nil {
		pause, err = time.ParseDuration(args[2])
	}
	if err == nil {
		_, _, err = queue.Simulate(context.Background(), a, n, pause)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure hands cells out to simulated workers in a process of their own.
func measure(t *testing.T, workers, cells int, pause time.Duration) scaleRow {
	t.Helper()
	p, err := plan("name: scale\nsamples: 10\nfloor: false\nseeds: [" + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers(cells))), ","), "[]") +
		"]\ndatasets:\n  - {name: ring, train: 50, test: 50, hold: 1}\nmodels: [slow-gan]\nfeaturizers: [none]\nmetrics: [fd]\n")
	if err != nil {
		t.Fatal(err)
	}
	at := "127.0.0.1:" + port(t)
	h, err := queue.Open(queue.Options{Address: address(t, at)})
	if err != nil {
		t.Fatal(err)
	}
	sims := start(t, "workers", t.TempDir(), "nats://"+at, fmt.Sprint(workers), pause.String())
	row := scaleRow{Workers: workers, Cells: cells, Pause: pause.Seconds()}
	var first time.Time
	var heap uint64
	_, err = runners.Run(context.Background(), testKit(), p, runners.Options{Dir: filepath.Join(t.TempDir(), "run"), Version: "test", Hands: h, Observe: func(e runners.Event) {
		if e.Kind != runners.Ended {
			return
		}
		if first.IsZero() {
			first = time.Now()
		}
		if e.Done%500 == 0 || e.Done == e.Total {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = max(heap, m.HeapInuse)
		}
		row.Seconds = time.Since(first).Seconds()
	}})
	if closing := h.Close(err == nil); err != nil || closing != nil {
		t.Fatal(err, closing, sims.said())
	}
	sims.ends(t)
	row.Seconds += row.Pause
	row.Rate, row.HeapMB = float64(cells)/row.Seconds, float64(heap)/1e6
	t.Logf("%+v", row)
	return row
}

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// A hundred simulated workers with empty cells. No time is asserted: what is, is that all is there and that the coordinator's memory does not grow with the workers.
func TestManySimulatedWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of cells")
	}
	if row := measure(t, 100, 500, 0); row.HeapMB > 256 {
		t.Errorf("the coordinator used %.0f MB", row.HeapMB)
	}
}

// What the table in docs/STUDIES.md is made of: up to a thousand simulated workers, with empty cells and with cells of a second.
func TestScale(t *testing.T) {
	if !testutil.Long() {
		t.Skip("a thousand workers run under ASSAY_LONG=1")
	}
	book := scale{Machine: runners.Origin("test").String(), Load: load()}
	for _, c := range []struct {
		workers, cells int
		pause          time.Duration
	}{{1, 300, 0}, {10, 1000, 0}, {100, 2000, 0}, {1000, 3000, 0}, {1, 20, time.Second}, {2, 40, time.Second}, {100, 1000, time.Second}, {1000, 3000, 10 * time.Second}} {
		row := measure(t, c.workers, c.cells, c.pause)
		if row.HeapMB > 512 {
			t.Errorf("%d workers: the coordinator used %.0f MB", c.workers, row.HeapMB)
		}
		book.Rows = append(book.Rows, row)
	}
	book.Load += " then " + load()
	if !testutil.UpdateGolden() || t.Failed() {
		return
	}
	b, err := json.MarshalIndent(book, "", " ")
	if err == nil {
		err = os.WriteFile(scaleBook, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}
