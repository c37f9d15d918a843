package reports

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
)

// Report is a run made ready for rendering: everything the formats show, computed once.
type Report struct {
	Title    string
	Metric   string // of the headline table, "" where nothing was measured
	Run      *Run
	Options  Options
	Sums     []Summary
	Copying  []Novelty
	Findings []Finding
	Headline Table
	Verdicts []ClaimVerdict // on what the suite claims
	Claims   Table          // the same, without rows for a suite that claims nothing
	Datasets []Table        // one for each data set, all its measures
	Study    []Table        // of a study: its searches, and what choosing gained
	Novelty  Table          // copying beside fidelity; without rows where nothing looked at the training set
	Failures Table
	Warnings Table
	Cost     Table
	Drawing  Table // what a sample takes, beside the headline measure; without rows where all samples are one pass
	Origin   Table
	Methods  string // a paragraph on how the run was made, ready for a paper; "" without a model
	Settings Table  // of every model, defaults among them
	How      Table  // commands, dates, seeds, total cost

	final []Record          // of the run, see Final
	rows  map[string]string // of its cells, see rowLabels
}

// New computes a report. It keeps no reference to the records' order: the same records in another order give the same report. It errors if the options ask
// for a headline metric that the records do not have.
func New(run *Run, o Options) (*Report, error) {
	final := Final(Distinct(run.Records))
	sums := summarise(final, o.Level)
	if err := measured(sums, o.Metric); err != nil {
		return nil, err
	}
	r := &Report{Title: o.Title, Metric: Headline(sums, o.Metric), Run: run, Options: o, Sums: sums, final: final, rows: rowLabels(final)}
	if len(run.unread) > 0 { // read what will be shown: the findings tell what of it is damaged
		representatives(r)
		watchedRuns(r)
		realShown(r)
	}
	r.Copying = novelties(run, final, r.rows, sums)
	r.Novelty, r.Findings = noveltyTable(r.Copying), findings(run, final, sums, r.Copying, o)
	r.Failures, r.Warnings, r.Cost, r.Origin = failureTable(run.Records), warningTable(final), costTable(final, r.rows), provenanceTable(run.Records)
	r.Methods, r.Settings, r.How = methods(run.Records, sums, o.Level), settingsTable(run.Records), howTable(run)
	if r.Title == "" {
		r.Title = run.ID
	}
	r.Drawing = drawingTable(final, r.rows, sums, r.Metric)
	if r.Metric != "" {
		r.Headline = tabulated(sums, Select{Metric: r.Metric}, run.Published)
	}
	r.Study = studyTables(sums, r.Metric)
	r.Verdicts = JudgeClaims(sums, run.Claims)
	r.Claims = claimTable(r.Verdicts)
	for _, d := range datasetsOf(sums) {
		r.Datasets = append(r.Datasets, tabulated(sums, Select{Dataset: d}, run.Published))
	}
	return r, nil
}

// measured refuses a headline metric that nobody measured: another one in its place would be read as the one asked for.
func measured(sums []Summary, metric string) error {
	var have []string
	for _, s := range sums {
		if m := s.Measure.Metric; m == metric {
			return nil
		} else if !slices.Contains(have, m) {
			have = append(have, m)
		}
	}
	if metric == "" {
		return nil
	}
	if len(have) == 0 {
		return fmt.Errorf("headline metric %q: the records hold no value", metric)
	}
	slices.Sort(have)
	return fmt.Errorf("headline of the report: %w (measured in these records)", suggest.Unknown("metric", metric, have))
}

// Tables returns the tables that have rows, in reading order.
func (r *Report) Tables() []Table {
	all := slices.Concat([]Table{r.Headline, r.Claims}, r.Study, r.Datasets, []Table{r.Novelty, r.Drawing, r.Failures, r.Warnings, r.Cost, r.Settings, r.How, r.Origin})
	return slices.DeleteFunc(all, func(t Table) bool { return len(t.Rows) == 0 })
}

func datasetsOf(sums []Summary) []string {
	var out []string
	for _, s := range sums {
		if !slices.Contains(out, s.Dataset) {
			out = append(out, s.Dataset)
		}
	}
	return out
}
