package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// scoreValue is one value of the JSON output.
type scoreValue struct {
	Value      *float64          `json:"value"` // null where it failed
	N          int               `json:"n"`     // fake samples, or rows of their logits
	NReal      int               `json:"n_real,omitempty"`
	Status     string            `json:"status"`
	Warnings   []string          `json:"warnings"`
	Unit       string            `json:"unit,omitempty"`
	Better     string            `json:"better,omitempty"`
	Interval   *reports.Interval `json:"interval,omitempty"`
	NoInterval string            `json:"no_interval,omitempty"`
	Floor      *scoreFloor       `json:"real_vs_real,omitempty"`
	Convention map[string]string `json:"convention,omitempty"`
	Error      string            `json:"error,omitempty"`
}

// scoreFloor is the same value for one half of the real samples against the other.
type scoreFloor struct {
	Value    float64           `json:"value"`
	Interval *reports.Interval `json:"interval,omitempty"`
	Rows     string            `json:"rows"`
}

func floorOf(res *runners.ScoreResult, metric string) *scoreFloor {
	for _, r := range res.Floor {
		if r.Metric == metric && r.Status != reports.Failed {
			return &scoreFloor{r.Value, r.Interval, r.Convention["rows"]}
		}
	}
	return nil
}

// scoreDifference is one line of the comparison of two models.
type scoreDifference struct {
	Metric     string            `json:"metric"`
	Fake       float64           `json:"fake"`
	Versus     float64           `json:"versus"`
	Difference float64           `json:"difference"` // fake minus versus
	Interval   *metrics.Interval `json:"interval,omitempty"`
	P          float64           `json:"p"`
	Better     string            `json:"better"` // fake, versus, or "" where the interval holds 0
}

func differences(res *runners.ScoreResult) (out []scoreDifference) {
	for _, d := range res.Differences {
		out = append(out, scoreDifference{d.Metric, d.A.Values[0].Value, d.B.Values[0].Value, d.Difference.Value, d.Difference.Interval, d.P,
			sideOf(d.Better)})
	}
	return out
}

// differenceTable is the comparison of --fake with --versus.
func differenceTable(q runners.ScoreRequest, res *runners.ScoreResult) reports.Table {
	var rows [][]string
	for _, d := range differences(res) {
		interval := ""
		if d.Interval != nil {
			interval = fmt.Sprintf("%.4g to %.4g", d.Interval.Lo, d.Interval.Hi)
		}
		rows = append(rows, []string{d.Metric, fmt.Sprintf("%.5g", d.Fake), fmt.Sprintf("%.5g", d.Versus), fmt.Sprintf("%.4g", d.Difference), interval,
			fmt.Sprintf("%.2g", d.P), cmp.Or(d.Better, "not told apart")})
	}
	t := table("versus", fmt.Sprintf("Fake against versus, paired by the real samples; N fake %d, N versus %d", q.Fake.Len(), q.Versus.Len()), []string{"metric", "fake", "versus", "difference", "95 % interval", "p", "better"}, rows)
	for _, id := range slices.Sorted(maps.Keys(res.NoDifference)) {
		t.Notes = append(t.Notes, id+": "+res.NoDifference[id])
	}
	return t
}

