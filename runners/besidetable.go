package runners

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
)

// ReadMatrix reads numbers that belong to the side's samples, a row each. Rows of a table with a column of names are joined to samples that have names; all others are
// taken in their order. The side may be nil.
func (s *Side) ReadMatrix(path string) (*mat.Dense, error) {
	m, err := ReadMatrix(path)
	if err != nil {
		return nil, err
	}
	at, err := s.joined(path)
	if err != nil || at == nil {
		return m, err
	}
	return rowsOf(m, at), nil
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
func (s *Side) joined(path string) ([]int, error) {
	if s == nil || !featurizer.IsTable(path) {
		return nil, nil
	}
	t, err := featurizer.ReadTable(path)
	if err != nil || t.Names == nil {
		return nil, err
	}
	samples := s.sampleNames()
	if samples == nil {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: the rows of %s are taken in their order, because these samples have no names", s.Path, path))
		return nil, nil
	}
	row := map[string]int{}
	for i, name := range t.Names {
		row[name] = i
	}
	at := make([]int, len(samples))
	for i, name := range samples {
		k, ok := row[name]
		if !ok {
			return nil, fault.Of(datasets.ErrShape, "%s: no row is called %q, as a sample of %s is: name each row as its sample, or drop the column of names", path, name, s.Path)
		}
		at[i] = k
		delete(row, name)
	}
	for _, name := range t.Names {
		if _, left := row[name]; left {
			return nil, fault.Of(datasets.ErrShape, "%s: row %q and %d more are of no sample of %s: drop them", path, name, len(row)-1, s.Path)
		}
	}
	return at, nil
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
