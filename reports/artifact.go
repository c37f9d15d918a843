package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/inputfile"
)

// Scatter is what a toy model drew, over the true modes: artifacts/CELL/scatter.json.
type Scatter struct {
	Points [][2]float64 `json:"points"`
	Modes  [][2]float64 `json:"modes"`
	Sigma  float64      `json:"sigma"` // standard deviation of each mode
}

// Series is one line of the training curves.
type Series struct {
	Name   string    `json:"name"`
	Steps  []int     `json:"steps"`
	Values []float64 `json:"values"`
}

// Curves are what training logged: artifacts/CELL/curves.json.
type Curves struct {
	Series []Series `json:"series"`
}

// Verdict is what the mode detectors say of a model's samples: artifacts/CELL/verdict.json. Word is one word for the header ("healthy", "collapsed",
// "dropping", "memorising"), Evidence the numbers it rests on, a sentence each.
type Verdict struct {
	Word     string    `json:"word"`
	Evidence []string  `json:"evidence"`
	Readings []Reading `json:"readings,omitempty"` // everything that was looked at
}

// artifactsDir is the folder of a run that holds a folder for each cell.
const artifactsDir = "artifacts"

// Names of the files in a cell's artifact folder.
const (
	samplesFile = "samples.png"
	missingFile = "missing.png"
	inventFile  = "invented.png"
	textFile    = "samples.txt"
	scatterFile = "scatter.json"
	curvesFile  = "curves.json"
	verdictFile = "verdict.json"
	watchFile   = "monitor.json"
)

// Artifacts are the pictures and series of one cell. What is missing is nil or "".
type Artifacts struct {
	Cell    string
	Samples string // path of the contact sheet
	Text    string // path of the samples as text, one a line

	Missing, Invented string // paths of the sheets of real samples that the model lacks, and of its own that the data lack

	Scatter *Scatter
	Curves  *Curves
	Verdict *Verdict
	Watch   *Watch // of a monitored run
}

// ArtifactDir is the folder of a cell's artifacts in a run folder.
func ArtifactDir(run, cell string) string { return filepath.Join(run, artifactsDir, cell) }

// SamplesPath is where a cell's contact sheet belongs.
func SamplesPath(run, cell string) string { return filepath.Join(ArtifactDir(run, cell), samplesFile) }

// MissingPath and InventedPath are where the sheets of a cell's verdict belong: a row for each part of the data that its samples lack, and for each part of them that
// the data lack.
func MissingPath(run, cell string) string { return filepath.Join(ArtifactDir(run, cell), missingFile) }

// InventedPath is described at MissingPath.
func InventedPath(run, cell string) string { return filepath.Join(ArtifactDir(run, cell), inventFile) }

// TextPath is where the samples of a cell belong that are read, not looked at: sentences, one a line.
func TextPath(run, cell string) string { return filepath.Join(ArtifactDir(run, cell), textFile) }

// WriteArtifacts writes what is not nil into a cell's artifact folder, each file whole or not at all. The contact sheet and the text are written by
// whoever has the samples, at SamplesPath and TextPath.
func WriteArtifacts(run, cell string, a Artifacts) error {
	files, err := a.Files()
	if err == nil {
		err = os.MkdirAll(ArtifactDir(run, cell), 0o755)
	}
	if err != nil {
		return err
	}
	return PutArtifacts(run, cell, files)
}

// Files returns what WriteArtifacts writes, by the names in the artifact folder.
func (a Artifacts) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	add := func(name string, there bool, v any) error {
		if !there {
			return nil
		}
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("artifacts of cell %.12q: %s: %w", a.Cell, name, err)
		}
		files[name] = append(b, '\n')
		return nil
	}
	err := errors.Join(add(scatterFile, a.Scatter != nil, a.Scatter), add(curvesFile, a.Curves != nil, a.Curves), add(verdictFile, a.Verdict != nil, a.Verdict),
		add(watchFile, a.Watch != nil, a.Watch))
	return files, err
}

// maxArtifact bounds a file of an artifact folder, in bytes.
const maxArtifact = 64 << 20

// ReadArtifacts reads a cell's artifact folder. What is not there is left out, and nothing of it is an error. A file that is there and does not parse is
// left out too, and named in gaps, so that one bad file costs one picture and not the report.
func ReadArtifacts(run, cell string) (a Artifacts, gaps []string) {
	f := openArtifacts(run, cell)
	a = f.glance()
	if s := new(Scatter); f.read(scatterFile, s) {
		a.Scatter = s
	}
	if c := new(Curves); f.read(curvesFile, c) {
		a.Curves = c
	}
	if w := new(Watch); f.read(watchFile, w) {
		if err := w.Check(); err != nil {
			f.gap(watchFile, err)
		} else {
			a.Watch = w
		}
	}
	return a, f.gaps
}

// artifactFolder is a cell's artifact folder that is being read.
type artifactFolder struct {
	dir, cell string
	names     map[string]bool // of its files
	gaps      []string
}

// openArtifacts lists a cell's artifact folder: asking for each file by its name would take four times as long where most are missing.
func openArtifacts(run, cell string) *artifactFolder {
	f := &artifactFolder{dir: ArtifactDir(run, cell), cell: cell, names: map[string]bool{}}
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.gaps = append(f.gaps, fmt.Sprintf("%s: %v", filepath.Join("artifacts", cell), err))
	}
	for _, e := range entries {
		f.names[e.Name()] = true
	}
	return f
}

// glance is what stands in the names of the files and in the verdict: all that is asked of cells whose pictures are not shown.
func (f *artifactFolder) glance() Artifacts {
	a := Artifacts{Cell: f.cell}
	for name, to := range map[string]*string{samplesFile: &a.Samples, textFile: &a.Text, missingFile: &a.Missing, inventFile: &a.Invented} {
		if f.names[name] {
			*to = filepath.Join(f.dir, name)
		}
	}
	if v := new(Verdict); f.read(verdictFile, v) {
		a.Verdict = v
	}
	return a
}

func (f *artifactFolder) read(name string, v any) bool {
	if !f.names[name] {
		return false
	}
	b, err := inputfile.Read(filepath.Join(f.dir, name), maxArtifact)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		f.gap(name, err)
	}
	return err == nil
}

func (f *artifactFolder) gap(name string, err error) {
	f.gaps = append(f.gaps, fmt.Sprintf("%s: %v", filepath.Join("artifacts", f.cell, name), err))
}
