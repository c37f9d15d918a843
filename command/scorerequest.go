package command

import (
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/runners"
)

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
	for i, m := range f.metrics {
		m = a.alias(m)
		f.metrics[i] = m
		if _, err := a.kit.Metric(m); err != nil && m != "all" {
			return q, usage(err)
		}
	}
	if f.fake == "" && f.logits == "" && f.probs == "" {
		return q, usagef("score needs --fake, or --logits or --probs (see assay score --help)")
	}
	if f.n > 0 && f.logits+f.probs+f.labels+f.realLabels+f.groups+f.realGroups+f.versusGroups+f.holdoutGroups != "" {
		return q, usagef("--n takes some of the samples only: it does not go with --logits, --probs, labels or groups from files")
	}
	if err := a.checkInputs(&f.inputFlags); err != nil {
		return q, err
	}
	if f.protocol == "rfid" {
		f.paired = true
		if !c.Flags().Changed("metrics") {
			f.metrics = []string{"fd", "psnr", "ssim"}
			if f.lpips != nil {
				f.metrics = append(f.metrics, "lpips")
			}
		}
	}
	q = runners.ScoreRequest{Metrics: f.metrics, Paired: f.paired, Seed: f.seed, Env: f.env(), Protocol: f.protocol != "", Force: f.force, Floor: f.floor, Novelty: f.novelty}
	if q.Featurizer, err = a.spec(c, &f.inputFlags); err != nil {
		return q, err
	}
	if q.Set, err = assignments("--set", f.set); err != nil {
		return q, err
	}
	if q.LPIPS, err = f.perceptual(); err != nil {
		return q, err
	}
	if err := a.scoreSides(c, f, &q); err != nil {
		return q, err
	}
	if a.comparesFeatures(f) {
		if err := a.needsSpace(c, &f.inputFlags, q.Real, q.Fake, q.Train, q.Holdout, q.Versus); err != nil {
			return q, err
		}
	}
	return q, f.arrays(&q)
}

// perceptual opens the two files of --lpips.
func (f *scoreFlags) perceptual() (*featurizer.LPIPS, error) {
	switch {
	case f.lpips == nil:
		return nil, nil
	case len(f.lpips) != 2:
		return nil, usagef("--lpips takes two files, VGG16's weights and the linear layers, with a comma between them; %d given", len(f.lpips))
	case !f.paired:
		return nil, usagef("--lpips measures reconstructions: it goes with --paired or --protocol rfid")
	}
	return featurizer.OpenLPIPS(f.lpips[0], f.lpips[1])
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
	if err = f.groupFiles(q); err != nil {
		return err
	}
	return readLabels(q, f.labels, f.realLabels)
}

// groupFiles reads the groups of each side, where there are files of them.
func (f *scoreFlags) groupFiles(q *runners.ScoreRequest) (err error) {
	for _, g := range []struct {
		flag, path string
		of         *runners.Side
		to         *[]string
	}{{"--groups", f.groups, q.Fake, &q.FakeGroups}, {"--real-groups", f.realGroups, q.Real, &q.RealGroups}, {"--versus-groups", f.versusGroups, q.Versus, &q.VersusGroups},
		{"--holdout-groups", f.holdoutGroups, q.Holdout, &q.HoldoutGroups}} {
		if g.path == "" {
			continue
		}
		if g.of == nil && (g.flag != "--groups" || f.logits+f.probs == "") {
			return usagef("%s is of samples that are not given: name them too, or leave it out", g.flag)
		}
		if *g.to, err = g.of.ReadGroups(g.path); err != nil {
			return err
		}
	}
	return nil
}

// readLabels reads the classes of either side, where there are files of them.
func readLabels(q *runners.ScoreRequest, fake, real string) (err error) {
	for _, l := range []struct {
		path string
		of   *runners.Side
		to   *[]int
	}{{fake, q.Fake, &q.FakeLabels}, {real, q.Real, &q.RealLabels}} {
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
