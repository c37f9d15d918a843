package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// methods is a paragraph that says how a run was made, ready for a paper, from its records alone: models, data, seeds, budgets, samples, feature spaces, metrics with their conventions, statistics, software,
// machine and cost. Empty for records without a model.
func methods(recs []Record, sums []Summary, level float64) string {
	recs = Final(Distinct(recs))
	var models, elsewhere, sets, versions, kernels, processors []string
	var seeds, samples, budgets, drawn []int
	cells, failed := map[string]float64{}, map[string]bool{}
	searched := false
	for i := range recs {
		r := &recs[i]
		if IsReference(r.Model) {
			continue
		}
		if sets = append(sets, r.Dataset); madeElsewhere(r) {
			elsewhere = append(elsewhere, r.Model)
		} else {
			models = append(models, r.Model)
		}
		versions, kernels, processors = append(versions, r.Provenance.Version), append(kernels, r.Provenance.Kernel), append(processors, r.Provenance.CPU)
		cells[r.Cell] = max(cells[r.Cell], r.Cost.CPUSeconds)
		seeds = append(seeds, int(r.Seed))
		if r.CellFailed() {
			failed[r.Cell] = true
			continue
		}
		samples, budgets, searched = append(samples, r.N), append(budgets, r.Step), searched || len(r.Study) > 0
		drawn = append(drawn, r.NReal)
	}
	if len(cells) == 0 {
		return ""
	}
	core := 0.0
	for _, c := range slices.Sorted(maps.Keys(cells)) {
		core += cells[c]
	}
	say := []string{fmt.Sprintf("We %s on %s, %s in all, with %s.", whatWasDone(distinctWords(models), distinctWords(elsewhere)), listed(distinctWords(sets)), plural(len(cells), "run", "runs"), seedsText(seeds))}
	if searched {
		say = append(say, "Settings were drawn by a search; the best on a hold-out were trained again with fresh seeds and scored on test samples by which nothing was chosen.")
	}
	if text := spanText(budgets, "step", "steps"); text != "" {
		say = append(say, fmt.Sprintf("Each run ended after %s.", text))
	}
	if text := spanText(samples, "sample", "samples"); text != "" {
		line := "Each was scored by " + text
		if other := spanText(drawn, "real sample", "real samples"); other != "" {
			line += " against " + other
		}
		say = append(say, line+".")
	}
	if text := measuresText(recs); text != "" {
		say = append(say, "Measured were "+text+".")
	}
	if level == 0 {
		level = .95
	}
	say = append(say, fmt.Sprintf("We report medians over seeds with intervals of order statistics at %.4g %% (below six runs their range); models are compared by exact two-sided Mann-Whitney tests, adjusted by Holm.", 100*level))
	if len(failed) > 0 {
		say = append(say, fmt.Sprintf("%s of %d failed and count as the worst value in every statistic.", plural(len(failed), "run", "runs"), len(cells)))
	} else {
		say = append(say, "No run failed.")
	}
	line := fmt.Sprintf("Software: Assay %s, kernels %s", listed(distinctWords(versions)), listed(distinctWords(kernels)))
	if p := distinctWords(processors); len(p) > 0 {
		line += ", on " + listed(p)
	}
	if core > 0 {
		line += "; " + duration(core) + " of processor time in all"
	}
	return strings.Join(append(say, line+"."), " ")
}

// distinctWords are the different words in order, without the empty one.
func distinctWords(v []string) []string {
	v = slices.Compact(slices.Sorted(slices.Values(v)))
	return slices.DeleteFunc(v, func(s string) bool { return s == "" })
}

// seedsText is the seeds of a run: seed 1, seeds 1 to 5, or how many there are.
func seedsText(seeds []int) string {
	s := slices.Compact(slices.Sorted(slices.Values(seeds)))
	switch {
	case len(s) == 1:
		return fmt.Sprintf("seed %d", s[0])
	case s[len(s)-1]-s[0] == len(s)-1:
		return fmt.Sprintf("seeds %d to %d", s[0], s[len(s)-1])
	case len(s) > 12:
		return fmt.Sprintf("%d seeds from %d to %d", len(s), s[0], s[len(s)-1])
	}
	words := make([]string, len(s))
	for i, v := range s {
		words[i] = strconv.Itoa(v)
	}
	return "seeds " + listed(words)
}

