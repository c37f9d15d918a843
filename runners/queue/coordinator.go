package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// Options say how a coordinator carries out a run.
type Options struct {
	Address Address
	Workers int           // cells that this process carries out at a time; 0 leaves all to others
	Lease   time.Duration // how long a silent worker keeps a cell; 0 means DefaultLease. Checkpoints are sent twice as often

	timing timing
	check  time.Duration    // between two looks at whether the queue still holds what it should
	now    func() time.Time // nil means time.Now; tests let it jump
}

// MinLease is the shortest lease: below it a busy machine would lose its cells while it works at them.
const MinLease = time.Second

// Coordinator is the runners.Hands that hand a run's cells to workers on many machines. The run folder stays the only truth: the queue is filled from what it lacks,
// and a result counts when it is there.
type Coordinator struct {
	options Options
	study
	server *embedded // nil where it runs elsewhere
	is     map[string]string
	who    *nats.Subscription

	mu      sync.Mutex
	needs   map[string]runners.Requirement // by key, those that have a consumer
	phase   *phase                         // the one that is carried out
	running map[string]*running            // cells that workers say they are at
}

// running is derived from the beats of workers, and kept nowhere.
type running struct {
	worker string
	last   time.Time
}

var _ runners.Hands = (*Coordinator)(nil)

// Open makes a coordinator, and says at once what would stop it: a port in use, a server that is not there, credentials that are refused. A server of its own is
// started when the first cell is carried out, with its store in the run folder.
func Open(o Options) (*Coordinator, error) {
	if o.Lease != 0 && o.Lease < MinLease {
		return nil, fmt.Errorf("queue: a lease of %v: want %v or more", o.Lease, MinLease)
	}
	c := &Coordinator{options: o, needs: map[string]runners.Requirement{}, running: map[string]*running{}}
	c.options.timing.lease = cmp.Or(o.timing.lease, o.Lease)
	c.options.timing = c.options.timing.orDefault()
	c.options.check = min(5*time.Second, c.options.timing.lease)
	if c.options.now == nil {
		c.options.now = time.Now
	}
	c.name = o.Address.Name
	if o.Address.Listen != "" {
		return c, free(o.Address.Listen)
	}
	return c, c.connect(nil)
}

// connect opens the connection to the server.
func (c *Coordinator) connect(own *embedded) error {
	a := c.options.Address
	if own != nil {
		a.URL = "nats://" + own.near()
	}
	nc, err := connect(a, "coordinator-"+machineName())
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err == nil {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if _, err = js.AccountInfo(ctx); err != nil {
			err = fmt.Errorf("queue %s: the server has no JetStream for this account: start it with JetStream (nats-server -js)", c.options.Address)
		}
	}
	if err != nil {
		nc.Close()
		return err
	}
	c.study = study{c.options.Address.Name, js, nc}
	return nil
}

// start brings the server and the streams up, once.
func (c *Coordinator) start(ctx context.Context, w *runners.Work) error {
	if c.is != nil {
		return nil
	}
	suite, plan := w.Suite()
	is := identity(&runners.Plan{Suite: suite, Hash: plan}, w.Origin())
	if c.options.Address.Listen != "" {
		if err := c.serve(w, c.options.Address.Listen); err != nil {
			return err
		}
	}
	if reply, err := c.nc.Request(c.subject("who"), nil, 500*time.Millisecond); err == nil {
		return fmt.Errorf("queue %s: %.100s is at work on a study there: wait for it, or name another queue, such as nats://HOST:PORT/%s", c.options.Address, reply.Data, suite)
	}
	if err := c.open(ctx, is, c.replicas()); err != nil {
		return fmt.Errorf("queue %s: %w", c.options.Address, err)
	}
	c.is = is
	// What an earlier coordinator had in its hands comes again at once: no other one is there.
	if err := c.js.DeleteConsumer(ctx, c.results(), coordinatorConsumer); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("queue %s: %w", c.options.Address, err)
	}
	var err error
	if c.who, err = c.nc.Subscribe(c.subject("who"), func(m *nats.Msg) { _ = m.Respond([]byte(machineName())) }); err != nil {
		return err
	}
	if _, err = c.nc.Subscribe(c.subject("beat", "*"), c.heard); err != nil {
		return err
	}
	_, err = c.nc.Subscribe(c.subject("word"), c.told)
	return err
}

