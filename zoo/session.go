package zoo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// Config is what decides a training run, bit for bit.
type Config struct {
	Set      *datasets.Set
	Settings map[string]string // names missing here take the model's defaults
	Seed     uint64
}

// Session is one model in training: its networks, optimisers, streams and position. It is used by one goroutine at a time.
type Session struct {
	model    Model
	settings Settings
	seed     uint64
	set      *datasets.Set
	build    *Builder
	sampler  *nn.Program
	ema      *nn.EMA
	step     int
	cost     Cost
	curves   []Curve
	hash     string          // of the data, once known
	monitor  Monitor         // at work, while Train runs
	watched  json.RawMessage // what a monitor knew at the checkpoint that this session went on from

	evaluated, drew int // passes of the network over rows, and rows, of the samples drawn last
	inversions      int // programs of Invert, whose inputs need names
}

// Cost is the work done so far, in the three countings under which models can be compared on equal budgets.
type Cost struct {
	DSteps  int `json:"d_steps"` // discriminator or critic updates
	GSteps  int `json:"g_steps"` // generator (or sole network) updates
	Samples int `json:"samples"` // training samples seen, repeats included
}

// Curve is one recorded scalar over training.
type Curve struct {
	Name   string    `json:"name"`
	Steps  []int     `json:"steps"`
	Values []float64 `json:"values"`
}

// New resolves the settings and builds networks, optimisers and programs. What the machine cannot hold is refused before anything is made, see Affordable.
func New(m Model, c Config) (*Session, error) {
	if err := Affordable(m, c, 0); err != nil {
		return nil, err
	}
	return newOn(nn.NewGraph(c.Seed), m, c)
}