// spanText is a count that all runs share, or the span of it; "" where none is noted.
func spanText(v []int, one, many string) string {
	v = slices.DeleteFunc(slices.Clone(v), func(n int) bool { return n == 0 })
	if len(v) == 0 {
		return ""
	}
	if lo, hi := slices.Min(v), slices.Max(v); lo != hi {
		return fmt.Sprintf("%d to %d %s", lo, hi, many)
	}
	return plural(v[0], one, many)
}

// measuresText lists the metrics with the spaces that they were measured in, the protocol, and those conventions that all of their values share.
func measuresText(recs []Record) string {
	type column struct{ metric, featurizer, protocol string }
	shared := map[column]map[string]string{}
	for i := range recs {
		r := &recs[i]
		if r.Metric == "" || r.Status == Failed || IsReference(r.Model) {
			continue
		}
		k := column{r.Metric, r.Featurizer, r.Protocol}
		if shared[k] == nil {
			shared[k] = maps.Clone(r.Convention)
			if shared[k] == nil {
				shared[k] = map[string]string{}
			}
			continue
		}
		maps.DeleteFunc(shared[k], func(name, value string) bool { return r.Convention[name] != value })
	}
	keys := slices.SortedFunc(maps.Keys(shared), func(a, b column) int {
		return cmp.Or(cmp.Compare(termRank(a.metric), termRank(b.metric)), cmp.Compare(a.metric, b.metric), cmp.Compare(a.featurizer, b.featurizer), cmp.Compare(a.protocol, b.protocol))
	})
	var names, ways []string // metrics, and of each the way it was measured in
	for _, k := range keys {
		var more []string
		if k.featurizer != "" && k.featurizer != "none" {
			more = append(more, "features of "+k.featurizer)
		}
		if k.protocol != "" {
			more = append(more, "protocol "+k.protocol)
		}
		for _, name := range slices.Sorted(maps.Keys(shared[k])) {
			more = append(more, name+" "+rounded(shared[k][name]))
		}
		names, ways = append(names, columnTitle(k.metric)), append(ways, strings.Join(more, ", "))
	}
	var parts []string
	for i := 0; i < len(names); {
		j := i + 1
		for j < len(names) && ways[j] == ways[i] {
			j++
		}
		text := strings.Join(names[i:j], ", ")
		if ways[i] != "" {
			text += " (" + ways[i] + ")"
		}
		parts, i = append(parts, text), j
	}
	return strings.Join(parts, "; ")
}

// rounded is a value of a convention in four digits where it is a number.
func rounded(s string) string {
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return s
}

// madeElsewhere says that a record is of samples that nothing here was trained for: it has neither settings nor steps.
func madeElsewhere(r *Record) bool {
	return len(r.Settings) == 0 && r.Step == 0 && r.Cost.DSteps == 0 && r.Cost.GSteps == 0
}

// whatWasDone names the models that were trained and those whose samples came from elsewhere.
func whatWasDone(trained, elsewhere []string) string {
	var did []string
	if len(trained) > 0 {
		did = append(did, fmt.Sprintf("trained %s (%s)", plural(len(trained), "model", "models"), listed(trained)))
	}
	if len(elsewhere) > 0 {
		did = append(did, fmt.Sprintf("scored samples of %s made elsewhere (%s)", plural(len(elsewhere), "model", "models"), listed(elsewhere)))
	}
	return strings.Join(did, " and ")
}

