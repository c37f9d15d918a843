package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// The mark of every generated page.
const generated = "<!-- generated from the catalog and docs/zoo/results by `make docs`; do not edit -->\n\n"

// page is a model's: paper, objective, samples, measured cards, settings, how to run it.
func (b *book) page(info zoo.Info) string {
	var s strings.Builder
	fmt.Fprintf(&s, "# %s (`%s`)\n\n%s", info.Title, info.ID, generated)
	fmt.Fprintf(&s, "%s\n\n%s.\n\n", citation(info.Paper), claims(info))
	fmt.Fprintf(&s, "## Objective\n\n```text\n%s\n```\n\n", strings.ReplaceAll(info.Objective, "; ", "\n"))
	s.WriteString("`s` is the logistic function, `E` a batch mean, `D(G)` the answer on samples. Minimised unless it says otherwise.\n\n## Measured\n\n")
	b.cards(&s, info)
	b.sprites(&s, info)
	b.pointers(&s, info.ID)
	s.WriteString("## Settings\n\n")
	b.source(&s, info)
	settings(&s, info)
	b.howto(&s, info)
	s.WriteString("\n[All models](README.md) · [studies over models](STUDIES.md)\n")
	return s.String()
}

func citation(label string) string {
	e, err := cite.Lookup(label)
	if err != nil {
		return label
	}
	f := e.Fields
	text := fmt.Sprintf("%s. *%s*.", strings.NewReplacer("{", "", "}", "", `\"`, "", `\'`, "", " and others", " and others", " and ", ", ").Replace(f["author"]), strings.NewReplacer("{", "", "}", "").Replace(f["title"]))
	for _, k := range []string{"booktitle", "journal", "year"} {
		if f[k] != "" {
			text += " " + strings.NewReplacer("{", "", "}", "").Replace(f[k]) + ","
		}
	}
	text = strings.TrimSuffix(text, ",")
	if id := f["eprint"]; id != "" {
		text += fmt.Sprintf(" [arXiv:%s](https://arxiv.org/abs/%s)", id, id)
	}
	return text + " [" + label + "]"
}

func claims(info zoo.Info) string {
	kinds := make([]string, len(info.Kinds))
	for i, k := range info.Kinds {
		kinds[i] = string(k)
	}
	text := fmt.Sprintf("Family: %s. Learns %s", info.Family, strings.Join(kinds, " and "))
	if info.Conditional {
		text += "; draws the class it is asked for"
	}
	if info.Family == zoo.Translation {
		text += "; translates samples of one domain into another"
	}
	return text
}

// cards are the model's rows in the suites that are shown on its page.
func (b *book) cards(s *strings.Builder, info zoo.Info) {
	found := false
	for _, suite := range illustrated {
		for _, set := range b.datasetsOf(suite) {
			if b.card(s, suite, set, info.ID) {
				found = true
			}
		}
	}
	if !found && !b.hasSprites(info.ID) {
		s.WriteString("Not measured: no recorded run has this model. `make zoo-cards` measures it.\n\n")
	}
}

// pointers name the studies that have runs of the model.
func (b *book) pointers(s *strings.Builder, model string) {
	var links []string
	linked := map[string]bool{}
	for _, t := range allStudies() {
		if !linked[t.suite] && slices.ContainsFunc(b.suites[t.suite], func(r reports.Record) bool { return familyOf(r.Model) == model }) {
			links = append(links, fmt.Sprintf("[%s](STUDIES.md#%s)", t.title, anchor(t.title)))
			linked[t.suite] = true
		}
	}
	if len(links) == 0 {
		return
	}
	fmt.Fprintf(s, "Compared with others, over seeds or settings: %s.", strings.Join(links, " · "))
	if slices.ContainsFunc(b.suites["sequences"], func(r reports.Record) bool { return r.Model == model }) {
		s.WriteString(" The card stops before maximum likelihood has come to its plateau; only the study says what the adversarial phase adds.")
	}
	s.WriteString("\n\n")
}

