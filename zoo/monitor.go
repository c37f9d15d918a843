package zoo

import (
	"context"
	"encoding/json"

	"github.com/assay-gan/assay/datasets"
)

// Monitor looks at a session while it trains. It sees samples and numbers and moves no weight: a monitored run is the unmonitored one, bit for bit, as long as what it
// draws comes from seeds of its own.
type Monitor interface {
	Every() int // steps between two looks, at least 1; the first is after so many
	// Look is called after the step; an error ends training as it stands, with a checkpoint where one is kept.
	Look(ctx context.Context, s Sampler, at Look) error
	// State is what the monitor knows, for checkpoints, and Restore takes it up again where training goes on from one; nil where that one was written without a monitor. An
	// error of Restore ends training before it begins, as of a run that the monitor had ended.
	State() json.RawMessage
	Restore(state json.RawMessage) error
	Note() string // in a few words how the run is, for progress lines
}

// Sampler draws samples from a model as it is, see Session.Sample.
type Sampler interface {
	Sample(ctx context.Context, n int, labels []int, seed uint64) (*datasets.Samples, error)
}

// Look is where a session is when a monitor looks at it.
type Look struct {
	Step, Of  int
	Losses    map[string]float64 // of the step just done, by turn
	Gradients map[string]float64 // Euclidean norms of the gradients of its last update, by turn, over all weights that the turn moves
	Critics   []string           // turns of discriminators and critics
}

// look shows the session to the monitor.
func (s *Session) look(ctx context.Context, o TrainOptions) error {
	at := Look{Step: s.step, Of: s.settings.Int("steps"), Losses: map[string]float64{}, Gradients: map[string]float64{}}
	for _, t := range s.build.turns {
		if !t.played(s.step - 1) {
			continue
		}
		at.Losses[t.Name], at.Gradients[t.Name] = float64(t.step.Loss()), t.step.GradNorm()
		if t.Role == Critic {
			at.Critics = append(at.Critics, t.Name)
		}
	}
	return o.Monitor.Look(ctx, s, at)
}

// due says whether the step just done is one that the monitor looks at.
func (o TrainOptions) due(step int) bool {
	return o.Monitor != nil && step%max(1, o.Monitor.Every()) == 0
}

// watchedState is the monitor's state for a checkpoint: of the monitor at work, or else of the one before.
func (s *Session) watchedState() json.RawMessage {
	if s.monitor != nil {
		s.watched = s.monitor.State()
	}
	return s.watched
}
