package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// kept are the values of a study that are committed, with every failure; the others stay in the run folder: a few thousand cells are to stay small.
var kept = []string{"fd", "modes", "modes_share", "hq", "modes_kl", "polygon_precision", "polygon_recall", "polygon_f1"}

// about is what a page says of a recorded study beside its records.
type about struct {
	Suite   string             `json:"suite"`
	Date    string             `json:"date"` // the day its last cell ended
	Cells   int                `json:"cells"`
	Values  int                `json:"values"`
	Dropped []string           `json:"dropped,omitempty"` // values that were measured and are not committed
	Machine runners.Provenance `json:"machine"`
	Claims  []reports.Claim    `json:"claims,omitempty"` // as the run folder noted them: when each was stated
}

// Names of the files of a study below the project's root.
func recordsOf(suite string) string { return filepath.Join("docs", "results", suite+".jsonl.gz") }
func aboutOf(suite string) string   { return filepath.Join("docs", "results", suite+".about.json") }

// collect takes the records of a finished study. What is not finished, or of another study than the suite as it is now, is refused.
func collect(root, dir string) (a about, err error) {
	var head struct {
		Suite      string             `json:"suite"`
		Provenance runners.Provenance `json:"provenance"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(text, &head)
	}
	if err != nil {
		return a, fmt.Errorf("%s is no run folder: %w", dir, err)
	}
	run, err := reports.LoadRecords(dir)
	if err != nil {
		return a, err
	}
	if len(run.Notes) > 0 {
		return a, fmt.Errorf("%s: %s", dir, run.Notes[0])
	}
	if err := belongs(head.Suite, run.Records); err != nil {
		return a, fmt.Errorf("%s: %w", dir, err)
	}
	a = about{Suite: head.Suite, Machine: head.Provenance}
	if a.Claims, err = reports.ReadClaims(dir); err != nil {
		return a, err
	}
	if a.Date, err = dayOf(dir); err != nil {
		return a, err
	}
	recs := reports.Where(run.Records, func(r reports.Record) bool { return r.Status == reports.Failed || slices.Contains(kept, r.Metric) })
	cells := map[string]bool{}
	for _, r := range run.Records {
		cells[r.Cell] = true
		if r.Status != reports.Failed && !slices.Contains(kept, r.Metric) && !slices.Contains(a.Dropped, r.Metric) {
			a.Dropped = append(a.Dropped, r.Metric)
		}
	}
	slices.Sort(a.Dropped)
	a.Cells, a.Values = len(cells), len(recs)
	packed, err := pack(recs)
	if err != nil {
		return a, err
	}
	if text, err = json.MarshalIndent(a, "", "  "); err != nil {
		return a, err
	}
	if err := os.MkdirAll(filepath.Join(root, "docs", "results"), 0o755); err != nil {
		return a, err
	}
	return a, errors.Join(atomicfile.WriteBytes(filepath.Join(root, recordsOf(a.Suite)), packed), atomicfile.WriteBytes(filepath.Join(root, aboutOf(a.Suite)), append(text, '\n')))
}

// pack writes records as lines, compressed, the same bytes for the same records.
func pack(recs []reports.Record) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		err = errors.Join(reports.WriteRecords(z, recs...), z.Close())
	}
	return b.Bytes(), err
}

// dayOf is the day on which the last cell of a run ended.
func dayOf(dir string) (string, error) {
	var last time.Time
	err := filepath.WalkDir(filepath.Join(dir, "cells"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return err
	})
	if last.IsZero() && err == nil {
		err = fmt.Errorf("%s has no finished cell", dir)
	}
	return last.UTC().Format("2006-01-02"), err
}

// belongs says why records are not those of the whole study that the suite of that name plans now, or nil.
func belongs(suite string, recs []reports.Record) error {
	c, err := runners.OpenSuite(suite)
	if err != nil {
		return err
	}
	plan, err := runners.NewPlan(runners.DefaultKit(), c)
	if err == nil {
		plan, err = plan.Whole(recs)
	}
	if err != nil {
		return err
	}
	recorded, planned := map[string]bool{}, map[string]bool{}
	for _, r := range recs {
		recorded[r.Cell] = true
	}
	for _, cell := range plan.Cells {
		planned[cell.Hash] = true
		if !recorded[cell.Hash] {
			return fmt.Errorf("%s is planned as cell %s and not recorded: the suite was changed or the run is not finished", cell.Title(), cell.Hash)
		}
	}
	for _, r := range recs {
		if !planned[r.Cell] {
			return fmt.Errorf("%s on %s, seed %d, is recorded as cell %s and not planned: the suite was changed", r.Model, r.Dataset, r.Seed, r.Cell)
		}
	}
	return nil
}
