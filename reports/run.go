package reports

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

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
	Notes     []string             // what reading had to leave out: a torn line, an artifact that does not parse
}

// NewRun makes a run of records alone. Its records are de-duplicated (see Distinct).
func NewRun(id string, recs []Record) *Run {
	return &Run{ID: id, Records: Distinct(recs), Artifacts: map[string]Artifacts{}}
}

// Load reads a run folder (runs/ID), or a records file. A missing artifact leaves a gap in the report and is no error. Errors: no records, or a line that
// is none (file and line are named).
func Load(path string) (*Run, error) {
	dir, file := path, filepath.Join(path, RecordsFile)
	info, err := inputfile.Stat(path)
	switch {
	case errors.Is(err, inputfile.ErrKind):
		return nil, err
	case err == nil && !info.IsDir():
		dir, file = "", path
	}
	recs, torn, err := ReadFile(file)
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
	if torn != nil {
		r.Notes = append(r.Notes, filepath.Base(file)+": "+torn.String())
	}
	if dir == "" {
		return r, nil
	}
	for _, rec := range r.Records {
		if _, ok := r.Artifacts[rec.Cell]; ok {
			continue
		}
		a, gaps := ReadArtifacts(dir, rec.Cell)
		r.Artifacts[rec.Cell] = a
		r.Notes = append(r.Notes, gaps...)
	}
	return r, nil
}
