package metrics_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

func normalRows(n, d int, name string) *mat.Dense {
	r := rng.Stream(3, "table", name)
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, r.Normal()*float64(1+j)+0.3)
		}
	}
	return x
}

// taken is what a metric allocates on so many rows, which is at least what it holds at once.
func taken(t *testing.T, m metrics.Metric, n, d int) float64 {
	t.Helper()
	p := metrics.Pair{Real: normalRows(n, d, "real"), Fake: normalRows(n+n/10, d, "fake"), Train: normalRows(n, d, "train"), Seed: 1}
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	if _, err := m.Compute(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&b)
	return float64(b.TotalAlloc - a.TotalAlloc)
}

func onFeatures(m metrics.Metric) bool {
	for _, n := range m.Info().Needs {
		if n != metrics.NeedFeatures && n != metrics.NeedMoments && n != metrics.NeedTrain {
			return false
		}
	}
	return true
}

// brief is the metric with few repeats of what it does.
func brief(t *testing.T, m metrics.Metric) metrics.Metric {
	t.Helper()
	for _, o := range m.Info().Options {
		few, known := map[string]string{"steps": "2", "repeats": "1", "directions": "20", "subsets": "3"}[o.Name]
		if !known {
			continue
		}
		var err error
		if m, err = m.With(o.Name, few); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// A metric that tells of no table makes none: twice the rows, and twice the features, take no more than three times the memory. Four would be a table.
func TestTablesAreTold(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	kernel.SetThreads(1) // each thread has buffers of its own
	for _, m := range metrics.All() {
		if info := m.Info(); info.Table != nil || !onFeatures(m) {
			continue
		}
		m = brief(t, m)
		small := taken(t, m, 300, 40)
		for what, large := range map[string]float64{"rows": taken(t, m, 600, 40), "features": taken(t, m, 300, 80)} {
			if large > 3*small+1<<20 {
				t.Errorf("%s: twice the %s take %.1f MB instead of %.1f", m.Info().ID, what, large/1e6, small/1e6)
			}
		}
	}
}

// What is told is taken: a metric is not refused for memory that it would not have needed.
func TestTablesAreTaken(t *testing.T) {
	told := 0
	for _, m := range metrics.All() {
		if m.Info().Table == nil || !onFeatures(m) {
			continue
		}
		for _, e := range []metrics.Extent{{Real: 500, Fake: 550, Dim: 8}, {Real: 200, Fake: 220, Dim: 300}} {
			told++
			if says, takes := m.Info().Table(e), taken(t, m, e.Real, e.Dim); says.Bytes > takes || says.Bytes == 0 {
				t.Errorf("%s, %+v: %s: %.2f MB are told, %.2f MB are allocated", m.Info().ID, e, says.What, says.Bytes/1e6, takes/1e6)
			}
		}
	}
	if told < 8 {
		t.Errorf("only %d cases", told)
	}
}

// A table that the machine cannot hold is refused before it is made, with figure and remedy; the remedy works.
func TestTableBeyondMemory(t *testing.T) {
	w, err := metrics.Wasserstein{}.With("max", "10000000")
	if err != nil {
		t.Fatal(err)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
	p := metrics.Pair{Real: normalRows(8192, 1, "real"), Fake: normalRows(8192, 1, "fake")}
	ended, end := context.WithCancel(context.Background())
	end() // without the refusal this is what comes back, and not an hour later
	_, err = w.Compute(ended, p)
	// 8192 x 8192 x 8 bytes = 512 MiB = 0.5 GiB
	if !errors.Is(err, metrics.ErrValue) || !strings.Contains(err.Error(), "wasserstein: 8192 x 8192 distances: it needs 0.5 GiB of memory") || !strings.Contains(err.Error(), "lower wasserstein.max") {
		t.Fatalf("error: %v", err)
	}
	less, err := w.With("max", "100")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := less.Compute(context.Background(), p); err != nil || math.IsNaN(r.Values[0].Value) {
		t.Errorf("the remedy does not help: %v", err)
	}
}
