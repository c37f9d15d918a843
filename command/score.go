package command

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

type scoreFlags struct {
	inputFlags
	real, fake, train  string
	versus, holdout    string
	columns            string
	floor, paired      bool
	logits, probs      string
	labels, realLabels string
	realN, fakeN       int
	versusN            int
	force              bool
	format             string
	metrics, set       []string
	record             appendFlags
	peer               peerFlags
}

func (a *app) score() *cobra.Command {
	var f scoreFlags
	c := &cobra.Command{
		Use:   "score [--real] R [--fake] F",
		Short: "Score samples made anywhere",
		Long: `Score computes metrics of samples that any program made.

` + inputsHelp + `

Images are scored as a public tool would by --protocol and the Inception weights (assay fetch
inception, or --weights FILE); the metrics take the tool's conventions. Features are kept by the
images' content, so that a second score of the same images, or one after an interrupt, is quick.
Features and logits computed elsewhere go in as they are, with --featurizer none.

--protocol rfid is for reconstructions (tokenizers, autoencoders): both sides must be the same
images, which is checked by their names, or their order, and by their looks; its metrics are fd,
psnr and ssim. --paired alone makes the pairs under any featurizer.

Tables of mixed columns become features by --columns: numeric ones in standard deviations of
--real, ordinal ones from 0 to 1, categorical ones so that two different words are 1 apart. With
--holdout the memorisation metrics (dcr, nn_ratio, auth_pct, c_t) hold the fakes against the real
samples as the training set, and against samples that were held out.

--append adds the values to a file of records, under --model, --dataset and --seed: the last line
of anyone's evaluation script makes it something to gate, compare, report and see over time. The
same score twice is kept once; another value for the same run is refused without --replace.`,
		Example: `  assay score --real real/ --fake fake/ --protocol pytorch-fid --metrics fd,is,kid,prdc --format json
  assay score real/ fake/ --protocol pytorch-fid
  assay score --real cifar10-train --fake fake/ --protocol torch-fidelity --metrics fd,is,kid
  assay score --real val256/ --fake recon/ --protocol rfid
  assay score --real stats.npz --fake fake.zip --protocol clean-fid --on-error skip
  assay score --real A.npy --fake B.npy --featurizer none --metrics fd --format json
  assay score --real real/ --fake fake/ --featurizer pixels --metrics fd,prdc --set prdc.k=3
  assay score --real real/ --fake fake/ --featurizer "exec:python3 encode.py" --metrics kid
  assay score --logits L.npy --metrics is --set is.splits=10
  assay score --real A.npy --fake B.npy --train T.npy --featurizer none --metrics all
  assay score --real A.npy --fake B.npy --versus C.npy --featurizer none --metrics fd,prdc
  assay score --real A.npy --fake B.npy --model mine --dataset cifar --seed 3 --append scores.jsonl
  assay score --real train.csv --fake gen.csv --holdout test.csv --metrics dcr,fd \
    --columns age:numeric,job:categorical,grade:ordinal=low<mid<high,id:ignored
  assay score --failed "out of memory" --model mine --dataset cifar --seed 4 --append scores.jsonl`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 2 {
				return nil
			}
			return usagef("assay score takes two paths, the real samples and the fake ones, or --real R --fake F; %d given", len(args))
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.real, "real", "", "real samples, features or statistics: `path`")
	fl.StringVar(&f.fake, "fake", "", "generated samples, features or statistics: `path`")
	fl.StringVar(&f.train, "train", "", "the generator's training set, for memorisation metrics: `path`")
	fl.StringVar(&f.holdout, "holdout", "", "real samples that the generator did not see, where --real are those it learned from: `path`")
	fl.StringVar(&f.columns, "columns", "", "what the columns of mixed tables hold: `name:kind,...` (numeric, categorical, ordinal=a<b<c, ignored) or a YAML file")
	fl.StringVar(&f.versus, "versus", "", "another model's samples, to be compared with --fake against the same real ones: `path`")
	fl.BoolVar(&f.floor, "floor", true, "also score one half of the real samples against the other")
	fl.BoolVar(&f.paired, "paired", false, "the fakes are reconstructions of the real images, which psnr and ssim compare one by one")
	fl.StringVar(&f.logits, "logits", "", "unnormalised class scores of the fakes (N x classes): `path`")
	fl.StringVar(&f.probs, "probs", "", "class probabilities of the fakes (N x classes): `path`")
	fl.StringVar(&f.labels, "labels", "", "asked-for classes of the fakes (default: their sub-folders): `path`")
	fl.StringVar(&f.realLabels, "real-labels", "", "classes of the real samples (default: their sub-folders): `path`")
	fl.StringSliceVar(&f.metrics, "metrics", []string{"fd"}, "`names` of metrics, or all (assay list metrics)")
	fl.StringArrayVar(&f.set, "set", nil, "an option of a metric: `metric.option=value`")
	wholeFlag(fl, &f.realN, "real-n", "", 0, span{lo: 2, zero: "what the file states"}, "`number` of images behind statistics that do not state it")
	wholeFlag(fl, &f.fakeN, "fake-n", "", 0, span{lo: 2, zero: "what the file states"}, "the same `number` for --fake")
	wholeFlag(fl, &f.versusN, "versus-n", "", 0, span{lo: 2, zero: "what the file states"}, "the same `number` for --versus")
	fl.BoolVar(&f.force, "force", false, "compare statistics made in different ways all the same")
	f.featurizerFlags(c)
	f.readFlags(c)
	f.record.flags(fl)
	formatFlag(c, &f.format, tableFormats...)
	f.peer.flags(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runScore(c, f) }
	return c
}

