package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners"
)

// failWords are what --fail-on may name.
var failWords = []string{"any", string(metrics.Memorised), string(metrics.Collapsed), string(metrics.OffData), string(metrics.Dropped), string(metrics.Permuted),
	string(metrics.Imbalanced), string(metrics.Repeated), string(metrics.Shrunk), string(metrics.Noisy), string(metrics.Blurred), string(metrics.Unclear)}

// trainRows bounds the training samples of a named data set, as the search for copies is quadratic in them.
const trainRows = 10000

type modesFlags struct {
	inputFlags
	real, fake, train, dataset, format string
	labels, realLabels, out            string
	outs                               []string // folder of pictures, file of the table
	realGroups                         string
	failOn                             []string
}

func (a *app) modes() *cobra.Command {
	var f modesFlags
	c := &cobra.Command{
		Use:   "modes --real R --fake F",
		Short: "Did the generator collapse, drop modes or copy? A verdict with its evidence",
		Long: `Modes looks at samples and says one of: healthy, blurred, noisy, shrunk, repeated,
imbalanced, permuted, dropped, off-data, collapsed, memorised; or unclear where there is too little
to judge by. Each finding carries the number behind it and what real data show; beside it stands
what was not looked at, and how small a failure would have been found. --train, the generator's
training set, is needed to see copies; --real should then be data that it was not trained on.

Where the real samples have classes (sub-folders, label files, --real-labels) a classifier of them
gives the shares of classes among the fakes. --labels says which class or mode each fake was asked
to be: where they come out as others the word is permuted.

What the fakes lack and what they invent is told by shares, classes and rows, and for images shown
in --out: missing.png (real samples) and invented.png (fakes), a row of pictures for each part.

` + inputsHelp + `

With --dataset the data set's test and training splits take the place of --real and --train, and
its known modes are used where it has any.

The exit code is 0 whatever the verdict, unless --fail-on names words ("any" is whatever is not
healthy).`,
		Example: `  assay modes --real test/ --fake fake/ --train train/ --featurizer pixels
  assay modes --dataset ring --fake samples.npy --fail-on collapsed,memorised
  assay modes --dataset ring --fake samples.npy --labels asked.npy
  assay modes --dataset mnist --fake fake/ --featurizer "pca(32,pixels)" --out shown/
  assay modes --real test/ --fake fake/ --protocol clean-fid --fail-on any --format json`,
		Args: takes(0, 0, "no arguments besides its flags"),
	}
	fl := c.Flags()
	fl.StringVar(&f.real, "real", "", "real samples or features: `path`")
	fl.StringVar(&f.fake, "fake", "", "generated samples or features: `path`")
	fl.StringVar(&f.train, "train", "", "the generator's training set: `path`")
	fl.StringVar(&f.dataset, "dataset", "", "`name` of a data set in place of --real and --train (assay list datasets)")
	fl.StringVar(&f.labels, "labels", "", "asked-for classes or modes of the fakes (default: their sub-folders): `path`")
	fl.StringVar(&f.realLabels, "real-labels", "", "classes of the real samples (default: their sub-folders): `path`")
	fl.StringVar(&f.realGroups, "real-groups", "", "which real samples belong together (patient, clip, identity), so that halves of them keep whole groups: `path`")
	fl.StringSliceVar(&f.outs, "out", nil, "`folder` for pictures of what is missing and of what is invented, or a file for the table ("+endingsText+"), or both with a comma")
	fl.StringSliceVar(&f.failOn, "fail-on", nil, "exit with 1 on these `words`, and with 3 if nothing can be told: "+strings.Join(failWords, ", "))
	f.featurizerFlags(c)
	f.readFlags(c)
	a.tableFlags(c, &f.format)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := a.modesOut(c, &f); err != nil {
			return err
		}
		return a.runModes(c, f)
	}
	return c
}

// modesOut tells the folder of pictures from the file of the table by their names.
func (a *app) modesOut(c *cobra.Command, f *modesFlags) error {
	for _, out := range f.outs {
		to := &f.out
		if _, isFile := formatOf(out); isFile {
			to = &a.file.path
		}
		if *to != "" {
			return usagef("--out %s and %s: want one folder and one file at most", *to, out)
		}
		*to = out
	}
	return a.openFile(c, f.format)
}

