package runners

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/assay-gan/assay/reports"
)

// follow names the cells of the next phase of a plan, given the records of all cells of the phases before it: what they found may decide which they are. None
// follow the last phase. The answer depends on plan and records alone, never on the order in which cells ended, so that a run which was killed and goes on, or is
// carried out elsewhere, takes the same way.
type follow func(p *Plan, done map[string][]reports.Record) ([]Cell, error)

// extend appends the next phase's cells to the plan and returns them; none when the plan is whole.
func (p *Plan) extend(done map[string][]reports.Record) ([]Cell, error) {
	if p.follow == nil {
		return nil, nil
	}
	fresh, err := p.follow(p, done)
	if err != nil {
		return nil, err
	}
	p.phase++
	p.Cells = append(p.Cells, fresh...)
	return fresh, nil
}

// Whole returns the plan with the cells of every phase that follow from records: what Run comes to when its cells end so. Cells of a phase before which something
// is missing in the records are not known and not there.
func (p *Plan) Whole(recs []reports.Record) (*Plan, error) {
	grown := *p
	grown.Cells = slices.Clone(p.Cells)
	done := map[string][]reports.Record{}
	for _, r := range recs {
		done[r.Cell] = append(done[r.Cell], r)
	}
	for {
		fresh, err := grown.extend(done)
		if err != nil || len(fresh) == 0 {
			return &grown, err
		}
	}
}

// all runs the cells that are left, phase after phase. Each phase's cells are known, and what the folder holds of them is taken up, before any of them runs.
func (r *run) all(ctx context.Context) error {
	if err := r.folder.owned(r.plan); err != nil {
		return err
	}
	queue, err := r.recall(ctx, r.plan.Cells)
	if err == nil && len(queue) == 0 {
		queue, err = r.next(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.folder.begin(r.plan, r.options.Data, r.records); err != nil {
		return err
	}
	if o := r.options; o.Command != "" {
		if err := reports.NoteCommand(r.folder.Dir, reports.Command{Time: time.Now(), Command: o.Command, Version: r.origin.Version}); err != nil {
			return err
		}
	}
	r.tell(Event{Kind: Prepared, Stale: r.stale})
	for _, n := range r.folder.damage.notes {
		r.tell(Event{Kind: Noted, Text: n})
	}
	for len(queue) > 0 {
		if err := r.carry(ctx, queue); err != nil {
			return err
		}
		if queue, err = r.next(ctx); err != nil {
			return err
		}
		if err := r.folder.writeHead(r.plan, r.options.Data); err != nil {
			return err
		}
	}
	return nil
}

// next extends the plan until there is something to run, and returns it; nothing at the end.
func (r *run) next(ctx context.Context) ([]Cell, error) {
	for {
		fresh, err := r.plan.extend(r.records)
		if err != nil || len(fresh) == 0 {
			return nil, err
		}
		if err := r.prepare(ctx, fresh); err != nil {
			return nil, err
		}
		queue, err := r.recall(ctx, fresh)
		if err != nil || len(queue) > 0 {
			return queue, err
		}
	}
}

// recall takes up what the folder holds of the cells and returns the others: the heaviest first, so that no long one is left over at the end.
func (r *run) recall(ctx context.Context, cells []Cell) ([]Cell, error) {
	before := len(r.records)
	stale, err := r.folder.recall(cells, r.keep(ctx), r.records)
	if err != nil {
		return nil, err
	}
	r.stale += stale
	r.resumed += len(r.records) - before
	var queue []Cell
	for _, c := range cells {
		if _, ok := r.records[c.Hash]; !ok {
			queue = append(queue, c)
		}
	}
	slices.SortStableFunc(queue, func(a, b Cell) int { return cmp.Compare(b.Cost, a.Cost) })
	return queue, nil
}
