package runners

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/reports"
)

// Requirement is what a process must have to carry a cell out: the data set with the same content, the featurizers with the same weights, leave to run programs.
type Requirement struct {
	Dataset     string            `json:"dataset"`
	Data        DataKey           `json:"data"`
	Content     string            `json:"content"`            // hash of the data set
	Featurizers map[string]string `json:"featurizers"`        // fingerprints by id
	Programs    bool              `json:"programs,omitempty"` // it runs programs that the suite names
	Here        bool              `json:"here,omitempty"`     // its samples lie in files that only the machine of the run is known to have
}

// Requires returns what a process must have to carry the cell out as this run would.
func (w *Work) Requires(ctx context.Context, c Cell) (Requirement, error) {
	return w.run.requires(ctx, c)
}

func (r *run) requires(ctx context.Context, c Cell) (Requirement, error) {
	set, err := r.store.set(ctx, c)
	if err != nil {
		return Requirement{}, err
	}
	n := Requirement{Dataset: c.Dataset, Data: c.Data, Content: set.hash, Featurizers: map[string]string{}, Programs: c.runsPrograms(), Here: c.Own != nil && len(c.Own.Files) > 0}
	for _, id := range c.Featurizers {
		f, err := r.store.open(ctx, id, set)
		if err != nil {
			return Requirement{}, err
		}
		n.Featurizers[f.ID()] = f.Fingerprint()
	}
	return n, nil
}

// Executor carries out single cells away from their run folder: the heart of a worker on another machine.
type Executor struct{ run *run }

// NewExecutor makes one that keeps its files in Options.Dir, a folder of its own. Of the other options Data, Version, Cache, AllowExec and Observe are read.
func NewExecutor(kit Kit, o Options) (*Executor, error) {
	r := &run{plan: &Plan{}, options: o, records: map[string][]reports.Record{}, origin: Origin(o.Version)}
	r.costs.kit = kit
	r.store = &store{kit: kit, env: featurizer.Env{DataDir: o.Data, Progress: r.stage}, cache: o.Cache}
	folder, err := OpenFolder(o.Dir, r.origin)
	r.folder = folder
	return &Executor{r}, err
}

// young is the age up to which a folder may be one whose process has not come to its lock yet.
const young = time.Minute

// Abandoned says whether a folder was that of an Executor, or of a run, whose process is no more: killed, it could not remove it. Where the system has no locks it never
// is.
func Abandoned(dir string) bool {
	lock := filepath.Join(dir, "lock")
	info, err := os.Lstat(lock)
	return locks && err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > young && !isLocked(lock)
}

// Close releases the folder.
func (x *Executor) Close() error { return x.run.folder.Close() }

// Origin says what this process is.
func (x *Executor) Origin() Provenance { return x.run.origin }

// Unpack is Kit.Unpack with the executor's kit.
func (x *Executor) Unpack(text []byte) (Cell, error) { return x.run.store.kit.Unpack(text) }

// Meets says in one line what this process lacks to carry cells of a requirement out, nil where it lacks nothing. The data set is loaded for it.
func (x *Executor) Meets(ctx context.Context, n Requirement) error {
	r := x.run
	if n.Here {
		return errors.New("the samples lie in files of the machine that runs the suite")
	}
	c := Cell{Dataset: n.Dataset, Data: n.Data, Featurizers: slices.Sorted(maps.Keys(n.Featurizers))}
	if (n.Programs || c.runsPrograms()) && !r.options.AllowExec {
		return fault.Of(ErrExec, "it runs programs of whoever wrote the suite: read it, then allow them by Options.AllowExec")
	}
	set, err := r.store.set(ctx, c)
	if err != nil {
		return err
	}
	if set.hash != n.Content {
		return fmt.Errorf("data set %s has the content %.12s here and %.12s there: other files", n.Dataset, set.hash, n.Content)
	}
	for _, id := range c.Featurizers {
		f, err := r.store.open(ctx, id, set)
		if err != nil {
			return err
		}
		if f.Fingerprint() != n.Featurizers[id] {
			return fmt.Errorf("featurizer %s is %.80s here and %.80s there: other weights", id, f.Fingerprint(), n.Featurizers[id])
		}
	}
	return nil
}