// anchor is the address of a heading.
func anchor(title string) string {
	return strings.ReplaceAll(strings.NewReplacer(",", "", ":", "").Replace(strings.ToLower(title)), " ", "-")
}

// card shows one model on one data set beside the reference rows.
func (b *book) card(s *strings.Builder, suite, set, model string) bool {
	mine := reports.Where(b.suites[suite], func(r reports.Record) bool { return r.Model == model && r.Dataset == set })
	if len(mine) == 0 {
		return false
	}
	r := mine[0]
	n := b.notes[r.Cell]
	fmt.Fprintf(s, "### %s\n\n", titleOf(set, suite))
	if n.Picture != "" {
		fmt.Fprintf(s, "![samples of %s on %s](%s/%s)\n\n", model, set, imagesDir, n.Picture)
	}
	if len(n.Lines) > 0 {
		fmt.Fprintf(s, "```text\n%s\n```\n\n", strings.Join(n.Lines, "\n"))
	}
	if r.CellFailed() {
		fmt.Fprintf(s, "The run failed: %s\n\n", r.Error)
	} else {
		b.cardTable(s, suite, set, model, mine)
	}
	if n.Verdict != "" && len(n.Lines) == 0 { // the numbers of words have no distances
		fmt.Fprintf(s, "Verdict: **%s**.", n.Verdict)
		for i, e := range n.Evidence {
			if i == 3 {
				break
			}
			fmt.Fprintf(s, " %s.", strings.TrimSuffix(e, "."))
		}
		s.WriteString("\n\n")
	}
	if r.Cost.Evaluations > 0 { // recorded since there are models of more than one
		fmt.Fprintf(s, "A sample takes %s evaluation%s of the network; %s samples a second of one core.\n\n", reports.Number(r.Cost.Evaluations),
			map[bool]string{false: "s"}[r.Cost.Evaluations == 1], reports.Number(r.Cost.SamplesPerSecond))
	}
	fmt.Fprintf(s, "Cost: %s s of processor time for training, drawing and scoring (of the last sitting alone, where a run before December 2026 was interrupted); %d discriminator and %d generator updates on %d training samples (seed %d). %s, kernels %s, assay %s, %s.\n\n",
		reports.Number(r.Cost.CPUSeconds), r.Cost.DSteps, r.Cost.GSteps, r.Cost.Samples, r.Seed, r.Provenance.CPU, r.Provenance.Kernel, r.Provenance.Version, n.Date)
	return true
}

func titleOf(set, suite string) string {
	if suite == "cards" {
		return set
	}
	return fmt.Sprintf("%s (suite %s)", set, suite)
}

// cardTable has a column for every value of the model and a row for it and for each yardstick.
func (b *book) cardTable(s *strings.Builder, suite, set, model string, mine []reports.Record) {
	var cols []string
	for _, k := range kept {
		if slices.ContainsFunc(mine, func(r reports.Record) bool { return r.Metric == k && r.Status != reports.Failed }) {
			cols = append(cols, k)
		}
	}
	if len(cols) == 0 {
		s.WriteString("No metric of the suite applies.\n\n")
		return
	}
	heads := make([]string, len(cols))
	for i, c := range cols {
		heads[i] = heading(c, mine)
	}
	row(s, append([]string{""}, heads...)...)
	row(s, slices.Repeat([]string{"---"}, len(cols)+1)...)
	rows := []struct{ label, model string }{{"`" + model + "`", model}, {"perfect sampler", reports.Perfect}, {"real (training split)", reports.Real}, {"untrained", reports.Noise}}
	for i, l := range rows {
		if i > 0 && l.model == model {
			continue
		}
		cells, any := []string{l.label}, false
		for _, c := range cols {
			v := b.runs(suite, set, l.model, c, worstOf)
			cell := "–"
			if len(v) > 0 && v[0] != worstOf {
				cell, any = reports.Number(v[0]), true
			}
			cells = append(cells, cell)
		}
		if any {
			row(s, cells...)
		}
	}
	s.WriteString("\n")
}

// worstOf marks a value that is not there.
const worstOf = -1e300

