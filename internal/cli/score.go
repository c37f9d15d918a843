package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

type scoreFlags struct {
	real, fake, train        string
	logits, probs            string
	labels, realLabels       string
	featurizer, format, data string
	metrics, set             []string
	valueRange               string
	weights, onError         string
	seed                     uint64
}

func (a *app) score() *cobra.Command {
	var f scoreFlags
	c := &cobra.Command{
		Use:   "score --real R --fake F",
		Short: "Score samples made anywhere",
		Long: `Score computes metrics of samples that any program made. Inputs are npy or npz arrays of
features (N x D) or images (N x H x W x C; name an array of an archive by FILE.npz:NAME),
npz statistics (mu, sigma), folders of images, zip or tar archives of images, IDX and CIFAR
files.

Features and logits computed elsewhere go in as they are, with --featurizer none.`,
		Example: `  assay score --real A.npy --fake B.npy --featurizer none --metrics fd --format json
  assay score --real real/ --fake fake/ --featurizer pixels --metrics fd,prdc --set prdc.k=3
  assay score --logits L.npy --metrics is --set is.splits=10
  assay score --real A.npy --fake B.npy --train T.npy --featurizer none --metrics all`,
		Args: takes(0, 0, "no arguments besides its flags"),
	}
	fl := c.Flags()
	fl.StringVar(&f.real, "real", "", "real samples or features: `path`")
	fl.StringVar(&f.fake, "fake", "", "generated samples or features: `path`")
	fl.StringVar(&f.train, "train", "", "the generator's training set, for memorisation metrics: `path`")
	fl.StringVar(&f.logits, "logits", "", "unnormalised class scores of the fakes (N x classes): `path`")
	fl.StringVar(&f.probs, "probs", "", "class probabilities of the fakes (N x classes): `path`")
	fl.StringVar(&f.labels, "labels", "", "asked-for classes of the fakes: `path`")
	fl.StringVar(&f.realLabels, "real-labels", "", "classes of the real samples: `path`")
	fl.StringVar(&f.featurizer, "featurizer", "none", "`name` of the featurizer (assay list featurizers)")
	fl.StringSliceVar(&f.metrics, "metrics", []string{"fd"}, "`names` of metrics, or all (assay list metrics)")
	fl.StringArrayVar(&f.set, "set", nil, "an option of a metric: `metric.option=value`")
	fl.StringVar(&f.valueRange, "range", "", "range of float images as `lo,hi`, e.g. 0,1")
	fl.StringVar(&f.weights, "weights", "", "weights `file` of a featurizer that needs one")
	fl.StringVar(&f.onError, "on-error", "stop", "what to do with images that cannot be read: stop or skip; `word`")
	fl.Uint64Var(&f.seed, "seed", 1, "`seed` of subsets and projections")
	dataFlag(c, &f.data)
	formatFlag(c, &f.format, tableFormats...)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runScore(c, f) }
	return c
}

