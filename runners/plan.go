package runners

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// Protocol names how a cell is carried out: which samples are drawn, compared and in which order. It is part of every cell's hash, so that a change here
// never meets an old result.
const Protocol = "assay-1"

// The reference rows: "models" that are no models.
const (
	Real    = "real"    // the training split, scored as if a model had made it: the floor
	Perfect = "perfect" // fresh draws of the known distribution
	Noise   = "noise"   // the first model of the suite that fits, untrained
)

// DataKey decides a data set's content but for files.
type DataKey struct {
	Params map[string]float64 `json:"params,omitempty"`
	Seed   uint64             `json:"seed"`
	Train  int                `json:"train,omitempty"`
	Test   int                `json:"test,omitempty"`
	Hold   int                `json:"hold,omitempty"`
}

// MetricSpec is a metric and the values of all its options.
type MetricSpec struct {
	ID      string            `json:"id"`
	Options map[string]string `json:"options,omitempty"`
	Values  []string          `json:"values,omitempty"` // the only ones shown; all if there are none
}

// Cell is one piece of work: train one model on one data set with one seed, draw from it, and measure. Its hash is its name everywhere.
type Cell struct {
	Hash        string            `json:"-"`
	Protocol    string            `json:"protocol"`
	Label       string            `json:"label"` // model name in the records
	Model       string            `json:"model"` // id in the zoo, or Real or Perfect
	Settings    map[string]string `json:"settings,omitempty"`
	Untrained   bool              `json:"untrained,omitempty"`
	Dataset     string            `json:"dataset"`
	Data        DataKey           `json:"data"`
	Seed        uint64            `json:"seed"`
	Samples     int               `json:"samples"`
	Featurizers []string          `json:"featurizers"`
	Metrics     []MetricSpec      `json:"metrics"`
	References  []string          `json:"references"`
	Own         *Own              `json:"own,omitempty"`         // samples made elsewhere; nil for models of the zoo
	Validation  string            `json:"validation,omitempty"`  // metric that is measured against the hold-out too, for a study to choose by
	Until       int               `json:"until,omitempty"`       // trained to this step of its steps, to be compared with others there; 0 is all
	Monitor     *MonitorSpec      `json:"monitor,omitempty"`     // looks at the training; nil for none
	ScoreEvery  int               `json:"score_every,omitempty"` // steps between two scores before the end; 0 is the end alone
	Study       []reports.Draw    `json:"-"`                     // the draws of a study that it is
	Trunk       string            `json:"-"`                     // hash of the cell that is trained in full: what all its rungs go on from
	SettingsID  string            `json:"-"`                     // the same but for the seed
	Cost        float64           `json:"-"`                     // estimate, in arbitrary units: heavy cells start first
	yardstick   string            // Real or Perfect for their rows, which are no models; "" for any model, whatever its name
	kind        datasets.Kind
	choice      SelectChoice // of the study, with its names resolved
	measures    []metrics.Metric
}

// Steps is the training length in steps, 0 for reference rows.
func (c Cell) Steps() int {
	n, err := strconv.Atoi(c.Settings["steps"])
	if err != nil || c.Untrained {
		return 0
	}
	return n
}

// Title names the cell for people.
func (c Cell) Title() string { return fmt.Sprintf("%s on %s, seed %d", c.Label, c.Dataset, c.Seed) }

// Skip is a combination the suite asks for that makes no sense, with the reason: a model on a data set, or a metric on one.
type Skip struct {
	Model   string `json:"model,omitempty"`
	Metric  string `json:"metric,omitempty"`
	Dataset string `json:"dataset"`
	Reason  string `json:"reason"`
}

// Subject is the model or the metric that is left out.
func (s Skip) Subject() string {
	if s.Metric != "" {
		return "metric " + s.Metric
	}
	return s.Model
}

// Plan is a suite with every name resolved, in canonical order. Nothing has run. Where later cells follow from what earlier ones find, Cells holds those that are
// known, and Run finds the others.
type Plan struct {
	Suite     string
	Hash      string // of the cells; of a study, of its searches but for how many draws and seeds there are, so that it may grow in its folder
	Text      []byte // the suite as written
	Cells     []Cell
	Skips     []Skip
	Published []reports.Published // figures of others that the suite refers to; no part of any hash
	Claims    []reports.Claim     // what the suite claims, with its names resolved; no part of any hash

	Most     int       // cells that there can be in the end; more than Cells where a study goes on from what it finds
	Programs []Program // that the suite runs; see Options.AllowExec

	follow follow // nil where Cells are all there are
	study  []trackID
	tracks []*track
	pace   *Pace // of budgets in seconds
	phase  int   // the last one whose cells are known
}

