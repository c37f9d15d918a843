package runners

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// Probe is what a short trial of a plan's models found about this machine: an estimate, good to a factor of two or so.
type Probe struct {
	Pairs []PairOutlook // in the plan's order
	Notes []string      // what could not be tried

	perWork  map[pairKey]float64 // seconds of a core for a unit of Cell.work
	perScore map[string]float64  // seconds of a core to draw and score a cell on a data set
}

// PairOutlook is what a cell of a model on a data set takes at its defaults, in seconds of one core.
type PairOutlook struct {
	Model   string  `json:"model"`
	Dataset string  `json:"dataset"`
	Step    float64 `json:"step_s"`
	Train   float64 `json:"train_s"`
	Score   float64 `json:"score_s"`
}

// ProbeLimit is how long a probe takes at most, but for loading data.
const ProbeLimit = 20 * time.Second

// probeSlice is how long a model is trained for its cost: longer, and the estimate gains nothing.
const probeSlice = 300 * time.Millisecond

// NewProbe trains every model of a plan for a moment on each of its data sets, and scores one model a data set, on one core and within the limit, half of it for each. What is left
// when the time is up takes the mean of what was tried. Nothing of it is kept. Errors: the data cannot be loaded; the context ended.
func NewProbe(ctx context.Context, kit Kit, p *Plan, dataDir string, limit time.Duration) (*Probe, error) {
	before := kernel.Threads()
	kernel.SetThreads(1)
	defer kernel.SetThreads(before)
	t := newTrial(kit, dataDir)
	cells := p.typical()
	for _, c := range cells { // none of the limit's business: a run needs them too
		if _, err := t.store.set(ctx, c); err != nil {
			return nil, err
		}
	}
	ends := time.Now().Add(limit / 2)
	for i, c := range cells {
		left := time.Until(ends)
		if left <= 0 {
			break
		}
		if err := t.train(ctx, c, min(probeSlice, left/time.Duration(len(cells)-i))); err != nil {
			return nil, err
		}
	}
	if err := t.scores(ctx, cells, limit/2); err != nil {
		return nil, err
	}
	t.fill(cells)
	return t.Probe, ctx.Err()
}

// typical are the cells that stand for all: of each model on each data set one, with its defaults.
func (p *Plan) typical() []Cell {
	var out []Cell
	seen := map[pairKey]bool{}
	add := func(c Cell) {
		if k := (pairKey{c.Label, c.Dataset}); !seen[k] && !reports.IsReference(c.Label) {
			seen[k] = true
			out = append(out, c)
		}
	}
	for _, t := range p.tracks {
		add(t.base)
	}
	for _, c := range p.Cells {
		add(c)
	}
	return out
}

// trial is a probe in the making.
type trial struct {
	*Probe
	kit     Kit
	store   *store
	dataDir string
}

func newTrial(kit Kit, dataDir string) *trial {
	return &trial{kit: kit, store: &store{kit: kit, env: featurizer.Env{DataDir: dataDir}}, dataDir: dataDir, Probe: &Probe{perWork: map[pairKey]float64{}, perScore: map[string]float64{}}}
}

func (t *trial) note(c Cell, err error) {
	t.Notes = append(t.Notes, fmt.Sprintf("%s on %s was not tried: %v", c.Label, c.Dataset, err))
}

