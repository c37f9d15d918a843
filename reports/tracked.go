package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"image/png"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// trackedRun is a cell as programs want it that track training: a name, settings, values over steps, texts and pictures.
type trackedRun struct {
	name   string    // DATASET/MODEL/seed-N: no other run's, and each part fit to name a file
	of     *Record   // its first record, for what all of them share
	series []Series  // by name, which is GROUP/REST; none has a slash in REST
	texts  []textOf  // in reading order
	images []imageOf // PNG
	last   int       // the last step that was measured
	wall   float64   // seconds up to it
	failed string    // why, of a cell without values
}

type textOf struct{ name, markdown string }

type imageOf struct {
	name, file    string
	width, height int
	png           []byte
}

// at is the time of a step in seconds since the run began: clocks were read at the last step, and the steps before it are taken for equally long.
func (t *trackedRun) at(step int) float64 {
	if t.last == 0 {
		return t.wall
	}
	return t.wall * float64(step) / float64(t.last)
}

// settings are the model's, with what else the run is known by.
func (t *trackedRun) settings() map[string]string {
	all := maps.Clone(t.of.Settings)
	if all == nil {
		all = map[string]string{}
	}
	all["model"], all["dataset"], all["seed"] = t.of.Model, t.of.Dataset, fmt.Sprint(t.of.Seed)
	if len(t.of.Study) > 0 {
		all["phase"] = t.of.Study[0].Role()
	}
	return all
}

// trackedRuns yields the cells of a report in the order of their names. The artifacts of one are in memory at a time.
func (r *Report) trackedRuns() iter.Seq2[*trackedRun, error] {
	return func(yield func(*trackedRun, error) bool) {
		cells := map[string][]*Record{}
		for i := range r.Run.Records {
			rec := &r.Run.Records[i]
			cells[rec.Cell] = append(cells[rec.Cell], rec)
		}
		for _, n := range namedCells(cells, rowLabels(r.Run.Records)) {
			t := track(n.name, cells[n.cell])
			if err := t.add(r.Run, n.cell); !yield(t, err) || err != nil {
				return
			}
		}
	}
}

type namedCell struct{ name, cell string }

// namedCells gives each cell a name, in the order of the names. Names that files would not tell apart have the cell's own behind them.
func namedCells(cells map[string][]*Record, rows map[string]string) []namedCell {
	var all []namedCell
	count := map[string]int{}
	for cell, recs := range cells {
		first := recs[0]
		name := fmt.Sprintf("%s/%s/seed-%d", pathPart(first.Dataset), pathPart(cmp.Or(rows[cell], first.Model)), first.Seed)
		count[strings.ToLower(name)]++
		all = append(all, namedCell{name, cell})
	}
	for i, n := range all {
		if count[strings.ToLower(n.name)] > 1 {
			all[i].name += "-" + pathPart(n.cell)
		}
	}
	slices.SortFunc(all, func(a, b namedCell) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.cell, b.cell))
	})
	for i := 1; i < len(all); i++ { // cells whose names became one by what a path may hold
		if strings.EqualFold(all[i].name, all[i-1].name) {
			all[i].name = fmt.Sprintf("%s-%d", all[i].name, i)
		}
	}
	return all
}

// pathPart is a text as one part of a path, on any system: letters, digits and some signs stay, and no part is a folder above.
func pathPart(s string) string {
	const longest = 80
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._=+-", r) {
			return r
		}
		return '-'
	}, s)
	s = strings.Trim(s[:min(len(s), longest)], "-.")
	return cmp.Or(s, "_")
}

// track takes from a cell's records what they say of it.
func track(name string, recs []*Record) *trackedRun {
	recs = slices.Clone(recs)
	slices.SortStableFunc(recs, func(a, b *Record) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), compareMeasures(a.Measure(), b.Measure()))
	})
	t := &trackedRun{name: name, of: recs[0]}
	s := seriesBy{}
	var warned []string
	names := map[string]Measure{}
	for _, r := range recs {
		if r.Step >= t.last {
			t.last, t.wall = r.Step, r.Cost.WallSeconds
		}
		s.add("cost/cpu seconds", r.Step, r.Cost.CPUSeconds) // of a failed cell too, which has no other series
		s.add("cost/wall seconds", r.Step, r.Cost.WallSeconds)
		for _, w := range r.Warnings {
			warned = append(warned, measureName(r)+": "+w)
		}
		if r.Status == Failed {
			if r.Metric == "" {
				t.failed = r.Error
			} else {
				warned = append(warned, measureName(r)+": "+r.Error)
			}
			continue
		}
		n := measureName(r)
		if m, ok := names[n]; ok && m != r.Measure() {
			n += fmt.Sprintf(".n%d", r.N)
		} else {
			names[n] = r.Measure()
		}
		s.add("score/"+n, r.Step, r.Value)
		if r.Interval != nil {
			s.add("interval low/"+n, r.Step, r.Interval.Lo)
			s.add("interval high/"+n, r.Step, r.Interval.Hi)
		}
	}
	t.series = s.sorted()
	t.say(warned)
	return t
}