// defaults of the choices a suite need not make.
var builtin = Choices{Seeds: []uint64{1}, Samples: 10000, References: []string{"test"}}

// maxCells bounds a plan: each cell trains a model, so more would not end in years.
const maxCells = 100_000

// NewPlan resolves every name of a suite against a kit and runs nothing. Errors name the file and the line.
func NewPlan(kit Kit, c *Config) (*Plan, error) {
	p := &planner{kit: kit, names: &naming{kit: kit}, config: c, reader: reader{file: c.File}, plan: &Plan{Suite: c.Name, Text: c.Text, pace: c.Pace}}
	if err := p.knownDatasets(); err != nil {
		return nil, err
	}
	if err := p.ownNames(); err != nil {
		return nil, err
	}
	if err := p.knownAxes(); err != nil {
		return nil, err
	}
	for _, d := range c.Datasets {
		if err := p.dataset(d); err != nil {
			return nil, err
		}
	}
	if len(p.plan.Cells) == 0 {
		return nil, fmt.Errorf("%s: no model of the suite runs on any of its data sets: %s on %s: %s", c.File, p.plan.Skips[0].Subject(), p.plan.Skips[0].Dataset, p.plan.Skips[0].Reason)
	}
	if len(p.study.tracks) > 0 {
		p.plan.follow, p.plan.tracks = p.study.follow, p.study.tracks
	}
	if err := p.published(); err != nil {
		return nil, err
	}
	if err := p.claims(); err != nil {
		return nil, err
	}
	return p.plan, p.finish()
}

// name gives a cell what follows from its content: its hash, that of its settings, and what it will cost.
func (k Kit) name(c *Cell) { (&naming{kit: k}).name(c) }

// name is Kit.name, for many.
func (n *naming) name(c *Cell) {
	group := n.keyed(*c)
	c.Hash = strings.Clone(hashOf(group)[:20]) // a plan holds thousands
	c.Trunk = c.Hash
	if group.Until = 0; c.Until > 0 {
		c.Trunk = strings.Clone(hashOf(group)[:20])
	}
	group.Seed = 0
	if group.Own != nil { // the name is what is compared, and its contents are what may have changed
		group.Own = &Own{}
	}
	c.SettingsID = strings.Clone(hashOf(group)[:12])
	c.Cost = estimate(*c)
}

// settle resolves the settings of a model, with the steps that its budget buys.
func (p *planner) settle(m zoo.Model, info zoo.Info, kind datasets.Kind, b Budget, given map[string]string) (zoo.Settings, error) {
	s, err := zoo.Resolve(info, kind, given)
	if err != nil || b.Amount == 0 {
		return s, err
	}
	steps, err := stepsOf(b, m, info, s)
	if err != nil {
		return nil, err
	}
	given = maps.Clone(given)
	given["steps"] = strconv.Itoa(steps)
	return zoo.Resolve(info, kind, given)
}

// budgetLine is where a budget stands, for errors about it.
func budgetLine(err error, b Budget) int {
	if errors.Is(err, errBudget) {
		return b.Line
	}
	return 0
}

// hashOf is the sha256 of the canonical JSON (fields in order, map keys sorted).
func hashOf(c Cell) string { return sha256Of(c) }

// sha256Of is the hash of a value's JSON.
func sha256Of(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and finite numbers only
	}
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// work is the size of a cell's training: samples pushed through networks of a width. It compares cells of one model on one data set.
func (c Cell) work() float64 { return float64(c.Steps()) * workOfStep(c.Settings) }

// workOfStep is Cell.work of one step.
func workOfStep(settings map[string]string) float64 {
	num := func(name string, def float64) float64 {
		if v, err := strconv.ParseFloat(settings[name], 64); err == nil && v > 0 {
			return v
		}
		return def
	}
	return num("batch", 64) * (1 + num("d_steps", 1)) * num("width", 64)
}

// estimate is a rough cost, images weighing more than points. It only orders the queue.
func estimate(c Cell) float64 {
	cost := c.work() + float64(c.Samples*c.sets())
	if c.kind == datasets.Images {
		cost *= 40
	}
	return cost
}