func (a *app) runScore(c *cobra.Command, f scoreFlags) error {
	q, err := a.scoreRequest(c, f)
	if err != nil {
		return err
	}
	res, err := runners.Score(c.Context(), a.kit, q)
	if err != nil {
		return err
	}
	for _, s := range []*runners.Side{q.Real, q.Fake, q.Train} {
		if s == nil {
			continue
		}
		for _, w := range s.Warnings {
			fmt.Fprintf(a.err, "assay: warning: %s\n", w)
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
		return errors.New(strings.Join(failed, "; "))
	}
	return nil
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
func (a *app) scoreRequest(c *cobra.Command, f scoreFlags) (q runners.ScoreRequest, err error) {
	for _, m := range f.metrics {
		if _, err := a.kit.Metric(m); err != nil && m != "all" {
			return q, usage(err)
		}
	}
	if _, err := a.kit.FeaturizerID(f.featurizer); err != nil {
		return q, usage(err)
	}
	if f.fake == "" && f.logits == "" && f.probs == "" {
		return q, usagef("score needs --fake, or --logits or --probs (see assay score --help)")
	}
	if f.onError != "stop" && f.onError != "skip" {
		return q, usage(unknown("choice", f.onError, []string{"stop", "skip"}))
	}
	q = runners.ScoreRequest{SkipBad: f.onError == "skip", Featurizer: f.featurizer, Metrics: f.metrics, Seed: f.seed, Env: featurizer.Env{DataDir: dataDir(f.data), Weights: f.weights}}
	if q.Set, err = assignments("--set", f.set); err != nil {
		return q, err
	}
	lo, hi, err := rangeOf(f.valueRange)
	if err != nil {
		return q, err
	}
	for _, s := range []struct {
		path string
		to   **runners.Side
	}{{f.real, &q.Real}, {f.fake, &q.Fake}, {f.train, &q.Train}} {
		if s.path == "" {
			continue
		}
		if *s.to, err = runners.OpenSide(c.Context(), s.path, lo, hi); err != nil {
			return q, err
		}
	}
	for _, m := range []struct {
		path string
		to   **mat.Dense
	}{{f.logits, &q.Logits}, {f.probs, &q.Probs}} {
		if m.path == "" {
			continue
		}
		if *m.to, err = runners.ReadMatrix(m.path); err != nil {
			return q, err
		}
	}
	for _, l := range []struct {
		path string
		to   *[]int
	}{{f.labels, &q.FakeLabels}, {f.realLabels, &q.RealLabels}} {
		if l.path == "" {
			continue
		}
		if *l.to, err = runners.ReadLabels(l.path); err != nil {
			return q, err
		}
	}
	return q, nil
}

func rangeOf(s string) (lo, hi float64, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, ok := strings.Cut(s, ",")
	lo, err1 := strconv.ParseFloat(a, 64)
	hi, err2 := strconv.ParseFloat(b, 64)
	if !ok || err1 != nil || err2 != nil || !(lo < hi) {
		return 0, 0, usagef("--range %q: want lo,hi with lo below hi, such as 0,1", s)
	}
	return lo, hi, nil
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
	Status     string            `json:"status"`
	Warnings   []string          `json:"warnings"`
	Unit       string            `json:"unit,omitempty"`
	Better     string            `json:"better,omitempty"`
	Interval   *reports.Interval `json:"interval,omitempty"`
	Convention map[string]string `json:"convention,omitempty"`
	Error      string            `json:"error,omitempty"`
}

type scoreSide struct {
	Path     string   `json:"path"`
	N        int      `json:"n"`
	Warnings []string `json:"warnings,omitempty"`
}

func (a *app) showScore(f scoreFlags, q runners.ScoreRequest, res *runners.ScoreResult) error {
	if f.format == "json" {
		return a.json(scoreJSON(q, res))
	}
	var rows [][]string
	for _, r := range res.Records {
		value, interval := strconv.FormatFloat(r.Value, 'g', 10, 64), ""
		if r.Status == reports.Failed {
			value = ""
		}
		if r.Interval != nil {
			interval = fmt.Sprintf("%.4g to %.4g (%.0f %%)", r.Interval.Lo, r.Interval.Hi, 100*r.Interval.Level)
		}
		rows = append(rows, []string{r.Metric, value, r.Unit, interval, r.Better, r.Status, strings.Join(append(r.Warnings, r.Error), "; ")})
	}
	t := table("score", fmt.Sprintf("N real %d, N fake %d, featurizer %s", q.Real.Len(), q.Fake.Len(), res.Featurizer),
		[]string{"metric", "value", "unit", "interval", "better", "status", "notes"}, rows)
	if len(res.Skipped) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d metrics need inputs that were not given; --format json lists them", len(res.Skipped)))
	}
	return a.show(f.format, t, nil)
}

func scoreJSON(q runners.ScoreRequest, res *runners.ScoreResult) any {
	values := map[string]scoreValue{}
	for _, r := range res.Records {
		v := scoreValue{Value: &r.Value, Status: r.Status, Warnings: r.Warnings, Unit: r.Unit, Better: r.Better, Interval: r.Interval, Convention: r.Convention, Error: r.Error}
		if r.Status == reports.Failed {
			v.Value = nil
		}
		if v.Warnings == nil {
			v.Warnings = []string{}
		}
		values[r.Metric] = v
	}
	origin := runners.Origin(Version())
	provenance := map[string]any{
		"version": origin.Version, "kernel": origin.Kernel, "cpu": origin.CPU, "protocol": runners.Protocol,
		"featurizer": res.Featurizer, "weights_hash": res.Weights, "seed": q.Seed,
	}
	for role, s := range map[string]*runners.Side{"real": q.Real, "fake": q.Fake, "train": q.Train} {
		if s != nil {
			provenance[role] = scoreSide{s.Path, s.Len(), s.Warnings}
		}
	}
	out := map[string]any{"metrics": values, "provenance": provenance}
	if len(res.Skipped) > 0 {
		out["skipped"] = res.Skipped
	}
	return out
}
