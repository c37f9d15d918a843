package runners

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
)

// openTable takes a table's numbers for features. What was taken for names and classes is said, for a name decides it.
func (s *Side) openTable(path string) error {
	t, err := featurizer.ReadTable(path)
	if err != nil {
		return err
	}
	if s.Features, err = t.Values.Matrix(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, n := range t.Notes {
		s.Warnings = append(s.Warnings, path+": "+n)
	}
	s.Names = t.Names
	s.Classes, s.rowClass = classesOf(t.Classes)
	return nil
}

// classesOf numbers classes in the order of their names; nil of none.
func classesOf(rows []string) (names []string, labels []int) {
	if rows == nil {
		return nil, nil
	}
	place := map[string]int{}
	for _, c := range rows {
		place[c] = 0
	}
	names = slices.Sorted(maps.Keys(place))
	for i, c := range names {
		place[c] = i
	}
	labels = make([]int, len(rows))
	for i, c := range rows {
		labels[i] = place[c]
	}
	return names, labels
}

// tableLabels reads class indices from a table: the column of classes, or the only one of numbers.
func tableLabels(path string) ([]int, error) {
	t, err := featurizer.ReadTable(path)
	if err != nil {
		return nil, err
	}
	if t.Classes == nil {
		if len(t.Columns) != 1 {
			return nil, fault.Of(datasets.ErrShape, "%s: labels in %d columns: want one, or one that is called class", path, len(t.Columns))
		}
		return wholeLabels(path, t.Values.Float64s())
	}
	values := make([]float64, len(t.Classes))
	for i, c := range t.Classes {
		if values[i], err = strconv.ParseFloat(c, 64); err != nil {
			return nil, fmt.Errorf("%s: class %q of row %d: want whole numbers from 0", path, c, i+1)
		}
	}
	return wholeLabels(path, values)
}
