package runners

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// mostScores is how many times a run may be scored before its end.
const mostScores = 200

// scored asks for the scores of a cell every so many steps of its training, before the end.
func (p *planner) scored(c *Cell, every Counted) error {
	if every.N == 0 {
		return nil
	}
	switch steps := c.Steps(); {
	case len(p.config.Search) > 0:
		return p.errAt(every.Line, "score_every: a suite with a search scores its draws at their end alone: leave it out, or give a suite without a search")
	case every.N >= steps:
		return p.errAt(every.Line, "score_every: %s on %s trains %d steps, so every %d is none before the end: give fewer", c.Label, c.Dataset, steps, every.N)
	case steps/every.N > mostScores:
		return p.errAt(every.Line, "score_every: every %d of %d steps is %d scores of %s on %s: want at most %d, so at least every %d", every.N, steps, steps/every.N, c.Label, c.Dataset, mostScores, (steps+mostScores-1)/mostScores)
	}
	c.ScoreEvery = every.N
	return nil
}

// stepScorer scores a model in training by what its cell is scored by at the end. It draws by the seeds of that end and moves no weight: the run is the one without it, bit for bit. It looks for a monitor
// of the cell too, where there is one.
type stepScorer struct {
	e     *execution
	c     Cell
	out   outcome // the cell's, for its data set
	inner *Monitor
	recs  []reports.Record
}

var _ zoo.Monitor = (*stepScorer)(nil)

// Every implements zoo.Monitor: the greatest step that both it and the monitor keep.
func (s *stepScorer) Every() int {
	a, b := s.c.ScoreEvery, 0
	if s.inner != nil {
		b = s.inner.Every()
	}
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Look implements zoo.Monitor.
func (s *stepScorer) Look(ctx context.Context, model zoo.Sampler, at zoo.Look) error {
	if s.inner != nil && at.Step%s.inner.Every() == 0 {
		if err := s.inner.Look(ctx, model, at); err != nil {
			return err
		}
	}
	if at.Step%s.c.ScoreEvery != 0 || at.Step >= at.Of {
		return nil // the end is scored with everything else
	}
	samples, err := model.Sample(ctx, s.c.Samples, nil, s.c.Seed)
	if err != nil {
		return fmt.Errorf("score at step %d: %w", at.Step, err)
	}
	now := outcome{samples: samples, set: s.out.set, step: at.Step, verdict: &reports.Verdict{}} // a verdict is said at the end alone
	recs, err := s.e.measure(ctx, s.c, &now)
	if err != nil {
		return fmt.Errorf("score at step %d: %w", at.Step, err)
	}
	used := s.e.clock.read()
	for _, r := range recs {
		if r.Status == reports.Failed {
			continue // what only the end of a run can tell, or what could not be told yet
		}
		r.Cost.WallSeconds, r.Cost.CPUSeconds = used.Wall, used.CPU
		s.recs = append(s.recs, r)
	}
	return nil
}

// scoredState is what a checkpoint holds of it.
type scoredState struct {
	Monitor json.RawMessage  `json:"monitor,omitempty"`
	Records []reports.Record `json:"records"`
}

// State implements zoo.Monitor.
func (s *stepScorer) State() json.RawMessage {
	state := scoredState{Records: s.recs}
	if s.inner != nil {
		state.Monitor = s.inner.State()
	}
	b, err := json.Marshal(state)
	if err != nil {
		panic(err) // finite numbers and texts only
	}
	return b
}

// Restore implements zoo.Monitor.
func (s *stepScorer) Restore(state json.RawMessage) error {
	var was scoredState
	if state != nil {
		if err := json.Unmarshal(state, &was); err != nil {
			return fmt.Errorf("%w: %w", errWatchState, err)
		}
	}
	for _, r := range was.Records {
		if err := r.Check(); err != nil {
			return fmt.Errorf("%w: %w", errWatchState, err)
		}
	}
	s.recs = slices.Clone(was.Records)
	if s.inner != nil {
		return s.inner.Restore(was.Monitor)
	}
	return nil
}

// Note implements zoo.Monitor.
func (s *stepScorer) Note() string {
	if s.inner != nil {
		return s.inner.Note()
	}
	return ""
}
