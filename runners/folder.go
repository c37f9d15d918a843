package runners

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/seal"
	"github.com/assay-gan/assay/reports"
)

// Folder is one run on disk:
//
//	run.json             plan, provenance
//	suite.yaml           the suite as written
//	claims.json          what the suite claims, and how many cells had ended when it was stated
//	published.json       figures of others that the suite refers to
//	pace.json            by what seconds became steps, of a suite whose budgets count seconds
//	commands.jsonl       by what commands it was begun and went on
//	records.jsonl        what was measured, appended as cells finish; in the plan's order once all have
//	cells/HASH.json      the records of a finished cell: it exists whole or not at all, so it is what says "finished" after kill -9
//	checkpoints/HASH.*   models in training, and as they ended; HASH.spent.json is the time a cell has taken so far, over all interruptions
//	artifacts/HASH/      pictures and curves of a cell
//	running/HASH.jsonl   how far the cells are that are being carried out, for who looks on
//	damaged/             what was found damaged, as it was: lines of records.jsonl, files of cells
//	index.sqlite         made from run.json and records.jsonl for who looks at the run; it may be deleted at any time
//	lock                 held by the process that writes
type Folder struct {
	Dir    string
	lock   *os.File
	writer *reports.Writer
	desk   desk
	origin Provenance
	before string // the build that wrote what is there
	damage damage
}

// runFile is run.json.
type runFile struct {
	Suite      string     `json:"suite"`
	Plan       string     `json:"plan"` // hash
	Protocol   string     `json:"protocol"`
	Provenance Provenance `json:"provenance"`
	Data       string     `json:"data,omitempty"` // folder of the data files
	Cells      []cellLine `json:"cells"`
	Skips      []Skip     `json:"skips,omitempty"`
	Study      []trackID  `json:"study,omitempty"`
}

type cellLine struct {
	Hash    string `json:"hash"`
	Phase   string `json:"phase,omitempty"` // of a study
	Model   string `json:"model"`
	Dataset string `json:"dataset"`
	Seed    uint64 `json:"seed"`
}

// finished is cells/HASH.json.
type finished struct {
	Build   string           `json:"build"`
	Data    string           `json:"data"` // content hash of the data set
	Records []reports.Record `json:"records"`
}

// check says why the file is not one that finish wrote for a cell.
func (f finished) check(c Cell) error {
	for _, r := range f.Records {
		if err := r.Check(); err != nil {
			return err
		}
		if r.Cell != c.Hash || r.Model != c.Label || r.Dataset != c.Dataset || r.Seed != c.Seed {
			return fmt.Errorf("records of %s on %s, seed %d", r.Model, r.Dataset, r.Seed)
		}
	}
	if len(f.Records) == 0 {
		return errors.New("no records")
	}
	return nil
}

// OpenFolder creates or opens a run folder for writing and locks it. Errors: another process holds it, it cannot be written, it is a folder with other
// things in it.
func OpenFolder(dir string, origin Provenance) (*Folder, error) {
	if err := ours(dir); err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, origin: origin}
	for _, d := range []string{dir, filepath.Join(dir, "cells"), filepath.Join(dir, "checkpoints"), filepath.Join(dir, "artifacts")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fmt.Errorf("run folder: %w; choose another as Options.Dir", err)
		}
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	f.lock = lock
	if err := f.sweep(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sweep removes what killed processes left half-written.
func (f *Folder) sweep() error {
	folders := []string{f.Dir, filepath.Join(f.Dir, "cells"), filepath.Join(f.Dir, "checkpoints")}
	cells, err := os.ReadDir(filepath.Join(f.Dir, "artifacts"))
	if err != nil {
		return err
	}
	for _, c := range cells {
		if c.IsDir() {
			folders = append(folders, reports.ArtifactDir(f.Dir, c.Name()))
		}
	}
	return atomicfile.Sweep(folders...)
}

// ours refuses a folder that holds something else: a mistyped --out must not fill somebody's home.
func ours(dir string) error {
	if dir == "" {
		return errors.New("run folder: none is named; give one as Options.Dir")
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("run folder: %w; choose another as Options.Dir", err)
	}
	for _, e := range entries {
		if e.Name() == "run.json" || e.Name() == "lock" {
			return nil
		}
	}
	return fmt.Errorf("run folder %s holds %q and is no run; choose an empty or a new folder as Options.Dir", dir, entries[0].Name())
}

// Close releases the folder.
func (f *Folder) Close() error {
	var err error
	if f.writer != nil {
		err = f.writer.Close()
	}
	return errors.Join(err, unlockFile(f.lock))
}

// Checkpoint is the file a cell's model is kept in.
func (f *Folder) Checkpoint(c Cell) string {
	return filepath.Join(f.Dir, "checkpoints", c.Trunk+".safetensors")
}

// spent is the time a cell took before it was interrupted; nothing where none is written down, or not legibly: it is no part of any value.
func (f *Folder) spent(c Cell) (s spent) {
	b, err := inputfile.Read(f.spentFile(c), maxCard)
	if err != nil || json.Unmarshal(b, &s) != nil {
		return spent{}
	}
	return s
}

func (f *Folder) spentFile(c Cell) string {
	return filepath.Join(f.Dir, "checkpoints", c.Trunk+".spent.json")
}

// noteSpent writes down what a cell took so far. What is lost with the machine is the time alone.
func (f *Folder) noteSpent(c Cell, s spent) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return loosely(f.spentFile(c), append(b, '\n'))
}

