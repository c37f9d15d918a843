package runners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// fakeModel learns nothing, quickly: its samples are the truth plus an error that shrinks with the steps and depends on every one of them, so that a lost or
// repeated step shows.
type fakeModel struct {
	zoo.Model // Build is never called
	id        string
	family    zoo.Family
	cond      bool
	fault     func(step int) error // may panic
	pause     time.Duration        // per step
}

func (m fakeModel) Info() zoo.Info {
	return zoo.Info{
		ID: m.id, Title: m.id, Family: m.family, Conditional: m.cond, Kinds: []datasets.Kind{datasets.Points, datasets.Images},
		Settings: []zoo.Setting{
			{Name: "steps", Default: "40", Lo: 1, Hi: 1e9, Integer: true},
			{Name: "lr", Default: "1e-4", ByKind: map[datasets.Kind]string{datasets.Images: "1e-3"}, Lo: 0, Hi: 10, Means: zoo.Rate},
			{Name: "clip", Default: "0.01", Lo: 0, Hi: 10, Means: zoo.ClipBound},
		},
	}
}

type fakeState struct {
	Step  int
	Error float64
	Rows  []float64
}

type fakeSession struct {
	model fakeModel
	cfg   zoo.Config
	steps int
	state fakeState
}

func newFakeSession(m zoo.Model, c zoo.Config) (session, error) {
	var steps int
	if _, err := fmt.Sscan(c.Settings["steps"], &steps); err != nil {
		return nil, err
	}
	lr, err := strconv.ParseFloat(c.Settings["lr"], 64)
	if err != nil {
		return nil, err
	}
	begin := 1 + 0.1*math.Abs(math.Log10(lr)+3.5) - 0.05 // the default, 1e-4, begins at 1; half a decade above it is the best
	return &fakeSession{model: m.(fakeModel), cfg: c, steps: steps, state: fakeState{Error: begin}}, nil
}

func (s *fakeSession) Train(ctx context.Context, o zoo.TrainOptions) error {
	if b, err := os.ReadFile(o.Checkpoint); err == nil {
		if err := json.Unmarshal(b, &s.state); err != nil {
			return err
		}
	}
	save := func() error {
		if o.Checkpoint == "" {
			return nil
		}
		b, err := json.Marshal(s.state)
		return errors.Join(err, atomicfile.WriteBytes(o.Checkpoint, b))
	}
	of := s.steps
	if o.Steps > 0 {
		of = o.Steps
	}
	for s.state.Step < of {
		if ctx.Err() != nil {
			return errors.Join(save(), ctx.Err())
		}
		s.state.Step++
		if s.model.fault != nil {
			if err := s.model.fault(s.state.Step); err != nil {
				return err
			}
		}
		s.state.Error *= 0.9 + 0.1*rng.Stream(s.cfg.Seed, "fake", fmt.Sprint(s.state.Step)).Float64()
		s.state.Rows = append(s.state.Rows, s.state.Error)
		time.Sleep(s.model.pause)
		if o.Progress != nil {
			o.Progress(zoo.Progress{Step: s.state.Step, Of: s.steps, Losses: map[string]float64{"loss": s.state.Error}})
		}
		if o.CheckpointEvery > 0 && s.state.Step%o.CheckpointEvery == 0 && (o.Due == nil || o.Due()) {
			if err := save(); err != nil {
				return err
			}
		}
	}
	if o.Checkpoint != "" && o.Last != nil {
		return o.Last(func(w io.Writer) error { return json.NewEncoder(w).Encode(s.state) })
	}
	return save()
}

func (s *fakeSession) Sample(_ context.Context, n int, _ []int, seed uint64) (*datasets.Samples, error) {
	src := rng.Stream(seed, "sample", s.model.id)
	train := s.cfg.Set.Train
	out := &datasets.Samples{Shape: train.Shape}
	for range n {
		for _, v := range train.Row(src.IntN(train.Len())) {
			out.Data = append(out.Data, v+float32(s.state.Error*src.Normal()))
		}
	}
	if s.model.cond {
		out.Labels = make([]int, n)
	}
	return datasets.NewSamples(out.Shape, out.Data, out.Labels)
}

func (s *fakeSession) Sources(n int) *datasets.Samples { return s.cfg.Set.Test.Slice(0, n) }
func (s *fakeSession) Step() int                       { return s.state.Step }
func (s *fakeSession) Cost() zoo.Cost                  { return zoo.Cost{DSteps: s.state.Step, GSteps: s.state.Step} }
func (s *fakeSession) Curves() []zoo.Curve {
	c := zoo.Curve{Name: "loss"}
	for i, v := range s.state.Rows {
		c.Steps, c.Values = append(c.Steps, i+1), append(c.Values, v)
	}
	return []zoo.Curve{c}
}

// fakeKit is the real kit but for its models.
func fakeKit() Kit {
	k := DefaultKit()
	k.train = newFakeSession
	k.Metrics = append([]metrics.Metric{gap{1}}, k.Metrics...)
	k.Models = []zoo.Model{
		fakeModel{id: "quick"},
		fakeModel{id: "slow", pause: 2 * time.Millisecond},
		fakeModel{id: "cond", cond: true},
		fakeModel{id: "translate", family: zoo.Translation},
		fakeModel{id: "breaks", fault: func(step int) error {
			if step == 7 {
				return errors.New("step 7: loss of the critic is NaN;\nlower the learning rate")
			}
			return nil
		}},
		fakeModel{id: "panics", fault: func(step int) error {
			if step == 3 {
				var none []int
				_ = none[step]
			}
			return nil
		}},
	}
	return k
}
