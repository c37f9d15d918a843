package runners

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// ReadMatrix reads numbers that belong to the side's samples, a row each. Rows of a table with a column of names are joined to samples that have names, by the whole name
// or, where those are others, by its last part without folders; all others are taken in their order. The side may be nil.
func (s *Side) ReadMatrix(path string) (*mat.Dense, error) {
	m, err := ReadMatrix(path)
	if err != nil {
		return nil, err
	}
	at, err := s.joined(path)
	if err != nil || at == nil {
		return m, err
	}
	return numeric.Pick(m, at), nil
}

// ReadLabels reads classes of the side's samples, joined as by ReadMatrix.
func (s *Side) ReadLabels(path string) ([]int, error) {
	labels, err := ReadLabels(path)
	if err != nil {
		return nil, err
	}
	at, err := s.joined(path)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return labels, nil
	}
	return picked(labels, at), nil
}

// joined is the table's row of each sample; nil where rows are bound by their order.
func (s *Side) joined(file string) ([]int, error) {
	if s == nil || !featurizer.IsTable(file) {
		return nil, nil
	}
	t, err := featurizer.ReadTable(file)
	if err != nil || t.Names == nil {
		return nil, err
	}
	return s.joinedTo(file, t.Names)
}

// joinedTo is the row of each sample among rows with these names; nil where rows are bound by their order.
func (s *Side) joinedTo(file string, rows []string) ([]int, error) {
	samples := s.sampleNames()
	if samples == nil {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: the rows of %s are taken in their order, because these samples have no names", s.Path, file))
		return nil, nil
	}
	j := tableJoin{file: file, place: s.Path, part: s.taken}
	at, err := j.rows(rows, samples)
	if err != nil {
		if at, err = j.bases(rows, samples, err); err != nil {
			return nil, err
		}
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: the rows of %s are joined by the last part of the names, without folders", s.Path, file))
	}
	s.byName = true
	return at, nil
}

// tableJoin joins the rows of a file to the samples of a place.
type tableJoin struct {
	file, place string
	part        bool // of the samples: rows of others are left alone
}

// rows is the row of each sample, by its whole name.
func (j tableJoin) rows(rows, samples []string) ([]int, error) {
	row := map[string]int{}
	for i, name := range rows {
		row[name] = i
	}
	at := make([]int, len(samples))
	for i, name := range samples {
		k, ok := row[name]
		if !ok {
			return nil, fault.Of(datasets.ErrShape, "%s: no row is called %q, as a sample of %s is: name each row as its sample, or drop the column of names", j.file, name, j.place)
		}
		at[i] = k
		delete(row, name)
	}
	for _, name := range rows {
		if _, left := row[name]; left && !j.part {
			return nil, fault.Of(datasets.ErrShape, "%s: row %q and %d more are of no sample of %s: drop them", j.file, name, len(row)-1, j.place)
		}
	}
	return at, nil
}

// bases joins by the last part of the names, where that is another for each row and for each sample. why is what keeps the whole names from matching; it stays the
// error where the last parts do not match either.
func (j tableJoin) bases(rows, samples []string, why error) ([]int, error) {
	a, twice := lastParts(rows)
	b, again := lastParts(samples)
	if _, err := j.rows(distinct(a), distinct(b)); err != nil {
		return nil, why
	}
	if twice != "" || again != "" {
		return nil, fault.Of(datasets.ErrShape, "%s: its names are not those of %s, and without folders %q is more than one: name each row by the path of its sample below %s", j.file, j.place, cmp.Or(twice, again), j.place)
	}
	return j.rows(a, b)
}

func distinct(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// lastParts are names without their folders, and the first that is there twice.
func lastParts(names []string) (parts []string, twice string) {
	seen := map[string]bool{}
	for _, n := range names {
		base := path.Base(strings.ReplaceAll(n, `\`, "/"))
		if seen[base] && twice == "" {
			twice = base
		}
		seen[base] = true
		parts = append(parts, base)
	}
	return parts, twice
}

// usableRows leaves out what belongs to images that could not be used, where it was joined to all of them by name.
func usableRows[T any](s *Side, n int, v T, pick func(T, []int) T) T {
	if s == nil || !s.byName || s.Source == nil || len(s.bad()) == 0 || n != len(s.Source.Items) {
		return v
	}
	return pick(v, s.usable())
}

// sampleNames are what a table, a folder or an archive calls the samples; nil where they have none.
func (s *Side) sampleNames() []string {
	if s.Source == nil {
		return s.Names
	}
	if !slices.Contains([]string{"folder", "zip", "tar"}, s.Source.Kind) {
		return nil
	}
	names := make([]string, len(s.Source.Items))
	for i, it := range s.Source.Items {
		names[i] = it.Name
	}
	return names
}
