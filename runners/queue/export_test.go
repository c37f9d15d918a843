package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// SetClock gives the coordinator another clock.
func (o *Options) SetClock(now func() time.Time) { o.now = now }

// ResultSubject is where results are published.
func ResultSubject(name, hash string) string { return study{name: name}.subject("result", hash) }

// Simulate is many workers in one process, each with a connection of its own, whose cells are empty but for a sleep. It returns how long the cells took, all together,
// and how many they were.
func Simulate(ctx context.Context, a Address, workers int, pause time.Duration) (time.Duration, int, error) {
	s := &simulated{pause: pause, origin: runners.Origin("test")}
	errs := make([]error, workers)
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			w := newWorker(WorkerOptions{Address: a, Wait: time.Minute})
			w.name = fmt.Sprintf("%s-%d", w.name, i)
			errs[i] = w.run(ctx, s)
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, 0, err
		}
	}
	return time.Duration(s.took.Load()), int(s.cells.Load()), nil
}

// simulated carries empty cells out.
type simulated struct {
	pause       time.Duration
	origin      runners.Provenance
	content     atomic.Value
	took, cells atomic.Int64
}

var _ elsewhere = (*simulated)(nil)

func (*simulated) Unpack(text []byte) (runners.Cell, error) {
	var p struct {
		Hash string
		Cell runners.Cell
	}
	err := json.Unmarshal(text, &p)
	p.Cell.Hash, p.Cell.Trunk = p.Hash, p.Hash
	return p.Cell, err
}

func (s *simulated) Meets(_ context.Context, n runners.Requirement) error {
	s.content.Store(n.Content)
	return nil
}

func (s *simulated) Do(ctx context.Context, c runners.Cell) (runners.Result, error) {
	start := time.Now()
	time.Sleep(s.pause)
	content := s.content.Load().(string)
	rec := reports.Record{Cell: c.Hash, Model: c.Label, Dataset: c.Dataset, Settings: c.Settings, Seed: c.Seed, Metric: "fd", Value: float64(c.Seed), Status: reports.OK, Better: reports.Lower,
		Provenance: reports.Provenance{Version: s.origin.Version, Kernel: s.origin.Kernel, CPU: s.origin.CPU, DatasetHash: content}}
	s.took.Add(int64(time.Since(start)))
	s.cells.Add(1)
	return runners.Result{Cell: c.Hash, Build: s.origin.Build, Kernel: s.origin.Kernel, Data: content, Records: []reports.Record{rec}}, ctx.Err()
}

func (*simulated) Saved(runners.Cell) saved     { return nil }
func (s *simulated) Origin() runners.Provenance { return s.origin }
func (*simulated) Drop(runners.Cell) error      { return nil }