func (a *app) showScore(f scoreFlags, q runners.ScoreRequest, res *runners.ScoreResult) error {
	if f.format == "json" {
		return a.json(a.scoreJSON(q, res))
	}
	var rows [][]string
	var notes []string // each once, below the table: they are long and shared
	for _, r := range res.Records {
		value, interval := strconv.FormatFloat(r.Value, 'g', 10, 64), ""
		if r.Status == reports.Failed {
			value = ""
		}
		if r.Interval != nil {
			interval = fmt.Sprintf("%.4g to %.4g (%.0f %%)", r.Interval.Lo, r.Interval.Hi, 100*r.Interval.Level)
		}
		why, floor := r.NoInterval, ""
		if why != "" {
			why = "no interval of " + r.Metric + ": " + why
		}
		if fl := floorOf(res, r.Metric); fl != nil {
			floor = strconv.FormatFloat(fl.Value, 'g', 4, 64)
		}
		rows = append(rows, []string{r.Metric, value, r.Unit, interval, floor, r.Better, r.Status, noteMarks(&notes, append(slices.Clone(r.Warnings), r.Error, why))})
	}
	head := []string{"metric", "value", "unit", "interval", "real vs real", "better", "status", "notes"}
	if q.Versus != nil && f.format == "csv" { // a stream of lines is one table
		head, rows = besideVersus(head, rows, res)
	}
	fakes := q.Fake.Len()
	if len(res.Records) > 0 {
		fakes = res.Records[0].N
	}
	t := table("score", fmt.Sprintf("N real %d, N fake %d, featurizer %s; fd is %s", q.Real.Len(), fakes, res.Featurizer, called(res.Featurizer, res.Weights, res.Protocol)),
		head, rows)
	if f.format == "csv" {
		t.Head, t.Rows = asLines(t, notes, res)
		notes = nil
	}
	for i, n := range notes {
		t.Notes = append(t.Notes, fmt.Sprintf("[%d] %s", i+1, n))
	}
	for _, s := range []struct {
		role string
		side *runners.Side
	}{{"real", q.Real}, {"fake", q.Fake}} {
		if by := s.side.PreparedBy(); by != "" {
			t.Notes = append(t.Notes, s.role+" samples prepared by "+by)
		}
	}
	if why := notFID(q, res); why != "" {
		t.Notes = append(t.Notes, why)
	}
	if alone := a.ofFakes(res.Records); alone != nil && q.Real != nil {
		t.Notes = append(t.Notes, fmt.Sprintf("of the %d fakes alone, without the real samples: %s", fakes, strings.Join(alone, ", ")))
	}
	t.Notes = append(t.Notes, noveltyNotes(q, res)...)
	if len(res.Floor) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("real vs real: one half of the real samples against the other (%s rows); --floor=false leaves it out", res.Floor[0].Convention["rows"]))
	}
	if isAll(q.Metrics) && len(res.Skipped) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d metrics need inputs that were not given; --format json lists them", len(res.Skipped)))
	}
	if err := a.showWhole(f.format, t); err != nil || q.Versus == nil || f.format == "csv" {
		return err
	}
	return a.showWhole(f.format, differenceTable(q, res))
}

// showWhole shows a table, in Markdown too with its title and its notes: the title says N, and the rows refer to the notes.
func (a *app) showWhole(format string, t reports.Table) error {
	if format != "md" {
		return a.show(format, t, nil)
	}
	if _, err := fmt.Fprintf(a.out, "**%s**\n\n", reports.EscapeMarkdown(t.Title)); err != nil {
		return err
	}
	if err := a.show(format, t, nil); err != nil { // puts the notes in the command's words
		return err
	}
	var b strings.Builder
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "\n* %s", reports.EscapeMarkdown(n))
	}
	_, err := fmt.Fprintf(a.out, "%s\n\n", b.String())
	return err
}

// realsOf counts the real samples behind a value: none where its metric does not look at them.
func (a *app) realsOf(r reports.Record) int {
	if m, err := a.kit.Metric(r.Metric); err == nil && !slices.ContainsFunc(m.Info().Needs, metrics.Need.OfReference) {
		return 0
	}
	return r.NReal
}

// ofFakes lists the values behind which there are no real samples.
func (a *app) ofFakes(records []reports.Record) (names []string) {
	for _, r := range records {
		if a.realsOf(r) == 0 {
			names = append(names, r.Metric)
		}
	}
	return names
}

// besideVersus adds the comparison of the two models to the lines of the values that were compared.
func besideVersus(head []string, rows [][]string, res *runners.ScoreResult) ([]string, [][]string) {
	full := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for i, row := range rows {
		more := make([]string, 6)
		for _, d := range res.Differences {
			if d.A.Values[0].Name != row[0] {
				continue
			}
			more = []string{full(d.B.Values[0].Value), full(d.Difference.Value), "", "", full(d.P), sideOf(d.Better)}
			if iv := d.Difference.Interval; iv != nil {
				more[2], more[3] = full(iv.Lo), full(iv.Hi)
			}
		}
		rows[i] = slices.Concat(row, more)
	}
	return slices.Concat(head, []string{"versus", "difference", "difference lo", "difference hi", "p", "better of the two"}), rows
}