// settingsTable is what every model was trained with, defaults among it: a row for each model and the data sets on which it was trained so. Settings that differ between runs, as in a search, are
// given with their span.
func settingsTable(recs []Record) Table {
	t := Table{ID: "settings", Title: "Settings", Head: []string{"model", "data sets", "runs", "settings"}}
	type key struct{ model, dataset string }
	values, cells := map[key]map[string][]string{}, map[key]map[string]bool{}
	for i := range recs {
		r := &recs[i]
		k := key{r.Model, r.Dataset}
		if IsReference(r.Model) || cells[k][r.Cell] {
			continue
		}
		if values[k] == nil {
			values[k], cells[k] = map[string][]string{}, map[string]bool{}
		}
		cells[k][r.Cell] = true
		for name, v := range r.Settings {
			values[k][name] = append(values[k][name], v)
		}
	}
	type line struct{ model, text string }
	on, runs := map[line][]string{}, map[line]int{}
	for k, v := range values {
		l := line{k.model, spelledSettings(v)}
		on[l] = append(on[l], k.dataset)
		runs[l] += len(cells[k])
	}
	for l, sets := range on {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: l.model, Left: true}, {Text: strings.Join(distinctWords(sets), ", "), Left: true}, {Text: strconv.Itoa(runs[l])}, {Text: l.text, Left: true}}})
	}
	sortRows(t.Rows)
	if n := len(t.Rows); n > maxSettings {
		t.Rows = t.Rows[:maxSettings]
		t.Notes = []string{fmt.Sprintf("%d rows more: the export of the records as CSV has the settings of every run.", n-maxSettings)}
	}
	return t
}

// maxSettings is how many rows of settings a report shows.
const maxSettings = 60

func spelledSettings(values map[string][]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := distinctWords(values[name])
		text := strings.Join(v, " or ")
		if len(v) > 3 {
			text = fmt.Sprintf("%d values", len(v))
			if x, words := placed(v); words == nil {
				at := func(value float64) string { // as it was given, unless it was drawn in full precision
					if one := v[slices.Index(x, value)]; len(one) <= 8 {
						return one
					}
					return Number(value)
				}
				text = fmt.Sprintf("%s to %s (%d values)", at(slices.Min(x)), at(slices.Max(x)), len(v))
			}
		}
		parts = append(parts, strings.TrimSpace(name+" "+text))
	}
	if len(parts) == 0 {
		return "none noted"
	}
	return strings.Join(parts, ", ")
}

// howTable says when and by what commands the run was made, by which seeds, and what it took in all. Records alone do not know their commands.
func howTable(run *Run) Table {
	t := Table{ID: "how", Title: "How it was run", Head: []string{"what", "as noted"}}
	add := func(what, text string) {
		if text != "" {
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: what, Left: true}, {Text: text, Left: true}}})
		}
	}
	for i, c := range run.Commands {
		if i < 3 || i == len(run.Commands)-1 { // a run that was interrupted often
			add(map[bool]string{true: "begun", false: "gone on"}[i == 0], fmt.Sprintf("%s by: %s", c.Time.UTC().Format("2006-01-02 15:04 UTC"), c.Command))
		}
	}
	if n := len(run.Commands); n > 4 {
		add("", fmt.Sprintf("%d times gone on in all", n-1))
	}
	var seeds []int
	cpu, wall := map[string]float64{}, map[string]float64{}
	var cells []string
	for of := range cellsOf(run.Records) {
		if IsReference(of[0].Model) {
			continue
		}
		seeds = append(seeds, int(of[0].Seed))
		if _, ok := cpu[of[0].Cell]; !ok {
			cells = append(cells, of[0].Cell)
		}
		for i := range of {
			cpu[of[0].Cell], wall[of[0].Cell] = max(cpu[of[0].Cell], of[i].Cost.CPUSeconds), max(wall[of[0].Cell], of[i].Cost.WallSeconds)
		}
	}
	if len(cells) == 0 {
		return Table{}
	}
	slices.Sort(cells)
	total := func(of map[string]float64) (sum float64) {
		for _, c := range cells {
			sum += of[c]
		}
		return sum
	}
	add("seeds", strings.TrimPrefix(strings.TrimPrefix(seedsText(seeds), "seeds "), "seed "))
	add("cells", fmt.Sprint(len(cells)))
	if c := total(cpu); c > 0 {
		add("processor time", duration(c)+" of one core in all")
	}
	if w := total(wall); w > 0 {
		add("wall time", duration(w)+" of all cells, one after the other")
	}
	return t
}
