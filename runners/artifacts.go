package runners

import (
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/reports"
)

const (
	sheetSide     = 10   // samples a row and a column of a contact sheet; with ten classes a column is a class
	scatterPoints = 2000 // most points of a scatter: more hide one another
)

// artifacts writes the cell's pictures and curves.
func (e *execution) artifacts(c Cell, out outcome) error {
	a := reports.Artifacts{Cell: c.Hash, Verdict: out.verdict, Curves: trainingCurves(out), Watch: out.watch}
	if !out.samples.IsImage() && (out.samples.Dim() == 2 || alongLine(out)) {
		a.Scatter = scatter(out)
	}
	files, err := a.Files()
	if err != nil {
		return err
	}
	if err := putArtifacts(&e.batch, e.folder.Dir, c.Hash, files); err != nil {
		return err
	}
	if !out.samples.IsImage() {
		if text := sentences(out); text != "" {
			return e.batch.WriteBytes(reports.TextPath(e.folder.Dir, c.Hash), []byte(text))
		}
		return nil
	}
	sheet, err := Sheet(out.samples, out.sources, sheetSide*sheetSide, sheetSide)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		path  string
		sheet *imaging.Image
	}{{reports.SamplesPath(e.folder.Dir, c.Hash), sheet}, {reports.MissingPath(e.folder.Dir, c.Hash), out.missing}, {reports.InventedPath(e.folder.Dir, c.Hash), out.invented}} {
		if m.sheet == nil {
			continue
		}
		if err := e.batch.Write(m.path, func(w io.Writer) error { return imaging.EncodePNG(w, m.sheet) }); err != nil {
			return err
		}
	}
	return nil
}

// putArtifacts is reports.PutArtifacts into a batch.
func putArtifacts(b *atomicfile.Batch, run, cell string, files map[string][]byte) error {
	if err := reports.CheckArtifactFiles(files); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := b.WriteBytes(filepath.Join(reports.ArtifactDir(run, cell), name), files[name]); err != nil {
			return err
		}
	}
	return nil
}

func trainingCurves(out outcome) *reports.Curves {
	if len(out.curves) == 0 {
		return nil
	}
	c := &reports.Curves{}
	for _, s := range out.curves {
		c.Series = append(c.Series, reports.Series{Name: s.Name, Steps: s.Steps, Values: s.Values})
	}
	return c
}

// watched writes what a monitor saw of a cell that has no samples: how it came to fail.
func (e *execution) watched(c Cell, out outcome) error {
	if out.watch == nil {
		return nil
	}
	files, err := reports.Artifacts{Cell: c.Hash, Curves: trainingCurves(out), Watch: out.watch}.Files()
	if err != nil {
		return err
	}
	return putArtifacts(&e.batch, e.folder.Dir, c.Hash, files)
}

// alongLine says whether both domains of a translation are lines: the picture then has the source below and the target up.
func alongLine(out outcome) bool {
	return out.sources != nil && out.sources.Dim() == 1 && out.samples.Dim() == 1
}

func scatter(out outcome) *reports.Scatter {
	s := &reports.Scatter{Points: [][2]float64{}, Modes: [][2]float64{}}
	for i := range min(out.samples.Len(), scatterPoints) {
		r := out.samples.Row(i)
		if alongLine(out) {
			r = []float32{out.sources.Row(i)[0], r[0]}
		}
		s.Points = append(s.Points, [2]float64{float64(r[0]), float64(r[1])})
	}
	if truth := out.set.truth(); truth != nil {
		s.Sigma = truth.Sigma
		for _, m := range truth.Modes {
			s.Modes = append(s.Modes, [2]float64{m[0], m[1]})
		}
	}
	return s
}

// Sheet lays the first n images out in rows. With sources given (a translation model's), every image stands right of the one it was made from.
func Sheet(s, sources *datasets.Samples, n, cols int) (*imaging.Image, error) {
	var images []*imaging.Image
	add := func(s *datasets.Samples, i int) error {
		m, err := Picture(s, i)
		images = append(images, m)
		return err
	}
	for i := 0; i < s.Len() && len(images) < n; i++ {
		if sources != nil {
			if err := add(sources, i); err != nil {
				return nil, err
			}
		}
		if err := add(s, i); err != nil {
			return nil, err
		}
	}
	return imaging.ContactSheet(images, cols, 1)
}

// Picture is sample i as an image of 8 bits.
func Picture(s *datasets.Samples, i int) (*imaging.Image, error) {
	if !s.IsImage() {
		return nil, fault.Of(datasets.ErrShape, "samples of shape %v are no images", s.Shape)
	}
	return imaging.FromFloat(s.Shape[0], s.Shape[1], s.Shape[2], s.Row(i))
}