func (a *app) runScore(c *cobra.Command, f scoreFlags) error {
	if text := f.peer.text(); text != "" {
		fmt.Fprintf(a.err, "assay: %s\n", text)
	}
	if err := f.record.check(); err != nil {
		return err
	}
	if f.record.failed != "" {
		return a.keepFailure(c.Context(), f)
	}
	q, err := a.scoreRequest(c, &f)
	if err != nil {
		return err
	}
	show := newMeterLine(a.screen, f.quiet)
	q.Feeding = f.feeding(show)
	res, err := runners.Score(c.Context(), a.kit, q)
	show.close()
	if c.Context().Err() != nil && f.cache != "off" {
		return errors.New("interrupted; the features made so far are kept: the same command goes on from there")
	}
	if err != nil {
		return err
	}
	a.warn(q.Real, q.Fake, q.Train, q.Holdout, q.Versus)
	if f.record.file != "" {
		if err := a.keepScore(c.Context(), f, res); err != nil {
			return err
		}
	}
	var failed []string
	for _, r := range res.Records {
		if r.Status == reports.Failed && !isAll(f.metrics) {
			failed = append(failed, r.Metric+": "+strings.TrimPrefix(r.Error, r.Metric+": "))
		}
	}
	if len(failed) < len(res.Records) || len(failed) == 0 { // a table of nothing but failures says less than the error
		if err := a.showScore(f, q, res); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, "; ") + sidesText(q))
	}
	return nil
}