// ErrUnfit is wrapped by the error about a cell that this machine cannot hold.
var ErrUnfit = errors.New("this machine is too small for it")

// Fits says with ErrUnfit why the machine that runs the suite cannot hold a cell.
func (w *Work) Fits(ctx context.Context, c Cell) error { return w.run.fits(ctx, c) }

func (r *run) fits(ctx context.Context, c Cell) error {
	set, err := r.store.set(ctx, c)
	if err != nil {
		return err
	}
	err = r.costs.affordable(ctx, []Cell{c})
	if err == nil {
		err = r.costs.affordableOn(ctx, c, set.Set)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return nil
}

// Do carries a cell out, from its saved state where there is one, and returns its result with the artifacts. An error is never of the cell: the context was
// cancelled, the disk is full, the machine is too small (ErrUnfit), it may not run programs (ErrExec). What was trained by then is saved.
func (x *Executor) Do(ctx context.Context, c Cell) (Result, error) {
	r := x.run
	if c.runsPrograms() && !r.options.AllowExec {
		return Result{}, ErrExec
	}
	if err := r.fits(ctx, c); err != nil {
		return Result{}, err
	}
	res, err := r.do(ctx, c)
	if err == nil {
		err = res.left.Publish() // nobody goes on from here: what is safe is what the coordinator has
	}
	if err != nil {
		return Result{}, err
	}
	res.Files, err = reports.ArtifactFiles(r.folder.Dir, c.Hash)
	return res, err
}

// Saved is the state of a cell between two machines.
func (x *Executor) Saved(c Cell) Saved { return Saved{x.run.folder, c} }

// Saved is the state of a cell between two machines.
func (w *Work) Saved(c Cell) Saved { return Saved{w.run.folder, c} }

// Drop removes everything that a cell left in the executor's folder.
func (x *Executor) Drop(c Cell) error {
	f := x.run.folder
	at := f.Checkpoint(c)
	errs := []error{os.RemoveAll(reports.ArtifactDir(f.Dir, c.Hash))}
	for _, path := range []string{at, cardOf(at), f.spentFile(c)} {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}

// Saved is where the state of a cell lies that another process may go on from: its model in training, or as it ended, and the time it took.
type Saved struct {
	folder *Folder
	cell   Cell
}

// Path is the file of the model; there may be none.
func (s Saved) Path() string { return s.folder.Checkpoint(s.cell) }

// Spent is the time the cell has taken so far, in seconds of a clock and of a processor.
func (s Saved) Spent() (wall, cpu float64) {
	t := s.folder.spent(s.cell)
	return t.Wall, t.CPU
}

// Note keeps the time that the cell took elsewhere, and what its model is of beside it.
func (s Saved) Note(wall, cpu float64) error {
	if err := s.folder.noteSpent(s.cell, spent{max(wall, 0), max(cpu, 0)}); err != nil {
		return err
	}
	return WriteCard(s.Path(), s.cell)
}

// Fail is the result of a cell that could not be carried out because of the machines, not of itself: a failure with its cause. It stands like any other.
func (w *Work) Fail(ctx context.Context, c Cell, cause error) (Result, error) {
	r := w.run
	set, err := r.store.set(ctx, c)
	if err != nil {
		return Result{}, err
	}
	e := &execution{store: r.store, folder: r.folder, origin: r.origin}
	rec := e.failed(c, outcome{set: set}, cause)
	rec.Cause = reports.Broken
	return Result{Cell: c.Hash, Build: r.origin.Build, Kernel: r.origin.Kernel, Data: set.hash, Records: []reports.Record{rec}}, nil
}

// Origin says what the run is of: a result of another build or kernel set is not taken.
func (w *Work) Origin() Provenance { return w.run.origin }

// Dir is the run folder.
func (w *Work) Dir() string { return w.run.folder.Dir }

// Suite is the name of the suite, and Plan the hash of its plan.
func (w *Work) Suite() (name, plan string) { return w.run.plan.Suite, w.run.plan.Hash }

// Unpack is Kit.Unpack with the run's kit.
func (w *Work) Unpack(text []byte) (Cell, error) { return w.run.store.kit.Unpack(text) }

// Finished says whether a cell has its result.
func (w *Work) Finished(hash string) bool {
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.records[hash]
	return ok
}
