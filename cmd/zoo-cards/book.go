package main

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// book is everything the pages are made of.
type book struct {
	docs   string
	suites map[string][]reports.Record
	notes  map[string]note
	papers []paperRow
	trials []trial
	models []zoo.Model
}

// paperRow is one published number.
type paperRow struct {
	study, source, dataset, model, value string
	mean, err                            float64 // err is NaN where the paper gives none
}

func openBook(docs string) (*book, error) {
	b := &book{docs: docs, suites: map[string][]reports.Record{}, models: slices.Concat(zoo.All(), zoo.Controls())}
	files, err := filepath.Glob(filepath.Join(docs, resultsDir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		suite := strings.TrimSuffix(filepath.Base(f), ".jsonl")
		if b.suites[suite], _, err = reports.ReadFile(f); err != nil {
			return nil, err
		}
	}
	if b.notes, err = readNotes(docs); err != nil {
		return nil, err
	}
	if b.papers, err = readPapers(filepath.Join(docs, resultsDir, "papers.csv")); err != nil {
		return nil, err
	}
	if b.trials, err = readTrials(filepath.Join(docs, resultsDir, "defaults.csv")); err != nil {
		return nil, err
	}
	if err := b.readPaperRuns(); err != nil {
		return nil, err
	}
	run := filepath.Join(docs, "..", "results", "default.jsonl")
	if _, err := os.Stat(run); err != nil {
		return b, nil //nolint:nilerr // a folder of a test has none
	}
	b.suites["default"], _, err = reports.ReadFile(run)
	return b, err
}

// pages are the files of docs by name.
func (b *book) pages() map[string]string {
	pages := map[string]string{"STUDIES.md": b.studies(), filepath.Join("..", "PAPERS.md"): b.papersPage()}
	for _, m := range b.models {
		pages[m.Info().ID+".md"] = b.page(m.Info())
	}
	return pages
}

// readCSV reads a table with its header; one that is not there has no lines.
func readCSV(file string) ([][]string, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

func readPapers(file string) (rows []paperRow, err error) {
	lines, err := readCSV(file)
	if len(lines) == 0 {
		return nil, err
	}
	for _, l := range lines[1:] {
		p := paperRow{l[0], l[1], l[2], l[3], l[4], 0, math.NaN()}
		if p.mean, err = strconv.ParseFloat(l[5], 64); err != nil {
			return nil, err
		}
		if l[6] != "" {
			if p.err, err = strconv.ParseFloat(l[6], 64); err != nil {
				return nil, err
			}
		}
		rows = append(rows, p)
	}
	return rows, nil
}

// runs are the values of one metric over the seeds of a model on a data set, in the order of the seeds. A cell that has no such value counts as worst.
func (b *book) runs(suite, dataset, model, metric string, worst float64) (v []float64) {
	seen := map[string]int{}
	for _, r := range b.suites[suite] {
		if r.Model != model || r.Dataset != dataset {
			continue
		}
		i, ok := seen[r.Cell]
		if !ok {
			i = len(v)
			seen[r.Cell], v = i, append(v, worst)
		}
		if r.Metric == metric && r.Status != reports.Failed && (r.Reference == "" || r.Reference == "test") {
			v[i] = r.Value
		}
	}
	return v
}

// models of a suite on a data set, in the order of the catalog for known names, the reference rows last.
func (b *book) labels(suite, dataset string) (names []string) {
	for _, r := range b.suites[suite] {
		if r.Dataset == dataset && !slices.Contains(names, r.Model) {
			names = append(names, r.Model)
		}
	}
	rank := func(n string) int {
		switch n {
		case reports.Perfect:
			return 1001
		case reports.Real:
			return 1002
		case reports.Noise:
			return 1003
		}
		for i, m := range b.models {
			if id := m.Info().ID; n == id || strings.TrimRight(n, "0123456789") == id {
				return i
			}
		}
		return 1000
	}
	slices.SortStableFunc(names, func(x, y string) int { return rank(x) - rank(y) })
	return names
}

// datasetsOf lists the data sets of a suite.
func (b *book) datasetsOf(suite string) (names []string) {
	for _, r := range b.suites[suite] {
		if !slices.Contains(names, r.Dataset) {
			names = append(names, r.Dataset)
		}
	}
	return names
}