// sidesText names the files of a score, for an error about their values.
func sidesText(q runners.ScoreRequest) string {
	var names []string
	if q.Real != nil {
		names = append(names, "real: "+q.Real.Path)
	}
	if q.Fake != nil {
		names = append(names, "fake: "+q.Fake.Path)
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func isAll(names []string) bool {
	for _, n := range names {
		if n == "all" {
			return true
		}
	}
	return false
}

// scoreRequest reads the inputs. Names are checked before any file is opened.
func (a *app) scoreRequest(c *cobra.Command, f *scoreFlags) (q runners.ScoreRequest, err error) {
	for _, m := range f.metrics {
		if _, err := a.kit.Metric(m); err != nil && m != "all" {
			return q, usage(err)
		}
	}
	if f.fake == "" && f.logits == "" && f.probs == "" {
		return q, usagef("score needs --fake, or --logits or --probs (see assay score --help)")
	}
	if f.n > 0 && f.logits+f.probs+f.labels+f.realLabels != "" {
		return q, usagef("--n takes some of the samples only: it does not go with --logits, --probs or labels from files")
	}
	if err := a.checkInputs(&f.inputFlags); err != nil {
		return q, err
	}
	if f.protocol == "rfid" {
		f.paired = true
		if !c.Flags().Changed("metrics") {
			f.metrics = []string{"fd", "psnr", "ssim"}
		}
	}
	q = runners.ScoreRequest{Metrics: f.metrics, Paired: f.paired, Seed: f.seed, Env: f.env(), Protocol: f.protocol != "", Force: f.force, Floor: f.floor}
	if q.Featurizer, err = a.spec(c, &f.inputFlags); err != nil {
		return q, err
	}
	if q.Set, err = assignments("--set", f.set); err != nil {
		return q, err
	}
	if err := a.scoreSides(c, f, &q); err != nil {
		return q, err
	}
	return q, f.arrays(&q)
}

// scoreSides opens what is to be scored.
func (a *app) scoreSides(c *cobra.Command, f *scoreFlags, q *runners.ScoreRequest) (err error) {
	if f.columns != "" {
		return f.mixedSides(q)
	}
	for _, s := range []struct {
		path string
		n    int
		flag string
		to   **runners.Side
	}{{f.real, f.realN, "--real-n", &q.Real}, {f.fake, f.fakeN, "--fake-n", &q.Fake}, {f.train, 0, "", &q.Train}, {f.holdout, 0, "", &q.Holdout}, {f.versus, f.versusN, "--versus-n", &q.Versus}} {
		if s.path == "" {
			continue
		}
		if *s.to, err = a.side(c.Context(), &f.inputFlags, s.path); err != nil {
			return err
		}
		if s.n == 0 {
			continue
		}
		stats := (*s.to).Stats
		if stats == nil || stats.N != 0 && stats.N != s.n {
			return usagef("%s %d: %s holds %d samples and says so", s.flag, s.n, s.path, (*s.to).Len())
		}
		stats.N = s.n
		if stats.Spatial != nil {
			stats.Spatial.N = s.n
		}
	}
	return nil
}

// mixedSides opens tables of declared columns, all in the units of the real one.
func (f *scoreFlags) mixedSides(q *runners.ScoreRequest) error {
	columns, err := runners.ParseColumns(f.columns)
	if err != nil {
		return usage(err)
	}
	if f.real == "" || f.fake == "" {
		return usagef("--columns measures tables in the units of --real: give it and --fake")
	}
	if f.realN+f.fakeN+f.versusN > 0 {
		return usagef("--real-n, --fake-n and --versus-n are of statistics, --columns of tables")
	}
	var paths []string
	var to []**runners.Side
	for _, s := range []struct {
		path string
		to   **runners.Side
	}{{f.real, &q.Real}, {f.fake, &q.Fake}, {f.train, &q.Train}, {f.holdout, &q.Holdout}, {f.versus, &q.Versus}} {
		if s.path != "" {
			paths, to = append(paths, s.path), append(to, s.to)
		}
	}
	sides, err := runners.OpenMixed(columns, paths...)
	if err != nil {
		return err
	}
	for i, side := range sides {
		if f.n > 0 {
			if err := side.Take(f.n, f.seed); err != nil {
				return err
			}
		}
		*to[i] = side
	}
	q.Columns = columns
	return nil
}

// arrays reads what belongs to the samples.
func (f *scoreFlags) arrays(q *runners.ScoreRequest) (err error) {
	for _, m := range []struct {
		path string
		to   **mat.Dense
	}{{f.logits, &q.Logits}, {f.probs, &q.Probs}} {
		if m.path == "" {
			continue
		}
		if *m.to, err = q.Fake.ReadMatrix(m.path); err != nil {
			return err
		}
	}
	for _, l := range []struct {
		path string
		of   *runners.Side
		to   *[]int
	}{{f.labels, q.Fake, &q.FakeLabels}, {f.realLabels, q.Real, &q.RealLabels}} {
		if l.path == "" {
			continue
		}
		if *l.to, err = l.of.ReadLabels(l.path); err != nil {
			return err
		}
	}
	return nil
}

// assignments reads name=value pairs.
func assignments(flag string, pairs []string) (map[string]string, error) {
	m := map[string]string{}
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" || v == "" {
			return nil, usagef("%s %q: want name=value", flag, p)
		}
		if _, twice := m[k]; twice {
			return nil, usagef("%s %s is given twice", flag, k)
		}
		m[k] = v
	}
	return m, nil
}

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
	if len(res.Floor) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("real vs real: one half of the real samples against the other (%s rows); --floor=false leaves it out", res.Floor[0].Convention["rows"]))
	}
	if len(res.Skipped) > 0 {
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
