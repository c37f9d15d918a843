package runners

import (
	"bufio"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// mixed is a table of declared columns before it becomes features: a column of fields for each that is not ignored.
type mixed struct {
	path   string
	lines  []int
	fields [][]string
}

// OpenMixed reads tables of declared columns (CSV or TSV with a header) as features in which distances mean something: a numeric column in standard deviations of the
// first table, from its mean; an ordinal one from 0 to 1 in equal steps; a categorical one as one number for each word of any table, 1/sqrt(2) where it is there, so that two
// records that differ in it alone are 1 apart, as in Gower's distance. Columns may stand in any order. Errors wrap datasets.ErrShape and name file, line and column: a
// column that is not declared, or declared and not there; what is no finite number; a level that is not declared.
func OpenMixed(columns Columns, paths ...string) ([]*Side, error) {
	var used Columns
	for _, c := range columns {
		if c.Kind != Ignored {
			used = append(used, c)
		}
	}
	tables := make([]*mixed, len(paths))
	for i, path := range paths {
		var err error
		if tables[i], err = readMixed(path, columns, used); err != nil {
			return nil, err
		}
	}
	sides := make([]*Side, len(paths))
	for i, t := range tables {
		sides[i] = &Side{Path: t.path}
	}
	var parts [][]*mat.Dense // by column, by table
	for j, c := range used {
		part, err := encoded(c, j, tables, sides)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	for i := range tables {
		x := parts[0][i]
		for _, p := range parts[1:] {
			var next mat.Dense
			next.Augment(x, p[i])
			x = &next
		}
		sides[i].Features = x
	}
	return sides, nil
}

// openWords reads a table of texts: of tabs where the name ends in .tsv, else of commas.
func openWords(path string) (*tensorfile.Words, error) {
	f, size, err := inputfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()                  // only read
	if err := inputfile.Fits(16 * size); err != nil { // a field of one letter and a comma becomes a text
		return nil, fault.Of(datasets.ErrShape, "%s: %w", path, err)
	}
	comma := byte(',')
	if strings.EqualFold(filepath.Ext(path), ".tsv") {
		comma = '\t'
	}
	return tensorfile.ReadWords(bufio.NewReader(f), comma, path)
}

func readMixed(path string, all, used Columns) (*mixed, error) {
	if !featurizer.IsTable(path) || strings.EqualFold(filepath.Ext(path), ".parquet") {
		return nil, fault.Of(datasets.ErrShape, "%s: declared columns are of CSV and TSV files: save it as one", path)
	}
	w, err := openWords(path)
	if err != nil {
		return nil, err
	}
	for _, name := range w.Columns {
		if !slices.ContainsFunc(all, func(c Column) bool { return c.Name == name }) {
			return nil, fault.Of(datasets.ErrShape, "%s: column %q is not declared: add it, if only as %s:ignored", path, name, name)
		}
	}
	m := &mixed{path: path, lines: w.Lines}
	for _, c := range used {
		at := slices.Index(w.Columns, c.Name)
		if at < 0 {
			return nil, fault.Of(datasets.ErrShape, "%s: there is no column %q, which is declared %s", path, c.Name, c.Kind)
		}
		col := make([]string, len(w.Rows))
		for i, row := range w.Rows {
			col[i] = row[at]
		}
		m.fields = append(m.fields, col)
	}
	return m, nil
}

// encoded is column j of every table as numbers.
func encoded(c Column, j int, tables []*mixed, sides []*Side) ([]*mat.Dense, error) {
	switch c.Kind {
	case Numeric:
		return numbers(c, j, tables)
	case Ordinal:
		return steps(c, j, tables)
	default:
		return words(c, j, tables, sides), nil
	}
}

// each makes one number of every field.
func each(c Column, j int, tables []*mixed, number func(text string) (float64, error)) ([]*mat.Dense, error) {
	out := make([]*mat.Dense, len(tables))
	for i, t := range tables {
		out[i] = mat.NewDense(len(t.lines), 1, nil)
		for k, text := range t.fields[j] {
			v, err := number(text)
			if err != nil {
				return nil, fault.Of(datasets.ErrShape, "%s: line %d, column %q: %w", t.path, t.lines[k], c.Name, err)
			}
			out[i].Set(k, 0, v)
		}
	}
	return out, nil
}

func numbers(c Column, j int, tables []*mixed) ([]*mat.Dense, error) {
	out, err := each(c, j, tables, func(text string) (float64, error) {
		v, err := strconv.ParseFloat(text, 64)
		switch {
		case text == "":
			return 0, fmt.Errorf("empty: fill it, drop the row, or declare the column categorical or ignored")
		case err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text, "xX_"):
			return 0, fmt.Errorf("%.60q is no finite number: declare the column categorical, or ignored", text)
		}
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	n, mean, square := len(tables[0].lines), 0.0, 0.0
	for k := range n {
		mean += out[0].At(k, 0) / float64(n)
	}
	for k := range n {
		d := out[0].At(k, 0) - mean
		square += d * d / float64(n)
	}
	unit := math.Sqrt(square)
	if unit == 0 { // a column of one value: what differs from it does so in its own unit
		unit = 1
	}
	if math.IsInf(unit, 0) || math.IsNaN(unit) || math.IsInf(mean, 0) {
		return nil, fault.Of(datasets.ErrShape, "%s: column %q: its numbers are too far apart to have a standard deviation: give it another unit", tables[0].path, c.Name)
	}
	for _, x := range out {
		x.Apply(func(_, _ int, v float64) float64 { return (v - mean) / unit }, x)
	}
	return out, nil
}

func steps(c Column, j int, tables []*mixed) ([]*mat.Dense, error) {
	return each(c, j, tables, func(text string) (float64, error) {
		at := slices.Index(c.Levels, text)
		if at < 0 {
			return 0, fmt.Errorf("%.60q is no level of %s", text, strings.Join(c.Levels, "<"))
		}
		return float64(at) / float64(len(c.Levels)-1), nil
	})
}

// words gives each word of any table a number of its own, in their order. A word that the first table has not is as far from its words as they are from each other.
func words(c Column, j int, tables []*mixed, sides []*Side) []*mat.Dense {
	place := map[string]int{}
	for _, t := range tables {
		for _, text := range t.fields[j] {
			place[text] = 0
		}
	}
	sorted := make([]string, 0, len(place))
	for text := range place {
		sorted = append(sorted, text)
	}
	slices.Sort(sorted)
	known := map[string]bool{}
	for i, text := range sorted {
		place[text] = i
	}
	out := make([]*mat.Dense, len(tables))
	for i, t := range tables {
		out[i] = mat.NewDense(len(t.lines), len(sorted), nil)
		strange, first := 0, ""
		for k, text := range t.fields[j] {
			out[i].Set(k, place[text], 1/math.Sqrt2)
			if i == 0 {
				known[text] = true
			} else if !known[text] {
				if strange++; strange == 1 {
					first = text
				}
			}
		}
		if strange > 0 {
			sides[i].Warnings = append(sides[i].Warnings, fmt.Sprintf("%s: column %q: %d rows hold words that %s has not (the first: %.60q)", t.path, c.Name, strange, tables[0].path, first))
		}
	}
	return out
}
