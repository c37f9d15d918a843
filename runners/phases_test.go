package runners

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

// chasing is a plan of three phases: each of the later two has one cell, the seed with the greatest value so far plus ten.
func chasing(t *testing.T) *Plan {
	t.Helper()
	p := mustPlan(t, ring+"floor: false\nseeds: [1, 2, 3]\nmodels: [quick]\n")
	p.follow = func(p *Plan, done map[string][]reports.Record) ([]Cell, error) {
		if p.phase == 2 {
			return nil, nil
		}
		best := p.Cells[0]
		for _, c := range p.Cells {
			if len(done[c.Hash]) == 0 {
				return nil, errors.New("asked before the phase was whole")
			}
			if done[c.Hash][0].Value > done[best.Hash][0].Value {
				best = c
			}
		}
		best.Seed += 10
		fakeKit().name(&best)
		return []Cell{best}, nil
	}
	return p
}

// A plan whose cells follow from results ends in the same records however often it was stopped and for every number of workers, and runs nothing twice.
func TestPhasesFollowFromRecords(t *testing.T) {
	want, dir := t.TempDir(), t.TempDir()
	whole := mustRun(t, chasing(t), Options{Dir: want, Workers: 1})
	if whole.Total != 5 || whole.Ran != 5 {
		t.Fatalf("%d cells of 5, %d ran", whole.Total, whole.Ran)
	}
	stops := 0
	for ; ; stops++ {
		ctx, stop := context.WithCancel(context.Background())
		_, err := Run(ctx, fakeKit(), chasing(t), Options{Dir: dir, Workers: 4, Observe: func(e Event) {
			if e.Kind == Ended {
				stop()
			}
		}})
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, ErrInterrupted) || stops > 5 {
			t.Fatal(err)
		}
	}
	if stops < 2 {
		t.Errorf("only %d interruptions: the test tests nothing", stops)
	}
	p := chasing(t)
	for range 2 { // the plan is not used up
		if again := mustRun(t, p, Options{Dir: dir}); again.Resumed != 5 || again.Ran != 0 {
			t.Errorf("%d of 5 cells were taken up, %d ran again", again.Resumed, again.Ran)
		}
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
		t.Errorf("interrupted and continued (-straight +interrupted):\n%s", d)
	}
}
