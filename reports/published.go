package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
)

// PublishedFile is the name of the file in a run folder that holds the figures that its suite refers to. No value depends on it.
const PublishedFile = "published.json"

// Published is a figure that somebody else has published. Tables show it as a grey row, with what was measured here as a multiple of it.
type Published struct {
	Model      string  `json:"model"` // as the suite names it, or another that was not run here
	Dataset    string  `json:"dataset"`
	Metric     string  `json:"metric"`
	Featurizer string  `json:"featurizer,omitempty"` // in which it was measured; "" stands for any
	Value      float64 `json:"value"`
	Source     string  `json:"source"` // a label of the bibliography
}

// Check says what is missing of a figure, in the words of a suite's keys.
func (p Published) Check() error {
	for _, f := range [][2]string{{"model", p.Model}, {"dataset", p.Dataset}, {"metric", p.Metric}, {"source", p.Source}} {
		if f[1] == "" {
			return fmt.Errorf("key %q is missing", f[0])
		}
	}
	if IsReference(p.Model) {
		return CheckModel(p.Model)
	}
	if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
		return errors.New(`key "value": want a finite number`)
	}
	return nil
}

// publishedDocument is published.json.
type publishedDocument struct {
	Published []Published `json:"published"`
}

// ReadPublished reads the published figures of a run folder: none, and no error, where it has no such file.
func ReadPublished(dir string) ([]Published, error) {
	path := filepath.Join(dir, PublishedFile)
	b, err := inputfile.Read(path, maxClaims)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var doc publishedDocument
	err = json.Unmarshal(b, &doc)
	for _, p := range doc.Published {
		if err == nil {
			err = p.Check()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: `assay bench` writes it anew", path, err)
	}
	return doc.Published, nil
}

// MarshalPublished is the text of published.json.
func MarshalPublished(p []Published) ([]byte, error) {
	b, err := json.MarshalIndent(publishedDocument{p}, "", "  ")
	return append(b, '\n'), err
}

// of says whether the figure belongs to a column.
func (p Published) of(dataset string, m Measure) bool {
	return p.Dataset == dataset && p.Metric == m.Metric && (p.Featurizer == "" || p.Featurizer == m.Featurizer)
}

// Measured returns what the runs say of a published figure: the median of its model in the first way that the metric was measured in, and that as a multiple of the figure. In a study the chosen settings stand
// for the model. ok is false where it was not run, or with several settings under one name; the multiple is NaN for a figure of 0 or a median that failures made infinite.
func (p Published) Measured(sums []Summary) (median, times float64, ok bool) {
	var rows []Summary
	for _, s := range sums {
		if p.of(s.Dataset, s.Measure) && s.Model == p.Model && (s.Role == "" || s.Role == "best") && (len(rows) == 0 || s.Measure == rows[0].Measure) {
			rows = append(rows, s)
		}
	}
	if len(rows) != 1 {
		return math.NaN(), math.NaN(), false
	}
	median, times = rows[0].Median, math.NaN()
	if p.Value != 0 && !math.IsInf(median, 0) {
		times = median / p.Value
	}
	return median, times, true
}

// publishedRows are the grey rows of a table whose columns are these: one for each model and source.
func publishedRows(published []Published, sums []Summary, datasets []string, measures []Measure) (rows []Row) {
	type line struct{ model, source string }
	var lines []line
	for _, p := range published {
		l := line{p.Model, p.Source}
		on := false
		for i, m := range measures {
			on = on || p.of(datasets[i], m)
		}
		if on && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.model+"\x00"+a.source, b.model+"\x00"+b.source) })
	for i, l := range lines {
		row := Row{Rule: i == 0, Reference: true, Cells: []Cell{{Text: fmt.Sprintf("%s, published [%s]", l.model, l.source), Left: true}}}
		for c, m := range measures {
			cell := Cell{Text: "–", Title: "not published"}
			for _, p := range published {
				if p.of(datasets[c], m) && p.Model == l.model && p.Source == l.source {
					cell = Cell{Text: Number(p.Value), Title: "published in [" + p.Source + "]"}
					if _, times, ok := p.Measured(sums); ok && !math.IsNaN(times) {
						cell.Sub = fmt.Sprintf("here × %s", Number(times))
					}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

const publishedNote = "published: a figure of the paper in brackets, from its own set-up; here ×: our median as a multiple of it"
