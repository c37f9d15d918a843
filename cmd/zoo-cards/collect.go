package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// note is what a page says of a cell beside its records.
type note struct {
	Verdict  string   `json:"verdict,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
	Date     string   `json:"date"`              // the day the cell finished
	Picture  string   `json:"picture,omitempty"` // file below docs/zoo/images
	Lines    []string `json:"lines,omitempty"`   // samples of sequences, as text
}

const (
	notesFile  = "cells.json"
	resultsDir = "results"
	imagesDir  = "images"
	shownLines = 8
)

// kept are the values that pages show; the rest of a run stays in its folder.
var kept = []string{"modes", "modes_share", "hq", "modes_kl", "modes_spread", "fd", "is", "precision", "recall", "density", "coverage", "sharpness", "class_entropy_gap", "gan_test",
	"gan_base", "correspondence", "joint_validity", "joint_variety", "duplicates", "nll_oracle", "self_bleu", "distinct", "psnr", "cycle_error"}

// illustrated are the suites whose samples are shown; those of the others are counted only.
var illustrated = []string{"cards", "mnist20", "conditional", "cifar10"}

// collect takes a run folder's records, verdicts and pictures. What docs had of the same model on the same data set in the same suite makes room, unless it is of
// another seed and of the same settings: a suite may be run in parts.
func collect(docs, dir string) (cells int, err error) {
	run, err := reports.Load(dir)
	if err != nil {
		return 0, err
	}
	suite, err := suiteOf(dir)
	if err != nil {
		return 0, err
	}
	notes, err := readNotes(docs)
	if err != nil {
		return 0, err
	}
	file := filepath.Join(docs, resultsDir, suite+".jsonl")
	old, _, err := reports.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	type key struct{ model, dataset string }
	fresh := map[key]map[string]bool{} // settings and seeds
	var recs []reports.Record
	seen := map[string]bool{}
	for _, r := range run.Records {
		k := key{r.Model, r.Dataset}
		if fresh[k] == nil {
			fresh[k] = map[string]bool{}
		}
		fresh[k][r.SettingsID], fresh[k][seedOf(r)] = true, true
		if r.CellFailed() && reports.IsReference(r.Model) {
			continue // no truth to draw from
		}
		if r.CellFailed() || r.Status != reports.Failed && slices.Contains(kept, r.Metric) {
			recs = append(recs, r)
		}
		if seen[r.Cell] {
			continue
		}
		seen[r.Cell] = true
		if notes[r.Cell], err = noteOf(docs, dir, suite, r); err != nil {
			return 0, err
		}
	}
	for _, r := range old {
		if now := fresh[key{r.Model, r.Dataset}]; now == nil || now[r.SettingsID] && !now[seedOf(r)] {
			recs = append(recs, r)
		}
	}
	slices.SortStableFunc(recs, func(a, b reports.Record) int {
		return strings.Compare(fmt.Sprintf("%s %s %09d", a.Dataset, a.Model, a.Seed), fmt.Sprintf("%s %s %09d", b.Dataset, b.Model, b.Seed))
	})
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return 0, err
	}
	var b bytes.Buffer
	for _, r := range recs {
		line, err := json.Marshal(r)
		if err != nil {
			return 0, err
		}
		b.Write(append(line, '\n'))
	}
	if err := atomicfile.WriteBytes(file, b.Bytes()); err != nil {
		return 0, err
	}
	return len(seen), writeNotes(docs, notes)
}

func seedOf(r reports.Record) string { return fmt.Sprint("seed ", r.Seed) }

// suiteOf reads which suite a folder is a run of.
func suiteOf(dir string) (string, error) {
	var head struct {
		Suite string `json:"suite"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(b, &head)
	}
	if err != nil {
		return "", fmt.Errorf("run folder: %w", err)
	}
	return head.Suite, nil
}

func readNotes(docs string) (map[string]note, error) {
	notes := map[string]note{}
	b, err := os.ReadFile(filepath.Join(docs, resultsDir, notesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return notes, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &notes)
	}
	return notes, err
}

