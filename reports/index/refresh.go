package index

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
)

// damagedBy marks an error of the database as one that a new file would mend, but for a file that another process holds.
func damagedBy(err error) error {
	var coded interface{ Code() int }
	const busy, locked, full, readOnly, cannotOpen, io = 5, 6, 13, 8, 14, 10
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.As(err, &coded) {
		switch coded.Code() & 0xff {
		case busy, locked, full, readOnly, cannotOpen, io:
			return err
		}
	}
	return fmt.Errorf("%w: %w", errStale, err)
}

// refresh brings the index up to date with the folder.
func (x *Index) refresh(ctx context.Context) error {
	if err := x.begin(ctx); err != nil {
		return err
	}
	plan, err := stampOf(filepath.Join(x.dir, planFile))
	if err != nil {
		return &truthError{err}
	}
	var f io.ReaderAt = bytes.NewReader(nil) // before the first record there is no file
	var now stamp
	file, size, err := inputfile.Open(filepath.Join(x.dir, reports.RecordsFile))
	switch {
	case err == nil:
		defer file.Close()
		f = file
		if now, err = stampFile(file, size); err != nil {
			return &truthError{err}
		}
	case !errors.Is(err, fs.ErrNotExist):
		return &truthError{err}
	}
	if now == x.head.Records.untailed() && plan == x.head.Plan && (x.glance || x.head.Rows) {
		return nil
	}
	grown, err := x.head.Records.grewTo(f, now)
	if err != nil {
		return &truthError{err}
	}
	if len(x.head.Damaged) > 0 { // what was left out may be mended by now, and stand anywhere
		grown = false
	}
	rows := !x.glance || x.head.Rows && grown
	if rows && !x.head.Rows {
		grown = false
	}
	return x.update(ctx, f, now, plan, grown, rows)
}

