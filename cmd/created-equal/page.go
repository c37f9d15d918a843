package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
)

const generated = "<!-- generated from docs/results/created-equal-*.jsonl.gz by `make docs`; do not edit -->\n\n"

const opening = `The large-scale study of GANs [lucic2018] trained seven GANs and a VAE with many settings each, and asked whether any of them is better than the others once each has had as many tries. It "did not find evidence
that any of the tested algorithms consistently outperforms the non-saturating GAN". This page asks again, on data whose distribution is known, with every setting, seed and failure on record. Its numbers and the sentences that hold
them are worked out from the committed records when the page is written.

`

// page is docs/CREATED-EQUAL.md.
func (b *book) page() (string, error) {
	var w bytes.Buffer
	w.WriteString("# Are GANs created equal?\n\n" + generated + opening)
	for _, s := range b.studies {
		if err := s.write(&w); err != nil {
			return "", err
		}
	}
	w.WriteString(differences)
	return w.String(), nil
}

const differences = `## What differs from the paper

* **Data**: points on a ring and a grid, and images of triangles, in the place of MNIST, Fashion-MNIST, CIFAR-10 and CelebA. Their truth is known, so that modes, and precision and recall against the manifold itself, are counted and not estimated.
* **Distance**: FD of the points themselves, and of the leading principal components of polygons; the paper's FID is in Inception features. The numbers have nothing to do with one another; only orders can be compared.
* **Networks**: two layers of 64 on points and the zoo's small convolutional networks on images, in the place of InfoGAN's.
* **Choice**: the best setting is chosen on a hold-out and reported on test samples, by the state at the end of its budget. The paper took the best of many checkpoints on the test set.
* **Failures** stay in every distribution as the worst value there is; the paper dropped outliers from its table.
* **Budgets** are equal in updates of the critic, as in the paper: with five updates of the critic to one of the generator the generator is trained a fifth as often. The VAE, which has no critic, takes as many steps.
* **Draws of latent vectors** are, when samples are made, from the distribution that the model was trained with; the paper's first code drew uniform ones for the VAE too.
* **Expected best of k** is in closed form, with replacement; the bands hold the middle 95 % of what k settings would have given.
`

func (s *study) write(w *bytes.Buffer) error {
	fmt.Fprintf(w, "## %s\n\n", s.config.Name)
	w.WriteString(s.protocol())
	if !s.recorded() {
		fmt.Fprintf(w, "Not recorded yet: `make created-equal` runs it, and this part is written from its records.\n\n")
		return nil
	}
	w.WriteString("### Findings\n\n")
	for _, f := range s.findings() {
		fmt.Fprintf(w, "* %s\n", reports.EscapeMarkdown(f))
	}
	w.WriteString("\n")
	s.show(w, "chosen")
	for _, part := range []func(*bytes.Buffer) error{s.final, s.ranking, s.budgets, s.settings, s.gains, s.beside, s.claims, s.failures, s.cost} {
		if err := part(w); err != nil {
			return err
		}
	}
	return nil
}

// protocol says in a few sentences, from the suite, what was run.
func (s *study) protocol() string {
	c := s.config
	var phases []string
	for _, p := range c.Search {
		phases = append(phases, fmt.Sprintf("%d settings from the %s space", p.Draws, p.Space.Preset))
	}
	text := fmt.Sprintf("%d models on %s. Of each model on each data set %s of [lucic2018] are drawn, its authors' defaults always the first, and trained once each.", len(c.Models), listed(s.datasets()), listed(phases))
	if c.Rerun != nil {
		text += fmt.Sprintf(" The best by %s on a hold-out, and the defaults, are trained again with %d fresh seeds and scored on test samples by which nothing was chosen.", strings.ToUpper(metric), c.Rerun.Seeds)
	}
	return text + " The suite: `assay list suites " + c.Name + "`.\n\n"
}

// show puts a figure in, with its caption, if the study has it.
func (s *study) show(w *bytes.Buffer, name string) {
	for _, f := range reports.StudyFigures(s.sums, metric) {
		if f.Name == name {
			fmt.Fprintf(w, "![%s](images/%s)\n\n%s\n\n", reports.EscapeMarkdown(f.Alt), s.picture(name), reports.EscapeMarkdown(f.Caption))
		}
	}
}

func table(w *bytes.Buffer, t reports.Table, notes ...string) error {
	if len(t.Rows) == 0 {
		return nil
	}
	if err := reports.Markdown(w, t); err != nil {
		return err
	}
	w.WriteString("\n")
	if len(notes) > 0 {
		w.WriteString(strings.Join(notes, " ") + "\n\n")
	}
	return nil
}

func (s *study) final(w *bytes.Buffer) error {
	w.WriteString("### The chosen settings, trained again\n\n")
	for _, d := range s.datasets() {
		fmt.Fprintf(w, "%s:\n\n", d)
		if err := table(w, s.finalTable(d)); err != nil {
			return err
		}
	}
	w.WriteString("Mean of the runs that ended, with its bootstrap interval at 95 %; median of all, a failure being the worst, with the interval of order statistics. (a–b) is the range, where there are too few seeds for an interval. Against the best: exact\n" +
		"two-sided Mann-Whitney test, Holm over the models. Chosen: phase and number of the draw, and what is other in it than in the defaults.\n\n")
	return nil
}