// heading is a metric's name in a table, with the features it was computed in.
func heading(metric string, mine []reports.Record) string {
	i := slices.IndexFunc(mine, func(r reports.Record) bool { return r.Metric == metric })
	title := strings.ReplaceAll(metric, "_", " ")
	for _, t := range reports.Terms() {
		if t.Name == metric {
			title = t.Title
		}
	}
	if f := mine[i].Featurizer; f != "" && f != "none" && metric == "fd" {
		title += " (" + f + ")"
	}
	switch mine[i].Better {
	case reports.Lower:
		title += " ↓"
	case reports.Higher:
		title += " ↑"
	}
	return title
}

func row(s *strings.Builder, cells ...string) {
	fmt.Fprintf(s, "| %s |\n", strings.Join(cells, " | "))
}

// settings is the table of a model's settings with the defaults of every kind of data it learns, and the paper's in brackets where they are others.
func settings(s *strings.Builder, info zoo.Info) {
	heads := []string{"setting"}
	for _, k := range info.Kinds {
		heads = append(heads, string(k))
	}
	row(s, append(heads, "allowed", "meaning")...)
	row(s, slices.Repeat([]string{"---"}, len(heads)+2)...)
	for _, p := range info.Settings {
		cells := []string{"`" + p.Name + "`"}
		for _, k := range info.Kinds {
			cell := p.DefaultFor(k)
			if _, other := p.Paper[k]; other {
				cell += " (paper: " + p.PaperFor(k) + ")"
			}
			cells = append(cells, cell)
		}
		allowed := strings.Join(p.Choices, ", ")
		if p.Choices == nil {
			allowed = fmt.Sprintf("%g to %g", p.Lo, p.Hi)
		}
		row(s, append(cells, allowed, strings.ReplaceAll(p.Doc, "|", `\|`))...)
	}
	s.WriteString("\n")
}

// howto are commands that train the model as its first card was, and draw from it.
func (b *book) howto(s *strings.Builder, info zoo.Info) {
	set := map[datasets.Kind]string{datasets.Points: "ring", datasets.Images: "glyphs", datasets.Sequences: "verses"}[info.Kinds[0]]
	if info.Family == zoo.Translation {
		set = map[datasets.Kind]string{datasets.Points: "ring-rotated", datasets.Images: "glyphs-inverted"}[info.Kinds[0]]
	}
	var flags []string
	for _, suite := range []string{"cards"} {
		i := slices.IndexFunc(b.suites[suite], func(r reports.Record) bool { return r.Model == info.ID })
		if i < 0 {
			continue
		}
		r := b.suites[suite][i]
		set = r.Dataset
		for _, p := range info.Settings {
			if v, ok := r.Settings[p.Name]; ok && v != paperFor(info, p, set) && len(flags) < 12 {
				flags = append(flags, p.Name+"="+v)
			}
		}
	}
	fmt.Fprintf(s, "## Run it\n\n```sh\nassay train %s --dataset %s --out runs/%s", info.ID, set, info.ID)
	if len(flags) > 0 {
		s.WriteString(" --preset paper")
	}
	for _, f := range flags {
		fmt.Fprintf(s, " --set %s", f)
	}
	ending := "png"
	if info.Kinds[0] != datasets.Images {
		ending = "npy"
	}
	fmt.Fprintf(s, "\nassay sample --checkpoint runs/%s/model.safetensors -n 100 --out samples.%s\n```\n", info.ID, ending)
}

// paperFor is a setting's value in the preset "paper", with which the cards are recorded, on a data set and in the spelling of records.
func paperFor(info zoo.Info, p zoo.Setting, set string) string {
	for _, d := range datasets.All() {
		if d.Info().ID != set {
			continue
		}
		kind := d.Info().Kind
		given, err := zoo.Preset(info, kind, zoo.PresetPaper)
		if err != nil {
			break
		}
		if s, err := zoo.Resolve(info, kind, given); err == nil {
			return s[p.Name]
		}
	}
	return p.Default
}
