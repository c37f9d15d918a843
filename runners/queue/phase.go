package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/runners"
)

// phase is a phase of the run on its way through the queue.
type phase struct {
	*Coordinator
	work    *runners.Work
	cells   map[string]runners.Cell // by hash
	keys    map[string]string       // of the need of each cell, by hash; none for those that only this machine can carry out
	here    []runners.Cell          // those
	stop    context.CancelCauseFunc
	holder  *holder
	refused map[string]int // results by cell; mu of the coordinator guards it
	taker   atomic.Pointer[taker]
	taking  [takers]sync.Mutex // by hash
	drain   atomic.Bool        // the results that were there at the start are taken
}

// add sorts a cell by what it needs.
func (p *phase) add(ctx context.Context, c runners.Cell) error {
	n, err := p.work.Requires(ctx, c)
	if err != nil {
		return err
	}
	p.cells[c.Hash] = c
	if n.Here {
		p.here = append(p.here, c)
		return nil
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	key := hex.EncodeToString(sum[:6])
	p.keys[c.Hash] = key
	p.needs[key] = n
	return nil
}

// done ends the phase when every cell has its result.
func (p *phase) done() {
	if p.work.Left() == 0 {
		p.stop(errDone)
	}
}

// receive takes results until the phase is over.
func (p *phase) receive(ctx context.Context) {
	p.done()
	for ctx.Err() == nil {
		cons, err := p.resultsConsumer(ctx)
		if err == nil && cons.CachedInfo().NumPending == 0 {
			p.drain.Store(true)
		}
		for err == nil && ctx.Err() == nil {
			var batch jetstream.MessageBatch
			if batch, err = cons.Fetch(maxInFlight, jetstream.FetchMaxWait(time.Second)); err == nil {
				err = p.takeAll(ctx, batch)
			}
		}
		pause(ctx, reconnectWait/5)
	}
}

// takeAll takes the results of a batch. An error is one of the queue.
func (p *phase) takeAll(ctx context.Context, batch jetstream.MessageBatch) error {
	n := 0
	hands := make(chan struct{}, takers)
	var all crew.Group
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			go giveBack(batch)
			return ctx.Err()
		case msg, ok := <-batch.Messages():
			if ok {
				n++
				hands <- struct{}{}
				all.Go(func() {
					p.take(ctx, msg)
					p.done()
					<-hands
				})
				continue
			}
			all.Wait()
			if n == 0 && batch.Error() == nil {
				p.drain.Store(true)
			}
			return batch.Error()
		}
	}
}

// takers is how many results are taken at a time: those that wait for the disk together are written down together.
const takers = 64

// take writes one result down.
func (p *phase) take(ctx context.Context, msg jetstream.Msg) {
	hash := lastToken(msg.Subject())
	one := &p.taking[crc32.ChecksumIEEE([]byte(hash))%takers]
	one.Lock() // two results of a cell are taken one after the other, each with its model
	defer one.Unlock()
	c, ok := p.cells[hash]
	if !ok {
		_ = ignore(msg.Ack()) // of an earlier plan, or of an earlier phase: it stands or is gone
		return
	}
	if p.holder.working(hash) {
		_ = ignore(msg.NakWithDelay(time.Second)) // this process is at it too: two must not write one model
		return
	}
	var from parcel
	err := json.Unmarshal(msg.Data(), &from)
	if err == nil {
		err = p.deliver(ctx, c, from)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return // it comes again
	case errors.Is(err, runners.ErrDiffers):
		p.work.Note("%v: the one of worker %s is dropped; a machine computes wrongly, or its files differ", err, oneLine(from.Worker))
	case errors.Is(err, runners.ErrResult), errors.As(err, new(*json.SyntaxError)), errors.As(err, new(*json.UnmarshalTypeError)):
		p.work.Note("a result of worker %s is refused: %v", oneLine(from.Worker), err)
	case errors.Is(err, errQueue):
		p.work.Note("%s: its result could not be fetched: %v", c.Title(), err)
	default:
		p.stop(err) // the disk: nothing more can be written
		return
	}
	p.mu.Lock()
	delete(p.running, hash)
	p.mu.Unlock()
	_ = ignore(msg.Ack())
	if p.work.Finished(hash) {
		return
	}
	p.mu.Lock()
	p.refused[hash]++
	refused := p.refused[hash]
	p.mu.Unlock()
	if refused >= p.options.timing.tries {
		err = p.deliver(ctx, c, parcel{Lost: fmt.Sprintf("%d results of it were refused: %v", refused, err)})
		if err != nil && ctx.Err() == nil {
			p.stop(err)
		}
		return
	}
	p.put(ctx, c) // it was refused and has left the queue: again, for another machine
}