func (s *study) ranking(w *bytes.Buffer) error {
	w.WriteString("### Ranking over the data sets\n\n")
	return table(w, s.rankTable(), "Mean rank of the medians with its bootstrap interval at 95 % (seeds drawn again within each model and data set). A number in the matrix: the probability that a run of the row's model beats one of the column's, the mean over the data\n"+
		"sets. ≈: the two cannot be told apart (exact rank test over the data sets [vanelteren1960], Holm over all pairs, p > 0.05).")
}

func (s *study) budgets(w *bytes.Buffer) error {
	w.WriteString("### Best against budget\n\n")
	for _, d := range s.datasets() {
		fmt.Fprintf(w, "%s:\n\n", d)
		s.show(w, "budget-"+d)
		if err := table(w, s.budgetTable(d)); err != nil {
			return err
		}
	}
	w.WriteString("Expected best of k settings, with the middle 95 % of outcomes, for k up to half the draws; a failure is the worst there is. Against test samples, one seed a setting.\n\n")
	return nil
}

func (s *study) settings(w *bytes.Buffer) error {
	w.WriteString("### All settings\n\n")
	for _, d := range s.datasets() {
		fmt.Fprintf(w, "%s:\n\n", d)
		s.show(w, "settings-"+d)
	}
	return nil
}

func (s *study) gains(w *bytes.Buffer) error {
	w.WriteString("### Defaults against chosen settings\n\n")
	for _, d := range s.datasets() {
		fmt.Fprintf(w, "%s:\n\n", d)
		if err := table(w, s.gainTable(d)); err != nil {
			return err
		}
	}
	w.WriteString("Medians over the same fresh seeds; Hodges-Lehmann difference with its 95 % interval; exact two-sided Mann-Whitney test, Holm over all data sets.\n\n")
	return nil
}

// beside are the other measures of the chosen settings: modes where these are known, precision and recall on polygons.
func (s *study) beside(w *bytes.Buffer) error {
	for _, part := range []struct {
		title    string
		measures []string
	}{
		{"Precision, recall and F1 on polygons", []string{"polygon_precision", "polygon_recall", "polygon_f1"}},
		{"Modes", []string{"modes", "modes_share", "hq", "modes_kl"}},
	} {
		first := true
		for _, d := range s.datasets() {
			t := s.measuresTable(d, part.measures...)
			if len(t.Rows) == 0 {
				continue
			}
			if first {
				fmt.Fprintf(w, "### %s\n\n", part.title)
				first = false
			}
			fmt.Fprintf(w, "The chosen settings on %s, medians over the fresh seeds:\n\n", d)
			if err := table(w, t); err != nil {
				return err
			}
			for _, n := range t.Notes {
				fmt.Fprintf(w, "%s  \n", reports.EscapeMarkdown(strings.Replace(n, "* best", "bold: best", 1)))
			}
			w.WriteString("\n")
		}
	}
	return nil
}

func (s *study) failures(w *bytes.Buffer) error {
	w.WriteString("### Failures\n\n")
	if t := s.failureTable(); len(t.Rows) > 0 {
		return table(w, t)
	}
	w.WriteString("No training failed.\n\n")
	return nil
}

func (s *study) cost(w *bytes.Buffer) error {
	w.WriteString("### What it took\n\n")
	m := s.about.Machine
	fmt.Fprintf(w, "%s of one core in all, on %s (%d cores, kernels %s, %s, %s); the last cell ended on %s.\n\n", duration(s.coreSeconds()), reports.EscapeMarkdown(m.CPU), m.Cores, m.Kernel, m.Go, m.OS, s.about.Date)
	if err := table(w, s.costTable()); err != nil {
		return err
	}
	fmt.Fprintf(w, "The committed records ([results/%[1]s.jsonl.gz](results/%[1]s.jsonl.gz), %[2]d values of %[3]d cells) can be read by every command that reads records. ", s.config.Name, s.about.Values, s.about.Cells)
	if len(s.about.Dropped) > 0 {
		fmt.Fprintf(w, "Left out, to keep them small: %s. ", reports.EscapeMarkdown(strings.Join(s.about.Dropped, ", ")))
	}
	fmt.Fprintf(w, "To run it again:\n\n```sh\nassay bench %[1]s --out runs/%[1]s                 # killed at any time, the same line goes on\ngo run ./cmd/created-equal collect runs/%[1]s\nmake docs\n```\n\n", s.config.Name)
	return nil
}

// readme is README's part: the answer in a sentence and a picture, from the first study that is recorded. The numbers are on the page.
func (b *book) readme() (string, error) {
	at := slices.IndexFunc(b.studies, (*study).recorded)
	if at < 0 {
		return "Are GANs created equal? The study that answers is not recorded yet: `assay bench created-equal-mini` runs it in 20 minutes.\n", nil
	}
	s := b.studies[at]
	var w bytes.Buffer
	fmt.Fprintf(&w, "**Are GANs created equal?** %s\n\n", reports.EscapeMarkdown(s.pairFinding()))
	fmt.Fprintf(&w, "![Medians over fresh seeds of every model's chosen settings and of its defaults](docs/images/%s)\n\n", s.picture("chosen"))
	fmt.Fprintf(&w, "%s Every number: [docs/CREATED-EQUAL.md](docs/CREATED-EQUAL.md).\n", reports.EscapeMarkdown(s.scope()))
	return w.String(), nil
}

// scope says in one sentence what the numbers of README are.
func (s *study) scope() string {
	draws := 0
	for _, p := range s.config.Search {
		draws += p.Draws
	}
	return fmt.Sprintf("Median FD, lower is better, of the best of %d settings a model, trained again with %d fresh seeds.", draws, s.config.Rerun.Seeds)
}
