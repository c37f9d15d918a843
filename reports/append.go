package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
)

// ErrTaken is wrapped by the error for a record whose measurement the file already holds with another outcome.
var ErrTaken = errors.New("is in the file already")

// Appended says what Append did.
type Appended struct {
	Added    int   `json:"added"`
	Same     int   `json:"same"`     // were there already, equal to the bit: not written again
	Replaced int   `json:"replaced"` // older records that had to go
	Torn     *Torn `json:"torn,omitempty"`
}

// Append adds records of programs that come and go to a file, creating it where there is none. All of them are written or none, whatever kills the process:
// the new content takes the place of the old in one step. Processes that append at once wait for each other. Lines that stay keep their bytes; a torn last line
// is dropped and reported.
//
// A record that the file holds already (see Key) is left out where value and status are the same. Where they are not, and where a cell would be both a value
// and a failure, the error wraps ErrTaken, unless replace is set: then the older records go. Other errors: a line that is no record, a record that is none,
// the records of a run folder, which belong to bench, a cancelled context.
func Append(ctx context.Context, path string, recs []Record, replace bool) (Appended, error) {
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "run.json")); err == nil && filepath.Base(path) == RecordsFile {
		return Appended{}, fmt.Errorf("%s belongs to a run of bench, which would drop what is added: name a file of its own", path)
	}
	var done Appended
	err := rewrite(ctx, path, func(old []byte) ([]byte, error) {
		lines, torn, err := parseLines(old, path)
		if err != nil {
			return nil, err
		}
		done.Torn = torn
		if lines, err = done.add(lines, recs, replace); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if done.Added+done.Replaced == 0 && torn == nil {
			return old, nil
		}
		var b bytes.Buffer
		for _, l := range lines {
			b.Write(l.text)
			b.WriteByte('\n')
		}
		return b.Bytes(), nil
	})
	if err != nil {
		return Appended{}, err
	}
	return done, nil
}

// maxRecords bounds a file of records that is written to, in bytes.
const maxRecords = 1 << 36

// recordLine is a record and its bytes in the file, without the line end.
type recordLine struct {
	Record
	text []byte
}

func parseLines(text []byte, path string) ([]recordLine, *Torn, error) {
	recs, torn, err := Read(bytes.NewReader(text), path)
	if err != nil {
		return nil, nil, err
	}
	if torn != nil {
		text = text[:torn.At]
	}
	var lines []recordLine
	for l := range bytes.Lines(text) {
		if l = bytes.TrimSpace(l); len(l) > 0 {
			lines = append(lines, recordLine{recs[len(lines)], slices.Clip(l)})
		}
	}
	return lines, torn, nil
}

// add returns the lines with the records behind them.
func (a *Appended) add(lines []recordLine, recs []Record, replace bool) ([]recordLine, error) {
	for _, r := range recs {
		text, err := lineOf(r)
		if err != nil {
			return nil, err
		}
		same := slices.ContainsFunc(lines, func(l recordLine) bool { return l.Key() == r.Key() && sameOutcome(l.Record, r) })
		if same {
			a.Same++
			continue
		}
		before := len(lines)
		var taken *Record
		lines = slices.DeleteFunc(lines, func(l recordLine) bool {
			if !displaces(r, l.Record) {
				return false
			}
			taken = &l.Record
			return true
		})
		if taken != nil && !replace {
			return nil, fmt.Errorf("%s of %s on %s, seed %d, %w (%s, now %s): give another seed, or replace it", outcomeName(*taken), r.Model, r.Dataset, r.Seed, ErrTaken, outcome(*taken), outcome(r))
		}
		a.Replaced += before - len(lines)
		a.Added++
		lines = append(lines, recordLine{r, text})
	}
	return lines, nil
}

// displaces says whether two records cannot both stand: the same measurement, or a cell that failed and has a value.
func displaces(r, old Record) bool {
	return r.Key() == old.Key() || r.Cell == old.Cell && r.CellFailed() && !old.CellFailed() || r.Cell == old.Cell && old.CellFailed() && !r.CellFailed()
}

func sameOutcome(a, b Record) bool {
	return a.Status == b.Status && a.Error == b.Error && math.Float64bits(a.Value) == math.Float64bits(b.Value) && a.Provenance.DatasetHash == b.Provenance.DatasetHash
}

func outcomeName(r Record) string {
	if r.CellFailed() {
		return "the failure"
	}
	return r.Metric
}

func outcome(r Record) string {
	if r.Status == Failed {
		return "failed"
	}
	return Number(r.Value)
}

// rewrite changes a file under its lock, whole or not at all. change gets nil where there is no file.
func rewrite(ctx context.Context, path string, change func(old []byte) ([]byte, error)) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	lock, err := lockForAppend(ctx, path)
	if err != nil {
		return err
	}
	defer lock.Close()
	old, err := inputfile.Read(path, maxRecords)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := change(old)
	if err != nil || bytes.Equal(text, old) {
		return err
	}
	return atomicfile.WriteBytes(path, text)
}
