package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// benchText writes the values as Go benchmark text, one line a cell and featurizer with all its metrics as units, so that benchstat compares two runs:
//
//	benchstat -col .file old.txt new.txt
//
// A failed cell has no value to write and is a comment.
func benchText(w io.Writer, r *Report) error { return BenchText(w, r.Run.Records) }

// benchLine is what one cell measured in one feature space.
type benchLine struct {
	dataset, row, featurizer, cell string
	seed                           uint64
	recs                           []*Record
}

// benchLines are the lines of records that Final returned, in their order: by data set, row, feature space and seed.
func benchLines(recs []Record) []benchLine {
	rows := rowLabels(recs)
	type key struct{ cell, featurizer string }
	at := map[key]int{}
	var out []benchLine
	for i := range recs {
		r := &recs[i]
		k := key{r.Cell, r.Featurizer}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, benchLine{dataset: r.Dataset, row: rows[r.Cell], featurizer: r.Featurizer, cell: r.Cell, seed: r.Seed})
		}
		out[n].recs = append(out[n].recs, r)
	}
	slices.SortFunc(out, func(a, b benchLine) int {
		return cmp.Or(strings.Compare(a.dataset, b.dataset), strings.Compare(a.row, b.row), strings.Compare(a.featurizer, b.featurizer), cmp.Compare(a.seed, b.seed), strings.Compare(a.cell, b.cell))
	})
	return out
}

// BenchText writes records as Go benchmark text, as the format bench of a report does.
func BenchText(w io.Writer, recs []Record) error {
	recs = Final(recs)
	better := map[string]string{}
	for i := range recs {
		if r := &recs[i]; r.Better == Lower || r.Better == Higher {
			better[r.Metric] = r.Better
		}
	}
	b := bufio.NewWriterSize(w, 1<<16)
	for _, m := range sortedKeys(better) {
		fmt.Fprintf(b, "Unit %s better=%s\n", quote.Word(m), better[m])
	}
	words := map[string]string{} // of names, of which there are few
	word := func(s string) string {
		if _, ok := words[s]; !ok {
			words[s] = quote.Word(s)
		}
		return words[s]
	}
	var line, measured []byte
	for _, l := range benchLines(recs) {
		line = append(append(append(append(line[:0], "BenchmarkAssay/dataset="...), word(l.dataset)...), "/model="...), word(l.row)...)
		if l.featurizer != "" {
			line = append(append(line, "/featurizer="...), word(l.featurizer)...)
		}
		slices.SortStableFunc(l.recs, func(x, y *Record) int { return compareMeasures(x.Measure(), y.Measure()) })
		measured = measured[:0]
		for _, r := range l.recs {
			if r.Status == Failed {
				fmt.Fprintf(b, "# %s seed %d failed: %s\n", line, l.seed, oneLine(r.Error))
				continue
			}
			measured = strconv.AppendFloat(append(measured, ' '), r.Value, 'g', -1, 64)
			measured = append(append(measured, ' '), word(r.Metric)...)
		}
		if len(measured) > 0 {
			fmt.Fprintf(b, "%s 1%s\n", line, measured)
		}
	}
	return b.Flush()
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