// say puts into words what is no number.
func (t *trackedRun) say(warned []string) {
	t.texts = append(t.texts, textOf{"settings", settingsText(t.settings())})
	if t.failed != "" {
		t.texts = append(t.texts, textOf{"failed", quote.Markdown(t.failed)})
	}
	slices.Sort(warned)
	if warned = slices.Compact(warned); len(warned) > 0 {
		t.texts = append(t.texts, textOf{"warnings", listText(warned)})
	}
	for _, a := range t.of.Alarms {
		t.texts = append(t.texts, textOf{"alarm " + string(a.Kind), quote.Markdown(a.String())})
	}
	p := t.of.Provenance
	t.texts = append(t.texts, textOf{"provenance", listText([]string{"assay " + p.Version, "kernel " + p.Kernel, "processor " + p.CPU, "data " + p.DatasetHash, "cell " + t.of.Cell})})
}

// measureName is a measure as one part of a name: fd.glyphnet.test.
func measureName(r *Record) string {
	parts := []string{r.Metric}
	if r.Featurizer != "" && r.Featurizer != "none" {
		parts = append(parts, r.Featurizer)
	}
	for _, p := range []string{r.Protocol, r.Reference} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.ReplaceAll(strings.Join(parts, "."), "/", "-")
}

func settingsText(settings map[string]string) string {
	var b strings.Builder
	b.WriteString("| setting | value |\n|---|---|\n")
	for _, k := range sortedKeys(settings) {
		fmt.Fprintf(&b, "| %s | %s |\n", quote.Markdown(k), quote.Markdown(settings[k]))
	}
	return b.String()
}

func listText(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "* %s\n", quote.Markdown(l))
	}
	return b.String()
}

// seriesBy collects series by their names. Of two values of one step the later counts.
type seriesBy map[string]map[int]float64

func (s seriesBy) add(name string, step int, v float64) {
	if s[name] == nil {
		s[name] = map[int]float64{}
	}
	s[name][step] = v
}

func (s seriesBy) sorted() []Series {
	var all []Series
	for _, name := range sortedKeys(s) {
		one := Series{Name: name, Steps: slices.Sorted(maps.Keys(s[name]))}
		for _, step := range one.Steps {
			one.Values = append(one.Values, s[name][step])
		}
		all = append(all, one)
	}
	return all
}

// add takes what lies beside the records: training curves, what a monitor saw, the verdict, pictures.
func (t *trackedRun) add(run *Run, cell string) error {
	a := run.Artifacts[cell]
	if run.Dir != "" {
		a, _ = ReadArtifacts(run.Dir, cell) // what does not parse is named by the run's notes
		files, err := ArtifactFiles(run.Dir, cell)
		if err != nil {
			return err
		}
		for _, p := range []struct{ name, file string }{{"samples", samplesFile}, {"real samples that are missing", missingFile}, {"samples that the data lack", inventFile}} {
			size, err := png.DecodeConfig(bytes.NewReader(files[p.file]))
			if err == nil { // the contact sheet of the page says what is wrong with one that is none
				t.images = append(t.images, imageOf{p.name, p.file, size.Width, size.Height, files[p.file]})
			}
		}
		if lines := strings.Split(strings.TrimSpace(string(files[textFile])), "\n"); lines[0] != "" {
			t.texts = append(t.texts, textOf{"samples", listText(lines[:min(shownLines, len(lines))])})
		}
	}
	if a.Verdict != nil {
		t.texts = append(t.texts, textOf{"verdict " + a.Verdict.Word, listText(a.Verdict.Evidence)})
	}
	s := seriesBy{}
	if a.Curves != nil {
		for _, c := range a.Curves.Series {
			for i := range min(len(c.Steps), len(c.Values)) {
				s.add("training/"+strings.ReplaceAll(c.Name, "/", "-"), c.Steps[i], c.Values[i])
			}
		}
	}
	if a.Watch != nil {
		s.watch(a.Watch)
	}
	t.series = append(t.series, s.sorted()...)
	return nil
}

// watch takes the curves of a monitor.
func (s seriesBy) watch(w *Watch) {
	for i, step := range w.Steps {
		s.add("monitor/"+w.Of+" covered", step, float64(w.Covered[i]))
		s.add("monitor/"+w.Of+" in effect", step, w.Effective[i])
		s.add("monitor/duplicates", step, w.Duplicates[i])
		s.add("monitor/spread", step, w.Spread[i])
		for turn, v := range w.Gradients {
			s.add("monitor/gradient of "+strings.ReplaceAll(turn, "/", "-"), step, v[i])
		}
		for turn, v := range w.Losses {
			s.add("monitor/loss of "+strings.ReplaceAll(turn, "/", "-"), step, v[i])
		}
	}
}
