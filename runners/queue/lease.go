package queue

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// saved is where the state of a cell lies: runners.Saved.
type saved interface {
	Path() string
	Spent() (wall, cpu float64)
	Note(wall, cpu float64) error
}

// bench is where cells are carried out: in the run folder of the coordinator, or elsewhere.
type bench interface {
	Unpack(text []byte) (runners.Cell, error)
	Do(ctx context.Context, c runners.Cell) (runners.Result, error)
	Saved(c runners.Cell) saved
	// give hands a result over; when it returns nil the result is safe.
	give(ctx context.Context, c runners.Cell, res runners.Result) error
	// giveUp reports a cell that no machine brought to an end.
	giveUp(ctx context.Context, c runners.Cell, why string) error
	// Drop removes what the cell left here, where nobody needs it any more.
	Drop(c runners.Cell) error
}

// DefaultLease is how long a silent worker keeps a cell.
const DefaultLease = 30 * time.Second

// timing is how patient everybody is.
type timing struct {
	lease time.Duration // how long a silent worker keeps a cell
	grace time.Duration // for sending the last checkpoint when the process is told to stop
	tries int           // machines that may be lost over one cell
}

func (t timing) orDefault() timing {
	return timing{cmp.Or(t.lease, DefaultLease), cmp.Or(t.grace, 7*time.Second), cmp.Or(t.tries, 10)}
}

// holder carries out the cells that it is leased.
type holder struct {
	study
	timing
	bench
	name  string
	build string // of this process, with its kernels: checkpoints of another are not gone on from
	say   func(format string, a ...any)

	mu      sync.Mutex
	marks   map[string]string       // by cell that is carried out here: what its checkpoint is of, see mark
	store   jetstream.ObjectStore   // nil where there is none
	latest  map[string]zoo.Progress // by cell
	sent    map[string]time.Time    // the checkpoint that was sent last, by its time of change
	sending sync.Mutex              // one checkpoint at a time: they are large
}

func newHolder(s study, t timing, b bench, o runners.Provenance, name string, say func(string, ...any)) *holder {
	return &holder{study: s, build: o.Build + " " + o.Kernel, timing: t.orDefault(), bench: b, name: name, say: say, latest: map[string]zoo.Progress{}, marks: map[string]string{}, sent: map[string]time.Time{}}
}

// patience is the lease: the coordinator decides it, and its word may come while cells are in progress.
func (h *holder) patience() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease
}

func (h *holder) setLease(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = max(d, 10*time.Millisecond)
}

// objects is the queue's store of checkpoints; nil where it has none.
func (h *holder) objects() jetstream.ObjectStore {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.store
}

func (h *holder) setObjects(o jetstream.ObjectStore) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.store = o
}

// begin says that a cell is carried out here; false where it is already.
func (h *holder) begin(c runners.Cell, mark string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.marks[c.Hash] != "" {
		return false
	}
	h.marks[c.Hash] = mark
	return true
}

// mark says what the checkpoint of a cell is of besides the cell: the build, the kernels, and by the key of what the cell requires the contents of its data.
func (h *holder) mark(key string) string { return h.build + " " + key }

// working says whether a cell is carried out here.
func (h *holder) working(hash string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.marks[hash] != ""
}

// progressed notes how far a cell is.
func (h *holder) progressed(c runners.Cell, p zoo.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest[c.Hash] = p
}

// carry carries a leased cell out, from the last checkpoint that anybody sent. When the context ends first, or this machine fails, the cell goes back to the queue
// with its checkpoint. An error means that this machine cannot go on.
func (h *holder) carry(ctx context.Context, msg jetstream.Msg) error {
	c, err := h.Unpack(msg.Data())
	if err != nil {
		h.say("%v: left to others", err)
		return ignore(msg.NakWithDelay(h.patience()))
	}
	if !h.begin(c, h.mark(keyOf(msg.Subject()))) { // the lease ended while this machine slept: it is still at it
		return ignore(msg.NakWithDelay(h.patience()))
	}
	defer h.forget(c)
	lost := h.losses(msg)
	if lost >= h.tries {
		why := fmt.Sprintf("%d machines were lost over it", lost)
		if cause := msg.Headers().Get(causeHeader); cause != "" {
			why += ": " + cause
		} else {
			why += ": a crash, too little memory, or machines that go away"
		}
		if err := h.giveUp(ctx, c, why); err != nil {
			return err
		}
		return ignore(msg.Ack())
	}
	h.restore(ctx, c)
	res, err := h.do(ctx, msg, c)
	switch {
	case err == nil:
		if err := h.give(ctx, c, res); err != nil {
			return err
		}
		h.ack(ctx, msg)
		return h.Drop(c)
	case ctx.Err() != nil:
		h.release(msg, c, 0, "")
		return errors.Join(ctx.Err(), h.Drop(c))
	case errors.Is(err, runners.ErrUnfit), errors.Is(err, runners.ErrExec):
		h.say("%s: %v: left to others", c.Title(), err)
		return ignore(msg.NakWithDelay(h.patience()))
	}
	h.release(msg, c, 1, err.Error())
	return err
}

// ackTime is how long a word to the server may take before it is taken for lost.
const ackTime = 5 * time.Second

// ack tells the queue that a cell is done with. Where that is lost the cell comes to a second result, which is the same.
func (h *holder) ack(ctx context.Context, msg jetstream.Msg) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), ackTime)
	defer stop()
	_ = ignore(msg.DoubleAck(ctx))
}

// ignore drops the error of a word to the server that may be lost: the lease then ends by itself.
func ignore(error) error { return nil }

// losses is how many machines a cell has cost so far.
func (h *holder) losses(msg jetstream.Msg) int {
	n, _ := strconv.Atoi(msg.Headers().Get(triesHeader))
	if m, err := msg.Metadata(); err == nil {
		n += int(m.NumDelivered) - 1
	}
	return n
}

// do carries the cell out and keeps the lease meanwhile.
func (h *holder) do(ctx context.Context, msg jetstream.Msg, c runners.Cell) (runners.Result, error) {
	done, over := context.WithCancel(ctx)
	var keepers sync.WaitGroup
	keepers.Go(func() { h.keep(done, msg, c) })
	keepers.Go(func() { h.save(done, c) })
	res, err := h.Do(ctx, c)
	over()
	keepers.Wait()
	return res, err
}

// keep says every so often that the cell is being worked at.
func (h *holder) keep(ctx context.Context, msg jetstream.Msg, c runners.Cell) {
	every := min(h.patience()/3, 10*time.Second)
	for wait := min(every, time.Second); ; wait = every {
		if pause(ctx, wait); ctx.Err() != nil {
			return
		}
		_ = ignore(msg.InProgress())
		h.beat(c)
	}
}

// save sends the checkpoint every so often, however long that takes.
func (h *holder) save(ctx context.Context, c runners.Cell) {
	for {
		if pause(ctx, h.patience()/2); ctx.Err() != nil {
			return
		}
		if err := h.send(ctx, c); err != nil && ctx.Err() == nil {
			h.say("%s: its checkpoint could not be sent: %v", c.Title(), err)
		}
	}
}

func (h *holder) beat(c runners.Cell) {
	h.mu.Lock()
	p := h.latest[c.Hash]
	h.mu.Unlock()
	h.study.say(h.subject("beat", c.Hash), beat{h.name, p.Step, p.Of, p.Losses})
}

// forget drops what is known of a cell that is over here.
func (h *holder) forget(c runners.Cell) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.latest, c.Hash)
	delete(h.sent, c.Hash)
	delete(h.marks, c.Hash)
}

// release gives a cell back, with its checkpoint. faults says whether a machine's fault is why. The message is put in anew, because the server would count the
// return of a lease as the loss of a machine.
func (h *holder) release(msg jetstream.Msg, c runners.Cell, faults int, cause string) {
	ctx, stop := context.WithTimeout(context.Background(), h.grace)
	defer stop()
	if err := h.send(ctx, c); err != nil {
		h.say("%s: its last checkpoint could not be sent: %v", c.Title(), err)
	}
	again := nats.NewMsg(msg.Subject())
	again.Data = msg.Data()
	again.Header.Set(triesHeader, strconv.Itoa(h.losses(msg)+faults))
	if cause != "" {
		again.Header.Set(causeHeader, oneLine(cause))
	}
	if err := msg.DoubleAck(ctx); err == nil {
		_, _ = h.js.PublishMsg(ctx, again) // lost, the coordinator finds that the cell is missing
	}
	_ = h.nc.FlushWithContext(ctx)
}

// pack makes the message of a result; what is too large for one goes to the object store first.
func (h *holder) pack(ctx context.Context, c runners.Cell, res runners.Result) ([]byte, error) {
	p := parcel{Worker: h.name, Result: &res}
	if s := h.Saved(c); s != nil {
		if err := h.send(ctx, c); err != nil {
			return nil, err
		}
		_, err := os.Stat(s.Path())
		p.Model = err == nil
	}
	text, err := json.Marshal(p)
	if err != nil || int64(len(text)) <= min(h.nc.MaxPayload(), 1<<20)-4<<10 {
		return text, err
	}
	whole, err := json.Marshal(res)
	if err != nil {
		return nil, err
	}
	objects := h.objects()
	if objects == nil {
		return nil, fmt.Errorf("its result of %d bytes is too large for a message, and there is no object store", len(whole))
	}
	if _, err := objects.Put(ctx, jetstream.ObjectMeta{Name: c.Hash + ".result"}, bytes.NewReader(whole)); err != nil {
		return nil, err
	}
	p.Result, p.Object = nil, true
	return json.Marshal(p)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
