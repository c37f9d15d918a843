package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// watchedRun is the run of a row whose monitor is shown.
type watchedRun struct {
	row, dataset, cell string
	seed               uint64
	rang               bool // an alarm
	watch              *Watch
}

// watchedRuns picks, of every row with monitored runs, the one of the lowest seed that raised an alarm, or else the one of the lowest seed.
func watchedRuns(r *Report) []watchedRun {
	rows := map[rowOf][]watchedRun{}
	for of := range cellsOf(r.final) {
		rec := &of[0]
		w, unread := r.Run.Artifacts[rec.Cell].Watch, r.Run.unread[rec.Cell].watch
		if w == nil && !unread || IsReference(rec.Model) {
			continue
		}
		k := rowOf{rec.Dataset, r.rows[rec.Cell]}
		rows[k] = append(rows[k], watchedRun{k.row, k.dataset, rec.Cell, rec.Seed, len(rec.Alarms) > 0 || w != nil && len(w.Alarms) > 0, nil})
	}
	var out []watchedRun
	for _, runs := range rows {
		slices.SortStableFunc(runs, func(a, b watchedRun) int {
			if a.rang != b.rang {
				return map[bool]int{true: -1, false: 1}[a.rang]
			}
			return cmp.Compare(a.seed, b.seed)
		})
		for _, one := range runs {
			if one.watch = r.Run.shown(one.cell).Watch; one.watch != nil && len(one.watch.Steps) > 0 {
				out = append(out, one)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b watchedRun) int {
		return cmp.Or(strings.Compare(a.dataset, b.dataset), strings.Compare(a.row, b.row))
	})
	return out
}

// watchChart draws modes covered and near-duplicates over the steps, the mode histogram below them, and alarms as lines across both.
func watchChart(run watchedRun) chart {
	const width, left, right, top, high, gap, bottom, row = 420, 52, 12, 22, 110, 16, 24, 7
	w := run.watch
	k := len(w.Fair)
	strip := float64(k) * min(row, 140/float64(max(k, 1)))
	h := top + high + gap + strip + bottom
	pic := newSVG(width, h)
	end := float64(w.Steps[len(w.Steps)-1])
	x := func(step float64) float64 { return left + step/end*(width-left-right) }
	y := func(share float64) float64 { return top + high*(1-share) }
	for _, v := range []float64{0, .5, 1} {
		pic.line("grid", left, y(v), width-right, y(v))
		pic.text("tick end", left-5, y(v)+3.5, tick(v))
	}
	var xs, covered, repeats []float64
	for i, s := range w.Steps {
		xs, covered, repeats = append(xs, x(float64(s))), append(covered, y(float64(w.Covered[i])/float64(max(k, 1)))), append(repeats, y(w.Duplicates[i]))
	}
	pic.path("curve thick "+lossColour(0), xs, covered)
	pic.path("curve "+lossColour(1), xs, repeats)
	histogram(pic, w, x, top+high+gap, strip)
	pic.text("tick end", left-5, top+high+gap+strip/2+3.5, w.Of)
	across := scale{lo: 0, hi: end, from: left, to: width - right}
	for _, t := range across.ticks(5) {
		pic.text("tick mid", min(x(t), width-22), h-7, tick(t))
	}
	for i, a := range w.Alarms {
		pic.line("floor", x(float64(a.Since)), top-4, x(float64(a.Since)), h-bottom)
		pic.text("bad mid", min(max(x(float64(a.Since)), left+30), width-40), top-8+float64(i%2)*10, string(a.Kind))
	}
	c := chart{Title: run.row, Model: run.row, Legend: []legend{{lossColour(0), w.Of + " covered"}, {lossColour(1), "near-duplicates"}}, Caption: fmt.Sprintf("seed %d, over steps; shares of %d samples every %d steps", run.seed, w.Samples, w.Every)}
	for _, a := range w.Alarms {
		c.Caption += "; " + a.String()
	}
	c.Static = pic.html(fmt.Sprintf("Of %s trained on %s: the share of %s covered, near-duplicates, and samples on each, over the steps. %d alarms.", run.row, run.dataset, w.Of, len(w.Alarms)))
	return c
}

// maxHeat is how many columns a mode histogram over time has: more looks are summed.
const maxHeat = 120

// histogram draws a row for each mode and a column for some looks, the darker the more samples; a fair share is half as dark as can be.
func histogram(pic *svg, w *Watch, x func(float64) float64, top, high float64) {
	n := len(w.Steps)
	columns, row := min(n, maxHeat), high/float64(max(len(w.Fair), 1))
	for c := range columns {
		from, to := c*n/columns, (c+1)*n/columns
		begin := 0
		if from > 0 {
			begin = w.Steps[from-1]
		}
		lo, hi := x(float64(begin)), x(float64(w.Steps[to-1]))
		for k, fair := range w.Fair {
			share, total := 0., 0.
			for _, counts := range w.Counts[from:to] {
				share += float64(counts[k])
				for _, v := range counts {
					total += float64(v)
				}
			}
			if total == 0 || fair == 0 {
				continue
			}
			if dark := int(math.Ceil(4 * min(1, share/total/fair/2))); dark > 0 {
				pic.rect(fmt.Sprintf("heat h%d %s", dark, lossColour(0)), lo, top+row*float64(k), hi-lo, row)
			}
		}
	}
}

// watchFindings say which models collapsed, or rang otherwise, while they were trained.
func watchFindings(recs []Record) []Finding {
	type where struct {
		kind           AlarmKind
		model, dataset string
	}
	hits, cells, first := map[where]int{}, map[where]int{}, map[where]int{}
	seen := map[string]bool{}
	for of := range cellsOf(recs) {
		r := &of[0]
		if seen[r.Cell] || IsReference(r.Model) {
			continue
		}
		seen[r.Cell] = true
		cells[where{"", r.Model, r.Dataset}]++
		for _, a := range r.Alarms {
			k := where{a.Kind, r.Model, r.Dataset}
			if hits[k]++; hits[k] == 1 || a.Since < first[k] {
				first[k] = a.Since
			}
		}
	}
	var out []Finding
	for _, kind := range AlarmKinds() {
		var who []string
		for k, n := range hits {
			if k.kind == kind {
				who = append(who, fmt.Sprintf("%s on %s (%d of %s, the first since step %d)", k.model, k.dataset, n, plural(cells[where{"", k.model, k.dataset}], "run", "runs"), first[k]))
			}
		}
		if slices.Sort(who); len(who) > 0 {
			out = append(out, Finding{Bad, alarmTitles[kind] + " during training: " + listed(who) + ".", true})
		}
	}
	return out
}

var alarmTitles = map[AlarmKind]string{AlarmCollapse: "Collapse", AlarmDuplicates: "Near-duplicates", AlarmDivergence: "Divergence", AlarmGradients: "Odd gradients", AlarmDLoss: "A discriminator without loss"}

// watchGalleries are the charts by data set.
func watchGalleries(r *Report) (g []gallery) {
	for _, run := range watchedRuns(r) {
		g = into(g, run.dataset, watchChart(run))
	}
	return g
}