// errQueue is wrapped by errors of what the queue should have held.
var errQueue = errors.New("the queue does not have it")

// deliver writes what a parcel holds into the run folder: the model first, because the cell counts as finished with its result.
func (p *phase) deliver(ctx context.Context, c runners.Cell, from parcel) error {
	res := from.Result
	switch {
	case from.Lost != "":
		if p.work.Finished(c.Hash) {
			return nil
		}
		failed, err := p.work.Fail(ctx, c, fmt.Errorf("given up: %s", oneLine(from.Lost)))
		if err != nil {
			return err
		}
		return p.work.Deliver(ctx, failed)
	case from.Object:
		b, err := p.object(ctx, c.Hash+".result")
		if err != nil {
			return err
		}
		res = &runners.Result{}
		if err := json.Unmarshal(b, res); err != nil {
			return err
		}
	}
	if res == nil || res.Cell != c.Hash {
		return fmt.Errorf("%w: it holds none of %s", runners.ErrResult, c.Title())
	}
	if err := p.work.Check(ctx, *res); err != nil {
		return err
	}
	if from.Model && p.holder.objects() != nil && !p.work.Finished(c.Hash) {
		if err := p.model(ctx, c); err != nil {
			return err
		}
	}
	if err := p.work.Deliver(ctx, *res); err != nil {
		return err
	}
	if from.Model || from.Object {
		p.clear(ctx, c)
	}
	return nil
}

// model brings the trained model of a cell into the run folder.
func (p *phase) model(ctx context.Context, c runners.Cell) error {
	err := fetchModel(ctx, p.holder.objects(), c, p.work.Saved(c), p.holder.mark(p.keys[c.Hash]))
	if errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, errOther) || errors.Is(err, jetstream.ErrDigestMismatch) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: its model: %w", errQueue, err)
	}
	return err
}

// object reads a small object.
func (p *phase) object(ctx context.Context, name string) ([]byte, error) {
	o, err := p.holder.objects().Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errQueue, err)
	}
	defer o.Close()
	info, err := o.Info()
	if err != nil || info.Size > maxObject {
		return nil, fmt.Errorf("%w: %s has %d bytes or more than may be: %w", errQueue, name, info.Size, errors.Join(err))
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(o, maxObject)); err != nil {
		return nil, fmt.Errorf("%w: %w", errQueue, err)
	}
	return b.Bytes(), nil
}

// clear removes what the queue has of a finished cell.
func (p *phase) clear(ctx context.Context, c runners.Cell) {
	for _, name := range []string{c.Hash, c.Hash + ".result"} {
		_ = ignore(p.holder.objects().Delete(ctx, name)) // what stays goes with the study
	}
}

// drained waits until the results that were there at the start are taken: what a worker finished while nobody looked is not done again.
func (p *phase) drained(ctx context.Context) error {
	for ctx.Err() == nil && !p.drain.Load() {
		pause(ctx, 20*time.Millisecond)
	}
	return ctx.Err()
}

// keyOf is the key of the requirement in the subject of a cell.
func keyOf(subject string) string {
	parts := strings.Split(subject, ".")
	return parts[max(len(parts)-2, 0)]
}

func lastToken(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }
