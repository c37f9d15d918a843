package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/runners"
)

// fill makes the queue hold what the run lacks of this phase, and nothing else. What it holds already stays where it is: workers may be at it.
func (p *phase) fill(ctx context.Context) {
	for ctx.Err() == nil {
		held, err := p.held(ctx)
		if err == nil {
			err = p.consumers(ctx)
		}
		if err == nil {
			err = p.purge(ctx, held)
		}
		if err == nil {
			err = p.putAll(ctx, p.missing(held))
		}
		if err == nil {
			return
		}
		pause(ctx, reconnectWait) // the watch finds out why
	}
}

// held is the cells that the queue holds, by hash, with their subjects.
func (p *phase) held(ctx context.Context) (map[string]string, error) {
	stream, err := p.js.Stream(ctx, p.Coordinator.cells())
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(p.subject("cell", ">")))
	if err != nil {
		return nil, err
	}
	held := map[string]string{}
	for subject := range info.State.Subjects {
		held[lastToken(subject)] = subject
	}
	return held, nil
}

// missing is the cells of the phase that are neither finished nor held, the heaviest first.
func (p *phase) missing(held map[string]string) (cells []runners.Cell) {
	for _, c := range p.work.Cells {
		if _, there := held[c.Hash]; !there && p.keys[c.Hash] != "" && !p.work.Finished(c.Hash) {
			cells = append(cells, c)
		}
	}
	return cells
}

// maxPurges is up to how many cells are taken out of the queue one by one; more are taken out with all others.
const maxPurges = 1000

// purge takes out what is finished or no longer planned.
func (p *phase) purge(ctx context.Context, held map[string]string) error {
	var old []string
	for hash, subject := range held {
		if subject != p.cellSubject(hash) || p.work.Finished(hash) {
			old = append(old, subject)
		}
	}
	if len(old) == 0 {
		return nil
	}
	stream, err := p.js.Stream(ctx, p.Coordinator.cells())
	if err != nil {
		return err
	}
	if len(old) > maxPurges {
		clear(held)
		return stream.Purge(ctx)
	}
	for _, subject := range old {
		if err := stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
			return err
		}
		delete(held, lastToken(subject))
	}
	return nil
}

// consumers makes one for each need, and takes them for this process too where it works.
func (p *phase) consumers(ctx context.Context) error {
	t := &taker{}
	seen := map[string]bool{}
	for _, c := range p.work.Cells { // in their order: the heaviest first
		key := p.keys[c.Hash]
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		cons, err := p.needConsumer(ctx, key, p.needs[key], p.options.timing.lease)
		if err != nil {
			return err
		}
		t.from = append(t.from, cons)
	}
	p.taker.Store(t)
	_ = ignore(p.nc.Publish(p.subject("news"), nil))
	return nil
}

func (p *phase) cellSubject(hash string) string { return p.subject("cell", p.keys[hash], hash) }

// maxInFlight is how many cells are on their way to the server at a time.
const maxInFlight = 256

// putAll puts cells into the queue, in their order.
func (p *phase) putAll(ctx context.Context, cells []runners.Cell) error {
	for part := range slices.Chunk(cells, maxInFlight) {
		var sent []jetstream.PubAckFuture
		for _, c := range part {
			m, err := p.message(c)
			if err == nil {
				err = p.holder.seed(ctx, c, p.keys[c.Hash])
			}
			if err != nil {
				return err
			}
			ack, err := p.js.PublishMsgAsync(m)
			if err != nil {
				return err
			}
			sent = append(sent, ack)
		}
		for _, ack := range sent {
			select {
			case <-ack.Ok():
			case err := <-ack.Err():
				if !alreadyThere(err) {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(10 * time.Second):
				return nats.ErrTimeout
			}
		}
	}
	return nil
}

func (p *phase) message(c runners.Cell) (*nats.Msg, error) {
	text, err := c.Pack()
	m := nats.NewMsg(p.cellSubject(c.Hash))
	m.Data = text
	return m, err
}

// alreadyThere says whether the server refused a cell because it has it.
func alreadyThere(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && strings.Contains(api.Description, "maximum messages per subject")
}

// put puts one cell into the queue; where that fails the watch does it later.
func (p *phase) put(ctx context.Context, c runners.Cell) {
	if p.keys[c.Hash] != "" {
		_ = ignore(p.putAll(ctx, []runners.Cell{c}))
	}
}

// watch looks every so often whether the queue still holds what it should: a server that was killed may have forgotten cells, results or whole streams, and its
// store may be gone.
func (p *phase) watch(ctx context.Context) {
	told := false
	for ctx.Err() == nil {
		pause(ctx, p.options.check)
		if ctx.Err() != nil {
			return
		}
		if p.nc.IsClosed() {
			p.stop(p.options.Address.refusal(nats.ErrAuthorization))
			return
		}
		err := p.look(ctx)
		switch {
		case err != nil && ctx.Err() == nil && !told:
			p.work.Note("the queue does not answer (%v): what is finished is safe, and the rest waits for it", err)
			told = true
		case err == nil && told:
			p.work.Note("the queue answers again")
			told = false
		}
		p.silent()
	}
}

// look finds what the queue has lost, and puts it in again. A result is published before its cell leaves the queue: what is neither in the list nor, read after it,
// among the results is lost.
func (p *phase) look(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, max(10*time.Second, 2*p.options.check))
	defer stop()
	if p.server != nil && p.server.robbed() {
		p.work.Note("the queue's store is gone: it is made anew")
		if err := p.restart(); err != nil {
			return err
		}
	}
	stream, err := p.js.Stream(ctx, p.Coordinator.cells())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = p.rebuild(ctx)
	}
	if err != nil {
		return err
	}
	if stream != nil && int(stream.CachedInfo().State.Msgs) >= p.work.Left() && stream.CachedInfo().State.Consumers >= len(p.taker.Load().from) {
		return nil
	}
	held, err := p.held(ctx)
	if err != nil {
		return err
	}
	results, err := p.resultsConsumer(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return p.rebuild(ctx)
	}
	if err != nil {
		return err
	}
	if info, err := results.Info(ctx); err != nil || info.NumPending+uint64(info.NumAckPending) > 0 {
		return err // they are on their way: later
	}
	if err := p.consumers(ctx); err != nil {
		return err
	}
	lost := p.missing(held)
	if len(lost) > 0 {
		p.work.Note("the queue has lost %d cells: they are put in again", len(lost))
	}
	return p.putAll(ctx, lost)
}

// rebuild makes the streams anew.
func (p *phase) rebuild(ctx context.Context) error {
	if err := p.open(ctx, p.is, p.replicas()); err != nil {
		return err
	}
	objects, err := p.js.ObjectStore(ctx, p.bucket())
	if err == nil {
		p.holder.setObjects(objects)
	}
	return err
}

// restart starts our own server anew where its store was lost; clients come back to it by themselves.
func (p *phase) restart() error {
	p.server.stop()
	s, err := serve(p.options.Address, p.server.at, p.server.store)
	if err != nil {
		return err
	}
	p.server = s
	return nil
}

// silent tells of workers that have not been heard for two leases; their cells are with others by then.
func (p *phase) silent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for hash, r := range p.running {
		if p.options.now().Sub(r.last) > 2*p.options.timing.lease {
			p.work.Note("worker %s has fallen silent over %s: the cell goes to another", r.worker, p.cells[hash].Title())
			delete(p.running, hash)
		}
	}
}
