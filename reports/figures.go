package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/quote"
)

// Figures returns the figures that the records support, in reading order, each with a name of its own: over all data sets ranks, improvement, aggregate and profiles; then for each
// data set precision-recall-SET, distribution-SET, steps-SET, seconds-SET, cost-SET, budget-SET, settings-SET and sensitivity-SET; of a study also chosen. The names are the same for the
// same records, and are fit for files. The same description draws a figure on the page and in files.
func (r *Report) Figures() []Figure {
	metric, rows := Headline(r.Sums, r.Options.Metric), r.models()
	tint := tints{rows, modelsOf(r.Sums)}
	recs := Distinct(r.Run.Records)
	final := Final(recs)
	all := slices.Concat(contestFigures(r.Sums, metric, tint), planeFigures(r.Sums, tint), distributionFigures(r, metric, rows), stepFigures(recs, final, r.Sums, metric, tint),
		costFigures(unfolded(final), r.Sums, metric, tint), StudyFigures(r.Sums, metric), sensitivityFigures(final, r.Sums, metric, tint.models))
	seen := map[string]int{}
	for i := range all {
		name := fileName(all[i].Name)
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, seen[name])
		}
		all[i].Name = name
	}
	return all
}

// plots are the figures of the page that it does not have as charts, by what they ask.
func plots(r *Report) (out []gallery) {
	kinds := []struct{ title, names string }{
		{"Over all data sets", `^(ranks|improvement|aggregate|profiles)`}, {"Fidelity against cover", `^(precision-recall|density-coverage)-`}, {"Chosen settings", `^chosen`},
		{"Score during training", `^(steps|seconds)-`}, {"Score against cost", `^cost-`}, {"All settings", `^settings-`}, {"Sensitivity to settings", `^sensitivity-`},
	}
	figures := r.Figures()
	for _, k := range kinds {
		names := regexp.MustCompile(k.names)
		g := gallery{Title: k.title}
		for _, f := range figures {
			if names.MatchString(f.Name) {
				g.Figures = append(g.Figures, chart{Title: f.Title, Caption: f.Caption, Static: f.pic.html(f.Alt)})
			}
		}
		if len(g.Figures) > 0 {
			out = append(out, g)
		}
	}
	return out
}

var unfit = regexp.MustCompile(`[^a-z0-9.]+`)

// fileName is a name fit for a file on any system.
func fileName(s string) string {
	return strings.Trim(unfit.ReplaceAllString(strings.ToLower(s), "-"), "-.")
}

// distributionFigures are the pictures of all runs on each data set, outside of studies, which show their settings instead.
func distributionFigures(r *Report, metric string, names []string) (out []Figure) {
	for _, d := range datasetsOf(r.Sums) {
		col := slices.DeleteFunc(columnFor(r.Sums, d, metric), Summary.Reference)
		if len(col) == 0 || !slices.ContainsFunc(col, func(s Summary) bool { return s.N() > 1 }) {
			continue
		}
		label := measureTitle(col[0].Measure)
		pic, _ := distributionPicture(col, names, label)
		f := Figure{Name: "distribution-" + d, Title: "Every run on " + d, pic: pic, Head: []string{"model", "seed", col[0].Measure.Metric},
			Alt: fmt.Sprintf("Distribution of %s on %s: one dot a run.", label, d)}
		var counts []int
		failed := 0
		for _, s := range col {
			counts, failed = append(counts, s.N()), failed+s.Failed
			f.Data = append(f.Data, valueRows(s)...)
		}
		f.Caption = fmt.Sprintf("One dot a run (%s a model), a bar at the median, a box for the middle half where there are five or more.", runsOf(counts))
		if failed > 0 {
			f.Caption += fmt.Sprintf(" ✕: %s failed.", plural(failed, "run", "runs"))
		}
		f.Caption += stopNote(col)
		out = append(out, f)
	}
	return out
}

// valueRows are the values of a summary as rows of a figure's data, its failures as the worst.
func valueRows(s Summary) (rows [][]string) {
	for i, v := range s.Ranked() {
		seed := ""
		if i < len(s.Seeds) {
			seed = fmt.Sprint(s.Seeds[i])
		}
		rows = append(rows, []string{s.Row, seed, exact(v)})
	}
	return rows
}

// CSV writes the numbers behind the figure, a failure as inf or -inf.
func (f Figure) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	for _, row := range append([][]string{f.Head}, f.Data...) {
		if err := c.Write(quote.CSVFields(row)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteFigures writes every figure into a folder, as NAME.svg, NAME.pdf and NAME.csv, and returns the paths. Each file is replaced whole or not at all; the bytes are the same for the
// same records. It errors if there is no figure.
func (r *Report) WriteFigures(dir string) ([]string, error) {
	figures := r.Figures()
	if len(figures) == 0 {
		return nil, fmt.Errorf("the records support no figure: they hold one run of each model, or no value with a better side")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range figures {
		for _, form := range []struct {
			ext   string
			write func(io.Writer) error
		}{{".svg", f.SVG}, {".pdf", f.PDF}, {".csv", f.CSV}} {
			var b bytes.Buffer
			path := filepath.Join(dir, f.Name+form.ext)
			err := form.write(&b)
			if err == nil {
				err = atomicfile.WriteBytes(path, b.Bytes())
			}
			if err != nil {
				return paths, fmt.Errorf("figure %s: %w", f.Name, err)
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}
