package queue

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/internal/quote"
)

// taker takes cells from the consumers of some needs, one after the other.
type taker struct {
	from []jetstream.Consumer
}

// How long a process waits for a cell at one consumer before it looks around.
const (
	longWait = 5 * time.Second
	glance   = 300 * time.Millisecond // where there are several consumers to wait at
)

// errIdle says that there was nothing to take just now.
var errIdle = errors.New("no cell is waiting")

// next takes one cell; errIdle after a while without any. start says which consumer is asked first, so that several goroutines do not all wait at one.
func (t taker) next(ctx context.Context, start int) (jetstream.Msg, error) {
	if len(t.from) == 0 {
		return nil, errIdle
	}
	wait := longWait
	if len(t.from) > 1 {
		wait = glance
		for _, c := range t.from { // in their order, without waiting: the heaviest first
			batch, err := c.FetchNoWait(1)
			if msg, err := first(ctx, batch, err); !errors.Is(err, errIdle) {
				return msg, err
			}
		}
	}
	batch, err := t.from[start%len(t.from)].Fetch(1, jetstream.FetchMaxWait(wait))
	return first(ctx, batch, err)
}

// first is the message of a batch of one.
func first(ctx context.Context, batch jetstream.MessageBatch, err error) (jetstream.Msg, error) {
	if err != nil {
		return nil, err
	}
	select {
	case msg, ok := <-batch.Messages():
		if ok {
			return msg, nil
		}
	case <-ctx.Done():
		go giveBack(batch)
		return nil, ctx.Err()
	}
	if err := batch.Error(); err != nil {
		return nil, err
	}
	return nil, errIdle
}

// giveBack returns what still comes after nobody waits for it any more.
func giveBack(batch jetstream.MessageBatch) {
	for msg := range batch.Messages() {
		_ = ignore(msg.Nak())
	}
}

// copyFrom is the writer's side of a copy.
func copyFrom(r io.Reader) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	}
}

// oneLine is a text without line ends, and not longer than a word may be.
func oneLine(text string) string {
	text = quote.Line(text)
	return strings.ToValidUTF8(text[:min(len(text), maxWord)], "")
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
