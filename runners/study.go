package runners

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners/search"
)

// RerunPhase is the name of the phase in which chosen settings are trained again with fresh seeds.
const RerunPhase = reports.RerunPhase

// study is the part of a plan whose cells follow from what was found: one track for each model on each data set. Tracks know nothing of each other.
type study struct {
	tracks []*track
}

// track is the search of one model on one data set.
type track struct {
	base   Cell // with the defaults
	at     func(format string, a ...any) error
	draw   func(drawn map[string]string) (Cell, error) // the base with drawn settings, its budget made steps
	phases []trackPhase
	seeds  []uint64
	choice SelectChoice
	rerun  *RerunChoice
	fresh  []uint64 // seeds of the rerun
	stop   *search.Stop
	known  int         // cells before anything has run
	name   func(*Cell) // gives a cell its hashes

	names []string                        // of the settings, which all draws have
	made  map[[sha256.Size]byte]cellNames // by seed, rung and settings: the same cell is asked for in every phase
}

// cellNames is what naming a cell gives it.
type cellNames struct {
	hash, trunk, settings string
	cost                  float64
}

type trackPhase struct {
	SearchChoice
	space search.Space
}

// drawn is one draw of a phase: its settings and what is known of it.
type drawn struct {
	number int // from 1, the defaults
	point  []float64
	cell   Cell    // without a seed
	value  float64 // at the last rung it was trained to; less is better, +Inf a failure
	rung   int     // the next one; len(rungs) when it was trained in full
	whole  bool    // trained in full
}

// follow implements Plan.follow: what all tracks can name now and the plan does not hold yet.
func (s *study) follow(p *Plan, done map[string][]reports.Record) ([]Cell, error) {
	at := make(map[string]int, len(p.Cells))
	for i, c := range p.Cells {
		at[c.Hash] = i
	}
	var fresh []Cell
	for _, t := range s.tracks {
		cells, err := t.cells(done)
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			if i, ok := at[c.Hash]; ok {
				p.Cells[i].Study = c.Study
				continue
			}
			fresh = append(fresh, c)
		}
	}
	return fresh, nil
}

// unfolding collects the cells of a track, each once, with all the draws that it stands for.
type unfolding struct {
	cells []Cell
	at    map[string]int
	done  map[string][]reports.Record
}

func (u *unfolding) add(c Cell, d reports.Draw) {
	i, ok := u.at[c.Hash]
	if !ok {
		i = len(u.cells)
		u.at[c.Hash], u.cells = i, append(u.cells, c)
		u.cells[i].Study = nil
	}
	u.cells[i].Study = append(u.cells[i].Study, d)
}

// cells are all cells of the track that are known, given the records of finished ones: everything up to the first batch that is not finished.
func (t *track) cells(done map[string][]reports.Record) ([]Cell, error) {
	u := &unfolding{at: map[string]int{}, done: done}
	var best *drawn
	var where string
	for _, ph := range t.phases {
		draws, whole, err := t.search(ph, u)
		if err != nil || !whole {
			return u.cells, err
		}
		for i := range draws {
			if d := &draws[i]; d.whole && (best == nil || d.value < best.value) && !math.IsInf(d.value, 1) {
				best, where = d, ph.Phase
			}
		}
	}
	if t.rerun == nil {
		return u.cells, nil
	}
	again := func(of, phase string, number int, c Cell) error {
		for _, seed := range t.fresh {
			cell, err := t.cell(c, seed, 0)
			if err != nil {
				return err
			}
			u.add(cell, reports.Draw{Phase: RerunPhase, Of: of, From: phase, Number: number})
		}
		return nil
	}
	for _, of := range t.rerun.Of {
		var err error
		switch {
		case of == Defaults:
			err = again(Defaults, "", 1, t.base)
		case best != nil: // else every setting failed, and there is no best
			err = again(Best, where, best.number, best.cell)
		}
		if err != nil {
			return nil, err
		}
	}
	return u.cells, nil
}

// search unfolds one phase. whole says whether all of its draws are finished.
func (t *track) search(ph trackPhase, u *unfolding) (draws []drawn, whole bool, err error) {
	n := ph.Draws
	if most := ph.Sampler.Most(ph.space); most > 0 {
		n = min(n, most+1)
	}
	if len(ph.space) == 0 {
		n = 1 // nothing to draw: the defaults are all there is
	}
	for len(draws) < n {
		first := len(draws)
		size := n - first
		if b := ph.Sampler.Batch(max(0, first-1)); b > 0 { // the defaults come on top of the sampler's first batch
			size = min(size, b)
			if first == 0 {
				size = min(n, b+1)
			}
		}
		batch, err := t.batch(ph, draws, first, size)
		if err != nil {
			return nil, false, err
		}
		finished, err := t.train(ph, batch, u)
		if err != nil {
			return nil, false, err
		}
		draws = append(draws, batch...)
		if !finished {
			return draws, false, nil
		}
	}
	return draws, true, nil
}

// batch draws the settings of draws first, first+1, ...
func (t *track) batch(ph trackPhase, before []drawn, first, size int) ([]drawn, error) {
	told := trials(before)
	stream := func(names ...string) *rng.Source {
		return rng.Stream(ph.Seed, append([]string{"search", t.base.Label, t.base.Dataset, ph.Phase}, names...)...)
	}
	batch := make([]drawn, size)
	for i := range batch {
		d := &batch[i]
		d.number, d.cell, d.value = first+i+1, t.base, math.Inf(1)
		if d.number == 1 {
			continue
		}
		d.point = ph.Sampler.Point(ph.space, stream, first+i-1, told)
		var err error
		if d.cell, err = t.draw(ph.space.Settings(d.point, t.base.Settings)); err != nil {
			return nil, t.at("model %s on data set %s, draw %d of %s: %w", t.base.Label, t.base.Dataset, d.number, ph.Phase, err)
		}
	}
	return batch, nil
}