// sideOf names the better of two models as the flags do, "" for none.
func sideOf(better string) string { return map[string]string{"a": "fake", "b": "versus"}[better] }

// asLines makes a table's rows stand alone, for who reads csv: notes in their own words, and what the title says of each value.
func asLines(t reports.Table, notes []string, res *runners.ScoreResult) ([]string, []reports.Row) {
	at := slices.Index(t.Head, "notes")
	for i, row := range t.Rows {
		var texts []string
		for _, mark := range strings.Fields(row.Cells[at].Text) {
			if k, err := strconv.Atoi(strings.Trim(mark, "[]")); err == nil {
				texts = append(texts, wording.Replace(notes[k-1]))
			}
		}
		row.Cells[at].Text = strings.Join(texts, "; ")
		for _, more := range []string{strconv.Itoa(res.Records[i].NReal), strconv.Itoa(res.Records[i].N), res.Featurizer, res.Protocol} {
			row.Cells = append(row.Cells, reports.Cell{Text: more})
		}
		t.Rows[i] = row
	}
	return slices.Concat(t.Head, []string{"N real", "N fake", "featurizer", "protocol"}), t.Rows
}

// noteMarks lists the numbers of some notes, adding those that are new.
func noteMarks(notes *[]string, some []string) string {
	var marks []string
	for _, n := range some {
		if n == "" {
			continue
		}
		i := slices.Index(*notes, n)
		if i < 0 {
			i = len(*notes)
			*notes = append(*notes, n)
		}
		marks = append(marks, fmt.Sprintf("[%d]", i+1))
	}
	return strings.Join(marks, " ")
}

func (a *app) scoreJSON(q runners.ScoreRequest, res *runners.ScoreResult) any {
	values := map[string]scoreValue{}
	for _, r := range res.Records {
		v := scoreValue{Value: &r.Value, N: r.N, NReal: a.realsOf(r), Status: r.Status, Warnings: r.Warnings, Unit: r.Unit, Better: r.Better, Interval: r.Interval, NoInterval: r.NoInterval,
			Floor: floorOf(res, r.Metric), Convention: r.Convention, Error: r.Error}
		if r.Status == reports.Failed {
			v.Value = nil
		}
		if v.Warnings == nil {
			v.Warnings = []string{}
		}
		values[r.Metric] = v
	}
	origin := runners.Origin(a.ownVersion())
	provenance := map[string]any{
		"version": origin.Version, "kernel": origin.Kernel, "cpu": origin.CPU, "protocol": res.Protocol, "fd_called": called(res.Featurizer, res.Weights, res.Protocol),
		"featurizer": res.Featurizer, "weights_hash": res.Weights, "seed": q.Seed,
	}
	for role, s := range map[string]*runners.Side{"real": q.Real, "fake": q.Fake, "train": q.Train, "holdout": q.Holdout, "versus": q.Versus} {
		if s != nil {
			provenance[role] = reportInput(s)
		}
	}
	if q.Columns != nil {
		provenance["columns"] = q.Columns.String()
	}
	if res.Pairing != "" {
		provenance["pairing"] = res.Pairing
	}
	if why := notFID(q, res); why != "" {
		provenance["not_fid"] = why
	}
	out := map[string]any{"metrics": values, "provenance": provenance}
	if notes := noveltyNotes(q, res); len(notes) > 0 {
		out["novelty"] = notes
	}
	if len(res.NoFloor) > 0 {
		out["no_real_vs_real"] = res.NoFloor
	}
	if q.Versus != nil {
		out["versus"] = map[string]any{"n": q.Versus.Len(), "differences": differences(res), "left_out": res.NoDifference}
	}
	if len(res.Skipped) > 0 {
		out["skipped"] = res.Skipped
	}
	return out
}