// serve starts a server in this process. What an earlier one left is used where it is whole, and is no loss where it is not.
func (c *Coordinator) serve(w *runners.Work, listen string) error {
	store := filepath.Join(w.Dir(), "queue")
	s, err := serve(c.options.Address, listen, store)
	if err != nil {
		return err
	}
	if err := c.connect(s); err != nil {
		s.stop()
		return err
	}
	c.server = s
	c.options.Address.Listen = s.at
	w.Note("queue at nats://%s: on any machine that reaches it, assay worker --queue nats://%s", s.far(), s.far())
	return nil
}

// replicas is how many servers keep a copy: three where there are so many.
func (c *Coordinator) replicas() int {
	if c.server == nil && len(c.nc.Servers()) >= 3 {
		return 3
	}
	return 1
}

// Carry implements runners.Hands.
func (c *Coordinator) Carry(ctx context.Context, w *runners.Work) error {
	if err := c.start(ctx, w); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := &phase{Coordinator: c, work: w, cells: map[string]runners.Cell{}, keys: map[string]string{}, refused: map[string]int{}, stop: stop}
	for _, cell := range w.Cells {
		if err := p.add(ctx, cell); err != nil {
			return err
		}
	}
	h := newHolder(c.study, c.options.timing, local{p}, w.Origin(), "coordinator-"+machineName(), w.Note)
	if objects, err := c.js.ObjectStore(ctx, c.bucket()); err == nil { // without it checkpoints are not sent
		h.setObjects(objects)
	}
	p.holder = h
	c.mu.Lock()
	c.phase, c.running = p, map[string]*running{}
	c.mu.Unlock()
	var all crew.Group
	all.Go(func() { p.receive(ctx) })
	if err := p.drained(ctx); err == nil {
		p.fill(ctx)
	}
	all.Go(func() { p.watch(ctx) })
	for i := range c.options.Workers {
		all.Go(func() { p.slot(ctx, i) })
	}
	all.Go(func() { p.own(ctx) })
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, errDone) {
		return cause
	}
	return nil
}

// errDone is the cause of the end of a phase whose cells are all finished.
var errDone = errors.New("all cells are finished")

// heard takes the beat of a worker.
func (c *Coordinator) heard(m *nats.Msg) {
	var b beat
	hash := lastToken(m.Subject)
	c.mu.Lock()
	p := c.phase
	c.mu.Unlock()
	if p == nil || json.Unmarshal(m.Data, &b) != nil {
		return
	}
	cell, ok := p.cells[hash]
	if !ok || p.work.Finished(hash) {
		return
	}
	c.mu.Lock()
	r, known := c.running[hash]
	if !known {
		r = &running{}
		c.running[hash] = r
	}
	r.worker, r.last = oneLine(b.Worker), c.options.now()
	c.mu.Unlock()
	if !known {
		p.work.Started(cell, oneLine(b.Worker))
	}
	if b.Of > 0 {
		p.work.Progressed(cell, oneLine(b.Worker), zoo.Progress{Step: b.Step, Of: b.Of, Losses: b.Losses})
	}
}

// told passes on what a worker has to say.
func (c *Coordinator) told(m *nats.Msg) {
	var t word
	c.mu.Lock()
	p := c.phase
	c.mu.Unlock()
	if p != nil && json.Unmarshal(m.Data, &t) == nil {
		p.work.Note("worker %s: %s", oneLine(t.Worker), oneLine(t.Text))
	}
}

// Close ends the connection and the server. Where the run is finished the queue's copy of it is removed and the workers go home; else they go on with what the
// queue holds, or wait for the server, until the run is taken up again.
func (c *Coordinator) Close(finished bool) error {
	var err error
	if c.nc != nil && c.is != nil && finished {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		err = c.nc.Publish(c.subject("end"), nil)
		err = errors.Join(err, c.nc.FlushWithContext(ctx), c.close(ctx))
	}
	if c.nc != nil {
		c.nc.Close()
	}
	if c.server != nil {
		c.server.stop()
		if finished {
			err = errors.Join(err, os.RemoveAll(c.server.store))
		}
	}
	return err
}
