package reports

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// drawingRecords are two seeds of three models with an fd and what a sample took: medians of 1, 20 and 51 evaluations, and of 400, 30 and 11 samples a second.
func drawingRecords() []Record {
	var recs []Record
	for _, c := range []struct {
		model             string
		seed              uint64
		fd, evals, perSec float64
	}{
		{"gan-ns", 1, 0.5, 1, 300}, {"gan-ns", 2, 0.7, 1, 500},
		{"flow", 1, 0.3, 20, 20}, {"flow", 2, 0.1, 20, 40},
		{"adaptive", 1, 0.1, 50, 10}, {"adaptive", 2, 0.12, 52, 12},
	} {
		recs = append(recs, Record{Cell: id(c.model, c.seed), Model: c.model, Dataset: "ring", Seed: c.seed, Metric: "fd", Value: c.fd, Better: Lower, Status: OK, N: 10,
			Cost: Cost{WallSeconds: 1, Evaluations: c.evals, SamplesPerSecond: c.perSec}})
	}
	return recs
}

func TestScoreAgainstEvaluations(t *testing.T) {
	r := report(t, &Run{ID: "drawing", Records: drawingRecords()}, Options{Bare: true})
	var got [][]string
	for _, row := range r.Drawing.Rows {
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Text)
		}
		got = append(got, cells)
	}
	want := [][]string{{"ring", "gan-ns", "1", "400", "0.600"}, {"ring", "flow", "20", "30", "0.200"}, {"ring", "adaptive", "51", "11", "0.110"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("%v, want %v", got, want)
	}
	var page bytes.Buffer
	if err := HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	for _, say := range []string{`id="drawing"`, "flow: 0.200 with 20 evaluations a sample, 30 samples a second", "function evaluations a sample"} {
		if !strings.Contains(page.String(), say) {
			t.Errorf("the page has no %q", say)
		}
	}
}

// Where every sample is one pass, or nobody counted, there is nothing to show.
func TestOnePassShowsNoEvaluations(t *testing.T) {
	for _, recs := range [][]Record{drawingRecords()[:2], benchRecords()} {
		r := report(t, &Run{ID: "one pass", Records: recs}, Options{Bare: true})
		if len(r.Drawing.Rows) > 0 || len(drawingCharts(r)) > 0 {
			t.Errorf("%d rows, %d charts", len(r.Drawing.Rows), len(drawingCharts(r)))
		}
	}
}
