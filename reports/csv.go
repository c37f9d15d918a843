package reports

import (
	"encoding/csv"
	"fmt"
	"io"

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
	for _, s := range r.Sums {
		floor := ""
		if s.Floor != nil {
			floor = exact(*s.Floor)
		}
		m := s.Measure
		err := c.Write(quote.CSVFields([]string{s.Dataset, s.Model, s.Row, fmt.Sprint(s.Settings), m.Metric, m.Featurizer, m.Protocol, m.Reference, fmt.Sprint(m.N), s.Better, s.Unit,
			fmt.Sprint(s.N()), fmt.Sprint(s.Failed), fmt.Sprint(s.Unreliable), exact(s.Median), exact(s.Interval.Lo), exact(s.Interval.Hi), exact(s.Interval.Level),
			fmt.Sprint(s.Covered), exact(s.Mean), exact(s.StdErr), exact(s.IQM), floor, fmt.Sprint(s.Best), fmt.Sprint(s.Tied)}))
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
