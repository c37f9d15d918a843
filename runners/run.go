package runners

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
	"github.com/assay-gan/assay/zoo"
)

// Options say how a plan is run. None of them changes a record, but for its costs.
type Options struct {
	Dir         string // run folder
	Data        string // folder with data files
	Version     string // of the program, for the records
	Command     string // that asks for the run, for commands.jsonl; "" notes none
	Workers     int    // cells at a time; 0 means one a core
	Threads     int    // for all cells together; 0 means what package threads says
	Cache       string // folder that keeps the features of real samples between runs; "" keeps them in memory alone
	RetryFailed bool   // run cells again that failed before, but for those that would fail again (see reports.Cause); what the machine broke runs again in any case
	AllowExec   bool   // the plan's Programs may run
	Hands       Hands  // who carries the cells out; nil means this process: Workers cells at a time
	Observe     func(Event)

	keep      time.Duration // between two checkpoints of a cell, for tests; 0 means keepPause
	indexFrom int           // see indexFrom; for tests
}

// EventKind says what happened.
type EventKind int

// The events of a run.
const (
	Prepared EventKind = iota // data and featurizers are ready, Done and Stale are known
	Stage                     // a step of the preparation: Text and Share
	Started
	Progressed
	Ended
	Noted // Text is to be known, and stops nothing
)

// Event is told to Options.Observe, one at a time.
type Event struct {
	Kind        EventKind
	Cell        Cell
	Progress    zoo.Progress
	Records     []reports.Record // Ended
	Done, Total int              // cells
	Stale       int              // Prepared: finished cells of another build, other data or other weights, to be run again
	Text        string           // Stage, Noted
	Share       float64
}

// Summary is how a run ended.
type Summary struct {
	Dir     string
	Total   int
	Resumed int // cells that were finished already
	Ran     int
	Failed  []reports.Record // the failures of whole cells
	Records []reports.Record // all, in the plan's order
	Notes   []string         // what was damaged in the folder, where it is kept, and what became of its cell
	Phases  []Phase          // what the cells took of this process: train, draw, features, metrics, verdict, write
}

// ErrInterrupted is wrapped by the error of a run that was cancelled: it can be continued.
var ErrInterrupted = errors.New("interrupted")

// Run carries out what is left of a plan. Cells run in parallel, heavy ones first; finished ones are never run again. When the context is cancelled the
// models in training are checkpointed and the error wraps ErrInterrupted.
//
// A plan with programs of the suite's is refused with ErrExec unless Options.AllowExec is set.
func Run(ctx context.Context, kit Kit, p *Plan, o Options) (*Summary, error) {
	if err := p.allowed(o); err != nil {
		return nil, err
	}
	growing := *p
	growing.Cells = slices.Clone(p.Cells)
	r := &run{plan: &growing, options: o, records: map[string][]reports.Record{}, origin: Origin(o.Version)}
	r.costs.kit = kit
	r.store = &store{kit: kit, env: featurizer.Env{DataDir: o.Data, Progress: r.stage}, cache: o.Cache}
	if err := r.prepare(ctx, p.Cells); err != nil {
		return nil, r.interrupted(ctx, err)
	}
	folder, err := OpenFolder(o.Dir, r.origin)
	if err != nil {
		return nil, err
	}
	r.folder = folder
	r.beats.begin(o.Dir)
	err = r.all(ctx)
	if err == nil {
		err = folder.rewrite(r.plan, r.records)
	}
	r.beats.end()
	if err == nil {
		r.index(ctx)
	}
	if closing := folder.Close(); err == nil && closing != nil {
		err = closing
	}
	if err != nil {
		return nil, r.interrupted(ctx, err)
	}
	return r.summary(), nil
}

// indexFrom is how many cells a run must have for its index to be made when it ends. It takes a ten-thousandth of a second a cell, which the first who asks for the status
// of a large run would wait for.
const indexFrom = 1000

// index makes the index of a run that has ended. Where it cannot be made, whoever looks makes one: nothing depends on it.
func (r *run) index(ctx context.Context) {
	if len(r.plan.Cells) < cmp.Or(r.options.indexFrom, indexFrom) {
		return
	}
	if x, err := index.Open(ctx, r.options.Dir); err == nil {
		_ = x.Close()
	}
}

type run struct {
	plan    *Plan
	options Options
	origin  Provenance
	store   *store
	folder  *Folder
	resumed int
	stale   int // finished cells that no longer stand
	costs   costing

	clock  accountant
	beats  beats
	desk   sync.Mutex // guards what follows
	byHash map[string]Cell
	inHand map[string]chan struct{} // cells of which a result is being written down; closed when it is

	mu      sync.Mutex // guards what follows, and calls of Observe
	records map[string][]reports.Record
}

func (r *run) tell(e Event) {
	if r.options.Observe == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Done, e.Total = len(r.records), len(r.plan.Cells)
	r.options.Observe(e)
}

func (r *run) stage(text string, share float64) { r.tell(Event{Kind: Stage, Text: text, Share: share}) }

func (r *run) interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %d of %d cells are finished", ErrInterrupted, len(r.records), len(r.plan.Cells))
	}
	return err
}

// prepare loads every data set and opens every featurizer of the cells before anything of theirs is written, so that missing files are one error and not fifty
// failed cells.
func (r *run) prepare(ctx context.Context, cells []Cell) error {
	if r.options.Hands == nil { // other machines know what they can hold
		if err := r.costs.affordable(ctx, cells); err != nil {
			return err
		}
	}
	for _, c := range cells {
		set, err := r.store.set(ctx, c)
		if err != nil {
			return err
		}
		if r.options.Hands == nil {
			if err := r.costs.affordableOn(ctx, c, set.Set); err != nil {
				return err
			}
		}
		for _, id := range c.Featurizers {
			if _, err := r.store.open(ctx, id, set); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep says whether a finished cell still stands.
func (r *run) keep(ctx context.Context) func(Cell, finished) bool {
	return func(c Cell, f finished) bool {
		set, err := r.store.set(ctx, c)
		failed := slices.ContainsFunc(f.Records, reports.Record.CellFailed)
		return err == nil && c.Own.kept() && f.Data == set.hash && !excused(f.Records) && (!r.options.RetryFailed || !failed || lasting(f.Records)) && r.sameWeights(ctx, c, set, f.Records)
	}
}

// sameWeights says whether records were made with the featurizers as they are now: a weights or network file may have been replaced under its name.
func (r *run) sameWeights(ctx context.Context, c Cell, set loaded, recs []reports.Record) bool {
	now := map[string]string{}
	for _, id := range c.Featurizers {
		f, err := r.store.open(ctx, id, set)
		if err != nil || !featurizer.Keeps(f) { // of a program without a version nothing is known
			return false
		}
		now[f.ID()] = weightsHash(f)
	}
	return !slices.ContainsFunc(recs, func(rec reports.Record) bool {
		hash, known := now[rec.Featurizer]
		return rec.Featurizer != "" && (!known || hash != rec.Provenance.WeightsHash)
	})
}

func (r *run) summary() *Summary {
	s := &Summary{Phases: r.clock.spent(), Notes: r.folder.damage.notes, Dir: r.options.Dir, Total: len(r.plan.Cells), Resumed: r.resumed, Ran: len(r.plan.Cells) - r.resumed}
	for _, c := range r.plan.Cells {
		for _, rec := range stamped(r.records[c.Hash], c.Study) {
			s.Records = append(s.Records, rec)
			if rec.CellFailed() {
				s.Failed = append(s.Failed, rec)
			}
		}
	}
	return s
}
