package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// leastSensed is how many settings a model needs before a figure asks what they do to its score.
const leastSensed = 8

// Orders of the score that are drawn for the p-value of a setting's tau.
const tauReps = 999

// sensed is one setting of one model over the runs of a search.
type sensed struct {
	model, setting string
	x, y           []float64 // of each run: the setting, and the score as a cost, +Inf for a failure
	words          []string  // the values of a setting of words, in the order of x; nil for numbers
	tau, p         float64
	adjusted       float64 // p by Holm over the panels of the picture
}

// sensitivityFigures draws, for every data set, the score of each model over each setting that its search varied.
func sensitivityFigures(recs []Record, sums []Summary, metric string, names []string) (out []Figure) {
	for _, d := range datasetsOf(sums) {
		col := sidedOn(sums, d, metric)
		if len(col) == 0 {
			continue
		}
		if panels := sensedIn(recs, col); len(panels) > 0 {
			out = append(out, sensitivityFigure(col, panels, names))
		}
	}
	return out
}

// sensedIn collects the runs of the searches, or of models that ran with many settings, by what varied.
func sensedIn(recs []Record, col []Summary) (all []sensed) {
	type run struct {
		settings map[string]string
		cost     float64
	}
	runs := map[string]map[string]run{} // model -> cell
	for _, r := range recs {
		drawn := len(r.Study) == 0 || slices.ContainsFunc(r.Study, Draw.Searching)
		if r.Dataset != col[0].Dataset || IsReference(r.Model) || !drawn || !r.CellFailed() && r.Measure() != col[0].Measure {
			continue
		}
		one := run{r.Settings, math.Inf(1)}
		if r.Status != Failed {
			if one.cost = r.Value; col[0].Better == Higher {
				one.cost = -r.Value
			}
		}
		if runs[r.Model] == nil {
			runs[r.Model] = map[string]run{}
		}
		runs[r.Model][r.Cell] = one
	}
	for model, cells := range runs {
		var list []run
		names := map[string]map[string]bool{}
		for _, one := range cells {
			list = append(list, one)
			for k, v := range one.settings {
				if names[k] == nil {
					names[k] = map[string]bool{}
				}
				names[k][v] = true
			}
		}
		if len(list) < leastSensed {
			continue
		}
		slices.SortFunc(list, func(a, b run) int {
			return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(fmt.Sprint(a.settings), fmt.Sprint(b.settings)))
		})
		for name, values := range names {
			if len(values) < 2 {
				continue
			}
			s := sensed{model: model, setting: name}
			text := make([]string, len(list))
			for i, one := range list {
				text[i], s.y = one.settings[name], append(s.y, one.cost)
			}
			s.x, s.words = placed(text)
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b sensed) int {
		return cmp.Or(strings.Compare(a.model, b.model), strings.Compare(a.setting, b.setting))
	})
	all = distinctSettings(all)
	p := make([]float64, len(all))
	for i := range all {
		s := &all[i]
		s.tau, s.p = stats.KendallPermutation(rng.Stream(1, "figures", "sensitivity", s.model, s.setting), s.x, s.y, tauReps)
		if len(s.words) > 2 { // words have no order
			s.tau, s.p = math.NaN(), 1
		}
		p[i] = s.p
	}
	for i, q := range stats.Holm(p) {
		all[i].adjusted = q
	}
	return all
}

// placed turns the values of a setting into places on an axis: numbers as they are, words by name.
func placed(text []string) (x []float64, words []string) {
	for _, t := range text {
		v, err := strconv.ParseFloat(t, 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			x = nil
			break
		}
		x = append(x, v)
	}
	if len(x) == len(text) {
		return x, nil
	}
	words = slices.Compact(slices.Sorted(slices.Values(text)))
	x = make([]float64, len(text))
	for i, t := range text {
		x[i] = float64(slices.Index(words, t))
	}
	return x, words
}

