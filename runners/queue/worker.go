package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/runners"
)

// WorkerOptions say how a worker works.
type WorkerOptions struct {
	Address   Address // of a server that runs
	Dir       string  // folder for what is in progress, of this process alone
	Data      string  // folder with data files
	Version   string  // of the program, for the records
	Cache     string  // folder that keeps the features of real samples; "" keeps them in memory alone
	AllowExec bool    // cells that run programs of the suite's author may be taken
	Workers   int     // cells at a time; 0 means 1
	Wait      time.Duration
	Say       func(text string) // tells a person what happens, a line each; nil tells nobody

	timing timing
}

// WorkerSummary is what a worker did.
type WorkerSummary struct {
	Cells int // carried out and handed over
}

// Work takes cells from a queue until the study is finished, and returns then. It waits WorkerOptions.Wait for a server and a study to appear, also when they were
// there and went: the coordinator may die and come back. When the context ends, the cells in progress are given back with their checkpoints and the error is the
// context's. Errors: credentials that are refused; nobody there; a study of another build or with other kernels; a full disk.
func Work(ctx context.Context, kit runners.Kit, o WorkerOptions) (WorkerSummary, error) {
	w := newWorker(o)
	x, err := runners.NewExecutor(kit, runners.Options{Dir: o.Dir, Data: o.Data, Version: o.Version, Cache: o.Cache, AllowExec: o.AllowExec, Observe: w.observe})
	if err != nil {
		return WorkerSummary{}, err
	}
	err = w.run(ctx, executorBench{x})
	if closing := x.Close(); err == nil {
		err = closing
	}
	return WorkerSummary{int(w.done.Load())}, err
}

func newWorker(o WorkerOptions) *worker {
	return &worker{options: o, name: machineName(), met: map[string]bool{}, seen: time.Now(), news: make(chan struct{}, 1)}
}

// elsewhere is where a worker carries cells out: runners.Executor.
type elsewhere interface {
	Unpack(text []byte) (runners.Cell, error)
	Do(ctx context.Context, c runners.Cell) (runners.Result, error)
	Saved(c runners.Cell) saved
	Origin() runners.Provenance
	Meets(ctx context.Context, n runners.Requirement) error
	Drop(c runners.Cell) error
}

// executorBench is an Executor whose saved state is seen as the queue sees it.
type executorBench struct{ *runners.Executor }

var _ elsewhere = executorBench{}

// Saved implements elsewhere.
func (e executorBench) Saved(c runners.Cell) saved { return e.Executor.Saved(c) }

type worker struct {
	study
	elsewhere
	options WorkerOptions
	name    string
	holder  *holder
	taker   atomic.Pointer[taker]
	done    atomic.Int64

	news chan struct{}
	seen time.Time       // when the study was there, last
	met  map[string]bool // whether this machine meets a need, by its description
}

func machineName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%.60s-%d", host, os.Getpid())
}

// tell says something to the person at this machine, and warn to the one at the coordinator too.
func (w *worker) tell(format string, a ...any) {
	if w.options.Say != nil {
		w.options.Say(fmt.Sprintf(format, a...))
	}
}

func (w *worker) warn(format string, a ...any) {
	w.tell(format, a...)
	if w.nc != nil {
		w.say(w.subject("word"), word{w.name, oneLine(fmt.Sprintf(format, a...))})
	}
}

func (w *worker) observe(e runners.Event) {
	if e.Kind == runners.Progressed && w.holder != nil {
		w.holder.progressed(e.Cell, e.Progress)
	}
}

// errEnd is the cause of the end of a study.
var errEnd = errors.New("the study is finished")

func (w *worker) run(ctx context.Context, x elsewhere) error {
	w.elsewhere = x
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := w.connect(ctx); err != nil {
		return err
	}
	defer w.nc.Close()
	end, err := w.nc.Subscribe(w.subject("end"), func(*nats.Msg) { stop(errEnd) })
	if err != nil {
		return err
	}
	defer func() { _ = end.Unsubscribe() }()
	news, err := w.nc.Subscribe(w.subject("news"), func(*nats.Msg) { w.hear() })
	if err != nil {
		return err
	}
	defer func() { _ = news.Unsubscribe() }()
	w.holder = newHolder(w.study, w.options.timing, w, x.Origin(), w.name, w.warn)
	w.taker.Store(&taker{})
	var all sync.WaitGroup
	all.Go(func() { stop(w.watch(ctx)) })
	for i := range max(w.options.Workers, 1) {
		all.Go(func() {
			if err := w.slot(ctx, i); err != nil {
				stop(err)
			}
		})
	}
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, errEnd) {
		return cause
	}
	return nil
}

// connect waits for the server. Refused credentials are an error at once.
func (w *worker) connect(ctx context.Context) error {
	said := false
	for {
		nc, err := connect(w.options.Address, w.name, nats.ReconnectBufSize(-1))
		if err == nil {
			w.study = study{name: w.options.Address.Name, nc: nc}
			w.js, err = jetstream.New(nc)
			return err
		}
		if !errors.Is(err, errNobody) || time.Since(w.seen) > w.options.Wait || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if !said {
			w.tell("no server answers at %s yet: waiting %v for it", w.options.Address, w.options.Wait)
			said = true
		}
		pause(ctx, reconnectWait)
	}
}

