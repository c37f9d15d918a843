package runners

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
)

// The states of a run. They are derived whenever they are asked for, from the plan, the records and the lock, and stored nowhere: a process that is killed cannot
// leave a wrong one behind.
const (
	Running  = "running"  // a process holds the folder
	Stopped  = "stopped"  // cells are left and nobody works on them
	Finished = "finished" // every planned cell has ended
)

// Status is how far a run is.
type Status struct {
	Dir         string            `json:"dir"`
	Run         index.Description `json:"run"`
	State       string            `json:"state"`
	Process     int               `json:"process,omitempty"` // that holds the folder
	Cells       int               `json:"cells"`             // planned so far: a study may add to its plan
	Ended       int               `json:"ended"`             // finished, failed ones included
	Failed      int               `json:"failed"`
	Spent       Effort            `json:"spent"`     // by the finished cells
	Projected   Effort            `json:"projected"` // by all planned ones, from those that ended
	LeftSeconds reports.Float     `json:"left_s"`    // until the end, at the pace of the running cells; null where nothing can be said
	Parts       []PartStatus      `json:"parts"`
	Causes      []CauseCount      `json:"causes,omitempty"`
	Working     []Working         `json:"working,omitempty"`
	Damaged     []string          `json:"damaged,omitempty"` // lines of the records; their cells are not counted
}

// Effort is what cells took, in seconds.
type Effort struct {
	WallSeconds float64 `json:"wall_s"`
	CPUSeconds  float64 `json:"cpu_s"`
}

// PartStatus is the share of a phase, model and data set.
type PartStatus struct {
	Phase   string `json:"phase,omitempty"`
	Model   string `json:"model"`
	Dataset string `json:"dataset"`
	Cells   int    `json:"cells"`
	Ended   int    `json:"ended"`
	Failed  int    `json:"failed"`
	Effort
}

// CauseCount is how many cells failed of a cause, and what one of them says.
type CauseCount struct {
	Cause   reports.Cause `json:"cause"`
	Cells   int           `json:"cells"`
	Example string        `json:"example"`
}

// Working is a cell that is being carried out.
type Working struct {
	Cell    string  `json:"cell"`
	Model   string  `json:"model"`
	Dataset string  `json:"dataset"`
	Seed    uint64  `json:"seed"`
	Step    int     `json:"step"`
	Of      int     `json:"of"`
	Seconds float64 `json:"s"`                // since it began
	Silent  float64 `json:"quiet_s"`          // since it was last heard of
	Worker  string  `json:"worker,omitempty"` // that is at it, where it is another machine's
}