// distinctSettings leaves out settings that move together with one before them in every run, such as the learning rates of both sides, or steps that a budget works out from another setting.
func distinctSettings(all []sensed) (out []sensed) {
	for _, s := range all {
		i := slices.IndexFunc(out, func(o sensed) bool {
			tau, _ := stats.Kendall(o.x, s.x)
			return o.model == s.model && math.Abs(tau) > 1-1e-9
		})
		if i < 0 {
			out = append(out, s)
			continue
		}
		out[i].setting += map[bool]string{true: " = ", false: ", "}[slices.Equal(out[i].x, s.x)] + s.setting
	}
	return out
}

func sensitivityFigure(col []Summary, panels []sensed, names []string) Figure {
	const across, wide, high, left, top = 4, 186.0, 132.0, 46.0, 8.0
	sign := 1.0
	if col[0].Better == Higher {
		sign = -1
	}
	var ys []float64
	counts := []int{}
	failed := false
	for _, s := range panels {
		counts = append(counts, len(s.x))
		for _, v := range s.y {
			ys, failed = append(ys, sign*v), failed || math.IsInf(v, 0)
		}
	}
	rows := (len(panels) + across - 1) / across
	pic := newSVG(left+across*wide+6, top+float64(rows)*high+8)
	label := measureTitle(col[0].Measure)
	f := Figure{Name: "sensitivity-" + col[0].Dataset, Title: "Sensitivity to each setting on " + col[0].Dataset, pic: pic, Head: []string{"model", "setting", "value", col[0].Measure.Metric, "tau", "p"}}
	var y scale
	for i, s := range panels {
		x0, y0 := left+float64(i%across)*wide, top+float64(i/across)*high
		y = newScale(y0+high-26, y0+30, ys...)
		x := newScale(x0+4, x0+wide-18, s.x...)
		panelAxes(pic, scale{lo: x.lo, hi: x.hi, from: x0, to: x0 + wide - 14, log: x.log}, y, i%across == 0, false)
		for k, t := range x.ticks(3) {
			text := tick(t)
			if s.words != nil {
				if t != math.Trunc(t) || int(t) >= len(s.words) || t < 0 {
					continue
				}
				text = short(s.words[int(t)], 10)
			}
			if k < 4 {
				pic.text("tick mid", x.at(t), y0+high-14, text)
			}
		}
		class := paletteOf(names, s.model)
		pic.text("name", x0, y0+10, short(s.model, 12)+"  "+short(s.setting, 20))
		said := "words: no order"
		if !math.IsNaN(s.tau) {
			said = "τ " + strings.Replace(fmt.Sprintf("%+.2f", sign*s.tau), "-", "−", 1) + map[bool]string{true: "", false: " ≈"}[s.adjusted <= .05]
		}
		pic.text("tick", x0, y0+23, said)
		var xs, dots []float64
		for k, v := range s.y {
			if math.IsInf(v, 0) {
				pic.text("bad mid", x.at(s.x[k]), map[bool]float64{true: y.to, false: y.from}[sign > 0]+4, "×")
			} else {
				xs, dots = append(xs, x.at(s.x[k])), append(dots, y.at(sign*v))
			}
			value := exact(s.x[k])
			if s.words != nil {
				value = s.words[int(s.x[k])]
			}
			f.Data = append(f.Data, []string{s.model, s.setting, value, exact(sign * v), exact(sign * s.tau), exact(s.p)})
		}
		pic.dots("points "+class, xs, dots)
	}
	f.Caption = fmt.Sprintf("%s%s%s over each setting that varied, a dot for each of %s a model, all settings varied at once. τ: Kendall's rank correlation with the score; ≈: by chance as well (permutation test, Holm over %s, p > 0.05).",
		label, direction(col[0].Better), logNote(y.log), strings.Replace(runsOf(counts), "run", "setting", 1), plural(len(panels), "panel", "panels"))
	if failed {
		f.Caption += " ×: failed, which counts as the worst."
	}
	f.Caption += stopNote(col)
	f.Alt = fmt.Sprintf("%s on %s over each of %s of the models' settings.", label, col[0].Dataset, plural(len(panels), "pair of model and setting", "pairs of model and setting"))
	return f
}