// writeNotes keeps the notes of the cells that have records.
func writeNotes(docs string, notes map[string]note) error {
	files, err := filepath.Glob(filepath.Join(docs, resultsDir, "*.jsonl"))
	if err != nil {
		return err
	}
	live := map[string]note{}
	for _, f := range files {
		var recs []reports.Record
		if recs, _, err = reports.ReadFile(f); err != nil {
			return err
		}
		for _, r := range recs {
			live[r.Cell] = notes[r.Cell]
		}
	}
	b, err := json.MarshalIndent(live, "", " ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(docs, resultsDir, notesFile), append(b, '\n'))
}

// noteOf takes a cell's verdict, day and picture.
func noteOf(docs, dir, suite string, r reports.Record) (n note, err error) {
	a, _ := reports.ReadArtifacts(dir, r.Cell)
	if a.Verdict != nil {
		n.Verdict, n.Evidence = a.Verdict.Word, a.Verdict.Evidence
	}
	for _, f := range []string{filepath.Join(dir, "cells", r.Cell+".json"), filepath.Join(dir, reports.RecordsFile)} {
		if st, err := os.Stat(f); err == nil {
			n.Date = st.ModTime().UTC().Format("2006-01-02")
			break
		}
	}
	if !slices.Contains(illustrated, suite) || !firstSeed(suite, r.Seed) || reports.IsReference(r.Model) && r.Model != reports.Perfect {
		return n, nil
	}
	name := fmt.Sprintf("%s-%s", r.Model, r.Dataset)
	to := func(ending string) string { return filepath.Join(docs, imagesDir, name+ending) }
	if err := os.MkdirAll(filepath.Join(docs, imagesDir), 0o755); err != nil {
		return n, err
	}
	switch {
	case a.Samples != "":
		n.Picture = name + ".png"
		err = copySheet(a.Samples, to(".png"))
	case a.Scatter != nil:
		n.Picture = name + ".svg"
		err = atomicfile.WriteBytes(to(".svg"), scatterSVG(a.Scatter))
	}
	if text, err := os.ReadFile(filepath.Join(reports.ArtifactDir(dir, r.Cell), "samples.txt")); err == nil {
		n.Lines = strings.Split(strings.TrimSpace(string(text)), "\n")
		n.Lines = n.Lines[:min(shownLines, len(n.Lines))]
	}
	return n, err
}

// firstSeed says whether a seed is the one whose pictures are shown: the first of an embedded suite.
func firstSeed(suite string, seed uint64) bool {
	c, err := runners.OpenSuite(suite)
	return err != nil || len(c.Seeds) == 0 || c.Seeds[0] == seed
}

const (
	sheetRows    = 10     // of a run's contact sheet
	keptRows     = 5      // at most
	largestImage = 40_000 // bytes
)

// copySheet keeps the upper rows of a contact sheet, as many as make a small file.
func copySheet(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	for rows := keptRows; ; rows-- {
		b, err := upper(m, rows)
		if err != nil {
			return err
		}
		if len(b) <= largestImage || rows == 1 {
			return atomicfile.WriteBytes(to, b)
		}
	}
}

// upper is a picture's first rows as PNG, grey where it is grey.
func upper(m image.Image, rows int) ([]byte, error) {
	box := m.Bounds()
	box.Max.Y = box.Min.Y + (box.Dy()*rows+sheetRows-1)/sheetRows
	out := image.NewRGBA(box)
	grey, isGrey := image.NewGray(box), true
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := m.At(x, y)
			out.Set(x, y, c)
			grey.Set(x, y, c)
			r, g, b, _ := c.RGBA()
			isGrey = isGrey && r == g && g == b
		}
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if isGrey {
		err := enc.Encode(&b, grey)
		return b.Bytes(), err
	}
	err := enc.Encode(&b, out)
	return b.Bytes(), err
}
