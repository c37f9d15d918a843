package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/runners"
)

// studies is the page over models: what the runs say of the claims that are made in papers and lectures.
func (b *book) studies() string {
	var s strings.Builder
	s.WriteString("# Studies over models\n\n" + generated)
	s.WriteString("Every table is made from `docs/zoo/results`; the suites that made them are embedded (`assay list suites`) and run again by `make zoo-cards`. A claim is stated\n" +
		"before its test: the test and its threshold are part of the program that writes this page. Values are means ± standard errors over seeds unless a table says\notherwise. Processor time is that of the last sitting where a run was interrupted and went on.\n\n")
	b.modesStudy(&s)
	b.sameNets(&s)
	b.spreadStudy(&s)
	b.imageStudy(&s, "mnist20", "MNIST, 20 epochs of 50 000", "The training length, batch and network proportions of the study [lucic2018] at 12 channels in the place of 64; one seed. "+
		"FD is the Fréchet distance in the features of a network trained on MNIST digits, and the column of the paper is FID in Inception features: the two scales have nothing to do with one another, only orders can be compared.")
	b.conditionalStudy(&s)
	b.translationStudy(&s)
	b.sequencesStudy(&s)
	b.imageStudy(&s, "cifar10", "CIFAR-10, a thousand steps", "Far from trained: these cards show that the models run on colour images and what a short run costs, no more.")
	s.WriteString("[All models](README.md)\n")
	return s.String()
}

// titles are the headings of the studies by their suites.
var titles = map[string]string{
	"modes": "Modes of a ring and a grid", "spread": "Spread over settings", "conditional": "The digit asked for", "translation": "What belongs together, and two right answers",
	"sequences": "Sequences: what the adversarial phase adds",
}

// claim is a statement of a paper or lecture with the outcome of its test here.
type claim struct {
	text  string
	p     float64 // NaN where the claim is no test but a count
	holds bool
	found string
}

func writeClaims(s *strings.Builder, claims []claim) {
	row(s, "claim", "found", "p (Holm)", "")
	row(s, "---", "---", "---", "---")
	for _, c := range claims {
		p := "–"
		if !math.IsNaN(c.p) {
			p = reports.PValue(c.p)
		}
		row(s, c.text, c.found, p, map[bool]string{true: "holds", false: "**does not hold**"}[c.holds])
	}
	s.WriteString("\n")
}

// holm adjusts the p-values of the claims that are tests and decides them at 0.05.
func holm(claims []claim) []claim {
	var p []float64
	for _, c := range claims {
		if !math.IsNaN(c.p) {
			p = append(p, c.p)
		}
	}
	p = stats.Holm(p)
	k := 0
	for i := range claims {
		if !math.IsNaN(claims[i].p) {
			claims[i].p, claims[i].holds = p[k], p[k] < 0.05
			k++
		}
	}
	return claims
}

// missing says that there are no records of a study.
func (b *book) missing(s *strings.Builder, suite string) bool {
	if len(b.suites[suite]) > 0 {
		return false
	}
	fmt.Fprintf(s, "Not measured: there is no recorded run of the suite `%s`.\n\n", suite)
	return true
}

func meanError(v []float64, scale float64, digits int) string {
	if len(v) == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.*f", digits, scale*stats.Mean(v))
	if len(v) > 1 {
		text += fmt.Sprintf(" ± %.*f", digits, scale*stats.StdErr(v))
	}
	return text
}

// modesStudy is the table of modes with the papers' rows, and the claims about packing, unrolling and the gradient penalty.
func (b *book) modesStudy(s *strings.Builder) {
	fmt.Fprintf(s, "## %s\n\n", titles["modes"])
	if b.missing(s, "modes") {
		return
	}
	s.WriteString("2 500 samples; a sample is of high quality within three standard deviations of a mode, a mode is found by one such sample [srivastava2017, lin2018]; reverse KL is that of\n" +
		"the modes' shares from uniform, and a run without any high-quality sample counts as ln K. The perfect sampler is the ceiling: 98.9 % in two dimensions. The set-up is the\n" +
		"suite's, told there; the papers' rows are copied from the papers and come from other networks, optimisers and much longer runs (`assay bench modes-full` runs PacGAN's own\nset-up).\n\n")
	for _, set := range b.datasetsOf("modes") {
		b.modesTable(s, set)
	}
	var claims []claim
	for _, set := range b.datasetsOf("modes") {
		for _, m := range []string{"pacgan2", "pacgan3", "pacgan4", "unrolled"} {
			x, y := b.reverseKL(set, m), b.reverseKL(set, "gan-ns")
			if len(x) == 0 || len(y) == 0 {
				continue
			}
			claims = append(claims, claim{text: fmt.Sprintf("%s has a lower reverse KL than gan-ns on the %s", m, set), p: stats.MannWhitney(x, y, stats.Less).P,
				found: fmt.Sprintf("median %s against %s", reports.Number(stats.Median(x)), reports.Number(stats.Median(y)))})
		}
	}
	claims = holm(claims)
	for _, c := range []struct {
		set  string
		want float64
	}{{"ring", 8}, {"grid", 23}} {
		for _, m := range b.labels("modes", c.set) {
			if !strings.HasPrefix(m, "wgan-gp") {
				continue
			}
			v, ok := b.runs("modes", c.set, m, "modes", 0), 0
			for _, x := range v {
				if x >= c.want {
					ok++
				}
			}
			claims = append(claims, claim{text: fmt.Sprintf("%s finds at least %g modes on the %s in every run", m, c.want, c.set), p: math.NaN(), holds: ok == len(v), found: fmt.Sprintf("%d of %d runs", ok, len(v))})
		}
	}
	s.WriteString("One-sided exact Mann-Whitney tests over the seeds, Holm-adjusted over the table; chosen before the recorded seeds were run.\n\n")
	writeClaims(s, claims)
}