// maxCell bounds the file of a finished cell and run.json, in bytes.
const maxCell = 256 << 20

func (f *Folder) cellFile(c Cell) string { return filepath.Join(f.Dir, "cells", c.Hash+".json") }

// owned refuses a folder that holds a run of another suite, and notes which build wrote what is there.
func (f *Folder) owned(p *Plan) error {
	before := f.head()
	f.before = before.Provenance.Build
	if before.Suite != "" && before.Suite != p.Suite {
		return fmt.Errorf("run folder %s holds a run of suite %s, not of %s: its records would be lost; choose another as Options.Dir", f.Dir, before.Suite, p.Suite)
	}
	if other := otherStudy(before.Study, p.study); other != "" {
		return fmt.Errorf("run folder %s holds another study of suite %s (%s was searched otherwise): its records would be lost; choose another as Options.Dir", f.Dir, p.Suite, other)
	}
	return nil
}

// recall adds the records of those of the cells that are finished to done, by cell. Cells that another build of the program finished or left half-trained, and those
// that keep turns down, are thrown away; stale counts the finished ones among them.
func (f *Folder) recall(cells []Cell, keep func(Cell, finished) bool, done map[string][]reports.Record) (stale int, err error) {
	sameBuild := f.before == f.origin.Build
	for _, c := range cells {
		cell, unfinished := f.finished(c)
		if unfinished != nil && !errors.Is(unfinished, fs.ErrNotExist) {
			if err := f.asideCell(c, unfinished); err != nil {
				return 0, err
			}
		}
		if unfinished == nil && cell.Build == f.origin.Build && keep(c, cell) {
			done[c.Hash] = stamped(cell.Records, c.Study)
			continue
		}
		if unfinished == nil {
			stale++
		}
		for _, path := range []string{f.cellFile(c), f.Checkpoint(c), f.spentFile(c)} {
			if path != f.cellFile(c) && sameBuild && unfinished != nil {
				continue // an unfinished cell of this build goes on from here
			}
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, fmt.Errorf("run folder: %w", err)
			}
		}
	}
	return stale, nil
}

// finished reads the file of a finished cell. Errors: there is none (fs.ErrNotExist), or it is not as finish wrote it.
func (f *Folder) finished(c Cell) (cell finished, err error) {
	b, err := inputfile.Read(f.cellFile(c), maxCell)
	if err != nil {
		return cell, err
	}
	body, _, err := seal.Open(bytes.TrimSpace(b))
	if err != nil {
		return cell, err
	}
	if err := json.Unmarshal(body, &cell); err != nil {
		return cell, err
	}
	return cell, cell.check(c)
}

// begin writes run.json and suite.yaml, makes records.jsonl agree with the finished cells, and opens it.
func (f *Folder) begin(p *Plan, data string, done map[string][]reports.Record) error {
	if err := f.asideLines(done); err != nil {
		return err
	}
	if err := f.writeHead(p, data); err != nil {
		return err
	}
	if err := errors.Join(f.noteClaims(p, len(done)), f.notePublished(p), f.notePace(p)); err != nil {
		return err
	}
	if err := f.rewrite(p, done); err != nil {
		return err
	}
	var err error
	f.writer, err = reports.OpenWriter(filepath.Join(f.Dir, reports.RecordsFile))
	return err
}

// head is what run.json says of the run that is there; empty for a new folder.
func (f *Folder) head() (r runFile) {
	b, err := inputfile.Read(filepath.Join(f.Dir, "run.json"), maxCell)
	if err != nil || json.Unmarshal(b, &r) != nil {
		return runFile{}
	}
	return r
}

func (f *Folder) writeHead(p *Plan, data string) error {
	r := runFile{Suite: p.Suite, Plan: p.Hash, Protocol: Protocol, Provenance: f.origin, Data: data, Skips: p.Skips, Study: p.study}
	for _, c := range p.Cells {
		line := cellLine{Hash: c.Hash, Model: c.Label, Dataset: c.Dataset, Seed: c.Seed}
		if len(c.Study) > 0 {
			line.Phase = c.Study[0].Phase
		}
		r.Cells = append(r.Cells, line)
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(f.Dir, "run.json"), append(b, '\n')); err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(f.Dir, "suite.yaml"), p.Text)
}

// rewrite writes records.jsonl anew: the records of the finished cells in the plan's order. Whatever the order cells finished in, and however often the run
// was interrupted, the file ends the same.
func (f *Folder) rewrite(p *Plan, done map[string][]reports.Record) error {
	return atomicfile.Write(filepath.Join(f.Dir, reports.RecordsFile), func(w io.Writer) error {
		for _, c := range p.Cells {
			if err := reports.WriteRecords(w, stamped(done[c.Hash], c.Study)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// isDiskError says whether an error means that nothing more can be written, so that going on with other cells is pointless.
func isDiskError(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, syscall.EFBIG} {
		if errors.Is(err, e) {
			return true
		}
	}
	var p *fs.PathError
	return errors.As(err, &p) && (p.Op == "write" || p.Op == "sync") && errors.Is(err, fs.ErrPermission)
}
