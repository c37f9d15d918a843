package runners

import (
	"slices"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/reports"
)

// Outlook is what a plan comes to, before it is run.
type Outlook struct {
	Phases  []PhaseOutlook `json:"phases"`
	Cells   int            `json:"cells"`           // at most
	CPU     float64        `json:"cpu_s,omitempty"` // seconds of one core, as a probe found; 0 without one
	Wall    float64        `json:"wall_s,omitempty"`
	Cores   int            `json:"cores"`
	Pairs   []PairOutlook  `json:"pairs,omitempty"` // what the probe found
	Power   Power          `json:"power"`
	Notes   []string       `json:"notes,omitempty"` // what the probe could not find
	Stopped bool           `json:"stopped,omitempty"`
}

// PhaseOutlook is one phase of a study, or the whole of a plain suite.
type PhaseOutlook struct {
	Phase    string  `json:"phase"`
	Models   int     `json:"models"`
	Datasets int     `json:"datasets"`
	Draws    int     `json:"draws,omitempty"` // settings of a model on a data set; 0 where there is no search
	Seeds    int     `json:"seeds"`
	Cells    int     `json:"cells"`
	CPU      float64 `json:"cpu_s,omitempty"`

	work []batchOfWork
}

// batchOfWork is what a phase trains of one model on one data set.
type batchOfWork struct {
	pair  pairKey
	cells int     // that are scored
	work  float64 // of all their training, see Cell.work
}

// pairKey is a model, under its name in the records, on a data set.
type pairKey struct{ model, dataset string }

// The names of what is no phase of a search.
const (
	trainPhase     = "train"
	referencePhase = "reference rows"
)

// Outlook counts what the plan comes to, phase by phase. It runs nothing: costs are there when a Probe of the plan is given, which may be nil, and
// the power is told in shares of the values where there are records of an earlier run (see Power).
func (p *Plan) Outlook(probe *Probe, earlier []reports.Record) Outlook {
	o := Outlook{Cells: p.Most, Cores: kernel.Threads(), Power: p.Power(earlier)}
	o.Phases = append(p.searchPhases(), p.plainPhases()...)
	slices.SortStableFunc(o.Phases, func(a, b PhaseOutlook) int { return phaseRank(a) - phaseRank(b) })
	for _, t := range p.tracks {
		o.Stopped = o.Stopped || t.stop != nil
	}
	if probe == nil {
		return o
	}
	for i := range o.Phases {
		ph := &o.Phases[i]
		for _, w := range ph.work {
			ph.CPU += w.work*probe.perWork[w.pair] + float64(w.cells)*probe.perScore[w.pair.dataset]
		}
		o.CPU += ph.CPU
	}
	o.Wall = o.CPU / float64(max(1, min(o.Cores, o.Cells)))
	o.Pairs, o.Notes = probe.Pairs, probe.Notes
	return o
}

// phaseRank puts the reference rows last.
func phaseRank(p PhaseOutlook) int {
	if p.Phase == referencePhase {
		return 1
	}
	return 0
}

// plainPhases are the cells that belong to no search.
func (p *Plan) plainPhases() []PhaseOutlook {
	by := map[string][]Cell{}
	for _, c := range p.Cells {
		switch {
		case reports.IsReference(c.Label):
			by[referencePhase] = append(by[referencePhase], c)
		case len(c.Study) == 0:
			by[trainPhase] = append(by[trainPhase], c)
		}
	}
	var out []PhaseOutlook
	for _, name := range []string{trainPhase, referencePhase} {
		if len(by[name]) > 0 {
			out = append(out, phaseOf(name, by[name]))
		}
	}
	return out
}

func phaseOf(name string, cells []Cell) PhaseOutlook {
	ph := PhaseOutlook{Phase: name, Cells: len(cells)}
	models, sets, seeds := map[string]bool{}, map[string]bool{}, map[uint64]bool{}
	for _, c := range cells {
		models[c.Label], sets[c.Dataset], seeds[c.Seed] = true, true, true
		ph.work = append(ph.work, batchOfWork{pairKey{c.Label, c.Dataset}, 1, c.work()})
	}
	ph.Models, ph.Datasets, ph.Seeds = len(models), len(sets), len(seeds)
	return ph
}

// searchPhases are the phases of a study, all of its tracks together, as if no draw were stopped.
func (p *Plan) searchPhases() []PhaseOutlook {
	var out []PhaseOutlook
	models, sets := map[string]map[string]bool{}, map[string]map[string]bool{}
	add := func(name string, t *track, draws int, seeds []uint64, rungs int, work float64) {
		i := slices.IndexFunc(out, func(o PhaseOutlook) bool { return o.Phase == name })
		if i < 0 {
			i = len(out)
			out = append(out, PhaseOutlook{Phase: name})
			models[name], sets[name] = map[string]bool{}, map[string]bool{}
		}
		ph := &out[i]
		models[name][t.base.Label], sets[name][t.base.Dataset] = true, true
		ph.Models, ph.Datasets, ph.Draws, ph.Seeds = len(models[name]), len(sets[name]), max(ph.Draws, draws), max(ph.Seeds, len(seeds))
		n := max(1, draws) * len(seeds) * rungs
		ph.Cells += n
		ph.work = append(ph.work, batchOfWork{pairKey{t.base.Label, t.base.Dataset}, n, work * float64(max(1, draws)*len(seeds))})
	}
	for _, t := range p.tracks {
		rungs := 1
		if t.stop != nil {
			rungs += len(t.stop.Rungs)
		}
		for _, ph := range t.phases {
			add(ph.Phase, t, ph.Draws, t.seeds, rungs, p.meanWork(t, ph.Phase))
		}
		if t.rerun != nil {
			for _, of := range t.rerun.Of {
				add(RerunPhase+" of "+of, t, 0, t.fresh, 1, t.base.work())
			}
		}
	}
	return out
}

// meanWork is what a draw of a phase takes on average: of those that are known, else what the defaults do.
func (p *Plan) meanWork(t *track, phase string) float64 {
	sum, n := 0.0, 0
	for _, c := range p.Cells {
		if c.Label == t.base.Label && c.Dataset == t.base.Dataset && slices.ContainsFunc(c.Study, func(d reports.Draw) bool { return d.Phase == phase }) {
			sum, n = sum+c.work(), n+1
		}
	}
	if n == 0 {
		return t.base.work()
	}
	return sum / float64(n)
}