func (a *app) runModes(c *cobra.Command, f modesFlags) error {
	q, err := a.modesRequest(c, &f)
	if err != nil {
		return err
	}
	show := newMeterLine(a.screen, f.quiet)
	q.Feeding = f.feeding(show)
	v, res, err := runners.Judge(c.Context(), a.kit, q)
	show.close()
	if err != nil {
		return err
	}
	a.warn(q.Real, q.Fake, q.Train)
	shown, err := f.pictures(q, v)
	if err != nil {
		return err
	}
	if err := a.showVerdict(f, q, v, res, shown); err != nil {
		return err
	}
	return f.judged(v)
}

// pictures writes the sheets of what is missing and invented where --out asks for them, and returns their paths by what they show.
func (f modesFlags) pictures(q runners.ScoreRequest, v metrics.Verdict) (map[string]string, error) {
	if f.out == "" {
		return nil, nil //nolint:nilnil // none asked for
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return nil, err
	}
	shown := map[string]string{}
	for _, s := range []struct {
		what  string
		of    *runners.Side
		parts []metrics.Part
	}{{"missing", q.Real, v.Missing}, {"invented", q.Fake, v.Invented}} {
		path := filepath.Join(f.out, s.what+".png")
		sheet, err := runners.PartsSheet(s.of.Samples, s.parts)
		if err != nil {
			return nil, err
		}
		if sheet == nil {
			continue
		}
		if err := imaging.SavePNG(path, sheet); err != nil {
			return nil, err
		}
		shown[s.what] = path
	}
	return shown, nil
}

// partNotes say what is missing and invented, and where it is shown.
func partNotes(v metrics.Verdict, shown map[string]string) []string {
	notes := v.Shown()
	at := 0
	for _, s := range []struct {
		what  string
		parts []metrics.Part
	}{{"missing", v.Missing}, {"invented", v.Invented}} {
		for k, p := range s.parts {
			where := "rows " + listed(p.Rows) + " and others"
			if shown[s.what] != "" {
				where = fmt.Sprintf("%s, row %d", shown[s.what], k+1)
			}
			notes[at] += ": " + where
			at++
		}
	}
	return notes
}

// listed are the first few numbers.
func listed(rows []int) string {
	words := make([]string, min(5, len(rows)))
	for i := range words {
		words[i] = strconv.Itoa(rows[i])
	}
	return strings.Join(words, ", ")
}

// judged turns a verdict into the exit code that --fail-on asks for. What is too little to judge by is never a pass.
func (f modesFlags) judged(v metrics.Verdict) error {
	for _, w := range f.failOn {
		if w == string(metrics.Unclear) {
			continue
		}
		if w == "any" && v.Word != metrics.Healthy && v.Word != metrics.Unclear || w == string(v.Word) || v.Has(metrics.Word(w)) {
			return found(nil)
		}
	}
	if len(f.failOn) > 0 && v.Word == metrics.Unclear {
		return &exit{exitInconclusive, nil}
	}
	return nil
}

// modesRequest reads the inputs. Names are checked before any file is opened.
func (a *app) modesRequest(c *cobra.Command, f *modesFlags) (q runners.ScoreRequest, err error) {
	for _, w := range f.failOn {
		if !slices.Contains(failWords, w) {
			return q, usage(suggest.Unknown("verdict", w, failWords))
		}
	}
	if f.fake == "" || (f.real == "") == (f.dataset == "") {
		return q, usagef("modes needs --fake, and --real or --dataset (see assay modes --help)")
	}
	if f.dataset != "" && f.train != "" {
		return q, usagef("--dataset brings its own training set: leave --train out")
	}
	if err := a.checkInputs(&f.inputFlags); err != nil {
		return q, err
	}
	if f.n > 0 && f.labels+f.realLabels+f.realGroups != "" {
		return q, usagef("--n takes some of the samples only: it does not go with labels or groups from files")
	}
	q = runners.ScoreRequest{Seed: f.seed, Env: f.env(), Protocol: f.protocol != ""}
	if q.Featurizer, err = a.spec(c, &f.inputFlags); err != nil {
		return q, err
	}
	if f.dataset != "" {
		if err := a.known(c, f, &q); err != nil {
			return q, err
		}
	}
	for _, s := range []struct {
		path string
		to   **runners.Side
	}{{f.real, &q.Real}, {f.fake, &q.Fake}, {f.train, &q.Train}} {
		if s.path == "" {
			continue
		}
		if *s.to, err = a.side(c.Context(), &f.inputFlags, s.path); err != nil {
			return q, err
		}
		if (*s.to).Stats != nil {
			return q, fmt.Errorf("%s holds statistics: a verdict needs the samples or their features", s.path)
		}
	}
	if err := a.needsSpace(c, &f.inputFlags, q.Real, q.Fake, q.Train); err != nil {
		return q, err
	}
	if f.realGroups != "" {
		if f.dataset != "" {
			return q, usagef("--real-groups is of --real, and --dataset brings samples that are independent: leave it out")
		}
		if q.RealGroups, err = q.Real.ReadGroups(f.realGroups); err != nil {
			return q, err
		}
	}
	return q, readLabels(&q, f.labels, f.realLabels)
}

