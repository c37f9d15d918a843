package runners

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
)

// together finishes all cells of a plan while nobody may write, so that they are one group, and returns what each was told.
func together(t *testing.T, f *Folder, p *Plan, spoil int) []error {
	t.Helper()
	f.desk.writing.Lock()
	errs := make([]error, len(p.Cells))
	var group sync.WaitGroup
	for i, c := range p.Cells {
		group.Go(func() {
			var files atomicfile.Batch
			if errs[i] = files.WriteBytes(filepath.Join(f.Dir, "artifacts", c.Hash, "a.txt"), []byte(c.Hash)); errs[i] != nil {
				return
			}
			if i == spoil {
				files.Discard()
				if errs[i] = files.WriteBytes(filepath.Join(f.Dir, "gone", "a.txt"), nil); errs[i] == nil {
					errs[i] = os.RemoveAll(filepath.Join(f.Dir, "gone"))
				}
			}
			rec := reports.Record{Cell: c.Hash, Model: "quick", Dataset: "ring", SettingsID: c.SettingsID, Seed: c.Seed, Step: 1, N: 10, Metric: "fd", Better: reports.Lower, Value: float64(i), Status: reports.OK}
			errs[i] = f.finish(c, "data", []reports.Record{rec}, &files)
		})
	}
	for waiting := 0; waiting < len(p.Cells); time.Sleep(time.Millisecond) {
		f.desk.mu.Lock()
		waiting = len(f.desk.waiting)
		f.desk.mu.Unlock()
	}
	f.desk.writing.Unlock()
	group.Wait()
	return errs
}

// Cells that wait are written down together: every one with its lines, its own file and its artifacts, each once. Where the files of one cannot be forced to the disk
// none counts as finished, and each is told.
func TestCellsThatWaitAreWrittenDownTogether(t *testing.T) {
	p := planFor(t, fakeKit(), "name: empty\nsamples: 10\nfloor: false\nseeds: [1, 2, 3, 4, 5]\ndatasets:\n  - {name: ring, train: 50, test: 50, hold: 1}\nmodels: [{name: quick, settings: {steps: 1}}]\nfeaturizers: [none]\nmetrics: [fd]\n")
	for _, spoil := range []int{-1, 2} {
		dir := filepath.Join(t.TempDir(), "run")
		f, err := OpenFolder(dir, Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.begin(p, "data", map[string][]reports.Record{}); err != nil {
			t.Fatal(err)
		}
		errs := together(t, f, p, spoil)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, reports.RecordsFile))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i, c := range p.Cells {
			_, cellErr := f.finished(c)
			_, fileErr := os.Stat(filepath.Join(dir, "artifacts", c.Hash, "a.txt"))
			lines := strings.Count(string(text), fmt.Sprintf("%q", c.Hash))
			if spoil < 0 && (errs[i] != nil || cellErr != nil || fileErr != nil || lines != 1) {
				t.Errorf("cell %d: told %v, its file %v, its artifact %v, %d lines", i, errs[i], cellErr, fileErr, lines)
			}
			if spoil >= 0 && (errs[i] == nil || cellErr == nil || lines != 0) {
				t.Errorf("cell %d: told %v, its file %v, %d lines", i, errs[i], cellErr, lines)
			}
			want = append(want, c.Hash)
		}
		if slices.Sort(want); len(slices.Compact(want)) != len(p.Cells) {
			t.Fatal("cells share a name")
		}
	}
}
