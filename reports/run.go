package reports

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/internal/inputfile"
)

// RecordsFile is the name of the records in a run folder.
const RecordsFile = "records.jsonl"

// Run is what a report is made of: the records of a run folder, and its pictures where it has them.
type Run struct {
	ID        string // name of the folder
	Dir       string // "" for a run made from records alone
	Records   []Record
	Artifacts map[string]Artifacts // by cell
	Claims    []Claim              // of the suite, from claims.json
	Published []Published          // figures that the suite refers to, from published.json
	Commands  []Command            // that it was made by, from commands.jsonl
	Notes     []string             // what reading had to leave out: a torn line, an artifact that does not parse

	unread map[string]unread // cells of which something is read when it is shown
}

// unread is what a cell has that was not read.
type unread struct{ pictures, watch bool }

// NewRun makes a run of records alone. Its records are de-duplicated (see Distinct).
func NewRun(id string, recs []Record) *Run {
	return &Run{ID: id, Records: Distinct(recs), Artifacts: map[string]Artifacts{}}
}

// load reads a records file, and says what it had to leave out. Of a cell with a damaged line nothing is kept: the rest of it would be counted as the whole.
func load(path string) (recs []Record, notes []string, err error) {
	f, err := openRecords(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	all, err := scan(f, path)
	if err == nil && all.sealed == 0 {
		err = all.firstDamage(path)
	}
	if err != nil {
		return nil, nil, err
	}
	base := filepath.Base(path)
	if all.torn != nil {
		notes = append(notes, base+": "+all.torn.String())
	}
	for _, d := range all.damage {
		note := fmt.Sprintf("%s: %s; its cell is left out", base, d)
		if len(d.cells(all.recs)) != 1 {
			note = fmt.Sprintf("%s: %s; its cell cannot be read, and both beside it are left out", base, d)
		}
		notes = append(notes, note+": run `assay bench` again")
	}
	return Undamaged(all.recs, all.damage), notes, nil
}

// Load reads a run folder (runs/ID), or a records file, which may be packed by gzip (records.jsonl.gz). A missing artifact leaves a gap in the report and is no error. In a file whose lines have checksums a
// damaged line is no error either: the records of its cell are left out, and a note names file, line and cell. Errors: no records, or in a file without checksums
// a line that is none (file and line are named).
func Load(path string) (*Run, error) {
	r, err := LoadRecords(path)
	if err != nil || r.Dir == "" {
		return r, err
	}
	for of := range cellsOf(r.Records) {
		if _, ok := r.Artifacts[of[0].Cell]; !ok {
			r.readAll(of[0].Cell)
		}
	}
	return r, nil
}

// LoadForReport is Load for who makes a report and asks for nothing else: of pictures, curves and what monitors saw, which are most of a large run, those are read that the report shows.
func LoadForReport(path string) (*Run, error) {
	r, err := LoadRecords(path)
	if err != nil || r.Dir == "" {
		return r, err
	}
	there := map[string]bool{}
	entries, err := os.ReadDir(filepath.Join(r.Dir, artifactsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.Notes = append(r.Notes, err.Error())
	}
	for _, e := range entries {
		there[e.Name()] = true
	}
	r.unread = map[string]unread{}
	for of := range cellsOf(r.Records) {
		cell := of[0].Cell
		if _, ok := r.Artifacts[cell]; ok {
			continue
		}
		if !there[cell] {
			r.Artifacts[cell] = Artifacts{Cell: cell}
			continue
		}
		f := openArtifacts(r.Dir, cell)
		r.Artifacts[cell] = f.glance()
		r.Notes = append(r.Notes, f.gaps...)
		if left := (unread{f.names[scatterFile] || f.names[curvesFile], f.names[watchFile]}); left != (unread{}) {
			r.unread[cell] = left
		}
	}
	return r, nil
}

// readAll reads a cell's artifact folder.
func (r *Run) readAll(cell string) {
	a, gaps := ReadArtifacts(r.Dir, cell)
	r.Artifacts[cell] = a
	for _, g := range gaps {
		if !slices.Contains(r.Notes, g) { // of the verdict it may have been told before
			r.Notes = append(r.Notes, g)
		}
	}
	delete(r.unread, cell)
}

// shown are the artifacts of a cell that is shown, read by now.
func (r *Run) shown(cell string) Artifacts {
	if _, ok := r.unread[cell]; ok {
		r.readAll(cell)
	}
	return r.Artifacts[cell]
}

// LoadRecords is Load without the artifacts.
func LoadRecords(path string) (*Run, error) {
	dir, file := path, filepath.Join(path, RecordsFile)
	info, err := inputfile.Stat(path)
	switch {
	case errors.Is(err, inputfile.ErrKind):
		return nil, err
	case err == nil && !info.IsDir():
		dir, file = "", path
	}
	recs, notes, err := load(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no records at %s: give a run folder (runs/ID) or a .jsonl file: %w", file, err)
	}
	if err != nil {
		return nil, err
	}
	if len(recs) == 0 {
		return nil, fmt.Errorf("%s holds no record yet: run `assay bench` first", file)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	r := NewRun(filepath.Base(abs), recs)
	r.Dir = dir
	r.Notes = notes
	if dir != "" {
		if r.Claims, err = ReadClaims(dir); err != nil { // the values stand without
			r.Notes = append(r.Notes, err.Error())
		}
		if r.Published, err = ReadPublished(dir); err != nil {
			r.Notes = append(r.Notes, err.Error())
		}
		if r.Commands, err = ReadCommands(dir); err != nil {
			r.Notes = append(r.Notes, err.Error())
		}
	}
	return r, nil
}
