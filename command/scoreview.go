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
	Value      *float64          `json:"value"`              // null where it failed
	Unbiased   *float64          `json:"unbiased,omitempty"` // the value with its sampling bias taken off, where the interval is of that
	N          int               `json:"n"`                  // fake samples, or rows of their logits
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
	Unbiased *float64          `json:"unbiased,omitempty"`
	Interval *reports.Interval `json:"interval,omitempty"`
	Rows     [2]int            `json:"rows"` // of the half in the place of the real samples, and of the other
}

func floorOf(res *runners.ScoreResult, metric string) *scoreFloor {
	r, ok := halfOf(res, metric)
	if !ok {
		return nil
	}
	rows := [2]int{r.NReal, r.N}
	if real, fake, found := strings.Cut(r.Convention["rows"], " and "); found { // groups are dealt whole: the halves need not be of one size
		a, err1 := strconv.Atoi(real)
		b, err2 := strconv.Atoi(fake)
		if err1 == nil && err2 == nil {
			rows = [2]int{a, b}
		}
	}
	return &scoreFloor{r.Value, centreOf(r), r.Interval, rows}
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
		out = append(out, scoreDifference{d.A.Values[0].Name, d.A.Values[0].Value, d.B.Values[0].Value, d.Difference.Value, d.Difference.Interval, d.P,
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
			interval = bracketed(d.Interval.Lo, d.Interval.Hi)
		}
		rows = append(rows, []string{d.Metric, reports.Digits(d.Fake, scoreDigits), reports.Digits(d.Versus, scoreDigits), reports.Digits(d.Difference, scoreDigits), interval,
			fmt.Sprintf("%.2g", d.P), cmp.Or(d.Better, "not told apart")})
	}
	t := table("versus", fmt.Sprintf("Fake against versus, paired by the real samples; N fake %d, N versus %d", q.Fake.Len(), q.Versus.Len()), []string{"metric", "fake", "versus", "difference", "[95 %]", "p", "better of the two"}, rows)
	t.Plain = true
	for _, id := range slices.Sorted(maps.Keys(res.NoDifference)) {
		t.Notes = append(t.Notes, id+": "+res.NoDifference[id])
	}
	return t
}

func (a *app) showScore(f scoreFlags, q runners.ScoreRequest, res *runners.ScoreResult) error {
	return a.present(f.format, func(to *app, format string) error {
		switch format {
		case "json":
			return to.json(to.scoreJSON(q, res))
		case "csv":
			t := scoreLines(q, res)
			t.Notes = to.scoreNotes(q, res) // no lines of the table: they go to stderr
			return to.show(format, t, nil)
		}
		t := to.scoreTable(q, res)
		if format == "table" && a.file.path == "" && f.record.file == "" {
			t.Notes = append(t.Notes, keepText)
		}
		if err := to.show(format, t, nil); err != nil || q.Versus == nil {
			return err
		}
		if _, err := fmt.Fprintln(to.out); err != nil {
			return err
		}
		return to.show(format, differenceTable(q, res), nil)
	})
}

// keepText says how a score can be kept.
const keepText = "Keep: --out FILE.csv, or --append scores.jsonl --model NAME --dataset SET"

// realsOf counts the real samples behind a value: none where its metric does not look at them. A metric that takes them where they are given shows their value too.
func (a *app) realsOf(r reports.Record) int {
	m, err := a.kit.Metric(r.Metric)
	if err != nil || slices.ContainsFunc(m.Info().Needs, metrics.Need.OfReference) || slices.ContainsFunc(m.Info().Values, func(v string) bool { return strings.HasSuffix(v, "_real") }) {
		return r.NReal
	}
	return 0
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

// sideOf names the better of two models as the flags do, "" for none.
func sideOf(better string) string { return map[string]string{"a": "fake", "b": "versus"}[better] }

func (a *app) scoreJSON(q runners.ScoreRequest, res *runners.ScoreResult) any {
	values := map[string]scoreValue{}
	for _, r := range res.Records {
		v := scoreValue{Value: &r.Value, Unbiased: centreOf(r), N: r.N, NReal: a.realsOf(r), Status: r.Status, Warnings: r.Warnings, Unit: r.Unit, Better: r.Better, Interval: r.Interval, NoInterval: r.NoInterval,
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
