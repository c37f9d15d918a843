package runners

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/seal"
	"github.com/assay-gan/assay/reports"
)

// desk is where finished cells wait to be written down. Waiting for the disk takes longer than a small cell, and as long for many files as for one: who comes while others
// are written down waits, and the first of those who waited writes all of them down together.
type desk struct {
	writing sync.Mutex // held by who writes a group down
	mu      sync.Mutex // guards waiting
	waiting []*ending
}

// ending is a finished cell on its way to the disk.
type ending struct {
	files atomicfile.Batch // its artifacts and its model
	cell  atomicfile.Batch // cells/HASH.json
	recs  []reports.Record
	done  bool
	err   error
}

// finish records a finished cell with the files that belong to it, and returns when all of it is safe: first its artifacts and its model, then its own file, then its lines
// in the common one. A kill between the last two is repaired by begin. It may be called from several goroutines.
func (f *Folder) finish(c Cell, data string, recs []reports.Record, files *atomicfile.Batch) error {
	e := &ending{recs: recs}
	e.files.Add(files)
	if err := e.prepare(f, c, data); err != nil {
		e.files.Discard()
		return err
	}
	f.desk.mu.Lock()
	f.desk.waiting = append(f.desk.waiting, e)
	f.desk.mu.Unlock()

	f.desk.writing.Lock()
	defer f.desk.writing.Unlock()
	if e.done { // somebody who waited longer has taken it along
		return e.err
	}
	f.desk.mu.Lock()
	group := f.desk.waiting
	f.desk.waiting = nil
	f.desk.mu.Unlock()
	err := f.writeDown(group)
	for _, g := range group {
		g.done, g.err = true, err
	}
	return err
}

// prepare writes the cell's own file, without its name.
func (e *ending) prepare(f *Folder, c Cell, data string) error {
	for _, r := range e.recs {
		if err := r.Check(); err != nil {
			return fmt.Errorf("%s: record of %q: %w", c.Title(), r.Metric, err)
		}
	}
	b, err := json.Marshal(finished{f.origin.Build, data, e.recs})
	if err != nil {
		return err
	}
	return e.cell.WriteBytes(f.cellFile(c), append(seal.Add(b), '\n'))
}

// writeDown makes the cells of a group safe. Where that fails none of them counts as finished, though some may be found to be at the next start.
func (f *Folder) writeDown(group []*ending) error {
	var files, cells atomicfile.Batch
	var recs []reports.Record
	for _, e := range group {
		files.Add(&e.files)
		cells.Add(&e.cell)
		recs = append(recs, e.recs...)
	}
	if err := atomicfile.Commit(&files, &cells); err != nil {
		return err
	}
	return f.writer.Append(recs...)
}

// loosely writes a file that must be whole whenever the process ends, and may be lost with the machine: nobody waits for the disk.
func loosely(path string, content []byte) error {
	var b atomicfile.Batch
	if err := b.WriteBytes(path, content); err != nil {
		return err
	}
	return b.Publish()
}