// newOn is New on a graph, which may be one that only measures.
func newOn(graph *nn.Graph, m Model, c Config) (*Session, error) {
	info := m.Info()
	if c.Set == nil || c.Set.Train == nil || c.Set.Train.Len() == 0 {
		return nil, fmt.Errorf("model %s: the data set has no training samples", info.ID)
	}
	kind := kindOf(c.Set)
	settings, err := Resolve(info, kind, c.Settings)
	if err != nil {
		return nil, err
	}
	b := &Builder{
		Settings: settings, Kind: kind, Shape: c.Set.Train.Shape, Classes: countClasses(c.Set.Train),
		Batch: settings.Int("batch"), graph: graph, seed: c.Seed, set: c.Set, scale: scaling{scale: 1},
	}
	if kind == datasets.Points {
		b.scale = newScaling(c.Set.Train)
	}
	s := &Session{model: m, settings: settings, seed: c.Seed, set: c.Set, build: b}
	err = nn.Try(func() error {
		if err := m.Build(b); err != nil {
			return err
		}
		if b.sample.drawer == nil {
			s.sampler, err = nn.Compile(b.sample.out)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("model %s on %s: %w", info.ID, c.Set.Info.ID, err)
	}
	if settings.Has("ema") && settings.Float("ema") > 0 {
		if s.ema, err = nn.NewEMA(b.sample.weights, settings.Float("ema")); err != nil {
			return nil, fmt.Errorf("model %s: %w", info.ID, err)
		}
	}
	for _, t := range b.turns {
		for _, name := range append([]string{"loss " + t.Name}, sortedWatch(t.Watch)...) {
			s.curves = append(s.curves, Curve{Name: name})
		}
	}
	return s, nil
}

// kindOf is what the data set says it holds; hand-made sets that say nothing are told apart by their shape.
func kindOf(set *datasets.Set) datasets.Kind {
	switch {
	case set.Info.Kind != "":
		return set.Info.Kind
	case set.Train.IsImage():
		return datasets.Images
	}
	return datasets.Points
}

func countClasses(s *datasets.Samples) int {
	if len(s.Labels) == 0 {
		return 0
	}
	return slices.Max(s.Labels) + 1
}

func sortedWatch(w map[string]*nn.Node) []string { return slices.Sorted(maps.Keys(w)) }

func sqrt(x float64) float64 { return math.Sqrt(x) }

// Progress tells how far training is.
type Progress struct {
	Step, Of int
	Losses   map[string]float64 // latest value of every curve
	Note     string             // what the monitor says of the run; "" without one
}

// TrainOptions say how far to train and where to keep the state. None of them changes the weights at a given step.
type TrainOptions struct {
	Steps           int            // train until this step; 0 means the setting "steps"
	Checkpoint      string         // file to resume from if it exists, and to write; "" keeps nothing
	CheckpointEvery int            // steps between checkpoints; 0 means only at the end and on cancellation
	LogEvery        int            // steps between points of the curves; 0 means about 200 points in all
	Progress        func(Progress) // called at every logged step; may be nil
	Monitor         Monitor        // looks at the session every so many steps; may be nil

	Due  func() bool                             // asked at every CheckpointEvery steps whether a checkpoint is worth its time; nil means that each is
	Last func(write func(io.Writer) error) error // keeps the checkpoint at the end of training in the place of Checkpoint; nil writes that file
}

// Train runs turns until the step is reached. If the context is cancelled it writes the checkpoint and returns the context's error; training continues
// from there in another session, to the same bits. NaN or Inf in a loss or gradient ends training with an error that names step, turn and operation.
func (s *Session) Train(ctx context.Context, o TrainOptions) error {
	if o.Steps == 0 {
		o.Steps = s.settings.Int("steps")
	}
	if o.LogEvery == 0 {
		o.LogEvery = max(1, s.settings.Int("steps")/200)
	}
	if o.Checkpoint != "" {
		if err := s.restoreIfThere(o.Checkpoint); err != nil {
			return err
		}
	}
	if o.Monitor != nil {
		if err := o.Monitor.Restore(s.watched); err != nil {
			return fmt.Errorf("model %s: %w", s.model.Info().ID, err)
		}
		s.monitor = o.Monitor
		defer func() { s.watchedState(); s.monitor = nil }()
	}
	for s.step < o.Steps {
		if err := ctx.Err(); err != nil {
			return s.stopped(err, o.Checkpoint)
		}
		if err := s.update(); err != nil {
			return fmt.Errorf("model %s, step %d: %w", s.model.Info().ID, s.step+1, err)
		}
		s.step++
		if o.due(s.step) {
			if err := s.look(ctx, o); err != nil {
				return s.stopped(fmt.Errorf("model %s: %w", s.model.Info().ID, err), o.Checkpoint)
			}
		}
		if s.step%o.LogEvery == 0 || s.step == o.Steps {
			s.log(o)
		}
		if o.Checkpoint != "" && o.CheckpointEvery > 0 && s.step%o.CheckpointEvery == 0 && s.step < o.Steps && (o.Due == nil || o.Due()) {
			if err := s.Save(o.Checkpoint); err != nil {
				return err
			}
		}
	}
	switch {
	case o.Checkpoint == "":
		return nil
	case o.Last != nil:
		return o.Last(s.Write)
	}
	return s.Save(o.Checkpoint)
}

func (s *Session) stopped(cause error, checkpoint string) error {
	if checkpoint == "" {
		return cause
	}
	if err := s.Save(checkpoint); err != nil {
		return fmt.Errorf("%w (and the checkpoint could not be written: %w)", cause, err)
	}
	return cause
}

// update runs every turn once more: one step.
func (s *Session) update() error {
	for _, t := range s.build.turns {
		if !t.played(s.step) {
			continue
		}
		if t.Rate != nil {
			t.step.Rate = t.Rate(s.step)
		}
		for range t.Repeat {
			for _, f := range t.feeds {
				f.fill()
			}
			if err := t.run(); err != nil {
				return err
			}
			if t.Role == Critic {
				s.cost.DSteps++
			} else {
				s.cost.GSteps++
			}
			s.cost.Samples += t.samplesRead(s.build.Batch)
		}
	}
	if s.ema != nil {
		s.average()
	}
	return nil
}

// average moves the average after the step that is being done.
func (s *Session) average() {
	if s.settings.Has("ema_warm") && s.settings.Word("ema_warm") == "on" {
		s.ema.UpdateWarm(s.step)
		return
	}
	s.ema.Update()
}

// samplesRead is how many training samples the inputs just filled brought with them.
func (t *turn) samplesRead(batch int) int {
	n := 0
	for _, f := range t.feeds {
		switch f := f.(type) {
		case *batches:
			n = max(n, batch)
		case counted:
			n = max(n, f.samplesRead())
		}
	}
	return n
}

func (s *Session) log(o TrainOptions) {
	latest := map[string]float64{}
	at := 0
	record := func(n *nn.Node, t *turn) {
		c := &s.curves[at]
		at++
		if !t.played(s.step - 1) {
			return
		}
		v := float64(t.step.Value(n)[0])
		latest[c.Name] = v
		c.Steps, c.Values = append(c.Steps, s.step), append(c.Values, v)
	}
	for _, t := range s.build.turns {
		record(t.Loss, t)
		for _, name := range sortedWatch(t.Watch) {
			record(t.Watch[name], t)
		}
	}
	if o.Progress != nil {
		p := Progress{Step: s.step, Of: o.Steps, Losses: latest}
		if o.Monitor != nil {
			p.Note = o.Monitor.Note()
		}
		o.Progress(p)
	}
}

// Step is the number of steps done.
func (s *Session) Step() int { return s.step }

// Cost is the work done so far.
func (s *Session) Cost() Cost { return s.cost }

// Curves are the recorded scalars: the loss of every turn and what the model watches beside it.
func (s *Session) Curves() []Curve { return s.curves }

// Settings are the resolved settings.
func (s *Session) Settings() Settings { return maps.Clone(s.settings) }

// Info is the model's.
func (s *Session) Info() Info { return s.model.Info() }

// ParamCount is the number of trained weights of each network.
func (s *Session) ParamCount() map[string]int {
	count := map[string]int{}
	for _, p := range s.build.graph.Scope("").Params() {
		network := p.Name()
		for i, r := range network {
			if r == '.' {
				network = network[:i]
				break
			}
		}
		count[network] += nn.Count([]*nn.Node{p})
	}
	return count
}
