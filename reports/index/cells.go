package index

import (
	"encoding/json"
	"math"

	"github.com/assay-gan/assay/reports"
)

// Cell is a finished cell.
type Cell struct {
	Hash        string
	Phase       string
	Model       string
	Dataset     string
	SettingsID  string
	Settings    map[string]string // nil where they were not asked for
	Seed        uint64
	Step        int
	Failed      bool // the whole cell has no value
	Cause       reports.Cause
	Error       string
	WallSeconds float64
	CPUSeconds  float64
	DSteps      int
	GSteps      int
	Samples     int
	Values      []Value
}

// Value is what a cell measured at its last step.
type Value struct {
	reports.Measure
	Better, Unit, Status string
	Value                float64
}

// cells adds the records of finished cells.
func (b *builder) cells(recs []reports.Record) error {
	add, err := b.tx.PrepareContext(b.ctx, `INSERT INTO cell VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return damagedBy(err)
	}
	defer add.Close()
	known, err := b.tx.PrepareContext(b.ctx, `SELECT count(*) FROM cell WHERE hash = ?`)
	if err != nil {
		return damagedBy(err)
	}
	defer known.Close()
	phase, err := b.phases()
	if err != nil {
		return err
	}
	for _, of := range byCell(recs) {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if b.head.Records.Size > 0 { // everything is read otherwise, and each cell comes once
			var n int
			if err := known.QueryRowContext(b.ctx, of[0].Cell).Scan(&n); err != nil {
				return damagedBy(err)
			}
			if n > 0 {
				return errAgain
			}
		}
		r := b.row(reports.Final(reports.Distinct(of)))
		b.count(phase(r.hash), r)
		if _, err := add.ExecContext(b.ctx, r.columns()...); err != nil {
			return damagedBy(err)
		}
	}
	return nil
}

// byCell gathers records by their cell, in the order of each cell's first.
func byCell(recs []reports.Record) [][]reports.Record {
	var out [][]reports.Record
	at := map[string]int{}
	for from := 0; from < len(recs); {
		to := from + 1
		for to < len(recs) && recs[to].Cell == recs[from].Cell {
			to++
		}
		if i, ok := at[recs[from].Cell]; ok {
			out[i] = append(out[i][:len(out[i]):len(out[i])], recs[from:to]...)
		} else {
			at[recs[from].Cell] = len(out)
			out = append(out, recs[from:to])
		}
		from = to
	}
	return out
}

// row is a row of the table of cells.
type row struct {
	hash, model, dataset, settingsID string
	seed                             uint64
	step                             int
	failed                           bool
	cause, err                       string
	wall, cpu                        float64
	dSteps, gSteps, samples          int
	vals                             []byte
	settings                         string
}

// row makes the row of a cell from its records.
func (b *builder) row(recs []reports.Record) row {
	first := recs[0]
	r := row{hash: first.Cell, model: first.Model, dataset: first.Dataset, settingsID: first.SettingsID, seed: first.Seed, step: first.Step}
	if text, err := json.Marshal(first.Settings); err == nil && len(first.Settings) > 0 {
		r.settings = string(text)
	}
	for _, rec := range recs {
		if c := rec.Cost; c.WallSeconds >= r.wall {
			r.wall, r.cpu, r.dSteps, r.gSteps, r.samples = c.WallSeconds, c.CPUSeconds, c.DSteps, c.GSteps, c.Samples
		}
		if rec.CellFailed() {
			r.failed, r.cause, r.err = true, string(rec.Cause), rec.Error
			continue
		}
		r.vals = appendValue(r.vals, b.head.measureID(Measure{rec.Measure(), rec.Better, rec.Unit}), rec.Status, rec.Value)
	}
	return r
}

// count adds a cell to its group.
func (b *builder) count(phase string, r row) {
	g := b.head.group(Group{Phase: phase, Model: r.model, Dataset: r.dataset, Failed: r.failed, Cause: reports.Cause(r.cause), Error: r.err})
	g.Cells++
	g.WallSeconds, g.CPUSeconds = g.WallSeconds+r.wall, g.CPUSeconds+r.cpu
	g.DSteps, g.GSteps = g.DSteps+r.dSteps, g.GSteps+r.gSteps
}

func (r *row) columns() []any {
	return []any{r.hash, r.model, r.dataset, r.settingsID, int64(r.seed), r.step, r.state(), r.cause, r.err, r.wall, r.cpu, r.dSteps, r.gSteps, r.samples, r.vals, r.settings, r.sum()}
}

func (r *row) state() int {
	if r.failed {
		return 1
	}
	return 0
}

// sum is the checksum of the row but for its settings, which have their own hash.
func (r *row) sum() int64 {
	s := new(rowSum).text(r.hash).text(r.model).text(r.dataset).text(r.settingsID).number(r.seed).number(uint64(r.step)).number(uint64(r.state())).text(r.cause).text(r.err)
	s.number(math.Float64bits(r.wall)).number(math.Float64bits(r.cpu)).number(uint64(r.dSteps)).number(uint64(r.gSteps)).number(uint64(r.samples))
	return int64(s.text(string(r.vals)).text(r.settings).sum)
}
