package runners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// MonitorSpec asks for a look at a model every so many steps of its training: at the modes that its samples fall on, duplicates, gradients, the discriminator's loss.
// A monitor draws from streams of its own: the weights and the scores are those of the run without it, bit for bit, unless it stops the run.
type MonitorSpec struct {
	Every   int                 `json:"every,omitempty"`   // steps between two looks; 0 is a hundredth of the run
	Samples int                 `json:"samples"`           // drawn at each look, from the same latent vectors
	StopOn  []reports.AlarmKind `json:"stop_on,omitempty"` // alarms that end the run as a failure of their cause
}

// The bounds of a monitor.
const (
	defaultWatched = 1000
	leastWatched   = 50
	mostLooks      = 5000
)

// StopKinds are the alarms that can end a run.
func StopKinds() (kinds []reports.AlarmKind) {
	return slices.DeleteFunc(reports.AlarmKinds(), func(k reports.AlarmKind) bool { return k.Cause() == "" })
}

// steps is how many steps lie between two looks of a run of so many.
func (m MonitorSpec) steps(of int) int {
	if m.Every > 0 {
		return m.Every
	}
	return max(1, of/100)
}

// Check says what cannot be monitored so, in a run of so many steps.
func (m MonitorSpec) Check(steps int) error {
	switch {
	case m.Samples < leastWatched:
		return fmt.Errorf("monitor: %d samples at a look tell nothing of modes: want at least %d", m.Samples, leastWatched)
	case m.Every > steps:
		return fmt.Errorf("monitor: a look every %d steps is none in a run of %d: give fewer steps", m.Every, steps)
	case steps/m.steps(steps) > mostLooks:
		return fmt.Errorf("monitor: every %d of %d steps is %d looks: want at most %d, so at least every %d", m.Every, steps, steps/m.steps(steps), mostLooks, (steps+mostLooks-1)/mostLooks)
	}
	for _, k := range m.StopOn {
		if !slices.Contains(StopKinds(), k) {
			return fmt.Errorf("monitor: %q ends no run", k)
		}
	}
	return nil
}

// StoppedError is the error of a run that its monitor ended.
type StoppedError struct {
	Step  int
	Alarm reports.Alarm
}

// Error says when and why.
func (e *StoppedError) Error() string {
	return fmt.Sprintf("stopped at step %d by the monitor: %s", e.Step, e.Alarm)
}

// Monitor looks at one model in training; it is a zoo.Monitor, for zoo.TrainOptions.
type Monitor struct {
	spec  MonitorSpec
	seed  uint64
	watch watch
	space *watchSpace
}

var _ zoo.Monitor = (*Monitor)(nil)

// newMonitor makes one for a run of so many steps.
func newMonitor(spec MonitorSpec, seed uint64, steps int, space *watchSpace) *Monitor {
	m := &Monitor{spec: spec, seed: rng.Stream(seed, "runners", "monitor").Uint64(), space: space, watch: watch{of: steps}}
	m.watch.Watch = reports.Watch{
		Every: spec.steps(steps), Samples: spec.Samples, Of: space.of, Fair: space.fair, DuplicatesReal: space.repeatsReal,
		Gradients: map[string][]float64{}, Losses: map[string][]float64{}, Alarms: []reports.Alarm{}, Critics: []string{},
	}
	return m
}

// Every implements zoo.Monitor.
func (m *Monitor) Every() int { return m.watch.Every }

// Watch is what was seen so far.
func (m *Monitor) Watch() reports.Watch { return m.watch.Watch }

// Look implements zoo.Monitor: it draws, counts, and errors with a StoppedError where an alarm ends the run.
func (m *Monitor) Look(ctx context.Context, s zoo.Sampler, at zoo.Look) error {
	samples, err := s.Sample(ctx, m.spec.Samples, nil, m.seed)
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	seen, err := m.space.see(ctx, samples)
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	m.add(at, seen)
	for _, a := range m.watch.judge() {
		if slices.Contains(m.spec.StopOn, a.Kind) {
			m.watch.Stopped = true
			return &StoppedError{at.Step, a}
		}
	}
	return nil
}

