package runners

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// outcome is what a cell left behind: its samples, how training went, and what it measured.
type outcome struct {
	samples *datasets.Samples
	sources *datasets.Samples // what a translation model translated, else nil
	curves  []zoo.Curve
	cost    reports.Cost
	step    int
	groups  []int // which samples belong together, of those made elsewhere; nil where each stands for itself
	set     loaded
	verdict *reports.Verdict

	missing, invented *imaging.Image // what the verdict shows; nil without
	inside            inside
	watch             *reports.Watch   // what the monitor saw; nil without one
	scored            []reports.Record // before the end of training, see Cell.ScoreEvery
}

// execution carries out a cell in a run folder.
type execution struct {
	store  *store
	folder *Folder
	origin Provenance
	notify func(Cell, zoo.Progress)
	clock  *meter
	batch  atomicfile.Batch // what the one cell leaves in the folder
	keep   time.Duration    // between two checkpoints; 0 means keepPause
}

// cell trains, draws and measures. A failure of the work itself is a record, not an error; an error means that the run cannot go on (cancelled, disk
// full). A panic below is a failed cell too: one broken model must not take the others' hours with it.
func (e *execution) cell(ctx context.Context, c Cell) (recs []reports.Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			recs, err = []reports.Record{e.failed(c, outcome{}, fmt.Errorf("panic: %v (at %s)", p, panicPlace()))}, nil
		}
	}()
	out, err := e.samples(ctx, c)
	if stop := fatal(ctx, err); stop != nil {
		return nil, stop
	}
	if err != nil {
		return []reports.Record{e.failed(c, out, err)}, e.watched(c, out)
	}
	recs, err = e.values(ctx, c, &out)
	if stop := fatal(ctx, err); stop != nil {
		return nil, stop
	}
	if err != nil {
		return []reports.Record{e.failed(c, out, err)}, nil
	}
	used := e.clock.read()
	out.cost.WallSeconds, out.cost.CPUSeconds = used.Wall, used.CPU
	for i := range recs {
		recs[i].Cost = out.cost
	}
	recs = slices.Concat(out.scored, recs)
	e.clock.enter(keeping)
	return recs, e.artifacts(c, out)
}

// panicPlace is where the panic that is being recovered arose: package, file and line, the same on every machine and in every run. Frames of the language's
// own library say nothing about the cause.
func panicPlace() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for panicked := false; ; {
		f, more := frames.Next()
		name := f.Function[strings.LastIndex(f.Function, "/")+1:]
		pkg, _, _ := strings.Cut(name, ".")
		path := f.Function[:len(f.Function)-len(name)] + pkg
		if panicked && strings.Contains(path, ".") {
			return fmt.Sprintf("%s/%s:%d", path, filepath.Base(f.File), f.Line)
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}

// fatal says whether an error ends the run rather than the cell: the context was cancelled, or the disk does not take what is written.
func fatal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if isDiskError(err) {
		return err
	}
	return nil
}

// samples gets the cell's fakes: from a trained model, or for a reference row from the data or its known distribution.
func (e *execution) samples(ctx context.Context, c Cell) (out outcome, err error) {
	if out.set, err = e.store.set(ctx, c); err != nil {
		return out, err
	}
	switch c.yardstick {
	case Real:
		e.clock.enter(drawing)
		var train *datasets.Samples
		if train, err = out.set.split("train"); err != nil {
			return out, err
		}
		pick := rng.Stream(c.Seed, "real", c.Dataset).Perm(train.Len())
		out.samples = train.Select(pick[:min(c.Samples, train.Len())])
		return out, nil
	case Perfect:
		e.clock.enter(drawing)
		law := out.set.law()
		if law == nil {
			return out, fmt.Errorf("data set %s has no known distribution to draw from", c.Dataset)
		}
		out.samples, err = datasets.DrawFrom(law, c.Samples, rng.Stream(c.Seed, "perfect", c.Dataset))
		return out, err
	}
	if c.Own != nil {
		return out, nil // values reads them, step by step
	}
	return out, e.train(ctx, c, &out)
}

