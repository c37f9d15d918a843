package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/reports"
)

// The packs: the cells of the plan, and where there are no rows, those that were counted.
const (
	planPack = "plan"
	seenPack = "seen"
)

// id stands for the hash of a cell in a pack.
type id [12]byte

func idOf(hash string) id {
	sum := sha256.Sum256([]byte(hash))
	return id(sum[:])
}

// idsOf is a list of ids as a set.
func idsOf(list []byte) map[id]bool {
	set := make(map[id]bool, len(list)/len(id{}))
	for ; len(list) >= len(id{}); list = list[len(id{}):] {
		set[id(list)] = true
	}
	return set
}

// plan is the cells of a plan, sorted: of each its id, its part (the place in head.Planned) and its seed.
type plan []byte

const planEntry = len(id{}) + 4 + 8

func (p plan) with(hash string, part int, seed uint64) plan {
	of := idOf(hash)
	p = binary.BigEndian.AppendUint32(append(p, of[:]...), uint32(part)) //nolint:gosec // there are no more parts than cells
	return binary.BigEndian.AppendUint64(p, seed)
}

func (p plan) entry(i int) []byte { return p[i*planEntry : (i+1)*planEntry] }

func (p plan) sorted() plan {
	entries := make([][]byte, len(p)/planEntry)
	for i := range entries {
		entries[i] = p.entry(i)
	}
	slices.SortFunc(entries, bytes.Compare)
	return slices.Concat(entries...)
}

// find returns the part and the seed of a cell.
func (p plan) find(hash string) (part int, seed uint64, ok bool) {
	want := idOf(hash)
	lo, hi := 0, len(p)/planEntry
	for lo < hi {
		if mid := (lo + hi) / 2; bytes.Compare(p.entry(mid)[:len(want)], want[:]) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(p)/planEntry || !bytes.Equal(p.entry(lo)[:len(want)], want[:]) {
		return 0, 0, false
	}
	e := p.entry(lo)[len(want):]
	return int(binary.BigEndian.Uint32(e)), binary.BigEndian.Uint64(e[4:]), true
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readPack reads a pack and holds it against its checksum; nil where there is none.
func readPack(ctx context.Context, db querier, name string) ([]byte, error) {
	var data []byte
	var crc int64
	err := db.QueryRowContext(ctx, `SELECT data, crc FROM pack WHERE name = ?`, name).Scan(&data, &crc)
	if errors.Is(err, sql.ErrNoRows) {
		return []byte{}, nil
	}
	if err == nil && crc != packSum(name, data) {
		err = errors.New("a pack does not match its checksum")
	}
	return data, err
}

func packSum(name string, data []byte) int64 {
	return int64(crc32.Update(crc32.Checksum([]byte(name), table), table, data))
}

func (b *builder) writePack(name string, data []byte) error {
	_, err := b.tx.ExecContext(b.ctx, `INSERT OR REPLACE INTO pack VALUES (?, ?, ?)`, name, data, packSum(name, data))
	return damagedBy(err)
}

// phases tells the phase of a cell by its hash; "" where the plan has none.
func (b *builder) phases() (func(hash string) string, error) {
	if b.packed == nil {
		data, err := readPack(b.ctx, b.tx, planPack)
		if err != nil {
			return nil, damagedBy(err)
		}
		b.packed = data
	}
	return func(hash string) string {
		if part, _, ok := b.packed.find(hash); ok && part < len(b.head.Planned) {
			return b.head.Planned[part].Phase
		}
		return ""
	}, nil
}

// counts adds the cells of what is read to their groups, and makes no rows. errAgain says that rows are needed to tell how: a line is damaged, or a cell has records in
// several places.
func (b *builder) counts(r io.Reader) error {
	phase, err := b.phases()
	if err != nil {
		return err
	}
	list := []byte{}
	if b.head.Records.Size > 0 {
		if list, err = readPack(b.ctx, b.tx, seenPack); err != nil {
			return damagedBy(err)
		}
	}
	seen := idsOf(list)
	err = reports.Skim(r, filepath.Join(b.dir, reports.RecordsFile), func(of []reports.Record) error {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		cell := idOf(of[0].Cell)
		if seen[cell] {
			return errAgain
		}
		seen[cell], list = true, append(list, cell[:]...)
		b.count(phase(of[0].Cell), b.glanced(of))
		return nil
	})
	switch {
	case errors.Is(err, reports.ErrUnusual):
		return errAgain
	case errors.Is(err, errAgain) || b.ctx.Err() != nil:
		return err
	case err != nil:
		return &truthError{err}
	}
	return b.writePack(seenPack, list)
}

// glanced is the part of row that is counted.
func (b *builder) glanced(recs []reports.Record) row {
	last, failed, valued := 0, false, false
	for i := range recs {
		last = max(last, recs[i].Step)
		failed, valued = failed || recs[i].CellFailed(), valued || !recs[i].CellFailed()
	}
	if failed && valued { // which of them counts?
		recs = reports.Distinct(recs)
	}
	r := row{model: recs[0].Model, dataset: recs[0].Dataset}
	for i := range recs {
		rec := &recs[i]
		if !rec.CellFailed() && rec.Step != last || len(rec.Study) > 0 && rec.Reference == reports.HoldOut {
			continue // as reports.Final
		}
		if c := &rec.Cost; c.WallSeconds >= r.wall {
			r.wall, r.cpu, r.dSteps, r.gSteps = c.WallSeconds, c.CPUSeconds, c.DSteps, c.GSteps
		}
		if rec.CellFailed() {
			r.failed, r.cause, r.err = true, string(rec.Cause), rec.Error
		}
	}
	return r
}
