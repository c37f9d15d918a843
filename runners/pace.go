package runners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/kernel"
)

// paceFile is the name of the file in a run folder that keeps the pace its budgets in seconds were turned into steps by.
const paceFile = "pace.json"

// provisionalSteps is the length of a plan that is only made to find the pace.
const provisionalSteps = 1000

// Pace is what training costs on a machine. It turns budgets in seconds of one core into steps, once: the run folder keeps it, so that a run that goes on, workers elsewhere, and
// a day on which the machine has other things to do see the same steps.
type Pace struct {
	CPU     string             `json:"cpu"`    // processor it was found on
	Kernel  string             `json:"kernel"` // kernel set
	Seconds map[string]float64 `json:"seconds"`

	provisional bool
}

// of is the key of a model on a data set in Seconds, which holds seconds of one core for a unit of Cell.work.
func (Pace) of(model, dataset string) string { return model + " on " + dataset }

// check says what is wrong with a pace that was read.
func (p Pace) check() error {
	if len(p.Seconds) == 0 {
		return errors.New("it holds no pace")
	}
	for k, v := range p.Seconds {
		if !(v > 0) {
			return fmt.Errorf("%s: %g seconds", k, v)
		}
	}
	return nil
}

// InSeconds says whether a budget of the suite is counted in seconds of one core, so that a plan needs a Pace.
func (c *Config) InSeconds() bool {
	in := c.Budget.Unit == InCoreSeconds
	for _, ch := range c.Defaults {
		in = in || ch.Budget.Unit == InCoreSeconds
	}
	for _, d := range c.Datasets {
		in = in || d.Budget.Unit == InCoreSeconds
	}
	for _, m := range c.Models {
		in = in || m.Budget.Unit == InCoreSeconds
	}
	return in
}

// SetPace gives the suite the pace of a run folder or, where it has none yet, finds this machine's: every model is trained for about a second on each of its data sets. With dir "" there is none.
// Nothing is written; Run does that. A suite whose budgets count no seconds is left as it is.
func SetPace(ctx context.Context, kit Kit, c *Config, dir, dataDir string) error {
	if !c.InSeconds() {
		return nil
	}
	b, err := []byte(nil), fs.ErrNotExist
	if dir != "" {
		b, err = inputfile.Read(filepath.Join(dir, paceFile), maxCard)
	}
	if err == nil {
		c.Pace = &Pace{}
		if err = json.Unmarshal(b, c.Pace); err == nil {
			err = c.Pace.check()
		}
		if err != nil {
			return fmt.Errorf("%s: %w: the lengths of its cells are lost; choose another folder as Options.Dir", filepath.Join(dir, paceFile), err)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.Pace, err = findPace(ctx, kit, *c, dataDir)
	return err
}

// paceSlice is how long each model is trained for its pace.
const paceSlice = time.Second

func findPace(ctx context.Context, kit Kit, c Config, dataDir string) (*Pace, error) {
	c.Pace = &Pace{provisional: true}
	p, err := NewPlan(kit, &c)
	if err != nil {
		return nil, err
	}
	before := kernel.Threads()
	kernel.SetThreads(1)
	defer kernel.SetThreads(before)
	t := newTrial(kit, dataDir)
	cells := p.typical()
	for _, c := range cells {
		if err := t.train(ctx, c, paceSlice); err != nil {
			return nil, err
		}
	}
	t.fill(cells)
	here := Origin("")
	pace := &Pace{CPU: here.CPU, Kernel: here.Kernel, Seconds: map[string]float64{}}
	for k, v := range t.perWork {
		if v <= 0 { // nothing could be trained; its cells will say why
			return nil, fmt.Errorf("%s: budget: no model could be tried, so that seconds cannot become steps: %s", c.File, strings.Join(t.Notes, "; "))
		}
		pace.Seconds[pace.of(k.model, k.dataset)] = v
	}
	return pace, nil
}

// errPace is wrapped by the error about a budget in seconds without a pace.
var errPace = errors.New("core_seconds become steps by the pace of a machine: call SetPace first")

// paced is the budget with what a unit of work costs for a model on a data set.
func (p *planner) paced(b Budget, model, dataset string) (Budget, error) {
	if b.Unit != InCoreSeconds {
		return b, nil
	}
	pace := p.config.Pace
	switch {
	case pace == nil:
		return b, p.errAt(b.Line, "budget: %w", errPace)
	case pace.provisional:
		return Budget{Line: b.Line, Unit: InSteps, Amount: provisionalSteps}, nil
	}
	if b.perWork = pace.Seconds[pace.of(model, dataset)]; b.perWork == 0 {
		return b, p.errAt(b.Line, "budget: %s has no pace of %s on %s: the suite has changed since the folder was begun; choose another as Options.Dir", paceFile, model, dataset)
	}
	return b, nil
}

// notePace writes the pace of a plan into the folder, the first time.
func (f *Folder) notePace(p *Plan) error {
	path := filepath.Join(f.Dir, paceFile)
	if _, err := inputfile.Stat(path); err == nil || p.pace == nil {
		return nil //nolint:nilerr // SetPace has read it
	}
	b, err := json.MarshalIndent(p.pace, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, append(b, '\n'))
}
