package runners

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// Hands carry cells out: the cores of this process, or workers on many machines.
type Hands interface {
	// Carry carries out every cell of the work and delivers its result, in whatever order they end. It returns when all are delivered, with an error when the run
	// cannot go on: what is delivered by then stays. A run calls it once a phase, never twice at a time.
	Carry(ctx context.Context, w *Work) error
}

// Work is a phase of a run on its way through the hands.
type Work struct {
	Cells []Cell // what is to be done, the heaviest first
	run   *run
	left  atomic.Int64
}

// Result is what a cell left behind.
type Result struct {
	Cell    string            `json:"cell"` // hash
	Build   string            `json:"build"`
	Kernel  string            `json:"kernel"`
	Data    string            `json:"data"` // content hash of its data set
	Records []reports.Record  `json:"records"`
	Files   map[string][]byte `json:"files,omitempty"` // its artifacts by their name, of a cell that was carried out elsewhere
	left    *atomicfile.Batch // what it wrote here, which gets its names when the result is written down
}

// The errors of results that are not taken. The run goes on.
var (
	ErrResult  = errors.New("no result of this run")                            // what it holds is damaged, or of something else
	ErrDiffers = errors.New("the same cell gave other records the second time") // the first ones stay
)

// Do carries one cell out in this process: what it wrote lies in the run folder without its names, and its result is to be delivered. An error means that the run cannot
// go on (cancelled, disk full). It may be called from several goroutines.
func (w *Work) Do(ctx context.Context, c Cell) (Result, error) { return w.run.do(ctx, c) }

// Deliver writes a result down. The first result of a cell stands; a second is dropped where it says the same but for its cost, and is ErrDiffers where it
// does not. Errors that wrap neither ErrResult nor ErrDiffers mean that nothing more can be written. It returns when the result is safe on the disk, and is to be called
// from several goroutines: results that come while others are written down are written down together.
func (w *Work) Deliver(ctx context.Context, res Result) error {
	first, err := w.run.deliver(ctx, res)
	if first {
		w.left.Add(-1)
	}
	return err
}

// Left is how many of the cells have no result yet.
func (w *Work) Left() int { return int(w.left.Load()) }

// Check says whether Deliver would take a result, were it the first.
func (w *Work) Check(ctx context.Context, res Result) error {
	_, _, err := w.run.checked(ctx, res)
	return err
}

// Note tells whoever observes the run something that stops nothing.
func (w *Work) Note(format string, a ...any) {
	w.run.tell(Event{Kind: Noted, Text: fmt.Sprintf(format, a...)})
}

// Started and Progressed tell whoever observes the run about a cell that a worker elsewhere carries out; status names the worker.
func (w *Work) Started(c Cell, worker string) {
	w.run.beats.started(c, worker)
	w.run.tell(Event{Kind: Started, Cell: c})
}

// Progressed tells how far a cell is that is carried out elsewhere.
func (w *Work) Progressed(c Cell, worker string, p zoo.Progress) {
	w.run.beats.progressed(c, worker, p)
	w.run.tell(Event{Kind: Progressed, Cell: c, Progress: p})
}

// carry gives the cells to the hands of the run.
func (r *run) carry(ctx context.Context, cells []Cell) error {
	h := r.options.Hands
	if h == nil {
		threads := r.options.Threads
		if threads <= 0 {
			threads = kernel.Threads()
		}
		workers := r.options.Workers
		if workers <= 0 {
			workers = threads
		}
		h = here{r.costs.atOnce(ctx, cells, workers), threads}
	}
	w := &Work{Cells: cells, run: r}
	w.left.Store(int64(len(cells)))
	return h.Carry(ctx, w)
}

// here is the hands of this process.
type here struct{ workers, threads int }

var _ Hands = here{}

// Carry implements Hands by a pool of workers.
func (h here) Carry(ctx context.Context, w *Work) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	share := newSharing(h.threads, min(max(h.workers, 0), len(w.Cells)), len(w.Cells))
	defer share.restore()
	var wait crew.Group
	next, handed := make(chan Cell), make(chan struct{}, inHand)
	for range share.workers {
		wait.Go(func() {
			for c := range next {
				res, err := h.one(ctx, w, c, share)
				if err != nil {
					stop(err)
				}
				if err != nil || res.Cell == "" {
					continue
				}
				handed <- struct{}{}
				wait.Go(func() { // the next cell need not wait for the disk
					if err := w.Deliver(ctx, res); err != nil {
						stop(err)
					}
					<-handed
				})
			}
		})
	}
	for _, c := range w.Cells {
		select {
		case next <- c:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}

// inHand is how many results may wait for the disk while the next cells run: what a kill takes is so many cells of milliseconds, or one of seconds.
const inHand = 64

// one runs a cell; its result is empty where there is no time left for it.
func (here) one(ctx context.Context, w *Work, c Cell, share *sharing) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, nil
	}
	share.enter()
	defer share.leave()
	return w.Do(ctx, c)
}