// add notes a look.
func (m *Monitor) add(at zoo.Look, seen sight) {
	w := &m.watch
	w.Steps, w.Counts = append(w.Steps, at.Step), append(w.Counts, seen.counts)
	w.Covered, w.Effective = append(w.Covered, seen.covered), append(w.Effective, seen.effective)
	w.Duplicates, w.Spread, w.NotNumbers = append(w.Duplicates, seen.repeats), append(w.Spread, seen.spread), append(w.NotNumbers, seen.notNumbers)
	for _, c := range at.Critics {
		if !slices.Contains(w.Critics, c) {
			w.Critics = append(w.Critics, c)
		}
	}
	extend(w.Losses, at.Losses, len(w.Steps))
	extend(w.Gradients, at.Gradients, len(w.Steps))
}

// extend brings every series to n entries; a turn that was not played in the step keeps its last value, or 0 before its first.
func extend(all map[string][]float64, now map[string]float64, n int) {
	for name := range now {
		if _, ok := all[name]; !ok {
			all[name] = make([]float64, n-1)
		}
	}
	for _, name := range slices.Collect(maps.Keys(all)) {
		v, ok := now[name]
		if had := all[name]; !ok && len(had) > 0 {
			v = had[len(had)-1]
		}
		all[name] = append(all[name], v)
	}
}

// State implements zoo.Monitor.
func (m *Monitor) State() json.RawMessage {
	b, err := json.Marshal(m.watch.Watch)
	if err != nil {
		panic(err) // finite numbers and texts only
	}
	return b
}

// errWatchState is the error about what a checkpoint says of its monitor.
var errWatchState = errors.New("monitor: the checkpoint's record of it is damaged: begin again in another folder")

// Restore implements zoo.Monitor. A run that was stopped stays stopped. Where the checkpoint was written under another monitor, or none, the looks begin here.
func (m *Monitor) Restore(state json.RawMessage) error {
	if state == nil {
		return nil
	}
	var w reports.Watch
	if err := json.Unmarshal(state, &w); err != nil {
		return fmt.Errorf("%w: %w", errWatchState, err)
	}
	if w.Every != m.watch.Every || w.Samples != m.watch.Samples || w.Of != m.watch.Of || !slices.Equal(w.Fair, m.watch.Fair) {
		return nil
	}
	if err := w.Check(); err != nil {
		return fmt.Errorf("%w: %w", errWatchState, err)
	}
	m.watch.Watch = w
	if last := len(w.Alarms) - 1; w.Stopped && last >= 0 && slices.Contains(m.spec.StopOn, w.Alarms[last].Kind) {
		return &StoppedError{w.Alarms[last].Step, w.Alarms[last]}
	}
	m.watch.Stopped = false // it may train on without the rule that ended it
	return nil
}

// Note implements zoo.Monitor.
func (m *Monitor) Note() string {
	w := m.watch
	last := len(w.Steps) - 1
	if last < 0 {
		return ""
	}
	parts := []string{fmt.Sprintf("%d of %d %s", w.Covered[last], len(w.Fair), w.Of)}
	for _, a := range w.Alarms {
		if a.Ended == 0 {
			parts = append(parts, fmt.Sprintf("! %s since step %d", a.Kind, a.Since))
		}
	}
	return strings.Join(parts, ", ")
}

// monitor makes the monitor of a cell.
func (e *execution) monitor(ctx context.Context, c Cell, set loaded) (*Monitor, error) {
	id := RawFeaturizer
	if set.truth() == nil {
		id = c.Featurizers[0]
	}
	f, err := e.store.open(ctx, id, set)
	if err != nil {
		return nil, fmt.Errorf("monitor: featurizer %s: %w", id, err)
	}
	space, err := newWatchSpace(ctx, f, set)
	if err != nil {
		return nil, err
	}
	return newMonitor(*c.Monitor, c.Seed, c.Steps(), space), nil
}

// Monitor makes a monitor for the model's training, for zoo.TrainOptions. Without known modes it looks at pixels of images and at points as they are. It errors with
// zoo.ErrSetting where the spec does not fit the run.
func (m *Model) Monitor(ctx context.Context, kit Kit, spec MonitorSpec) (*Monitor, error) {
	if err := spec.Check(m.Cell.Steps()); err != nil {
		return nil, fault.Of(zoo.ErrSetting, "%w", err)
	}
	id := RawFeaturizer
	if m.Set.Train.IsImage() {
		id = "pixels"
	}
	f, err := kit.open(ctx, id, m.Set, featurizer.Env{})
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	space, err := newWatchSpace(ctx, f, loaded{Set: m.Set})
	if err != nil {
		return nil, err
	}
	return newMonitor(spec, m.Cell.Seed, m.Cell.Steps(), space), nil
}