// update reads what is new, or everything, and writes it in one transaction: a row for every cell, or counts alone.
func (x *Index) update(ctx context.Context, f io.ReaderAt, now, plan stamp, grown, rows bool) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return damagedBy(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing is left to do after a commit
	b := &builder{ctx: ctx, tx: tx, head: x.head, dir: x.dir}
	if !grown {
		if _, err := tx.ExecContext(ctx, `DELETE FROM cell`); err != nil {
			return damagedBy(err)
		}
		b.head = head{Version: version, Rows: rows, Plan: x.head.Plan, Planned: x.head.Planned, Run: x.head.Run}
	}
	if plan != x.head.Plan || !grown {
		if err := b.plan(plan); err != nil {
			return err
		}
	}
	if err := b.records(f, now); err != nil {
		if errors.Is(err, errAgain) && (grown || !rows) {
			_ = tx.Rollback() // so that everything is read
			return x.update(ctx, f, now, plan, false, true)
		}
		return err
	}
	b.head.sort()
	text, err := b.head.text()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO head VALUES (1, ?)`, text); err != nil {
		return damagedBy(err)
	}
	if err := tx.Commit(); err != nil {
		return damagedBy(err)
	}
	x.head, x.plan = b.head, nil
	return nil
}

// stampOf is the stamp of a file by its name; the zero stamp where there is none.
func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, err
	}
	return stamp{Size: info.Size(), Time: info.ModTime().UnixNano(), Inode: inode(info)}, nil
}

// stampFile is the stamp of an open file. size is what it had when it was opened: what is appended from then on is for the next time.
func stampFile(f *os.File, size int64) (stamp, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return stamp{}, err
	}
	return stamp{Size: size, Time: info.ModTime().UnixNano(), Inode: inode(info)}, nil
}

func (s stamp) untailed() stamp {
	s.Tail = 0
	return s
}

// tailBytes is how much of the end of what was read is held against the file before more is read behind it.
const tailBytes = 64 << 10

// grewTo says whether the file is the one that was read, with more at its end.
func (s stamp) grewTo(f io.ReaderAt, now stamp) (bool, error) {
	if s.Size == 0 || now.Inode != s.Inode || now.Size < s.Size || now.Size == s.Size && now.Time != s.Time {
		return false, nil
	}
	tail, err := tailOf(f, s.Size)
	return tail == s.Tail, err
}

// tailOf is the checksum of the bytes before an offset.
func tailOf(f io.ReaderAt, end int64) (uint32, error) {
	from := max(0, end-tailBytes)
	b := make([]byte, end-from)
	if _, err := f.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return crc32.Checksum(b, table), nil
}

// builder writes into an index that is being made.
type builder struct {
	ctx  context.Context
	tx   *sql.Tx
	head head
	dir  string

	packed plan // nil until it is asked for
}

// plan reads run.json anew.
func (b *builder) plan(now stamp) error {
	b.head.Plan, b.head.Planned, b.head.Run = now, nil, Description{}
	b.packed = plan{}
	if err := b.writePack(planPack, nil); err != nil {
		return err
	}
	if now == (stamp{}) {
		return nil
	}
	text, err := inputfile.Read(filepath.Join(b.dir, planFile), maxPlan)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &truthError{err}
	}
	var run struct {
		Suite, Plan string
		Provenance  struct {
			Version, CPU string
			Cores        int
		}
		Cells []struct {
			Hash, Phase, Model, Dataset string
			Seed                        uint64
		}
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return &truthError{fmt.Errorf("%s: %w: run `assay bench` again, which writes it anew", filepath.Join(b.dir, planFile), err)}
	}
	b.head.Run = Description{run.Suite, run.Plan, run.Provenance.Version, run.Provenance.CPU, run.Provenance.Cores}
	type key struct{ phase, model, dataset string }
	at := map[key]int{}
	for _, c := range run.Cells {
		k := key{c.Phase, c.Model, c.Dataset}
		if _, ok := at[k]; !ok {
			at[k] = len(b.head.Planned)
			b.head.Planned = append(b.head.Planned, Planned{c.Phase, c.Model, c.Dataset, 0})
		}
		b.head.Planned[at[k]].Cells++
		b.packed = b.packed.with(c.Hash, at[k], c.Seed)
	}
	b.packed = b.packed.sorted()
	return b.writePack(planPack, b.packed)
}

// maxPlan bounds run.json, in bytes.
const maxPlan = 256 << 20

// errAgain says that a cell is in the index already: everything is to be read anew.
var errAgain = errors.New("a cell has more records than were read")

// records reads the records from where the head says to the end that now gives. What has no line end yet is left for the next time.
func (b *builder) records(f io.ReaderAt, now stamp) error {
	from := b.head.Records.Size
	end, err := lastLineEnd(f, from, now.Size)
	if err != nil {
		return &truthError{err}
	}
	read := b.rows
	if !b.head.Rows {
		read = b.counts
	}
	if err := read(io.NewSectionReader(f, from, end-from)); err != nil {
		return err
	}
	lines, err := countLines(f, from, end)
	if err != nil {
		return &truthError{err}
	}
	b.head.Lines += lines
	b.head.Records = now
	b.head.Records.Size = end
	if end != now.Size {
		b.head.Records.Time = 0 // there is more to come
	}
	b.head.Records.Tail, err = tailOf(f, end)
	if err != nil {
		return &truthError{err}
	}
	return nil
}

// rows makes a row for every cell of what is read.
func (b *builder) rows(r io.Reader) error {
	recs, damage, err := reports.Salvage(r, filepath.Join(b.dir, reports.RecordsFile))
	if err != nil {
		return &truthError{err}
	}
	if len(damage) > 0 && b.head.Records.Size > 0 { // the cell may begin before
		return errAgain
	}
	for _, d := range damage {
		b.head.Damaged = append(b.head.Damaged, fmt.Sprintf("%s: %s", reports.RecordsFile, d))
	}
	return b.cells(reports.Undamaged(recs, damage))
}

// lastLineEnd is the offset behind the last line end between two offsets.
func lastLineEnd(f io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for to > from {
		at := max(from, to-int64(len(buf)))
		n, err := f.ReadAt(buf[:to-at], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return at + int64(i) + 1, nil
		}
		to = at
	}
	return from, nil
}

func countLines(f io.ReaderAt, from, to int64) (n int, err error) {
	buf := make([]byte, 1<<20)
	in := io.NewSectionReader(f, from, to-from)
	for {
		k, err := in.Read(buf)
		n += bytes.Count(buf[:k], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
