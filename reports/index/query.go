package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/assay-gan/assay/reports"
)

// Run says what run it is.
func (x *Index) Run() Description { return x.head.Run }

// Planned returns the cells of the plan by phase, model and data set, in the plan's order.
func (x *Index) Planned() []Planned { return slices.Clone(x.head.Planned) }

// Groups returns the finished cells by phase, model, data set and how they ended.
func (x *Index) Groups() []Group { return slices.Clone(x.head.Groups) }

// Measures returns the kinds of values that there are.
func (x *Index) Measures() []Measure { return slices.Clone(x.head.Measures) }

// Damaged names the lines of the records that are damaged; their cells are not counted.
func (x *Index) Damaged() []string { return slices.Clone(x.head.Damaged) }

const columns = `hash, model, dataset, settings_id, seed, step, state, cause, error, wall, cpu, d_steps, g_steps, samples, vals, settings, crc`

// Cells yields every finished cell, in the order of the records. It ends with an error where the index is damaged: it is deleted by then, and the next Open makes
// another.
func (x *Index) Cells(ctx context.Context) iter.Seq2[Cell, error] {
	return func(yield func(Cell, error) bool) {
		n := 0
		for c, err := range x.query(ctx, `SELECT `+columns+` FROM cell ORDER BY id`) {
			if n++; !yield(c, err) || err != nil {
				return
			}
		}
		all := 0
		for _, g := range x.head.Groups {
			all += g.Cells
		}
		if n != all { // a page that lost rows is no error to the database
			yield(Cell{}, x.spoilt(fmt.Errorf("%d rows of %d", n, all)))
		}
	}
}

// Newest returns the cells that ended last, the newest first.
func (x *Index) Newest(ctx context.Context, n int) ([]Cell, error) {
	return collect(x.query(ctx, `SELECT `+columns+` FROM cell ORDER BY id DESC LIMIT ?`, n))
}

func collect(all iter.Seq2[Cell, error]) (out []Cell, err error) {
	for c, err := range all {
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Find returns a cell of the plan by its hash: its names and its seed. It is false where the plan has none.
func (x *Index) Find(ctx context.Context, hash string) (Cell, bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.plan == nil {
		data, err := readPack(ctx, x.db, planPack)
		if err != nil {
			return Cell{}, false, x.spoilt(err)
		}
		x.plan = data
	}
	part, seed, ok := x.plan.find(hash)
	if !ok || part >= len(x.head.Planned) {
		return Cell{}, false, nil
	}
	p := x.head.Planned[part]
	return Cell{Hash: hash, Phase: p.Phase, Model: p.Model, Dataset: p.Dataset, Seed: seed}, true, nil
}

// Finished says whether a cell has ended.
func (x *Index) Finished(ctx context.Context, hash string) (bool, error) {
	if !x.head.Rows {
		seen, err := readPack(ctx, x.db, seenPack)
		if err != nil {
			return false, x.spoilt(err)
		}
		return idsOf(seen)[idOf(hash)], nil
	}
	var n int
	err := x.db.QueryRowContext(ctx, `SELECT count(*) FROM cell WHERE hash = ?`, hash).Scan(&n)
	return n > 0, x.spoilt(err)
}

func (x *Index) query(ctx context.Context, text string, args ...any) iter.Seq2[Cell, error] {
	return func(yield func(Cell, error) bool) {
		rows, err := x.db.QueryContext(ctx, text, args...)
		if err != nil {
			yield(Cell{}, x.spoilt(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			c, err := x.scan(rows)
			if err != nil {
				yield(Cell{}, x.spoilt(err))
				return
			}
			if !yield(c, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Cell{}, x.spoilt(err))
		}
	}
}

// ErrDamaged is wrapped by the error for an index that is not as it was written. Open another: the damaged one is deleted.
var ErrDamaged = errors.New("index is damaged")

// spoilt is the error of a read; where it means that the index is damaged, the index is deleted.
func (x *Index) spoilt(err error) error {
	if err = damagedBy(err); errors.Is(err, errStale) {
		path := x.dir + "/" + File
		return fmt.Errorf("%w: %w", ErrDamaged, errors.Join(err, remove(path)))
	}
	return err
}

// scan reads a row and holds it against its checksum.
func (x *Index) scan(rows *sql.Rows) (Cell, error) {
	var r row
	var seed, state, crc int64
	if err := rows.Scan(&r.hash, &r.model, &r.dataset, &r.settingsID, &seed, &r.step, &state, &r.cause, &r.err, &r.wall, &r.cpu, &r.dSteps, &r.gSteps, &r.samples, &r.vals, &r.settings, &crc); err != nil {
		return Cell{}, err
	}
	if r.seed, r.failed = uint64(seed), state == 1; r.sum() != crc {
		return Cell{}, errors.New("a row does not match its checksum")
	}
	c := Cell{Hash: r.hash, Model: r.model, Dataset: r.dataset, SettingsID: r.settingsID, Seed: r.seed, Step: r.step, Failed: r.failed, Cause: reports.Cause(r.cause), Error: r.err,
		WallSeconds: r.wall, CPUSeconds: r.cpu, DSteps: r.dSteps, GSteps: r.gSteps, Samples: r.samples}
	whole := eachValue(r.vals, func(id int, status string, v float64) bool {
		if id >= len(x.head.Measures) {
			return false
		}
		m := x.head.Measures[id]
		c.Values = append(c.Values, Value{m.Measure, m.Better, m.Unit, status, v})
		return true
	})
	if !whole {
		return Cell{}, errors.New("a row holds no values")
	}
	if r.settings != "" {
		if err := json.Unmarshal([]byte(r.settings), &c.Settings); err != nil {
			return Cell{}, err
		}
	}
	return c, nil
}
