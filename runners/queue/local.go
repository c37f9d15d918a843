package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-gan/assay/runners"
)

// local is where the coordinator carries cells out itself: in the run folder.
type local struct{ *phase }

var _ bench = local{}

// Unpack implements bench.
func (l local) Unpack(text []byte) (runners.Cell, error) { return l.work.Unpack(text) }

// Do implements bench.
func (l local) Do(ctx context.Context, c runners.Cell) (runners.Result, error) {
	if err := l.work.Fits(ctx, c); err != nil {
		return runners.Result{}, err
	}
	return l.work.Do(ctx, c)
}

// Saved implements bench.
func (l local) Saved(c runners.Cell) saved { return l.work.Saved(c) }

// give implements bench. That a worker was faster, with another result, is told and stops nothing.
func (l local) give(ctx context.Context, _ runners.Cell, res runners.Result) error {
	err := l.work.Deliver(ctx, res)
	l.done()
	if errors.Is(err, runners.ErrDiffers) {
		l.work.Note("%v: the one of this machine is dropped; a machine computes wrongly, or its files differ", err)
		return nil
	}
	return err
}

// giveUp implements bench.
func (l local) giveUp(ctx context.Context, c runners.Cell, why string) error {
	res, err := l.work.Fail(ctx, c, fmt.Errorf("given up: %s", why))
	if err != nil {
		return err
	}
	return l.give(ctx, c, res)
}

// Drop implements bench: in the run folder everything stays.
func (local) Drop(runners.Cell) error { return nil }

// slot carries out one cell after the other in this process.
func (p *phase) slot(ctx context.Context, i int) {
	for ctx.Err() == nil {
		t := p.taker.Load()
		if t == nil {
			pause(ctx, glance)
			continue
		}
		msg, err := t.next(ctx, i)
		if err != nil {
			if len(t.from) == 0 || !errors.Is(err, errIdle) {
				pause(ctx, reconnectWait)
			}
			continue
		}
		if err := p.holder.carry(ctx, msg); err != nil && ctx.Err() == nil {
			p.stop(err)
			return
		}
	}
}

// own carries out what only this machine can.
func (p *phase) own(ctx context.Context) {
	for _, c := range p.here {
		if ctx.Err() != nil {
			return
		}
		res, err := p.work.Do(ctx, c)
		if err == nil {
			err = p.work.Deliver(ctx, res)
		}
		p.done()
		if err != nil && ctx.Err() == nil {
			p.stop(err)
		}
	}
}