func (e *execution) train(ctx context.Context, c Cell, out *outcome) error {
	model, err := e.store.kit.Model(c.Model)
	if err != nil {
		return err
	}
	session, err := e.store.kit.session(model, zoo.Config{Set: out.set.Set, Settings: c.Settings, Seed: c.Seed})
	if err != nil {
		return err
	}
	if !c.Untrained {
		whole := c
		whole.Until = 0
		var card []byte
		if card, err = cardText(whole); err != nil {
			return err
		}
		if err := e.batch.WriteBytes(cardOf(e.folder.Checkpoint(c)), card); err != nil {
			return err
		}
		err = e.trainUntil(ctx, c, session, e.folder.Checkpoint(c), out)
		if err == nil && c.Until > 0 && session.Step() > c.Until { // a later rung was here first, and left no way back: this one begins again
			if session, err = e.store.kit.session(model, zoo.Config{Set: out.set.Set, Settings: c.Settings, Seed: c.Seed}); err != nil {
				return err
			}
			err = e.trainUntil(ctx, c, session, "", out)
		}
	}
	cost := session.Cost()
	out.step, out.curves = session.Step(), session.Curves()
	out.cost = reports.Cost{DSteps: cost.DSteps, GSteps: cost.GSteps, Samples: cost.Samples}
	if err != nil {
		return err
	}
	n := c.Samples
	if model.Info().Family == zoo.Translation { // it can translate each source sample once
		n = min(n, out.set.Test.Len())
		out.sources = session.Sources(n)
	}
	e.clock.enter(drawing)
	before := e.clock.read().CPU
	if out.samples, err = session.Sample(ctx, n, nil, c.Seed); err != nil {
		return err
	}
	if s, ok := session.(insider); ok { // every session of the zoo is; a stand-in of a test need not be
		out.cost.Evaluations = s.Evaluations()
		if took := e.clock.read().CPU - before; took > 0 {
			out.cost.SamplesPerSecond = float64(n) / took
		}
		out.inside, err = look(ctx, c, s, out.set)
	}
	return err
}

// trainUntil trains to the cell's end, keeping the model and the time it took as it goes.
func (e *execution) trainUntil(ctx context.Context, c Cell, s session, checkpoint string, out *outcome) error {
	var noting error
	kept := time.Now()
	note := func() { // a killed process takes no more time along than work
		noting = errors.Join(noting, e.folder.noteSpent(c, e.clock.read()), e.noteCard(c))
	}
	o := zoo.TrainOptions{
		Steps:           c.Until,
		Checkpoint:      checkpoint,
		CheckpointEvery: max(1, c.Steps()/10),
		Progress:        func(p zoo.Progress) { e.notify(c, p) },
		Due: func() bool {
			if time.Since(kept) < cmp.Or(e.keep, keepPause) {
				return false
			}
			kept = time.Now()
			note()
			return true
		},
	}
	if c.Until == 0 { // nobody goes on from here: the model is safe when its records are
		o.Last = func(write func(io.Writer) error) error { return e.batch.Write(checkpoint, write) }
	}
	if c.Monitor != nil {
		m, err := e.monitor(ctx, c, out.set)
		if err != nil {
			return err
		}
		defer func() { w := m.Watch(); out.watch = &w }()
		o.Monitor = m
	}
	if c.ScoreEvery > 0 {
		by := &stepScorer{e: e, c: c, out: *out}
		if m, ok := o.Monitor.(*Monitor); ok {
			by.inner = m
		}
		o.Monitor = by
		defer func() { out.scored = by.recs }()
	}
	err := s.Train(ctx, o)
	if ctx.Err() != nil || c.Until > 0 {
		note()
	}
	if err == nil {
		err = noting
	}
	return err
}

// keepPause is the least time between two checkpoints of a cell: keeping one waits for the disk, and less work than this is sooner done again.
const keepPause = 500 * time.Millisecond

// noteCard writes down what the checkpoint of a cell in training is of. With the cell's result it is written for good.
func (e *execution) noteCard(c Cell) error {
	c.Until = 0
	b, err := cardText(c)
	if err != nil {
		return err
	}
	return loosely(cardOf(e.folder.Checkpoint(c)), b)
}

// failed is the record of a cell that has no values.
func (e *execution) failed(c Cell, out outcome, err error) reports.Record {
	r := e.record(c, out)
	r.Status, r.Error, r.Cause = reports.Failed, quote.Line(err.Error()), causeOf(err)
	if errors.Is(err, zoo.ErrSetting) {
		r.Warnings = []string{"the settings cannot be used with this data set"}
	}
	return r
}

// record is a record with the cell's keys and provenance filled in.
func (e *execution) record(c Cell, out outcome) reports.Record {
	r := reports.Record{
		Cell: c.Hash, Model: c.Label, Dataset: c.Dataset, Settings: c.Settings, SettingsID: c.SettingsID, Seed: c.Seed, Step: out.step, Study: c.Study,
		Cost:       out.cost,
		Provenance: withFiles(reports.Provenance{Version: e.origin.Version, Kernel: e.origin.Kernel, CPU: e.origin.CPU, DatasetHash: out.set.hash}, out.set.Set),
	}
	if out.samples != nil {
		r.N = out.samples.Len()
	}
	if out.watch != nil && len(out.watch.Alarms) > 0 {
		r.Alarms = out.watch.Alarms
	}
	return r
}
