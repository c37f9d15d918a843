package reports

import (
	"bytes"
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

// BenchText writes records as Go benchmark text, as the format bench of a report does.
func BenchText(w io.Writer, recs []Record) error {
	type key struct{ dataset, row, featurizer, seed, cell string }
	recs = Final(recs)
	rows := rowLabels(recs)
	values := map[key][]Record{}
	better := map[string]string{}
	var keys []key
	for _, r := range recs {
		k := key{r.Dataset, rows[r.Cell], r.Featurizer, strconv.FormatUint(r.Seed, 10), r.Cell}
		if _, ok := values[k]; !ok {
			keys = append(keys, k)
		}
		values[k] = append(values[k], r)
		if r.Better == Lower || r.Better == Higher {
			better[r.Metric] = r.Better
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(strings.Compare(a.dataset, b.dataset), strings.Compare(a.row, b.row), strings.Compare(a.featurizer, b.featurizer),
			cmp.Compare(len(a.seed), len(b.seed)), strings.Compare(a.seed, b.seed), strings.Compare(a.cell, b.cell))
	})
	var b bytes.Buffer
	for _, m := range sortedKeys(better) {
		fmt.Fprintf(&b, "Unit %s better=%s\n", quote.Word(m), better[m])
	}
	for _, k := range keys {
		line := fmt.Sprintf("BenchmarkAssay/dataset=%s/model=%s", quote.Word(k.dataset), quote.Word(k.row))
		if k.featurizer != "" {
			line += "/featurizer=" + quote.Word(k.featurizer)
		}
		slices.SortStableFunc(values[k], func(x, y Record) int { return compareMeasures(x.Measure(), y.Measure()) })
		measured := ""
		for _, r := range values[k] {
			if r.Status == Failed {
				fmt.Fprintf(&b, "# %s seed %s failed: %s\n", line, k.seed, oneLine(r.Error))
				continue
			}
			measured += " " + strconv.FormatFloat(r.Value, 'g', -1, 64) + " " + quote.Word(r.Metric)
		}
		if measured != "" {
			fmt.Fprintf(&b, "%s 1%s\n", line, measured)
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