// ReadStatus says how far the run in a folder is, in a time that hardly depends on how much it measured. The run may be at work, or may be killed meanwhile. Errors
// are those of index.Open.
func ReadStatus(ctx context.Context, dir string) (*Status, error) {
	x, err := index.Glance(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	return StatusOf(ctx, dir, x)
}

// StatusOf is ReadStatus with an index that is open.
func StatusOf(ctx context.Context, dir string, x *index.Index) (*Status, error) {
	s := &Status{Dir: dir, Run: x.Run(), Damaged: x.Damaged()}
	s.count(x.Planned(), x.Groups())
	held, process := holder(filepath.Join(dir, "lock"))
	switch {
	case held:
		s.State, s.Process = Running, process
	case s.Ended < s.Cells:
		s.State = Stopped
	default:
		s.State = Finished
	}
	if held {
		if err := s.working(ctx, x); err != nil {
			return nil, err
		}
	}
	s.project()
	return s, nil
}

// count fills the parts and the causes.
func (s *Status) count(planned []index.Planned, groups []index.Group) {
	type key struct{ phase, model, dataset string }
	at := map[key]int{}
	part := func(phase, model, dataset string) *PartStatus {
		k := key{phase, model, dataset}
		if _, ok := at[k]; !ok {
			at[k] = len(s.Parts)
			s.Parts = append(s.Parts, PartStatus{Phase: phase, Model: model, Dataset: dataset})
		}
		return &s.Parts[at[k]]
	}
	for _, p := range planned {
		part(p.Phase, p.Model, p.Dataset).Cells += p.Cells
	}
	causes := map[reports.Cause]*CauseCount{}
	for _, g := range groups {
		p := part(g.Phase, g.Model, g.Dataset)
		p.Ended += g.Cells
		p.WallSeconds, p.CPUSeconds = p.WallSeconds+g.WallSeconds, p.CPUSeconds+g.CPUSeconds
		if g.Failed {
			p.Failed += g.Cells
			if causes[g.Cause] == nil {
				causes[g.Cause] = &CauseCount{Cause: g.Cause, Example: g.Error}
			}
			causes[g.Cause].Cells += g.Cells
		}
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Cells = max(p.Cells, p.Ended) // records alone, or of an earlier plan
		s.Cells, s.Ended, s.Failed = s.Cells+p.Cells, s.Ended+p.Ended, s.Failed+p.Failed
		s.Spent.WallSeconds, s.Spent.CPUSeconds = s.Spent.WallSeconds+p.WallSeconds, s.Spent.CPUSeconds+p.CPUSeconds
	}
	for _, c := range causes {
		s.Causes = append(s.Causes, *c)
	}
	slices.SortFunc(s.Causes, func(a, b CauseCount) int {
		return cmp.Or(cmp.Compare(b.Cells, a.Cells), strings.Compare(string(a.Cause), string(b.Cause)))
	})
}

// working lists the cells that are being carried out.
func (s *Status) working(ctx context.Context, x *index.Index) error {
	heard, err := runningCells(s.Dir)
	if err != nil {
		return err
	}
	now := time.Now()
	for hash, last := range heard {
		if ended, err := x.Finished(ctx, hash); err != nil || ended {
			if err != nil {
				return err
			}
			continue
		}
		c, known, err := x.Find(ctx, hash)
		if err != nil {
			return err
		}
		beats, err := Beats(s.Dir, hash)
		if err != nil || !known || len(beats) == 0 {
			continue // it has just ended, or is none of this plan
		}
		first, latest := beats[0], beats[len(beats)-1]
		s.Working = append(s.Working, Working{Cell: hash, Model: c.Model, Dataset: c.Dataset, Seed: c.Seed, Step: latest.Step, Of: latest.Of, Worker: latest.Worker,
			Seconds: max(0, float64(now.UnixMilli())/1000-first.Time), Silent: max(0, now.Sub(last).Seconds())}) // a clock that was set back shows no time, never a negative one
	}
	slices.SortFunc(s.Working, func(a, b Working) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model), cmp.Compare(a.Seed, b.Seed), strings.Compare(a.Cell, b.Cell))
	})
	return nil
}

// project estimates what all planned cells will take: those of a part as its ended ones did on average; where none has ended, as those of its model did, or else as
// all did. The time left is that of the cells that are left, side by side as many as run now.
func (s *Status) project() {
	s.LeftSeconds = reports.Float(math.NaN())
	if s.Ended == 0 {
		s.Projected = Effort{}
		return
	}
	byModel := map[string]*PartStatus{}
	for _, p := range s.Parts {
		if byModel[p.Model] == nil {
			byModel[p.Model] = &PartStatus{}
		}
		m := byModel[p.Model]
		m.Ended, m.WallSeconds, m.CPUSeconds = m.Ended+p.Ended, m.WallSeconds+p.WallSeconds, m.CPUSeconds+p.CPUSeconds
	}
	all := PartStatus{Ended: s.Ended, Effort: s.Spent}
	left := 0.0
	s.Projected = s.Spent
	for _, p := range s.Parts {
		like := p
		if like.Ended == 0 {
			like = *byModel[p.Model]
		}
		if like.Ended == 0 {
			like = all
		}
		open := float64(p.Cells - p.Ended)
		left += open * like.WallSeconds / float64(like.Ended)
		s.Projected.CPUSeconds += open * like.CPUSeconds / float64(like.Ended)
	}
	s.Projected.WallSeconds += left
	for _, w := range s.Working {
		left -= min(w.Seconds, all.WallSeconds/float64(all.Ended)) // what they have behind them, a mean cell at most
	}
	switch {
	case s.Ended == s.Cells:
		s.LeftSeconds = 0
	case len(s.Working) > 0:
		s.LeftSeconds = reports.Float(max(left, 0) / float64(len(s.Working)))
	}
}

// holder says whether a process holds a lock, and which says that it does.
func holder(path string) (held bool, process int) {
	if held = isLocked(path); !held {
		return false, 0
	}
	b, err := inputfile.Read(path, 64)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, 0
	}
	process, _ = strconv.Atoi(strings.TrimSpace(string(b))) // a courtesy
	return true, process
}