func (b *book) modesTable(s *strings.Builder, set string) {
	fmt.Fprintf(s, "### %s\n\n", set)
	row(s, "model", "runs", "modes", "modes, ⅓ share", "high quality %", "reverse KL", "spread", "s of one core")
	row(s, slices.Repeat([]string{"---"}, 8)...)
	for _, m := range b.labels("modes", set) {
		if m == reports.Noise || m == reports.Real {
			continue
		}
		modes := b.runs("modes", set, m, "modes", 0)
		row(s, m, fmt.Sprint(len(modes)), meanError(modes, 1, 1), meanError(b.runs("modes", set, m, "modes_share", 0), 1, 1), meanError(b.runs("modes", set, m, "hq", 0), 100, 1),
			meanError(b.reverseKL(set, m), 1, 3), meanError(present(b.runs("modes", set, m, "modes_spread", math.NaN())), 1, 2), b.cost("modes", set, m))
	}
	var names []string
	for _, p := range b.papers {
		if p.study == "modes" && p.dataset == set && !slices.Contains(names, p.source+"\x00"+p.model) {
			names = append(names, p.source+"\x00"+p.model)
		}
	}
	for _, n := range names {
		src, model, _ := strings.Cut(n, "\x00")
		row(s, fmt.Sprintf("*paper: %s* [%s]", model, src), "", b.paper("modes", set, src, model, "modes", 1, 1), "", b.paper("modes", set, src, model, "hq", 100, 1), b.paper("modes", set, src, model, "modes_kl", 1, 2), "", "")
	}
	s.WriteString("\n")
}

func present(v []float64) []float64 { return slices.DeleteFunc(slices.Clone(v), math.IsNaN) }

// reverseKL is ln K where a run has no high-quality sample at all.
func (b *book) reverseKL(set, model string) []float64 {
	k := map[string]float64{"ring": 8, "grid": 25}[set]
	return b.runs("modes", set, model, "modes_kl", math.Log(k))
}

func (b *book) paper(study, set, src, model, value string, scale float64, digits int) string {
	for _, p := range b.papers {
		if p.study == study && p.dataset == set && p.source == src && p.model == model && p.value == value {
			text := fmt.Sprintf("%.*f", digits, scale*p.mean)
			if !math.IsNaN(p.err) {
				text += fmt.Sprintf(" ± %.*f", digits, scale*p.err)
			}
			return text
		}
	}
	return ""
}

// cost is the mean processor time of a cell.
func (b *book) cost(suite, set, model string) string {
	seen := map[string]float64{}
	for _, r := range b.suites[suite] {
		if r.Dataset == set && r.Model == model {
			seen[r.Cell] = r.Cost.CPUSeconds
		}
	}
	sum := 0.0
	for _, v := range seen {
		sum += v
	}
	return reports.Number(math.Round(10*sum/float64(len(seen))) / 10)
}

// longer is the run of the suite modes that had more steps than the others.
const longer = "wgan-gp-25k"

