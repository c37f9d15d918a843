package reports

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/suggest"
)

// Check says what is wrong with a record: a missing key, an unknown status or direction, a value that JSON cannot hold, a failure without its reason, a count
// below zero, an interval that is none, a text that is not UTF-8. What is written has passed it, and what is read must.
func (r Record) Check() error {
	if err := r.checkKeys(); err != nil {
		return err
	}
	return r.checkTexts()
}

// checkKeys is Check but for the texts: what was decoded from UTF-8 is UTF-8.
func (r *Record) checkKeys() error {
	switch {
	case r.Cell == "":
		return errors.New(`field "cell" is empty`)
	case strings.ContainsAny(r.Cell, `/\`) || r.Cell == "." || r.Cell == "..":
		return fmt.Errorf("cell %q is no name: it becomes a folder", r.Cell)
	case !slices.Contains([]string{OK, Degenerate, Unreliable, Failed}, r.Status):
		return fmt.Errorf("unknown status %q: have ok, degenerate, unreliable, failed", r.Status)
	case !slices.Contains([]string{"", Lower, Higher, Near, None}, r.Better):
		return fmt.Errorf("unknown direction %q: have lower, higher, near, none", r.Better)
	case r.Metric == "" && r.Status != Failed:
		return errors.New(`field "metric" is empty, and the record is no failure`)
	case r.Status == Failed && r.Error == "":
		return errors.New(`a failure needs its reason in field "error"`)
	case r.Cause != "" && !slices.Contains(Causes(), r.Cause):
		return suggest.Unknown("cause", string(r.Cause), causeNames())
	case r.Cause != "" && r.Status != Failed:
		return fmt.Errorf("cause %q of what is no failure", r.Cause)
	case math.IsNaN(r.Value) || math.IsInf(r.Value, 0):
		return fmt.Errorf("value %v of %q: write a failure instead", r.Value, r.Metric)
	case strings.TrimSpace(r.Model) == "":
		return errors.New(`field "model" is empty`)
	case strings.TrimSpace(r.Dataset) == "":
		return errors.New(`field "dataset" is empty`)
	}
	return errors.Join(r.checkCounts(), r.Interval.check(), checkAlarms(r.Alarms))
}

func (r *Record) checkCounts() error {
	for _, c := range []struct {
		field string
		v     float64
	}{
		{"step", float64(r.Step)}, {"n", float64(r.N)}, {"n_real", float64(r.NReal)}, {"d_steps", float64(r.Cost.DSteps)}, {"g_steps", float64(r.Cost.GSteps)},
		{"samples", float64(r.Cost.Samples)}, {"evaluations", r.Cost.Evaluations}, {"samples_per_s", r.Cost.SamplesPerSecond}, {"wall_s", r.Cost.WallSeconds}, {"cpu_s", r.Cost.CPUSeconds},
		{"images", float64(r.Provenance.Images)},
	} {
		if !(c.v >= 0) || math.IsInf(c.v, 0) { // NaN is not
			return fmt.Errorf("field %q is %v: want 0 or more", c.field, c.v)
		}
	}
	for _, d := range r.Study {
		if d.Number < 0 || d.Rung < 0 {
			return fmt.Errorf("draw %d at rung %d of a study: want 0 or more", d.Number, d.Rung)
		}
	}
	return nil
}

func (i *Interval) check() error {
	switch {
	case i == nil:
		return nil
	case !(i.Lo <= i.Hi) || math.IsInf(i.Lo, 0) || math.IsInf(i.Hi, 0):
		return fmt.Errorf("interval from %v to %v: its ends are numbers, the lower one first", i.Lo, i.Hi)
	case !(i.Level > 0 && i.Level < 1):
		return fmt.Errorf("interval of level %v: want one between 0 and 1, such as 0.95", i.Level)
	}
	return nil
}

// checkTexts refuses text that JSON would change.
func (r Record) checkTexts() error {
	p := r.Provenance
	texts := append([]string{r.Cell, r.Model, r.Dataset, r.SettingsID, r.Featurizer, r.Protocol, r.Reference, r.Metric, r.Unit, r.NoInterval, r.Error,
		p.Version, p.Kernel, p.CPU, p.DatasetHash, p.WeightsHash, p.SamplesHash, p.Content, p.Prepared}, r.Warnings...)
	if r.Interval != nil {
		texts = append(texts, r.Interval.Method)
	}
	for _, d := range r.Study {
		texts = append(texts, d.Phase, d.Of, d.From, d.Stop)
	}
	for _, a := range r.Alarms {
		texts = append(texts, a.Text)
	}
	for _, m := range []map[string]string{r.Settings, r.Convention} {
		for name, v := range m {
			texts = append(texts, name, v)
		}
	}
	for _, t := range texts {
		if !utf8.ValidString(t) {
			return fmt.Errorf("%q is not UTF-8", t)
		}
	}
	return nil
}

// errContradiction is wrapped by the error about a line that cannot be true beside an earlier one.
var errContradiction = errors.New("delete the line that is wrong")

// claims are what the lines of one file have said so far.
type claims struct {
	cells map[string]*cellClaims
	last  *cellClaims // of the line before: a cell's lines stand together
}

// cellClaims are the lines of one cell, by their index among the records of the file.
type cellClaims struct {
	first, line int // its first record, and the line of it
	values      []claim
	keys        map[Key]claim // once there are many
}

type claim struct{ at, line int }

// fewClaims is up to how many values of a cell are compared one by one.
const fewClaims = 32

// add errors if a record contradicts an earlier one: another value for the same measurement, or one cell of two models, data sets or seeds. A failure may be
// followed by the value of a second try.
func (c *claims) add(recs []Record, at, line int) error {
	r := &recs[at]
	cell := c.last
	if cell == nil || recs[cell.first].Cell != r.Cell {
		if c.cells == nil {
			c.cells = map[string]*cellClaims{}
		}
		if cell = c.cells[r.Cell]; cell == nil {
			cell = &cellClaims{first: at, line: line}
			c.cells[r.Cell] = cell
		}
		c.last = cell
	}
	if old := &recs[cell.first]; old.Model != r.Model || old.Dataset != r.Dataset || old.Seed != r.Seed {
		return fmt.Errorf("cell %.12q is %s on %s, seed %d, in line %d, and %s on %s, seed %d, here: %w",
			r.Cell, old.Model, old.Dataset, old.Seed, cell.line, r.Model, r.Dataset, r.Seed, errContradiction)
	}
	if r.Status == Failed {
		return nil
	}
	if old, ok := cell.find(recs, r.Key()); ok && !sameOutcome(recs[old.at], *r) {
		return fmt.Errorf("%s of %s on %s, seed %d, is %s here and %s in line %d: %w", outcomeName(*r), r.Model, r.Dataset, r.Seed, said(*r), said(recs[old.at]), old.line, errContradiction)
	}
	cell.keep(recs, claim{at, line})
	return nil
}

// find returns the last claim of a measurement.
func (c *cellClaims) find(recs []Record, k Key) (claim, bool) {
	if c.keys != nil {
		old, ok := c.keys[k]
		return old, ok
	}
	for _, old := range slices.Backward(c.values) {
		if recs[old.at].Key() == k {
			return old, true
		}
	}
	return claim{}, false
}

func (c *cellClaims) keep(recs []Record, now claim) {
	if c.keys == nil && len(c.values) < fewClaims {
		c.values = append(c.values, now)
		return
	}
	if c.keys == nil {
		c.keys = map[Key]claim{}
		for _, old := range c.values {
			c.keys[recs[old.at].Key()] = old
		}
	}
	c.keys[recs[now.at].Key()] = now
}

// said is a value with what may differ in it.
func said(r Record) string { return fmt.Sprintf("%v (%s)", r.Value, r.Status) }
