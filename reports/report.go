package reports

import "slices"

// Report is a run made ready for rendering: everything the formats show, computed once.
type Report struct {
	Title    string
	Run      *Run
	Options  Options
	Sums     []Summary
	Findings []Finding
	Headline Table
	Datasets []Table // one for each data set, all its measures
	Failures Table
	Warnings Table
	Cost     Table
	Origin   Table
}

// New computes a report. It keeps no reference to the records' order: the same records in another order give the same report.
func New(run *Run, o Options) *Report {
	sums := Summarise(run.Records, o.Level)
	r := &Report{Title: o.Title, Run: run, Options: o, Sums: sums, Findings: Findings(run, sums, o),
		Failures: failureTable(run.Records), Warnings: warningTable(run.Records), Cost: costTable(run.Records), Origin: provenanceTable(run.Records)}
	if r.Title == "" {
		r.Title = run.ID
	}
	if m := Headline(sums, o.Metric); m != "" {
		r.Headline = Tabulate(sums, Select{Metric: m})
	}
	for _, d := range datasetsOf(sums) {
		r.Datasets = append(r.Datasets, Tabulate(sums, Select{Dataset: d}))
	}
	return r
}

// Tables returns the tables that have rows, in reading order.
func (r *Report) Tables() []Table {
	all := slices.Concat([]Table{r.Headline}, r.Datasets, []Table{r.Failures, r.Warnings, r.Cost, r.Origin})
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
