package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/assay-gan/assay/internal/quote"
)

// csvSummary writes a line for every summary, in full precision: the tables' numbers for other programs. What does not exist is empty; a median that
// failures push past every value is "inf" or "-inf".
func csvSummary(w io.Writer, r *Report) error {
	c := csv.NewWriter(w)
	head := []string{"dataset", "model", "row", "settings", "metric", "featurizer", "protocol", "reference", "n", "better", "unit", "runs", "failed", "unreliable",
		"median", "lo", "hi", "level", "covered", "mean", "std_err", "iqm", "floor", "best", "tied"}
	if err := c.Write(head); err != nil {
		return err
	}
	full := func(v float64) string {
		switch {
		case math.IsNaN(v):
			return ""
		case math.IsInf(v, 1):
			return "inf"
		case math.IsInf(v, -1):
			return "-inf"
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	for _, s := range r.Sums {
		floor := ""
		if s.Floor != nil {
			floor = full(*s.Floor)
		}
		m := s.Measure
		err := c.Write(quote.CSVFields([]string{s.Dataset, s.Model, s.Row, fmt.Sprint(s.Settings), m.Metric, m.Featurizer, m.Protocol, m.Reference, fmt.Sprint(m.N), s.Better, s.Unit,
			fmt.Sprint(s.N()), fmt.Sprint(s.Failed), fmt.Sprint(s.Unreliable), full(s.Median), full(s.Interval.Lo), full(s.Interval.Hi), full(s.Interval.Level),
			fmt.Sprint(s.Covered), full(s.Mean), full(s.StdErr), full(s.IQM), floor, fmt.Sprint(s.Best), fmt.Sprint(s.Tied)}))
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