// trials are the draws in the order of their ranks: those that were trained longer are better, then the lower value.
func trials(draws []drawn) []search.Trial {
	var out []search.Trial
	for _, d := range draws {
		if d.point == nil {
			continue
		}
		value := 0.0
		for _, o := range draws {
			if o.point != nil && (o.rung > d.rung || o.rung == d.rung && o.value < d.value) {
				value++
			}
		}
		out = append(out, search.Trial{Point: d.point, Value: value})
	}
	return out
}

// train unfolds the cells of a batch, rung after rung, and says whether all that can be is finished. The defaults always go on, so that there is something to compare with.
func (t *track) train(ph trackPhase, batch []drawn, u *unfolding) (bool, error) {
	alive := make([]int, len(batch))
	for i := range alive {
		alive[i] = i
	}
	var rungs []float64
	said := ""
	if t.stop != nil {
		rungs, said = t.stop.Rungs, t.stop.String()
	}
	for k := range len(rungs) + 1 {
		finished := true
		for _, i := range alive {
			d := &batch[i]
			until := 0
			if k < len(rungs) {
				if until = int(math.Ceil(rungs[k] * float64(d.cell.Steps()))); until >= d.cell.Steps() {
					return false, t.at("stop: %g of the %d steps of model %s on data set %s is no step less than all: give rungs further from 1 or a greater budget", rungs[k], d.cell.Steps(), t.base.Label, t.base.Dataset)
				}
			}
			var values []float64
			for _, seed := range t.seeds {
				c, err := t.cell(d.cell, seed, until)
				if err != nil {
					return false, err
				}
				mark := reports.Draw{Phase: ph.Phase, Number: d.number, Stop: said}
				if until > 0 {
					mark.Rung = k + 1
				}
				u.add(c, mark)
				recs, ok := u.done[c.Hash]
				if !ok {
					finished = false
					continue
				}
				v, err := t.value(recs)
				if err != nil {
					return false, err
				}
				values = append(values, v)
			}
			d.value, d.rung, d.whole = stats.Median(values), k, k == len(rungs)
		}
		if !finished {
			return false, nil
		}
		if k < len(rungs) {
			alive = t.onwards(batch, alive)
		}
	}
	return true, nil
}

func (t *track) onwards(batch []drawn, alive []int) []int {
	values := make([]float64, len(alive))
	for k, i := range alive {
		values[k] = batch[i].value
	}
	var on []int
	for _, k := range t.stop.On(values) {
		on = append(on, alive[k])
	}
	for _, i := range alive {
		if batch[i].number == 1 && !slices.Contains(on, i) {
			on = append([]int{i}, on...)
		}
	}
	return on
}

// value is what a cell is chosen by: less is better, a failure is the worst there is.
func (t *track) value(recs []reports.Record) (float64, error) {
	for _, r := range recs {
		if r.CellFailed() {
			return math.Inf(1), nil
		}
		if r.Metric != t.choice.Measure || r.Featurizer != t.choice.Featurizer || r.Reference != "" && r.Reference != HoldOut {
			continue
		}
		switch {
		case r.Status == reports.Failed:
			return math.Inf(1), nil
		case r.Better == reports.Lower:
			return r.Value, nil
		case r.Better == reports.Higher:
			return -r.Value, nil
		}
		return 0, t.at("select: %s has no better side: choose a measure that is better when it is lower, or higher", t.choice.Measure)
	}
	return math.Inf(1), nil // what could not be measured is no better than a failure
}

// cell is a draw's cell for a seed, trained until a step or, with 0, in full.
func (t *track) cell(c Cell, seed uint64, until int) (Cell, error) {
	key := t.key(c.Settings, seed, until)
	c.Seed, c.Until = seed, until
	if n, ok := t.made[key]; ok {
		c.Hash, c.Trunk, c.SettingsID, c.Cost = n.hash, n.trunk, n.settings, n.cost
		return c, nil
	}
	t.name(&c)
	if t.made == nil {
		t.made = map[[sha256.Size]byte]cellNames{}
	}
	t.made[key] = cellNames{c.Hash, c.Trunk, c.SettingsID, c.Cost}
	return c, nil
}

// key tells the cells of the track apart.
func (t *track) key(settings map[string]string, seed uint64, until int) [sha256.Size]byte {
	if t.names == nil {
		t.names = slices.Sorted(maps.Keys(t.base.Settings))
	}
	text := fmt.Appendf(nil, "%d %d %d", seed, until, len(settings))
	for _, name := range t.names {
		text = append(append(text, 0), settings[name]...)
	}
	return sha256.Sum256(text)
}

// most is how many cells the track can come to.
func (t *track) most() int {
	n := 0
	for _, ph := range t.phases {
		rungs := 0
		if t.stop != nil {
			rungs = len(t.stop.Rungs)
		}
		n += ph.Draws * len(t.seeds) * (1 + rungs)
	}
	if t.rerun != nil {
		n += len(t.rerun.Of) * len(t.fresh)
	}
	return n
}

// stamped are a cell's records with the draws it stands for: the plan says which, as it grows, and not the cell.
func stamped(recs []reports.Record, study []reports.Draw) []reports.Record {
	out := slices.Clone(recs)
	for i := range out {
		out[i].Study = study
	}
	return out
}