// sameNets compares the variational auto-encoder with the best adversarial model of the same networks and length.
func (b *book) sameNets(s *strings.Builder) {
	s.WriteString("## The same networks: VAE against the best GAN\n\n")
	s.WriteString("The lecture's claims: with equal networks the VAE fills the bridges between modes, so fewer of its samples lie on one, and its images are blurred. Sharpness is the mean\n" +
		"Laplacian variance of samples over that of the data: below 1 is blurred, above 1 noisy. The best GAN is the one with the greatest mean share of high quality on\npoints, the least FD on images. Suite modes gives its GANs, but for WGAN-GP, rates of a discriminator that cannot follow, so the last of the first claims was added from the suite\n" +
		"spread, where rates are those of the large-scale study.\n\n")
	var claims []claim
	for _, set := range b.datasetsOf("modes") {
		best, v := "", []float64(nil)
		for _, m := range b.labels("modes", set) {
			x := b.runs("modes", set, m, "hq", 0)
			if m != "vae" && m != longer && !reports.IsReference(m) && (v == nil || stats.Mean(x) > stats.Mean(v)) {
				best, v = m, x
			}
		}
		if vae := b.runs("modes", set, "vae", "hq", 0); len(vae) > 0 && v != nil {
			claims = append(claims, claim{text: fmt.Sprintf("on the %s a smaller share of the VAE's samples is of high quality than of the best GAN's (%s)", set, best), p: stats.MannWhitney(vae, v, stats.Less).P,
				found: fmt.Sprintf("%s %% against %s %%", meanError(vae, 100, 1), meanError(v, 100, 1))})
		}
	}
	claims = append(claims, b.bridges()...)
	claims = append(claims, b.settingsHQ()...)
	claims = holm(claims)
	for _, c := range []struct{ suite, set string }{{"cards", "glyphs"}, {"mnist20", "mnist"}} {
		vae := b.runs(c.suite, c.set, "vae", "sharpness", math.NaN())
		best, v, least := "", 0.0, math.Inf(1)
		for _, m := range b.adversarial(c.suite, c.set) {
			x, fd := present(b.runs(c.suite, c.set, m, "sharpness", math.NaN())), b.runs(c.suite, c.set, m, "fd", math.Inf(1))
			if len(x) > 0 && fd[0] < least {
				best, v, least = m, x[0], fd[0]
			}
		}
		if len(present(vae)) == 0 || best == "" {
			continue
		}
		claims = append(claims, claim{text: fmt.Sprintf("on %s the VAE's images are blurred, those of the best GAN (%s) less so", c.set, best), p: math.NaN(), holds: vae[0] < 1 && vae[0] < v,
			found: fmt.Sprintf("sharpness %s against %s (one run each)", reports.Number(vae[0]), reports.Number(v))})
	}
	if len(claims) == 0 {
		s.WriteString("Not measured yet.\n\n")
		return
	}
	writeClaims(s, claims)
}

// bridges compares how far samples stray from their modes: the within-mode deviation in units of the true one.
func (b *book) bridges() (claims []claim) {
	for _, set := range b.datasetsOf("modes") {
		vae, gan := present(b.runs("modes", set, "vae", "modes_spread", math.NaN())), present(b.runs("modes", set, "wgan-gp", "modes_spread", math.NaN()))
		if len(vae) > 0 && len(gan) > 0 {
			claims = append(claims, claim{text: fmt.Sprintf("on the %s the VAE's samples stray further from their modes than those of wgan-gp: bridges", set), p: stats.MannWhitney(vae, gan, stats.Greater).P,
				found: fmt.Sprintf("%s against %s standard deviations", meanError(vae, 1, 2), meanError(gan, 1, 2))})
		}
	}
	return claims
}

// settingsHQ is the share of high quality over the settings of the suite spread, where the discriminators can follow.
func (b *book) settingsHQ() []claim {
	byModel := map[string][]float64{}
	best := ""
	for _, l := range b.labels("spread", "ring") {
		if m := familyOf(l); !reports.IsReference(l) {
			byModel[m] = append(byModel[m], b.runs("spread", "ring", l, "hq", 0)...)
		}
	}
	for m, v := range byModel {
		if m != "vae" && (best == "" || stats.Mean(v) > stats.Mean(byModel[best])) {
			best = m
		}
	}
	if best == "" || len(byModel["vae"]) == 0 {
		return nil
	}
	vae, gan := byModel["vae"], byModel[best]
	return []claim{{text: fmt.Sprintf("over the settings of the suite spread a smaller share of the VAE's samples is of high quality than of the best GAN's (%s)", best), p: stats.MannWhitney(vae, gan, stats.Less).P,
		found: fmt.Sprintf("%s %% against %s %%", meanError(vae, 100, 1), meanError(gan, 100, 1))}}
}

// adversarial lists the models of a suite that are GANs, by their family in the catalog.
func (b *book) adversarial(suite, set string) (names []string) {
	for _, n := range b.labels(suite, set) {
		for _, m := range b.models {
			if i := m.Info(); i.ID == n && i.Family == "adversarial" && !i.Conditional {
				names = append(names, n)
			}
		}
	}
	return names
}