// do carries a cell out in the run folder.
func (r *run) do(ctx context.Context, c Cell) (Result, error) {
	m := r.clock.begin(r.folder.spent(c))
	defer m.end()
	r.beats.started(c, "")
	r.tell(Event{Kind: Started, Cell: c})
	e := &execution{store: r.store, folder: r.folder, origin: r.origin, keep: r.options.keep, clock: m, notify: func(c Cell, p zoo.Progress) {
		r.beats.progressed(c, "", p)
		r.tell(Event{Kind: Progressed, Cell: c, Progress: p})
	}}
	recs, err := e.cell(ctx, c)
	if err != nil {
		e.batch.Discard()
		return Result{}, errors.Join(err, r.folder.noteSpent(c, m.read()))
	}
	set, err := r.store.set(ctx, c)
	return Result{Cell: c.Hash, Build: r.origin.Build, Kernel: r.origin.Kernel, Data: set.hash, Records: recs, left: &e.batch}, err
}

// deliver checks a result as if a file had held it, and writes it down. first says whether the cell had none before.
func (r *run) deliver(ctx context.Context, res Result) (first bool, err error) {
	if res.left == nil {
		res.left = &atomicfile.Batch{}
	}
	defer res.left.Discard() // what was not written down
	c, set, err := r.checked(ctx, res)
	if err != nil {
		return false, err
	}
	defer r.alone(c.Hash)()
	r.mu.Lock()
	held, finished := r.records[c.Hash]
	r.mu.Unlock()
	if finished {
		if !sameButCost(held, res.Records) {
			return false, fault.Of(ErrDiffers, "%s: the same cell gave other records the second time", c.Title())
		}
		return false, nil
	}
	if err := putArtifacts(res.left, r.folder.Dir, c.Hash, res.Files); err != nil {
		return false, err
	}
	res.Records = stamped(res.Records, c.Study)
	if err := r.folder.finish(c, set.hash, res.Records, res.left); err != nil {
		return false, err
	}
	r.mu.Lock()
	r.records[c.Hash] = res.Records
	r.mu.Unlock()
	r.beats.ended(c)
	r.tell(Event{Kind: Ended, Cell: c, Records: res.Records})
	return true, nil
}

// alone waits until no other result of a cell is being written down, and returns what lets the next one in: of two the second must see the first.
func (r *run) alone(cell string) (done func()) {
	r.desk.Lock()
	for r.inHand[cell] != nil {
		before := r.inHand[cell]
		r.desk.Unlock()
		<-before
		r.desk.Lock()
	}
	if r.inHand == nil {
		r.inHand = map[string]chan struct{}{}
	}
	over := make(chan struct{})
	r.inHand[cell] = over
	r.desk.Unlock()
	return func() {
		r.desk.Lock()
		delete(r.inHand, cell)
		r.desk.Unlock()
		close(over)
	}
}

// checked finds the cell and the data set of a result that holds what it should.
func (r *run) checked(ctx context.Context, res Result) (Cell, loaded, error) {
	c, ok := r.planned(res.Cell)
	if !ok {
		return c, loaded{}, fmt.Errorf("%w: cell %.20q is not planned", ErrResult, res.Cell)
	}
	set, err := r.store.set(ctx, c)
	if err != nil {
		return c, loaded{}, err
	}
	if err := r.accepts(c, set, res); err != nil {
		return c, loaded{}, fmt.Errorf("%s: %w: %w", c.Title(), ErrResult, err)
	}
	return c, set, nil
}

// accepts says why a result is not one of the cell that this process would have come to: another build or kernel set, other data, records that are damaged or of
// another cell.
func (r *run) accepts(c Cell, set loaded, res Result) error {
	switch {
	case res.Build != r.origin.Build || res.Kernel != r.origin.Kernel:
		return fmt.Errorf("it comes from build %.20q with kernels %.20q, and the run is of %s with %s", res.Build, res.Kernel, r.origin.Build, r.origin.Kernel)
	case res.Data != set.hash:
		return fmt.Errorf("it was made with other data: %.20q, not %.20s", res.Data, set.hash)
	}
	for _, rec := range res.Records {
		p := rec.Provenance
		unknown := rec.CellFailed() && p.DatasetHash == "" // it broke before anything was known of it
		if p.DatasetHash != set.hash && !unknown || p.Kernel != r.origin.Kernel || p.Version != r.origin.Version {
			return fmt.Errorf("a record names data %.20q, kernels %.20q and version %.20q as its origin", p.DatasetHash, p.Kernel, p.Version)
		}
	}
	if err := (finished{Build: res.Build, Data: res.Data, Records: res.Records}).check(c); err != nil {
		return err
	}
	return reports.CheckArtifactFiles(res.Files)
}

// planned finds a cell of the plan, which grows from phase to phase, by its hash.
func (r *run) planned(hash string) (Cell, bool) {
	r.desk.Lock()
	defer r.desk.Unlock()
	if len(r.byHash) < len(r.plan.Cells) {
		r.byHash = make(map[string]Cell, len(r.plan.Cells))
		for _, c := range r.plan.Cells {
			r.byHash[c.Hash] = c
		}
	}
	c, ok := r.byHash[hash]
	return c, ok
}

// sameButCost says whether two results of a cell are equal to the bit but for what may differ: the time they took and the processor's name.
func sameButCost(a, b []reports.Record) bool {
	bare := func(recs []reports.Record) ([]byte, error) {
		out := make([]reports.Record, len(recs))
		for i, r := range recs {
			r.Cost, r.Provenance.CPU, r.Study = r.Cost.Timeless(), "", nil // of a study, the plan says which draws a cell stands for
			out[i] = r
		}
		return json.Marshal(out)
	}
	textA, errA := bare(a)
	textB, errB := bare(b)
	return errA == nil && errB == nil && bytes.Equal(textA, textB)
}