// known takes the splits and the modes of a data set.
func (a *app) known(c *cobra.Command, f *modesFlags, q *runners.ScoreRequest) error {
	d, err := a.kit.Dataset(f.dataset)
	if err != nil {
		return usage(err)
	}
	set, err := d.Load(c.Context(), datasets.Options{Dir: dataDir(f.data), Seed: 1})
	if err != nil {
		return err
	}
	q.Real, q.Train = &runners.Side{Path: f.dataset + " test", Samples: set.Test}, &runners.Side{Path: f.dataset + " train", Samples: set.Train}
	if n := set.Train.Len(); n > trainRows {
		q.Train.Samples = set.Train.Slice(0, trainRows)
		q.Train.Warnings = append(q.Train.Warnings, fmt.Sprintf("copies are looked for among the first %d of %d training samples of %s; give all of them by --train", trainRows, n, f.dataset))
	}
	if f.realLabels == "" {
		q.RealLabels = set.Test.Labels
	}
	if t := set.Truth; t != nil && q.Featurizer == runners.RawFeaturizer {
		q.Modes, q.Sigma = mat.NewDense(len(t.Modes), t.Dim(), slices.Concat(t.Modes...)), t.Sigma
	}
	return nil
}

func (a *app) showVerdict(f modesFlags, q runners.ScoreRequest, v metrics.Verdict, res *runners.ScoreResult, shown map[string]string) error {
	return a.present(f.format, func(to *app, format string) error { return to.printVerdict(format, q, v, res, shown) })
}

func (a *app) printVerdict(format string, q runners.ScoreRequest, v metrics.Verdict, res *runners.ScoreResult, shown map[string]string) error {
	if format == "json" {
		inputs := map[string]inputReport{}
		for role, s := range map[string]*runners.Side{"real": q.Real, "fake": q.Fake, "train": q.Train} {
			if s != nil {
				inputs[role] = reportInput(s)
			}
		}
		return a.json(map[string]any{"verdict": v, "featurizer": res.Featurizer, "protocol": res.Protocol, "weights_hash": res.Weights, "inputs": inputs, "version": a.ownVersion(), "pictures": shown})
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
	var rows [][]string
	said := map[string]string{}
	for _, w := range v.Findings {
		said[w.Name] = string(w.Word) + ": " + w.Line
	}
	for _, r := range v.Readings {
		rows = append(rows, []string{r.Name, number(r.Value), number(r.Reference), said[r.Name]})
		delete(said, r.Name)
	}
	for _, w := range v.Findings {
		if said[w.Name] != "" {
			rows = append(rows, []string{w.Name, number(w.Value), number(w.Reference), said[w.Name]})
		}
	}
	t := table("modes", fmt.Sprintf("Verdict: %s (N fake %d, N real %d, %s)", v.Word, q.Fake.Len(), q.Real.Len(), res.Featurizer), []string{"looked at", "here", "should be", "finding"}, rows)
	t.Notes = append(append(t.Notes, partNotes(v, shown)...), v.Warnings...)
	if line := v.Seen(); line != "" {
		t.Notes = append(t.Notes, line)
	}
	return a.show(format, t, nil)
}