// spreadStudy compares how much the settings matter to each model.
func (b *book) spreadStudy(s *strings.Builder) {
	fmt.Fprintf(s, "## %s\n\n", titles["spread"])
	if b.missing(s, "spread") {
		return
	}
	s.WriteString("Eight settings a model, drawn at random from the narrow ranges of the large-scale study [lucic2018], one run each. FD of the points or of glyphnet's features; lower is\nbetter. " +
		"The test compares distances from the model's own median of log FD (one-sided exact Mann-Whitney, Holm).\n\n")
	var claims []claim
	for _, set := range b.datasetsOf("spread") {
		fmt.Fprintf(s, "### %s\n\n", set)
		row(s, "model", "settings", "best FD", "quartile", "median", "quartile", "worst", "quartiles' ratio")
		row(s, slices.Repeat([]string{"---"}, 8)...)
		deviations := map[string][]float64{}
		for _, m := range b.families("spread", set) {
			v := b.family("spread", set, m)
			slices.Sort(v)
			lo, hi := stats.Quantile(v, .25), stats.Quantile(v, .75)
			row(s, m, fmt.Sprint(len(v)), reports.Number(v[0]), reports.Number(lo), reports.Number(stats.Median(v)), reports.Number(hi), reports.Number(v[len(v)-1]), reports.Number(hi/lo))
			for _, x := range v {
				deviations[m] = append(deviations[m], math.Abs(math.Log(x)-math.Log(stats.Median(v))))
			}
		}
		s.WriteString("\n")
		for _, m := range b.families("spread", set) {
			if m == "vae" || len(deviations["vae"]) == 0 {
				continue
			}
			claims = append(claims, claim{text: fmt.Sprintf("on %s the settings matter less to the VAE than to %s", set, m), p: stats.MannWhitney(deviations["vae"], deviations[m], stats.Less).P,
				found: fmt.Sprintf("median distance of log FD %s against %s", reports.Number(stats.Median(deviations["vae"])), reports.Number(stats.Median(deviations[m])))})
		}
	}
	writeClaims(s, holm(claims))
}

// families are the models of a sweep: the labels without the number of their setting.
func (b *book) families(suite, set string) (names []string) {
	for _, l := range b.labels(suite, set) {
		if reports.IsReference(l) {
			continue
		}
		if f := familyOf(l); !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	slices.Sort(names)
	return names
}

func familyOf(label string) string {
	if i := strings.LastIndex(label, "-s"); i > 0 && strings.Trim(label[i+2:], "0123456789") == "" {
		return label[:i]
	}
	return label
}

// family is the FD of every run of a sweep's model; a run that failed is the worst of all.
func (b *book) family(suite, set, family string) (v []float64) {
	for _, l := range b.labels(suite, set) {
		if familyOf(l) == family && !reports.IsReference(l) {
			v = append(v, b.runs(suite, set, l, "fd", math.Inf(1))...)
		}
	}
	return v
}

// absent names the models of a suite that have no records yet.
func (b *book) absent(suite string) string {
	c, err := runners.OpenSuite(suite)
	if err != nil {
		return ""
	}
	var names []string
	for _, m := range c.Models {
		if !slices.ContainsFunc(b.suites[suite], func(r reports.Record) bool { return r.Model == m.Name }) {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " Not measured: " + strings.Join(names, ", ") + "."
}

// imageStudy is a table of one suite of images.
func (b *book) imageStudy(s *strings.Builder, suite, title, text string) {
	fmt.Fprintf(s, "## %s\n\n", title)
	if b.missing(s, suite) {
		return
	}
	s.WriteString(text + b.absent(suite) + "\n\n")
	for _, set := range b.datasetsOf(suite) {
		recs := reports.Where(b.suites[suite], func(r reports.Record) bool { return r.Dataset == set })
		var cols []string
		for _, k := range kept {
			if slices.ContainsFunc(recs, func(r reports.Record) bool { return r.Metric == k && r.Status != reports.Failed }) {
				cols = append(cols, k)
			}
		}
		heads := []string{"model"}
		for _, c := range cols {
			heads = append(heads, heading(c, recs))
		}
		heads = append(heads, "verdict", "minutes of one core", "FID in the paper")
		row(s, heads...)
		row(s, slices.Repeat([]string{"---"}, len(heads))...)
		for _, m := range b.labels(suite, set) {
			cells := []string{m}
			for _, c := range cols {
				v := present(b.runs(suite, set, m, c, math.NaN()))
				if len(v) == 0 {
					cells = append(cells, "–")
					continue
				}
				cells = append(cells, reports.Number(v[0]))
			}
			i := slices.IndexFunc(recs, func(r reports.Record) bool { return r.Model == m })
			row(s, append(cells, b.notes[recs[i].Cell].Verdict, reports.Number(math.Round(recs[i].Cost.CPUSeconds/6)/10), b.paper(suite, set, "lucic2018", m, "fid", 1, 1))...)
		}
		s.WriteString("\n")
	}
}
