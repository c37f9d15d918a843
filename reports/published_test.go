package reports

import (
	"math"
	"strings"
	"testing"
)

func TestPublishedFiguresAreGreyRows(t *testing.T) {
	run := NewRun("rivals", rivals())
	run.Published = []Published{
		{Model: "a", Dataset: "one", Metric: "fd", Value: 2.5, Source: "lucic2018"},           // ours 1.25: half of it
		{Model: "b", Dataset: "two", Metric: "precision", Value: 0, Source: "lucic2018"},      // no multiple of 0
		{Model: "theirs", Dataset: "one", Metric: "fd", Value: 9, Source: "kynkaanniemi2019"}, // not run here
		{Model: "a", Dataset: "one", Metric: "kid", Value: 9, Source: "lucic2018"},            // not measured here
	}
	r, err := New(run, Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := func(rows []Row) (lines []string) {
		for _, row := range rows {
			if !row.Reference || !strings.Contains(row.Cells[0].Text, "published") {
				continue
			}
			line := row.Cells[0].Text
			for _, c := range row.Cells[1:] {
				line += "|" + strings.TrimSpace(c.Text+" "+c.Sub)
			}
			lines = append(lines, line)
		}
		return lines
	}
	for _, c := range []struct {
		table Table
		want  string
	}{
		{r.Headline, "a, published [lucic2018]|2.50 here × 0.500|–\ntheirs, published [kynkaanniemi2019]|9|–"},
		{r.Datasets[0], "a, published [lucic2018]|2.50 here × 0.500|–|–\ntheirs, published [kynkaanniemi2019]|9|–|–"},
		{r.Datasets[1], "b, published [lucic2018]|–|0|–"},
	} {
		if got := strings.Join(text(c.table.Rows), "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.table.Title, got, c.want)
		}
		if notes := strings.Join(c.table.Notes, " "); !strings.Contains(notes, "our median as a multiple") {
			t.Errorf("%s does not say what the rows are: %s", c.table.Title, notes)
		}
	}
	if plain := Tabulate(r.Sums, Select{Dataset: "one"}); len(text(plain.Rows)) != 0 {
		t.Error("a table that was asked for none has grey rows")
	}
	var b strings.Builder
	if err := jsonReport(&b, r); err != nil || !strings.Contains(b.String(), `"measured": 1.25,`) || !strings.Contains(b.String(), `"times": 0.5`) {
		t.Errorf("%v\n%s", err, b.String())
	}
	if m, times, ok := (Published{Model: "c", Dataset: "two", Metric: "fd", Value: 2}).Measured(r.Sums); m != 22.5 || times != 11.25 || !ok { // 20 21 22 23 and two failures
		t.Errorf("failures do not count: %v %v %v", m, times, ok)
	}
	if _, times, ok := (Published{Model: "theirs", Dataset: "one", Metric: "fd", Value: 9}).Measured(r.Sums); ok || !math.IsNaN(times) {
		t.Errorf("what was not run is measured: %v", times)
	}
}

func TestPublishedCheck(t *testing.T) {
	good := Published{Model: "m", Dataset: "d", Metric: "fd", Value: 1, Source: "lucic2018"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Published){
		`"source" is missing`: func(p *Published) { p.Source = "" }, `"metric" is missing`: func(p *Published) { p.Metric = "" },
		"finite": func(p *Published) { p.Value = math.Inf(1) }, "reference row": func(p *Published) { p.Model = Real },
	} {
		p := good
		change(&p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