// watch looks every so often what there is to do, and says why no more can be done: nil never.
func (w *worker) watch(ctx context.Context) error {
	for {
		err := w.look(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var stranger *strangerError
		if errors.As(err, &stranger) {
			return err
		}
		every := lookEvery
		if err != nil {
			every = reconnectWait
			if w.nc.IsClosed() {
				return w.options.Address.refusal(errors.Join(nats.ErrAuthorization, w.nc.LastError()))
			}
			if time.Since(w.seen) > w.options.Wait {
				return fmt.Errorf("queue %s: no study has been there for %v; start this again when there is one", w.options.Address, w.options.Wait)
			}
		} else {
			w.seen = time.Now()
		}
		select {
		case <-ctx.Done():
		case <-w.news:
		case <-time.After(every):
		}
	}
}

// lookEvery is long, because a thousand workers look: what changes is told them.
const lookEvery = 30 * time.Second

// hear makes watch look at once.
func (w *worker) hear() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// strangerError is a study that this process must not work for.
type strangerError struct{ text string }

func (e *strangerError) Error() string { return e.text }

// look finds the study and the needs that this machine meets.
func (w *worker) look(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	stream, err := w.js.Stream(ctx, w.cells())
	if err != nil {
		return err
	}
	is, me := stream.CachedInfo().Config.Metadata, w.Origin()
	switch {
	case is[buildKey] != me.Build:
		return &strangerError{fmt.Sprintf("queue %s: the study is of another build of assay (%.40s, %.20s) than this one (%s, %s): copy the coordinator's binary here", w.options.Address, is[versionKey], is[buildKey], me.Version, me.Build)}
	case is[kernelKey] != me.Kernel:
		return &strangerError{fmt.Sprintf("queue %s: the study runs on kernels %.20s and this machine on %s, whose last bits differ: start all with the same ASSAY_CPU, such as ASSAY_CPU=generic", w.options.Address, is[kernelKey], me.Kernel)}
	}
	objects, err := w.js.ObjectStore(ctx, w.bucket())
	if err != nil {
		return err
	}
	w.holder.setObjects(objects)
	t := &taker{}
	list := stream.ListConsumers(ctx)
	for info := range list.Info() {
		if !w.meets(ctx, info) {
			continue
		}
		c, err := stream.Consumer(ctx, info.Name)
		if err != nil {
			return err
		}
		w.holder.setLease(info.Config.AckWait)
		t.from = append(t.from, c)
	}
	if list.Err() != nil {
		return list.Err()
	}
	w.taker.Store(t)
	return nil
}

// meets says whether this machine can carry out the cells of a consumer. What is lacking is said once.
func (w *worker) meets(ctx context.Context, info *jetstream.ConsumerInfo) bool {
	text := info.Config.Metadata[needKey]
	if ok, known := w.met[text]; known {
		return ok
	}
	var n runners.Requirement
	err := json.Unmarshal([]byte(text), &n)
	if err == nil {
		err = w.Meets(context.WithoutCancel(ctx), n) // its error is kept: it must be none of time
	}
	if err != nil {
		w.warn("cells on %.60s are left to others: %v", n.Dataset, err)
	}
	w.met[text] = err == nil
	return err == nil
}

// slot carries out one cell after the other.
func (w *worker) slot(ctx context.Context, i int) error {
	for ctx.Err() == nil {
		t := w.taker.Load()
		msg, err := t.next(ctx, i)
		if err != nil {
			switch {
			case !errors.Is(err, errIdle):
				pause(ctx, reconnectWait)
				w.hear()
			case len(t.from) == 0:
				pause(ctx, reconnectWait)
			}
			continue
		}
		if err := w.holder.carry(ctx, msg); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// give implements bench: the result is safe when the queue has it.
func (w *worker) give(ctx context.Context, c runners.Cell, res runners.Result) error {
	return w.publish(ctx, c, func(ctx context.Context) ([]byte, error) { return w.holder.pack(ctx, c, res) })
}

// giveUp implements bench.
func (w *worker) giveUp(ctx context.Context, c runners.Cell, why string) error {
	return w.publish(ctx, c, func(context.Context) ([]byte, error) { return json.Marshal(parcel{Worker: w.name, Lost: oneLine(why)}) })
}

// publish hands a parcel over, however long the queue is away; when the process is told to stop, within the grace that it has.
func (w *worker) publish(ctx context.Context, c runners.Cell, text func(context.Context) ([]byte, error)) error {
	hard, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.holder.grace, cut) })()
	said := false
	for patience := ackTime; ; patience = min(2*patience, time.Hour) { // a word may be lost, or the network slow
		now, stop := context.WithTimeout(hard, patience)
		b, err := text(now)
		if err == nil {
			_, err = w.js.Publish(now, w.subject("result", c.Hash), b)
		}
		stop()
		if err == nil {
			w.done.Add(1)
			w.tell("%s: handed over", c.Title())
			return nil
		}
		if hard.Err() != nil || errors.Is(context.Cause(ctx), errEnd) {
			return context.Cause(ctx)
		}
		if !said {
			w.tell("%s: its result waits for the queue: %v", c.Title(), err)
			said = true
		}
		pause(hard, reconnectWait)
	}
}