// train finds what a step takes, once the first has put the program together. It goes a little over its time where a step is long.
func (t *trial) train(ctx context.Context, c Cell, slice time.Duration) error {
	if c.Own != nil {
		return nil // made elsewhere, in no time of ours
	}
	m, err := t.kit.Model(c.Model)
	if err != nil {
		return err
	}
	set, err := t.store.set(ctx, c)
	if err != nil {
		return err
	}
	began := time.Now()
	s, err := t.kit.session(m, zoo.Config{Set: set.Set, Settings: c.Settings, Seed: 1})
	if err == nil {
		err = s.Train(ctx, zoo.TrainOptions{Steps: 1})
	}
	cpu, at := cpuSeconds(), s1(s)
	for n := 1; err == nil && s.Step() < c.Steps(); n *= 2 {
		if err = s.Train(ctx, zoo.TrainOptions{Steps: min(c.Steps(), s.Step()+n)}); time.Since(began) > slice {
			break
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		t.note(c, err)
		return nil
	}
	if done := s.Step() - at; done > 0 && c.Steps() > 0 {
		t.perWork[pairKey{c.Label, c.Dataset}] = (cpuSeconds() - cpu) / float64(done) * float64(c.Steps()) / c.work()
	}
	return nil
}

// s1 is the step of a session, 0 where there is none.
func s1(s session) int {
	if s == nil {
		return 0
	}
	return s.Step()
}

// scores finds what drawing and scoring a cell takes: of the first model on each data set, trained for a step. The first time pays for what is worked out once.
func (t *trial) scores(ctx context.Context, cells []Cell, limit time.Duration) error {
	dir, err := os.MkdirTemp("", "assay-probe-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	x, err := NewExecutor(t.kit, Options{Dir: dir, Data: t.dataDir})
	if err != nil {
		return err
	}
	defer x.Close()
	x.run.store = t.store
	ends := time.Now().Add(limit)
	var first []Cell
	for _, c := range cells {
		if c.Own == nil && !slices.ContainsFunc(first, func(o Cell) bool { return o.Dataset == c.Dataset }) {
			first = append(first, c)
		}
	}
	for i, c := range first {
		slice := time.Until(ends) / time.Duration(len(first)-i)
		for seed := range uint64(2) {
			took, err := t.score(ctx, x, c, seed+1, slice)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if took > 0 {
				t.perScore[c.Dataset] = took
			}
			if err != nil {
				t.Notes = append(t.Notes, fmt.Sprintf("scoring on %s takes longer than the probe has: its cost is a lower bound", c.Dataset))
				break
			}
			if slice -= time.Duration(took * float64(time.Second)); slice <= 0 {
				break
			}
		}
	}
	return nil
}

// score carries a cell out but for its training.
func (t *trial) score(ctx context.Context, x *Executor, c Cell, seed uint64, limit time.Duration) (float64, error) {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	c.Settings = maps.Clone(c.Settings)
	if c.Steps() > 1 {
		c.Settings["steps"] = strconv.Itoa(1)
	}
	c.Seed, c.Until = seed, 0
	t.kit.name(&c)
	cpu := cpuSeconds()
	_, err := x.Do(ctx, c)
	return cpuSeconds() - cpu, err
}

// fill gives what was not tried the mean of what was, and lists all.
func (t *trial) fill(cells []Cell) {
	missed := 0
	for _, c := range cells {
		k := pairKey{c.Label, c.Dataset}
		if _, ok := t.perWork[k]; !ok && c.Own == nil && c.work() > 0 {
			t.perWork[k] = t.meanOn(c.Dataset)
			missed++
		}
		train := t.perWork[k] * c.work()
		p := PairOutlook{Model: c.Label, Dataset: c.Dataset, Train: train, Score: t.perScore[c.Dataset]}
		if c.Steps() > 0 {
			p.Step = train / float64(c.Steps())
		}
		t.Pairs = append(t.Pairs, p)
	}
	if missed > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d of %d models on data sets were not reached in time: they are taken to cost the mean of the others", missed, len(cells)))
	}
}

// meanOn is the mean of what was tried on a data set, else anywhere.
func (t *trial) meanOn(dataset string) float64 {
	mean := func(take func(pairKey) bool) float64 {
		sum, n := 0.0, 0
		for _, k := range slices.SortedFunc(maps.Keys(t.perWork), func(a, b pairKey) int {
			return slices.Compare([]string{a.dataset, a.model}, []string{b.dataset, b.model})
		}) {
			if take(k) {
				sum, n = sum+t.perWork[k], n+1
			}
		}
		return sum / float64(max(n, 1))
	}
	if v := mean(func(k pairKey) bool { return k.dataset == dataset }); v > 0 {
		return v
	}
	return mean(func(pairKey) bool { return true })
}
